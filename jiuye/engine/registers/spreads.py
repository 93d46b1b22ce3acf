"""How the registers' facts, and the things that they list, are spread over a demonstration city. Assumptions, never figures.

`spreads_reading` reads them from `places/registers.yaml`. A fact has a list of cases; the first whose `when` fits the subject draws its value. The last case fits everyone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from jiuye.engine.rules.values import parse_value
from jiuye.engine.rules.vocabulary import Fact

# What is known of a subject of the synthetic city when its registers are filled.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "person": (
        "age",
        "sex",
        "county",
        "hukou_kind",
        "local",
        "education",
        "employment",
        "status",
        "account_ends_in",
    ),
    "household": ("county", "members", "status", "income_known"),
    "employer": ("kind", "size", "industry", "county", "age", "staff", "traineeship_base", "account_ends_in"),
    "hire": ("kind", "months", "worker_status", "worker_education", "employer_kind", "employer_size"),
}
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
class Things:
    """How a kind of thing (a project, a post …) is spread: how many each owner that fits `of` has, and how they are called.

    In a name `{owner}` stands for the owner's, in the key `{number}` for a running number. `register` is the one whose list it is.
    """

    entity: str
    register: str
    owner: str  # the relation that leads to whose it is
    about: str  # what it leads to: person or employer
    of: tuple[Test, ...]
    number: tuple[Case, ...]
    names: tuple[str, ...]
    key: str

    def count(self, random: Random, on: date, known: Mapping[str, Any], *, story: bool) -> int:
        """How many such an owner has; the owners of the fixed stories as many as is commonest."""
        if not all(_holds(known.get(name), wanted) for name, wanted in self.of):
            return 0
        case = next(case for case in self.number if case.fits(known))
        return int((case.common(on, known) if story else case.draw(random, on, known)) or 0)


@dataclass(frozen=True, slots=True)
class Spread:
    """What one register says of one kind of subject. `of` are the tests of those whom it lists at all.

    Of `missing_per_1000` of them nothing is known, so that "cannot tell" stays real. Of a thing, the tests ask for what is known of its
    owner, of the kind `about`.
    """

    register: str
    entity: str
    of: tuple[Test, ...]
    missing_per_1000: int
    facts: Mapping[str, tuple[Case, ...]]
    things: Things | None = None

    @property
    def about(self) -> str:
        """The kind of subject whose attributes the tests ask for."""
        return self.things.about if self.things is not None else self.entity

    @property
    def asks(self) -> tuple[str, ...]:
        """What the tests ask of a subject itself: subjects of whom all this is the same have the same chances."""
        tests = [*self.of, *(test for cases in self.facts.values() for case in cases for test in case.when)]
        return tuple(dict.fromkeys(name for name, _ in tests if name in ATTRIBUTES[self.about]))

    def chances(self, known: Mapping[str, Any]) -> Chances | None:
        """The cases open to such a subject, their tests on what is drawn left; None where the register does not list it."""
        if not all(_holds(known.get(name), wanted) for name, wanted in self.of):
            return None
        return tuple(
            (name, _open(cases, known, ATTRIBUTES[self.about])) for name, cases in self.facts.items()
        )


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
