"""What other departments' registers say of a synthetic city: drawn from the pack's assumptions, the same from the same seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db.models import Max

from jiuye.city.building import PackUnusableError
from jiuye.city.loading import copy_rows, past_the_last_key
from jiuye.city.records import SOURCE, City
from jiuye.engine.basis.problems import Problems
from jiuye.engine.registers import Register, Spread, Things, load_registers, load_spreads
from jiuye.engine.registers.spreads import Chances, plain
from jiuye.engine.rules.pack import Pack
from jiuye.office.entitlements.facts.registers import register_binding, register_facts, thing_owners
from jiuye.office.registry.models import RegisterDelivery, RegisteredThing, RegisterRecord
from jiuye.office.registry.models.registers import facts_json, subject_column

Known = Mapping[str, Any]
Progress = Callable[[str, int], None]
# The first delivery came a year before the city's day, so that earlier months can be decided as well; the last one, which
# changed nothing, two weeks before.
FIRST, LAST = timedelta(days=365), timedelta(days=14)


def read_spreads(pack: Pack) -> tuple[dict[str, Register], tuple[Spread, ...]]:
    """The pack's registers and how they are spread. Raises PackUnusableError; a pack without them has none."""
    path = pack.folder / "places" / "registers.yaml"
    problems = Problems()
    registers, _ = load_registers(pack.folder / "registers.yaml", problems=problems, base=pack.folder)
    spreads: tuple[Spread, ...] = ()
    if path.exists():
        spreads, _ = load_spreads(
            path,
            register_facts(pack),
            pack.vocabulary.enums,
            owners=thing_owners(pack),
            problems=problems,
            base=pack.folder,
        )
    if problems.errors:
        raise PackUnusableError(problems)
    return registers, spreads


# The kinds of dated rows that the city is laid with, and the register that each would be delivered by.
ROWS = {
    "contribution": "insurance",
    "employer_figures": "insurance",
    "birth": "births",
    "certificate": "skill_assessments",
    "training": "employment_services",
    "apprenticeship": "labour_filings",
    "traineeship_base": "traineeship_bases",
    "student": "education",
    "disabled": "disability",
    "subsistence_allowance": "civil_affairs",
    "veteran": "veterans",
    "pensioner": "insurance",
    "employment": "employment_register",
    "household_member": "police",
}


def mark_rows_delivered(city: City, at: datetime) -> None:
    """A city's contributions, births and skills count as delivered whole, so that somebody without a row has none."""
    taken = _Deliveries(city.on, at)
    for entity, register in ROWS.items():
        taken.of(register, entity)


def write_registers(
    city: City, pack: Pack, counties: Mapping[str, str], *, seed: int, at: datetime, progress: Progress
) -> None:
    """Fill the registers by COPY inside the caller's transaction, each with its delivery. `counties`: code → the pack's key."""
    registers, spreads = read_spreads(pack)
    if not spreads:
        return
    known = Knowledge(city, counties)
    taken = _Deliveries(city.on, at)
    for kind in dict.fromkeys(spread.things for spread in spreads if spread.things is not None):
        progress(pack.vocabulary.entities[kind.entity].label, 0)
        _write_things(kind, known, taken, random=Random(f"{seed} {kind.entity}"))
    for spread in spreads:
        register = registers[spread.register]
        progress(register.name, 0)
        # Each register has its own chance, so that one more of them leaves the others as they were.
        random = Random(f"{seed} {spread.register} {spread.entity}")
        first, last = taken.of(register.key, spread.entity)
        count = copy_rows(
            RegisterRecord,
            (
                "register",
                subject_column(spread.entity).removesuffix("_id"),
                "start",
                "facts",
                "source",
                "delivery",
                "imported_at",
            ),
            (
                (register.key, key, first.as_of, facts_json(facts), SOURCE, first.pk, first.imported_at)
                for key, facts in drawn(
                    spread, silences(pack, spread, register), known.of(spread.entity), random, city.on
                )
            ),
        )
        RegisterDelivery.objects.filter(pk__in=(first.pk, last.pk)).update(row_count=count)


@dataclass(slots=True)
class _Deliveries:
    """The first and the last delivery of each register about each kind of subject, made when they are first asked for."""

    on: date
    at: datetime
    made: dict[tuple[str, str], tuple[RegisterDelivery, RegisterDelivery]] = field(default_factory=dict)

    def of(self, register: str, entity: str) -> tuple[RegisterDelivery, RegisterDelivery]:
        if (register, entity) not in self.made:
            first, last = (
                RegisterDelivery.objects.create(
                    register=register,
                    entity=entity,
                    as_of=self.on - before,
                    complete=True,
                    source=SOURCE,
                    imported_at=self.at - before,
                )
                for before in (FIRST, LAST)
            )
            self.made[register, entity] = first, last
        return self.made[register, entity]


def _write_things(kind: Things, known: Knowledge, taken: _Deliveries, random: Random) -> None:
    """Write down the things of one kind, and let `known` know what is known of them: what is known of their owners."""
    first, _ = taken.of(kind.register, kind.entity)
    start = (RegisteredThing.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    found = list(made_things(kind, known, random, first=start))
    known.kept[kind.entity] = [subject for subject, _, _, _ in found]
    copy_rows(
        RegisteredThing,
        ("id", "entity", "key", "name", kind.about, "start", "register", "source", "delivery", "imported_at"),
        (
            (
                key,
                kind.entity,
                number,
                name,
                owner,
                first.as_of,
                kind.register,
                SOURCE,
                first.pk,
                first.imported_at,
            )
            for (key, _, _), owner, number, name in found
        ),
    )
    past_the_last_key(RegisteredThing)


def made_things(
    kind: Things, known: Knowledge, random: Random, *, first: int
) -> Iterator[tuple[Subject, int, str, str]]:
    """(subject, owner, number, name) of every thing of the kind, keys counted from `first`."""
    names, count = known.names(kind.about), 0
    for owner, story, about in known.of(kind.about):
        for _ in range(kind.count(random, known.city.on, about, story=story)):
            count += 1
            name = random.choice(kind.names).format(owner=names[owner])
            yield (first + count - 1, story, about), owner, kind.key.format(number=f"{count:05}"), name


Silences = Mapping[str, Any] | None
Subject = tuple[int, bool, Known]  # key, whether it belongs to a fixed story, what is known of it


def silences(pack: Pack, spread: Spread, register: Register) -> Silences:
    """What a register of holders says of each fact by saying nothing; None for one that lists everyone."""
    if register.lists != "holders":
        return None
    found = {}
    for name, fact in register_facts(pack)[spread.register, spread.entity].items():
        binding = register_binding(fact.binding)
        otherwise = binding.otherwise if binding is not None else ""
        found[name] = (
            plain(otherwise, fact)
            if otherwise
            else {"boolean": False, "number": 0, "money": 0}.get(fact.type.kind)
        )
    return found


def drawn(
    spread: Spread,
    silent: Silences,
    subjects: Iterable[Subject],
    random: Random,
    on: date,
) -> Iterator[tuple[int, dict[str, Any]]]:
    """(key, facts) of every subject that the register speaks of; people of the fixed stories have the commonest values."""
    asks = spread.asks
    chances: dict[tuple[Any, ...], Chances | None] = {}
    for key, story, known in subjects:
        like = tuple(known[name] for name in asks)
        if like not in chances:
            chances[like] = spread.chances(known)
        cases_of = chances[like]
        if cases_of is None:
            continue
        hole = not story and random.random() * 1000 < spread.missing_per_1000
        if hole:
            if silent is not None:
                yield key, {}  # the list holds the subject, and its entry is empty
            continue
        facts: dict[str, Any] = {}
        for name, cases in cases_of:
            case = cases[0] if len(cases) == 1 else next(case for case in cases if case.fits(facts))
            whole = facts if case.part_of in facts else known
            value = case.common(on, whole) if story else case.draw(random, on, whole)
            if value is not None:
                facts[name] = value
        if silent is None or any(value != silent[name] for name, value in facts.items()):
            yield key, facts


def _ends_in(account: str) -> int | None:
    """The last four digits of an account as a number; None where there is none."""
    return int(account[-4:]) if account else None


class Knowledge:
    """What is known of each subject of the city, by the names that spreads may ask for."""

    def __init__(self, city: City, counties: Mapping[str, str]) -> None:
        self.city, self.counties = city, counties
        self.kept: dict[str, list[Subject]] = {}
        statuses: dict[int, set[str]] = {}
        for status in city.statuses:
            if status.start <= city.on and (status.until is None or status.until > city.on):
                statuses.setdefault(status.person.pk, set()).add(status.kind)
        self.statuses = {key: frozenset(kinds) for key, kinds in statuses.items()}
        self.work: dict[int, str] = {}
        self.staff: dict[int, int] = {}
        for spell in city.spells:
            if spell.start <= city.on and (spell.until is None or spell.until > city.on):
                self.work[spell.person.pk] = spell.kind
                if spell.firm is not None and spell.kind != "self_employed":
                    self.staff[spell.firm.pk] = self.staff.get(spell.firm.pk, 0) + 1

    def of(self, entity: str) -> list[Subject]:
        """Every living subject of that kind, put together once."""
        if entity not in self.kept:
            make = {
                "person": self._people, "household": self._households, "employer": self._employers, "hire": self._hires,
            }[entity]  # fmt: skip
            self.kept[entity] = list(make())
        return self.kept[entity]

    def names(self, entity: str) -> dict[int, str]:
        """The names of the people or the employers, by key."""
        found = self.city.residents if entity == "person" else self.city.firms
        return {one.pk: one.name for one in found}

    def _people(self) -> Iterator[Subject]:
        on, nothing = self.city.on, frozenset[str]()
        for person in self.city.residents:
            if person.death is None:
                yield (
                    person.pk,
                    person.story,
                    {
                        "age": person.age(on),
                        "sex": person.sex,
                        "county": self.counties.get(person.village.county),
                        "hukou_kind": person.hukou_kind or None,
                        "local": person.hukou_division is not None,
                        "education": person.education or None,
                        "employment": self.work.get(person.pk, "not_employed"),
                        "status": self.statuses.get(person.pk, nothing),
                        "account_ends_in": _ends_in(person.bank_account),
                    },
                )

    def _households(self) -> Iterator[Subject]:
        members: dict[int, list[Any]] = {}
        for person in self.city.residents:
            if person.home is not None and person.death is None:
                members.setdefault(person.home.pk, []).append(person)
        for home in self.city.homes:
            people = members.get(home.pk, [])
            yield (
                home.pk,
                any(person.story for person in people),
                {
                    "county": self.counties.get(home.village.county),
                    "members": len(people),
                    "status": frozenset().union(*(self.statuses.get(person.pk, ()) for person in people)),
                    "income_known": home.monthly_income_fen is not None,
                },
            )

    def _employers(self) -> Iterator[Subject]:
        on = self.city.on
        stories = {firm.pk for firm in self.city.employers.values()}
        for firm in self.city.firms:
            since = firm.founded_on
            yield (
                firm.pk,
                firm.pk in stories,
                {
                    "kind": firm.kind,
                    "size": firm.size or None,
                    "industry": firm.industry.lower() or None,
                    "county": self.counties.get(firm.county),
                    "age": (on - since).days // 365 if since is not None else None,
                    "staff": self.staff.get(firm.pk, 0),
                    "traineeship_base": firm.traineeship_base,
                    "account_ends_in": _ends_in(firm.bank_account),
                },
            )

    def _hires(self) -> Iterator[Subject]:
        on, nothing = self.city.on, frozenset[str]()
        for number, spell in enumerate(self.city.spells, start=1):
            if spell.firm is not None and spell.kind != "self_employed":
                yield (
                    number,
                    spell.person.story,
                    {
                        "kind": spell.kind,
                        "months": (on.year - spell.start.year) * 12 + on.month - spell.start.month,
                        "worker_status": self.statuses.get(spell.person.pk, nothing),
                        "worker_education": spell.person.education or None,
                        "employer_kind": spell.firm.kind,
                        "employer_size": spell.firm.size or None,
                    },
                )
