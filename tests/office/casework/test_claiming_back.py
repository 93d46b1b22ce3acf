"""A paid case claimed back: two officers, a letter, the timeline, and a history that shrinks as the money returns."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.casework import operations, queries
from jiuye.office.casework.checks import examine
from jiuye.office.casework.models import Case, CaseEvent
from jiuye.office.casework.operations.claiming_back import NotPaidError
from jiuye.office.casework.queries import own
from jiuye.office.casework.queries.past import as_it_was
from jiuye.office.entitlements.models import Benefit
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch, Recovery
from jiuye.office.messages.models import Message
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer
from tests.office.casework.journey import approve, publicised_case
from tests.office.casework.test_paying import GIVEN, PAY_DAY, batch_of, pay

pytestmark = pytest.mark.django_db(transaction=True)

JULY, AUGUST, SEPTEMBER = date(2025, 7, 1), date(2025, 8, 1), date(2025, 9, 1)


@pytest.fixture
def paid(
    owner, entitlement, rules, caseworker, reviewer, approver, budget, cashier, second_cashier, bank
) -> Case:
    """1,500 yuan for April to June, paid in June."""
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    approve(publicised_case(case, caseworker, reviewer), approver, rules)
    pay(batch_of([case], cashier, rules), second_cashier, bank)
    case.refresh_from_db()
    assert case.state == "paid"
    return case


def propose(case, officer, amount_fen=150_000, **changes) -> Recovery:
    fields = {
        "ground": "就业补助资金管理办法：不符合条件领取的予以追回",
        "document": "扬人社追〔2025〕1号",
        "schedule": funds.equal_instalments(amount_fen, [JULY, AUGUST]),
    } | changes
    return operations.propose_claim_back(
        actor=officer, case_id=case.pk, amount_fen=amount_fen, **fields, **GIVEN
    )


def claimed(case, cashier, approver, amount_fen=150_000) -> Recovery:
    found = propose(case, cashier, amount_fen)
    return operations.confirm_claim_back(actor=approver, recovery_id=found.pk, **GIVEN)


def receive(recovery, cashier, amount_fen, reference="LS-1"):
    return operations.receive_back(
        actor=cashier,
        recovery_id=recovery.pk,
        amount_fen=amount_fen,
        bank_reference=reference,
        on=JULY,
        at=at(JULY),
    )


def test_what_one_officer_proposes_is_owed_and_told_only_once_another_confirmed_it(
    paid, cashier, approver, owner
):
    found = propose(paid, cashier)
    assert (found.state, found.debtor_name) == ("proposed", "张秀兰")
    assert not Message.objects.filter(occasion="case_claimed_back").exists()
    with pytest.raises(funds.FundsRefusal, match="待另一人确认"):
        receive(found, cashier, 1_000)
    operations.confirm_claim_back(actor=approver, recovery_id=found.pk, **GIVEN)
    found.refresh_from_db()
    assert (found.state, found.decided_by_id) == ("open", approver.account_id)
    told = Message.objects.get(occasion="case_claimed_back")
    assert told.statutory
    for words in ("1,500.00", "不符合条件领取", "2025年7月1日 750.00 元", "行政复议", "扬人社追〔2025〕1号"):
        assert words in told.letter
    acts = [row.act for row in paid.timeline.order_by("pk")]
    assert acts[-2:] == ["propose_claim_back", "confirm_claim_back"]


def test_neither_who_proposed_nor_who_paid_confirms(paid, cashier, approver):
    found = propose(paid, cashier)
    with pytest.raises(NotPermittedError):
        operations.confirm_claim_back(actor=cashier, recovery_id=found.pk, **GIVEN)
    PaymentBatch.objects.update(approved_by=approver.account_id)
    with pytest.raises(funds.SameProposerError, match="经手付的"):
        operations.confirm_claim_back(actor=approver, recovery_id=found.pk, **GIVEN)
    with pytest.raises(IntegrityError, match="最后一签的人就是确认人"), transaction.atomic():
        Recovery.objects.filter(pk=found.pk).update(
            state="open", decided_by=cashier.account_id, decided_on=PAY_DAY
        )
    with pytest.raises(IntegrityError, match="另一人确认"), transaction.atomic():
        Recovery.objects.create(
            claim_key="case:999",
            paid=found.paid,
            amount_fen=1,
            ground="依据",
            document="文号",
            debtor_name="某",
            state="open",
            opened_on=PAY_DAY,
            opened_by_id=cashier.account_id,
        )


def test_a_second_officer_drops_what_is_unfounded_and_nobody_is_told(paid, cashier, approver):
    found = propose(paid, cashier)
    with pytest.raises(funds.ReasonMissingError, match="不予追回"):
        operations.drop_claim_back(actor=approver, recovery_id=found.pk, reason=" ", **GIVEN)
    operations.drop_claim_back(actor=approver, recovery_id=found.pk, reason="核实后属实", **GIVEN)
    found.refresh_from_db()
    assert found.state == "dropped"
    assert not Message.objects.filter(occasion="case_claimed_back").exists()
    assert propose(paid, cashier).state == "proposed"  # on new grounds it may be proposed again


def test_only_a_paid_case_is_claimed_back_and_never_more_than_was_paid(paid, cashier, entitlement):
    with pytest.raises(funds.MoreThanPaidError):
        propose(paid, cashier, 150_001)
    Case.objects.filter(pk=paid.pk).update(paid_on=paid.paid_on)
    stranger = make_officer("外县出纳", "cashier", "321003")
    with pytest.raises(NotPermittedError):
        propose(paid, stranger)


def test_a_case_that_is_not_paid_has_nothing_to_claim(owner, entitlement, rules, cashier):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    with pytest.raises(NotPaidError, match="没有付过款"):
        propose(case, cashier)


def test_months_count_as_drawn_until_their_share_is_back_and_the_last_go_first(paid, cashier, approver):
    found = claimed(paid, cashier, approver)
    receive(found, cashier, 49_999)
    benefit = Benefit.objects.get(case_key=paid.claim_key)
    assert (benefit.amount_fen, benefit.months, benefit.period_until) == (100_001, 3, JULY)
    receive(found, cashier, 1, "LS-2")
    benefit.refresh_from_db()
    assert (benefit.amount_fen, benefit.months, benefit.period_until) == (100_000, 2, date(2025, 6, 1))
    receive(found, cashier, 1, "LS-2")  # the same receipt again changes nothing
    benefit.refresh_from_db()
    assert benefit.amount_fen == 100_000
    receive(found, cashier, 100_000, "LS-3")
    assert not Benefit.objects.filter(case_key=paid.claim_key).exists()
    found.refresh_from_db()
    assert found.state == "recovered"


def test_what_was_paid_back_whole_stands_in_the_way_of_no_later_payment(
    paid, cashier, approver, person, rules
):
    again = make_entitlement(person, period_start=date(2025, 5, 1), period_until=date(2025, 8, 1))

    def found_of(check: str) -> str:
        _, findings = examine(
            entitlement=again, case=None, rules=rules, moment="confirm", on=JULY, at=at(JULY)
        )
        return next(row.outcome for row in findings if row.check == check)

    assert found_of("not_already_paid") == "failed"
    receive(claimed(paid, cashier, approver), cashier, 150_000)
    assert found_of("not_already_paid") == "passed"


def test_what_is_waived_has_not_come_back_and_still_counts(paid, cashier, approver):
    found = claimed(paid, cashier, approver)
    receive(found, cashier, 50_000)
    give_up = {"recovery_id": found.pk, "reason": "已死亡，无遗产", "on": AUGUST, "at": at(AUGUST)}
    with pytest.raises(funds.SameOfficerError, match="您批准支付的"):
        operations.waive_back(actor=approver, **give_up)
    operations.waive_back(actor=make_officer("另一审批", "approver"), **give_up)
    with pytest.raises(funds.MoreThanPaidError, match=r"最多可追回 0\.00 元"):
        propose(paid, cashier, 1_000)  # what was given up is not claimed anew
    assert Benefit.objects.get(case_key=paid.claim_key).months == 2
    assert paid.timeline.order_by("-pk").first().act == "waive_back"


def test_the_pages_show_a_claim_to_officers_at_once_and_to_the_debtor_when_it_is_confirmed(
    paid, cashier, approver, owner
):
    propose(paid, cashier)
    (row,) = queries.one_case(approver, paid.pk, on=JULY).recoveries
    assert (row.recovery.state, row.owed_fen) == ("proposed", 0)
    operations.confirm_claim_back(actor=approver, recovery_id=row.recovery.pk, **GIVEN)
    (row,) = own.own_case(owner, paid.pk, on=JULY).recoveries
    assert (row.owed_fen, row.next_due) == (150_000, JULY)


def test_a_case_shown_as_it_was_knows_nothing_of_money_that_came_back_later(
    paid, cashier, approver, caseworker
):
    found = claimed(paid, cashier, approver)
    receive(found, cashier, 75_000)
    now = queries.one_case(caseworker, paid.pk, on=SEPTEMBER)
    standing = {
        day: as_it_was(now, at(day)).recoveries[0] for day in (date(2025, 6, 30), JULY, date(2025, 8, 2))
    }
    assert [(row.received_fen, row.owed_fen, row.late_fen) for row in standing.values()] == [
        (0, 150_000, 0),
        (75_000, 75_000, 0),
        (75_000, 75_000, 75_000),
    ]
    receive(found, cashier, 75_000, "LS-2")
    over = queries.one_case(caseworker, paid.pk, on=SEPTEMBER)
    assert over.recoveries[0].recovery.state == "recovered"
    then = as_it_was(over, at(date(2025, 6, 30))).recoveries[0]
    assert (then.recovery.state, then.owed_fen) == ("open", 150_000)


def test_what_was_proposed_and_received_later_the_same_day_is_not_shown_in_the_past(paid, cashier, approver):
    def moment(hour):
        return datetime(2025, 6, 18, hour, tzinfo=UTC)

    found = operations.propose_claim_back(
        actor=cashier, case_id=paid.pk, amount_fen=150_000, ground="依据", document="文号",
        schedule=funds.equal_instalments(150_000, [JULY]), on=PAY_DAY, at=moment(4),
    )  # fmt: skip
    operations.confirm_claim_back(actor=approver, recovery_id=found.pk, on=PAY_DAY, at=moment(6))
    operations.receive_back(
        actor=cashier,
        recovery_id=found.pk,
        amount_fen=150_000,
        bank_reference="LS-9",
        on=PAY_DAY,
        at=moment(8),
    )
    view = queries.one_case(approver, paid.pk, on=PAY_DAY)
    shown = {
        hour: [(row.recovery.state, row.received_fen) for row in as_it_was(view, moment(hour)).recoveries]
        for hour in (3, 5, 7, 9)
    }
    assert shown == {3: [], 5: [("proposed", 0)], 7: [("open", 0)], 9: [("recovered", 150_000)]}


def test_a_receipt_entered_wrongly_is_taken_back_and_the_benefit_is_what_it_was(
    paid, cashier, second_cashier, approver
):
    drawn = Benefit.objects.values("amount_fen", "months", "period_start", "period_until", "paid_on")
    before = drawn.get()
    found = claimed(paid, cashier, approver)
    for amount in (100_000, 150_000):  # a part of the months, and all of them
        receipt = receive(found, cashier, amount)
        assert list(drawn) != [before]
        operations.undo_receipt(
            actor=second_cashier,
            recovery_id=found.pk,
            receipt_id=receipt.pk,
            reason="记错了办件",
            on=JULY,
            at=at(JULY),
        )
        assert drawn.get() == before
    found.refresh_from_db()
    assert found.state == "open"
    event = CaseEvent.objects.filter(case=paid).order_by("-pk").first()
    assert (event.act, event.note, event.details["amount_fen"]) == ("undo_receipt", "记错了办件", 150_000)


def test_as_it_then_was_a_receipt_counts_until_it_was_taken_back(
    paid, cashier, second_cashier, approver, caseworker
):
    found = claimed(paid, cashier, approver)
    receipt = receive(found, cashier, 150_000)
    operations.undo_receipt(
        actor=second_cashier, recovery_id=found.pk, receipt_id=receipt.pk, reason="记错了", on=AUGUST, at=at(AUGUST)
    )  # fmt: skip
    now = queries.one_case(caseworker, paid.pk, on=SEPTEMBER)
    then = {day: as_it_was(now, at(day)).recoveries[0] for day in (JULY, AUGUST)}
    assert [(row.recovery.state, row.received_fen) for row in then.values()] == [
        ("recovered", 150_000),
        ("open", 0),
    ]


def test_whoever_was_told_to_pay_back_is_told_when_the_decision_is_withdrawn(
    paid, cashier, approver, caseworker
):
    found = claimed(paid, cashier, approver)
    withdraw = {"recovery_id": found.pk, "reason": "银行已退回原付款", "on": JULY, "at": at(JULY)}
    with pytest.raises(funds.SameOfficerError, match="不能由您撤回"):
        operations.drop_claim_back(actor=approver, **withdraw)  # who granted the payment
    operations.drop_claim_back(actor=make_officer("另一审批", "approver"), **withdraw)
    told = Message.objects.get(occasion="case_claim_withdrawn")
    for words in ("您不用退款", "1,500.00", "扬人社追〔2025〕1号", "银行已退回原付款。"):
        assert words in told.body
    now = queries.one_case(caseworker, paid.pk, on=SEPTEMBER)
    then = as_it_was(now, at(date(2025, 6, 30))).recoveries[0]
    assert (then.recovery.state, then.owed_fen) == ("open", 150_000)
    assert as_it_was(now, at(AUGUST)).recoveries[0].recovery.state == "dropped"
