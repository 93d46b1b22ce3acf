"""Indicator definitions from a pack's `indicators/`: read, and checked all in one run."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, read_yaml
from jiuye.engine.basis.problems import Place, Problems, did_you_mean, display_path

REPORTED = "reported"
"""The `measure` of a figure that a department enters, with its source and date."""

KINDS = {
    "flow": "adds up over its period",
    "level": "stands at a value: a stock, a rate, a standard",
}
DIRECTIONS = ("higher", "lower")
FREQUENCIES = ("month", "quarter", "year")
CONFIDENCES = {
    "found": "the document that defines it was seen",
    "known": "common official practice, the document not at hand",
    "guess": "a working definition of our own",
    "undefined": "the plan gives words only",
}
_CONFIRMED = ("found", "known")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Reference:
    """A document that a definition rests on; everything but its name may be unknown."""

    document: str
    number: str = ""
    article: str = ""
    date: date | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a figure counts. `unit` is the base unit; `measure` is `REPORTED` or the name of a query of ours."""

    id: str
    name: str
    name_en: str
    unit: str
    kind: str
    better: str
    definition: str
    counted: tuple[str, ...]
    not_counted: tuple[str, ...]
    formula: str
    frequency: str
    confidence: str
    sources: tuple[Reference, ...]
    measure: str
    note: str
    place: Place

    @property
    def confirmed(self) -> bool:
        """False where the definition is our own guess or the plan's bare words: then it is said on screen."""
        return self.confidence in _CONFIRMED

    @property
    def is_reported(self) -> bool:
        return self.measure == REPORTED


def load_indicators(
    folder: Path,
    *,
    measures: Collection[str] | None = None,
    problems: Problems | None = None,
    base: Path | None = None,
) -> tuple[dict[str, Indicator], Problems]:
    """The indicators of every `*.yaml` in `folder`, by id, and what is wrong with them.

    `measures` are the queries that exist; with it each `measure` is held against them.
    """
    problems = problems if problems is not None else Problems()
    found: dict[str, Indicator] = {}
    files = sorted(folder.glob("*.yaml")) if folder.is_dir() else []
    if not files:
        problems.add(
            Place(display_path(folder, base)),
            "no-indicators",
            zh="这里没有指标文件。请在 indicators/ 下至少放一个 .yaml 文件。",
            en="there is no indicator file here; put at least one .yaml file into indicators/.",
        )
    for path in files:
        root = read_yaml(path, problems, base=base)
        if root is None:
            continue
        for node in root.sequence("indicators", required=True) or ():
            if not isinstance(node, Mapping):
                problems.add(
                    node.place,
                    "wrong-shape",
                    zh="这里应当是一组“键: 值”。",
                    en="a mapping of keys to values should stand here.",
                )
                continue
            indicator = _indicator(node, problems, measures)
            if indicator.id and _is_new(node, indicator, found, problems):
                found[indicator.id] = indicator
        root.finish()
    return found, problems


def _indicator(node: Mapping, problems: Problems, measures: Collection[str] | None) -> Indicator:
    indicator = Indicator(
        id=node.text("id", required=True),
        name=node.text("name", required=True),
        name_en=node.text("name_en", required=True),
        unit=node.text("unit", required=True),
        kind=node.choice("kind", tuple(KINDS)),
        better=node.choice("better", DIRECTIONS, default="higher"),
        definition=node.text("definition", required=True),
        counted=tuple(scalar.text for scalar in node.texts("counted")),
        not_counted=tuple(scalar.text for scalar in node.texts("not_counted")),
        formula=node.text("formula", required=True),
        frequency=node.choice("frequency", FREQUENCIES),
        confidence=node.choice("confidence", tuple(CONFIDENCES)),
        sources=_sources(node, problems),
        measure=node.text("measure", required=True),
        note=node.text("note"),
        place=node.place,
    )
    scalar = node.scalar("measure")
    if measures is not None and scalar is not None and scalar.text not in {*measures, REPORTED}:
        zh, en = did_you_mean(scalar.text, {*measures, REPORTED})
        problems.add(
            scalar.place,
            "unknown-measure",
            zh=f"没有查询“{scalar.text}”。{zh}由部门填报的请写 {REPORTED}。",
            en=f"there is no query '{scalar.text}'; {en} A figure that a department enters is '{REPORTED}'.",
        )
    node.finish()
    return indicator


def _sources(node: Mapping, problems: Problems) -> tuple[Reference, ...]:
    found = []
    for item in node.sequence("sources", required=True) or ():
        if not isinstance(item, Mapping):
            problems.add(
                item.place,
                "wrong-shape",
                zh="来源应当写成 {document: 文件名, ...}。",
                en="a source is written {document: its name, ...}.",
            )
            continue
        found.append(
            Reference(
                document=item.text("document", required=True),
                number=item.text("number"),
                article=item.text("article"),
                date=item.date("date"),
                url=item.text("url"),
            )
        )
        item.finish()
    if "sources" in node and not found:
        problems.add(
            node.key_place("sources"),
            "no-source",
            zh="没有来源。请至少写一个文件；方案本身也算。",
            en="there is no source; name at least one document, the plan itself counts.",
        )
    return tuple(found)


def _is_new(node: Mapping, indicator: Indicator, found: dict[str, Indicator], problems: Problems) -> bool:
    """True where the id is well formed and not taken yet; else the reason is recorded."""
    scalar = node.scalar("id")
    assert scalar is not None
    if not _ID.fullmatch(indicator.id):
        problems.add(
            scalar.place,
            "bad-id",
            zh=f"“{indicator.id}”不能作编号。请用小写拉丁字母、数字和连字符。",
            en=f"'{indicator.id}' is no id; use lower-case Latin letters, digits and hyphens.",
        )
        return False
    if indicator.id in found:
        first = found[indicator.id].place
        problems.add(
            scalar.place,
            "duplicate-id",
            zh=f"指标“{indicator.id}”在 {first.file} 第 {first.line} 行已经有了。请只留一个。",
            en=f"the indicator '{indicator.id}' already stands in {first.file}, line {first.line}; keep one.",
        )
        return False
    return True
