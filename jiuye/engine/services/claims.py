"""Reading `services/claims.yaml`: everything is checked in one run, and every mistake has its line and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jiuye.engine.basis.dates import add_months, days_later
from jiuye.engine.basis.documents import Mapping, Sequence, read_yaml
from jiuye.engine.basis.problems import Problems
from jiuye.engine.services.reading import Source, SourcedReader, Step

CLAIM_KINDS = ("automatic", "confirm", "apply")
ACTS = ("accept", "review", "publicise", "approve", "put_into_batch", "record_paid")
LEVELS = {"street": "街道（镇）", "county": "县（市、区）", "city": "设区市"}


@dataclass(frozen=True, slots=True)
class Procedure:
    """How one way of claiming goes from confirmation to payment."""

    claim: str
    name: str
    name_en: str
    promised_workdays: int
    promised_basis: str
    publicity_workdays: int
    publicity_basis: str
    publicity_note: str
    publicity_source: Source | None
    steps: tuple[Step, ...]
    source: Source | None

    def step(self, act: str) -> Step | None:
        """The step of that act, or None where the procedure leaves it out."""
        return next((step for step in self.steps if step.act == act), None)


@dataclass(frozen=True, slots=True)
class Appeal:
    """One way open to somebody who was refused, and until when: `days` or `months` after the refusal."""

    id: str
    name: str
    name_en: str
    to: str
    to_en: str
    since: date
    days: int | None
    months: int | None
    source: Source | None

    def last_day(self, refused_on: date) -> date:
        """The last day on which the appeal can be brought; the day of the refusal does not count."""
        if self.days is not None:
            return days_later(refused_on, self.days)
        return add_months(refused_on, self.months or 0)


@dataclass(frozen=True, slots=True)
class ClaimProcedures:
    """The whole file."""

    procedures: dict[str, Procedure]
    correction_workdays: int
    appeals: tuple[Appeal, ...]

    def appeals_on(self, day: date) -> list[Appeal]:
        """The ways of appeal in force on that day, in the order of the file: of each the newest row that has begun."""
        found: dict[str, Appeal] = {}
        for appeal in self.appeals:
            if appeal.since <= day and (appeal.id not in found or found[appeal.id].since < appeal.since):
                found[appeal.id] = appeal
        return list(found.values())


def load_claims(
    path: Path, *, problems: Problems | None = None, base: Path | None = None
) -> tuple[ClaimProcedures | None, Problems]:
    """The procedures in the file `path`, and what is wrong with it.

    None where the file cannot be read or has errors: nothing is decided by a procedure that was half understood.
    """
    problems = problems if problems is not None else Problems()
    before = len(problems.errors)
    root = read_yaml(path, problems, base=base)
    if root is None:
        return None, problems
    found = _Reader(problems).claims(root)
    return (found if len(problems.errors) == before else None), problems


class _Reader(SourcedReader):
    def claims(self, root: Mapping) -> ClaimProcedures:
        root.text("id", required=True)
        self.read_sources(root)
        procedures: dict[str, Procedure] = {}
        mapping = root.mapping("procedures", required=True)
        if mapping is not None:
            for claim in CLAIM_KINDS:
                node = mapping.mapping(claim, required=True)
                if node is not None:
                    procedures[claim] = self.procedure(claim, node)
            mapping.finish()
        correction = root.mapping("correction", required=True)
        correction_workdays = 0
        if correction is not None:
            correction_workdays = self.workdays(correction, "workdays")
            self.basis(correction, "basis")
            correction.finish()
        appeals = self.appeals(root)
        self.unused_sources(root)
        root.finish()
        return ClaimProcedures(procedures, correction_workdays, appeals)

    def procedure(self, claim: str, node: Mapping) -> Procedure:
        source = self.source(node)
        promised = self.workdays(node, "promised_workdays")
        publicity = node.mapping("publicity", required=True)
        workdays, basis, note, publicity_source = 0, "design", "", None
        if publicity is not None:
            workdays = self.workdays(publicity, "workdays")
            basis = self.basis(publicity, "basis")
            note = publicity.text("note")
            publicity_source = self.source(publicity)
            publicity.finish()
        steps = self.steps(node)
        procedure = Procedure(
            claim=claim,
            name=node.text("name", required=True),
            name_en=node.text("name_en", required=True),
            promised_workdays=promised,
            promised_basis=self.basis(node, "promised_basis"),
            publicity_workdays=workdays,
            publicity_basis=basis,
            publicity_note=note,
            publicity_source=publicity_source,
            steps=steps,
            source=source,
        )
        needed = sum(step.workdays for step in steps) + workdays
        if needed > promised and "promised_workdays" in node:
            self.problems.add(
                node.key_place("promised_workdays"),
                "promise-too-short",
                zh=f"各环节和公示共需 {needed} 个工作日，多于承诺的 {promised} 个。请延长承诺或缩短环节。",
                en=f"the steps and the publicity need {needed} workdays, more than the {promised} promised; "
                "lengthen the promise or shorten a step.",
            )
        node.finish()
        return procedure

    def steps(self, node: Mapping) -> tuple[Step, ...]:
        sequence = node.sequence("steps", required=True)
        found: list[Step] = []
        if sequence is None:
            return ()
        for item in sequence:
            if not isinstance(item, Mapping):
                self.problems.add(
                    item.place,
                    "wrong-shape",
                    zh="每个环节应当写成一组“键: 值”（act、by、level、workdays、basis）。",
                    en="each step should be a mapping with act, by, level, workdays and basis.",
                )
                continue
            found.append(self.step(item, ACTS, LEVELS))
        self.whole_and_in_order(sequence, [step.act for step in found])
        return tuple(found)

    def whole_and_in_order(self, sequence: Sequence, acts: list[str]) -> None:
        if acts != list(ACTS) and "" not in acts:
            self.problems.add(
                sequence.place,
                "steps-incomplete",
                zh=f"环节应当依次是 {'、'.join(ACTS)}，每个一次；这里是 {'、'.join(acts) or '空的'}。",
                en=f"the steps should be {', '.join(ACTS)} in this order, once each; here: {', '.join(acts) or 'none'}.",
            )

    def appeals(self, root: Mapping) -> tuple[Appeal, ...]:
        sequence = root.sequence("appeals", required=True)
        found: list[Appeal] = []
        for item in sequence or ():
            if not isinstance(item, Mapping):
                continue
            days, months = item.whole("days"), item.whole("months")
            if (days is None) == (months is None):
                self.problems.add(
                    item.place,
                    "one-period",
                    zh="救济期限要写 days 或 months，二者之一。",
                    en="an appeal's period is either 'days' or 'months', one of them.",
                )
            found.append(
                Appeal(
                    id=item.text("id", required=True),
                    name=item.text("name", required=True),
                    name_en=item.text("name_en", required=True),
                    to=item.text("to", required=True),
                    to_en=item.text("to_en", required=True),
                    since=item.date("from", required=True) or date.min,
                    days=days,
                    months=months,
                    source=self.source(item, required=True),
                )
            )
            item.finish()
        if sequence is not None and not found:
            self.problems.add(
                sequence.place,
                "no-appeal",
                zh="至少要写一条救济途径：拒绝不能是死路。",
                en="name at least one way of appeal: a refusal is never a dead end.",
            )
        return tuple(found)
