"""Dividing the work through the addresses people open: taken, handed on, passed up, told, and an officer who is away."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiuye.office.conduct import operations
from jiuye.office.conduct.models import Absence
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, at, officer


@pytest.fixture(autouse=True)
def _today(settings):
    settings.OFFICE_DATE = DAY.isoformat()


def as_(client, actor):
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def test_an_officer_takes_a_matter_and_hands_it_on_and_the_colleague_reads_why(
    client, matter, station, second
):
    as_(client, station)
    assert matter.number in client.get("/desk/matters/?whose=nobody").text
    taken = client.post(f"/desk/work/matters/{matter.pk}/take/", follow=True).text
    assert "已由您承办" in taken
    assert matter.number in client.get("/desk/matters/?whose=mine").text
    assert matter.number not in client.get("/desk/matters/?whose=nobody").text
    given = {"to": second.account_id, "reason": "下周培训"}
    assert (
        "已转交协理员乙承办"
        in client.post(f"/desk/work/matters/{matter.pk}/hand-on/", given, follow=True).text
    )
    as_(client, second)
    assert "1 条未读" in client.get("/desk/").text
    assert "下周培训" in client.get("/desk/work/inbox/").text
    assert "没有未读消息" in client.post("/desk/work/inbox/read/", follow=True).text
    assert matter.number in client.get("/desk/matters/?whose=mine").text


def test_an_officer_gives_a_matter_back_and_its_page_says_who_and_why(client, matter, me, station, second):
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    as_(client, second)
    assert "退回待认领" not in client.get(f"/desk/matters/{matter.pk}/").text
    url = f"/desk/work/matters/{matter.pk}/put-back/"
    assert client.post(url, {"reason": "不忙"}).status_code == 403
    as_(client, station)
    assert "退回待认领的原因" in client.get(f"/desk/matters/{matter.pk}/").text
    said = client.post(url, {"reason": "要连续外出走访"}, follow=True).text
    assert "已退回“待认领”" in said
    assert "要连续外出走访" in said
    assert "退回待认领的原因" not in said
    assert matter.number in client.get("/desk/matters/?whose=nobody").text
    assert "要连续外出走访" not in as_(client, me).get(f"/my/services/matters/{matter.pk}/").text


def test_the_applicant_sees_that_it_changed_hands_and_not_why(client, matter, me, station, second):
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    operations.hand_on(
        actor=station, matter_id=matter.pk, to_id=second.account_id, reason="家里有事", on=DAY, at=at(DAY)
    )
    page = as_(client, me).get(f"/my/services/matters/{matter.pk}/").text
    assert "转交承办" in page
    assert "家里有事" not in page
    assert "家里有事" in as_(client, station).get(f"/desk/matters/{matter.pk}/").text


def test_a_matter_of_another_county_is_neither_taken_nor_seen(client, matter):
    as_(client, officer("邗江协理", "caseworker", "321003001001"))
    assert client.post(f"/desk/work/matters/{matter.pk}/take/", follow=True).status_code == 404


def test_what_is_late_stands_in_the_upper_offices_list_and_stays_in_the_lower_ones(
    client, matter, station, settings
):
    above = officer("街道审核", "reviewer", "321002001")
    late = date(2024, 6, 13)
    operations.escalate_late(on=late, at=at(late))
    settings.OFFICE_DATE = late.isoformat()
    as_(client, above)
    assert "逾期上报（1）" in client.get("/desk/").text
    shown = client.get("/desk/work/late/").text
    assert matter.number in shown
    assert "逾期 1 个工作日" in shown
    as_(client, station)
    assert matter.number in client.get("/desk/matters/").text
    assert matter.number in client.get("/desk/work/late/").text
    assert "逾期自动上报" in client.get(f"/desk/matters/{matter.pk}/").text


def test_an_officer_who_goes_away_names_a_substitute_who_then_has_their_work(client, matter, station, second):
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    as_(client, station)
    assert "协理员乙" in client.get("/desk/work/away/").text
    given = {
        "substitute": second.account_id,
        "start": DAY.isoformat(),
        "until": (DAY + timedelta(days=7)).isoformat(),
    }
    assert "已登记外出" in client.post("/desk/work/away/declare/", given, follow=True).text
    as_(client, second)
    assert "外出，由协理员乙代办" in client.get("/desk/matters/?whose=mine").text
    assert "由您代办" in client.get("/desk/work/away/").text
    absence = Absence.objects.get()
    assert "没有您自己的这次外出" in client.post(f"/desk/work/away/{absence.pk}/back/", follow=True).text
    as_(client, station)
    assert "外出已结束" in client.post(f"/desk/work/away/{absence.pk}/back/", follow=True).text


def test_an_absence_without_a_day_is_asked_for_again(client, station):
    said = as_(client, station).post("/desk/work/away/declare/", {"start": "下周一"}, follow=True).text
    assert "写明从哪一天起" in said
    assert not Absence.objects.exists()
