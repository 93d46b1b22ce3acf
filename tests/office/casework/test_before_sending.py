"""The last look before money leaves: what became of whoever a batch pays, between its making and its sending."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.models import CaseCheck
from jiuye.office.casework.operations import BatchNoLongerPayableError
from jiuye.office.casework.states import CHECKS
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.registry.models import Person
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import at
from tests.office.casework.test_paying import GIVEN, approved, batch_of  # noqa: F401 (fixture by name)

pytestmark = pytest.mark.django_db(transaction=True)
LATER = date(2025, 7, 18)
A_MONTH_ON = {"on": LATER, "at": at(LATER)}


@pytest.fixture
def waiting(approved, cashier, second_cashier, rules) -> PaymentBatch:  # noqa: F811
    """Approved by the second person, and a month later not sent yet."""
    batch = batch_of([approved], cashier, rules)
    return funds.approve_batch(actor=second_cashier, batch=batch, **GIVEN)


def test_whoever_died_since_is_not_paid_and_the_look_says_what_was_seen(
    waiting, approved, cashier, second_cashier, bank, rules  # noqa: F811
):  # fmt: skip
    Person.objects.filter(pk=approved.person_id).update(death_date=date(2025, 7, 1))
    before = CaseCheck.objects.count()
    with pytest.raises(BatchNoLongerPayableError, match=approved.number):
        operations.send_batch(actor=second_cashier, batch=waiting, bank=bank, rules=rules, **A_MONTH_ON)
    waiting.refresh_from_db()
    assert waiting.state == "approved"
    assert bank.payouts() == []
    assert CaseCheck.objects.count() > before
    kept = CaseCheck.objects.filter(on_date=LATER, outcome="failed").values_list("check_name", flat=True)
    assert "alive" in set(kept) <= set(CHECKS)
    operations.discard_batch(actor=cashier, batch=waiting, **A_MONTH_ON)
    approved.refresh_from_db()
    assert approved.state == "approved"  # it may now be left, or refused


def test_an_account_that_changed_since_stops_the_batch_until_it_is_made_anew(
    waiting, approved, caseworker, cashier, second_cashier, bank, rules  # noqa: F811
):  # fmt: skip
    Person.objects.filter(pk=approved.person_id).update(bank_account="")
    person = Person.objects.get(pk=approved.person_id)
    person.bank_account = "6222000000009999"
    person.save()
    with pytest.raises(BatchNoLongerPayableError, match="已经变更"):
        operations.send_batch(actor=second_cashier, batch=waiting, bank=bank, rules=rules, **GIVEN)
    operations.discard_batch(actor=cashier, batch=waiting, **GIVEN)
    operations.refresh_payee(actor=caseworker, case_id=approved.pk, note="本人来电确认", **GIVEN)
    again = funds.approve_batch(actor=second_cashier, batch=batch_of([approved], cashier, rules), **GIVEN)
    operations.send_batch(actor=second_cashier, batch=again, bank=bank, rules=rules, **GIVEN)
    assert len(bank.payouts()) == 1
    assert [line.payee_account for line in again.lines.order_by("pk")] == ["6222000000009999"]


def test_where_nothing_changed_the_batch_goes_and_going_again_looks_at_nobody(
    waiting, second_cashier, bank, rules
):
    sent = operations.send_batch(actor=second_cashier, batch=waiting, bank=bank, rules=rules, **GIVEN)
    assert sent.state == "sent"
    looked = CaseCheck.objects.count()
    again = operations.send_batch(actor=second_cashier, batch=waiting, bank=bank, rules=rules, **GIVEN)
    assert (again.state, CaseCheck.objects.count(), len(bank.payouts())) == ("sent", looked, 1)


def test_who_may_not_pay_runs_no_checks_either(waiting, caseworker, bank, rules):
    looked = CaseCheck.objects.count()
    with pytest.raises(NotPermittedError):
        operations.send_batch(actor=caseworker, batch=waiting, bank=bank, rules=rules, **GIVEN)
    assert CaseCheck.objects.count() == looked
