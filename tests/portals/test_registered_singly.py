"""An installation without a demonstration and without a single list: whoever comes to the counter is registered there, and served."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.office.entitlements.models import Entitlement
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import CounterRegistration, Employer, ImportBatch, Person
from jiuye.office.staff.keeping_accounts import open_account, open_first_administrator
from jiuye.office.staff.operations import place_in_post
from jiuye.portals.common.actors import clock
from tests.office.registry.conftest import TODAY, id_number
from tests.office.registry.conftest import city as city
from tests.portals.desk.test_registering import CODE, FIRM
from tests.portals.test_first_accounts import came_in, shown_password

pytestmark = pytest.mark.django_db
NUMBER = id_number("20020102", 123)
RESIDENT = {
    "paper": "id_card",
    "id_number": NUMBER,
    "name": "张伟",
    "phone": "13800000123",
    "residence_division": "321002001001",
    "hukou_kind": "urban",
    "because": "本人来办失业登记",
    "seen": "on",
}


@pytest.fixture
def desk(city, settings, tmp_path) -> Client:
    """The counter of one county, with one officer and nobody on record."""
    settings.DEMO, settings.MEDIA_ROOT, settings.OFFICE_DATE = False, tmp_path, TODAY.isoformat()
    by = {"because": "开始使用", "at": clock()}
    open_first_administrator(username="root", display_name="管理员", division_code="3210", on=TODAY, **by)
    worker, password = open_account(
        actor=None, username="zhoumin", display_name="周敏", division_code="321002", **by
    )
    place_in_post(account=worker, role="caseworker", division_code="321002", start=TODAY, until=None)
    return came_in("zhoumin", password)


def test_a_resident_on_no_list_is_registered_decided_on_let_in_and_begins_a_matter(desk):
    assert "没有找到？" in desk.get("/desk/people/", {"q": NUMBER}).text
    page = desk.post(reverse("desk:person_new"), RESIDENT, follow=True)
    person = Person.objects.get()
    assert not ImportBatch.objects.exists()
    assert CounterRegistration.objects.get(person=person).by_name == "周敏"
    assert Entitlement.objects.filter(subject_kind="person", subject_key=str(person.pk)).exists()
    opens = reverse("desk:person_own", args=[person.pk])
    assert opens in page.text
    given = {"username": "13800000123", "because": "本人来窗口申请", "seen": "on"}
    account = desk.post(reverse("desk:person_account", args=[person.pk, "open"]), given)
    own = came_in("13800000123", shown_password(account.text))
    assert "张伟" in own.get("/", follow=True).text
    begun = desk.post(
        reverse("desk:start_matter", args=[person.pk]), {"item": "unemployment-registration"}, follow=True
    )
    assert begun.status_code == 200
    matter = Matter.objects.get()
    assert (matter.person_id, matter.item_id) == (person.pk, "unemployment-registration")


def test_a_firm_on_no_list_is_registered_let_in_hires_and_begins_a_matter(desk):
    assert "没有找到？" in desk.get("/desk/people/", {"q": CODE}).text
    page = desk.post(reverse("desk:employer_new"), FIRM, follow=True)
    firm = Employer.objects.get()
    assert reverse("desk:employer_own", args=[firm.pk]) in page.text
    given = {"username": "taoli", "agent": "王芳", "because": "单位申请", "seen": "on"}
    account = desk.post(reverse("desk:employer_account", args=[firm.pk, "open"]), given)
    own = came_in("taoli", shown_password(account.text))
    assert "桃李食品" in own.get("/", follow=True).text
    desk.post(reverse("desk:person_new"), RESIDENT)
    person = Person.objects.get()
    job = {"kind": "employee", "credit_code": CODE, "start": "2024-06-03"}
    assert (
        "就业已登记"
        in desk.post(reverse("desk:person_add_employment", args=[person.pk]), job, follow=True).text
    )
    item = desk.get(reverse("desk:employer", args=[firm.pk])).text.split('id="start-item"')[1]
    item = item.split('<option value="')[2].split('"')[0]
    begun = desk.post(reverse("desk:start_employer_matter", args=[firm.pk]), {"item": item}, follow=True)
    assert begun.status_code == 200
    assert Matter.objects.get().employer_id == firm.pk
