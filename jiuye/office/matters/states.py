"""The life of a matter (a service item being done for somebody) as one table, in the words of each audience.

Which of the steps a matter takes, and who takes them, stands in its item's file (`plans/…/services/`): a state says which step was taken
last. Nothing else in the software moves a matter.
"""

from __future__ import annotations

from django.utils.translation import gettext

from jiuye.engine.services.items import ITEM_ACTS
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.states import AUDIENCES, Transition
from jiuye.office.staff.refusals import LONG, within

STATES: dict[str, tuple[str, str, str]] = {
    #                        applicant                    case worker     auditor
    "draft":                ("草稿，还没有提交",             "草稿",         "草稿"),
    "submitted":            ("已提交，等待受理",             "待受理",       "已提交"),
    "correction_requested": ("请您补正",                    "待补正",       "退回补正"),
    "accepted":             ("已受理，正在办理",             "已受理",       "已受理"),
    "checked":              ("核查完毕，正在审核",           "已核查",       "已核查"),
    "reviewed":             ("审核通过",                    "已审核",       "已审核"),
    "publicised":           ("正在公示",                    "公示中",       "已公示"),
    "granted":              ("已办结",                      "已办结",       "已办结"),
    "refused":              ("不予办理",                    "不予办理",     "不予办理"),
    "withdrawn":            ("您已撤回",                    "已撤回",       "已撤回"),
    "ended":                ("已终止",                      "已终止",       "已终止"),
}  # fmt: skip
STATE_LABELS: dict[str, str] = {state: words[1] for state, words in STATES.items()}
STATE_LEVELS: dict[str, str] = {
    "draft": "none",
    "submitted": "none",
    "correction_requested": "watch",
    "accepted": "none",
    "checked": "none",
    "reviewed": "none",
    "publicised": "none",
    "granted": "good",
    "refused": "bad",
    "withdrawn": "none",
    "ended": "bad",
}
UNDER_WAY = ("submitted", "correction_requested", "accepted", "checked", "reviewed", "publicised")
OPEN_STATES = ("draft", *UNDER_WAY)
TO_FILL = ("draft", "correction_requested")  # what waits for the applicant
ENDED_STATES = ("granted", "refused", "withdrawn", "ended")

TRANSITIONS: tuple[Transition, ...] = (
    Transition("submit", ("draft",), "submitted", ("matters.start_on_behalf",), "提交", "提交", owner_may=True),
    Transition("accept", ("submitted",), "accepted", ("matters.accept",), "受理", "受理"),
    Transition("check", ("accepted",), "checked", ("matters.check",), "核查属实", "核查", needs_note=True),
    Transition("review", ("accepted", "checked"), "reviewed", ("matters.review",), "审核通过", "审核通过"),
    Transition("publicise", ("accepted", "checked", "reviewed"), "publicised", ("matters.review",), "开始公示", "开始公示"),
    Transition("decide", ("accepted", "checked", "reviewed", "publicised"), "granted", ("matters.decide",), "予以办结", "办结"),
    Transition("request_correction", ("submitted", "accepted", "checked", "reviewed"), "correction_requested", ("matters.accept", "matters.check", "matters.review"), "退回补正", "退回补正"),
    Transition("correct", ("correction_requested",), "submitted", ("matters.start_on_behalf",), "补正完成", "补正完成", owner_may=True),
    Transition("refuse", ("submitted", "correction_requested", "accepted", "checked", "reviewed", "publicised"), "refused", ("matters.review", "matters.decide"), "不予办理", "不予办理", needs_note=True),
    Transition("withdraw", OPEN_STATES, "withdrawn", ("matters.start_on_behalf",), "撤回", "撤回", needs_note=True, owner_may=True),
    Transition("overturn", ("refused",), "submitted", ("matters.decide",), "", "复核撤销原决定", needs_note=True),
    Transition("end", ("granted",), "ended", ("matters.decide",), "终止", "终止", needs_note=True),
)  # fmt: skip
STEP_ACTS = ITEM_ACTS  # the others are no steps of an item: they may come at any time that the table allows

# What happened without a change of state, and the beginning: names for the timeline.
OTHER_ACTS: dict[str, str] = {
    "start": "开始填写",
    "save": "保存草稿",
    "change_speaker": "改由谁代办",
    "attach": "提交材料",
    "milestone": "提供服务",
    "close_service": "了结未提供的服务",
    "open_service": "重新打开已了结的服务",
    "follow": "办结后自动办理",
    "take_charge": "认领承办",
    "hand_on": "转交承办",
    "put_back": "退回待认领",
    "escalate": "逾期自动上报",
    "review_due": "列入复核",
    "confirm_review": "复核，继续有效",
    "object": "收到异议",
    "resolve_objection": "异议处理完毕",
    "answer_objection": "答复异议人",
    "ask_review": "申请复核",
    "uphold_refusal": "复核维持原决定",
    "erase": "按保存期限删除表单和材料",
}
ACT_NAMES: dict[str, str] = {row.act: row.done for row in TRANSITIONS} | OTHER_ACTS
# Whoever took one of these asked for the matter in the applicant's stead or had a hand in it: an objection to its notice is not theirs to settle.
HANDLING_ACTS = ("start", "submit", "correct", "attach", "accept", "check", "review", "decide")
# Whoever may take one of these steps may answer a review, at the level and by the role that the item names.
REVIEWERS = ("matters.check", "matters.review", "matters.decide")
# What an item's exit lets end is ended by whoever holds one of these, at the level and by the role that the exit names.
ENDERS = ("matters.accept", *REVIEWERS)
REVIEW_OUTCOMES: dict[str, str] = {"confirmed": "继续有效", "ended": "终止"}
WAYS: dict[str, str] = {"own": "本人", "on_behalf": "窗口代办", "relative": "亲属代办", "system": "系统"}


class WrongStateError(Refusal):
    """The act does not start in the state the matter is in, or its item takes another step first."""

    def __init__(self, act: str, state: str, awaits: str) -> None:
        self.act, self.state = act, state
        super().__init__(
            gettext("这件事项现在是“%(state)s”，不能“%(act)s”；下一步是“%(next)s”。")
            % {
                "state": gettext(STATE_LABELS[state]),
                "act": gettext(ACT_NAMES[act]),
                "next": gettext(ACT_NAMES[awaits]) if awaits else gettext("没有可办的事项"),
            }
        )


class NoteMissingError(Refusal):
    """The act tells the applicant or the next officer something, so that it cannot be done without words."""

    def __init__(self, act: str) -> None:
        super().__init__(
            gettext("“%(act)s”要写明情况或理由；请填写后再办。") % {"act": gettext(transition(act).button)}
        )


def transition(act: str) -> Transition:
    """The row of that act. Raises KeyError for an act that is not in the table."""
    for row in TRANSITIONS:
        if row.act == act:
            return row
    raise KeyError(f"{act!r} is no act of a matter; the table in {__name__} lists them")


def pairs() -> list[tuple[str, str]]:
    """Every (from, to) of the table, sorted: the database's own trigger allows these and no other."""
    return sorted({(source, row.target) for row in TRANSITIONS for source in row.sources})


def advance(state: str, act: str, awaits: str, *, note: str = "") -> str:
    """The state that the act leads to; a step must be the one that the matter awaits.

    Raises WrongStateError, NoteMissingError, TooLongError.
    """
    row = transition(act)
    if state not in row.sources or (act in STEP_ACTS and act != awaits):
        raise WrongStateError(act, state, awaits)
    if row.needs_note and not note.strip():
        raise NoteMissingError(act)
    within(note, LONG, "理由", "note")
    return row.target


def label(state: str, audience: str = "caseworker") -> str:
    """The state in the words of that audience (applicant, caseworker, auditor)."""
    return STATES[state][AUDIENCES[audience]]
