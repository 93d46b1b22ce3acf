"""From the application to the last instalment. The bank lends and is repaid; the office guarantees and records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.funds.models import Budget, LedgerAccount
from jiuye.office.funds.operations import GENERAL_LINE
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.answering import put_right
from jiuye.office.ventures.models import Loan, LoanInstalment, LoanRepayment
from jiuye.office.ventures.operations.borrowers import require_borrower_there
from jiuye.office.ventures.operations.doubting import RunningLoanDoubtError, note_doubts
from jiuye.office.ventures.operations.drafting import forget_draft
from jiuye.office.ventures.operations.proving import require_proved
from jiuye.office.ventures.operations.signing import sign
from jiuye.office.ventures.operations.steps import (
    LoanNotFoundError,
    locked,
    move,
    one_act,
    promised,
    record,
)
from jiuye.office.ventures.operations.takeover_terms import CountedBeforeError
from jiuye.office.ventures.queries import topped_up_fen
from jiuye.office.ventures.rules import eligibility, founder_of, loan_terms
from jiuye.office.ventures.states import (
    AFTER_COMPENSATION,
    APPLYING,
    BORROWERS,
    COMMITTED,
    OPEN_FOR_A_FOUNDER,
    LoanRefusal,
    advance,
)


class NotEligibleError(LoanRefusal):
    """The policy does not say yes: the sentence is the policy's own."""

    def __init__(self, verdict: str, reason: str) -> None:
        self.verdict = verdict
        super().__init__(gettext("不能受理：%(reason)s") % {"reason": reason})


class NoFounderError(LoanRefusal):
    """A personal loan goes to whoever runs the business, and nobody is on record."""

    def __init__(self, name: str) -> None:
        super().__init__(
            gettext("“%(name)s”没有登记经营者，不能申请个人贷款；请先登记经营者。") % {"name": name}
        )


class LoanOpenError(LoanRefusal):
    """One loan of a kind at a time, of a business and of a founder."""

    def __init__(self, loan: Loan) -> None:
        words = (
            gettext("这位创业者已有一笔在办、在还或代偿后还没有还清的贷款 %(number)s；请先办完那一笔。")
            if loan.person_id is not None
            else gettext("这个单位已有一笔在办或在还的贷款 %(number)s；请先办完那一笔。")
        )
        super().__init__(words % {"number": loan.number})


class GuaranteeExhaustedError(LoanRefusal):
    """The guarantee fund does not carry more."""

    def __init__(self, fund_fen: int, multiple: int, committed_fen: int, asked_fen: int) -> None:
        left = fund_fen * multiple - committed_fen
        super().__init__(
            gettext(
                "担保基金可用 %(fund)s 元，按 %(multiple)d 倍最多担保 %(most)s 元，已担保 %(committed)s 元，"
                "还能担保 %(left)s 元，不够 %(asked)s 元；请先充实基金，或由市就业办修改放大倍数。"
            )
            % {
                "fund": yuan_text(fund_fen),
                "multiple": multiple,
                "most": yuan_text(fund_fen * multiple),
                "committed": yuan_text(committed_fen),
                "left": yuan_text(max(0, left)),
                "asked": yuan_text(asked_fen),
            }
        )


class AmountOutOfRangeError(LoanRefusal):
    """An amount that is above what it may be, or not above zero."""

    def __init__(self, what: str, asked_fen: int, most_fen: int) -> None:
        super().__init__(
            gettext("%(what)s是 %(asked)s 元，须大于零且不超过 %(most)s 元；请核对。")
            % {"what": what, "asked": yuan_text(asked_fen), "most": yuan_text(most_fen)}
        )


class SamePersonError(LoanRefusal):
    """Who took the application does not grant the guarantee."""

    def __init__(self) -> None:
        super().__init__(gettext("担保审批人不能是申请的经办人；请由另一人审批。"))


class PlanError(LoanRefusal):
    """The instalments do not make up the loan."""

    def __init__(self, planned_fen: int, loan_fen: int) -> None:
        super().__init__(
            gettext("还款计划合计 %(planned)s 元，应为 %(loan)s 元，各期在放款以后、日期不重复；请改计划。")
            % {"planned": yuan_text(planned_fen), "loan": yuan_text(loan_fen)}
        )


class RepaymentKnownError(LoanRefusal):
    """A bank reference books one repayment."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            gettext("银行流水号“%(reference)s”已经登记过，内容不同；请核对流水号。")
            % {"reference": reference}
        )


class RepaidTomorrowError(LoanRefusal):
    """Money that has not come yet."""

    def __init__(self) -> None:
        super().__init__(gettext("还款日期不能晚于今天；请核对。"))


class PaidOutTooEarlyError(LoanRefusal):
    """The bank lends on the guarantee, so that it does not pay out before it."""

    field = "paid_out_on"

    def __init__(self, guaranteed_on: date) -> None:
        super().__init__(
            gettext("放款日期不能早于担保日期 %(day)s；请核对。") % {"day": guaranteed_on.isoformat()}
        )


class CompensatedWholeError(LoanRefusal):
    """The fund compensates all of it: what the borrower pays now is owed to the fund, or the compensation is taken back."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "这笔贷款的余额已全部批准代偿；代偿款还没有付给银行的，请先由担保审批人“撤销代偿”，再登记还款；已付的，借款人还给基金，在“追回”里登记。"
            )
        )


class RepaidBeforePayoutError(LoanRefusal):
    """Nothing comes back before it went out."""

    field = "paid_on"

    def __init__(self, disbursed_on: date) -> None:
        super().__init__(
            gettext("还款日期不能早于放款日期 %(day)s；请核对。") % {"day": disbursed_on.isoformat()}
        )


def apply_for(
    *,
    actor: Actor,
    kind: str,
    employer_id: int,
    wanted_fen: int,
    on: date,
    at: datetime,
    draft_id: int | None = None,
) -> Loan:
    """Take an application, at the counter, from the founder or from the firm itself: the policy decides, with the amount as asked, and its
    explanation is kept as the receipt. `draft_id` is the draft at the counter that it was filled in from; it goes.

    Raises NotPermittedError, LoanNotFoundError, HolderActsError, NoFounderError, BorrowerGoneError, NotEligibleError (no, or cannot
    tell), LoanOpenError.
    """
    with one_act("apply"):
        # The founder first, as casework holds people: two applications for two businesses of one founder then follow each other.
        person_id = founder_of(employer_id, on) if kind == "personal" else None
        with unscoped("a founder applies for a business that may lie in another county"):
            if person_id is not None:
                Person.objects.select_for_update(no_key=True).get(pk=person_id)
            employer = (
                Employer.objects.select_for_update(no_key=True).filter(pk=employer_id).order_by("pk").first()
            )
        if employer is None:
            raise LoanNotFoundError
        own = actor.kind == BORROWERS[kind] and actor.subject_key == str(person_id or employer_id)
        if not (own and actor.may("own.confirm")):
            require(actor, "ventures.record", employer.division_id)
            require_no_relative(person_id, actor)
        if kind == "personal" and person_id is None:
            raise NoFounderError(employer.name)
        require_borrower_there(person_id=person_id, employer_id=employer_id, on=on)
        of_business = Q(employer=employer, kind=kind, state__in=(*APPLYING, *COMMITTED))
        of_founder = Q(person_id=person_id, kind="personal", state__in=OPEN_FOR_A_FOUNDER)
        with unscoped("a founder's other business may lie in another county"):
            earlier = Loan.objects.filter(of_business | of_founder if person_id is not None else of_business)
            open_one = earlier.order_by("pk").first()
        if open_one is not None:
            raise LoanOpenError(open_one)
        told = eligibility(
            kind=kind, employer_id=employer_id, wanted_fen=wanted_fen, on=on, person_id=person_id
        )
        if told.verdict != "yes":
            raise NotEligibleError(told.verdict, told.reason)
        loan = Loan.objects.create(
            kind=kind,
            employer=employer,
            person_id=person_id,
            division_code=employer.division_id,
            wanted_fen=wanted_fen,
            receipt=told.as_dict(),
            applied_on=on,
            applied_by_id=actor.account_id,
            promised_on=promised(kind, on),
        )
        record(loan, "apply", "", actor=actor, on=on, at=at, details={"wanted_fen": wanted_fen})
        note_doubts(loan, actor=actor, on=on, at=at)
        forget_draft(actor=actor, employer=employer, draft_id=draft_id)
    return loan


def guarantee(*, actor: Actor, loan_id: int, amount_fen: int, on: date, at: datetime) -> Loan:
    """Sign the guarantee, by others than who took the application; the last signature of the amount's band commits the fund.

    Raises NotPermittedError, SamePersonError, HolderActsError, WrongLoanStateError, AmountOutOfRangeError, BorrowerGoneError,
    EvidenceMissingError, RunningLoanDoubtError, GuaranteeExhaustedError, AlreadySignedError.
    """
    with one_act("guarantee"):
        loan = locked(loan_id)
        require(actor, "ventures.guarantee", loan.division_code)
        # Who took the application, or answered for its borrower what was to be put right.
        if (
            loan.applied_by_id == actor.account_id
            or put_right(loan=loan.pk, account=actor.account_id).exists()
        ):
            raise SamePersonError
        require_no_relative(loan.person_id, actor)
        advance(loan.state, "guarantee")
        if not 0 < amount_fen <= loan.wanted_fen:
            raise AmountOutOfRangeError(gettext("担保金额"), amount_fen, loan.wanted_fen)
        require_borrower_there(person_id=loan.person_id, employer_id=loan.employer_id, on=on)
        require_proved(loan, on=on, at=at)
        doubts = note_doubts(loan, actor=actor, on=on, at=at)
        if not doubts:
            _sign_guarantee(loan, amount_fen, actor=actor, on=on, at=at)
    if doubts:  # what the register says stays on record: the transaction above has ended
        raise RunningLoanDoubtError(doubts)
    return loan


def _sign_guarantee(loan: Loan, amount_fen: int, *, actor: Actor, on: date, at: datetime) -> None:
    """Sign; the last signature commits the fund."""
    terms = loan_terms()
    key = f"loan-guarantee:{loan.pk}"
    fund_fen = standing_capital(terms.guarantee_fund, on.year)
    committed = committed_fen()
    if committed + amount_fen > fund_fen * terms.guarantee_multiple:
        raise GuaranteeExhaustedError(fund_fen, terms.guarantee_multiple, committed, amount_fen)
    if not sign(
        loan,
        "guarantee",
        subject=key,
        amount_fen=amount_fen,
        # Who signed before something was put right has signed another application.
        terms="corrected" if loan.corrected_before else "",
        actor=actor,
        on=on,
        at=at,
    ):
        return
    move(
        loan,
        "guarantee",
        actor=actor,
        on=on,
        at=at,
        details={"amount_fen": amount_fen, "fund": terms.guarantee_fund},
        guaranteed_fen=amount_fen,
        guaranteed_on=on,
        guaranteed_by_id=actor.account_id,
    )


def disburse(
    *,
    actor: Actor,
    loan_id: int,
    bank: str,
    bank_account: str,
    contract: str,
    amount_fen: int,
    rate: Decimal,
    plan: Sequence[tuple[date, int]],
    on: date,
    at: datetime,
) -> Loan:
    """Record that the bank has paid the loan out on `on`, with its contract and the plan of repayment (day, principal).

    Raises NotPermittedError, WrongLoanStateError, PaidOutTooEarlyError, AmountOutOfRangeError, PlanError.
    """
    with one_act("disburse"):
        loan = locked(loan_id)
        require(actor, "ventures.record", loan.division_code)
        advance(loan.state, "disburse")
        assert loan.guaranteed_fen is not None
        assert loan.guaranteed_on is not None
        if on < loan.guaranteed_on:
            raise PaidOutTooEarlyError(loan.guaranteed_on)
        if not 0 < amount_fen <= loan.guaranteed_fen:
            raise AmountOutOfRangeError(gettext("放款金额"), amount_fen, loan.guaranteed_fen)
        planned, days = sum(fen for _, fen in plan), [day for day, _ in plan]
        if (
            planned != amount_fen
            or len(set(days)) != len(days)
            or any(day <= on for day in days)
            or any(fen <= 0 for _, fen in plan)
        ):
            raise PlanError(planned, amount_fen)
        LoanInstalment.objects.bulk_create(
            LoanInstalment(loan=loan, due_on=day, principal_fen=fen) for day, fen in sorted(plan)
        )
        move(
            loan,
            "disburse",
            actor=actor,
            on=on,
            at=at,
            details={"bank": bank, "contract": contract, "amount_fen": amount_fen, "rate": str(rate)},
            bank=bank.strip(),
            bank_account=bank_account.strip(),
            contract=contract.strip(),
            disbursed_fen=amount_fen,
            disbursed_on=on,
            rate=rate,
        )
    return loan


def repay(
    *,
    actor: Actor,
    loan_id: int,
    principal_fen: int,
    bank_reference: str,
    paid_on: date,
    on: date,
    at: datetime,
) -> LoanRepayment:
    """Record principal that the bank says came back; the last of it ends the loan. A reference counts once. After a
    compensation of a part the borrower goes on paying the rest; the loan then ends with what the fund claims back.

    Raises NotPermittedError, RepaymentKnownError, WrongLoanStateError, CompensatedWholeError, RepaidTomorrowError,
    RepaidBeforePayoutError, CountedBeforeError, AmountOutOfRangeError.
    """
    with one_act("repay"):
        loan = locked(loan_id)
        require(actor, "ventures.record", loan.division_code)
        reference = bank_reference.strip()
        known = LoanRepayment.objects.filter(bank_reference=reference).order_by("pk").first()
        if known is not None:
            if (known.loan_id, known.principal_fen, known.paid_on) == (loan.pk, principal_fen, paid_on):
                return known
            raise RepaymentKnownError(reference)
        if loan.state not in AFTER_COMPENSATION:
            advance(loan.state, "repay_all")
        left = outstanding_fen(loan)
        if loan.state == "compensated" and left == 0:
            raise CompensatedWholeError
        if paid_on > on:
            raise RepaidTomorrowError
        assert loan.disbursed_on is not None
        if paid_on < loan.disbursed_on:
            raise RepaidBeforePayoutError(loan.disbursed_on)
        if paid_on < loan.carried_from:
            raise CountedBeforeError(loan.carried_from)
        if not 0 < principal_fen <= left or not reference:
            raise AmountOutOfRangeError(gettext("归还本金"), principal_fen, left)
        repayment = LoanRepayment.objects.create(
            loan=loan,
            principal_fen=principal_fen,
            paid_on=paid_on,
            bank_reference=reference,
            recorded_by_id=actor.account_id,
        )
        details = {"principal_fen": principal_fen, "reference": reference}
        if principal_fen == left and loan.state == "disbursed":
            move(loan, "repay_all", actor=actor, on=on, at=at, details=details)
        else:
            record(loan, "repay", loan.state, actor=actor, on=on, at=at, details=details)
    return repayment


def outstanding_fen(loan: Loan) -> int:
    """What the bank is still owed by the borrower: all that was paid out less all that came back, and less what the fund compensates."""
    repaid = loan.repayments.aggregate(total=Sum("principal_fen"))["total"] or 0
    return (loan.disbursed_fen or 0) - repaid - (loan.compensated_fen or 0) - topped_up_fen(loan)


def committed_fen() -> int:
    """What the guarantee fund answers for: guarantees that wait for the bank, and what is outstanding of paid-out loans."""
    with unscoped("the fund answers for the whole city's loans"):
        waiting = Loan.objects.filter(state="guaranteed").aggregate(total=Sum("guaranteed_fen"))["total"] or 0
        lent = Loan.objects.filter(state="disbursed").aggregate(total=Sum("disbursed_fen"))["total"] or 0
        repaid = (
            LoanRepayment.objects.filter(loan__state="disbursed").aggregate(total=Sum("principal_fen"))[
                "total"
            ]
            or 0
        )
    return waiting + lent - repaid


def standing_capital(fund: str, year: int) -> int:
    """What stands in a guarantee or compensation fund in that year, its accounts locked: two guarantees at once never count the same
    yuan twice.

    The rule: what was put into the fund stands there until it is paid out or taken back; it does not lapse on 31 December as the
    budget of a subsidy does, since the guarantees that it carries run for years. So the years up to this one are added. No document
    on file says so of Yangzhou's funds (funds.yaml: 基金的规模没有查到文件); a document that says otherwise changes this function.
    """
    accounts = Budget.objects.filter(fund__code=fund, year__lte=year).values("account_id")
    rows = LedgerAccount.objects.select_for_update().filter(pk__in=accounts).order_by("pk")
    return sum(row.available_fen for row in rows)


def year_that_holds(fund: str, amount_fen: int, *, year: int) -> int:
    """The oldest year up to `year` whose money still holds the amount; `year` itself where none does, whose refusal then says what is
    missing. One claim draws on one year's account: capital that lies in several years in parts too small is not joined by itself."""
    budgets = Budget.objects.filter(fund__code=fund, year__lte=year, line=GENERAL_LINE).order_by("year")
    for budget in budgets.select_related("account"):
        if budget.account.available_fen >= amount_fen:
            return budget.year
    return year
