"""A restore lost a batch that the bank had paid: its case is taken over under the bank's number and paid once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.urls import reverse

from jiuye.exchange.bank import Instruction, Submission
from jiuye.exchange.bank.file_format import Answer
from jiuye.exchange.bank.tables import answer_table
from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations import ClaimNotHereError, NothingToTakeOverError
from jiuye.office.casework.states import WrongStateError
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch, Restore, UnbookedPayment
from jiuye.office.funds.operations import PaidByBankError
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.staff.models import Account
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.office.casework.journey import approve, publicised_case
from tests.office.casework.test_paying import GIVEN, PAY_DAY

LOST = "employment-subsidy-20250617-01"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def approved(owner, entitlement, rules, caseworker, reviewer, approver, budget):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return approve(publicised_case(case, caseworker, reviewer), approver, rules)


@pytest.fixture
def paid_and_lost(approved, bank):
    """The bank paid the case on the 17th; the backup that was brought back is of the evening before."""
    lost(bank, approved)
    assert UnbookedPayment.objects.count() == 1
    return approved


def instruction(paid: Case | Instruction) -> Instruction:
    """The line that paid it."""
    if isinstance(paid, Instruction):
        return paid
    payee = (paid.payee_name, paid.payee_account, paid.payee_bank)
    return Instruction(f"{paid.claim_key}#1", *payee, paid.amount_fen, "社保补贴")


def lost(bank, *paid: Case | Instruction) -> Answer:
    """The bank's word on a batch of the 17th, which no record here has."""
    bank.submit(Submission(LOST, "employment-subsidy", date(2025, 6, 17), tuple(map(instruction, paid))))
    answer = Answer(LOST, "YH", tuple(bank.results(LOST)))
    Restore.objects.create(
        backup_made_at=datetime(2025, 6, 16, 14, 0, tzinfo=UTC),
        restored_at=datetime(2025, 6, 18, 0, 0, tzinfo=UTC),
    )
    funds.record_unbooked(answer, at=at(PAY_DAY))
    return answer


def test_a_case_that_the_bank_paid_is_taken_over_booked_and_paid_once(
    paid_and_lost, city_cashier, second_city_cashier, bank, rules
):
    case = paid_and_lost
    with pytest.raises(PaidByBankError, match=LOST):
        operations.put_into_batch(actor=city_cashier, case_ids=[case.pk], rules=rules, **GIVEN)
    batch = operations.take_over_paid_batch(actor=city_cashier, number=LOST, **GIVEN)
    funds.approve_batch(actor=second_city_cashier, batch=batch, **GIVEN)
    operations.send_batch(actor=second_city_cashier, batch=batch, bank=bank, rules=rules, **GIVEN)
    operations.settle_batch(actor=second_city_cashier, batch=batch, bank=bank, **GIVEN)
    case.refresh_from_db()
    assert case.state == "paid"
    assert len(bank.payouts()) == 1
    assert verify_ledger().faults == ()
    with pytest.raises(NothingToTakeOverError):
        operations.take_over_paid_batch(actor=city_cashier, number=LOST, **GIVEN)


def test_the_page_of_a_batch_that_is_taken_over_says_so_and_does_not_offer_to_discard_it(
    paid_and_lost, city_cashier, client
):
    batch = operations.take_over_paid_batch(actor=city_cashier, number=LOST, **GIVEN)
    client.force_login(Account.objects.get(pk=city_cashier.account_id))
    page = client.get(reverse("desk:batch", args=[batch.pk])).text
    assert reverse("desk:batch_act", args=[batch.pk, "discard_batch"]) not in page
    assert "银行已经付过，所以不能作废" in page


def test_a_case_that_the_backup_has_before_its_approval_is_approved_first(
    owner, entitlement, rules, budget, city_cashier
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
        operations.take_over_paid_batch(actor=city_cashier, number=LOST, **GIVEN)


@pytest.mark.parametrize("key", ["case:999999", "case:", "loan-interest:1", "loan-compensation:1", "who:1"])
def test_what_the_backup_does_not_have_is_not_booked_on_anything(key, city_cashier, budget):
    UnbookedPayment.objects.create(
        batch_number=LOST, line_key=f"{key}#1", claim_key=key, amount_fen=1, found_at=at(PAY_DAY)
    )
    with pytest.raises(ClaimNotHereError, match=key):
        operations.take_over_paid_batch(actor=city_cashier, number=LOST, **GIVEN)


def test_the_page_says_in_words_that_a_case_must_be_approved_first(
    owner, entitlement, rules, budget, city_cashier, client
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    UnbookedPayment.objects.create(
        batch_number=LOST, line_key=f"{case.claim_key}#1", claim_key=case.claim_key, amount_fen=case.amount_fen,
        found_at=at(PAY_DAY),
    )  # fmt: skip
    client.force_login(Account.objects.get(pk=city_cashier.account_id))
    said = client.post(reverse("desk:unbooked_take_over"), {"number": LOST}, follow=True)
    assert "列入付款批次" in said.content.decode()
    assert not PaymentBatch.objects.exists()


def test_the_page_shows_the_payment_and_two_people_close_it(
    paid_and_lost, city_cashier, second_city_cashier, client
):
    page = reverse("desk:unbooked")
    row = UnbookedPayment.objects.get()
    client.force_login(Account.objects.get(pk=city_cashier.account_id))
    assert LOST in client.get(page).content.decode()
    client.post(reverse("desk:unbooked_propose", args=[row.pk]), {"reason": "银行当日冲回，凭证 17"})
    client.post(reverse("desk:unbooked_close", args=[row.pk]))
    row.refresh_from_db()
    assert (row.closing_because, row.closed_on) == ("银行当日冲回，凭证 17", None)
    client.force_login(Account.objects.get(pk=second_city_cashier.account_id))
    client.post(reverse("desk:unbooked_close", args=[row.pk]))
    row.refresh_from_db()
    assert row.closed_on is not None
    assert LOST not in client.get(page).content.decode()


@pytest.fixture
def closed_account(rules, caseworker, reviewer, approver, budget):
    """A neighbour's case, approved as well; her account is closed, and the bank refused it."""
    neighbour = make_person("陈桂英", number="321002196001010045", bank_account="6222000000004040")
    found = make_entitlement(neighbour)
    case = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=found.pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )
    return approve(publicised_case(case, caseworker, reviewer), approver, rules)


def taken_over(city_cashier, second_city_cashier, bank, rules) -> PaymentBatch:
    batch = operations.take_over_paid_batch(actor=city_cashier, number=LOST, **GIVEN)
    funds.approve_batch(actor=second_city_cashier, batch=batch, **GIVEN)
    return operations.send_batch(actor=second_city_cashier, batch=batch, bank=bank, rules=rules, **GIVEN)


@pytest.mark.parametrize("by_file", [False, True])
def test_what_the_bank_refused_of_the_lost_batch_does_not_hold_back_what_it_paid(
    by_file, approved, closed_account, city_cashier, second_city_cashier, bank, rules
):
    answer = lost(bank, approved, closed_account)
    batch = taken_over(city_cashier, second_city_cashier, bank, rules)
    if by_file:
        content = answer_table(answer, settings.BANK_KEY, "csv")
        read, _ = operations.take_return_file(
            actor=second_city_cashier, name="回盘.csv", content=content, **GIVEN
        )
        assert read.differences == ()
    else:
        operations.settle_batch(actor=second_city_cashier, batch=batch, bank=bank, **GIVEN)
    approved.refresh_from_db()
    closed_account.refresh_from_db()
    assert (approved.state, closed_account.state) == ("paid", "approved")
    assert verify_ledger().faults == ()


def test_what_two_people_closed_of_the_lost_batch_does_not_hold_back_the_rest(
    approved, budget, city_cashier, second_city_cashier, bank, rules
):
    gone = Instruction("case:999999#1", "许红", "6222000000007777", "扬州农商银行", 90_000, "社保补贴")
    lost(bank, approved, gone)
    with pytest.raises(ClaimNotHereError):
        operations.take_over_paid_batch(actor=city_cashier, number=LOST, **GIVEN)
    row = UnbookedPayment.objects.get(claim_key="case:999999")
    funds.propose_closing(actor=city_cashier, unbooked_id=row.pk, reason="付给许红，另行入账", **GIVEN)
    funds.close_unbooked(actor=second_city_cashier, unbooked_id=row.pk, **GIVEN)
    batch = taken_over(city_cashier, second_city_cashier, bank, rules)
    operations.settle_batch(actor=second_city_cashier, batch=batch, bank=bank, **GIVEN)
    batch.refresh_from_db()
    approved.refresh_from_db()
    assert (batch.state, approved.state) == ("settled", "paid")


def test_a_payment_under_the_lost_number_that_nobody_wrote_down_holds_all_back(
    approved, budget, city_cashier, second_city_cashier, bank, rules
):
    answer = lost(bank, approved)
    taken_over(city_cashier, second_city_cashier, bank, rules)
    unknown = replace(answer.lines[0], line_key="case:999999#1", reference="LS9999999999")
    content = answer_table(Answer(LOST, "YH", (*answer.lines, unknown)), settings.BANK_KEY, "csv")
    read, _ = operations.take_return_file(
        actor=second_city_cashier, name="回盘.csv", content=content, **GIVEN
    )
    assert [row.kind for row in read.differences] == ["stranger"]
    approved.refresh_from_db()
    assert approved.state == "in_payment"


def test_what_was_tried_again_before_anybody_asked_the_bank_is_taken_over_all_the_same(
    approved, budget, city_cashier, second_city_cashier, bank, rules
):
    line = instruction(approved)
    bank.submit(Submission(LOST, "employment-subsidy", date(2025, 6, 17), (line,)))
    # Her bank was entered otherwise after the restore, so that the bank refuses what it knows with other words.
    for row in (approved.person, approved):
        setattr(row, "bank_name" if row is approved.person else "payee_bank", "江苏银行")
        row.save()
    again = operations.put_into_batch(actor=city_cashier, case_ids=[approved.pk], rules=rules, **GIVEN).batch
    funds.approve_batch(actor=second_city_cashier, batch=again, **GIVEN)
    with pytest.raises(funds.BankTroubleError):
        operations.send_batch(actor=second_city_cashier, batch=again, bank=bank, rules=rules, **GIVEN)
    operations.give_up_batch(
        actor=second_city_cashier, batch=again, bank=bank, reason="银行已有这一笔", **GIVEN
    )
    lost(bank, line)
    batch = taken_over(city_cashier, second_city_cashier, bank, rules)
    operations.settle_batch(actor=second_city_cashier, batch=batch, bank=bank, **GIVEN)
    approved.refresh_from_db()
    assert approved.state == "paid"
    assert len(bank.payouts()) == 1
    assert verify_ledger().faults == ()
