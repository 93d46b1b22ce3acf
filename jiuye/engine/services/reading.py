"""What every file about services shares: sources, workdays with their basis, steps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from jiuye.engine.basis.documents import Mapping
from jiuye.engine.basis.problems import Problems, did_you_mean

BASES = {"design": "由经办机构设定", "document": "文件规定"}
CONFIDENCES = {"FOUND": "见到原文", "KNOWN": "依据公知", "COMPUTED": "由原文推算"}
MOST_WORKDAYS = 250  # a year holds about this many; more is a slip of the pen


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number or a rule stands: the document, its number and clause, and what it says."""

    id: str
    document: str
    number: str
    clause: str
    date: date | None
    says: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its act, who takes it, the lowest level of division that may, and how many workdays it has."""

    act: str
    by: str  # "system", "bank" or a role
    level: str
    workdays: int
    basis: str
    source: Source | None = None


class SourcedReader:
    """Reads one file whose numbers have either a source or the word `design` beside them."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.sources: dict[str, Source] = {}
        self.used: set[str] = set()

    def read_sources(self, root: Mapping) -> None:
        mapping = root.mapping("sources")
        if mapping is None:
            return
        for key, place, node in mapping.items():
            if not isinstance(node, Mapping):
                self.problems.add(
                    place,
                    "wrong-shape",
                    zh=f"来源“{key}”应当写成一组“键: 值”（至少有 document）。",
                    en=f"source '{key}' should be a mapping with at least 'document'.",
                )
                continue
            self.sources[key] = Source(
                id=key,
                document=node.text("document", required=True),
                number=node.text("number"),
                clause=node.text("clause"),
                date=node.date("date"),
                says=node.text("says"),
                confidence=node.choice("confidence", CONFIDENCES),
            )
            node.finish()

    def source(self, node: Mapping, *, required: bool = False) -> Source | None:
        scalar = node.scalar("source", required=required)
        if scalar is None:
            return None
        self.used.add(scalar.text)
        if scalar.text in self.sources:
            return self.sources[scalar.text]
        zh, en = did_you_mean(scalar.text, self.sources)
        self.problems.add(
            scalar.place,
            "unknown-source",
            zh=f"没有名为“{scalar.text}”的来源。{zh}",
            en=f"there is no source '{scalar.text}'; {en}",
        )
        return None

    def basis(self, node: Mapping, key: str) -> str:
        """`design`, or `document` with its source beside it: no number without one or the other."""
        basis = node.choice(key, BASES)
        if basis == "document" and "source" not in node:
            self.problems.add(
                node.key_place(key),
                "missing-source",
                zh="写明“文件规定”的数字要有 source；没有文件的，请写 basis: design。",
                en="a number set by a document needs a 'source'; without one write basis: design.",
            )
        return basis

    def workdays(self, node: Mapping, key: str, *, at_least: int = 1) -> int:
        value = node.whole(key, required=True)
        if value is None:
            return at_least
        if not at_least <= value <= MOST_WORKDAYS:
            scalar = node.scalar(key)
            assert scalar is not None
            self.problems.add(
                scalar.place,
                "out-of-range",
                zh=f"工作日数应在 {at_least} 到 {MOST_WORKDAYS} 之间，这里是 {value}。",
                en=f"workdays should lie between {at_least} and {MOST_WORKDAYS}; here stands {value}.",
            )
        return value

    def step(self, node: Mapping, acts: tuple[str, ...], levels: dict[str, str]) -> Step:
        """One step, its act one of `acts`, its level one of `levels`."""
        step = Step(
            act=node.choice("act", acts),
            by=node.text("by", required=True),
            level=node.choice("level", levels),
            workdays=self.workdays(node, "workdays", at_least=0),
            basis=self.basis(node, "basis"),
            source=self.source(node),
        )
        node.finish()
        return step

    def unused_sources(self, root: Mapping) -> None:
        mapping = root.mapping("sources")
        for key in self.sources:
            if key not in self.used and mapping is not None:
                self.problems.add(
                    mapping.key_place(key),
                    "unused-source",
                    zh=f"来源“{key}”没有被引用。请引用它或删去。",
                    en=f"source '{key}' is used nowhere; refer to it or remove it.",
                    warning=True,
                )
