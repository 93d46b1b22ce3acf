"""Acts on many cases hold their recipients in one order, whatever the order of the cases: two of them never wait for each other in a circle."""

from __future__ import annotations

import time
from threading import Thread

import pytest
from django.db import connection, transaction

from jiuye.office.casework import operations
from jiuye.office.casework.operations import collecting
from jiuye.office.registry.models import Person
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.office.casework.journey import approve, publicised_case
from tests.office.casework.test_paying import GIVEN

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crosswise(person, owner, entitlement, rules, caseworker, reviewer, approver, budget):
    """Two granted cases, the later of which is the earlier person's."""
    neighbour = make_person("陈桂英", number="321002196001010045", bank_account="6222000000005678")
    first = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=make_entitlement(neighbour).pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )  # fmt: skip
    second = operations.confirm_own(
        actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY)
    )
    cases = [
        approve(publicised_case(case, caseworker, reviewer), approver, rules) for case in (first, second)
    ]
    assert person.pk < neighbour.pk
    assert [case.person_id for case in cases] == [neighbour.pk, person.pk]
    return cases


def waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else the first look is the last of a transaction
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return cursor.fetchone()[0]


def answer_while_the_earlier_is_held(cases, act) -> list[object]:
    """Run the act while somebody holds the earlier person, and let them have the later one as well; what it answered or raised."""
    answers: list[object] = []

    def run() -> None:
        try:
            answers.append(act())
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    later, earlier = (case.person_id for case in cases)
    thread = Thread(target=run)
    with transaction.atomic():
        Person.objects.select_for_update(no_key=True).get(pk=earlier)
        thread.start()
        until = time.monotonic() + 60
        while not waits():
            assert time.monotonic() < until
            time.sleep(0.02)
        # Whoever holds the one and wants the other gets it: nobody waits in a circle.
        Person.objects.select_for_update(no_key=True, nowait=True).get(pk=later)
    thread.join(60)
    return answers


def batch_of(cases, cashier, rules):
    return operations.put_into_batch(
        actor=cashier, case_ids=[case.pk for case in cases], rules=rules, **GIVEN
    )


def test_a_batch_that_waits_for_one_recipient_does_not_hold_a_later_one_meanwhile(crosswise, cashier, rules):
    (made,) = answer_while_the_earlier_is_held(crosswise, lambda: batch_of(crosswise, cashier, rules))
    assert made.left_out == []


def test_nor_does_a_batch_that_is_given_up_in_one_act_however_few_are_taken_at_a_time(
    crosswise, cashier, rules, monkeypatch
):
    monkeypatch.setattr(collecting, "CASES_A_TRANSACTION", 1)
    batch = batch_of(crosswise, cashier, rules).batch
    (left,) = answer_while_the_earlier_is_held(
        crosswise, lambda: operations.discard_batch(actor=cashier, batch=batch, **GIVEN)
    )
    assert left == collecting.Collected(paid=0, rejected=0, returned=2)
