"""What other departments' registers say, at the desk: with source and date, masked where the register is protected."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.registry.models import Household, RegisterDelivery, RegisterRecord
from jiuye.office.staff.models import LookRecord
from tests.office.casework.conftest import DAY, at, make_officer


def say(register: str, facts: dict, *, since: date = date(2024, 7, 1), **subject) -> RegisterRecord:
    """The register said so since then, and delivered again without a change two weeks ago."""
    entity = next(iter(subject))
    first, _ = (
        RegisterDelivery.objects.create(
            register=register,
            entity=entity,
            as_of=delivered,
            complete=True,
            source="市级部门",
            imported_at=at(DAY),
        )
        for delivered in (since, date(2025, 5, 26))
    )
    return RegisterRecord.objects.create(
        register=register, start=since, facts=facts, source="市级部门", delivery=first, imported_at=at(DAY), **subject
    )  # fmt: skip


@pytest.fixture
def loan(person):
    """A protected fact of hers."""
    return say("student_loans", {"student_loan": True}, person=person)


def test_a_residents_page_shows_what_registers_say_with_department_source_and_dates(
    desk_of, caseworker, person
):
    say("education", {"school_in_province": True, "graduation_year": 2026}, person=person)
    page = desk_of(caseworker).get(f"/desk/people/{person.pk}/").content.decode()
    for shown in (
        "学籍学历信息",
        "就读于江苏院校",
        "2026",
        "市教育局",
        "2025年5月26日",
        "2024年7月1日",
        "市级部门",
    ):
        assert shown in page, shown


def test_what_her_household_is_registered_with_stands_on_her_page(desk_of, caseworker, person):
    person.household = Household.objects.create(division_id=person.residence_division_id, source="测试")
    person.save()
    say("household_checks", {"property_within_limits": True}, household=person.household)
    assert "居民家庭经济状况核对" in desk_of(caseworker).get(f"/desk/people/{person.pk}/").content.decode()


def test_a_record_that_has_ended_is_not_shown(desk_of, caseworker, person):
    record = say("education", {"graduation_year": 2026}, person=person)
    RegisterRecord.objects.filter(pk=record.pk).update(until=date(2025, 1, 1))
    assert "学籍学历信息" not in desk_of(caseworker).get(f"/desk/people/{person.pk}/").content.decode()


def test_a_protected_register_is_masked_until_a_look_with_its_purpose_is_recorded(
    desk_of, caseworker, person, loan
):
    client = desk_of(caseworker)
    page = client.get(f"/desk/people/{person.pk}/").content.decode()
    assert "国家助学贷款" in page
    assert "获得国家助学贷款" not in page
    given = {"field": "register:student_loans", "purpose": "核对资格"}
    look = client.post(f"/desk/people/{person.pk}/reveal/", given, headers={"HX-Request": "true"})
    assert "获得国家助学贷款：是" in look.content.decode()
    assert look.headers["Cache-Control"] == "no-store"
    (record,) = LookRecord.objects.order_by("pk")
    assert (record.field, record.purpose) == ("register:student_loans", "核对资格")


@pytest.mark.parametrize(
    "given",
    [
        {"field": "register:student_loans", "purpose": ""},
        {"field": "register:credit", "purpose": "看看"},
        {"field": "register:", "purpose": "看看"},
    ],
)
def test_without_a_purpose_or_where_nothing_is_said_nothing_is_shown(
    desk_of, caseworker, person, loan, given
):
    page = desk_of(caseworker).post(f"/desk/people/{person.pk}/reveal/", given, follow=True).content.decode()
    assert "获得国家助学贷款" not in page
    assert not LookRecord.objects.exists()


def test_an_employers_page_shows_its_facts_and_what_registers_say(desk_of, caseworker, employer):
    say("tax", {"taxes_declared": True, "vat_sales_quarter": 123400}, employer=employer)
    page = desk_of(caseworker).get(f"/desk/employers/{employer.pk}/").content.decode()
    for shown in (employer.name, employer.credit_code, "税务征管信息", "依法申报纳税", "123,400.00"):
        assert shown in page, shown


def test_an_employer_of_another_district_is_not_found(desk_of, employer):
    client = desk_of(make_officer("孙经办", "caseworker", "321003001"))
    assert client.get(f"/desk/employers/{employer.pk}/").status_code == 404
    given = {"field": "register:startup_loans", "purpose": "看看"}
    assert client.post(f"/desk/employers/{employer.pk}/reveal/", given).status_code == 404


def test_an_employers_loan_is_masked_and_the_look_recorded(desk_of, caseworker, employer):
    say("startup_loans", {"startup_loan": "enterprise", "startup_loan_balance": 300000}, employer=employer)
    client = desk_of(caseworker)
    assert "300,000.00" not in client.get(f"/desk/employers/{employer.pk}/").content.decode()
    given = {"field": "register:startup_loans", "purpose": "核对资格"}
    page = client.post(f"/desk/employers/{employer.pk}/reveal/", given)
    assert "300,000.00" in page.content.decode()
    assert LookRecord.objects.get().subject_kind == "employer"
