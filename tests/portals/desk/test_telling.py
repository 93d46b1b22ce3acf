"""What somebody was told: in their own inbox with the letter, and on the desk's page of the case, and nowhere else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jiuye.office.casework import operations
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import actor_for
from tests.office.casework.conftest import DAY, at, make_officer, make_person
from tests.office.casework.journey import reviewed_case


@pytest.fixture
def refused(owner, entitlement, rules, caseworker, reviewer):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    reviewed_case(case, caseworker, reviewer)
    return operations.refuse(
        actor=reviewer,
        case_id=case.pk,
        clause_id="insured",
        note="没有缴费记录",
        rules=rules,
        on=DAY,
        at=at(DAY),
    )


@pytest.fixture
def decision(refused) -> Message:
    return Message.objects.get(occasion="case_refused")


def test_the_inbox_shows_what_was_told_and_counts_what_is_unread_until_it_is_marked(refused, owner, desk_of):
    client = desk_of(owner)
    assert "您有 2 条未读消息" in client.get("/my/").content.decode()
    page = client.get("/my/messages/").content.decode()
    assert "2 条未读" in page
    assert "没有缴费记录。" in page
    assert page.index("不予支付决定") < page.index("已受理")
    client.post("/my/messages/read/")
    assert "没有未读消息" in client.get("/my/messages/").content.decode()
    assert "条未读消息" not in client.get("/my/").content.decode()
    assert Message.objects.filter(read_at__isnull=False).count() == 2


def test_a_case_at_a_past_moment_tells_only_what_had_been_told_sent_and_read_by_then(
    owner, entitlement, rules, caseworker, reviewer, desk_of, settings
):
    refused_on, after = DAY + timedelta(days=1), at(DAY + timedelta(days=2))
    settings.OFFICE_DATE = after.date().isoformat()
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    reviewed_case(case, caseworker, reviewer)
    operations.refuse(
        actor=reviewer, case_id=case.pk, clause_id="insured", note="没有缴费记录", rules=rules, on=refused_on,
        at=at(refused_on),
    )  # fmt: skip
    Message.objects.filter(occasion="case_accepted").update(read_at=after)
    Delivery.objects.update(state="sending", attempts=1, on_day=after.date(), taken_until=after)
    Delivery.objects.update(state="sent", sent_at=after, reference="SMS-1", taken_until=None)
    office = desk_of(caseworker)

    def told(moment) -> tuple[bool, bool, int, bool]:
        page = office.get(f"/desk/cases/{case.pk}/", {"at": moment.isoformat()}).text
        table = page[page.index("<h2>告知记录</h2>") :]
        table = table[: table.index("</section>")]
        return "已受理" in table, "不予支付决定" in table, table.count("未读"), "已发送" in table

    assert told(at(DAY)) == (True, False, 1, False)
    assert told(at(refused_on)) == (True, True, 2, False)
    assert told(after) == (True, True, 1, True)


def test_the_letter_is_a_pdf_for_the_receiver_and_for_nobody_else(refused, decision, owner, desk_of):
    client = desk_of(owner)
    answer = client.get(f"/my/messages/{decision.pk}/letter/")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    accepted = Message.objects.get(occasion="case_accepted")
    assert client.get(f"/my/messages/{accepted.pk}/letter/").status_code == 404
    stranger = make_person("李秀英", number="321002197803050037")
    account = Account.objects.create_account(
        username="li", display_name="李秀英", password="x", kind="resident", subject_key=str(stranger.pk)
    )
    other = desk_of(actor_for(account, on=DAY))
    assert other.get(f"/my/messages/{decision.pk}/letter/").status_code == 404
    assert "还没有消息" in other.get("/my/messages/").content.decode()


def test_the_desk_sees_what_was_told_with_its_delivery_and_letter_in_its_own_county(
    refused, decision, reviewer, desk_of
):
    client = desk_of(reviewer)
    page = client.get(f"/desk/cases/{refused.pk}/").content.decode()
    address = f"/desk/cases/{refused.pk}/letters/{decision.pk}/"
    assert "告知记录" in page
    assert "等待发送" in page
    assert address in page
    assert client.get(address).content[:5] == b"%PDF-"
    elsewhere = make_officer("外县", "reviewer", "321023")
    assert desk_of(elsewhere).get(address).status_code == 404
