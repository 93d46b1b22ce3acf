"""Into a batch, to the bank and back: paid once, whatever is repeated and wherever it breaks off."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.conf import settings
from django.db import IntegrityError, connection

from jiuye.exchange.bank import Outcome
from jiuye.exchange.bank.file_format import Answer
from jiuye.exchange.bank.tables import answer_table
from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError, sentence
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.paying import (
    AccountCheckNoteError,
    NothingChosenError,
    PayeeFixedError,
    PayeeNotConfirmedError,
)
from jiuye.office.casework.states import WrongStateError
from jiuye.office.entitlements import recording
from jiuye.office.entitlements.models import Benefit
from jiuye.office.funds import operations as funds
from jiuye.office.funds.chain import receipt_digest
from jiuye.office.funds.models import LedgerAccount, LedgerTransfer, PaymentBatch, Reservation
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.messages.models import Message
from jiuye.office.registry.models import Person
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.office.casework.journey import APPROVAL_DAY, approve, publicised_case

PAY_DAY = date(2025, 6, 18)
GIVEN = {"on": PAY_DAY, "at": at(PAY_DAY)}

# Sending and settling commit on their own, so that a crash finds what was done: these tests need real transactions.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def approved(owner, entitlement, rules, caseworker, reviewer, approver, budget) -> Case:
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return approve(publicised_case(case, caseworker, reviewer), approver, rules)


@pytest.fixture
def other(rules, caseworker, reviewer, approver, budget) -> Case:
    """Another person's case, approved as well."""
    neighbour = make_person("陈桂英", number="321002196001010045", bank_account="6222000000005678")
    found = make_entitlement(neighbour)
    case = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=found.pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )
    return approve(publicised_case(case, caseworker, reviewer), approver, rules)


def batch_of(cases, cashier, rules) -> PaymentBatch:
    made = operations.put_into_batch(
        actor=cashier, case_ids=[case.pk for case in cases], rules=rules, **GIVEN
    )
    assert made.left_out == []
    return made.batch


def send(batch, second_cashier, bank) -> PaymentBatch:
    funds.approve_batch(actor=second_cashier, batch=batch, **GIVEN)
    return funds.send_batch(actor=second_cashier, batch=batch, bank=bank, **GIVEN)


def pay(batch, second_cashier, bank):
    sent = send(batch, second_cashier, bank)
    return operations.settle_batch(actor=second_cashier, batch=sent, bank=bank, **GIVEN)


def test_a_granted_case_is_paid_and_its_benefit_ledger_and_timeline_say_so(
    approved, cashier, second_cashier, bank, rules
):
    settlement, collected = pay(batch_of([approved], cashier, rules), second_cashier, bank)
    assert (settlement.paid, collected.paid) == (1, 1)
    approved.refresh_from_db()
    assert (approved.state, approved.paid_on) == ("paid", PAY_DAY)
    benefit = Benefit.objects.get(case_key=approved.claim_key)
    assert (benefit.amount_fen, benefit.months, benefit.person_id) == (150_000, 3, approved.person_id)
    assert Reservation.objects.get().state == "spent"
    kept = LedgerTransfer.objects.filter(claim_key=approved.claim_key).order_by("pk")
    assert {(row.clause, row.receipt) for row in kept} == {
        (f"{approved.policy_id}@{approved.rule_version}", receipt_digest(approved.receipt))
    }
    assert len(kept) > 1  # what was set aside, and what was spent
    assert (
        LedgerAccount.objects.get(kind="recipients", credits_posted_fen__gt=0).credits_posted_fen == 150_000
    )
    acts = [row.act for row in approved.timeline.order_by("pk")]
    assert acts[-3:] == ["approve", "put_into_batch", "record_paid"]


def test_settling_again_changes_nothing(approved, cashier, second_cashier, bank, rules):
    batch = batch_of([approved], cashier, rules)
    pay(batch, second_cashier, bank)
    settlement, collected = operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, **GIVEN)
    assert (settlement.paid, collected.paid) == (0, 0)
    assert len(bank.payouts()) == 1
    assert approved.timeline.filter(act="record_paid").count() == 1
    assert Benefit.objects.count() == 1


def test_a_crash_between_the_ledger_and_the_case_is_made_good_by_the_next_look(
    approved, cashier, second_cashier, bank, rules
):
    batch = send(batch_of([approved], cashier, rules), second_cashier, bank)
    funds.settle_batch(actor=second_cashier, batch=batch, bank=bank, **GIVEN)
    approved.refresh_from_db()
    assert approved.state == "in_payment"  # the process died here
    assert operations.collect_payment_results(**GIVEN).paid == 1
    assert operations.collect_payment_results(**GIVEN).paid == 0
    approved.refresh_from_db()
    assert approved.state == "paid"


def test_an_answer_that_cannot_be_recorded_keeps_no_other_case_from_its_own(
    approved, other, rules, cashier, second_cashier, bank
):
    batch = send(batch_of([approved, other], cashier, rules), second_cashier, bank)
    funds.settle_batch(actor=second_cashier, batch=batch, bank=bank, **GIVEN)
    # Meanwhile somebody wrote down the first one's payment by another way.
    Benefit.objects.create(
        policy_id=approved.policy_id,
        subject_kind=approved.subject_kind,
        subject_key=approved.subject_key,
        person_id=approved.person_id,
        period_start=approved.entitlement.period_start,
        period_until=approved.entitlement.period_until,
        amount_fen=1,
        paid_on=PAY_DAY,
        source="本系统发放",
        case_key=approved.claim_key,
    )
    with pytest.raises(IntegrityError):
        operations.collect_payment_results(**GIVEN)
    other.refresh_from_db()
    approved.refresh_from_db()
    assert (other.state, approved.state) == ("paid", "in_payment")
    assert Benefit.objects.filter(case_key=other.claim_key).count() == 1


def test_a_payment_that_a_register_reports_before_the_bank_answers_is_kept_once(
    approved, cashier, second_cashier, bank, rules
):
    batch = send(batch_of([approved], cashier, rules), second_cashier, bank)
    period = (approved.entitlement.period_start, approved.entitlement.period_until)
    Benefit.objects.create(
        policy_id=approved.policy_id,
        subject_kind=approved.subject_kind,
        subject_key=approved.subject_key,
        person_id=approved.person_id,
        period_start=period[0],
        period_until=period[1],
        amount_fen=1,
        paid_on=PAY_DAY,
        source="省失业保险系统",
    )
    operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, **GIVEN)
    approved.refresh_from_db()
    assert approved.state == "paid"
    kept = Benefit.objects.get()
    assert (kept.case_key, kept.amount_fen) == (approved.claim_key, approved.amount_fen)
    assert (kept.period_start, kept.period_until) == period
    assert "省失业保险系统" in kept.source


def test_who_is_paid_together_is_decided_again_together_before_anybody_sees_them_paid(
    approved, other, rules, cashier, second_cashier, bank, monkeypatch
):
    batch = send(batch_of([approved, other], cashier, rules), second_cashier, bank)
    decided: list[list[int]] = []

    def note(*, person_ids, on, at):
        assert connection.in_atomic_block
        assert Case.objects.filter(state="paid").count() == 2
        decided.append(list(person_ids))
        return 0

    monkeypatch.setattr(recording, "redecide_people", note)
    operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, **GIVEN)
    assert decided == [sorted([approved.person_id, other.person_id])]


def test_a_case_in_a_batch_is_not_put_into_another(approved, cashier, rules):
    batch_of([approved], cashier, rules)
    with pytest.raises(WrongStateError, match="付款中"):
        batch_of([approved], cashier, rules)
    assert PaymentBatch.objects.count() == 1


def test_a_case_named_twice_in_one_request_is_paid_once(approved, cashier, rules):
    made = operations.put_into_batch(actor=cashier, case_ids=[approved.pk, approved.pk], rules=rules, **GIVEN)
    assert made.batch.lines.count() == 1


def test_a_case_that_was_not_granted_is_not_paid(owner, entitlement, rules, cashier, budget):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    with pytest.raises(WrongStateError, match="待付款"):
        batch_of([case], cashier, rules)


def test_a_batch_of_nothing_says_so(cashier, rules):
    with pytest.raises(NothingChosenError):
        operations.put_into_batch(actor=cashier, case_ids=[], rules=rules, **GIVEN)


def test_who_approves_cases_makes_no_batches(approved, approver, rules):
    with pytest.raises(NotPermittedError, match="资金支付"):
        batch_of([approved], approver, rules)


def test_the_dead_stay_out_of_the_batch_and_the_living_go_in(approved, other, rules, cashier):
    Person.objects.filter(pk=other.person_id).update(death_date=date(2025, 6, 17))
    made = operations.put_into_batch(actor=cashier, case_ids=[approved.pk, other.pk], rules=rules, **GIVEN)
    assert [case.pk for case, _ in made.left_out] == [other.pk]
    assert list(made.batch.lines.values_list("claim_key", flat=True)) == [approved.claim_key]
    with pytest.raises(ChecksFailedError, match="死亡"):
        operations.put_into_batch(actor=cashier, case_ids=[other.pk], rules=rules, **GIVEN)


def test_a_granted_case_that_cannot_be_paid_is_refused_and_its_money_goes_back(
    approved, approver, reviewer, rules
):
    words = {"case_id": approved.pk, "clause_id": "insured", "note": "已死亡", "rules": rules, **GIVEN}
    with pytest.raises(NotPermittedError):
        operations.refuse(actor=reviewer, **words)
    operations.refuse(actor=approver, **words)
    approved.refresh_from_db()
    assert approved.state == "refused"
    assert Reservation.objects.get(claim_key=approved.claim_key).state == "released"


def test_a_payment_sent_back_goes_out_again_only_after_the_account_was_checked(
    approved, caseworker, cashier, second_cashier, bank, rules
):
    closed = "6222000000004040"
    Person.objects.filter(pk=approved.person_id).update(bank_account=closed)
    operations.refresh_payee(actor=caseworker, case_id=approved.pk, note="本人更换账户", **GIVEN)
    _, collected = pay(batch_of([approved], cashier, rules), second_cashier, bank)
    assert collected.rejected == 1
    approved.refresh_from_db()
    assert (approved.state, bool(approved.rejection)) == ("payment_rejected", True)
    with pytest.raises(PayeeNotConfirmedError):
        batch_of([approved], cashier, rules)
    Person.objects.filter(pk=approved.person_id).update(bank_account="6222000000004321")
    operations.refresh_payee(actor=caseworker, case_id=approved.pk, note="本人来电更正", **GIVEN)
    _, collected = pay(batch_of([approved], cashier, rules), second_cashier, bank)
    assert collected.paid == 1
    approved.refresh_from_db()
    assert (approved.state, approved.rejection) == ("paid", "")
    assert [payout.amount_fen for payout in bank.payouts()] == [150_000]


def test_one_whose_account_nobody_checked_since_it_came_back_keeps_no_other_out_of_the_batch(
    approved, other, caseworker, cashier, second_cashier, bank, rules
):
    Person.objects.filter(pk=approved.person_id).update(bank_account="6222000000004040")
    operations.refresh_payee(actor=caseworker, case_id=approved.pk, note="本人更换账户", **GIVEN)
    pay(batch_of([approved], cashier, rules), second_cashier, bank)
    made = operations.put_into_batch(actor=cashier, case_ids=[approved.pk, other.pk], rules=rules, **GIVEN)
    assert [line.claim_key for line in made.batch.lines.order_by("pk")] == [other.claim_key]
    ((left, why),) = made.left_out
    assert left.pk == approved.pk
    assert "请先核对并更新收款账户" in sentence(why[0])


def test_a_payment_that_came_back_after_it_had_arrived_opens_the_case_again_and_is_paid_anew(
    approved, caseworker, cashier, second_cashier, bank, rules
):
    batch = batch_of([approved], cashier, rules)
    pay(batch, second_cashier, bank)
    (result,) = bank.results(batch.number)
    back = replace(result, outcome=Outcome.REJECTED, code="CLOSED", reason="账户已销户", reference="")
    content = answer_table(Answer(batch.number, "YH1", (back,)), settings.BANK_KEY, "csv")
    for _ in range(2):
        operations.take_return_file(actor=second_cashier, name="退汇.csv", content=content, **GIVEN)
    approved.refresh_from_db()
    assert (approved.state, approved.paid_on, approved.rejection) == ("payment_rejected", None, "账户已销户")
    assert not Benefit.objects.filter(case_key=approved.claim_key).exists()
    assert [row.act for row in approved.timeline.order_by("pk")][-2:] == ["record_paid", "record_returned"]
    assert Message.objects.filter(about=approved.claim_key).order_by("pk").last().occasion == "case_returned"
    with pytest.raises(PayeeNotConfirmedError):
        batch_of([approved], cashier, rules)
    Person.objects.filter(pk=approved.person_id).update(bank_account="6222000000004321")
    operations.refresh_payee(actor=caseworker, case_id=approved.pk, note="本人来电更正", **GIVEN)
    pay(batch_of([approved], cashier, rules), second_cashier, bank)
    approved.refresh_from_db()
    assert (approved.state, approved.paid_on) == ("paid", PAY_DAY)
    assert Benefit.objects.get(case_key=approved.claim_key).amount_fen == 150_000
    assert verify_ledger().faults == ()


def test_a_case_whose_payment_came_back_may_have_its_approval_undone(
    approved, approver, cashier, second_cashier, bank, rules
):
    batch = batch_of([approved], cashier, rules)
    pay(batch, second_cashier, bank)
    (result,) = bank.results(batch.number)
    back = replace(result, outcome=Outcome.REJECTED, code="CLOSED", reason="账户已销户", reference="")
    content = answer_table(Answer(batch.number, "YH1", (back,)), settings.BANK_KEY, "csv")
    operations.take_return_file(actor=second_cashier, name="退汇.csv", content=content, **GIVEN)
    operations.undo_approval(actor=approver, case_id=approved.pk, note="账户核实不了", **GIVEN)
    states = Reservation.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["returned", "released"]
    assert (
        LedgerAccount.objects.get(
            kind="recipients", credits_pending_fen=0, code__contains="subsidy"
        ).balance_fen
        == 0
    )


def test_an_account_that_changed_after_the_approval_stops_the_payment_until_it_is_taken_over(
    approved, cashier, caseworker, rules
):
    Person.objects.filter(pk=approved.person_id).update(bank_account="6222000000004321")
    with pytest.raises(ChecksFailedError, match="账号已经变更"):
        batch_of([approved], cashier, rules)
    with pytest.raises(AccountCheckNoteError):
        operations.refresh_payee(actor=caseworker, case_id=approved.pk, note="", **GIVEN)
    operations.refresh_payee(actor=caseworker, case_id=approved.pk, note="电话核对", **GIVEN)
    batch = batch_of([approved], cashier, rules)
    with pytest.raises(PayeeFixedError):
        operations.refresh_payee(actor=caseworker, case_id=approved.pk, note="再改", **GIVEN)
    assert batch.lines.get().payee_account == "6222000000004321"


def test_a_discarded_batch_gives_its_cases_back(approved, cashier, rules):
    batch = batch_of([approved], cashier, rules)
    assert operations.discard_batch(actor=cashier, batch=batch, **GIVEN).returned == 1
    approved.refresh_from_db()
    assert approved.state == "approved"
    assert batch_of([approved], cashier, rules).lines.count() == 1


def test_what_the_registers_say_was_drawn_already_is_not_paid_again(owner, person, entitlement, rules):
    Benefit.objects.create(
        policy_id=entitlement.policy_id,
        subject_kind="person",
        subject_key=str(person.pk),
        person=person,
        period_start=date(2025, 6, 1),
        period_until=date(2025, 7, 1),
        amount_fen=1,
        paid_on=date(2025, 6, 3),
        source="省失业保险系统",
    )
    with pytest.raises(ChecksFailedError, match="省失业保险系统"):
        operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


def test_a_budget_that_does_not_suffice_stops_the_approval_whole(
    owner, person, rules, caseworker, reviewer, approver, budget
):
    found = make_entitlement(person, amount_fen=1_000_001)
    case = operations.confirm_own(actor=owner, entitlement_id=found.pk, rules=rules, on=DAY, at=at(DAY))
    case = publicised_case(case, caseworker, reviewer)
    with pytest.raises(funds.BudgetExceededError, match=r"还差 0\.01"):
        approve(case, approver, rules, on=APPROVAL_DAY)
    case.refresh_from_db()
    assert case.state == "publicised"
