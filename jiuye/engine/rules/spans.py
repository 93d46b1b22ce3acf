"""What is known only roughly: a value between two others. “Graduated more than four years ago” settles most of what asks when.

A comparison with a span is yes or no where every value in it says so, else unknown. Functions that rise or fall with each argument
turn spans into spans, by their ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

from jiuye.engine.basis.dates import add_months
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import LARGEST, show_value

FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)  # what an open end of a span of dates means


@dataclass(frozen=True, slots=True, eq=False)
class Between:
    """Some value from `low` to `high`, both included; of one kind, ordered."""

    low: Any
    high: Any

    def holds(self, value: Any) -> bool:
        """True where `value` may be the one that is meant."""
        return bool(self.low <= value <= self.high)

    def __lt__(self, other: Any) -> Any:
        low, high = ends(other)
        return True if self.high < low else False if self.low >= high else None

    def __ge__(self, other: Any) -> Any:
        return _not(self.__lt__(other))

    def __gt__(self, other: Any) -> Any:
        low, high = ends(other)
        return True if self.low > high else False if self.high <= low else None

    def __le__(self, other: Any) -> Any:
        return _not(self.__gt__(other))

    def __eq__(self, other: Any) -> Any:
        if other is None:
            return False
        low, high = ends(other)
        if self.high < low or self.low > high:
            return False
        return True if self.low == self.high == low == high else None

    def __ne__(self, other: Any) -> Any:
        return _not(self.__eq__(other))

    def __hash__(self) -> int:
        return hash((self.low, self.high))


def _not(value: Any) -> Any:
    return None if value is None else not value


def ends(value: Any) -> tuple[Any, Any]:
    """The least and the greatest that a value may be; of one that is known, itself twice."""
    return (value.low, value.high) if isinstance(value, Between) else (value, value)


def lifted(function: Callable[..., Any], values: list[Any]) -> Any:
    """`function` over values of which some are spans: the span of what it gives at their ends. Unknown where it is at one of them."""
    found = [function(*chosen) for chosen in product(*(dict.fromkeys(ends(value)) for value in values))]
    if None in found:
        return None
    low, high = min(found), max(found)
    return low if low == high else Between(low, high)


@dataclass(frozen=True, slots=True)
class MonthsAgo:
    """A day counted back from the day of decision: at least so many completed months ago, less than so many, or both."""

    least: int | None
    less_than: int | None

    def on(self, day: date) -> Between:
        """The span on a day. Both ends are such that no rule's own boundary of so many months cuts through it unseen."""
        low = (
            add_months(day, -self.less_than) + timedelta(days=1) if self.less_than is not None else FIRST_DAY
        )
        high = add_months(day, -self.least) if self.least is not None else LAST_DAY
        return Between(low, high)


def resolved(value: Any, on: date) -> Any:
    """The value on a day: what counts back from it becomes a span, everything else stays."""
    return value.on(on) if isinstance(value, MonthsAgo) else value


def open_ended(kind: Type, low: Any, high: Any) -> Between:
    """A span with an end left out: as far as values of the type go."""
    if kind.kind == "date":
        return Between(low if low is not None else FIRST_DAY, high if high is not None else LAST_DAY)
    return Between(low if low is not None else -LARGEST, high if high is not None else LARGEST)


def show_span(value: Between, kind: Type, enums: dict[str, dict[str, str]], lang: str) -> str:
    """`12 – 119`, with an open end left out."""
    low = "" if value.low in (-LARGEST, FIRST_DAY) else show_value(value.low, kind, enums, lang)
    high = "" if value.high in (LARGEST, LAST_DAY) else show_value(value.high, kind, enums, lang)
    return f"{low} – {high}".strip()


def unsettled(value: Any) -> bool:
    """True where nothing exact is known."""
    return value is None or isinstance(value, Between)
