"""Reading what follows by itself once a service item is granted."""

from __future__ import annotations

from typing import Any

from jiuye.engine.basis.documents import Mapping
from jiuye.engine.basis.problems import did_you_mean
from jiuye.engine.services.items import (
    ABOUT,
    CLOSING_PROOFS,
    FOLLOWS,
    ITEM_LEVELS,
    OUTCOMES,
    Closing,
    Follow,
    Milestone,
)
from jiuye.engine.services.items_form import FormReader

# What a row cannot do without.
NEEDED = {"begin_traineeship": ("employer", "term", "pay")}
ABOUT_A_PERSON = ("begin_status", "end_status", "begin_employment", "end_employment", "begin_traineeship")


class FollowReader(FormReader):
    """Takes `follows` out of an item's file."""

    def follows(self, root: Mapping, about: str) -> tuple[Follow, ...]:
        """Every row of `follows`, in the order of the file."""
        found = []
        rows = list(self.rows(root, "follows"))
        self.exits = [node for node in rows if _says(node, "do") in ("exit", "review")]
        self.trains = any(_says(node, "do") == "begin_traineeship" for node in rows)
        for node in rows:
            do = node.choice("do", FOLLOWS)
            found.append(
                Follow(
                    do=do,
                    status=self.name(node, "status") if do in ("begin_status", "end_status") else "",
                    category=self.answer(node, "category"),
                    start=self.answer(node, "start", default="decided_on"),
                    employment=node.text("employment", required=do == "begin_employment"),
                    item=node.text("item", required=do == "open"),
                    months=(node.whole("months", required=True) or 0) if do == "review" else 0,
                    milestones=self.milestones(node) if do == "plan" else (),
                    closings=self.closings(node) if do == "plan" else (),
                    when=self.when(node),
                    to=self.whose(node, about),
                    last=node.flag("last", default=False),
                    who=self.any_fact(node, "who", "boolean", self.types),
                    **self.fields(node, do),
                    register=self.register(node) if do == "list_employer" else "",
                    **(self.review(node) if do == "review" else self.exit(node) if do == "exit" else {}),
                )
            )
            node.finish()
        return tuple(found)

    def whose(self, node: Mapping, about: str) -> str:
        """Whom it concerns: the applicant, or the household where the matter is about one."""
        to = node.choice("to", ABOUT) if "to" in node else "applicant"
        if to == "household" and about != "household":
            self.problems.add(
                node.key_place("to"),
                "not-about-a-household",
                zh="to: household 只用在 about: household 的事项里。",
                en="'to: household' stands only in an item that is 'about: household'.",
            )
        return to

    def fields(self, node: Mapping, do: str) -> dict[str, Any]:
        """The answers of the form that say about whom, with whom, for how long, at which pay, as what."""
        keys = ("person", "employer", "term", "pay", "post", "insured")
        found = {key: self.answer(node, key) for key in keys}
        needed = NEEDED.get(do, ())
        if self.kind == "employer" and do in ABOUT_A_PERSON:
            needed = ("person", *needed)
        for key in needed:
            if not found[key]:
                self.problems.add(
                    node.place,
                    "missing-key",
                    zh=f"{do} 要写 {key}：表单里哪一项说明它。",
                    en=f"'{do}' needs '{key}': the field of the form that says it.",
                )
        for key in ("employer", "person"):
            question = self.answers.get(found[key])
            if question is not None and question.kind != key:
                self.problems.add(
                    node.key_place(key),
                    "wrong-type",
                    zh=f"“{question.id}”不是 type: {key}。",
                    en=f"'{question.id}' is not of 'type: {key}'.",
                )
        return found

    def register(self, node: Mapping) -> str:
        """The fact by which an employer stands on a list."""
        scalar = node.scalar("register", required=True)
        if scalar is None:
            return ""
        self.check_fact_name(scalar, "boolean", self.employer_types())
        return scalar.text

    def review(self, node: Mapping) -> dict[str, Any]:
        """Who looks again at which facts, and for which reasons what was granted may end. Its numbers say where they come from."""
        self.basis(node, "basis")
        self.source(node)
        looks = node.texts("looks")
        for scalar in looks:
            self.check_fact_name(scalar, "", self.types)
        found, outcomes = self.reasons(node, "理由")
        return {
            "by": node.text("by", required=True),
            "level": node.choice("level", ITEM_LEVELS),
            "looks": tuple(scalar.text for scalar in looks),
            "reasons": found,
            "outcomes": outcomes,
        }

    def exit(self, node: Mapping) -> dict[str, Any]:
        """Who may end what was granted, and for which reasons; of a traineeship every reason says its outcome, and of nothing else."""
        if len(self.exits) > 1:
            self.problems.add(
                node.place,
                "more-than-one-exit",
                zh="一个事项只写一种结束的办法：一条 exit，或者一条 review。请删去多的。",
                en="an item says once how it ends: one 'exit', or one 'review'. Remove the others.",
            )
        self.basis(node, "basis")
        self.source(node)
        by, level = node.text("by", required=True), node.choice("level", ITEM_LEVELS)
        found, outcomes = self.reasons(node, "情形")
        if not found:
            self.problems.add(
                node.place,
                "exit-names-nothing",
                zh="exit 没有写一种情形（reasons），登记了就结束不了。请写明因哪些情形结束，或者删去 exit。",
                en="the exit names no reason ('reasons'), so that nothing could end. Name the reasons, or remove the exit.",
            )
        return {"by": by, "level": level, "reasons": found, "outcomes": outcomes}

    def reasons(
        self, node: Mapping, called: str
    ) -> tuple[tuple[tuple[str, str, str], ...], tuple[tuple[str, str], ...]]:
        """For which reasons what was granted ends, in both languages; where a traineeship ends with it, every reason says its outcome."""
        reasons = node.mapping("reasons")
        found, outcomes = [], []
        for key, _, row in reasons.mappings(called, "reason") if reasons is not None else ():
            found.append((key, row.text("zh", required=True), row.text("en", required=True)))
            if self.trains:
                outcomes.append((key, row.choice("outcome", OUTCOMES)))
            elif "outcome" in row:
                self.problems.add(
                    row.key_place("outcome"),
                    "no-traineeship",
                    zh="outcome 只用在登记见习（begin_traineeship）的事项里；请删去。",
                    en="'outcome' stands only in an item that begins a traineeship; remove it.",
                )
                row.scalar("outcome")
            row.finish()
        return tuple(found), tuple(outcomes)

    def answer(self, node: Mapping, key: str, *, default: str = "") -> str:
        """The name of a field of the form, or the default."""
        scalar = node.scalar(key)
        if scalar is None or scalar.text == default:
            return default
        if scalar.text not in self.answers:
            zh, en = did_you_mean(scalar.text, self.answers)
            self.problems.add(
                scalar.place,
                "unknown-field",
                zh=f"表单里没有“{scalar.text}”这一项。{zh}",
                en=f"the form has no field '{scalar.text}'; {en}",
            )
        return scalar.text

    def milestones(self, node: Mapping) -> tuple[Milestone, ...]:
        found = []
        for row in self.rows(node, "milestones", required=True):
            times = row.whole("times", required=True) or 1
            found.append(
                Milestone(
                    id=row.text("id", required=True),
                    name=row.text("name", required=True),
                    name_en=row.text("name_en", required=True),
                    times=times,
                    within_days=row.whole("within_days"),
                    by_year_end=row.flag("by_year_end", default=False),
                    ends=self.thing(row, "ends"),
                )
            )
            self.source(row)
            row.finish()
        return tuple(found)

    def thing(self, node: Mapping, key: str) -> str:
        """A kind of thing that an applicant of this kind may have."""
        scalar = node.scalar(key)
        if scalar is None:
            return ""
        known = self.known.things.get(self.kind, ()) if self.known.things is not None else None
        if known is not None and scalar.text not in known:
            zh, en = did_you_mean(scalar.text, known)
            self.problems.add(
                scalar.place,
                "unknown-thing",
                zh=f"申请方没有叫“{scalar.text}”的登记事项。{zh}",
                en=f"the applicant has no thing of the kind '{scalar.text}'; {en}",
            )
        return scalar.text

    def closings(self, node: Mapping) -> tuple[Closing, ...]:
        """For which reasons a service of the plan may be closed without being given; each says where it comes from."""
        found: list[Closing] = []
        for row in self.rows(node, "closings"):
            closing = Closing(
                id=row.text("id", required=True),
                says=row.text("says", required=True),
                says_en=row.text("says_en", required=True),
                proved_by=row.choice("proved_by", CLOSING_PROOFS) if "proved_by" in row else "",
                tries=(row.whole("tries") or 0) if "tries" in row else 0,
                basis=self.basis(row, "basis"),
                source=self.source(row),
            )
            if "tries" in row and closing.tries < 1:
                self.problems.add(
                    row.key_place("tries"),
                    "out-of-range",
                    zh="联系不上要登记过几次（tries），至少一次；不以联系次数为准的，请删去 tries。",
                    en="'tries' is at least one; remove it where the reason does not rest on contacts.",
                )
            if closing.id in {other.id for other in found}:
                self.problems.add(
                    row.key_place("id"),
                    "duplicate-id",
                    zh=f"了结理由“{closing.id}”写了两次；请改名或删去一条。",
                    en=f"the reason '{closing.id}' stands twice; rename or remove one.",
                )
            found.append(closing)
            row.finish()
        return tuple(found)


def _says(node: Mapping, key: str) -> str:
    """What the row says there, before it is read and checked."""
    entry = node.entries.get(key)
    return getattr(entry[1], "text", "") if entry is not None else ""
