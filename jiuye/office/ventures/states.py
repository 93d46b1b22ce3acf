"""The life of a guaranteed loan as one table. The database holds the same table by a trigger built from it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

from jiuye.office.staff.refusals import LONG, within

STATES: dict[str, tuple[str, str]] = {
    #               borrower                     office
    "applied":       ("已申请，等待担保审核", "待担保审核"),
    "correction_requested": ("请您补正", "待补正"),
    "guaranteed":    ("已担保，等待银行放款", "待银行审批"),
    "refused":       ("不予担保", "不予担保"),
    "bank_declined": ("银行没有批准", "银行未批准"),
    "withdrawn":     ("您已撤回", "已撤回"),
    "disbursed":     ("已放款，正在还款", "还款中"),
    "repaid":        ("已还清", "已还清"),
    "compensated":   ("已由基金代偿，向您追偿", "已代偿，追偿中"),
    "recovered":     ("代偿款已追回", "已追回"),
    "written_off":   ("代偿款已核销，不再追偿", "已核销"),
    "taken_back":    ("登记有误，已撤销", "接手已撤销"),
}  # fmt: skip
STATE_LABELS = {state: words[1] for state, words in STATES.items()}
LEVELS = {
    "applied": "none", "correction_requested": "watch", "guaranteed": "none", "refused": "bad", "bank_declined": "bad", "withdrawn": "none",
    "disbursed": "good", "repaid": "good", "compensated": "bad", "recovered": "good", "written_off": "none",
    "taken_back": "none",
}  # fmt: skip
LOAN_NAME = ("创业担保贷款", "start-up loan")  # where the pack has no item for its kind
KINDS = {"personal": "个人", "enterprise": "小微企业"}
# Whose account asks for which kind.
BORROWERS = {"personal": "resident", "enterprise": "employer"}
# What takes several signatures, by the bands of the amount.
SIGNED_ACTS = {"guarantee": "担保", "interest": "贴息", "compensate": "代偿"}
# The application waits for its guarantee, or for what its borrower was asked to put right.
APPLYING = ("applied", "correction_requested")
# The guarantee fund answers for these.
COMMITTED = ("guaranteed", "disbursed")
# A founder in one of these borrows no more, for whichever business: loans follow each other (每人累计次数), and who owes the fund pays first.
# That they do not run side by side is the office's rule; no document on file says so.
OPEN_FOR_A_FOUNDER = (*APPLYING, "guaranteed", "disbursed", "compensated")
# The fund has paid the bank, or has promised to: what the bank is owed besides is still repaid by the borrower.
AFTER_COMPENSATION = ("compensated", "recovered", "written_off")
OTHER_ACTS = {
    "apply": "申请", "repay": "还款", "reckon_interest": "核算贴息", "approve_interest": "批准贴息",
    "correct_interest": "更正贴息", "end_interest": "贴息没有要付的，自动作废", "undo_interest": "撤销贴息批准",
    "confirm_claim_back": "决定追回", "withdraw_claim_back": "撤回追回决定", "receive_back": "收到退还的款项", "waive_back": "核销余额", "undo_receipt": "撤销到账登记",
    "undo_top_up": "撤销追加代偿", "take_over": "接手在贷贷款", "ask_review": "申请复核", "uphold_refusal": "维持不予担保",
    "attach": "提交材料", "erase": "按保存期限删除材料",
    "sign": "签批", "check": "自动核验", "confirm_payee": "核对收款账户",
    "take_charge": "认领承办", "hand_on": "转交承办", "put_back": "退回待认领",
    "doubt": "台账上还有在贷贷款", "settle_doubt": "核实台账上的贷款",
    "escalate": "逾期自动上报", "take_lost_payment": "银行付过的一笔归入本季度贴息",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: the act, where it starts and ends, whose permission it needs, its name on a button and in the timeline.

    `or_permission` is another one that does as well, where there is one.
    """

    act: str
    sources: tuple[str, ...]
    target: str
    permission: str
    button: str
    needs_note: bool = False
    or_permission: str = ""


TRANSITIONS: tuple[Transition, ...] = (
    Transition("guarantee", ("applied",), "guaranteed", "ventures.guarantee", "同意担保"),
    Transition(
        "request_correction",
        ("applied",),
        "correction_requested",
        "ventures.record",
        "退回补正",
        or_permission="ventures.guarantee",
    ),
    Transition("correct", ("correction_requested",), "applied", "ventures.record", "补正完成"),
    Transition("refuse", APPLYING, "refused", "ventures.guarantee", "不予担保", needs_note=True),
    # Taken with the answer to a request for review, never by itself.
    Transition("overturn", ("refused",), "applied", "ventures.guarantee", "撤销不予担保", needs_note=True),
    Transition(
        "withdraw", (*APPLYING, "guaranteed"), "withdrawn", "ventures.record", "撤回", needs_note=True
    ),
    Transition(
        "bank_decline", ("guaranteed",), "bank_declined", "ventures.record", "银行未批准", needs_note=True
    ),
    Transition("disburse", ("guaranteed",), "disbursed", "ventures.record", "登记放款"),
    # An instalment that is to be due later: the guarantee runs on until then. One application at a time; the loan stays where it is.
    Transition("ask_extension", ("disbursed",), "disbursed", "ventures.record", "申请展期"),
    Transition("grant_extension", ("disbursed",), "disbursed", "ventures.guarantee", "同意展期"),
    Transition(
        "refuse_extension", ("disbursed",), "disbursed", "ventures.guarantee", "不同意展期", needs_note=True
    ),
    Transition(
        "drop_extension", ("disbursed",), "disbursed", "ventures.record", "撤回展期申请", needs_note=True
    ),
    Transition("repay_all", ("disbursed",), "repaid", "ventures.record", "登记还款"),
    Transition(
        "compensate", ("disbursed",), "compensated", "ventures.guarantee", "批准代偿", needs_note=True
    ),
    # More than was compensated at first is owed to the bank, because a repayment was taken back or a part only had been granted.
    Transition(
        "compensate_more",
        AFTER_COMPENSATION,
        "compensated",
        "ventures.guarantee",
        "追加代偿",
        needs_note=True,
    ),
    # A repayment that was entered wrongly is taken back by another officer: it is owed to the bank again.
    Transition(
        "undo_repayment",
        ("repaid",),
        "disbursed",
        "ventures.record",
        "撤销还款登记",
        needs_note=True,
        or_permission="ventures.guarantee",
    ),
    Transition(
        "undo_compensation", ("compensated",), "disbursed", "ventures.guarantee", "撤销代偿", needs_note=True
    ),
    Transition("recover_all", ("compensated",), "recovered", "ventures.record", "追偿完毕"),
    # The decision was the claim-back's (核销 in funds, by another person than who opened it); the loan follows.
    # A loan of the old system that was entered wrongly: nothing was paid on it in this book.
    Transition(
        "undo_takeover", ("disbursed",), "taken_back", "ventures.guarantee", "撤销接手", needs_note=True
    ),
    # A receipt of the claim was taken back: something is owed to the fund again.
    Transition("reopen_claim", ("recovered", "written_off"), "compensated", "funds.recover", "恢复追偿"),
    Transition("write_off", ("compensated",), "written_off", "ventures.record", "核销代偿款"),
)
ACT_NAMES = {row.act: row.button for row in TRANSITIONS} | OTHER_ACTS


class LoanRefusal(ValueError):
    """An act on a loan that was not done: what is wrong, why, and what to do, in the user's language."""


class WrongLoanStateError(LoanRefusal):
    """The act does not start in the state that the loan is in."""

    def __init__(self, act: str, state: str) -> None:
        row = transition(act)
        super().__init__(
            gettext("这笔贷款现在是“%(state)s”，不能“%(act)s”；须在“%(starts)s”时办理。")
            % {
                "state": gettext(STATE_LABELS[state]),
                "act": gettext(row.button),
                "starts": "、".join(gettext(STATE_LABELS[source]) for source in row.sources),
            }
        )


class NoteMissingError(LoanRefusal):
    """The act tells somebody something, so that it needs words."""

    def __init__(self, act: str) -> None:
        super().__init__(
            gettext("“%(act)s”要写明理由；请填写后再办。") % {"act": gettext(transition(act).button)}
        )


def transition(act: str) -> Transition:
    """The row of that act. Raises KeyError."""
    for row in TRANSITIONS:
        if row.act == act:
            return row
    raise KeyError(f"{act!r} is no act of a loan; the table in {__name__} lists them")


def advance(state: str, act: str, *, note: str = "") -> str:
    """The state that the act leads to. Raises WrongLoanStateError, NoteMissingError, TooLongError."""
    row = transition(act)
    if state not in row.sources:
        raise WrongLoanStateError(act, state)
    if row.needs_note and not note.strip():
        raise NoteMissingError(act)
    within(note, LONG, "理由", "note")
    return row.target


def pairs() -> list[tuple[str, str]]:
    """Every (from, to) of the table, sorted."""
    found = {(source, row.target) for row in TRANSITIONS for source in row.sources}
    return sorted((source, target) for source, target in found if source != target)
