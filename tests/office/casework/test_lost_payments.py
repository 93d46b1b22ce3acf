"""A case was begun after the backup and paid before the restore, so that no record has it: its applicant's new case is not paid again."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils.translation import override

from jiuye.exchange.bank import Instruction, Submission
from jiuye.exchange.bank.file_format import Answer
from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError, in_words
from jiuye.office.casework.models import CaseCheck
from jiuye.office.casework.operations import NotPossiblyPaidError
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import Restore, UnbookedPayment
from jiuye.office.funds.operations import AssignmentReasonError, PaidByBankError
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.staff.models import Account
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.office.casework.journey import approve, publicised_case
from tests.office.casework.test_paying import GIVEN, PAY_DAY

LOST = "employment-subsidy-20250617-01"
GONE = "case:17"  # its number was given in the time that the restore lost
BECAUSE = "本人的银行流水与原申请表"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def again(owner, entitlement, rules, caseworker, reviewer, budget):
    """Her new case after the restore, numbered on from the lost time, ready to be approved."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('casework_case', 'id'), 10000)")
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return publicised_case(case, caseworker, reviewer)


def lost(bank, account: str, amount_fen: int, *, with_order: bool = True) -> UnbookedPayment:
    """The bank paid the lost case on the 17th; the backup that was brought back is of the evening before."""
    line = Instruction(f"{GONE}#1", "许红", account, "扬州农商银行", amount_fen, "社保补贴")
    order = Submission(LOST, "employment-subsidy", date(2025, 6, 17), (line,))
    bank.submit(order)
    Restore.objects.create(
        backup_made_at=datetime(2025, 6, 16, 14, 0, tzinfo=UTC),
        restored_at=datetime(2025, 6, 18, 0, 0, tzinfo=UTC),
    )
    answer = Answer(LOST, "YH", tuple(bank.results(LOST)))
    funds.record_unbooked(answer, at=at(PAY_DAY), order=order if with_order else None)
    return UnbookedPayment.objects.get()


def found(case) -> list[str]:
    rows = CaseCheck.objects.filter(entitlement=case.entitlement, check_name="not_paid_and_lost")
    return list(rows.order_by("pk").values_list("finding", flat=True))


def assign(actor, row, claim_key, because=BECAUSE) -> None:
    operations.assign_lost_payment(
        actor=actor, unbooked_id=row.pk, claim_key=claim_key, because=because, **GIVEN
    )


def test_the_new_case_of_whoever_was_paid_in_the_lost_time_is_not_approved(again, approver, rules, bank):
    lost(bank, again.payee_account, again.amount_fen)
    with pytest.raises(ChecksFailedError, match=f"{LOST}.*{again.payee_account[-4:]}.*{GONE}"):
        approve(again, approver, rules)
    assert found(again) == ["lost_payment_same_account"]


def test_what_was_granted_before_the_payment_was_found_is_not_paid_either(
    again, approver, city_cashier, rules, bank
):
    case = approve(again, approver, rules)
    lost(bank, case.payee_account, case.amount_fen)
    with pytest.raises(ChecksFailedError, match=LOST):
        operations.put_into_batch(actor=city_cashier, case_ids=[case.pk], rules=rules, **GIVEN)


def test_the_payment_is_booked_on_the_new_case_and_the_bank_pays_once(
    again, approver, city_cashier, second_city_cashier, rules, bank
):
    row = lost(bank, again.payee_account, again.amount_fen)
    assign(city_cashier, row, again.claim_key)
    case = approve(again, approver, rules)
    assert found(case) == ["lost_payment_is_this"]
    with pytest.raises(PaidByBankError, match=LOST):
        operations.put_into_batch(actor=city_cashier, case_ids=[case.pk], rules=rules, **GIVEN)
    batch = operations.take_over_paid_batch(actor=city_cashier, number=LOST, **GIVEN)
    funds.approve_batch(actor=second_city_cashier, batch=batch, **GIVEN)
    operations.send_batch(actor=second_city_cashier, batch=batch, bank=bank, rules=rules, **GIVEN)
    operations.settle_batch(actor=second_city_cashier, batch=batch, bank=bank, **GIVEN)
    case.refresh_from_db()
    assert case.state == "paid"
    assert [payout.line_key for payout in bank.payouts()] == [f"{GONE}#1"]
    assert verify_ledger().faults == ()
    assert case.timeline.get(act="take_lost_payment").note == BECAUSE


def test_a_neighbours_case_of_the_same_amount_is_not_stopped_where_it_is_known_whom_the_bank_paid(
    again, approver, rules, bank
):
    lost(bank, "6222000000007777", again.amount_fen)
    assert approve(again, approver, rules).state == "approved"
    assert found(again) == []


def test_where_nobody_knows_whom_the_bank_paid_the_same_amount_waits_for_the_payment_file(
    again, approver, rules, bank
):
    row = lost(bank, "6222000000007777", again.amount_fen, with_order=False)
    with pytest.raises(ChecksFailedError, match="jiuye ledger compare"):
        approve(again, approver, rules)
    line = Instruction(row.line_key, "许红", "6222000000007777", "扬州农商银行", row.amount_fen, "社保补贴")
    order = Submission(LOST, "employment-subsidy", date(2025, 6, 17), (line,))
    answer = Answer(LOST, "YH", tuple(bank.results(LOST)))
    assert funds.record_unbooked(answer, at=at(PAY_DAY), order=order) == 0
    row.refresh_from_db()
    assert row.payee_ends_in == "7777"
    assert approve(again, approver, rules).state == "approved"


def test_a_payment_file_of_another_amount_says_nothing_of_whom_the_bank_paid(again, bank):
    row = lost(bank, again.payee_account, again.amount_fen, with_order=False)
    line = Instruction(
        row.line_key, "许红", again.payee_account, "扬州农商银行", row.amount_fen + 1, "社保补贴"
    )
    order = Submission(LOST, "employment-subsidy", date(2025, 6, 17), (line,))
    funds.record_unbooked(Answer(LOST, "YH", tuple(bank.results(LOST))), at=at(PAY_DAY), order=order)
    row.refresh_from_db()
    assert row.payee_index is None


def test_what_was_for_something_else_is_closed_by_two_and_stops_nothing_more(
    again, approver, city_cashier, second_city_cashier, rules, bank
):
    row = lost(bank, again.payee_account, again.amount_fen)
    funds.propose_closing(actor=city_cashier, unbooked_id=row.pk, reason="另一政策的补贴，另行入账", **GIVEN)
    funds.close_unbooked(actor=second_city_cashier, unbooked_id=row.pk, **GIVEN)
    assert approve(again, approver, rules).state == "approved"


def test_it_is_booked_on_nobody_elses_case_on_no_other_amount_and_not_without_words(
    again, city_cashier, caseworker, rules, bank
):
    neighbour = make_person("陈桂英", number="321002196001010045", bank_account="6222000000003333")
    theirs = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=make_entitlement(neighbour).pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )  # fmt: skip
    row = lost(bank, again.payee_account, again.amount_fen)
    with pytest.raises(NotPossiblyPaidError):
        assign(city_cashier, row, theirs.claim_key)
    with pytest.raises(AssignmentReasonError):
        assign(city_cashier, row, again.claim_key, because=" ")
    with pytest.raises(IntegrityError, match="unbooked_assigned_with_reason"), transaction.atomic():
        UnbookedPayment.objects.update(claim_key=again.claim_key)


def test_what_was_assigned_is_taken_back_and_the_case_waits_again(again, approver, city_cashier, rules, bank):
    row = lost(bank, again.payee_account, again.amount_fen)
    assign(city_cashier, row, again.claim_key)
    assign(city_cashier, row, "", because="")
    row.refresh_from_db()
    assert (row.claim_key, row.assigned_by, row.assigned_because) == (GONE, None, "")
    with pytest.raises(ChecksFailedError, match=LOST):
        approve(again, approver, rules)


def test_what_is_being_taken_over_stays_with_its_case(again, approver, city_cashier, rules, bank):
    row = lost(bank, again.payee_account, again.amount_fen)
    assign(city_cashier, row, again.claim_key)
    approve(again, approver, rules)
    operations.take_over_paid_batch(actor=city_cashier, number=LOST, **GIVEN)
    with pytest.raises(funds.UnbookedTakenOverError):
        assign(city_cashier, row, "", because="")
    with pytest.raises(IntegrityError, match="不能改归别的办件"), transaction.atomic():
        UnbookedPayment.objects.update(claim_key=GONE, assigned_by=None, assigned_because="")


def test_the_page_names_the_case_that_was_perhaps_paid_and_books_it_there(again, city_cashier, bank, client):
    row = lost(bank, again.payee_account, again.amount_fen)
    page = reverse("desk:unbooked")
    client.force_login(Account.objects.get(pk=city_cashier.account_id))
    shown = client.get(page).text
    assert again.number in shown
    assert f"收款账号尾号 {again.payee_account[-4:]}" in shown
    address = reverse("desk:unbooked_assign", args=[row.pk])
    client.post(address, {"claim": again.claim_key, "because": BECAUSE})
    assert BECAUSE in client.get(page).text
    client.post(address, {"claim": ""})
    row.refresh_from_db()
    assert row.claim_key == GONE


def test_the_findings_are_sentences_in_both_languages(again, bank, approver, rules):
    lost(bank, again.payee_account, again.amount_fen)
    with pytest.raises(ChecksFailedError):
        approve(again, approver, rules)
    check = CaseCheck.objects.get(check_name="not_paid_and_lost")
    for finding in ("lost_payment_same_account", "lost_payment_unknown", "lost_payment_is_this"):
        with override("zh-hans"):
            assert f"批次 {LOST}" in in_words(finding, check.looked_at)
        with override("en"):
            assert f"batch {LOST}" in in_words(finding, check.looked_at)
