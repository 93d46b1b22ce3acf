"""A personnel file is transferred: asked for, granted, sent with a number on a day, received; then it is with us no longer, and its owner sees so."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiuye.engine.basis.dates import Interval
from jiuye.office.matters.models import Matter, PromisedService
from jiuye.office.registry.models import RegisterDelivery, RegisteredThing, Status
from jiuye.office.staff.models import Account
from jiuye.office.targets.measures.services import _promised
from tests.engine.services.test_new_item import RICH, with_item
from tests.office.matters.conftest import DAY, at
from tests.papers import pdf

SENT, RECEIVED = date(2024, 6, 13), date(2024, 6, 18)
FORM = {"to_name": "南京人才市场", "to_address": "南京市玄武区北京东路", "why": "moved"}


def page_of(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


@pytest.fixture
def file(person) -> RegisteredThing:
    """As the register of personnel files lists it: kept here since the new year."""
    delivery = RegisterDelivery.objects.create(
        register="personnel_files", entity="personnel_file", as_of=date(2024, 1, 1), complete=True, source="流动人员人事档案系统",
        imported_at=at(DAY),
    )  # fmt: skip
    return RegisteredThing.objects.create(
        entity="personnel_file", key="扬档0001", name="人事档案", person=person, register="personnel_files",
        start=delivery.as_of, source="流动人员人事档案系统", delivery=delivery, imported_at=at(DAY),
    )  # fmt: skip


@pytest.fixture
def granted(person, me, street, reviewer, settings) -> Matter:
    settings.OFFICE_DATE = DAY.isoformat()
    mine = page_of(me)
    mine.post("/my/services/personnel-file-transfer/start/")
    matter = Matter.objects.get()
    paper = SimpleUploadedFile("调档函.pdf", pdf("call"), "application/pdf")
    mine.post(f"/my/services/matters/{matter.pk}/attach/", {"evidence": "call", "file-call": paper})
    mine.post(f"/my/services/matters/{matter.pk}/submit/", FORM)
    page_of(street).post(f"/desk/matters/{matter.pk}/acts/accept/")
    page_of(reviewer).post(f"/desk/matters/{matter.pk}/acts/decide/")
    matter.refresh_from_db()
    assert matter.state == "granted"
    return matter


def give(matter: Matter, actor, milestone: str, on: date, note: str, settings) -> None:
    settings.OFFICE_DATE = on.isoformat()
    promised = PromisedService.objects.get(matter=matter, milestone_id=milestone)
    page_of(actor).post(
        f"/desk/matters/{matter.pk}/promised/{promised.pk}/give/", {"on": on.isoformat(), "note": note}
    )


def test_a_file_is_sent_with_its_number_and_is_with_us_no_longer(granted, file, me, street, settings):
    assert file.until is None
    owed = page_of(me).get(f"/my/services/matters/{granted.pk}/").text
    assert "寄出档案" in owed
    give(granted, street, "dispatch", SENT, "机要第0613号，寄南京人才市场", settings)
    file.refresh_from_db()
    assert file.until == SENT
    told = granted.timeline.filter(act="milestone").get()
    assert "人事档案（扬档0001）自 2024-06-13 起不在我们这里" in told.note
    give(granted, street, "receipt", RECEIVED, "回执0618号", settings)
    seen = page_of(me).get(f"/my/services/matters/{granted.pk}/").text
    for words in (
        "机要第0613号，寄南京人才市场",
        "回执0618号",
        "已提供 1 次，共 1 次",
        "自 2024-06-13 起不在我们这里",
    ):
        assert words in seen, words


def test_a_receipt_alone_moves_no_file(granted, file, street, settings):
    give(granted, street, "receipt", RECEIVED, "回执0618号", settings)
    file.refresh_from_db()
    assert file.until is None


def test_that_no_file_was_on_record_is_said(granted, street, settings):
    give(granted, street, "dispatch", SENT, "机要第0613号", settings)
    assert "登记里没有在我们这里的人事档案" in granted.timeline.get(act="milestone").note


def test_what_a_transfer_promises_a_graduate_is_none_of_the_131_services(granted, person):
    Status.objects.create(person=person, kind="unemployed_graduate", start=date(2024, 1, 1), source="测试")
    assert not _promised(Interval(date(2024, 1, 1), date(2025, 1, 1))).exists()


@pytest.mark.parametrize(("ends", "mistakes"), [("personnel_file", []), ("personnel_fle", ["unknown-thing"])])
def test_a_plan_names_a_thing_that_the_pack_knows(pack_dir, tmp_path, ends, mistakes):
    plan = (
        f"  - {{do: plan, milestones: [{{id: sent, name: 寄出, name_en: sent, times: 1, ends: {ends}}}]}}\n"
    )
    found = with_item(pack_dir, tmp_path, RICH.replace("follows:\n", "follows:\n" + plan))
    assert found == mistakes
