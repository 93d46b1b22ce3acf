"""What a YAML file is read into: scalars, sequences and mappings that know their places.

Every scalar stays text until a reader asks for a type, and what does not fit becomes a `Problem` at its place. A mapping
remembers which keys were asked for: `finish()` reports the rest as unknown, with the nearest known name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from jiuye.engine.basis.dates import parse_date
from jiuye.engine.basis.problems import Place, Problems, did_you_mean

# Digits are the ASCII ones: ２３ is a slip of the input method, and is said to be one.
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,9})?")
_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass(slots=True)
class Scalar:
    """A single value as written. `quoted` tells `"1"` (text) from `1`.

    `lines` holds the file's lines from the first to the last that the value stands on, where it needs more than one.
    """

    text: str
    place: Place
    quoted: bool
    lines: tuple[str, ...] = ()

    @property
    def is_null(self) -> bool:
        return not self.quoted and self.text in _NULLS

    def part(self, start: int, end: int) -> Place:
        """Where the characters `start` to `end` of the text stand in the file; the whole value where that cannot be told.

        The k-th visible character of the text is the k-th visible one of the source, unless escapes stand between.
        """
        first = self._position(start)
        if first is None:
            return self.place
        line, column = first
        last = self._position(max(start, end - 1))
        source = self.lines[line] if self.lines else self.place.source
        same_line = last is not None and last[0] == line
        width = last[1] + 1 - column if last is not None and same_line else len(source.rstrip()) - column
        return Place(self.place.file, self.place.line + line, column + 1, max(1, width), source)

    def _position(self, index: int) -> tuple[int, int] | None:
        """(line below the first, column), both from 0, of one character of the text."""
        if not self.lines:
            column = self.place.column - 1 + self.quoted
            written = self.place.source[column : column + len(self.text)]
            return (0, column + index) if written == self.text else None
        if self.text[index : index + 1].isspace():
            return None
        begin = self.place.column - 1
        block = self.lines[0][begin : begin + 1] in ("|", ">") and not self.quoted_plainly
        seen = _visible(self.lines, begin + self.quoted_plainly, block)
        wanted = len("".join(self.text[:index].split()))
        if wanted >= len(seen):
            return None
        line, column = seen[wanted]
        return (line, column) if self.lines[line][column] == self.text[index : index + 1] else None

    @property
    def quoted_plainly(self) -> bool:
        """True between quotation marks; a block of lines is `quoted` too, but has none."""
        return self.quoted and self.place.source[self.place.column - 1 : self.place.column] in ("'", '"')


@lru_cache(maxsize=256)
def _visible(lines: tuple[str, ...], begin: int, block: bool) -> list[tuple[int, int]]:
    """(line, column) of every visible character of a value that begins at `begin` of the first line; a block begins below it."""
    return [
        (number, column)
        for number, line in enumerate(lines)
        if not (number == 0 and block)
        for column in range(begin if number == 0 else 0, len(line))
        if not line[column].isspace()
    ]


@dataclass(slots=True)
class Sequence:
    items: list[Node]
    place: Place

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@dataclass(slots=True)
class Mapping:
    """Keys in file order. Reading a key through a method marks it as known."""

    entries: dict[str, tuple[Place, Node]]
    place: Place
    problems: Problems
    asked: set[str] = field(default_factory=set)

    def keys(self) -> list[str]:
        return list(self.entries)

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def items(self) -> Iterator[tuple[str, Place, Node]]:
        """Every entry; for mappings whose keys are names of the author's own."""
        for key, (place, node) in self.entries.items():
            self.asked.add(key)
            yield key, place, node

    def mappings(self, zh: str, en: str) -> Iterator[tuple[str, Place, Mapping]]:
        """Like `items`, where each value must be a mapping itself; one that is not is reported as no `zh` (`en`)."""
        for key, place, node in self.items():
            if isinstance(node, Mapping):
                yield key, place, node
            else:
                self.problems.add(
                    place,
                    "wrong-shape",
                    zh=f"{zh}“{key}”下面应当是一组“键: 值”。",
                    en=f"{en} '{key}' should be a mapping of keys to values.",
                )

    def key_place(self, key: str) -> Place:
        return self.entries[key][0]

    def node(self, key: str, *, required: bool = False) -> Node | None:
        """The value of `key`, or None where it is absent or null; a required one that is absent is reported."""
        self.asked.add(key)
        entry = self.entries.get(key)
        if entry is None or (isinstance(entry[1], Scalar) and entry[1].is_null):
            if required:
                self.problems.add(
                    self.place,
                    "missing-key",
                    zh=f"缺少“{key}”。请补上这一项。",
                    en=f"'{key}' is missing here; add it.",
                )
            return None
        return entry[1]

    def scalar(self, key: str, *, required: bool = False) -> Scalar | None:
        node = self.node(key, required=required)
        if node is None or isinstance(node, Scalar):
            return node
        self._wrong_shape(node, key, "一个值", "a single value")
        return None

    def text(self, key: str, *, required: bool = False) -> str:
        """The value as text, stripped; empty where it is absent. A required one may not be blank."""
        scalar = self.scalar(key, required=required)
        if scalar is not None and required and not scalar.text.strip():
            self.problems.add(
                scalar.place,
                "empty-text",
                zh=f"“{key}”是空的。请写上内容。",
                en=f"'{key}' is empty; write something.",
            )
        return scalar.text.strip() if scalar is not None else ""

    def mapping(self, key: str, *, required: bool = False) -> Mapping | None:
        node = self.node(key, required=required)
        if node is None or isinstance(node, Mapping):
            return node
        self._wrong_shape(node, key, "一组“键: 值”", "a mapping of keys to values")
        return None

    def sequence(self, key: str, *, required: bool = False) -> Sequence | None:
        node = self.node(key, required=required)
        if node is None or isinstance(node, Sequence):
            return node
        self._wrong_shape(node, key, "一个列表", "a list")
        return None

    def texts(self, key: str, *, required: bool = False) -> list[Scalar]:
        """A list of single values; a lone value counts as a list of one."""
        node = self.node(key, required=required)
        if node is None:
            return []
        if isinstance(node, Scalar):
            return [node]
        found = []
        if isinstance(node, Sequence):
            for item in node:
                if isinstance(item, Scalar):
                    found.append(item)
                else:
                    self._wrong_shape(item, key, "一个值", "a single value")
            return found
        self._wrong_shape(node, key, "一个列表", "a list")
        return []

    def whole(self, key: str, *, required: bool = False) -> int | None:
        scalar = self.scalar(key, required=required)
        return whole_number(scalar, self.problems) if scalar is not None else None

    def date(self, key: str, *, required: bool = False) -> date | None:
        scalar = self.scalar(key, required=required)
        return calendar_date(scalar, self.problems) if scalar is not None else None

    def flag(self, key: str, *, default: bool = False) -> bool:
        scalar = self.scalar(key)
        if scalar is None:
            return default
        if scalar.text in ("true", "yes", "是"):
            return True
        if scalar.text in ("false", "no", "否"):
            return False
        self.problems.add(
            scalar.place,
            "not-a-flag",
            zh=f"“{scalar.text}”不是“是/否”。请写 true 或 false。",
            en=f"'{scalar.text}' is not a yes/no value; write true or false.",
        )
        return default

    def choice(self, key: str, choices: dict[str, str] | tuple[str, ...], *, default: str = "") -> str:
        """One of a fixed set of words; an absent one takes `default` (required where that is empty)."""
        scalar = self.scalar(key, required=not default)
        if scalar is None:
            return default
        if scalar.text in choices:
            return scalar.text
        zh, en = did_you_mean(scalar.text, choices)
        self.problems.add(
            scalar.place,
            "unknown-word",
            zh=f"“{key}”不能是“{scalar.text}”。{zh}",
            en=f"'{key}' cannot be '{scalar.text}'; {en}",
        )
        return default

    def finish(self) -> None:
        """Report every key that no reader asked for."""
        for key, (place, _) in self.entries.items():
            if key not in self.asked:
                zh, en = did_you_mean(key, self.asked)
                self.problems.add(
                    place, "unknown-key", zh=f"不认识的键“{key}”。{zh}", en=f"unknown key '{key}'; {en}"
                )

    def _wrong_shape(self, node: Node, key: str, zh: str, en: str) -> None:
        self.problems.add(
            node.place,
            "wrong-shape",
            zh=f"“{key}”这里应当是{zh}。",
            en=f"'{key}' should be {en} here.",
        )


Node = Scalar | Sequence | Mapping


def whole_number(scalar: Scalar, problems: Problems) -> int | None:
    """The scalar as an integer, or None with a problem recorded."""
    if _WHOLE_NUMBER.fullmatch(scalar.text):
        return int(scalar.text)
    problems.add(
        scalar.place,
        "not-a-whole-number",
        zh=f"“{scalar.text}”不是整数。请只写数字，例如 36。",
        en=f"'{scalar.text}' is not a whole number; write digits only, for example 36.",
    )
    return None


def is_plain_number(text: str) -> bool:
    """True for 12, -3 and 617.28: digits with at most nine decimals, no exponent, no separators."""
    return _PLAIN_NUMBER.fullmatch(text) is not None


def calendar_date(scalar: Scalar, problems: Problems) -> date | None:
    """The scalar as a date written YYYY-MM-DD, or None with a problem recorded."""
    try:
        return parse_date(scalar.text)
    except ValueError:
        problems.add(
            scalar.place,
            "not-a-date",
            zh=f"“{scalar.text}”不是日历上的日期。请写成 2023-07-01 的样子。",
            en=f"'{scalar.text}' is not a date of the calendar; write it like 2023-07-01.",
        )
        return None
