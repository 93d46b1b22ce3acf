"""Changing one value or one date in the text of a file, and nothing else: comments, order and layout stay as the author has them.

A place is the way to an entry: `share/second/2023-01-01` is the entry of 2023-01-01 under `second` of the parameter `share`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jiuye.engine.basis.dates import parse_date
from jiuye.engine.basis.documents import Mapping, Node, Scalar, parse_yaml
from jiuye.engine.basis.money import fen_from_yuan, scaled_from_text
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules.values import YES

QUOTES = "\"'"


class NoSuchPlaceError(LookupError):
    """The text has no such entry, or cannot be read far enough to find it."""

    def __init__(self, place: str) -> None:
        super().__init__(f"there is no '{place}' in this text")


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One dated entry of a parameter, as it is written. `value` is None where `unset` gives the reason."""

    place: str
    name: str
    label: str
    label_en: str
    kind: str  # money, ratio, integer, boolean, date, enum, scale
    keys: tuple[str, ...]
    start: str
    value: str | None
    unset: str
    source: str
    line: int

    def accepts(self, text: str) -> bool:
        """True where the text can be a value of this kind. Members of enums are left to the checker."""
        try:
            if self.kind == "money":
                fen_from_yuan(text)
            elif self.kind == "ratio":
                scaled_from_text(text)
            elif self.kind == "integer":
                return text.strip().lstrip("-").isdecimal() and text.isascii()
            elif self.kind == "boolean":
                return text.strip() in YES
            elif self.kind == "date":
                parse_date(text.strip())
            else:
                return self.kind == "enum" and text.strip().isidentifier()
        except ValueError:
            return False
        return True


@dataclass(frozen=True, slots=True)
class InForce:
    """`in_force` of a policy as written: the first day, the last (`to`) or the day after (`until`), and where it stands."""

    start: str
    to: str
    until: str
    line: int


def parameter_values(text: str) -> list[ParameterValue]:
    """Every dated entry of the text's parameters, in its order; what cannot be read is left out, mistakes are the checker's."""
    found = []
    for name, item in _parameters(_parsed(text)):
        kind, label, label_en = (_text(item, key) for key in ("type", "name", "name_en"))
        for keys, start, entry in _entries(item):
            value = _scalar(entry, "value")
            found.append(
                ParameterValue(
                    "/".join([name, *keys, start]),
                    name,
                    label or name,
                    label_en or label or name,
                    kind,
                    keys,
                    start,
                    value.text if value is not None else None,
                    _text(entry, "unset"),
                    _text(entry, "source"),
                    entry.place.line,
                )
            )
    return found


def sources_of(text: str) -> list[tuple[str, str]]:
    """(key, document) of the text's sources."""
    node = _child(_parsed(text), "sources")
    if not isinstance(node, Mapping):
        return []
    return [
        (key, _text(item, "document")) for key, (_, item) in node.entries.items() if isinstance(item, Mapping)
    ]


def in_force_of(text: str) -> InForce | None:
    """The policy's `in_force`; None where the text has none that can be read."""
    node = _child(_parsed(text), "in_force")
    if not isinstance(node, Mapping):
        return None
    return InForce(_text(node, "from"), _text(node, "to"), _text(node, "until"), node.place.line)


def with_value(text: str, place: str, value: str, source: str = "") -> str:
    """The text with another value in that entry; one that was `unset` gets the value and the source. Raises NoSuchPlaceError."""
    _, entry = _entry(text, place)
    known = _scalar(entry, "value")
    if known is None:
        return _replaced(text, *_span(text, entry), f"{{value: {value}, source: {source}}}")
    text = _with_scalar(text, known, value)
    cited = _scalar(entry, "source")
    if source and cited is not None and cited.text != source:
        # The value stands before its source on the same or an earlier line; the source's place is read anew.
        _, entry = _entry(text, place)
        found = _scalar(entry, "source")
        assert found is not None
        text = _with_scalar(text, found, source)
    return text


def with_start(text: str, place: str, start: date) -> str:
    """The text with another date on that entry. Raises NoSuchPlaceError."""
    key, _ = _entry(text, place)
    begin = _offset(text, key)
    return _replaced(text, begin, begin + len(place.rsplit("/", 1)[1]), start.isoformat())


def with_entry(text: str, place: str, start: date, value: str, source: str) -> str:
    """The text with a further entry behind that one: the same keys, from another date. Raises NoSuchPlaceError."""
    key, entry = _entry(text, place)
    begin, end = _offset(text, key), _span(text, entry)[1]
    written = f"{start.isoformat()}: {{value: {value}, source: {source}}}"
    line_start = text.rfind("\n", 0, begin) + 1
    indent = text[line_start:begin]
    if indent.strip():  # within braces: the entries stand side by side
        return _replaced(text, end, end, f", {written}")
    line_end = text.find("\n", end)
    line_end = len(text) if line_end < 0 else line_end
    return _replaced(text, line_end, line_end, f"\n{indent}{written}")


def with_in_force(text: str, key: str, day: date | None) -> str:
    """The text with another `from`, `to` or `until`; None takes the end away. Raises NoSuchPlaceError."""
    node = _child(_parsed(text), "in_force")
    if not isinstance(node, Mapping):
        raise NoSuchPlaceError("in_force")
    known = _scalar(node, key)
    if known is not None and day is not None:
        return _with_scalar(text, known, day.isoformat())
    flow = _flow(text, node)
    if known is not None:
        return _without(text, node, key, flow=flow)
    if day is None:
        return text
    if flow:
        end = _span(text, node)[1] - 1
        inner = text[:end].rstrip()
        return f"{inner}, {key}: {day.isoformat()}{text[end:]}"
    first_place, _ = next(iter(node.entries.values()))
    indent = " " * (first_place.column - 1)
    begin = _offset(text, Place("", first_place.line, 1))
    return _replaced(text, begin, begin, f"{indent}{key}: {day.isoformat()}\n")


# --- finding


def _parsed(text: str) -> Mapping | None:
    return parse_yaml(text, "", Problems())


def _child(node: Node | None, key: str) -> Node | None:
    return node.entries.get(key, (None, None))[1] if isinstance(node, Mapping) else None


def _scalar(node: Node | None, key: str) -> Scalar | None:
    found = _child(node, key)
    return found if isinstance(found, Scalar) else None


def _text(node: Node | None, key: str) -> str:
    found = _scalar(node, key)
    return found.text if found is not None else ""


def _parameters(root: Mapping | None) -> Iterator[tuple[str, Mapping]]:
    node = _child(root, "parameters")
    for name, (_, item) in node.entries.items() if isinstance(node, Mapping) else ():
        if isinstance(item, Mapping):
            yield name, item


def _entries(item: Mapping) -> Iterator[tuple[tuple[str, ...], str, Mapping]]:
    """(keys of the axes, date, entry) of a parameter, in its order."""
    values = _child(item, "values")
    stack: list[tuple[tuple[str, ...], Mapping]] = [((), values)] if isinstance(values, Mapping) else []
    while stack:
        keys, node = stack.pop(0)
        deeper = []
        for key, (_, child) in node.entries.items():
            if not isinstance(child, Mapping):
                continue
            if _is_date(key):
                yield keys, key, child
            else:
                deeper.append(((*keys, key), child))
        stack = deeper + stack


def _is_date(text: str) -> bool:
    try:
        parse_date(text)
    except ValueError:
        return False
    return True


def _entry(text: str, place: str) -> tuple[Place, Mapping]:
    """The place of the entry's date, and the entry."""
    name, *keys = place.split("/")
    node = dict(_parameters(_parsed(text))).get(name)
    found: Node | None = _child(node, "values")
    where: Place | None = None
    for key in keys:
        if not isinstance(found, Mapping) or key not in found.entries:
            raise NoSuchPlaceError(place)
        where, found = found.entries[key]
    if where is None or not isinstance(found, Mapping) or not _is_date(keys[-1]):
        raise NoSuchPlaceError(place)
    return where, found


# --- changing


def _offset(text: str, place: Place) -> int:
    """Where a place stands, in characters from the beginning."""
    begin = 0
    for _ in range(place.line - 1):
        begin = text.index("\n", begin) + 1
    return begin + place.column - 1


def _replaced(text: str, begin: int, end: int, new: str) -> str:
    return text[:begin] + new + text[end:]


def _with_scalar(text: str, scalar: Scalar, new: str) -> str:
    begin = _offset(text, scalar.place)
    return _replaced(text, begin, begin + scalar.place.width, new)


def _flow(text: str, node: Mapping) -> bool:
    return text[_offset(text, node.place)] == "{"


def _span(text: str, node: Mapping) -> tuple[int, int]:
    """The characters of a mapping: between its braces, or to the end of the last line of its block."""
    begin = _offset(text, node.place)
    if text[begin] == "{":
        return begin, _closing(text, begin) + 1
    last = begin
    for where, child in node.entries.values():
        end = _offset(text, where)
        if isinstance(child, Mapping):
            end = _span(text, child)[1]
        elif isinstance(child, Scalar):
            end = _offset(text, child.place) + child.place.width
        last = max(last, end)
    return begin, last


def _closing(text: str, begin: int) -> int:
    """The brace that closes the one at `begin`; what stands in quotation marks is passed over."""
    depth, quote = 0, ""
    for position in range(begin, len(text)):
        char = text[position]
        if quote:
            quote = "" if char == quote else quote
        elif char in QUOTES and not text[position - 1].isalnum():
            quote = char
        elif char == "{":
            depth += 1
        elif char == "}":
            depth -= 1
            if depth == 0:
                return position
    raise NoSuchPlaceError("}")


def _without(text: str, node: Mapping, key: str, *, flow: bool) -> str:
    """The text without one key of a mapping."""
    where, child = node.entries[key]
    begin = _offset(text, where)
    if not flow:
        line = text.rfind("\n", 0, begin) + 1
        after = text.find("\n", begin)
        return text[:line] + (text[after + 1 :] if after >= 0 else "")
    assert isinstance(child, Scalar)
    end = _offset(text, child.place) + child.place.width
    before = text[:begin].rstrip()
    if before.endswith(","):
        return before[:-1] + text[end:]
    rest = text[end:].lstrip()
    return text[:begin] + rest.removeprefix(",").lstrip()
