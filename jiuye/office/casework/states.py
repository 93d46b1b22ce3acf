"""The life of a case as one table, and the words in which each audience reads it.

A row says: this act leads from these states to that one, needs this permission, and is known by this name. Nothing
else in the software moves a case. `advance` walks the table; the operations add what each act must check.
"""

from __future__ import annotations

from dataclasses import dataclass

# What each state is called by the applicant, the case worker and the auditor.
STATES: dict[str, tuple[str, str, str]] = {
    #                        applicant            case worker     auditor
    "confirmed":            ("已确认，等待受理", "待受理", "已确认"),
    "correction_requested": ("请您补正", "待补正", "退回补正"),
    "accepted":             ("已受理，正在审核", "待审核", "已受理"),
    "reviewed":             ("审核通过，准备公示", "待公示", "已审核"),
    "publicised":           ("正在公示", "公示中", "已公示"),
    "approved":             ("审批通过，等待付款", "待付款", "已审批"),
    "in_payment":           ("银行付款中", "付款中", "支付在途"),
    "payment_rejected":     ("付款被退回，请核对账户", "付款退回", "支付退回"),
    "paid":                 ("已到账", "已付款", "已支付"),
    "refused":              ("不予支付", "不予支付", "不予支付"),
    "withdrawn":            ("您已撤回", "已撤回", "已撤回"),
}  # fmt: skip
STATE_LABELS: dict[str, str] = {state: words[1] for state, words in STATES.items()}
AUDIENCES = {"applicant": 0, "caseworker": 1, "auditor": 2}

# A light and its word go together; colour alone tells nobody anything.
STATE_TONES: dict[str, str] = {
    "confirmed": "info",
    "correction_requested": "warning",
    "accepted": "info",
    "reviewed": "info",
    "publicised": "info",
    "approved": "good",
    "in_payment": "good",
    "payment_rejected": "warning",
    "paid": "good",
    "refused": "bad",
    "withdrawn": "neutral",
}

OPEN_STATES = (
    "confirmed",
    "correction_requested",
    "accepted",
    "reviewed",
    "publicised",
    "approved",
    "in_payment",
    "payment_rejected",
)
ENDED_STATES = ("paid", "refused", "withdrawn")
# A live case is one that may still pay or has paid: nobody in it is "entitled and not receiving".
LIVE_STATES = (*OPEN_STATES, "paid")


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: the act, where it starts, where it ends, who may, and its name on a button and in the timeline."""

    act: str
    sources: tuple[str, ...]
    target: str
    permission: str  # empty: no person does it, the system does (a bank's answer, 免申即享)
    button: str
    done: str
    needs_note: bool = False


TRANSITIONS: tuple[Transition, ...] = (
    Transition("accept", ("confirmed",), "accepted", "casework.accept", "受理", "受理"),
    Transition("request_correction", ("confirmed", "accepted", "reviewed"), "correction_requested", "casework.accept", "退回补正", "退回补正", needs_note=True),
    Transition("correct", ("correction_requested",), "confirmed", "casework.confirm_on_behalf", "补正完成", "补正完成", needs_note=True),
    Transition("review", ("accepted",), "reviewed", "casework.review", "审核通过", "审核通过"),
    Transition("publicise", ("reviewed",), "publicised", "casework.publicise", "开始公示", "开始公示"),
    Transition("approve", ("publicised",), "approved", "casework.approve", "批准", "审批通过"),
    Transition("put_into_batch", ("approved", "payment_rejected"), "in_payment", "funds.batch", "列入付款批次", "列入付款批次"),
    Transition("record_paid", ("in_payment",), "paid", "", "", "银行已付款"),
    Transition("record_rejected", ("in_payment",), "payment_rejected", "", "", "银行退回"),
    Transition("refuse", ("confirmed", "correction_requested", "accepted", "reviewed", "publicised"), "refused", "casework.review", "不予支付", "不予支付", needs_note=True),
    Transition("withdraw", ("confirmed", "correction_requested", "accepted", "reviewed", "publicised"), "withdrawn", "casework.confirm_on_behalf", "撤回", "撤回", needs_note=True),
    Transition("reopen", ("withdrawn", "refused"), "confirmed", "casework.confirm_on_behalf", "重新办理", "重新办理", needs_note=True),
)  # fmt: skip

# What happened without a change of state, and the beginning: names for the timeline.
OTHER_ACTS: dict[str, str] = {
    "confirm_own": "本人确认",
    "confirm_on_behalf": "工作人员代为确认",
    "confirm_automatic": "系统确认（免申即享）",
    "object": "收到异议",
    "resolve_objection": "异议处理完毕",
    "refresh_payee": "更新收款账户",
    "check": "自动核验",
}
ACT_NAMES: dict[str, str] = {row.act: row.done for row in TRANSITIONS} | OTHER_ACTS

CHECKS: dict[str, str] = {
    "alive": "本人健在",
    "still_entitled": "今日重新判定仍符合，金额不变",
    "not_already_paid": "同一政策同一时期未重复领取",
    "no_excluded_policy": "没有领取不可同时享受的政策",
    "payee": "收款账户齐全、户名一致",
}
CHECK_OUTCOMES: dict[str, str] = {"passed": "通过", "failed": "不通过", "unknown": "无法核验"}
CHECK_MOMENTS: dict[str, str] = {"confirm": "确认前", "approve": "审批前", "payment": "付款前"}
CONFIRMATION_WAYS: dict[str, str] = {"own": "本人", "on_behalf": "代办", "automatic": "系统"}


class WrongStateError(ValueError):
    """The act does not start in the state the case is in; the sentence says what can be done now."""

    def __init__(self, act: str, state: str) -> None:
        row = transition(act)
        can = "、".join(other.button for other in acts_from(state) if other.button) or "没有可办的事项"
        starts = "、".join(STATE_LABELS[source] for source in row.sources)
        self.act = act
        self.state = state
        super().__init__(
            f"这件办件现在是“{STATE_LABELS[state]}”，不能“{row.button or row.done}”（须在“{starts}”时办理）；现在可以：{can}。"
        )


class NoteMissingError(ValueError):
    """The act tells the applicant something, so that it cannot be done without words."""

    def __init__(self, act: str) -> None:
        super().__init__(f"“{transition(act).button}”要写明理由或说明；请填写后再办。")


def transition(act: str) -> Transition:
    """The row of that act. Raises KeyError for an act that is not in the table."""
    for row in TRANSITIONS:
        if row.act == act:
            return row
    raise KeyError(f"{act!r} is no act of a case; the table in {__name__} lists them")


def acts_from(state: str) -> list[Transition]:
    """The rows that start in that state, in the order of the table."""
    return [row for row in TRANSITIONS if state in row.sources]


def advance(state: str, act: str, *, note: str = "") -> str:
    """The state that the act leads to. Raises WrongStateError and NoteMissingError."""
    row = transition(act)
    if state not in row.sources:
        raise WrongStateError(act, state)
    if row.needs_note and not note.strip():
        raise NoteMissingError(act)
    return row.target


def label(state: str, audience: str = "caseworker") -> str:
    """The state in the words of that audience (applicant, caseworker, auditor)."""
    return STATES[state][AUDIENCES[audience]]
