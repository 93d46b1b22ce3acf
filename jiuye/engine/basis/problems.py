"""Mistakes in content as values: collected in one run, shown with file, line, column and a caret.

A pack is edited by officers, so an error is part of the product. A `Problem` says what is wrong, names the
nearest known word where there is one, and says what to do, in Chinese and in English.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Place(NamedTuple):
    """Where something stands in a file. Lines and columns count from 1; `width` is in characters.

    A tuple, since every key and value of a pack has one: a frozen dataclass takes four times as long to make.
    """

    file: str
    line: int = 1
    column: int = 1
    width: int = 1
    source: str = ""  # the text of that line, for the caret

    def shifted(self, offset: int, width: int = 1) -> Place:
        """The place `offset` characters further on the same line."""
        return Place(self.file, self.line, self.column + offset, width, self.source)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake. `code` is stable and greppable; `zh` and `en` are whole sentences for people."""

    place: Place
    code: str
    zh: str
    en: str
    warning: bool = False

    def render(self, lang: str = "zh") -> str:
        """The problem as three lines: position and sentence, the source line, the caret under it."""
        place = self.place
        head = f"{place.file}:{place.line}:{place.column}: "
        if lang == "zh":
            head += f"{'提醒' if self.warning else '错误'}[{self.code}] {self.zh}"
        else:
            head += f"{'warning' if self.warning else 'error'}[{self.code}] {self.en}"
        if not place.source.strip():
            return head
        gutter = f"{place.line:>5} | "
        source = "".join(
            char if char.isprintable() else " " for char in place.source
        )  # a tab has no fixed width
        before = source[: place.column - 1]
        marked = source[place.column - 1 : place.column - 1 + place.width]
        caret = " " * display_width(before) + "^" * max(1, display_width(marked))
        return f"{head}\n{gutter}{source.rstrip()}\n{' ' * (len(gutter) - 2)}| {caret}"


def display_width(text: str) -> int:
    """Columns a terminal gives to `text`: Chinese characters take two, combining marks none, so that the caret stands right."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


class Problems:
    """A growing list of problems, handed through a whole load so that all are reported in one run."""

    def __init__(self) -> None:
        self._items: dict[Problem, None] = {}  # in the order of finding, each once

    def add(self, place: Place, code: str, *, zh: str, en: str, warning: bool = False) -> None:
        """Record one problem. The same problem at the same place is recorded once."""
        self._items[Problem(place, code, zh, en, warning)] = None

    @property
    def errors(self) -> list[Problem]:
        return [item for item in self.sorted() if not item.warning]

    @property
    def warnings(self) -> list[Problem]:
        return [item for item in self.sorted() if item.warning]

    def sorted(self) -> list[Problem]:
        """All problems in reading order: by file, then by line and column."""
        return sorted(
            self._items, key=lambda item: (item.place.file, item.place.line, item.place.column, item.code)
        )

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.sorted())

    def __len__(self) -> int:
        return len(self._items)

    def __bool__(self) -> bool:
        return bool(self._items)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None where nothing is near enough to be meant."""
    candidates = list(known)
    close = difflib.get_close_matches(word, candidates, n=1, cutoff=0.6)
    if close:
        return close[0]
    tail = word.rsplit(".", 1)[-1]
    by_tail = {candidate.rsplit(".", 1)[-1]: candidate for candidate in candidates}
    close = difflib.get_close_matches(tail, by_tail, n=1, cutoff=0.75)
    return by_tail[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> tuple[str, str]:
    """Two half sentences (Chinese, English): the nearest name, or the list when it is short."""
    names = sorted(set(known))
    near = nearest(word, names)
    if near is not None:
        return f"是否想写“{near}”？", f"did you mean '{near}'?"
    if names and len(names) <= 12:
        return f"可用的有：{'、'.join(names)}。", f"known here: {', '.join(names)}."
    return "没有相近的名称。", "nothing here has a similar name."


def display_path(path: Path, base: Path | None) -> str:
    """`path` relative to `base` where it lies below it: error lines stay short and free of machine paths."""
    if base is not None:
        try:
            return str(path.relative_to(base))
        except ValueError:
            pass
    return str(path)
