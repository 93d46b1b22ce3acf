"""Reading `sources:` and `parameters:` of a file. Every number has its document; a guess is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from jiuye.engine.basis.dates import parse_date
from jiuye.engine.basis.documents import Mapping, Node, Scalar
from jiuye.engine.basis.money import fen_from_yuan, scaled_from_text
from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.rules.parameters import ELSE, Axis, Entry, Parameter, Source
from jiuye.engine.rules.types import BOOLEAN, INTEGER, MONEY, Type
from jiuye.engine.rules.values import parse_value, read_value
from jiuye.engine.rules.vocabulary import Vocabulary, check_name

CONFIDENCES = ("FOUND", "KNOWN", "COMPUTED", "GUESS", "UNKNOWN")
NOT_TO_BE_USED = ("GUESS", "UNKNOWN")
PARAMETER_TYPES = ("money", "ratio", "integer", "boolean", "date", "enum", "scale")


def read_sources(root: Mapping, problems: Problems) -> dict[str, Source]:
    """The `sources:` of a file."""
    sources: dict[str, Source] = {}
    node = root.mapping("sources")
    if node is None:
        return sources
    for key, place, item in node.mappings("出处", "the source"):
        confidence = item.choice("confidence", CONFIDENCES, default="FOUND")
        sources[key] = Source(
            key,
            item.text("document", required=True),
            item.text("number"),
            item.text("clause"),
            item.text("date"),
            item.text("url"),
            confidence,
            place,
            item.text("supports"),
        )
        item.finish()
    return sources


def read_parameters(
    root: Mapping, sources: dict[str, Source], vocabulary: Vocabulary, problems: Problems
) -> dict[str, Parameter]:
    """The `parameters:` of a file."""
    found: dict[str, Parameter] = {}
    node = root.mapping("parameters")
    if node is None:
        return found
    for name, place, item in node.mappings("参数", "the parameter"):
        check_name(name, place, problems)
        before = len(problems)
        parameter = _read_parameter(name, item, place, sources, vocabulary, problems)
        if parameter is not None:
            parameter.broken = len(problems) > before
            found[name] = parameter
        else:
            vocabulary.broken.add(("", name))
        item.finish()
    return found


def _read_parameter(
    name: str,
    item: Mapping,
    place: Place,
    sources: dict[str, Source],
    vocabulary: Vocabulary,
    problems: Problems,
) -> Parameter | None:
    kind = item.choice("type", PARAMETER_TYPES)
    label = item.text("name", required=True)
    label_en = item.text("name_en")
    item.text("note")
    read_by = item.text("read_by")
    axes = _read_axes(item, vocabulary, problems)
    enum = item.scalar("enum", required=kind == "enum")
    values = item.mapping("values", required=True)
    if values is None or not kind or axes is None:
        return None
    if kind == "enum" and (enum is None or enum.text not in vocabulary.enums):
        if enum is not None:
            zh, en = did_you_mean(enum.text, vocabulary.enums)
            problems.add(
                enum.place,
                "unknown-enum",
                zh=f"没有枚举“{enum.text}”。{zh}",
                en=f"no enum '{enum.text}'; {en}",
            )
        return None
    of = {
        "money": MONEY, "ratio": Type("number", _decimals(values)), "integer": INTEGER, "boolean": BOOLEAN,
        "date": Type("date"), "enum": Type("enum", enum=enum.text if enum else ""),
        "scale": Type("scale", _decimals(values)),
    }[kind]  # fmt: skip
    reader = _EntryReader(of, sources, vocabulary, problems)
    entries: dict[tuple[Any, ...], list[Entry]] = {}
    _descend(values, axes, (), entries, reader)
    return Parameter(name, label, label_en, of, axes, entries, place, read_by)


def _read_axes(item: Mapping, vocabulary: Vocabulary, problems: Problems) -> tuple[Axis, ...] | None:
    axes = []
    simple = {
        "integer": Axis(INTEGER), "boolean": Axis(BOOLEAN),
        "integer_steps": Axis(INTEGER, True), "money_steps": Axis(MONEY, True),
    }  # fmt: skip
    for scalar in item.texts("by"):
        if scalar.text in simple:
            axes.append(simple[scalar.text])
        elif scalar.text in vocabulary.enums:
            axes.append(Axis(Type("enum", enum=scalar.text)))
        else:
            zh, en = did_you_mean(scalar.text, [*simple, *vocabulary.enums])
            problems.add(
                scalar.place,
                "unknown-axis",
                zh=f"参数不能按“{scalar.text}”查。{zh}",
                en=f"a parameter cannot be looked up by '{scalar.text}'; {en}",
            )
            return None
    return tuple(axes)


def _decimals(node: Node) -> int:
    """The most decimals any value below `node` is written with: the static scale of a ratio."""
    most = 0
    if isinstance(node, Mapping):
        for key, (_, child) in node.entries.items():
            if key == "scale" and isinstance(child, Mapping):
                most = max([most, *(_scale_of(rate) for _, (_, rate) in child.entries.items())])
            elif key == "value":
                most = max(most, _scale_of(child))
            elif isinstance(child, Mapping):
                most = max(most, _decimals(child))
    return most


def _scale_of(node: Node) -> int:
    try:
        return scaled_from_text(node.text)[1] if isinstance(node, Scalar) else 0
    except ValueError:
        return 0


def _descend(
    node: Mapping,
    axes: tuple[Axis, ...],
    key: tuple[Any, ...],
    entries: dict[tuple[Any, ...], list[Entry]],
    reader: _EntryReader,
) -> None:
    if not axes:
        entries[key] = reader.read(node)
        return
    axis, rest = axes[0], axes[1:]
    seen: dict[Any, int] = {}  # value → line; `1` and `1.00` are the same key
    for text, place, child in node.items():
        value = (
            ELSE
            if text == ELSE
            # A key counts as quoted, so that `~` is a wrong value and not a missing one.
            else read_value(Scalar(text, place, True), axis.type, reader.vocabulary.enums, reader.problems)
        )
        if value is None:
            continue
        if value in seen:
            reader.problems.add(
                place,
                "duplicate-key",
                zh=f"“{text}”与第 {seen[value]} 行是同一个值。请只留一个。",
                en=f"'{text}' is the same value as on line {seen[value]}; keep one.",
            )
            continue
        seen[value] = place.line
        if isinstance(child, Mapping):
            _descend(child, rest, (*key, value), entries, reader)
        else:
            reader.problems.add(
                child.place,
                "wrong-shape",
                zh="这里应当是“日期: {value: …, source: …}”。",
                en="here belongs 'date: {value: …, source: …}'.",
            )


@dataclass(slots=True)
class _EntryReader:
    of: Type
    sources: dict[str, Source]
    vocabulary: Vocabulary
    problems: Problems

    def read(self, node: Mapping) -> list[Entry]:
        """The dated entries of one key, in order of their dates."""
        entries = []
        for text, place, item in node.items():
            try:
                start = parse_date(text)
            except ValueError:
                zh = "先写日期，例如 2023-01-01: {value: …, source: …}；若按类别查，请写 by。"
                self.problems.add(
                    place,
                    "not-a-date",
                    zh=f"“{text}”不是日期。{zh}",
                    en=f"'{text}' is not a date; write 2023-01-01: {{value: …, source: …}}, or say what it is looked up `by`.",
                )
                continue
            if isinstance(item, Mapping):
                entries.append(self._entry(start, item, place))
                item.finish()
            else:
                self.problems.add(
                    item.place,
                    "no-source",
                    zh="每个数都要有出处：请写成 {value: …, source: …}。",
                    en="every number needs its document: write {value: …, source: …}.",
                )
        return sorted(entries, key=lambda entry: entry.start)

    def _entry(self, start: date, item: Mapping, place: Place) -> Entry:
        """One dated value; where it is wrong, an unset one stands in for it, so that no gap is reported as well."""
        unset = item.text("unset")
        item.text("note")
        confidence = item.choice("confidence", CONFIDENCES, default="FOUND")
        if unset:
            if "value" in item or "scale" in item:
                self.problems.add(
                    place,
                    "value-and-unset",
                    zh="value 与 unset 只能写一个：有出处就写数，没有就写理由。",
                    en="write either `value` or `unset`: a number with its document, or the reason why there is none.",
                )
                item.asked |= {"value", "scale"}
            return Entry(start, None, unset, self._source(item, required=False), place)
        source = self._source(item, required=True)
        value: Any = None
        if self.of.kind == "scale":
            value = self._scale(item)
        elif (scalar := item.scalar("value", required=True)) is not None:
            value = read_value(scalar, self.of, self.vocabulary.enums, self.problems)
        if confidence in NOT_TO_BE_USED or (source is not None and source.confidence in NOT_TO_BE_USED):
            self.problems.add(
                place,
                "guess-as-number",
                zh="推测的数不能当数用。请改写为 unset: 理由；答案会是“不能判定”，不会付款。",
                en="a guess is never used as a number; write `unset: reason`, and the answer is 'cannot tell', never a payment.",
            )
            value = None
        return Entry(start, value, "" if value is not None else "有错", source, place)

    def _source(self, item: Mapping, *, required: bool) -> Source | None:
        scalar = item.scalar("source", required=required)
        if scalar is None:
            return None
        source = self.sources.get(scalar.text)
        if source is None:
            zh, en = did_you_mean(scalar.text, self.sources)
            self.problems.add(
                scalar.place,
                "unknown-source",
                zh=f"sources 里没有“{scalar.text}”。{zh}",
                en=f"'{scalar.text}' is not among the sources; {en}",
            )
        return source

    def _scale(self, item: Mapping) -> tuple[tuple[int, int], ...] | None:
        """Marginal brackets as ((threshold in fen, rate at the parameter's scale), …), ascending."""
        node = item.mapping("scale", required=True)
        if node is None:
            return None
        brackets = []
        for text, place, rate in node.items():
            try:
                threshold = fen_from_yuan(text)
                brackets.append(
                    (
                        threshold,
                        parse_value(getattr(rate, "text", ""), Type("number", self.of.scale), {}),
                    )
                )
            except ValueError:
                self.problems.add(
                    place,
                    "bad-scale",
                    zh="分档表写作“起点（元）: 比例”，例如 36000: 0.10。",
                    en="a scale is written 'threshold in yuan: rate', for example 36000: 0.10.",
                )
                return None
        thresholds = [threshold for threshold, _ in brackets]
        if thresholds != sorted(set(thresholds)) or not thresholds or thresholds[0] != 0:
            self.problems.add(
                node.place,
                "bad-scale",
                zh="分档表须从 0 起，由低到高，起点不重复。",
                en="a scale begins at 0 and rises, each threshold once.",
            )
            return None
        return tuple(brackets)
