"""Reading YAML so that every value knows its line and column, and nothing is guessed.

PyYAML's safe resolver would read 617.28 as a binary float and 2023-02-30 as a crash. Here every scalar stays text until a
reader asks for a type (see `nodes`). Anchors, aliases and tags are refused: a value stands where it is read, and a short file
cannot unfold into a large one.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import yaml

from jiuye.engine.basis.nodes import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    calendar_date,
    is_plain_number,
    whole_number,
)
from jiuye.engine.basis.problems import Place, Problems, display_path

__all__ = [
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "calendar_date",
    "is_plain_number",
    "parse_yaml",
    "read_text",
    "read_yaml",
    "whole_number",
]

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# What libyaml says most often, in Chinese; the rest is shown as it says it.
REASONS = {
    "mapping values are not allowed": "这里不能再有“: ”，值里有冒号的请加引号",
    "cannot start any token": "这里不能以这个字符开头，例如制表符、@、%、反引号",
    "could not find expected ':'": "缺少冒号",
    "did not find expected key": "缩进与上文不一致，或缺少冒号",
    "did not find expected ',' or": "括号没有配对，或缺少逗号",
    "did not find expected node content": "这里应当有一个值",
    "unexpected end of stream": "引号没有配对",
    "control characters are not allowed": "有看不见的控制字符",
    "block sequence entries are not allowed": "这里不能写列表项“- ”",
}
_place = partial(
    tuple.__new__, Place
)  # a place of its five values in their order; there are some eighty thousand
MOST_LEVELS = 40  # of nesting; a pack needs about eight


def read_yaml(path: Path, problems: Problems, *, base: Path | None = None) -> Mapping | None:
    """The file as a `Mapping`, or None where it cannot be read at all, with the reason recorded."""
    name = display_path(path, base)
    text = read_text(path, name, problems)
    return parse_yaml(text, name, problems) if text is not None else None


def read_text(path: Path, name: str, problems: Problems) -> str | None:
    """The file's text with plain line ends, or None with the reason recorded under `name`."""
    try:
        # Editors on Windows put a mark before the first character.
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problems.add(
            Place(name),
            "no-such-file",
            zh="没有这个文件。请检查路径。",
            en="there is no such file; check the path.",
        )
    except (UnicodeDecodeError, OSError) as error:
        problems.add(
            Place(name),
            "unreadable-file",
            zh=f"读不了这个文件（{error}）。请存成 UTF-8 文本。",
            en=f"this file cannot be read ({error}); save it as UTF-8 text.",
        )
    return None


def parse_yaml(text: str, name: str, problems: Problems) -> Mapping | None:
    """Like `read_yaml`, for text that is already in hand (a draft in a form)."""
    builder = _Builder(name, text.splitlines(), problems)
    try:
        builder.build(_Loader(text))
    except yaml.YAMLError as error:
        line, column = _mark_of(error, text)
        reason = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
        reason_zh = next((zh for part, zh in REASONS.items() if part in reason), reason)
        problems.add(
            builder.at(line, column),
            "not-yaml",
            zh=f"这里不合 YAML 的写法（{reason_zh}）。请检查缩进、冒号和引号。",
            en=f"this is not valid YAML ({reason}); check indentation, colons and quotes.",
        )
        return None
    except _Refused:
        return None
    if not isinstance(builder.root, Mapping):
        problems.add(
            builder.at(0, 0),
            "wrong-shape",
            zh="文件应当由“键: 值”组成。",
            en="the file should be a mapping of keys to values.",
        )
        return None
    return builder.root


def _mark_of(error: yaml.YAMLError, text: str) -> tuple[int, int]:
    """(line, column) from 0 of what YAML complains of; a character that no file may hold has only a position."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return mark.line, mark.column
    before = text[: getattr(error, "position", None) or 0]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


class _Refused(Exception):
    """The file cannot be read on; the problem is recorded."""


class _Open:
    """A mapping or sequence whose end has not come yet. `key` waits for its value; `skipped` values are dropped.

    `entries` and `items` are those of the node: one of the two is None.
    """

    __slots__ = ("entries", "items", "key", "key_place", "skipped")

    def __init__(
        self, entries: dict[str, tuple[Place, Node]] | None = None, items: list[Node] | None = None
    ) -> None:
        self.entries, self.items = entries, items
        self.key = ""
        self.key_place: Place | None = None
        self.skipped = False


class _Builder:
    """Builds nodes from YAML's events, in one pass and without recursion.

    Events are `Any`: the stubs hold their marks for optional, while those that a parser makes always have them.
    """

    def __init__(self, name: str, lines: list[str], problems: Problems) -> None:
        self.name, self.lines, self.problems = name, lines, problems
        self.ends = [len(line.rstrip()) for line in lines]
        self.root: Node | None = None
        self.open: list[_Open] = []

    def build(self, parser: Any) -> None:
        """Every event of a parser, until there are no more: a scalar, the begin or the end of a collection, or one that says nothing to us.

        Most of loading a pack is spent here, hence the order of asking and the class instead of isinstance: the parser makes no others.
        """
        scalar, scalar_event = self._scalar, yaml.ScalarEvent
        begin, mapping_event, sequence_event = self._begin, yaml.MappingStartEvent, yaml.SequenceStartEvent
        take, close = parser.get_event, self.open.pop
        ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        try:
            while (event := take()) is not None:
                kind = event.__class__
                if kind is scalar_event:
                    scalar(event)
                elif kind is mapping_event or kind is sequence_event:
                    begin(event, kind is mapping_event)
                elif kind in ends:
                    close()
                elif kind is yaml.AliasEvent:
                    self._refuse_anchor(event)
                elif kind is yaml.DocumentStartEvent and self.root is not None:
                    self._refuse_second(event)
        finally:
            parser.dispose()

    def _refuse_second(self, event: Any) -> None:
        mark: Any = event.start_mark
        self.problems.add(
            self.at(mark.line, mark.column),
            "two-documents",
            zh="一个文件只能有一份内容，这里又用 --- 起了一份。请分成两个文件。",
            en="a file holds one document, and here `---` begins another; make two files.",
        )
        raise _Refused

    def at(self, line: int, column: int) -> Place:
        """The place of one character; line and column count from 0."""
        source = self.lines[line] if line < len(self.lines) else ""
        return Place(self.name, line + 1, column + 1, 1, source)

    def _scalar(self, event: Any) -> None:
        start, end = event.start_mark, event.end_mark
        line, column, last = start.line, start.column, end.line
        lines = self.lines
        source = lines[line] if line < len(lines) else ""
        if last == line:
            width = end.column - column
        else:
            width = (self.ends[line] if source else 0) - column
        place = _place((self.name, line + 1, column + 1, width if width > 1 else 1, source))
        holder = self.open[-1] if self.open else None
        if holder is not None and holder.entries is not None and holder.key_place is None:
            self._key(holder, event.value, place)
            return
        more = tuple(lines[line : last + 1]) if last > line else ()
        self._add(event, Scalar(event.value, place, bool(event.style), more))

    def _key(self, holder: _Open, key: str, place: Place) -> None:
        assert holder.entries is not None
        holder.key, holder.key_place = key, place
        earlier = holder.entries.get(key)
        holder.skipped = earlier is not None
        if earlier is not None:
            first = earlier[0].line
            self.problems.add(
                place,
                "duplicate-key",
                zh=f"“{key}”写了两次，第一次在第 {first} 行。请只留一个。",
                en=f"'{key}' stands here twice, first on line {first}; keep one.",
            )

    def _begin(self, event: Any, is_mapping: bool) -> None:
        start = event.start_mark
        line, column = start.line, start.column
        if len(self.open) >= MOST_LEVELS:
            self.problems.add(
                self.at(line, column),
                "too-deep",
                zh=f"嵌套超过 {MOST_LEVELS} 层。请把内容拆开。",
                en=f"this is nested more than {MOST_LEVELS} levels deep; take it apart.",
            )
            raise _Refused
        source = self.lines[line] if line < len(self.lines) else ""
        width = (self.ends[line] if source else 0) - column
        place = _place((self.name, line + 1, column + 1, width if width > 1 else 1, source))
        node: Mapping | Sequence
        if is_mapping:
            node = Mapping({}, place, self.problems)
            opened = _Open(entries=node.entries)
        else:
            node = Sequence([], place)
            opened = _Open(items=node.items)
        holder = self.open[-1] if self.open else None
        if holder is not None and holder.entries is not None and holder.key_place is None:
            self.problems.add(
                place, "wrong-shape", zh="键应当是一个词。", en="a key should be a single word."
            )
            holder.key_place, holder.skipped = place, True
        else:
            self._add(event, node)
        self.open.append(opened)

    def _add(self, event: Any, node: Node) -> None:
        """Put a finished or just opened node where it belongs."""
        if event.anchor is not None:
            self._refuse_anchor(event)
        if event.tag is not None:
            self._refuse_tag(event)
        if not self.open:
            self.root = node
            return
        holder = self.open[-1]
        if holder.items is not None:
            holder.items.append(node)
            return
        assert holder.entries is not None
        assert holder.key_place is not None
        if not holder.skipped:
            holder.entries[holder.key] = (holder.key_place, node)
        holder.key_place = None

    def _refuse_tag(self, event: Any) -> None:
        self.problems.add(
            self.at(event.start_mark.line, event.start_mark.column),
            "no-tags",
            zh=f"这里不用 YAML 的标签（{event.tag}）。请只写值本身。",
            en=f"YAML's tags ({event.tag}) are not used here; write the value alone.",
        )

    def _refuse_anchor(self, event: Any) -> None:
        self.problems.add(
            self.at(event.start_mark.line, event.start_mark.column),
            "no-anchors",
            zh="这里不用 YAML 的锚和引用（& 与 *）。请把内容写在用到它的地方。",
            en="YAML's anchors and aliases (& and *) are not used here; write the value where it is needed.",
        )
        raise _Refused
