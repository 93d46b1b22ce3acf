"""The life of a draft as one table: written by one person, reviewed and published by another.

A row says which act leads from which states to which, and with whose permission. The database holds the same table by a
trigger built from it (`pairs`).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from jiuye.office.policies.refusals import PolicyRefusal
from jiuye.office.staff.asked import levels_of, under_way
from jiuye.office.staff.refusals import LONG, within

DRAFT_STATES: dict[str, str] = {
    "draft": "起草中",
    "submitted": "待审核",
    "returned": "已退回修改",
    "approved": "审核通过，待公布",
    "published": "已公布",
    "discarded": "已作废",
}
DRAFT_LEVELS: dict[str, str] = {
    "draft": "none",
    "submitted": "watch",
    "returned": "watch",
    "approved": "good",
    "published": "good",
    "discarded": "none",
}
# A simulation over everyone, which takes a while and is done beside the pages: asked for, under way, and what came of it.
SIMULATION_STATES: dict[str, str] = {
    "waiting": "等待测算",
    "simulating": "正在测算",
    "done": "测算完成",
    "failed": "没有算成",
}
SIMULATION_LEVELS = levels_of("simulating")
UNDER_WAY = under_way("simulating")
REVIEW_VERDICTS: dict[str, str] = {"returned": "退回修改", "approved": "审核通过"}
# While a draft is in one of these its texts may change; afterwards they are what was reviewed.
OPEN_STATES = ("draft", "returned")
LIVE_STATES = ("draft", "submitted", "returned", "approved")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: the act, where it starts and ends, who may, and its name on a button."""

    act: str
    sources: tuple[str, ...]
    target: str
    permission: str
    button: str
    needs_note: bool = False
    author_only: bool = False
    other_person: bool = False  # whoever wrote the draft may not do it


TRANSITIONS: tuple[Transition, ...] = (
    Transition("submit", ("draft", "returned"), "submitted", "policies.write", "送审", author_only=True),
    Transition("return", ("submitted", "approved"), "returned", "policies.review", "退回修改", needs_note=True, other_person=True),
    Transition("approve", ("submitted",), "approved", "policies.review", "审核通过", other_person=True),
    Transition("publish", ("approved",), "published", "policies.publish", "公布", other_person=True),
    Transition("discard", ("draft", "returned"), "discarded", "policies.write", "作废", author_only=True),
)  # fmt: skip


class WrongDraftStateError(PolicyRefusal):
    """The act does not start in the state the draft is in; the sentence says where it would."""

    def __init__(self, act: str, state: str) -> None:
        row = transition(act)
        self.act, self.state = act, state
        super().__init__(
            gettext("这份草案现在是“%(state)s”，不能“%(act)s”；须在“%(starts)s”时办理。请刷新后再看。")
            % {
                "state": gettext(DRAFT_STATES[state]),
                "act": gettext(row.button),
                "starts": " / ".join(gettext(DRAFT_STATES[source]) for source in row.sources),
            }
        )


class NoteMissingError(PolicyRefusal):
    """The act tells the author something, so that it cannot be done without words."""

    def __init__(self, act: str) -> None:
        super().__init__(
            gettext("“%(act)s”要写明理由；请填写后再办。") % {"act": gettext(transition(act).button)}
        )


def transition(act: str) -> Transition:
    """The row of that act. Raises KeyError for an act that is not in the table."""
    for row in TRANSITIONS:
        if row.act == act:
            return row
    raise KeyError(f"{act!r} is no act of a draft; the table in {__name__} lists them")


def advance(state: str, act: str, *, note: str = "") -> str:
    """The state that the act leads to. Raises WrongDraftStateError, NoteMissingError, TooLongError."""
    row = transition(act)
    if state not in row.sources:
        raise WrongDraftStateError(act, state)
    if row.needs_note and not note.strip():
        raise NoteMissingError(act)
    within(note, LONG, "理由", "note")
    return row.target


def pairs() -> list[tuple[str, str]]:
    """Every (from, to) of the table, sorted: what the database's own trigger allows."""
    return sorted({(source, row.target) for row in TRANSITIONS for source in row.sources})
