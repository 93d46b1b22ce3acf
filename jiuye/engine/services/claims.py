"""Reading `services/claims.yaml`: everything is checked in one run, and every mistake has its line and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jiuye.engine.basis.dates import add_months, days_later
from jiuye.engine.basis.documents import Mapping, Sequence, read_yaml
from jiuye.engine.basis.money import fen_from_yuan
from jiuye.engine.basis.problems import Problems
from jiuye.engine.services.reading import Source, SourcedReader, Step

CLAIM_KINDS = ("automatic", "confirm", "apply")
ACTS = ("accept", "review", "publicise", "approve", "put_into_batch", "record_paid")
LEVELS = {"street": "街道（镇）", "county": "县（市、区）", "city": "设区市"}
# What may be looked up before money is promised, and whose fact answers it ("recipient": whoever is paid).
LOOKUPS = {
    "insured_elsewhere": "person",
    "business_owner": "person",
    "blacklisted": "employer",
    "in_arrears": "employer",
    "account_own": "recipient",
}
MOST_SIGNATURES = 5


@dataclass(frozen=True, slots=True)
class Band:
    """How many different people sign amounts up to and with `up_to_fen` (None: without an upper end)."""

    up_to_fen: int | None
    signatures: int
    basis: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """One cross-check answered by a register: it stops the case where the fact is one of `stops_at`.

    Without a `fact` no register on file answers it: the check is shown as not made, with the words of `why`. What a register says of an
    account holds for the one whose last four digits stand in the fact `of_account`; of another one it has not said anything.
    """

    check: str
    fact: str
    stops_at: tuple[str, ...]
    why: str
    why_en: str
    basis: str
    source: Source | None = None
    of_account: str = ""


@dataclass(frozen=True, slots=True)
class Limit:
    """How often, or for how many months, one recipient may draw a subsidy in a lifetime, whatever it is counted by."""

    times: int | None
    months: int | None
    basis: str
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class RefusalReview:
    """Looking again at a refusal (复核): asked for within so many days, done in so many workdays by another officer."""

    within_days: int = 60
    workdays: int = 10
    by: str = "approver"
    level: str = "county"
    basis: str = "design"


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
    bands: tuple[Band, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    limit: Limit | None = None

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
    bands: tuple[Band, ...] = ()  # for every procedure that has none of its own
    lookups: tuple[Lookup, ...] = ()  # for every case, whatever its procedure
    refusal_review: RefusalReview = RefusalReview()

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
    found = ClaimReader(problems).claims(root)
    return (found if len(problems.errors) == before else None), problems


class ClaimReader(SourcedReader):
    """Reads `claims.yaml`, and the procedure in a subsidy's own file."""

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
        bands, lookups = self.bands(root), self.lookups(root)
        review = self.refusal_review(root)
        self.unused_sources(root)
        root.finish()
        return ClaimProcedures(procedures, correction_workdays, appeals, bands, lookups, review)

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
            bands=self.bands(node),
            lookups=self.lookups(node),
            limit=self.limit(node),
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

    def bands(self, node: Mapping) -> tuple[Band, ...]:
        """`signatures:` from the smallest amount to the last band, which has no upper end; signatures never grow fewer."""
        sequence = node.sequence("signatures")
        found: list[Band] = []
        for row in sequence or ():
            if not isinstance(row, Mapping):
                continue
            up_to = row.scalar("up_to")
            fen: int | None = None
            if up_to is not None:
                try:
                    fen = fen_from_yuan(up_to.text)
                except ValueError:
                    self.problems.add(
                        up_to.place,
                        "wrong-amount",
                        zh=f"“{up_to.text}”不是金额（元，至多两位小数）。",
                        en=f"'{up_to.text}' is no amount in yuan with at most two decimals.",
                    )
            found.append(
                Band(
                    fen,
                    row.whole("signatures", required=True) or 1,
                    self.basis(row, "basis"),
                    self.source(row),
                )
            )
            row.finish()
        if sequence is not None and not _in_order(found):
            self.problems.add(
                sequence.place,
                "bands-out-of-order",
                zh=f"签批档次要按金额从小到大写，签批人数不减、在 1 到 {MOST_SIGNATURES} 之间，只有最后一档不写 up_to。",
                en=f"bands of signatures run from small to large amounts, with 1 to {MOST_SIGNATURES} signatures that never "
                "grow fewer; the last band, and only it, has no 'up_to'.",
            )
        return tuple(found)

    def lookups(self, node: Mapping) -> tuple[Lookup, ...]:
        found = []
        for row in node.sequence("checks") or ():
            if not isinstance(row, Mapping):
                continue
            check, fact, why = row.choice("check", LOOKUPS), row.text("fact"), row.text("why")
            if not fact and not why:
                self.problems.add(
                    row.place,
                    "unanswered-check",
                    zh="核验要写由哪个事实（fact）回答；没有登记簿的，用 why 写明。",
                    en="a check names the fact that answers it; where no register does, 'why' says so.",
                )
            self.check_fact(row, check, fact)
            found.append(
                Lookup(
                    check=check,
                    fact=fact,
                    stops_at=tuple(scalar.text for scalar in row.texts("stops_at")) or ("yes",),
                    why=why,
                    why_en=row.text("why_en", required=bool(why)),
                    basis=self.basis(row, "basis"),
                    source=self.source(row),
                    of_account=row.text("of_account"),
                )
            )
            row.finish()
        return tuple(found)

    def limit(self, node: Mapping) -> Limit | None:
        """`limit: {times: 1, …}` or `{months: 36, …}`, one of them."""
        row = node.mapping("limit")
        if row is None:
            return None
        found = Limit(row.whole("times"), row.whole("months"), self.basis(row, "basis"), self.source(row))
        if (found.times is None) == (found.months is None) or min(found.times or 1, found.months or 1) < 1:
            self.problems.add(
                row.place,
                "one-limit",
                zh="上限要写 times（次数）或 months（月数），二者之一，且不小于 1。",
                en="a limit is either 'times' or 'months', one of them, and at least 1.",
            )
        row.finish()
        return found

    def check_fact(self, row: Mapping, check: str, fact: str) -> None:
        """Whether the fact exists is known only where a pack is at hand: see the subsidies' reader."""

    def refusal_review(self, root: Mapping) -> RefusalReview:
        node = root.mapping("refusal_review")
        if node is None:
            return RefusalReview()
        found = RefusalReview(
            within_days=node.whole("within_days", required=True) or 0,
            workdays=self.workdays(node, "workdays"),
            by=node.text("by", required=True),
            level=node.choice("level", LEVELS),
            basis=self.basis(node, "basis"),
        )
        self.source(node)
        node.finish()
        return found

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


def _in_order(bands: list[Band]) -> bool:
    ends = [band.up_to_fen for band in bands]
    amounts = [end for end in ends[:-1] if end is not None]
    signatures = [band.signatures for band in bands]
    return (
        bool(bands)
        and ends[-1] is None
        and len(amounts) == len(ends) - 1
        and amounts == sorted(set(amounts))
        and signatures == sorted(signatures)
        and signatures[0] >= 1
        and signatures[-1] <= MOST_SIGNATURES
    )
