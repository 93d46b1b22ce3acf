"""Reading `places/registers.yaml`: how the registers' facts are spread over a demonstration city. Assumptions, never figures.

A fact has a list of cases; the first whose `when` fits the subject draws its value. The last case fits everyone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from jiuye.engine.basis.documents import Mapping as Node
from jiuye.engine.basis.documents import Scalar, Sequence, is_plain_number, read_yaml
from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.rules.values import LARGEST, parse_value
from jiuye.engine.rules.vocabulary import Fact

# What is known of a subject of the synthetic city when its registers are filled.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "person": ("age", "sex", "county", "hukou_kind", "local", "education", "employment", "status"),
    "household": ("county", "members", "status", "income_known"),
    "employer": ("kind", "size", "industry", "county", "age", "staff", "traineeship_base"),
    "hire": ("kind", "months", "worker_status", "worker_education", "employer_kind", "employer_size"),
}
DRAWS = ("yes", "shares", "from", "days_ago", "part_of", "value", "nothing")
Test = tuple[str, frozenset[str] | tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Case:
    """One case: the tests of its `when`, and how a value is drawn where all of them hold."""

    when: tuple[Test, ...]
    yes_per_100000: int | None = None
    values: tuple[Any, ...] = ()
    weights: tuple[int, ...] = ()
    low: int = 0
    high: int = 0
    step: int = 0
    days_ago: tuple[int, int] | None = None
    part_of: str = ""
    percent: tuple[int, int] = (0, 0)

    def fits(self, known: Mapping[str, Any]) -> bool:
        """True where every test holds; what is not known fits no test."""
        return all(_holds(known.get(name), wanted) for name, wanted in self.when)

    def draw(self, random: Random, on: date, known: Mapping[str, Any]) -> Any:
        """A value by chance: a boolean, a whole number, a value of the list, a day before `on`, or a part of what is known."""
        if self.yes_per_100000 is not None:
            return random.random() * 100_000 < self.yes_per_100000
        if self.values:
            return self.values[0] if len(self.values) == 1 else random.choices(self.values, self.weights)[0]
        if self.days_ago is not None:
            return (on - timedelta(days=random.randint(*self.days_ago))).isoformat()
        if self.part_of:
            return self._part(known, random.randint(*self.percent))
        return self.low + self.step * random.randint(0, (self.high - self.low) // self.step)

    def common(self, on: date, known: Mapping[str, Any]) -> Any:
        """The commonest value, for the people of the fixed stories, who are to have no surprises."""
        if self.yes_per_100000 is not None:
            return self.yes_per_100000 >= 50_000
        if self.values:
            return self.values[self.weights.index(max(self.weights))]
        if self.days_ago is not None:
            return (on - timedelta(days=sum(self.days_ago) // 2)).isoformat()
        if self.part_of:
            return self._part(known, sum(self.percent) // 2)
        return self.low + self.step * ((self.high - self.low) // self.step // 2)

    def _part(self, known: Mapping[str, Any], percent: int) -> int | None:
        whole = known.get(self.part_of)
        return int(whole * percent // 100) if whole is not None else None


Chances = tuple[tuple[str, tuple[Case, ...]], ...]  # a fact's name, and the cases that are left for it


def _open(cases: tuple[Case, ...], known: Mapping[str, Any], settled: Collection[str]) -> tuple[Case, ...]:
    """The cases whose tests on what is settled hold, up to the first that asks for nothing more."""
    found = []
    for case in cases:
        if all(_holds(known.get(name), wanted) for name, wanted in case.when if name in settled):
            found.append(replace(case, when=tuple(test for test in case.when if test[0] not in settled)))
            if not found[-1].when:
                break
    return tuple(found)


def _holds(value: Any, wanted: frozenset[str] | tuple[int, int]) -> bool:
    if value is None:
        return False
    if isinstance(wanted, tuple):
        return bool(wanted[0] <= value <= wanted[1])
    if isinstance(value, (frozenset, set)):
        return not wanted.isdisjoint(value)
    return str(value).lower() in wanted


@dataclass(frozen=True, slots=True)
class Spread:
    """What one register says of one kind of subject. `of` are the tests of those whom it lists at all.

    Of `missing_per_1000` of them nothing is known, so that "cannot tell" stays real.
    """

    register: str
    entity: str
    of: tuple[Test, ...]
    missing_per_1000: int
    facts: Mapping[str, tuple[Case, ...]]

    @property
    def asks(self) -> tuple[str, ...]:
        """What the tests ask of a subject itself: subjects of whom all this is the same have the same chances."""
        tests = [*self.of, *(test for cases in self.facts.values() for case in cases for test in case.when)]
        return tuple(dict.fromkeys(name for name, _ in tests if name in ATTRIBUTES[self.entity]))

    def chances(self, known: Mapping[str, Any]) -> Chances | None:
        """The cases open to such a subject, their tests on what is drawn left; None where the register does not list it."""
        if not all(_holds(known.get(name), wanted) for name, wanted in self.of):
            return None
        return tuple(
            (name, _open(cases, known, ATTRIBUTES[self.entity])) for name, cases in self.facts.items()
        )


Known = Mapping[tuple[str, str], Mapping[str, Fact]]  # (register, entity) → fact name in the register → fact


def load_spreads(
    path: Path,
    facts: Known,
    enums: dict[str, dict[str, str]],
    *,
    problems: Problems | None = None,
    base: Path | None = None,
) -> tuple[tuple[Spread, ...], Problems]:
    """The spreads in `path`, and what is wrong with them. `facts` are those that the pack binds to registers.

    A fact that is bound to a register and has no spread is unknown for a whole demonstration city: a warning says so.
    """
    problems = problems if problems is not None else Problems()
    root = read_yaml(path, problems, base=base)
    if root is None:
        return (), problems
    missing = root.whole("missing_per_1000", required=True) or 0
    found = []
    registers = root.mapping("registers", required=True)
    for register, place, node in (
        registers.mappings("登记簿", "the register") if registers is not None else ()
    ):
        if not _known(register, {key for key, _ in facts}, place, "登记簿", "register", problems):
            continue
        for entity, entity_place, inner in node.mappings("对象", "the subject"):
            known = {name for key, name in facts if key == register}
            if _known(entity, known, entity_place, "对象", "subject", problems):
                reader = _Reader(register, entity, facts[register, entity], enums, problems)
                found.append(reader.spread(inner, missing))
    root.finish()
    written = {(spread.register, spread.entity, name) for spread in found for name in spread.facts}
    for (register, entity), names in sorted(facts.items()):
        for name, fact in names.items():
            if (register, entity, name) not in written:
                problems.add(
                    fact.place,
                    "no-spread",
                    zh=f"演示城市没有写“{register}”登记簿里的“{name}”怎样分布，全城都会是未知。请在 places/registers.yaml 里补上。",
                    en=f"the demonstration city does not say how '{name}' of the register '{register}' is spread, so that it is "
                    "unknown for everyone; add it to places/registers.yaml.",
                    warning=True,
                )
    return tuple(found), problems


def _known(word: str, known: Collection[str], place: Place, zh: str, en: str, problems: Problems) -> bool:
    if word in known:
        return True
    hint, hint_en = did_you_mean(word, known)
    problems.add(
        place,
        "unknown-name",
        zh=f"没有事实绑定到{zh}“{word}”。{hint}",
        en=f"no fact is bound to the {en} '{word}'; {hint_en}",
    )
    return False


@dataclass(slots=True)
class _Reader:
    """Reads the spreads of one register about one kind of subject."""

    register: str
    entity: str
    facts: Mapping[str, Fact]
    enums: dict[str, dict[str, str]]
    problems: Problems

    def spread(self, node: Node, missing: int) -> Spread:
        of = self.tests(node.mapping("of"), ATTRIBUTES[self.entity])
        own = node.whole("missing_per_1000")
        missing = missing if own is None else own
        cases: dict[str, tuple[Case, ...]] = {}
        listed = node.mapping("facts", required=True)
        for name, place, value in listed.items() if listed is not None else ():
            if _known(name, self.facts, place, "事实", "fact", self.problems):
                # A case may ask for what was drawn before it.
                cases[name] = self.cases(value, place, self.facts[name], (*ATTRIBUTES[self.entity], *cases))
        node.finish()
        return Spread(self.register, self.entity, of, missing, cases)

    def cases(self, node: Any, place: Place, fact: Fact, known: Collection[str]) -> tuple[Case, ...]:
        items = list(node) if isinstance(node, Sequence) else [node]
        found = []
        for item in items:
            if not isinstance(item, Node):
                self.wrong(
                    place, "每种情形应当是一组“键: 值”", "each case should be a mapping of keys to values"
                )
                continue
            found.append(self.case(item, fact, known))
            item.finish()
        if found and found[-1].when:
            self.wrong(
                place,
                "最后一种情形不能带 when，以免有人没有值",
                "the last case takes no `when`, so that everyone has a value",
            )
        if any(not case.when for case in found[:-1]):
            self.wrong(place, "没有 when 的情形后面不能再有情形", "no case can follow one without `when`")
        return tuple(found)

    def case(self, node: Node, fact: Fact, known: Collection[str]) -> Case:
        when = self.tests(node.mapping("when"), known)
        how = [key for key in DRAWS if key in node]
        empty = Case(when, values=(None,), weights=(1,))
        if len(how) != 1:
            self.wrong(node.place, f"请在 {'、'.join(DRAWS)} 中写一种", f"write one of {', '.join(DRAWS)}")
            node.asked.update(node.keys())  # one mistake is said once
            return empty
        kind = fact.type.kind
        numbers = ("money", "number")
        fitting = {"yes": ("boolean",), "from": numbers, "part_of": numbers, "days_ago": ("date",)}
        if kind not in fitting.get(how[0], (kind,)):
            self.wrong(
                node.key_place(how[0]),
                f"“{fact.label}”是{fact.type.zh}，不能用 {how[0]}",
                f"'{fact.name}' is {fact.type.en} and takes no `{how[0]}`",
            )
            node.asked.update(node.keys())  # one mistake is said once
            return empty
        if how[0] == "nothing":
            node.flag("nothing")
            return empty
        if how[0] == "part_of":
            return self.part(node, when, known)
        return self.draw(node, how[0], when, fact)

    def part(self, node: Node, when: tuple[Test, ...], known: Collection[str]) -> Case:
        """`{part_of: staff, percent: [90, 110]}`: whole numbers, of what the city knows or what was drawn before."""
        name = node.scalar("part_of", required=True)
        percent = self.two(node, "percent")
        if name is not None and name.text not in known:
            hint, hint_en = did_you_mean(name.text, known)
            self.wrong(
                name.place,
                f"演示城市不知道“{name.text}”。{hint}",
                f"nothing is known of '{name.text}'; {hint_en}",
            )
        return Case(when, part_of=name.text if name is not None else "", percent=percent)

    def two(self, node: Node, key: str) -> tuple[int, int]:
        """Two whole numbers, the smaller first."""
        numbers = [int(item.text) for item in node.texts(key, required=True) if item.text.isdigit()]
        if len(numbers) == 2 and numbers[0] <= numbers[1]:
            return numbers[0], numbers[1]
        self.wrong(
            node.place, f"{key} 写两个整数，先小后大", f"`{key}` takes two whole numbers, the smaller first"
        )
        return 0, 0

    def draw(self, node: Node, how: str, when: tuple[Test, ...], fact: Fact) -> Case:
        if how == "yes":
            return Case(when, yes_per_100000=self.percent(node.scalar("yes", required=True)))
        if how == "from":
            low, high = node.whole("from", required=True) or 0, node.whole("to", required=True) or 0
            step = node.whole("step") if "step" in node else 1
            if high < low or not step or step < 0:
                self.wrong(
                    node.place,
                    "to 不能小于 from，step 要大于 0",
                    "`to` is not below `from`, and `step` above 0",
                )
                low, high, step = 0, 0, 1
            return Case(when, low=low, high=high, step=step)
        if how == "days_ago":
            return Case(when, days_ago=self.two(node, "days_ago"))
        if how == "value":
            return Case(when, values=(self.value(node.scalar("value", required=True), fact),), weights=(1,))
        shares = node.mapping("shares", required=True)
        pairs = []
        for key, place, weight in shares.items() if shares is not None else ():
            share = int(weight.text) if isinstance(weight, Scalar) and weight.text.isdigit() else 0
            if share <= 0:
                self.wrong(place, "份额是大于 0 的整数", "a share is a whole number above 0")
            pairs.append((self.value(Scalar(key, place, False), fact), max(1, share)))
        return Case(
            when,
            values=tuple(value for value, _ in pairs) or (None,),
            weights=tuple(share for _, share in pairs) or (1,),
        )

    def value(self, scalar: Scalar | None, fact: Fact) -> Any:
        """The value as a register delivers it (see `plain`), or None with a problem recorded."""
        if scalar is None:
            return None
        try:
            parse_value(scalar.text, fact.type, self.enums)
        except ValueError:
            self.wrong(
                scalar.place, f"“{scalar.text}”不是{fact.type.zh}", f"'{scalar.text}' is not {fact.type.en}"
            )
            return None
        return plain(scalar.text, fact)

    def percent(self, scalar: Scalar | None) -> int:
        """`12` or `0.5`, in a hundred, as a share of 100,000."""
        if scalar is None:
            return 0
        if is_plain_number(scalar.text) and 0 <= Decimal(scalar.text) <= 100:
            return int(Decimal(scalar.text) * 1000)
        self.wrong(scalar.place, "百分比在 0 与 100 之间", "a percentage lies between 0 and 100")
        return 0

    def tests(self, node: Node | None, known: Collection[str]) -> tuple[Test, ...]:
        """`{kind: [enterprise], age: {from: 0, to: 5}}` as tests."""
        found: list[Test] = []
        for name, place, wanted in node.items() if node is not None else ():
            if name not in known:
                hint, hint_en = did_you_mean(name, known)
                self.wrong(
                    place,
                    f"演示城市不知道对象的“{name}”。{hint}",
                    f"nothing is known of a subject's '{name}'; {hint_en}",
                )
                found.append((name, frozenset()))
            elif isinstance(wanted, Node):
                low = wanted.whole("from") if "from" in wanted else None
                high = wanted.whole("to") if "to" in wanted else None
                wanted.finish()
                found.append((name, (-LARGEST if low is None else low, LARGEST if high is None else high)))
            else:
                texts = [wanted] if isinstance(wanted, Scalar) else list(wanted)
                found.append(
                    (name, frozenset(item.text.lower() for item in texts if isinstance(item, Scalar)))
                )
        return tuple(found)

    def wrong(self, place: Place, zh: str, en: str) -> None:
        self.problems.add(place, "wrong-spread", zh=f"{zh}。" if zh[-1] not in "。？" else zh, en=f"{en}.")


def plain(text: str, fact: Fact) -> Any:
    """A value of the pack, which must be right, as registers deliver it: yes and no, numbers (yuan), or text."""
    kind = fact.type.kind
    if kind == "boolean":
        return parse_value(text, fact.type, {})
    if kind == "money" or (kind == "number" and fact.type.scale):
        return Decimal(text.strip().replace(",", ""))
    if kind == "number":
        return int(Decimal(text.strip()))
    return text.strip()
