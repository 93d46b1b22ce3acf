"""Every officer finds their own messages from every page, with the number unread."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account
from jiuye.office.staff.roles import OFFICES

OFFICERS = sorted(set(OFFICES) - {"partner_system"})
FIRST_PAGE = {
    "leader": "/board/", "department": "/board/", "statistician": "/board/", "policy_officer": "/policies/",
}  # fmt: skip
LINK = 'class="inbox" href="/desk/work/inbox/"'


def tell(account: Account, number: int = 1) -> None:
    for count in range(number):
        Message.objects.create(
            key=f"test:{account.pk}:{count}",
            template_id="work-handed-on",
            template_version="1",
            occasion="work_handed_on",
            recipient_kind="officer",
            account=account,
            division_code="3210",
            about="work:1",
            title=f"转交给您：第 {count} 件",
            title_en="",
            body="原因：休假",
            body_en="",
            written_on=datetime(2025, 6, 10, tzinfo=UTC).date(),
            written_at=datetime(2025, 6, 10, 2, 0, tzinfo=UTC),
        )


@pytest.mark.parametrize("role", OFFICERS)
def test_every_officer_reads_their_messages_from_the_page_that_they_begin_at(client, account_of, role):
    account = account_of(role)
    tell(account, 3)
    client.force_login(account)
    first = client.get(FIRST_PAGE.get(role, "/desk/"), follow=True)
    assert first.status_code == 200
    assert first.text.count(LINK) == 1
    assert "消息（3 条未读）" in first.text
    shown = client.get("/desk/work/inbox/").text
    assert "转交给您：第 2 件" in shown
    client.post("/desk/work/inbox/read/")
    after = client.get("/account/").text
    assert LINK in after
    assert "条未读" not in after


def test_the_number_is_ones_own(client, account_of):
    tell(account_of("administrator"), 2)
    client.force_login(account_of("auditor"))
    assert "条未读" not in client.get("/account/").text


@pytest.mark.parametrize("page", ["/desk/", "/desk/work/inbox/", "/desk/cases/", "/account/"])
def test_the_number_costs_no_statement_of_its_own(client, account_of, page):
    account = account_of("caseworker")
    tell(account)
    client.force_login(account)
    with CaptureQueriesContext(connection) as asked:
        assert "消息（1 条未读）" in client.get(page).text
    asking = [
        one["sql"] for one in asked.captured_queries if "COUNT" in one["sql"] and "read_at" in one["sql"]
    ]
    assert len(asking) == 1
    assert 'FROM "staff_post"' in asking[0]


def test_a_residents_frame_has_no_second_way_to_their_messages(client, account_of):
    client.force_login(account_of("resident"))
    page = client.get("/my/").text
    assert LINK not in page
    assert 'href="/my/messages/"' in page
    assert client.get("/desk/work/inbox/").status_code == 403


def test_a_leader_reads_them_in_the_frame_of_their_own_portal(client, account_of):
    client.force_login(account_of("leader"))
    page = client.get("/desk/work/inbox/").text
    assert "方案看板" in page
    assert "经办台" not in page
