"""The life of a budget's version as one table, and the words for each state."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.staff.asked import levels_of, under_way

STATES: dict[str, str] = {
    "draft": "编制中",
    "submitted": "待批准",
    "approved": "已批准",
    "returned": "已退回",
    "superseded": "已被调整",
    "discarded": "已作废",
}
# Drawing a version up, which takes minutes and is done beside the pages: asked for, under way, and what came of it.
DRAWING_STATES: dict[str, str] = {
    "waiting": "等待编制",
    "drawing": "正在编制",
    "done": "编制完成",
    "failed": "没有编成",
}
DRAWING_LEVELS = levels_of("drawing")
UNDER_WAY = under_way("drawing")
LEVELS = {
    "draft": "none",
    "submitted": "watch",
    "approved": "good",
    "returned": "bad",
    "superseded": "none",
    "discarded": "none",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: the act, from which states to which, with whose permission. An act without a permission follows from another one."""

    act: str
    sources: tuple[str, ...]
    target: str
    permission: str
    button: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition("submit", ("draft",), "submitted", "budgeting.draw", "提交批准"),
    Transition("discard", ("draft",), "discarded", "budgeting.draw", "作废"),
    Transition("approve", ("submitted",), "approved", "budgeting.approve", "批准"),
    Transition("send_back", ("submitted",), "returned", "budgeting.approve", "退回"),
    Transition("supersede", ("approved",), "superseded", "", ""),
)


class BudgetingRefusal(FundsRefusal):
    """A refusal of this application: a sentence that says what is wrong, why, and what to do."""


class WrongVersionStateError(BudgetingRefusal):
    """The act does not start in the state that the version is in."""

    def __init__(self, act: str, state: str) -> None:
        row = transition(act)
        super().__init__(
            gettext("这个版本现在是“%(state)s”，不能“%(act)s”；须在“%(starts)s”时办理。请刷新后再看。")
            % {
                "state": gettext(STATES[state]),
                "act": gettext(row.button),
                "starts": " / ".join(gettext(STATES[source]) for source in row.sources),
            }
        )


def transition(act: str) -> Transition:
    """The row of that act. Raises KeyError for an act that is not in the table."""
    for row in TRANSITIONS:
        if row.act == act:
            return row
    raise KeyError(f"{act!r} is no act of a budget's version; the table in {__name__} lists them")


def advance(state: str, act: str) -> str:
    """The state that the act leads to. Raises WrongVersionStateError."""
    row = transition(act)
    if state not in row.sources:
        raise WrongVersionStateError(act, state)
    return row.target


def pairs() -> list[tuple[str, str]]:
    """Every (from, to), sorted: what the database's own trigger allows."""
    return sorted({(source, row.target) for row in TRANSITIONS for source in row.sources})
