"""Why a quarter's interest is not reckoned, approved or paid."""

from __future__ import annotations

from datetime import date, timedelta

from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.ventures.operations.ending import NothingLeftError
from jiuye.office.ventures.states import LoanRefusal


class QuarterNotOverError(LoanRefusal):
    """Interest is reckoned when the quarter is over."""

    def __init__(self, until: date) -> None:
        super().__init__(
            gettext("这个季度到 %(last)s 才结束；结束以后再核算。")
            % {"last": (until - timedelta(days=1)).isoformat()}
        )


class NothingToSubsidiseError(LoanRefusal):
    """No day of the quarter is subsidised."""

    def __init__(self, late_days: int, extended_days: int) -> None:
        super().__init__(
            gettext(
                "这个季度没有可贴息的天数（逾期 %(late)d 天，展期 %(extended)d 天）；逾期和展期期间不贴息。"
            )
            % {"late": late_days, "extended": extended_days}
        )


class BeforeTakeoverError(LoanRefusal):
    """What lies before the day from which a loan was taken over is the old system's."""

    def __init__(self, carried_from: date) -> None:
        super().__init__(
            gettext("这笔贷款自 %(day)s 起由本系统核算；以前的贴息由原系统核发，已计入已享待遇。")
            % {"day": carried_from.isoformat()}
        )


class NotSubsidisedError(LoanRefusal):
    """The policy does not say yes."""

    def __init__(self, reason: str, *, final: bool = False) -> None:
        self.final = final  # the policy says no; where it cannot tell, more may be learned
        super().__init__(gettext("不能贴息：%(reason)s") % {"reason": reason})


class OtherFormulaError(LoanRefusal):
    """The version of the policy in force reckons otherwise than balance × rate × share."""

    def __init__(self, day: date) -> None:
        super().__init__(
            gettext("%(day)s 适用的版本不是“余额×利率×比例”，不能按日核算；请由政策专员核定。")
            % {"day": day.isoformat()}
        )


class SameOfficerError(LoanRefusal):
    """Who reckoned does not approve."""

    def __init__(self) -> None:
        super().__init__(gettext("批准人不能是核算人；请由另一人批准。"))


class StaleInterestError(LoanRefusal):
    """Since it was reckoned more was learned: a repayment, a fact, a rule."""

    def __init__(self, was_fen: int, is_fen: int, paid_fen: int) -> None:
        self.is_fen, self.paid_fen = is_fen, paid_fen
        super().__init__(
            gettext("核算的贴息是 %(was)s 元，按现在的登记应为 %(is)s 元；请重新核算这个季度。")
            % {"was": yuan_text(was_fen), "is": yuan_text(is_fen)}
        )


class SupersededError(LoanRefusal):
    """Another version took its place."""

    def __init__(self) -> None:
        super().__init__(gettext("这一版贴息已经作废；请看这个季度最新的一版。"))


class ApprovalStandsError(LoanRefusal):
    """What is approved is taken back by an approver before it is reckoned anew."""

    def __init__(self) -> None:
        super().__init__(gettext("这个季度的贴息已批准，还没有支付；请先由审批人员撤销批准，再重新核算。"))


class UndoReasonError(LoanRefusal):
    """An approval is taken back for a reason that can be read afterwards."""

    field = "note"

    def __init__(self) -> None:
        super().__init__(gettext("撤销贴息的批准要写明理由；请填写后再办。"))


class InterestPaidError(LoanRefusal):
    """What was paid is not taken back by an approver."""

    def __init__(self) -> None:
        super().__init__(
            gettext("这笔贴息没有批准，或者已经支付，不能撤销批准；已支付的，重新核算后补差或追回。")
        )


class OverpaidInterestError(LoanRefusal):
    """More was paid than is owed: the difference comes back as every claim-back does."""

    def __init__(self, over_fen: int, claim_key: str) -> None:
        super().__init__(
            gettext("这个季度多付了贴息 %(over)s 元；请由资金人员在“追回”里按“%(claim)s”追回。")
            % {"over": yuan_text(over_fen), "claim": claim_key}
        )


def nothing_left(error: LoanRefusal) -> LoanRefusal | None:
    """Why a quarter that raised that error comes to nothing; None where it comes to another amount, or cannot be told."""
    if isinstance(error, StaleInterestError):
        return NothingLeftError(error.paid_fen) if error.is_fen <= 0 else None
    final = isinstance(error, NothingToSubsidiseError) or (
        isinstance(error, NotSubsidisedError) and error.final
    )
    return error if final else None
