"""A loan at a past moment is what it then was: recorded day by day as it lived, and compared with what is told of each day afterwards."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest

from jiuye.office.casework import operations as casework
from jiuye.office.casework.moments import NotYetThereError
from jiuye.office.funds.models import Recovery, RecoveryReceipt
from jiuye.office.funds.operations import Due, approve_batch, send_batch, settle_batch
from jiuye.office.ventures import operations
from jiuye.office.ventures.extensions import EXTENDING
from jiuye.office.ventures.models import Loan, LoanTopUp
from jiuye.office.ventures.operations import proving
from jiuye.office.ventures.past import as_it_was
from jiuye.office.ventures.queries import one_loan
from jiuye.office.ventures.states import TRANSITIONS
from jiuye.office.ventures.viewing import LoanView, as_it_stands
from tests.office.ventures.conftest import APPLIED, PAID_OUT, at, versions_wrongly_named
from tests.office.ventures.test_papers import pdf
from tests.office.ventures.test_taking_over import DAY as TAKEN_OVER
from tests.office.ventures.test_taking_over import TAKEN, taken_over

Q2 = date(2024, 4, 1)


def seen(view: LoanView) -> dict[str, Any]:
    """Everything that a page tells of a loan."""
    loan, where = view.loan, view.position
    own = (
        "state", "wanted_fen", "receipt", "promised_on", "due_on", "stopped_on", "corrections", "corrected_before", "refused_because",
        "refused_law", "guaranteed_fen", "bank", "bank_account", "contract", "disbursed_fen", "disbursed_on", "rate", "compensated_fen",
        "compensation_fund",
    )  # fmt: skip
    return {
        **{name: getattr(loan, name) for name in own},
        "position": {one.name: getattr(where, one.name) for one in fields(where) if one.name != "loan"},
        "plan": [(row.due_on, row.principal_fen) for row in loan.instalments.all()],
        "repaid": [(row.pk, row.undone_on, row.undone_because) for row in loan.entered] if loan.disbursed_on else [],
        "quarters": [
            (row.pk, row.amount_fen, row.approved_on, row.approved_by_id, row.superseded_on, paid)
            for row, paid in view.subsidies
        ],
        "further": [(row.pk, row.amount_fen, row.undone_on, paid) for row, paid in view.top_ups],
        "papers": {proof.row.id: [one.pk for one in proof.given] for proof in view.proofs},
        "reviews": [(row.pk, row.decided_on, row.decided_by_id, row.overturned, row.words) for row in view.reviews],
        "appeals": view.refusal.appeals if view.refusal is not None else (),
        "timeline": [event.pk for event in view.timeline],
    }  # fmt: skip


class Diary:
    """What a loan's page showed at the end of each day on which something was done."""

    def __init__(self, street) -> None:
        self.street = street
        self.days: dict[date, dict[str, Any]] = {}
        self.done: dict[date, str] = {}

    def write(self, loan: Loan, day: date, what: str) -> None:
        assert day not in self.days, "one act a day: what happens at one moment cannot be told apart"
        self.days[day], self.done[day] = (
            seen(as_it_stands(self.read(loan), actor=self.street.clerk, on=day)),
            what,
        )

    def read(self, loan: Loan) -> Loan:
        found = one_loan(actor=self.street.clerk, loan_id=loan.pk)
        assert found is not None
        return found

    def compare(self, loan: Loan) -> None:
        """Every day as it was written, one after the other."""
        for day, written in self.days.items():
            then = as_it_was(self.read(loan), at(day))
            assert (day, self.done[day], seen(then)) == (day, self.done[day], written)
            assert then.as_of == at(day)
            assert then.refusal is None or not (then.refusal.may_ask_review or then.refusal.may_decide_review)


class Days:
    """Workdays, one after the other."""

    def __init__(self, first: date) -> None:
        self.day = first

    def on(self, day: date | None = None) -> dict[str, Any]:
        """The next day on which something is done, or the one that is named."""
        self.day = day or self.day + timedelta(days=1)
        return {"on": self.day, "at": at(self.day)}


def apply_for_it(street, diary: Diary, days: Days) -> Loan:
    """Refused, looked at again, sent back, put right, and guaranteed by two."""
    loan = street.apply(20_000_000)
    diary.write(loan, APPLIED, "apply, attach")
    operations.refuse(
        actor=street.approver,
        loan_id=loan.pk,
        clause_id="credit",
        note="另有贷款",
        against="征信报告原件",
        **days.on(),
    )
    diary.write(loan, days.day, "refuse")
    asked = operations.ask_review(actor=street.clerk, loan_id=loan.pk, text="已经还清", **days.on())
    diary.write(loan, days.day, "ask_review")
    decided = {"review_id": asked.pk, "actor": street.second}
    operations.decide_review(**decided, overturned=False, words="没有结清证明", **days.on())
    diary.write(loan, days.day, "uphold_refusal")
    asked = operations.ask_review(actor=street.clerk, loan_id=loan.pk, text="证明在此", **days.on())
    diary.write(loan, days.day, "ask_review")
    operations.decide_review(
        actor=street.third, review_id=asked.pk, overturned=True, words="已核对", **days.on()
    )
    diary.write(loan, days.day, "overturn")
    operations.request_correction(
        actor=street.clerk,
        loan_id=loan.pk,
        corrections={"paper:licence": "看不清", "wanted": "太多"},
        **days.on(),
    )
    diary.write(loan, days.day, "request_correction")
    proving.attach(
        actor=street.clerk,
        loan_id=loan.pk,
        evidence_id="licence",
        file_name="执照.pdf",
        content=pdf("x"),
        **days.on(),
    )
    diary.write(loan, days.day, "attach")
    operations.correct(actor=street.clerk, loan_id=loan.pk, answers={}, wanted_fen=18_000_000, **days.on())
    diary.write(loan, days.day, "correct")
    for who, act in ((street.approver, "sign"), (street.second, "guarantee")):
        operations.guarantee(actor=who, loan_id=loan.pk, amount_fen=18_000_000, **days.on())
        diary.write(loan, days.day, act)
    street.pay_out(Loan.objects.get(pk=loan.pk), 18_000_000, plan=[(date(2024, 8, 15), 18_000_000)])
    diary.write(loan, days.on(PAID_OUT)["on"], "disburse")
    return loan


def pay_back_and_subsidise(street, diary: Diary, days: Days, loan: Loan) -> None:
    """A repayment is entered wrongly, taken back and entered anew under its reference; a quarter's interest is paid, and reckoned anew."""
    days.on(date(2024, 5, 5))

    def repay(fen: int, reference: str, paid_on: date | None = None, **given: Any):
        given = given or days.on()
        row = operations.repay(
            actor=street.clerk,
            loan_id=loan.pk,
            principal_fen=fen,
            bank_reference=reference,
            paid_on=paid_on or given["on"],
            **given,
        )
        diary.write(loan, days.day, "repay")
        return row

    def undo(row) -> None:
        operations.undo_repayment(
            actor=street.second, loan_id=loan.pk, repayment_id=row.pk, note="记错了", **days.on()
        )
        diary.write(loan, days.day, "undo_repayment")

    undo(repay(18_000_000, "HK-1"))  # the whole: the loan had ended
    undo(repay(8_000_000, "HK-1"))
    first = repay(1_000_000, "HK-1")

    subsidy = street.reckon(loan, Q2, days.on(date(2024, 7, 2))["on"])
    diary.write(loan, days.day, "reckon_interest")
    street.approve(subsidy, days.on()["on"])
    diary.write(loan, days.day, "approve_interest")
    operations.undo_interest(actor=street.approver, subsidy_id=subsidy.pk, note="再看看", **days.on())
    diary.write(loan, days.day, "undo_interest")
    street.approve(subsidy, days.on()["on"])
    diary.write(loan, days.day, "approve_interest")
    pay(street, diary, days, loan, lambda **given: operations.pay_interest(subsidy_ids=[subsidy.pk], **given))

    undo(first)  # more was outstanding: the quarter comes to more than was paid
    street.reckon(loan, Q2, days.on()["on"])
    diary.write(loan, days.day, "correct_interest")
    repay(500_000, "HK-1", first.paid_on)
    street.reckon(loan, Q2, days.on()["on"])
    diary.write(loan, days.day, "correct_interest")
    repay(500_000, "HK-2", first.paid_on)
    street.reckon(loan, Q2, days.on()["on"])  # what was paid is right after all
    diary.write(loan, days.day, "nothing is owed any more")


def pay(street, diary: Diary, days: Days, loan: Loan, make) -> None:
    """A batch is drafted, approved, sent and answered, a day each."""
    batch = make(actor=street.maker, **days.on())
    diary.write(loan, days.day, "drafted")
    batch = approve_batch(actor=street.checker, batch=batch, **days.on())
    diary.write(loan, days.day, "approved")
    batch = send_batch(actor=street.checker, batch=batch, bank=street.bank, **days.on())
    diary.write(loan, days.day, "sent")
    settle_batch(actor=street.checker, batch=batch, bank=street.bank, **days.on())
    casework.collect_payment_results(on=days.day, at=at(days.day))
    diary.write(loan, days.day, "paid")


def compensate_and_recover(street, diary: Diary, days: Days, loan: Loan) -> None:
    """The fund pays the bank a part, then more, and claims it from the borrower."""
    days.on(date(2024, 11, 19))
    pay_bank = lambda **given: operations.pay_compensation(loan_id=loan.pk, **given)  # noqa: E731
    given = {"loan_id": loan.pk, "fund": "startup-guarantee", "note": "逾期满90天"}

    def signed(act, fen: int) -> None:
        """By as many as it takes."""
        for who in (street.third, street.fourth):
            before = (Loan.objects.get(pk=loan.pk).state, LoanTopUp.every.count())
            act(actor=who, amount_fen=fen, **given, **days.on())
            diary.write(loan, days.day, "sign or grant")
            if (Loan.objects.get(pk=loan.pk).state, LoanTopUp.every.count()) != before:
                return

    def taken_back() -> None:
        operations.undo_last_compensation(actor=street.approver, loan_id=loan.pk, note="记错了", **days.on())
        diary.write(loan, days.day, "undo")

    signed(operations.compensate, 10_000_000)
    taken_back()
    signed(operations.compensate, 9_000_000)
    pay(street, diary, days, loan, pay_bank)
    signed(operations.compensate_more, 3_000_000)
    taken_back()
    signed(operations.compensate_more, 4_000_000)
    signed(operations.compensate_more, 3_000_000)
    taken_back()
    pay(street, diary, days, loan, pay_bank)
    for key_fen in (9_000_000, 4_000_000):
        claim = operations.recover_from_borrower(
            actor=street.maker, loan_id=loan.pk, document="扬担追〔2024〕3号",
            schedule=[Due(date(2025, 6, 15), key_fen)], **days.on(),
        )  # fmt: skip
        for who in (street.third, street.fourth):
            if claim.state == "proposed":
                claim = casework.confirm_claim_back(actor=who, recovery_id=claim.pk, **days.on())
                diary.write(loan, days.day, "confirm_claim_back")
        casework.receive_back(
            actor=street.maker, recovery_id=claim.pk, amount_fen=key_fen, bank_reference=f"TK-{key_fen}", **days.on()
        )  # fmt: skip
        diary.write(loan, days.day, "receive_back")
    operations.close_recovered(actor=street.clerk, loan_id=loan.pk, **days.on())
    diary.write(loan, days.day, "recover_all")
    receipt = RecoveryReceipt.objects.get(recovery=Recovery.objects.order_by("-pk")[0])
    casework.undo_receipt(
        actor=street.checker, recovery_id=receipt.recovery_id, receipt_id=receipt.pk, reason="记错了", **days.on()
    )  # fmt: skip
    diary.write(loan, days.day, "undo_receipt, reopen_claim")
    street.repay(loan, 1_000_000, "HK-3", days.on()["on"])
    diary.write(loan, days.day, "repay")


def test_every_day_of_a_whole_life_is_told_afterwards_as_it_was_and_each_act_names_the_version_that_it_left(
    street, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    diary, days = Diary(street), Days(APPLIED)
    loan = apply_for_it(street, diary, days)
    pay_back_and_subsidise(street, diary, days, loan)
    compensate_and_recover(street, diary, days, loan)
    diary.compare(loan)
    assert versions_wrongly_named() == []
    acts = set(loan.timeline.values_list("act", flat=True))
    # Extensions: test_extensions.py.
    elsewhere = {"withdraw", "bank_decline", "write_off", "undo_takeover"} | set(EXTENDING)
    assert {row.act for row in TRANSITIONS} - acts == elsewhere


def test_a_loan_that_was_taken_over_and_taken_back_again_is_shown_as_it_ran(street):
    loan, diary = taken_over(street), Diary(street)
    diary.write(loan, TAKEN_OVER, "take_over")
    days = Days(date(2025, 1, 5))
    street.reckon(loan, TAKEN, days.on()["on"])
    diary.write(loan, days.day, "reckon_interest")
    operations.undo_takeover(actor=street.approver, loan_id=loan.pk, note="登记错了", **days.on())
    diary.write(loan, days.day, "undo_takeover")
    diary.compare(loan)
    assert [written["state"] for written in diary.days.values()] == ["disbursed", "disbursed", "taken_back"]
    assert diary.days[TAKEN_OVER]["position"]["outstanding_fen"] == 15_000_000


def test_an_application_that_was_withdrawn_or_declined_by_the_bank_waited_before(street):
    diary, days = Diary(street), Days(APPLIED)
    loan = street.apply()
    diary.write(loan, APPLIED, "apply")
    operations.withdraw(actor=street.clerk, loan_id=loan.pk, note="不借了", **days.on())
    diary.write(loan, days.day, "withdraw")
    diary.compare(loan)
    declined = street.guarantee(street.apply(on=days.on()["on"]), on=days.on()["on"])
    operations.bank_decline(actor=street.clerk, loan_id=declined.pk, note="征信不符", **days.on())
    then = as_it_was(diary.read(declined), at(days.day - timedelta(days=1)))
    assert (then.loan.state, then.loan.guaranteed_fen) == ("guaranteed", 20_000_000)


def test_what_happened_later_on_the_same_day_is_not_told_yet(street):
    """Approved at ten, and taken back, superseded and undone in the afternoon."""
    day = date(2024, 7, 2)
    loan = street.lend()
    subsidy = street.approve(street.reckon(loan, Q2, date(2024, 7, 1)), day)
    wrong = street.repay(loan, 1_000_000, "HK-1", day)
    later = {"on": day, "at": at(day) + timedelta(hours=4)}
    operations.undo_repayment(
        actor=street.second, loan_id=loan.pk, repayment_id=wrong.pk, note="记错了", **later
    )
    operations.undo_interest(actor=street.approver, subsidy_id=subsidy.pk, note="再看看", **later)
    operations.repay(
        actor=street.clerk, loan_id=loan.pk, principal_fen=5_000_000, bank_reference="HK-2", paid_on=date(2024, 5, 6),
        **later,
    )  # fmt: skip
    operations.reckon_interest(actor=street.clerk, loan_id=loan.pk, quarter_start=Q2, **later)
    now = as_it_stands(Diary(street).read(loan), actor=street.clerk, on=day)
    assert [(row.approved_on, row.superseded_on) for row, _ in now.subsidies] == [(None, day), (None, None)]
    then = as_it_was(Diary(street).read(loan), at(day))
    assert [(row.pk, row.approved_on, row.superseded_on) for row, _ in then.subsidies] == [
        (subsidy.pk, day, None)
    ]
    assert [paid.state for _, paid in then.subsidies] == ["reserved"]
    assert [(row.bank_reference, row.undone_on) for row in then.loan.entered] == [("HK-1", None)]
    assert then.position.outstanding_fen == 19_000_000


def test_before_it_was_applied_for_there_is_no_loan_and_the_sentence_says_since_when(street):
    loan = street.apply()
    with pytest.raises(NotYetThereError, match=r"还没有这笔贷款.*2024-03-20"):
        as_it_was(Diary(street).read(loan), at(APPLIED) - timedelta(seconds=1))


def test_what_the_past_shows_is_not_what_is_saved(street):
    loan = street.lend()
    read = Diary(street).read(loan)
    before = seen(as_it_stands(read, actor=street.clerk, on=PAID_OUT))
    as_it_was(read, at(APPLIED))
    assert seen(as_it_stands(read, actor=street.clerk, on=PAID_OUT)) == before
