"""The public notice: open to everyone, masked, and gone when its days are over."""

from __future__ import annotations

from django.test import Client

from jiuye.office.casework import operations
from tests.office.casework.conftest import DAY, at
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
