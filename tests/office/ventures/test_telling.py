"""A borrower is told of every turn of the loan, once, and of nothing that did not happen."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.messages.models import Message
from jiuye.office.ventures import operations
from tests.office.ventures.conftest import APPLIED, at

DUE = date(2024, 8, 15)


def told(occasion: str) -> Message:
    return Message.objects.get(occasion=occasion)


def occasions() -> list[str]:
    return list(Message.objects.order_by("pk").values_list("occasion", flat=True))


def remind(on: date) -> int:
    return operations.remind_borrowers(on=on, at=at(on))


def late_loan(street):
    return street.lend(plan=[(DUE, 10_000_000), (date(2025, 2, 15), 10_000_000)])


def test_the_application_is_received_with_the_day_of_the_answer_and_the_payout_with_the_first_instalment(
    street,
):
    loan = street.lend()
    assert occasions() == ["loan_received", "loan_guaranteed", "loan_paid_out"]
    received = told("loan_received")
    assert received.person_id == street.founder.pk
    assert "最迟2024年4月3日答复您" in received.body
    assert "200,000.00 元" in received.body
    assert "2025年4月10日到期" in told("loan_paid_out").body
    assert {row.about for row in Message.objects.all()} == {f"loan:{loan.pk}"}
    assert received.deliveries.get().channel == "sms"


def test_the_first_of_two_signatures_tells_nothing(street):
    loan = street.apply()
    operations.guarantee(
        actor=street.approver, loan_id=loan.pk, amount_fen=20_000_000, on=APPLIED, at=at(APPLIED)
    )
    assert occasions() == ["loan_received"]


def test_a_refusal_is_told_with_its_clause_its_law_and_how_to_object_and_has_a_letter(street):
    operations.refuse(
        actor=street.approver, loan_id=street.apply().pk, clause_id="credit", note="另有经营贷款", against="征信报告原件", on=APPLIED, at=at(APPLIED)
    )  # fmt: skip
    said = told("loan_refused")
    assert said.statutory
    for words in ("另有经营贷款", "信用良好，除规定小额贷款外无其他贷款", "行政复议"):
        assert words in said.body
        assert words in said.letter


def test_an_act_that_is_rolled_back_told_nobody(street):
    with pytest.raises(operations.LoanOpenError):
        street.apply(), street.apply()
    assert occasions() == ["loan_received"]


def test_the_banks_no_is_told_with_its_words(street):
    loan = street.guarantee(street.apply())
    operations.bank_decline(
        actor=street.clerk, loan_id=loan.pk, note="负债率过高", on=APPLIED, at=at(APPLIED)
    )
    assert "负债率过高。" in told("loan_declined").body


def test_interest_is_told_when_the_bank_has_paid_it_and_not_when_it_was_approved(street):
    loan = street.lend()
    day = date(2024, 7, 2)
    subsidy = street.approve(street.reckon(loan, date(2024, 4, 1), day), day)
    batch = operations.pay_interest(
        actor=street.maker, subsidy_ids=[subsidy.pk], on=day, at=at(day), purpose="贴息"
    )
    assert "loan_interest_paid" not in occasions()
    street.settle(batch, day)
    operations.record_paid_interest(on=day, at=at(day))
    operations.record_paid_interest(on=day, at=at(day))
    assert "2024年第2季度的财政贴息 990.83 元" in told("loan_interest_paid").body


def test_an_instalment_is_told_some_days_before_it_is_due_once_and_not_when_it_was_paid(street):
    loan = late_loan(street)
    assert remind(date(2024, 8, 4)) == 0
    assert remind(date(2024, 8, 5)) == 1
    assert remind(date(2024, 8, 6)) == 0
    assert "2024年8月15日到期应还本金 100,000.00 元" in told("loan_due_soon").body
    street.repay(loan, 10_000_000, "B1", date(2024, 8, 12))
    assert remind(date(2024, 8, 20)) == 0


def test_what_was_partly_repaid_is_asked_for_with_what_is_left(street):
    street.repay(late_loan(street), 4_000_000, "B1", date(2024, 8, 1))
    remind(date(2024, 8, 10))
    assert "60,000.00 元" in told("loan_due_soon").body


def test_a_missed_instalment_is_told_by_law_with_a_letter_and_once(street):
    late_loan(street)
    day = date(2024, 8, 20)
    assert remind(day) == 1
    assert remind(date(2024, 8, 21)) == 0
    said = told("loan_late")
    assert said.statutory
    assert "第六百七十五条" in said.source
    assert "100,000.00 元应在2024年8月15日归还" in said.letter


def test_a_compensation_is_told_when_the_bank_has_the_money_and_not_when_it_is_taken_back(street):
    loan = late_loan(street)
    day = date(2024, 12, 2)
    loan = street.compensate(loan, 20_000_000, day)
    assert operations.tell_compensations_paid(on=day, at=at(day)) == 0
    operations.undo_compensation(
        actor=street.approver, loan_id=loan.pk, note="借款人当日还款", on=day, at=at(day)
    )
    street.compensate(loan, 20_000_000, day)
    street.settle(operations.pay_compensation(actor=street.maker, loan_id=loan.pk, on=day, at=at(day)), day)
    assert operations.tell_compensations_paid(on=day, at=at(day)) == 1
    assert operations.tell_compensations_paid(on=day, at=at(day)) == 0
    assert "您现在欠基金 200,000.00 元" in told("loan_compensated").letter


def test_the_last_yuan_closes_the_loan_and_says_so(street):
    loan = street.lend()
    street.repay(loan, 20_000_000, "B1", date(2025, 4, 1))
    assert "贷款本金已经还清" in told("loan_closed").body
    assert remind(date(2025, 4, 5)) == 0
