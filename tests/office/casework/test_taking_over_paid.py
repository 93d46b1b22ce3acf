"""A restore lost a batch that the bank had paid: its case is taken over under the bank's number and paid once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from jiuye.exchange.bank import Instruction, Outcome, Submission
from jiuye.exchange.bank.file_format import Answer
from jiuye.office.casework import operations
from jiuye.office.casework.operations import ClaimNotHereError, NothingToTakeOverError
from jiuye.office.casework.states import WrongStateError
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch, Restore, UnbookedPayment
from jiuye.office.funds.operations import PaidByBankError
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.staff.models import Account
from tests.office.casework.conftest import DAY, at, make_officer
from tests.office.casework.journey import approve, publicised_case
from tests.office.casework.test_paying import GIVEN, PAY_DAY

LOST = "employment-subsidy-20250617-01"

pytestmark = pytest.mark.django_db(transaction=True)


# In whose county such a payment lies is not known before it is cleared up: people of the city do it.
@pytest.fixture
def cashier(divisions):
    return make_officer("市出纳", "cashier", "3210")


@pytest.fixture
def second_cashier(divisions):
    return make_officer("市复核", "cashier", "3210")


@pytest.fixture
def approved(owner, entitlement, rules, caseworker, reviewer, approver, budget):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return approve(publicised_case(case, caseworker, reviewer), approver, rules)


@pytest.fixture
def paid_and_lost(approved, bank):
    """The bank paid the case on the 17th; the backup that was brought back is of the evening before."""
    line = Instruction(
        f"{approved.claim_key}#1",
        approved.payee_name,
        approved.payee_account,
        approved.payee_bank,
        approved.amount_fen,
        "社保补贴",
    )
    bank.submit(Submission(LOST, "employment-subsidy", date(2025, 6, 17), (line,)))
    said = tuple(
        replace(result, on=result.on or date(2025, 6, 17))
        for result in bank.results(LOST)
        if result.outcome is Outcome.PAID
    )
    assert len(said) == 1
    Restore.objects.create(
        backup_made_at=datetime(2025, 6, 16, 14, 0, tzinfo=UTC),
        restored_at=datetime(2025, 6, 18, 0, 0, tzinfo=UTC),
    )
    assert funds.record_unbooked(Answer(LOST, "YH", said), at=at(PAY_DAY)) == 1
    return approved


def test_a_case_that_the_bank_paid_is_taken_over_booked_and_paid_once(
    paid_and_lost, cashier, second_cashier, bank, rules
):
    case = paid_and_lost
    with pytest.raises(PaidByBankError, match=LOST):
        operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, **GIVEN)
    batch = operations.take_over_paid_batch(actor=cashier, number=LOST, **GIVEN)
    funds.approve_batch(actor=second_cashier, batch=batch, **GIVEN)
    operations.send_batch(actor=second_cashier, batch=batch, bank=bank, rules=rules, **GIVEN)
    operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, **GIVEN)
    case.refresh_from_db()
    assert case.state == "paid"
    assert len(bank.payouts()) == 1
    assert verify_ledger().faults == ()
    with pytest.raises(NothingToTakeOverError):
        operations.take_over_paid_batch(actor=cashier, number=LOST, **GIVEN)


def test_the_page_of_a_batch_that_is_taken_over_says_so_and_does_not_offer_to_discard_it(
    paid_and_lost, cashier, client
):
    batch = operations.take_over_paid_batch(actor=cashier, number=LOST, **GIVEN)
    client.force_login(Account.objects.get(pk=cashier.account_id))
    page = client.get(reverse("desk:batch", args=[batch.pk])).text
    assert reverse("desk:batch_act", args=[batch.pk, "discard_batch"]) not in page
    assert "银行已经付过，所以不能作废" in page


def test_a_case_that_the_backup_has_before_its_approval_is_approved_first(
    owner, entitlement, rules, budget, cashier
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    UnbookedPayment.objects.create(
        batch_number=LOST,
        line_key=f"{case.claim_key}#1",
        claim_key=case.claim_key,
        amount_fen=case.amount_fen,
        found_at=at(PAY_DAY),
    )
    with pytest.raises(WrongStateError):
        operations.take_over_paid_batch(actor=cashier, number=LOST, **GIVEN)


@pytest.mark.parametrize("key", ["case:999999", "case:", "loan-interest:1", "loan-compensation:1", "who:1"])
def test_what_the_backup_does_not_have_is_not_booked_on_anything(key, cashier, budget):
    UnbookedPayment.objects.create(
        batch_number=LOST, line_key=f"{key}#1", claim_key=key, amount_fen=1, found_at=at(PAY_DAY)
    )
    with pytest.raises(ClaimNotHereError, match=key):
        operations.take_over_paid_batch(actor=cashier, number=LOST, **GIVEN)


def test_the_page_says_in_words_that_a_case_must_be_approved_first(
    owner, entitlement, rules, budget, cashier, client
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    UnbookedPayment.objects.create(
        batch_number=LOST, line_key=f"{case.claim_key}#1", claim_key=case.claim_key, amount_fen=case.amount_fen,
        found_at=at(PAY_DAY),
    )  # fmt: skip
    client.force_login(Account.objects.get(pk=cashier.account_id))
    said = client.post(reverse("desk:unbooked_take_over"), {"number": LOST}, follow=True)
    assert "列入付款批次" in said.content.decode()
    assert not PaymentBatch.objects.exists()


def test_the_page_shows_the_payment_and_two_people_close_it(paid_and_lost, cashier, second_cashier, client):
    page = reverse("desk:unbooked")
    row = UnbookedPayment.objects.get()
    client.force_login(Account.objects.get(pk=cashier.account_id))
    assert LOST in client.get(page).content.decode()
    client.post(reverse("desk:unbooked_propose", args=[row.pk]), {"reason": "银行当日冲回，凭证 17"})
    client.post(reverse("desk:unbooked_close", args=[row.pk]))
    row.refresh_from_db()
    assert (row.closing_because, row.closed_on) == ("银行当日冲回，凭证 17", None)
    client.force_login(Account.objects.get(pk=second_cashier.account_id))
    client.post(reverse("desk:unbooked_close", args=[row.pk]))
    row.refresh_from_db()
    assert row.closed_on is not None
    assert LOST not in client.get(page).content.decode()
