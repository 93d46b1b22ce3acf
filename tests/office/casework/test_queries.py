"""What the lists show, to whom, in which order, and in how many queries."""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise

import pytest

from jiuye.office.casework import operations, queries
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import Case
from jiuye.office.casework.notices import is_sound, take_down
from jiuye.office.casework.queries.found import as_items
from jiuye.office.casework.queries.notice import publicised_cases
from jiuye.office.casework.queries.past import as_it_was
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer, make_person
from tests.office.casework.journey import publicised_case
from tests.office.places import OTHER_VILLAGE


@pytest.fixture
def neighbours(divisions):
    """Three residents of 东关街道 and one of 邗江区, each with something found; amounts of 100, 200, 300, 400 yuan."""
    found = []
    for index, village in enumerate(["321002001001"] * 3 + [OTHER_VILLAGE]):
        person = make_person(f"居民{index}", number=f"32100219900101{index:04d}", village=village)
        found.append(make_entitlement(person, amount_fen=10_000 * (index + 1)))
    return found


def confirm(actor, entitlement, rules, on=DAY) -> Case:
    return operations.confirm_on_behalf(
        actor=actor, entitlement_id=entitlement.pk, note="来电", rules=rules, on=on, at=at(on)
    )


def test_who_is_entitled_and_not_receiving_is_counted_by_policy_and_street_within_the_scope(
    neighbours, caseworker, rules
):
    city = make_officer("市经办", "caseworker", "3210")
    confirm(caseworker, neighbours[0], rules)
    assert [(row.key, row.number, row.amount_fen) for row in queries.found_by_policy(caseworker)] == [
        ("flexible-insurance-subsidy", 2, 50_000)
    ]
    assert [(row.key, row.name, row.number) for row in queries.found_by_street(city)] == [
        ("321002001", "东关街道", 2),
        ("321003001", "邗上街道", 1),
    ]


def test_neither_the_unknown_nor_a_service_without_money_is_in_the_list(person, caseworker):
    make_entitlement(person, verdict="unknown", amount_fen=None)
    make_entitlement(person, policy_id="guidance", amount_fen=None)
    assert queries.found_by_policy(caseworker) == []


def test_a_withdrawn_case_puts_its_entitlement_back_into_the_list(neighbours, caseworker, rules):
    case = confirm(caseworker, neighbours[0], rules)
    operations.withdraw(actor=caseworker, case_id=case.pk, note="本人撤回", on=DAY, at=at(DAY))
    rows = list(queries.found_items(caseworker))
    assert {row.pk for row in rows} == {row.pk for row in neighbours[:3]}
    items = {item.entitlement_id: item for item in as_items(rows)}
    assert items[neighbours[0].pk].case_state == "withdrawn"


def test_a_page_of_the_list_takes_three_queries_and_masks_names(
    neighbours, caseworker, django_assert_num_queries
):
    with django_assert_num_queries(3):
        items = as_items(list(queries.found_items(caseworker)[:50]))
    assert [(item.recipient, item.division_name) for item in items] == [("居**", "琼花观社区")] * 3


def test_one_found_entitlement_outside_the_scope_is_not_found(neighbours, caseworker):
    with pytest.raises(CaseNotFoundError):
        queries.one_found(caseworker, neighbours[3].pk)


def test_todays_work_is_what_this_actor_may_do_next_the_most_urgent_first(
    neighbours, caseworker, reviewer, rules
):
    late = confirm(caseworker, neighbours[0], rules, on=DAY - timedelta(days=7))
    fresh = confirm(caseworker, neighbours[1], rules)
    accepted = confirm(caseworker, neighbours[2], rules)
    operations.accept(actor=caseworker, case_id=accepted.pk, on=DAY, at=at(DAY))
    assert list(queries.todays_work(caseworker, on=DAY)) == [late, fresh]
    assert list(queries.todays_work(reviewer, on=DAY)) == [accepted]
    counted = queries.counts(caseworker, on=DAY)
    assert (counted.mine, counted.overdue, counted.due_today, counted.open) == (2, 1, 1, 3)
    assert counted.by_state == {"accepted": 1, "confirmed": 2}


def test_a_case_in_publicity_lies_on_the_approvers_desk_from_the_day_it_may_be_approved(
    neighbours, caseworker, reviewer, approver, rules
):
    case = publicised_case(confirm(caseworker, neighbours[0], rules), caseworker, reviewer)
    assert list(queries.todays_work(approver, on=case.publicity_until - timedelta(days=1))) == []
    assert list(queries.todays_work(approver, on=case.publicity_until)) == [case]


def test_an_approver_of_a_street_has_no_approvals_on_the_desk(neighbours, caseworker, reviewer, rules):
    local = make_officer("吴审批", "approver", "321002001")
    case = publicised_case(confirm(caseworker, neighbours[0], rules), caseworker, reviewer)
    assert list(queries.todays_work(local, on=case.publicity_until)) == []


def test_one_case_shows_who_has_it_until_when_and_what_this_actor_may_do(
    neighbours, caseworker, reviewer, rules
):
    case = confirm(caseworker, neighbours[0], rules)
    view = queries.one_case(caseworker, case.pk, on=DAY)
    assert (view.holder.role, view.holder.division_name) == ("caseworker", "东关街道")
    assert view.holder.until == date(2025, 6, 11)
    assert [row.act for row in view.acts] == ["accept", "request_correction", "withdraw"]
    assert view.awaited == ["accept", "review", "publicise", "approve", "put_into_batch", "record_paid"]
    assert len(view.checks) == 5
    assert not view.overdue
    assert queries.one_case(caseworker, case.pk, on=date(2025, 6, 12)).overdue
    assert [row.act for row in queries.one_case(reviewer, case.pk, on=DAY).acts] == [
        "request_correction",
        "refuse",
    ]


def test_one_case_takes_the_same_number_of_queries_however_much_happened_to_it(
    neighbours, caseworker, reviewer, rules, django_assert_num_queries
):
    case = confirm(caseworker, neighbours[0], rules)
    with django_assert_num_queries(3):
        queries.one_case(caseworker, case.pk, on=DAY)
    publicised_case(case, caseworker, reviewer)
    with django_assert_num_queries(5):  # and from here on its signatures, and who could sign
        queries.one_case(caseworker, case.pk, on=DAY)


def test_a_case_of_another_county_is_not_found(neighbours, reviewer, rules):
    worker = make_officer("孙经办", "caseworker", "321003")
    case = confirm(worker, neighbours[3], rules)
    with pytest.raises(CaseNotFoundError):
        queries.one_case(reviewer, case.pk, on=DAY)


def test_somebody_without_a_post_sees_no_cases(owner):
    with pytest.raises(NotPermittedError):
        queries.visible_cases(owner)


def test_the_public_notice_shows_masked_names_and_streets_for_the_days_of_publicity_only(
    neighbours, caseworker, reviewer, rules, django_assert_num_queries
):
    case = publicised_case(confirm(caseworker, neighbours[0], rules), caseworker, reviewer)
    with django_assert_num_queries(2):
        rows = queries.public_notice(list(publicised_cases(on=DAY)))
    assert [(row.recipient, row.division_name, row.amount_fen, row.last_day) for row in rows] == [
        ("居**", "东关街道", 10_000, date(2025, 6, 16))
    ]
    assert not publicised_cases(on=case.publicity_until).exists()


def test_an_officer_sees_the_kept_proof_of_a_notice_and_a_past_moment_only_what_stood_then(
    neighbours, caseworker, reviewer, rules
):
    case = publicised_case(confirm(caseworker, neighbours[0], rules), caseworker, reviewer)
    view = queries.one_case(caseworker, case.pk, on=DAY)
    (proof,) = view.notices
    assert (proof.first_day, proof.until, proof.taken_down_on) == (
        case.publicity_start,
        case.publicity_until,
        None,
    )
    assert is_sound(proof)
    take_down(about=case.claim_key, objections=1, on=DAY + timedelta(days=2))
    later = queries.one_case(caseworker, case.pk, on=DAY + timedelta(days=3))
    assert later.notices[0].taken_down_on == DAY + timedelta(days=2)
    assert as_it_was(later, at(DAY + timedelta(days=1))).notices[0].taken_down_on is None


def test_cases_are_found_by_their_number_and_by_name(neighbours, caseworker, rules):
    case = confirm(caseworker, neighbours[0], rules)
    confirm(caseworker, neighbours[1], rules)
    assert list(queries.search_cases(caseworker, words=case.number)) == [case]
    assert list(queries.search_cases(caseworker, words="居民0")) == [case]
    assert list(queries.search_cases(caseworker, state="accepted")) == []


def test_a_resident_sees_their_own_cases_the_newest_first(person, owner, rules):
    older = make_entitlement(person, period_start=date(2025, 1, 1), period_until=date(2025, 4, 1))
    newer = make_entitlement(person)
    cases = []
    for entitlement, on in ((older, DAY), (newer, DAY + timedelta(days=1))):
        cases.append(
            operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=on, at=at(on))
        )
    assert list(queries.cases_of_person(person.pk)) == cases[::-1]


def test_somebody_with_many_cases_is_shown_them_a_page_at_a_time(person, owner, rules, client, monkeypatch):
    monkeypatch.setattr("jiuye.portals.resident.views.PAGE_SIZE", 2)
    quarters = [date(2024, 7, 1), date(2024, 10, 1), date(2025, 1, 1), date(2025, 4, 1)]
    numbers = []
    for start, until in pairwise(quarters):
        found = make_entitlement(person, period_start=start, period_until=until)
        case = operations.confirm_own(actor=owner, entitlement_id=found.pk, rules=rules, on=DAY, at=at(DAY))
        numbers.append(case.pk)
    client.force_login(Account.objects.get(pk=owner.account_id))
    first = client.get("/my/cases/").text
    assert [f"/my/cases/{key}/" in first for key in numbers] == [False, True, True]
    onward = re.search(r'href="(\?after=[^"]+)"', first)
    rest = client.get(f"/my/cases/{onward.group(1)}").text
    assert [f"/my/cases/{key}/" in rest for key in numbers] == [True, False, False]


def test_the_first_screen_shows_the_newest_cases_under_way_those_that_wait_for_the_applicant_before_them(
    person, owner, caseworker, rules, client, monkeypatch
):
    monkeypatch.setattr("jiuye.office.casework.queries.own.MOST_SHOWN", 3)
    quarters = [date(2024, month, 1) for month in (1, 4, 7, 10)] + [date(2025, month, 1) for month in (1, 4)]
    keys = []
    for start, until in pairwise(quarters):
        found = make_entitlement(person, period_start=start, period_until=until)
        case = operations.confirm_own(actor=owner, entitlement_id=found.pk, rules=rules, on=DAY, at=at(DAY))
        keys.append(case.pk)
    points = {"clause:insured": "六月没有缴费记录"}
    operations.request_correction(
        actor=caseworker, case_id=keys[0], corrections=points, rules=rules, on=DAY, at=at(DAY)
    )
    operations.withdraw(actor=owner, case_id=keys[4], note="不办了", on=DAY, at=at(DAY))
    client.force_login(Account.objects.get(pk=owner.account_id))
    page = client.get("/my/").text
    shown = [int(key) for key in re.findall(r"/my/cases/(\d+)/", page)]
    assert shown == [keys[0], keys[3], keys[2]]
    assert "正在办理的共 4 件，看全部办件" in page
    operations.withdraw(actor=owner, case_id=keys[3], note="不办了", on=DAY, at=at(DAY))
    page = client.get("/my/").text
    assert [int(key) for key in re.findall(r"/my/cases/(\d+)/", page)] == [keys[0], keys[2], keys[1]]
    assert "看全部办件" not in page
