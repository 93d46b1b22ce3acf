"""Reading YAML so that every value knows its line and column, and nothing is guessed.

PyYAML's safe resolver would read 617.28 as a binary float and 2023-02-30 as a crash. Here every scalar stays
text until a reader asks for a type, and what does not fit becomes a `Problem` at its place. A mapping
remembers which keys were asked for: `finish()` reports the rest as unknown, with the nearest known name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import yaml

from jiuye.engine.basis.dates import parse_date
from jiuye.engine.basis.problems import Place, Problems, did_you_mean, display_path

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,9})?")


@dataclass(slots=True)
class Scalar:
    """A single value as written. `quoted` tells `"1"` (text) from `1`."""

    text: str
    place: Place
    quoted: bool

    @property
    def is_null(self) -> bool:
        return not self.quoted and self.text in ("", "~", "null")


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
        """The value as text, stripped; empty where it is absent."""
        scalar = self.scalar(key, required=required)
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
    if re.fullmatch(r"-?\d{1,18}", scalar.text):
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


def read_yaml(path: Path, problems: Problems, *, base: Path | None = None) -> Mapping | None:
    """The file as a `Mapping`, or None where it cannot be read at all, with the reason recorded."""
    name = display_path(path, base)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        problems.add(
            Place(name),
            "no-such-file",
            zh="没有这个文件。请检查路径。",
            en="there is no such file; check the path.",
        )
        return None
    except (UnicodeDecodeError, OSError) as error:
        problems.add(
            Place(name),
            "unreadable-file",
            zh=f"读不了这个文件（{error}）。请存成 UTF-8 文本。",
            en=f"this file cannot be read ({error}); save it as UTF-8 text.",
        )
        return None
    return parse_yaml(text, name, problems)


def parse_yaml(text: str, name: str, problems: Problems) -> Mapping | None:
    """Like `read_yaml`, for text that is already in hand (a draft in a form)."""
    lines = text.splitlines()
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
        source = lines[line - 1] if line <= len(lines) else ""
        reason = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
        problems.add(
            Place(name, line, column, 1, source),
            "not-yaml",
            zh=f"这里不合 YAML 的写法（{reason}）。请检查缩进、冒号和引号。",
            en=f"this is not valid YAML ({reason}); check indentation, colons and quotes.",
        )
        return None
    if not isinstance(root, yaml.MappingNode):
        problems.add(
            Place(name, 1, 1, 1, lines[0] if lines else ""),
            "wrong-shape",
            zh="文件应当由“键: 值”组成。",
            en="the file should be a mapping of keys to values.",
        )
        return None
    wrapped = _wrap(root, name, lines, problems)
    assert isinstance(wrapped, Mapping)
    return wrapped


def _place(node: yaml.Node, name: str, lines: list[str]) -> Place:
    start, end = node.start_mark, node.end_mark
    source = lines[start.line] if start.line < len(lines) else ""
    same_line = end.line == start.line and not isinstance(node, yaml.MappingNode)
    width = max(1, end.column - start.column) if same_line else max(1, len(source.rstrip()) - start.column)
    return Place(name, start.line + 1, start.column + 1, width, source)


def _wrap(node: yaml.Node, name: str, lines: list[str], problems: Problems) -> Node:
    place = _place(node, name, lines)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, place, node.style is not None)
    if isinstance(node, yaml.SequenceNode):
        return Sequence([_wrap(item, name, lines, problems) for item in node.value], place)
    entries: dict[str, tuple[Place, Node]] = {}
    for key_node, value_node in node.value:
        key_place = _place(key_node, name, lines)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.add(key_place, "wrong-shape", zh="键应当是一个词。", en="a key should be a single word.")
            continue
        key = key_node.value
        if key in entries:
            first = entries[key][0].line
            problems.add(
                key_place,
                "duplicate-key",
                zh=f"“{key}”写了两次，第一次在第 {first} 行。请只留一个。",
                en=f"'{key}' stands here twice, first on line {first}; keep one.",
            )
            continue
        entries[key] = (key_place, _wrap(value_node, name, lines, problems))
    return Mapping(entries, place, problems)
