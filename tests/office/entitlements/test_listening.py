"""A changed fact decides the person again, in the very transaction that changed it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from jiuye.office.entitlements.models import Entitlement, Prospect, Sweep
from jiuye.office.entitlements.operations import redecide_people, redecide_person, run_sweep
from jiuye.office.registry import operations
from jiuye.office.registry.models import Person, Status
from jiuye.office.registry.secrets import blind_index
from jiuye.office.registry.signals import many_people_changed, people_changed
from tests.office.casework.conftest import (  # noqa: F401 (the fixtures are asked for by name)
    DAY,
    _pack,
    at,
    caseworker,
    divisions,
    make_entitlement,
    person,
)


@pytest.fixture
def stale(person):  # noqa: F811
    """A decision that the register does not bear out: she has no status, no work and no contributions on record."""
    return make_entitlement(
        person,
        policy_id="flexible-employment-insurance-subsidy",
        period_start=date(2025, 6, 1),
        period_until=date(2025, 7, 1),
    )


def register(caseworker, person) -> Status:  # noqa: F811
    return operations.add_status(
        actor=caseworker,
        person=person,
        kind="veteran",
        start=date(2024, 1, 1),
        source="退役军人事务局",
        on=DAY,
        at=at(DAY),
    )


def test_a_new_status_decides_the_person_again_at_once(caseworker, person, stale):  # noqa: F811
    register(caseworker, person)
    stale.refresh_from_db()
    assert stale.verdict != "yes"
    assert stale.amount_fen is None
    assert stale.decided_on == DAY


def test_a_change_that_is_taken_back_takes_its_decision_back(caseworker, person, stale):  # noqa: F811
    with transaction.atomic():
        register(caseworker, person)
        transaction.set_rollback(True)
    stale.refresh_from_db()
    assert stale.verdict == "yes"


def others(village, count: int) -> list[Person]:
    """So many more residents of the same village."""
    numbers = [f"32100219{70 + place}0101{place:03}4" for place in range(count)]
    return [
        Person.objects.create(
            name=f"居民{place}",
            sex="female",
            id_number=number,
            id_number_index=blind_index(number),
            birth_date=date(1970 + place, 1, 1),
            residence_division_id=village.pk,
            source="测试",
            registered_on=date(2023, 1, 1),
        )
        for place, number in enumerate(numbers)
    ]


def stale_decisions(people: list[Person]) -> list[Entitlement]:
    return [
        make_entitlement(
            one,
            policy_id="flexible-employment-insurance-subsidy",
            period_start=date(2025, 6, 1),
            period_until=date(2025, 7, 1),
        )
        for one in people
    ]


def kept(people: list[Person]) -> list[tuple]:
    """What stands of them, with the receipt, in an order that does not depend on who was written first."""
    rows = Entitlement.objects.filter(person__in=people).order_by("person", "policy_id", "period_start")
    return list(
        rows.values_list(
            "person", "policy_id", "period_start", "verdict", "clause_bits", "unknown_bits", "missing_facts", "amount_fen", "facts"
        )
    )  # fmt: skip


def test_several_residents_are_decided_together_as_each_alone(divisions, person, monkeypatch):  # noqa: F811
    people = [person, *others(person.residence_division, 4)]
    stale_decisions(people)
    for one in people:
        redecide_person(person_id=one.pk, on=DAY, at=at(DAY))
    alone = kept(people)
    prospects = list(
        Prospect.objects.order_by("person", "policy_id").values_list("person", "policy_id", "day")
    )
    assert alone
    Entitlement.objects.filter(person__in=people).delete()
    Prospect.objects.all().delete()
    stale_decisions(people)
    monkeypatch.setattr("jiuye.office.entitlements.operations.PEOPLE_AT_ONCE", 2)
    people_changed.send(sender=Person, person_ids=[one.pk for one in people], on=DAY, at=at(DAY))
    assert kept(people) == alone
    assert prospects == list(
        Prospect.objects.order_by("person", "policy_id").values_list("person", "policy_id", "day")
    )


def test_several_residents_cost_no_more_queries_than_one(divisions, person, django_assert_max_num_queries):  # noqa: F811
    people = [person, *others(person.residence_division, 6)]
    redecide_people(person_ids=[one.pk for one in people], on=DAY, at=at(DAY))  # what is made once is made
    with django_assert_max_num_queries(16):
        redecide_people(person_ids=[one.pk for one in people], on=DAY, at=at(DAY))


def test_after_a_change_of_many_everyone_is_decided_again(divisions, person, stale):  # noqa: F811
    run_sweep(actor=None, on=DAY, at=at(DAY))
    Entitlement.objects.filter(pk=stale.pk).update(verdict="yes", amount_fen=100)
    many_people_changed.send(sender=Person, batch=None, on=DAY, at=at(DAY))
    stale.refresh_from_db()
    assert (stale.verdict, stale.amount_fen) == ("no", None)
    assert Sweep.objects.filter(state="done").count() == 2


def test_before_the_first_sweep_a_change_of_many_leaves_deciding_to_it(divisions, person):  # noqa: F811
    many_people_changed.send(sender=Person, batch=None, on=DAY, at=at(DAY))
    assert not Sweep.objects.exists()


def test_a_large_change_stays_where_everyone_cannot_be_decided(person, monkeypatch, caplog):  # noqa: F811
    run_sweep(actor=None, on=DAY, at=at(DAY))

    def fails(**_):
        raise RuntimeError("no room on the disk")

    monkeypatch.setattr("jiuye.office.entitlements.listening.run_sweep", fails)
    many_people_changed.send(sender=Person, batch=None, on=DAY, at=at(DAY))
    assert "no room on the disk" in caplog.text
