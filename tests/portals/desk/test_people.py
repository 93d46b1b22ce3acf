"""Residents at the desk: found within the scope, masked, revealed with a record, changed with a reason."""

from __future__ import annotations

from datetime import date

from jiuye.office.registry.models import EmploymentSpell, Person, Status
from jiuye.office.staff.models import LookRecord
from tests.office.casework.conftest import make_officer
from tests.portals.desk.test_cases import messages_of


def test_a_resident_is_found_by_id_number_and_shown_masked(desk_of, caseworker, person):
    page = desk_of(caseworker).get("/desk/people/", {"q": person.id_number}).content.decode()
    assert f"/desk/people/{person.pk}/" in page
    assert "321*************29" in page
    assert "张秀兰" not in page


def test_a_resident_of_another_street_is_not_found_at_all(desk_of, person):
    client = desk_of(make_officer("孙经办", "caseworker", "321003001"))
    assert "没有找到" in client.get("/desk/people/", {"q": person.id_number}).content.decode()
    assert client.get(f"/desk/people/{person.pk}/").status_code == 404
    assert client.post(f"/desk/people/{person.pk}/reveal/", {"field": "phone"}).status_code == 404


def test_one_page_holds_facts_findings_and_cases_and_no_number_in_clear(
    desk_of, caseworker, person, entitlement
):
    page = desk_of(caseworker).get(f"/desk/people/{person.pk}/").content.decode()
    assert f"/desk/found/{entitlement.pk}/" in page
    for secret in (person.id_number, person.phone, person.bank_account):
        assert secret not in page


def test_a_look_at_a_protected_number_is_recorded_with_its_purpose(desk_of, caseworker, person):
    client = desk_of(caseworker)
    given = {"field": "phone", "purpose": "电话联系本人"}
    page = client.post(f"/desk/people/{person.pk}/reveal/", given, headers={"HX-Request": "true"})
    assert "13800000000" in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"
    look = LookRecord.objects.get()
    assert (look.field, look.purpose, look.account_id) == ("phone", "电话联系本人", caseworker.account_id)


def test_without_a_purpose_or_for_another_field_nothing_is_shown(desk_of, caseworker, person):
    client = desk_of(caseworker)
    for given in ({"field": "phone", "purpose": ""}, {"field": "address", "purpose": "看看"}):
        response = client.post(f"/desk/people/{person.pk}/reveal/", given, follow=True)
        assert "13800000000" not in response.content.decode()
        assert messages_of(response)
    assert not LookRecord.objects.exists()


def test_a_status_is_registered_and_ended_from_the_page(desk_of, caseworker, person):
    client = desk_of(caseworker)
    address = f"/desk/people/{person.pk}/statuses/"
    client.post(address, {"kind": "registered_unemployed", "start": "2025-05-12", "document": "失业登记表"})
    status = Status.objects.get(person=person)
    assert (status.start, status.source) == (date(2025, 5, 12), "经办窗口登记")
    client.post(f"{address}{status.pk}/end/", {"until": "2025-06-01"})
    status.refresh_from_db()
    assert status.until == date(2025, 6, 1)


def test_a_wrong_form_comes_back_with_its_sentence_and_changes_nothing(desk_of, caseworker, person):
    client = desk_of(caseworker)
    response = client.post(
        f"/desk/people/{person.pk}/statuses/", {"kind": "employment_difficulty", "start": "2025-05-12"}
    )
    assert response.status_code == 422
    assert "必须写明认定类别" in response.content.decode()
    response = client.post(
        f"/desk/people/{person.pk}/employment/",
        {"kind": "employee", "credit_code": "91321002MA0000000X", "start": "2025-06-01"},
    )
    assert "没有登记信用代码" in response.content.decode()
    assert not Status.objects.exists()
    assert not EmploymentSpell.objects.exists()


def test_a_job_is_registered_by_the_employers_credit_code(desk_of, caseworker, person, employer):
    desk_of(caseworker).post(
        f"/desk/people/{person.pk}/employment/",
        {"kind": "employee", "credit_code": employer.credit_code.lower(), "start": "2025-06-01"},
    )
    assert EmploymentSpell.objects.get(person=person).employer == employer


def test_a_correction_needs_a_reason_and_the_permission(desk_of, caseworker, reviewer, person):
    address = f"/desk/people/{person.pk}/correct/"
    given = {"phone": "13911112222"}
    assert desk_of(caseworker).post(address, given).status_code == 422
    assert desk_of(reviewer).post(address, given | {"reason": "本人来电"}).status_code == 403
    desk_of(caseworker).post(address, given | {"reason": "本人来电"})
    assert Person.objects.get(pk=person.pk).phone == "13911112222"


def test_an_account_that_is_none_is_not_taken_for_a_resident(desk_of, caseworker, person):
    given = {"bank_account": "6222021108000000019", "reason": "本人换卡"}
    answer = desk_of(caseworker).post(f"/desk/people/{person.pk}/correct/", given)
    assert (answer.status_code, "校验位不对" in answer.text) == (422, True)
    desk_of(caseworker).post(
        f"/desk/people/{person.pk}/correct/", given | {"bank_account": "6222 0211 0800 0000 018"}
    )
    assert Person.objects.get(pk=person.pk).bank_account == "6222021108000000018"
