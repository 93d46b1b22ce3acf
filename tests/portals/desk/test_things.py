"""Things on other departments' registers at the desk: found, opened, shown on their owners' pages, and masked where protected."""

from __future__ import annotations

import html
import re
from datetime import date

import pytest

from jiuye.office.registry.models import RegisterDelivery, RegisteredThing, RegisterRecord
from jiuye.office.staff.models import LookRecord
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer


def listed(entity: str, register: str, facts: dict, *, key="登1", name="", **owner) -> RegisteredThing:
    delivery = RegisterDelivery.objects.create(
        register=register, entity=entity, as_of=date(2025, 1, 1), complete=True, source="市级部门", imported_at=at(DAY)
    )  # fmt: skip
    common = {
        "register": register, "start": delivery.as_of, "source": "市级部门", "delivery": delivery, "imported_at": at(DAY),
    }  # fmt: skip
    thing = RegisteredThing.objects.create(entity=entity, key=key, name=name, **common, **owner)
    RegisterRecord.objects.create(thing=thing, facts=facts, **common)
    return thing


@pytest.fixture
def project(employer):
    return listed(
        "relief_project", "relief_projects", {"listed": True, "central_funds": 1200000, "kind": "key_project"},
        key="代赈00001", name="农村道路硬化项目", employer=employer,
    )  # fmt: skip


def test_a_project_is_found_by_kind_number_name_and_owner_and_opens_to_what_its_register_says(
    desk_of, caseworker, employer, project
):
    client = desk_of(caseworker)
    for query in ("kind=relief_project", "q=代赈00001", "q=道路", f"q={employer.name[:6]}"):
        page = client.get(f"/desk/things/?{query}").content.decode()
        assert "农村道路硬化项目" in page, query
    assert "农村道路硬化项目" not in client.get("/desk/things/?kind=labour_brand").content.decode()
    page = client.get(f"/desk/things/{project.pk}/").content.decode()
    for shown in (
        "以工代赈项目清单",
        "纳入以工代赈清单",
        "政府投资重点工程项目",
        "1,200,000",
        employer.name,
        "市级部门",
    ):
        assert shown in page, shown


def test_what_is_decided_of_a_project_stands_on_its_page_and_in_the_gap_under_its_owner(
    desk_of, caseworker, employer, project
):
    decision = make_entitlement(
        policy_id="work-relief", subject_kind="relief_project", subject_key=str(project.pk), recipient_kind="employer",
        employer=employer, amount_fen=None, period_start=None, period_until=None,
    )  # fmt: skip
    client = desk_of(caseworker)
    page = client.get(f"/desk/things/{project.pk}/").content.decode()
    assert f"/desk/found/{decision.pk}/" in page
    assert "符合" in page
    listed_under = client.get("/desk/gap/work-relief/unclaimed/").content.decode()
    assert employer.name in listed_under
    assert f"/desk/found/{decision.pk}/" in listed_under


def test_a_long_list_of_things_comes_in_pages(desk_of, caseworker, employer):
    for number in range(31):
        listed(
            "labour_brand",
            "labour_brands",
            {},
            key=f"品{number:02}",
            name=f"品牌{number:02}",
            employer=employer,
        )
    client = desk_of(caseworker)
    first = client.get("/desk/things/?kind=labour_brand").content.decode()
    assert "品牌30" not in first
    onward = re.search(r'href="([^"]+)" rel="next"', first).group(1)
    assert "kind=labour_brand" in onward
    assert "品牌30" in client.get(f"/desk/things/{html.unescape(onward)}").content.decode()


def test_a_project_stands_on_its_owners_page_while_it_is_listed(desk_of, caseworker, employer, project):
    client = desk_of(caseworker)
    assert f"/desk/things/{project.pk}/" in client.get(f"/desk/employers/{employer.pk}/").content.decode()
    RegisteredThing.objects.filter(pk=project.pk).update(until=date(2025, 2, 1))
    assert "农村道路硬化项目" not in client.get(f"/desk/employers/{employer.pk}/").content.decode()


def test_what_a_protected_register_says_of_a_residents_file_is_masked_until_a_look_is_recorded(
    desk_of, caseworker, person
):
    file = listed(
        "personnel_file", "personnel_files", {"abroad_privately": True}, name="人事档案", person=person
    )
    client = desk_of(caseworker)
    assert "人事档案" in client.get(f"/desk/people/{person.pk}/").content.decode()
    page = client.get(f"/desk/things/{file.pk}/").content.decode()
    assert "自费出国" not in page
    assert person.name not in page
    assert person.name not in client.get("/desk/things/?kind=personnel_file").content.decode()
    given = {"field": "register:personnel_files", "purpose": "核对资格"}
    look = client.post(f"/desk/things/{file.pk}/reveal/", given, headers={"HX-Request": "true"})
    assert "自费出国留学或因私出国：是" in look.content.decode()
    assert look.headers["Cache-Control"] == "no-store"
    (record,) = LookRecord.objects.order_by("pk")
    assert (record.subject_kind, record.subject_key, record.field) == ("thing", str(file.pk), given["field"])


def test_a_look_without_a_purpose_is_refused_and_shows_nothing(desk_of, caseworker, person):
    file = listed("personnel_file", "personnel_files", {"abroad_privately": True}, person=person)
    client = desk_of(caseworker)
    answer = client.post(
        f"/desk/things/{file.pk}/reveal/", {"field": "register:personnel_files"}, follow=True
    )
    assert "自费出国留学或因私出国：是" not in answer.content.decode()
    assert not LookRecord.objects.exists()


def test_an_officer_sees_things_only_of_owners_in_their_divisions(desk_of, divisions, person, project):
    elsewhere = make_officer("孙经办", "caseworker", "321003001")
    client = desk_of(elsewhere)
    assert client.get(f"/desk/things/{project.pk}/").status_code == 404
    assert "农村道路硬化项目" not in client.get("/desk/things/?kind=relief_project").content.decode()
