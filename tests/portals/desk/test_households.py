"""A household at the counter: who belongs to it is registered from a day on, so that what is about a household can begin."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.matters.operations.drafting import NoHouseholdError
from jiuye.office.registry.models import Household, HouseholdMembership
from tests.office.casework.conftest import make_officer, make_person
from tests.office.matters.conftest import resident
from tests.office.matters.test_placing import begin
from tests.office.places import OTHER_VILLAGE
from tests.portals.desk.test_cases import messages_of

ITEM = "zero-job-household-recognition"


@pytest.fixture
def husband(person):
    return make_person("李大海", number="321002197501010014", sex="male", birth_date=date(1975, 1, 1))


def address(person, leave: bool = False) -> str:
    return f"/desk/people/{person.pk}/household/{'leave/' if leave else ''}"


def given(*people, start: str = "2024-05-12") -> dict[str, str]:
    return {"id_numbers": "\n".join(one.id_number for one in people), "start": start}


def test_a_registered_household_lets_what_is_about_a_household_begin(desk_of, caseworker, person, husband):
    me = resident(person)
    with pytest.raises(NoHouseholdError):
        begin(ITEM, person, me)
    client = desk_of(caseworker)
    assert client.post(address(person), given(husband)).status_code == 302
    members = HouseholdMembership.objects.order_by("person")
    assert [(row.person.name, row.start, row.source) for row in members] == [
        ("张秀兰", date(2024, 5, 12), "经办窗口登记"), ("李大海", date(2024, 5, 12), "经办窗口登记"),
    ]  # fmt: skip
    assert begin(ITEM, person, me).household_id == Household.objects.get().pk
    page = client.get(f"/desk/people/{person.pk}/").content.decode()
    assert f"/desk/people/{husband.pk}/" in page
    assert "李**" in page
    assert husband.id_number not in page


def test_registering_the_same_members_again_changes_nothing(desk_of, caseworker, person, husband):
    client = desk_of(caseworker)
    client.post(address(person), given(husband))
    client.post(address(husband), given(person, start="2024-06-01"))
    assert Household.objects.count() == 1
    assert set(HouseholdMembership.objects.values_list("start", flat=True)) == {date(2024, 5, 12)}


def test_who_leaves_belongs_to_no_household_and_may_join_another_from_that_day_on(
    desk_of, caseworker, person, husband
):
    client = desk_of(caseworker)
    client.post(address(person), given(husband))
    client.post(address(husband, leave=True), {"until": "2025-03-01"})
    husband.refresh_from_db()
    assert husband.household_id is None
    mother = make_person("王淑珍", number="321002195002020027", birth_date=date(1950, 2, 2))
    early = client.post(address(mother), given(husband, start="2025-02-01"))
    assert early.status_code == 422
    assert "到2025-03-01才离开原来的家庭" in early.content.decode()
    client.post(address(mother), given(husband, start="2025-03-01"))
    stays = HouseholdMembership.objects.filter(person=husband).order_by("start")
    assert [(row.start, row.until) for row in stays] == [
        (date(2024, 5, 12), date(2025, 3, 1)), (date(2025, 3, 1), None),
    ]  # fmt: skip


def test_who_belongs_to_another_household_is_refused_with_what_to_do(desk_of, caseworker, person, husband):
    client = desk_of(caseworker)
    mother = make_person("王淑珍", number="321002195002020027", birth_date=date(1950, 2, 2))
    client.post(address(mother), given(husband))
    refused = client.post(address(person), given(husband))
    assert refused.status_code == 422
    assert f"李**（编号{husband.pk}）已登记在另一户" in refused.content.decode()
    person.refresh_from_db()
    assert person.household_id is None


def test_somebody_of_another_district_and_somebody_unknown_are_told_apart_by_nobody(
    desk_of, caseworker, person
):
    elsewhere = make_person("赵强", number="321003197501010013", village=OTHER_VILLAGE, sex="male")
    client = desk_of(caseworker)
    sentence = "第1个身份证号：没有登记过这位居民，或者不在您的管辖范围内"
    assert sentence in client.post(address(person), given(elsewhere)).content.decode()
    unknown = client.post(address(person), {"id_numbers": "321002200001010019", "start": "2024-05-12"})
    assert sentence in unknown.content.decode()
    assert not Household.objects.exists()


def test_nobody_is_in_two_households_at_once_whatever_the_door(person):
    homes = [
        Household.objects.create(division_id=person.residence_division_id, source="测试") for _ in range(2)
    ]
    HouseholdMembership.objects.create(
        person=person, household=homes[0], start=date(2024, 1, 1), source="测试"
    )
    with pytest.raises(IntegrityError, match="membership_of_one_household_at_a_time"), transaction.atomic():
        HouseholdMembership.objects.create(
            person=person, household=homes[1], start=date(2024, 6, 1), source="测试"
        )


def test_an_officer_of_another_district_registers_nobody(desk_of, person, husband):
    client = desk_of(make_officer("孙经办", "caseworker", "321003001"))
    assert client.post(address(person), given(husband)).status_code == 404
    assert client.post(address(person, leave=True), {"until": "2024-06-01"}).status_code == 404
    assert not HouseholdMembership.objects.exists()


def test_leaving_without_a_household_is_refused(desk_of, caseworker, person):
    response = desk_of(caseworker).post(address(person, leave=True), {"until": "2024-06-01"}, follow=True)
    assert any("没有登记在任何一户" in text for text in messages_of(response))
