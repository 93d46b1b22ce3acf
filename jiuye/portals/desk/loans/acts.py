"""The acts on a loan at the desk: each with its form, by whose permission, and the domain call that it makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.dates import add_months
from jiuye.office.casework.shown_met import met_clauses
from jiuye.office.funds.operations import equal_instalments
from jiuye.office.funds.queries import funds as every_fund
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures import operations, queries
from jiuye.office.ventures.corrections import points_of
from jiuye.office.ventures.extensions import EXTENDING
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.plans import left_of
from jiuye.office.ventures.rules import loan_terms
from jiuye.office.ventures.states import AFTER_COMPENSATION, APPLYING, LoanRefusal, transition
from jiuye.office.ventures.viewing import LoanView
from jiuye.portals.common.loans import AnswerForm, answers_of
from jiuye.portals.common.templatetags.jiuye import content
from jiuye.portals.desk.loans import forms as loan_forms
from jiuye.portals.desk.loans.extensions import instalment_words
from jiuye.portals.desk.loans.presenting import repayment_words
from jiuye.portals.desk.payments.recoveries import monthly

Take = Callable[[Actor, int, dict[str, Any], date, datetime], Any]


@dataclass(frozen=True, slots=True)
class Act:
    """One act with its form: from which states, by whose permission, and the domain call that it makes."""

    name: str
    label: Any
    states: tuple[str, ...]
    permission: str
    form: type[forms.Form]
    take: Take
    or_permission: str = ""

    def may(self, me: Actor, loan: Loan) -> bool:
        """Whether one of the act's permissions is the actor's in the loan's division."""
        return any(me.may(one, loan.division_code) for one in (self.permission, self.or_permission) if one)


def open_acts(view: LoanView, me: Actor) -> list[tuple[str, Any, str, forms.Form]]:
    """What this actor may do with the loan now: (name, label, address, form)."""
    loan, where = view.loan, view.position
    unpaid = queries.unpaid_compensations(loan) if loan.state == "compensated" else []
    last = queries.compensation_keys(loan)[-1]
    return [
        (act.name, act.label, reverse("desk:loan_act", args=[loan.pk, act.name]), form_of(act, loan))
        for act in ACTS
        if loan.state in act.states and act.may(me, loan)
        if (act.name != "settle_doubt" or view.doubts)
        and extends_now(act.name, loan, me)
        and (act.name != "confirm_payee" or queries.returned_payments(loan))
        and (act.name not in ("repay_rest", "compensate_more") or where.outstanding_fen)
        # What the bank has been paid is neither paid again nor taken back.
        and (act.name != "pay_compensation" or unpaid)
        and (act.name != "undo_compensation" or last in unpaid)
        and (act.name != "undo_takeover" or loan.taken_over_from)
        and (act.name != "undo_repayment" or queries.undoable_repayments(loan))
    ]


def extends_now(name: str, loan: Loan, me: Actor) -> bool:
    """Whether that act, where it is one of an extension, is open: one application at a time, decided by another officer."""
    if name not in EXTENDING:
        return True
    asked = [row for row in loan.extensions.all() if row.state == "asked"]
    if name == "ask_extension":
        return not asked
    return any(name == "drop_extension" or row.asked_by_id != me.account_id for row in asked)


def done_words(act: Act, result: Any) -> str:
    """What was done: an act that takes several signatures has only been signed while the loan stays where it was."""
    only_signed = (
        result is None
        if act.name == "compensate_more"
        else act.name in ("guarantee", "compensate") and result.state in act.states
    )
    if only_signed:
        return _("已签批；还需其他审批人员签批，见办理过程。")
    return _("“%(act)s”已办理。") % {"act": act.label}


def form_of(act: Act, loan: Loan, request: HttpRequest | None = None) -> forms.Form:
    """The act's form for that loan, empty or as it was posted."""
    data = request.POST if request is not None else None
    if act.form is loan_forms.RefusalForm:
        met = met_clauses(loan.receipt)
        clauses = [
            (row.id, content(row, "says") + (f" · {_('判定显示满足')}" if row.id in met else ""))
            for row in operations.clauses_for(loan)
        ]
        return loan_forms.RefusalForm(data, clauses=clauses, auto_id=f"{act.name}_%s")
    if act.form is loan_forms.CompensationForm:
        names = {fund.code: content(fund) for fund in every_fund()}
        chosen = [(code, names.get(code, code)) for code in loan_terms().compensation_funds]
        return loan_forms.CompensationForm(data, funds=chosen, auto_id=f"{act.name}_%s")
    if act.form is loan_forms.CorrectionForm:
        points = [(point.key, content(point)) for point in points_of(loan)]
        return loan_forms.CorrectionForm(data, points=points, auto_id=f"{act.name}_%s")
    if act.form is loan_forms.UndoRepaymentForm:
        taken = [(row.pk, repayment_words(row)) for row in queries.undoable_repayments(loan)]
        return loan_forms.UndoRepaymentForm(data, repayments=taken, auto_id=f"{act.name}_%s")
    if act.form is loan_forms.ExtensionForm:
        owed = [(row.pk, instalment_words(loan, row, fen)) for row, fen in left_of(loan) if fen]
        return loan_forms.ExtensionForm(data, instalments=owed, auto_id=f"{act.name}_%s")
    if act.form is AnswerForm:
        return AnswerForm(data, loan=loan, auto_id=f"{act.name}_%s")
    return act.form(data, auto_id=f"{act.name}_%s")


def _guarantee(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.guarantee(actor=me, loan_id=loan, amount_fen=given["amount"], on=on, at=at)


def _refuse(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.refuse(
        actor=me,
        loan_id=loan,
        clause_id=given["clause"],
        note=given["note"],
        against=given["against"],
        on=on,
        at=at,
    )


def _request_correction(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    asked = {name.removeprefix("c-"): words for name, words in given.items()}
    return operations.request_correction(actor=me, loan_id=loan, corrections=asked, on=on, at=at)


def _correct(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.correct(actor=me, loan_id=loan, **answers_of(given), on=on, at=at)


def _noted(operation: Callable[..., Any]) -> Take:
    def take(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
        return operation(actor=me, loan_id=loan, note=given["note"], on=on, at=at)

    return take


def _disburse(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    if given["paid_out_on"] > on:
        raise LoanRefusal(_("放款日期不能晚于今天；请核对。"))
    days = [add_months(given["first_due"], number * given["months"]) for number in range(given["parts"])]
    plan = [(due.on, due.amount_fen) for due in equal_instalments(given["amount"], days)]
    return operations.disburse(
        actor=me,
        loan_id=loan,
        bank=given["bank"],
        bank_account=given["bank_account"],
        contract=given["contract"],
        amount_fen=given["amount"],
        rate=given["rate_percent"].scaleb(-2),
        plan=plan,
        on=given["paid_out_on"],
        at=at,
    )


def _repay(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.repay(
        actor=me,
        loan_id=loan,
        principal_fen=given["amount"],
        bank_reference=given["reference"],
        paid_on=given["paid_on"],
        on=on,
        at=at,
    )


def _undo_repayment(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.undo_repayment(
        actor=me, loan_id=loan, repayment_id=given["repayment"], note=given["note"], on=on, at=at
    )


def _ask_extension(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.ask_extension(
        actor=me,
        loan_id=loan,
        instalment_id=given["instalment"],
        until=given["until"],
        reason=given["reason"],
        consent=given["consent"],
        consented_on=given["consented_on"],
        on=on,
        at=at,
    )


def _grant_extension(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.grant_extension(actor=me, loan_id=loan, on=on, at=at)


def _reckon(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.reckon_interest(actor=me, loan_id=loan, quarter_start=given["day"], on=on, at=at)


def _of_the_fund(operation: Callable[..., Any]) -> Take:
    def take(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
        fund, fen, note = given["fund"], given["amount"], given["note"]
        return operation(actor=me, loan_id=loan, fund=fund, amount_fen=fen, note=note, on=on, at=at)

    return take


def _pay_compensation(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.pay_compensation(actor=me, loan_id=loan, on=on, at=at)


def _recover(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    left_fen = operations.claimable_fen(Loan.objects.get(pk=loan))
    schedule = equal_instalments(left_fen, monthly(given["first_due"], given["months"]))
    return operations.recover_from_borrower(
        actor=me, loan_id=loan, document=given["document"], schedule=schedule, on=on, at=at
    )


def _confirm_payee(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.confirm_payee(
        actor=me, loan_id=loan, note=given["note"], bank_account=given["bank_account"], on=on, at=at
    )


def _close(me: Actor, loan: int, given: dict[str, Any], on: date, at: datetime) -> Any:
    return operations.close_recovered(actor=me, loan_id=loan, on=on, at=at)


def _walked(act: str, form: type[forms.Form], take: Take) -> Act:
    """An act that stands in the loan's own table."""
    row = transition(act)
    return Act(act, gettext_lazy(row.button), row.sources, row.permission, form, take, row.or_permission)


ACTS: tuple[Act, ...] = (
    Act("settle_doubt", gettext_lazy("核实台账上的贷款"), APPLYING, "ventures.record", loan_forms.DoubtForm, _noted(operations.settle_doubt)),
    _walked("guarantee", loan_forms.AmountForm, _guarantee),
    _walked("correct", AnswerForm, _correct),
    _walked("request_correction", loan_forms.CorrectionForm, _request_correction),
    _walked("refuse", loan_forms.RefusalForm, _refuse),
    _walked("disburse", loan_forms.DisbursementForm, _disburse),
    _walked("bank_decline", loan_forms.NoteForm, _noted(operations.bank_decline)),
    _walked("repay_all", loan_forms.RepaymentForm, _repay),
    Act("reckon", gettext_lazy("核算贴息"), ("disbursed", "repaid", *AFTER_COMPENSATION), "ventures.record", loan_forms.QuarterForm, _reckon),
    _walked("grant_extension", forms.Form, _grant_extension),
    _walked("refuse_extension", loan_forms.NoteForm, _noted(operations.refuse_extension)),
    _walked("drop_extension", loan_forms.NoteForm, _noted(operations.drop_extension)),
    _walked("ask_extension", loan_forms.ExtensionForm, _ask_extension),
    _walked("compensate", loan_forms.CompensationForm, _of_the_fund(operations.compensate)),
    _walked("compensate_more", loan_forms.CompensationForm, _of_the_fund(operations.compensate_more)),
    Act("pay_compensation", gettext_lazy("向银行支付代偿款"), ("compensated",), "funds.batch", forms.Form, _pay_compensation),
    Act("recover", gettext_lazy("向借款人追偿"), ("compensated",), "funds.recover", loan_forms.RecoveryForm, _recover),
    _walked("undo_compensation", loan_forms.NoteForm, _noted(operations.undo_last_compensation)),
    Act("repay_rest", gettext_lazy("登记还款"), AFTER_COMPENSATION, "ventures.record", loan_forms.RepaymentForm, _repay),
    Act("undo_repayment", gettext_lazy("撤销还款登记"), ("disbursed", "repaid", *AFTER_COMPENSATION), "ventures.record", loan_forms.UndoRepaymentForm, _undo_repayment, "ventures.guarantee"),
    _walked("recover_all", forms.Form, _close),
    Act("confirm_payee", gettext_lazy("核对收款账户"), ("disbursed", "repaid", *AFTER_COMPENSATION), "ventures.record", loan_forms.PayeeForm, _confirm_payee),
    _walked("undo_takeover", loan_forms.NoteForm, _noted(operations.undo_takeover)),
    _walked("withdraw", loan_forms.NoteForm, _noted(operations.withdraw)),
)  # fmt: skip
