"""Numbers of the law: dated, by area or class, each with its document. What is not on file stays unset."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

from jiuye.engine.basis.problems import Place
from jiuye.engine.rules.types import Type

ELSE = "else"
MOST_DAYS = 64  # days whose tables are kept at hand; a sweep needs one, a page of history a few


@dataclass(frozen=True, slots=True)
class Source:
    """A document that a number or a clause rests on."""

    key: str
    document: str
    number: str = ""
    clause: str = ""
    dated: str = ""
    url: str = ""
    confidence: str = "FOUND"
    place: Place = field(default_factory=lambda: Place(""), compare=False)
    supports: str = ""  # what it stands for where no number rests on it

    @property
    def citation(self) -> str:
        """`《…》（文号）第30条, 2023-05-24`."""
        text = f"《{self.document}》" + (f"（{self.number}）" if self.number else "")
        text += f"第{self.clause}条" if self.clause.isdigit() else self.clause
        return f"{text}，{self.dated}" if self.dated else text


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated value. Exactly one of `value` and `unset` (the reason) is given."""

    start: date
    value: Any
    unset: str
    source: Source | None
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Axis:
    """What a parameter is looked up by. `steps` takes the largest key that is not above the index."""

    type: Type
    steps: bool = False


@dataclass(slots=True)
class Parameter:
    """A table of dated entries. Without axes its only key is the empty tuple."""

    name: str
    label: str
    label_en: str
    type: Type
    axes: tuple[Axis, ...]
    entries: dict[tuple[Any, ...], list[Entry]]
    place: Place
    read_by: str = ""  # who else reads it, where no expression does
    broken: bool = False  # some of its rows could not be read; the mistakes are recorded
    _steps: tuple[list[Any], ...] = field(default=(), init=False, repr=False)  # per axis, its keys ascending
    _stepped: bool = field(default=False, init=False, repr=False)
    _days: dict[date, dict[tuple[Any, ...], Entry | None]] = field(
        default_factory=dict, init=False, repr=False
    )

    def __post_init__(self) -> None:
        self._stepped = any(axis.steps for axis in self.axes)
        self._steps = tuple(
            sorted({key[position] for key in self.entries if key[position] != ELSE}) if axis.steps else []
            for position, axis in enumerate(self.axes)
        )

    def at(self, on: date) -> dict[tuple[Any, ...], Entry | None]:
        """Each key's entry in force on that day; None where the key begins later."""
        found = self._days.get(on)
        if found is None:
            if len(self._days) >= MOST_DAYS:
                self._days.clear()
            found = self._days[on] = {key: entry_on(entries, on) for key, entries in self.entries.items()}
        return found

    def lookup(self, on: date, index: tuple[Any, ...]) -> Entry | None:
        """The entry in force on that day for that index; None where the table says nothing at all."""
        table = self.at(on)
        if not index:
            return table.get(())
        if index in table and not self._stepped:
            return table[index]
        for key in self.candidates(index):
            if key in table:
                return table[key]
        return None

    def candidates(self, index: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        """The keys that an index may be found under, the most particular first: each axis gives its own, then `else`."""
        choices: list[tuple[Any, ...]] = []
        for axis, steps, value in zip(self.axes, self._steps, index, strict=True):
            if axis.steps:
                below = bisect_right(steps, value)
                choices.append((steps[below - 1], ELSE) if below else (ELSE,))
            else:
                choices.append((value, ELSE))
        return product(*choices)

    def all_entries(self) -> Iterator[Entry]:
        for entries in self.entries.values():
            yield from entries


def entry_on(entries: list[Entry], on: date) -> Entry | None:
    """The last entry that starts on or before the day; the entries are in order of their dates."""
    position = bisect_right(entries, on, key=lambda entry: entry.start)
    return entries[position - 1] if position else None
