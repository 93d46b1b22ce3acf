"""The gap: seven groups by policy within the scope, each number open to those behind it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.queries import gap as queries
from jiuye.office.entitlements.models import Benefit, Prospect
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer, make_person
from tests.office.places import OTHER_VILLAGE

POLICY = "flexible-employment-insurance-subsidy"


@pytest.fixture
def street(divisions):
    """Five residents of 东关街道 and one of 邗江区."""
    villages = ["321002001001"] * 5 + [OTHER_VILLAGE]
    return [
        make_person(f"居民{index}", number=f"32100219900101{index:04d}", village=village)
        for index, village in enumerate(villages)
    ]


def prospect(person, kind: str, day: date, **more) -> Prospect:
    return Prospect.objects.create(
        **{
            "policy_id": POLICY, "subject_kind": "person", "subject_key": str(person.pk), "recipient_kind": "person", "person": person,
            "division_code": person.residence_division_id, "kind": kind, "day": day, "clause": "months-left", "amount_fen": 60_000,
            "rule_version": "v1", "decided_on": DAY, **more,
        }
    )  # fmt: skip


def benefit(person, start: date | None, until: date | None) -> Benefit:
    return Benefit.objects.create(
        policy_id=POLICY, subject_kind="person", subject_key=str(person.pk), person=person, period_start=start, period_until=until,
        months=1, amount_fen=60_000, paid_on=DAY, source="测试",
    )  # fmt: skip


def counts(actor, **more) -> dict[str, int]:
    rows = {row.policy_id: row for row in queries.gap(actor, on=DAY, **more)}
    return {group: number for group, number in rows[POLICY].counts.items() if number}


def test_each_of_the_seven_groups_is_counted_once(street, caseworker, rules):
    mine = [make_entitlement(person, policy_id=POLICY) for person in street[:2]]
    operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=mine[0].pk, note="来电", rules=rules, on=DAY, at=at(DAY)
    )
    make_entitlement(street[2], policy_id=POLICY, verdict="unknown", amount_fen=None)
    make_entitlement(street[3], policy_id=POLICY, verdict="near_miss", amount_fen=None)
    prospect(street[1], "ending", DAY + timedelta(days=30))
    prospect(street[3], "soon", DAY + timedelta(days=60))
    prospect(street[4], "lost", DAY - timedelta(days=5))
    assert counts(caseworker) == {
        "receiving": 1, "unclaimed": 1, "unknown": 1, "near_miss": 1, "ending": 1, "soon": 1, "lost": 1,
    }  # fmt: skip
    assert queries.gap(caseworker, on=DAY)[0].amount_fen == 150_000


def test_who_drew_the_period_before_draws_on_and_who_drew_long_ago_does_not(street, caseworker):
    for person in street[:3]:
        make_entitlement(person, policy_id=POLICY)  # April to June
    benefit(street[0], date(2025, 1, 1), date(2025, 4, 1))
    benefit(street[1], date(2024, 7, 1), date(2024, 10, 1))
    assert counts(caseworker) == {"receiving": 1, "unclaimed": 2}


def test_a_decision_of_a_past_period_is_no_part_of_today(street, caseworker):
    make_entitlement(street[0], policy_id=POLICY)
    make_entitlement(
        street[1], policy_id=POLICY, period_start=date(2025, 1, 1), period_until=date(2025, 4, 1)
    )
    assert counts(caseworker) == {"unclaimed": 1}


def test_what_was_foreseen_and_has_come_is_left_to_the_decisions(street, caseworker):
    prospect(street[0], "soon", DAY)
    prospect(street[1], "soon", DAY + timedelta(days=1))
    assert counts(caseworker) == {"soon": 1}


def test_numbers_and_lists_end_at_the_scope(street, caseworker):
    for person in street:
        make_entitlement(person, policy_id=POLICY)
    prospect(street[5], "ending", DAY + timedelta(days=9))
    city = make_officer("市经办", "caseworker", "3210")
    assert counts(caseworker) == {"unclaimed": 5}
    assert counts(city) == {"unclaimed": 6, "ending": 1}
    assert counts(city, division="321003") == {"unclaimed": 1, "ending": 1}
    assert queries.behind(caseworker, POLICY, "ending", on=DAY).count() == 0
    assert [
        (place.name, place.number) for place in queries.places_behind(city, POLICY, "unclaimed", on=DAY)
    ] == [
        ("东关街道", 5),
        ("邗上街道", 1),
    ]
    foreign = Prospect.objects.get()
    with pytest.raises(Prospect.DoesNotExist):
        queries.one_prospect(caseworker, foreign.pk, on=DAY)


def test_a_leader_may_count_and_may_not_open(street, divisions):
    make_entitlement(street[0], policy_id=POLICY)
    leader = make_officer("县长", "leader", "321002")
    assert counts(leader, permission="board.see") == {"unclaimed": 1}
    with pytest.raises(NotPermittedError):
        queries.behind(leader, POLICY, "unclaimed", on=DAY)
    with pytest.raises(NotPermittedError):
        queries.gap(leader, on=DAY)


def test_the_numbers_open_to_exactly_as_many_as_they_say(street, caseworker):
    for index, person in enumerate(street[:4]):
        make_entitlement(person, policy_id=POLICY, amount_fen=10_000 * (index + 1))
    prospect(street[1], "lost", DAY - timedelta(days=5))
    prospect(street[2], "lost", DAY - timedelta(days=2))
    for group, number in counts(caseworker).items():
        assert queries.behind(caseworker, POLICY, group, on=DAY).count() == number
    by_money = [row.amount_fen for row in queries.behind(caseworker, POLICY, "unclaimed", on=DAY)]
    assert by_money == [40_000, 30_000, 20_000, 10_000]
    newest_first = [row.day for row in queries.behind(caseworker, POLICY, "lost", on=DAY)]
    assert newest_first == [DAY - timedelta(days=2), DAY - timedelta(days=5)]


def test_those_behind_a_number_are_masked_and_say_what_would_settle_it(street, caseworker):
    make_entitlement(street[0], policy_id="graduate-131-service", verdict="unknown", amount_fen=None)
    rows = list(queries.behind(caseworker, "graduate-131-service", "unknown", on=DAY))
    item = queries.as_gap_items(rows, "unknown", on=DAY)[0]
    assert item.recipient == "居**"
    assert item.division_name == "琼花观社区"
    assert item.explanation is not None


def test_a_group_that_there_is_not_is_refused_with_those_that_there_are(caseworker):
    with pytest.raises(queries.NoSuchGroupError, match="可以看的有"):
        queries.behind(caseworker, POLICY, "rich", on=DAY)


def test_the_whole_overview_takes_three_queries_one_of_them_for_what_is_in_force(
    street, caseworker, django_assert_num_queries
):
    for person in street:
        make_entitlement(person, policy_id=POLICY)
        prospect(person, "ending", DAY + timedelta(days=9))
    with django_assert_num_queries(3):
        queries.gap(caseworker, on=DAY)
