"""The public notice: open to everyone, masked, and gone when its days are over."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from django.test import Client

from jiuye.office.casework import operations
from jiuye.office.matters.models import Matter
from jiuye.portals.common.views import notice
from tests.office.casework.conftest import DAY, at, make_person
from tests.office.casework.journey import publicised_case


def test_anybody_reads_the_notice_without_logging_in_and_learns_no_full_name(
    settings, owner, entitlement, rules, caseworker, reviewer
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    publicised_case(case, caseworker, reviewer)
    page = Client().get("/notice/").content.decode()
    assert case.number in page
    assert "张**" in page
    assert "东关街道" in page
    for secret in ("张秀兰", "6222000000001234", "琼花观社区"):
        assert secret not in page
    settings.OFFICE_DATE = case.timeline.get(act="publicise").details["last_day"]
    assert case.number in Client().get("/notice/").content.decode()
    settings.OFFICE_DATE = "2025-06-17"
    assert "现在没有公示" in Client().get("/notice/").content.decode()


def test_every_recognition_in_notice_can_be_read_however_many_there_are(divisions, settings, monkeypatch):
    monkeypatch.setattr(notice, "PAGE_SIZE", 2)
    for number in range(5):
        person = make_person(f"居民{number}", number=f"32100219900101{number:04d}")
        Matter.objects.create(
            item_id="hardship-recognition",
            item_name="就业困难人员认定",
            item_version="1",
            applicant_kind="person",
            person=person,
            applicant_name=person.name,
            division_code=person.residence_division_id,
            way="own",
            state="publicised",
            started_on=DAY,
            publicity_start=DAY,
            publicity_until=DAY + timedelta(days=7),
        )
    settings.OFFICE_DATE = DAY.isoformat()
    first = Client().get("/notice/").content.decode()
    assert 'href="/notice/matters/?division="' in first
    seen: set[str] = set()
    address = "/notice/matters/?division=321002"
    for _ in range(3):
        page = Client().get(address).content.decode()
        seen |= set(re.findall(r"S321002-\d{8}-\d{6}", page))
        following = re.search(r'href="(\?[^"]*after=[^"]+)"', page)
        if following is None:
            break
        address = "/notice/matters/" + unescape(following[1])
    assert len(seen) == 5
    assert "居民1" not in page
    assert not set(
        re.findall(r"S321002-\d{8}", Client().get("/notice/matters/?division=321003").content.decode())
    )
