"""A running loan that only the imported register knows is taken over into the book: entered by one, confirmed by another, never paid twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.entitlements.models import Answer, Benefit
from jiuye.office.funds.operations import appropriate
from jiuye.office.registry.deliveries import Delivered, record_delivery
from jiuye.office.registry.models import RegisterRecord
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.ventures import operations, queries
from jiuye.office.ventures.models import Loan, LoanTakeover
from jiuye.office.ventures.operations.lending import committed_fen
from jiuye.office.ventures.registered import registered_loans, registered_of
from jiuye.office.ventures.rules import loans_drawn
from tests.office.ventures.conftest import RATE, Street, at

ISSUED, TAKEN, DAY = date(2024, 4, 10), date(2024, 10, 1), date(2024, 11, 20)
TERMS = operations.Terms(
    bank="扬州农商银行",
    bank_account="3210880101200000012345",
    contract="借字2024-077",
    principal_fen=20_000_000,
    disbursed_on=ISSUED,
    rate=RATE,
    taken_from=TAKEN,
    balance_fen=15_000_000,
    subsidised_fen=180_000,
    loans_drawn=2,
    plan=[(date(2025, 4, 10), 5_000_000), (date(2026, 4, 10), 10_000_000)],
    document="担保函〔2024〕77号、银行还款明细",
)


def list_loan(street: Street, on: date = DAY, **more: object) -> RegisterRecord:
    """The loan office delivers its register with this firm's loan."""
    said = {
        "startup_loan": "personal",
        "startup_loan_issued_on": ISSUED.isoformat(),
        "startup_loan_balance": Decimal(150000),
        "startup_loan_rate": RATE,
        "startup_loan_lpr": Decimal("0.0345"),
        "startup_loan_overdue": False,
        "startup_loan_extended": False,
    }
    record_delivery(
        actor=street.clerk, register="startup_loans", entity="employer", source="贷款台账",
        rows=[Delivered(street.firm.pk, said | more)], as_of=on, on=on, at=at(on),
    )  # fmt: skip
    return RegisterRecord.objects.get(employer=street.firm, register="startup_loans", until=None)


def propose(street: Street, record: RegisterRecord, **changes: object) -> LoanTakeover:
    return operations.propose_takeover(
        actor=street.clerk, record_id=record.pk, terms=replace(TERMS, **changes), on=DAY, at=at(DAY)
    )


def confirm(street: Street, takeover: LoanTakeover, who=None) -> Loan:
    return operations.confirm_takeover(
        actor=who or street.approver, takeover_id=takeover.pk, on=DAY, at=at(DAY)
    )


def taken_over(street: Street, **changes: object) -> Loan:
    return confirm(street, propose(street, list_loan(street), **changes))


def listed(street: Street) -> list[RegisterRecord]:
    return list(registered_loans(actor=street.clerk, on=DAY))


def test_the_list_shows_what_only_the_register_knows_until_it_is_in_the_book(street):
    record = list_loan(street)
    (row,) = listed(street)
    assert (row.pk, row.waiting) == (record.pk, None)
    said = registered_of(row)
    assert (said.kind, said.issued_on, said.balance_fen, said.rate) == ("personal", ISSUED, 15_000_000, RATE)
    takeover = propose(street, record)
    assert [row.waiting for row in listed(street)] == [takeover.pk]
    confirm(street, takeover)
    assert listed(street) == []


def test_a_loan_of_our_own_that_the_register_lists_too_is_not_taken_over(street):
    loan = street.lend()
    record = list_loan(street)
    assert listed(street) == []
    with pytest.raises(operations.InBookError, match=loan.number):
        propose(street, record)


def test_a_loan_that_was_repaid_here_while_the_register_still_lists_it_is_not_taken_over(street):
    loan = street.lend()
    street.repay(loan, 20_000_000, "还清", date(2024, 11, 1))
    list_loan(street)
    assert listed(street) == []


def test_a_business_that_runs_no_loan_is_not_listed(street):
    list_loan(street, startup_loan="no_loan")
    assert listed(street) == []


def test_confirmed_by_another_it_stands_in_the_book_with_its_balance_document_and_what_was_paid(street):
    loan = taken_over(street)
    where = queries.position(loan, on=DAY)
    assert (loan.state, where.outstanding_fen, where.late_days) == ("disbursed", 15_000_000, 0)
    assert loan.takeover.document == TERMS.document
    assert loan.timeline.get().act == "take_over"
    drawn = Benefit.objects.get(case_key=loan.takeover.claim_key)
    assert (drawn.amount_fen, drawn.period_start, drawn.period_until) == (180_000, ISSUED, TAKEN)


def test_who_entered_it_does_not_confirm_it_and_the_database_holds_that(street):
    takeover = propose(street, list_loan(street))
    with pytest.raises(NotPermittedError):
        confirm(street, takeover, street.clerk)
    with pytest.raises(IntegrityError, match="takeover_confirmed_by_another"), transaction.atomic():
        LoanTakeover.objects.filter(pk=takeover.pk).update(
            state="confirmed", decided_on=DAY, decided_by_id=street.clerk.account_id, loan=street.apply()
        )


def test_the_interest_of_the_days_before_is_never_paid_again_and_that_of_the_days_after_is(street):
    loan = taken_over(street)
    with pytest.raises(operations.BeforeTakeoverError, match="2024-10-01"):
        street.reckon(loan, date(2024, 7, 1), date(2025, 1, 6))
    row = street.reckon(loan, date(2024, 10, 1), date(2025, 1, 6))
    # 92 days of 150,000 at 4.35%, half of it: 15,000,000 × 92 × 0.0435 × 0.5 ÷ 360.
    assert (row.days, row.amount_fen) == (92, 83_375)
    assert street.approve(row, date(2025, 1, 6)).approved_on


def test_a_quarter_that_was_partly_paid_before_is_reckoned_from_the_day_after(street):
    loan = taken_over(street, taken_from=date(2024, 11, 1))
    row = street.reckon(loan, date(2024, 10, 1), date(2025, 1, 6))
    assert (row.days, row.balance_days) == (61, 15_000_000 * 61)
    street.approve(row, date(2025, 1, 6))


def test_a_loan_whose_interest_was_never_paid_is_reckoned_from_its_payout(street):
    whole = [(date(2026, 4, 10), 20_000_000)]
    loan = confirm(
        street,
        propose(
            street, list_loan(street, startup_loan_balance=Decimal(200000)), taken_from=ISSUED, balance_fen=20_000_000,
            subsidised_fen=0, plan=whole,
        ),
    )  # fmt: skip
    assert not Benefit.objects.filter(case_key=loan.takeover.claim_key).exists()
    assert street.reckon(loan, date(2024, 4, 1), DAY).days == 82


def test_a_loan_that_the_register_says_was_extended_is_not_subsidised_on_a_guess(street):
    record = list_loan(street, startup_loan_extended=True)
    loan = confirm(street, propose(street, record))
    with pytest.raises(operations.NotSubsidisedError):
        street.reckon(loan, date(2024, 10, 1), date(2025, 1, 6))


def test_principal_that_was_due_before_and_is_missing_is_late_from_its_own_day(street):
    late = [(date(2024, 8, 15), 5_000_000), (date(2026, 4, 10), 10_000_000)]
    loan = taken_over(street, plan=late)
    where = queries.position(loan, on=DAY)
    assert (where.late_fen, where.late_since) == (5_000_000, date(2024, 8, 15))


def test_a_repayment_before_the_opening_day_is_in_the_balance_already(street):
    loan = taken_over(street)
    with pytest.raises(operations.CountedBeforeError, match="2024-10-01"):
        operations.repay(
            actor=street.clerk, loan_id=loan.pk, principal_fen=100, bank_reference="早", paid_on=date(2024, 9, 30),
            on=DAY, at=at(DAY),
        )  # fmt: skip


def test_the_founders_earlier_loans_count_once_in_register_and_book_together(street):
    Answer.objects.filter(fact="startup_loans_drawn").delete()
    loan = taken_over(street)  # the second: one before it, which the book will never have
    assert loan.takeover.earlier_loans == 1
    assert loans_drawn(street.founder.pk) == 2
    with pytest.raises(operations.LoanOpenError):
        street.apply(on=DAY)


def test_the_guarantee_fund_answers_for_the_balance_and_a_ceiling_exceeded_is_written_down_and_stops_nothing(
    street,
):
    loan = taken_over(street)
    assert committed_fen() == 15_000_000
    assert loan.takeover.over_ceiling_fen == 0
    other = replace(
        TERMS, principal_fen=80_000_000, balance_fen=60_000_000, plan=[(date(2026, 4, 10), 60_000_000)]
    )
    operations.undo_takeover(actor=street.approver, loan_id=loan.pk, note="金额有误", on=DAY, at=at(DAY))
    assert committed_fen() == 0
    record = list_loan(street, date(2024, 11, 20), startup_loan_balance=Decimal(600000))
    proposed = operations.propose_takeover(
        actor=street.clerk, record_id=record.pk, terms=other, on=DAY, at=at(DAY)
    )
    loan = confirm(street, proposed)
    assert loan.takeover.over_ceiling_fen == 30_000_000  # the fund holds 300,000 and answers for 600,000
    assert loan.state == "disbursed"


def test_undone_it_leaves_the_fund_the_limits_and_the_history_as_they_were_and_may_be_entered_anew(street):
    loan = taken_over(street)
    street.reckon(loan, date(2024, 10, 1), date(2025, 1, 6))
    undone = operations.undo_takeover(
        actor=street.approver, loan_id=loan.pk, note="合同号填错", on=DAY, at=at(DAY)
    )
    assert (undone.state, undone.takeover.state) == ("taken_back", "undone")
    assert not Benefit.objects.filter(case_key=loan.takeover.claim_key).exists()
    assert (loans_drawn(street.founder.pk), committed_fen()) == (0, 0)
    assert confirm(street, propose(street, listed(street)[0])).state == "disbursed"


def test_it_is_not_undone_once_interest_was_approved_or_a_repayment_recorded(street):
    loan = taken_over(street)
    row = street.reckon(loan, date(2024, 10, 1), date(2025, 1, 6))
    street.approve(row, date(2025, 1, 6))
    undo = {"actor": street.approver, "loan_id": loan.pk, "note": "填错", "on": DAY, "at": at(DAY)}
    with pytest.raises(operations.UsedLoanError, match="批准过贴息"):
        operations.undo_takeover(**undo)
    later = date(2025, 1, 6)
    operations.undo_interest(actor=street.approver, subsidy_id=row.pk, note="撤", on=later, at=at(later))
    street.repay(loan, 100, "1号", DAY)
    with pytest.raises(operations.UsedLoanError, match="还款"):
        operations.undo_takeover(**undo)


def test_a_loan_of_our_own_is_not_undone_by_this_door(street):
    loan = street.lend()
    with pytest.raises(operations.UsedLoanError, match="在本系统里申请"):
        operations.undo_takeover(actor=street.approver, loan_id=loan.pk, note="试", on=DAY, at=at(DAY))


def test_what_differs_from_the_register_is_shown_with_both_values_and_needs_words(street):
    record = list_loan(street, startup_loan_balance=Decimal(160000))
    with pytest.raises(
        operations.DifferenceUnexplainedError, match=r"台账是 160,000\.00，填写的是 150,000\.00"
    ):
        propose(street, record)
    assert propose(street, record, differs_because="10月20日还过1万元").state == "proposed"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"balance_fen": 20_000_001}, "不超过放款金额"),
        ({"taken_from": date(2024, 4, 9)}, "起算日不能早于放款日期"),
        ({"taken_from": date(2024, 11, 21)}, "晚于今天"),
        ({"taken_from": ISSUED}, "余额应等于放款金额"),
        ({"plan": [(date(2025, 4, 10), 1)]}, "还款计划合计"),
        ({"loans_drawn": 0}, "至少 1 次"),
        ({"document": " "}, "依据文件"),
    ],
)
def test_sums_that_do_not_make_up_a_loan_are_refused_with_what_is_wrong(street, changes, words):
    with pytest.raises(operations.TakeoverAmountError, match=words):
        propose(street, list_loan(street), **changes)


def test_interest_that_the_imported_history_has_is_not_written_a_second_time(street):
    Benefit.objects.create(
        policy_id="startup-loan-personal-interest", subject_kind="employer", subject_key=str(street.firm.pk),
        person=street.founder, period_start=ISSUED, period_until=date(2024, 7, 1), months=2, amount_fen=80_000,
        paid_on=date(2024, 7, 5), source="老系统",
    )  # fmt: skip
    record = list_loan(street)
    with pytest.raises(operations.TakeoverAmountError, match=r"2024-07-01.*800\.00"):
        propose(street, record, taken_from=date(2024, 6, 1))
    loan = confirm(street, propose(street, record))
    drawn = Benefit.objects.get(case_key=loan.takeover.claim_key)
    assert (drawn.amount_fen, drawn.period_start) == (100_000, date(2024, 7, 1))


def test_a_loan_that_left_the_register_meanwhile_is_not_confirmed(street):
    takeover = propose(street, list_loan(street))
    list_loan(street, startup_loan="no_loan", startup_loan_balance=Decimal(0))
    with pytest.raises(operations.NotOnRegisterError):
        confirm(street, takeover)
    operations.drop_takeover(
        actor=street.approver, takeover_id=takeover.pk, note="已还清", on=DAY, at=at(DAY)
    )
    with pytest.raises(operations.WrongTakeoverStateError, match="未接手"):
        confirm(street, takeover)


def test_it_is_entered_once_and_again_after_it_was_dropped(street):
    record = list_loan(street)
    takeover = propose(street, record)
    with pytest.raises(operations.TakeoverProposedError):
        propose(street, record)
    operations.drop_takeover(actor=street.clerk, takeover_id=takeover.pk, note="利率填错", on=DAY, at=at(DAY))
    assert propose(street, record).pk != takeover.pk


def test_who_confirmed_the_takeover_does_not_decide_that_the_fund_pays(street):
    loan = taken_over(street, plan=[(date(2024, 8, 15), 15_000_000)])
    with pytest.raises(operations.GuarantorError):
        operations.compensate(
            actor=street.approver, loan_id=loan.pk, fund="startup-guarantee", amount_fen=15_000_000, note="逾期",
            on=DAY, at=at(DAY),
        )  # fmt: skip
    assert street.compensate(loan, 15_000_000, DAY).state == "compensated"


def test_money_put_into_the_fund_later_does_not_change_what_was_written_down(street):
    loan = taken_over(street, principal_fen=80_000_000, balance_fen=15_000_000)
    appropriate(
        actor=street.planner, fund="startup-guarantee", year=2024, amount_fen=1_000, document="追加", on=DAY, at=at(DAY),
    )  # fmt: skip
    assert loan.takeover.over_ceiling_fen == 0
