"""An installation without a demonstration: from the first administrator to a resident who looks at their own page and begins something."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import ImportBatch, Person
from jiuye.office.staff.keeping_accounts import open_account, open_first_administrator
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.portals.common.actors import clock
from tests.office.registry.conftest import TODAY
from tests.office.registry.conftest import city as city
from tests.office.registry.importing.situations import row, table

pytestmark = pytest.mark.django_db
OWN = "Kuaile-2024x"


def came_in(username: str, password: str) -> Client:
    """Logged in with a one-time password, which is replaced by one's own before anything else opens."""
    client = Client()
    answer = client.post("/login/", {"username": username, "password": password})
    assert answer.status_code == 302
    assert client.get("/desk/", follow=True).redirect_chain[-1][0] == "/account/password/"
    changed = client.post(
        "/account/password/", {"old_password": password, "new_password1": OWN, "new_password2": OWN}
    )
    assert changed.status_code == 302
    return client


def shown_password(page: str) -> str:
    return unescape(re.search(r'class="numeric"><b>([^<]+)</b>', page)[1])


def test_a_resident_from_a_file_comes_to_the_counter_logs_in_and_begins_a_matter(city, settings, tmp_path):
    settings.DEMO, settings.MEDIA_ROOT, settings.OFFICE_DATE = False, tmp_path, TODAY.isoformat()
    by = {"because": "开始使用", "at": clock()}
    open_first_administrator(username="root", display_name="管理员", division_code="3210", on=TODAY, **by)
    worker, password = open_account(
        actor=None, username="zhoumin", display_name="周敏", division_code="321002", **by
    )
    place_in_post(account=worker, role="caseworker", division_code="321002", start=TODAY, until=None)
    assert not Account.objects.exclude(kind="officer").exists()
    desk = came_in("zhoumin", password)
    file = SimpleUploadedFile("名单.csv", table(row("张伟")))
    desk.post(reverse("desk:import_upload"), {"file": file, "source": "入户摸排"})
    desk.post(reverse("desk:import_accept", args=[ImportBatch.objects.get().pk]))
    person = Person.objects.get()
    page = desk.post(
        reverse("desk:person_account", args=[person.pk, "open"]),
        {"username": "13800000123", "because": "本人来窗口申请", "seen": "on"},
    )
    own = came_in("13800000123", shown_password(page.text))
    assert "张伟" in own.get("/", follow=True).text
    assert "已核对本人身份证；本人来窗口申请" in own.get("/account/").text
    assert "开通了您的账号" in own.get(reverse("resident:inbox")).text
    begun = own.post(reverse("resident:start_matter", args=["unemployment-registration"]), follow=True)
    assert begun.status_code == 200
    assert Matter.objects.get().person_id == person.pk
    assert own.get(f"/desk/people/{person.pk}/").status_code == 403
