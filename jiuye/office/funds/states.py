"""The lives of a reservation, a payment batch, a payment line and a claim for money back, as one table; and the words for each state.

A row says which act leads from which states to which. The database holds the same table by triggers built from it
(`pairs`), so that no code, ours or anybody's, moves a row by another way.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from jiuye.office.funds.refusals import FundsRefusal

RESERVATION_STATES = {"held": "已预留", "spent": "已支付", "released": "已释放", "returned": "支付后退回"}
BATCH_STATES = {
    "draft": "待复核",
    "approved": "已复核",
    "sending": "正在发送",
    "sent": "银行处理中",
    "settled": "全部到账",
    "partly_rejected": "部分退回",
    "discarded": "已作废",
}
LINE_STATES = {
    "pending": "待发送",
    "sent": "银行处理中",
    "paid": "已到账",
    "rejected": "已退回",
    "returned": "到账后退回",
    "reissued": "已更正重发",
    "discarded": "已作废",
}
RECOVERY_STATES = {
    "proposed": "待另一人确认",
    "open": "追回中",
    "recovered": "已追回",
    "waived": "已核销",
    "dropped": "不予追回",
}
STATE_TONES = {
    "proposed": "info",
    "dropped": "neutral",
    "open": "warning",
    "recovered": "good",
    "waived": "neutral",
    "held": "info",
    "spent": "good",
    "released": "neutral",
    "draft": "info",
    "approved": "info",
    "sending": "info",
    "sent": "info",
    "settled": "good",
    "partly_rejected": "warning",
    "discarded": "neutral",
    "pending": "info",
    "paid": "good",
    "rejected": "warning",
    "returned": "warning",
    "reissued": "neutral",
}
# What the bank sent back, at once or after it had paid: it is corrected and paid again.
BACK_LINE_STATES = ("rejected", "returned")
# A live line may still pay or has paid. At most one line of a claim is live.
LIVE_LINE_STATES = ("pending", "sent", "paid")

# What money is drawn on for: the kinds of ledger account.
ACCOUNT_KINDS = {
    "appropriation": "预算安排",  # where budgets come from; its balance is what has been handed out
    "budget": "可用预算",  # may not be overdrawn
    "recipients": "已付受益对象",  # may not give back more than it got
    "recovered": "已追回",  # what came back; spent again only after a new appropriation
}
ACCOUNT_LIMITS = {"appropriation": "none", "budget": "credit", "recipients": "credit", "recovered": "credit"}
LIMITS = {"none": "不限", "credit": "贷方余额不得为负", "debit": "借方余额不得为负"}
TRANSFER_KINDS = {"single": "直接转账", "pending": "预留", "post": "支付", "void": "释放", "reverse": "冲回"}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: what moves (`reservation`, `batch`, `line` or `recovery`), by which act, from where to where, with whose permission."""

    thing: str
    act: str
    sources: tuple[str, ...]
    target: str
    permission: str  # empty: the bank's answer does it, no person
    button: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition("reservation", "pay", ("held",), "spent", "", ""),
    Transition("reservation", "return", ("spent",), "returned", "", ""),
    Transition("reservation", "release", ("held",), "released", "casework.approve", "释放预留"),
    Transition("batch", "approve", ("draft",), "approved", "funds.pay", "复核通过"),
    Transition("batch", "discard", ("draft", "approved"), "discarded", "funds.batch", "作废"),
    Transition("batch", "begin_sending", ("approved",), "sending", "funds.pay", "发送银行"),
    Transition("batch", "give_up", ("sending",), "discarded", "funds.pay", "银行拒收，退回办件"),
    Transition("batch", "record_receipt", ("sending",), "sent", "funds.pay", "重新发送"),
    Transition("batch", "settle", ("sent",), "settled", "funds.pay", "取回结果"),
    Transition("batch", "settle_partly", ("sent",), "partly_rejected", "funds.pay", "取回结果"),
    Transition("batch", "return", ("settled",), "partly_rejected", "", ""),
    Transition("line", "send", ("pending",), "sent", "funds.pay", ""),
    Transition("line", "pay", ("sent",), "paid", "", ""),
    Transition("line", "reject", ("sent",), "rejected", "", ""),
    # The bank had paid and takes it back (退汇): the account was closed meanwhile, or frozen.
    Transition("line", "return", ("paid",), "returned", "", ""),
    Transition("line", "reissue", ("rejected", "returned"), "reissued", "funds.batch", "更正后重发"),
    Transition("line", "give_up", ("sent",), "discarded", "funds.pay", ""),
    Transition("line", "discard", ("pending",), "discarded", "funds.batch", ""),
    Transition("recovery", "confirm", ("proposed",), "open", "casework.approve", "确认追回"),
    Transition("recovery", "drop", ("proposed",), "dropped", "casework.approve", "不予追回"),
    # Confirmed, and found wrong before anything came in (the bank sent the payment back, say): signed as its confirmation is.
    Transition("recovery", "withdraw", ("open",), "dropped", "casework.approve", "撤回追回决定"),
    Transition("recovery", "receive_all", ("open",), "recovered", "funds.recover", "登记还款"),
    # A receipt that was entered wrongly is taken back by another officer: what it had settled is owed again.
    Transition("recovery", "undo_receipt", ("recovered",), "open", "funds.recover", "撤销到账登记"),
    Transition("recovery", "waive", ("open",), "waived", "funds.waive", "核销"),
)

_LABELS = {
    "reservation": RESERVATION_STATES,
    "batch": BATCH_STATES,
    "line": LINE_STATES,
    "recovery": RECOVERY_STATES,
}
_NAMES = {"reservation": "预留", "batch": "付款批次", "line": "付款明细", "recovery": "追回"}


class WrongFundsStateError(FundsRefusal):
    """The act does not start in the state the thing is in; the sentence says where it would."""

    def __init__(self, thing: str, act: str, state: str) -> None:
        labels = _LABELS[thing]
        row = transition(thing, act)
        self.thing, self.act, self.state = thing, act, state
        super().__init__(
            gettext("%(thing)s现在是“%(state)s”，不能“%(act)s”；须在“%(starts)s”时办理。请刷新后再看。")
            % {
                "thing": gettext(_NAMES[thing]),
                "state": gettext(labels[state]),
                "act": gettext(row.button or labels[row.target]),
                "starts": " / ".join(gettext(labels[source]) for source in row.sources),
            }
        )


def transition(thing: str, act: str) -> Transition:
    """The row of that act. Raises KeyError for an act that is not in the table."""
    for row in TRANSITIONS:
        if (row.thing, row.act) == (thing, act):
            return row
    raise KeyError(f"{act!r} is no act of a {thing}; the table in {__name__} lists them")


def advance(thing: str, state: str, act: str) -> str:
    """The state that the act leads to. Raises WrongFundsStateError."""
    row = transition(thing, act)
    if state not in row.sources:
        raise WrongFundsStateError(thing, act, state)
    return row.target


def pairs(thing: str) -> list[tuple[str, str]]:
    """Every (from, to) of that thing, sorted: what the database's own trigger allows."""
    return sorted(
        {(source, row.target) for row in TRANSITIONS if row.thing == thing for source in row.sources}
    )
