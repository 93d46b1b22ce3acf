"""What is entered of a running loan that is taken over, and what has to hold of it: each refusal names its field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.registered import Registered, paid_before
from jiuye.office.ventures.states import LoanRefusal
from jiuye.office.ventures.takeovers import TAKEOVER_STATES


class NotOnRegisterError(LoanRefusal):
    """Only what the register lists as running is taken over."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "创业担保贷款台账上现在没有这个单位的这笔在贷贷款；台账有误的，请经办机构先更正台账，再接手。"
            )
        )


class InBookError(LoanRefusal):
    """The book has it."""

    def __init__(self, loan: Loan) -> None:
        super().__init__(gettext("这笔贷款已在本系统里（%(number)s），不用接手。") % {"number": loan.number})


class TakeoverProposedError(LoanRefusal):
    """One proposal at a time."""

    def __init__(self) -> None:
        super().__init__(gettext("这笔贷款已经提出接手，等另一位审批人员确认；要更改的，请先不予接手。"))


class TakeoverAmountError(LoanRefusal):
    """The sums do not make up a loan that is being paid back."""

    def __init__(self, field: str, sentence: str) -> None:
        self.field = field
        super().__init__(sentence)


class DifferenceUnexplainedError(LoanRefusal):
    """What is entered is not what the register says: whoever enters it says why."""

    field = "differs_because"

    def __init__(self, what: Sequence[str]) -> None:
        super().__init__(
            gettext("与台账不同：%(what)s。请核对；台账不准的，请在“与台账不同的原因”里写明。")
            % {"what": "；".join(what)}
        )


class ProposerError(LoanRefusal):
    """Who entered it does not confirm it (不相容岗位分离)."""

    def __init__(self) -> None:
        super().__init__(gettext("这笔接手是您提出的，不能由您本人确认；请由另一位审批人员确认。"))


class WrongTakeoverStateError(LoanRefusal):
    """It was decided already."""

    def __init__(self, state: str) -> None:
        super().__init__(
            gettext("这笔接手现在是“%(state)s”，不能再办；请看最新状态。")
            % {"state": gettext(TAKEOVER_STATES[state])}
        )


class UsedLoanError(LoanRefusal):
    """Something was done on the loan since: it is not undone as if it had never been."""

    def __init__(self, what: str) -> None:
        super().__init__(gettext("接手以后已经%(what)s，不能撤销接手。") % {"what": what})


class ReasonMissingError(LoanRefusal):
    """Not taking over is said with its reason."""

    field = "note"

    def __init__(self) -> None:
        super().__init__(gettext("不予接手要写明理由；请填写后再办。"))


class CountedBeforeError(LoanRefusal):
    """What came back before a loan was taken over is in its opening balance."""

    field = "paid_on"

    def __init__(self, carried_from: date) -> None:
        super().__init__(
            gettext("这笔贷款自 %(day)s 起接手，以前的还款已从余额里减去；只登记这一天及以后的还款。")
            % {"day": carried_from.isoformat()}
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """What an officer enters of a running loan. Money is fen; `plan` is (day, principal) of what is still to be paid back.

    `taken_from` is the first day whose interest this book reckons: the balance is that day's, and the interest subsidised before it is
    `subsidised_fen`.
    """

    bank: str
    bank_account: str
    contract: str
    principal_fen: int
    disbursed_on: date
    rate: Decimal
    taken_from: date
    balance_fen: int
    subsidised_fen: int
    loans_drawn: int | None
    plan: Sequence[tuple[date, int]]
    document: str
    differs_because: str = ""


def check(terms: Terms, said: Registered, employer_id: int, on: date) -> None:
    """Return where the sums make up a loan, and what differs from the register is explained."""
    if not (terms.bank.strip() and terms.contract.strip() and terms.document.strip()):
        raise TakeoverAmountError("document", gettext("请写明经办银行、借款合同号和依据文件。"))
    if terms.rate <= 0:
        raise TakeoverAmountError("rate_percent", gettext("年利率必须大于零。"))
    if not 0 < terms.balance_fen <= terms.principal_fen:
        sentence = gettext("起算日的余额是 %(balance)s 元，须大于零且不超过放款金额 %(principal)s 元。")
        sums = {"balance": yuan_text(terms.balance_fen), "principal": yuan_text(terms.principal_fen)}
        raise TakeoverAmountError("balance", sentence % sums)
    if not terms.disbursed_on <= terms.taken_from <= on:
        raise TakeoverAmountError("taken_from", gettext("起算日不能早于放款日期，也不能晚于今天；请核对。"))
    if terms.subsidised_fen < 0:
        raise TakeoverAmountError("subsidised", gettext("已付的贴息不能为负。"))
    if terms.taken_from == terms.disbursed_on and (
        terms.balance_fen != terms.principal_fen or terms.subsidised_fen
    ):
        sentence = gettext(
            "起算日就是放款日期的，余额应等于放款金额，已付贴息应为 0；起算日以后的还款接手以后逐笔登记。"
        )
        raise TakeoverAmountError("taken_from", sentence)
    if said.kind == "personal" and (terms.loans_drawn is None or terms.loans_drawn < 1):
        raise TakeoverAmountError("loans_drawn", gettext("请写明已获个人贷款次数，含本次，至少 1 次。"))
    _check_plan(terms)
    check_paid_before(employer_id, said.kind, terms.disbursed_on, terms.taken_from, terms.subsidised_fen)
    differing = _differences(terms, said)
    if differing and not terms.differs_because.strip():
        raise DifferenceUnexplainedError(differing)


def _check_plan(terms: Terms) -> None:
    planned, days = sum(fen for _, fen in terms.plan), [day for day, _ in terms.plan]
    sound = len(set(days)) == len(days) and all(fen > 0 for _, fen in terms.plan)
    if planned != terms.balance_fen or not sound or any(day <= terms.disbursed_on for day in days):
        sentence = gettext(
            "余额的还款计划合计 %(planned)s 元，应为 %(balance)s 元，各期在放款以后、日期不重复；请改计划。"
        )
        sums = {"planned": yuan_text(planned), "balance": yuan_text(terms.balance_fen)}
        raise TakeoverAmountError("first_due", sentence % sums)


def check_paid_before(
    employer_id: int, kind: str, disbursed_on: date, taken_from: date, subsidised_fen: int
) -> None:
    """Return where what is entered as paid before covers what the imported history has. Raises TakeoverAmountError."""
    before = paid_before(employer_id=employer_id, kind=kind, disbursed_on=disbursed_on)
    if before.until is None:
        return
    history = {"amount": yuan_text(before.amount_fen), "until": before.until.isoformat()}
    if taken_from < before.until:
        sentence = gettext(
            "导入的待遇记录里，这笔贷款的贴息已付到 %(until)s（不含），共 %(amount)s 元；起算日不能更早。"
        )
        raise TakeoverAmountError("taken_from", sentence % history)
    short = subsidised_fen < before.amount_fen
    if short or (taken_from == before.until and subsidised_fen != before.amount_fen):
        sentence = gettext(
            "导入的待遇记录里，到 %(until)s（不含）已付贴息 %(amount)s 元，与填写的不一致；请核对。"
        )
        raise TakeoverAmountError("subsidised", sentence % history)


def _differences(terms: Terms, said: Registered) -> list[str]:
    """Where what is entered is not what the register says, with both values."""
    found = []
    both = gettext("%(what)s台账是 %(said)s，填写的是 %(entered)s")
    pairs: tuple[tuple[str, Any, Any], ...] = (
        (gettext("放款日期"), said.issued_on, terms.disbursed_on),
        (gettext("余额"), said.balance_fen, terms.balance_fen),
        (gettext("年利率"), said.rate, terms.rate),
    )
    for what, register, entered in pairs:
        if register is not None and register != entered:
            found.append(both % {"what": what, "said": _shown(register), "entered": _shown(entered)})
    return found


def _shown(value: Any) -> str:
    """A day, a sum of fen, or a rate, in words."""
    if isinstance(value, Decimal):
        return percent_text(value)
    return yuan_text(value) if isinstance(value, int) else str(value)


def percent_text(rate: Decimal) -> str:
    """0.0395 as `3.95%`."""
    return f"{(rate * 100).normalize():f}%"
