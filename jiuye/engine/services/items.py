"""A service item (事项): for whom, which evidence, which steps at which level in how many workdays, and what follows.

One file an item in `services/`; a new item is a new file and no code. What an item's words mean for the office (statuses, permissions)
is checked by whoever reads them; here stands what a file may say at all.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from jiuye.engine.services.claims import LEVELS as CLAIM_LEVELS
from jiuye.engine.services.reading import Source, Step

APPLICANTS = {"person": "居民", "employer": "用人单位"}
ITEM_LEVELS = {"village": "社区（村）", **CLAIM_LEVELS}
# In this order, each at most once; the first and the last are always there.
ITEM_ACTS = ("accept", "check", "review", "publicise", "decide")
ANSWER_KINDS = {
    "text": "文字",
    "whole": "整数",
    "money": "金额",
    "date": "日期",
    "choice": "选一项",
    "yes_no": "是或否",
    "statement": "书面承诺",
    "employer": "用人单位（统一社会信用代码）",
    "person": "居民（公民身份号码）",
}
# What carries the item: a matter of its own, or the guaranteed loan that is applied for (startup-loans.yaml); no matter is then begun.
CARRIERS = ("matter", "loan")
# How a traineeship ends: every reason of its exit or review says which of these it is.
OUTCOMES = {"retained": "留用", "left": "未留用"}
ABOUT = {"applicant": "申请方", "household": "申请人的家庭"}
FOLLOWS = {
    "begin_status": "开始一种身份",
    "end_status": "结束一种身份",
    "begin_employment": "登记就业",
    "end_employment": "登记终止就业",
    "begin_traineeship": "登记见习",
    "list_employer": "列入名录",
    "plan": "按计划提供服务",
    "review": "定期复核",
    "exit": "登记后可以结束的情形",
    "open": "接着办另一事项",
}


@dataclass(frozen=True, slots=True)
class Bound:
    """What an answer may be at least or at most: a number, or the name of a fact of the applicant or of a shared parameter."""

    text: str
    named: bool
    basis: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One field of the form. `prefill` names a fact of the applicant that the city knows already, so that it is not asked anew; of a choice
    an option may name the fact that shows it to be the applicant's (`known_by`), and the first whose fact holds is filled in.

    An answer of kind `employer` names another party by its credit code; `must` is a fact that has to hold for it. One of kind
    `person` names a resident by ID number.
    """

    id: str
    label: str
    label_en: str
    kind: str
    required: bool
    options: tuple[tuple[str, str, str], ...] = ()  # value, Chinese, English
    prefill: str = ""
    shown_by: tuple[tuple[str, str], ...] = ()  # option, the fact by which it is the applicant's
    help: str = ""
    help_en: str = ""
    when: tuple[str, tuple[str, ...]] | None = None  # asked only where that other answer is one of these
    least: Bound | None = None
    most: Bound | None = None
    must: str = ""

    @property
    def filled_by(self) -> tuple[str, ...]:
        """The facts from which the city may know the answer."""
        return ((self.prefill,) if self.prefill else ()) + tuple(fact for _, fact in self.shown_by)

    def is_asked(self, answers: dict[str, str]) -> bool:
        """True where the form, answered so far like this, asks for it."""
        return self.when is None or answers.get(self.when[0], "") in self.when[1]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that proves something: a paper to bring, unless the registers know all facts of `known_by` (免证明).

    `concerns` of a subsidy's paper names the fact of the policy's subject that says whom it concerns at all.
    """

    id: str
    name: str
    name_en: str
    known_by: tuple[str, ...] = ()
    required: bool = True
    when: tuple[str, tuple[str, ...]] | None = None
    concerns: str = ""

    def is_needed(self, answers: dict[str, str]) -> bool:
        """True where the answers call for it, required or not."""
        return self.when is None or answers.get(self.when[0], "") in self.when[1]


@dataclass(frozen=True, slots=True)
class Ground:
    """A clause that a refusal of the item may name: what has to hold, and the words of the document that says so."""

    id: str
    says: str
    says_en: str
    law: str
    source: Source | None


@dataclass(frozen=True, slots=True)
class Milestone:
    """One promised service of a plan: how often, and within how many days after the plan begins, or by the end of that year. Once it is given,
    the applicant's things of the kind `ends` (a personnel file) are with us no longer."""

    id: str
    name: str
    name_en: str
    times: int
    within_days: int | None
    by_year_end: bool = False
    ends: str = ""


# What on record may have to show a reason for closing a promised service.
CLOSING_PROOFS = {"employment": "登记的就业"}


@dataclass(frozen=True, slots=True)
class Closing:
    """A reason for which a promised service of a plan is closed without being given: on what record it has to rest (`proved_by`), after how
    many days with a visit or call (`tries`), and where the reason comes from."""

    id: str
    says: str
    says_en: str
    proved_by: str = ""
    tries: int = 0
    basis: str = "design"
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """What happens by itself once the item is decided in favour. Which fields are used depends on `do`."""

    do: str
    status: str = ""
    category: str = ""  # the form's answer that gives the category
    start: str = "decided_on"  # or the form's answer that gives the day
    employment: str = ""
    item: str = ""
    months: int = 0
    milestones: tuple[Milestone, ...] = ()
    closings: tuple[Closing, ...] = ()  # of a plan: why a service of it may be closed without being given
    when: tuple[str, tuple[str, ...]] | None = None
    to: str = "applicant"  # or household: everybody in it for whom `who` holds
    who: str = (
        ""  # the fact that has to hold: of a member of the household, or of whom the next item is opened for
    )
    last: bool = False  # an end that comes after the conditions were decided, not before
    # Answers of the form that say about whom, with whom, for how many months, at which pay, as what, insured or not.
    person: str = ""
    employer: str = ""
    term: str = ""
    pay: str = ""
    post: str = ""
    insured: str = ""
    register: str = ""  # the fact that puts an employer on a list
    # Of a review: who makes it at which level, what is looked at, and for which reasons it may end what was granted. Of an exit: who may
    # end it at which level and for which reasons. Of both: what each reason says of a traineeship that ends with it (one of OUTCOMES).
    by: str = ""
    level: str = ""
    looks: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str, str], ...] = ()  # key, Chinese, English
    outcomes: tuple[tuple[str, str], ...] = ()  # key of the reason, outcome

    def applies(self, answers: dict[str, str]) -> bool:
        """True where the answers call for it."""
        return self.when is None or answers.get(self.when[0], "") in self.when[1]


@dataclass(frozen=True, slots=True)
class Item:
    """The whole of one item."""

    id: str
    name: str
    name_en: str
    says: str
    says_en: str
    task: str
    applicant: str  # person | employer
    policy: str  # whose conditions say who may; empty: everybody
    promised_workdays: int
    statutory_workdays: int | None
    publicity_workdays: int
    questions: tuple[Question, ...]
    evidence: tuple[Evidence, ...]
    steps: tuple[Step, ...]
    follows: tuple[Follow, ...]
    sources: tuple[Source, ...]
    version: str  # of the file's text
    about: str = "applicant"  # or household: whose matter it is, done once at a time for all of them
    grounds: tuple[Ground, ...] = ()  # what the item asks beside its policy's conditions; a refusal names one
    leads_to: tuple[str, ...] = ()  # policies that it opens, shown once it is granted
    carried_by: str = "matter"  # one of CARRIERS
    # The field of the form that tells one open matter of an applicant from another; empty: one at a time.
    told_apart_by: str = ""

    @property
    def review(self) -> Follow | None:
        """How what was granted is looked at again; None where it is not."""
        return next((row for row in self.follows if row.do == "review"), None)

    @property
    def exit(self) -> Follow | None:
        """How what was granted may be ended at the desk, with no review before it; None where it is not."""
        return next((row for row in self.follows if row.do == "exit"), None)

    @property
    def ends(self) -> Follow | None:
        """For which reasons what was granted may end: those of its exit, or of its review; None where it does not end."""
        return self.exit or self.review

    @property
    def closings(self) -> tuple[Closing, ...]:
        """For which reasons a service that the item promises may be closed without being given; none where the file names none."""
        return tuple(closing for row in self.follows if row.do == "plan" for closing in row.closings)

    def step(self, act: str) -> Step | None:
        """The step of that act, or None where the item leaves it out."""
        return next((step for step in self.steps if step.act == act), None)

    def next_act(self, done: str) -> str:
        """The act after `done` (empty: the first); empty after the last."""
        acts = [step.act for step in self.steps]
        following = acts[acts.index(done) + 1 :] if done else acts
        return following[0] if following else ""

    def asked(self, answers: dict[str, str]) -> list[Question]:
        """The fields that these answers leave to be asked, in the order of the file."""
        return [question for question in self.questions if question.is_asked(answers)]

    def needed(self, answers: dict[str, str]) -> list[Evidence]:
        """The evidence that these answers call for, in the order of the file."""
        return [row for row in self.evidence if row.is_needed(answers)]


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """Something that happens to people (毕业、失业、招人、开业、生育) and the matters it calls for (就业一件事).

    `items` are begun unless somebody ticks them off, `optional` ones where somebody ticks them, or where the city found that they apply.
    A field is named as `item.field`: `says` is what the event itself answers, each group of `shared` is one question for several items.
    """

    id: str
    name: str
    name_en: str
    applicant: str
    items: tuple[str, ...]
    policies: tuple[str, ...]
    optional: tuple[str, ...] = ()
    says: tuple[tuple[str, str], ...] = ()
    shared: tuple[tuple[str, ...], ...] = ()

    @property
    def all_items(self) -> tuple[str, ...]:
        """Every item of the event, in the order of the file."""
        return (*self.items, *self.optional)

    def asked_as(self, field: str) -> str:
        """The field whose answer counts for this one too: the first of its group, or itself."""
        return next((group[0] for group in self.shared if field in group), field)


@dataclass(frozen=True, slots=True)
class ServiceItems:
    """Every item of a pack by its id, and the life events that start several of them."""

    items: dict[str, Item]
    life_events: dict[str, LifeEvent]


def version_of(text: str) -> str:
    """What names this text of an item: twelve hexadecimal digits of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
