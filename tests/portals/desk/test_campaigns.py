"""A list is told from its page: the dry run with numbers and masked samples, and who may release it."""

from __future__ import annotations

import re

from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiuye.office.campaigns import operations
from jiuye.office.campaigns.models import Campaign
from jiuye.office.messages.models import Message
from tests.office.casework.conftest import DAY, at, make_entitlement, make_person
from tests.portals.test_query_counts import KEPT_OUT, MOST

POLICY = "unemployment-benefit"


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_from_the_list_to_the_dry_run_to_the_release(desk_of, caseworker, reviewer, person):
    make_entitlement(person, policy_id=POLICY, amount_fen=231_000)
    client = desk_of(caseworker)
    page = text_of(client.get(f"/desk/gap/{POLICY}/unclaimed/"))
    assert 'action="/desk/campaigns/prepare/"' in page
    answer = client.post("/desk/campaigns/prepare/", {"policy": POLICY, "division": ""}, follow=True)
    page = text_of(answer)
    campaign = Campaign.objects.get()
    assert "没有发送任何消息" in page
    assert "张**" in page
    assert "张秀兰" not in page
    assert "2,310.00" in page
    assert not Message.objects.exists()
    assert f"/desk/campaigns/{campaign.pk}/" in text_of(client.get("/desk/campaigns/"))
    other = desk_of(reviewer)
    assert other.get(f"/desk/campaigns/{campaign.pk}/").status_code in (200, 404)
    answer = client.post(f"/desk/campaigns/{campaign.pk}/release/", follow=True)
    assert "已放行" in text_of(answer)
    assert Message.objects.filter(about=f"campaign:{campaign.pk}", person=person).count() == 1
    again = client.post(f"/desk/campaigns/{campaign.pk}/release/", follow=True)
    assert "已放行" in text_of(again)
    assert Message.objects.count() == 1


def test_an_empty_list_says_what_to_do_and_a_reviewer_prepares_nothing(desk_of, caseworker, reviewer):
    answer = desk_of(caseworker).post(
        "/desk/campaigns/prepare/", {"policy": POLICY, "division": ""}, follow=True
    )
    assert "没有可以告知的对象" in text_of(answer)
    assert desk_of(reviewer).post("/desk/campaigns/prepare/", {"policy": POLICY}).status_code == 403


def test_no_page_of_campaigns_makes_more_than_fifteen_queries_however_many_there_are(
    desk_of, caseworker, reviewer
):
    for number in range(40):
        make_entitlement(make_person(f"人{number}", number=f"321002197803060{number:03d}"), policy_id=POLICY)
    made = [
        operations.prepare(actor=caseworker, policy_id=POLICY, on=DAY, at=at(DAY), fold=bool(turn % 2))
        for turn in range(12)
    ]
    operations.release(actor=caseworker, campaign_id=made[0].pk, on=DAY, at=at(DAY))
    operations.discard(actor=caseworker, campaign_id=made[1].pk)
    counts = {}
    for client in (desk_of(caseworker), desk_of(reviewer)):
        for address in ("/desk/campaigns/", *(f"/desk/campaigns/{one.pk}/" for one in made[:3])):
            assert client.get(address).status_code == 200
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            number = sum(not query["sql"].startswith(KEPT_OUT) for query in asked.captured_queries)
            counts[address] = max(number, counts.get(address, 0))
    assert max(counts.values()) <= MOST, counts
