"""The administrators see whether each day's night was done, and what of it was not and why."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from jiuye.office.nights.models import Night
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.portals.common.actors import CHINA
from tests.office.places import make_divisions

pytestmark = pytest.mark.django_db
NIGHTS = "/desk/staff/nights/"
TWO = datetime(2025, 6, 10, 2, tzinfo=CHINA)


@pytest.fixture
def page(client, settings):
    settings.OFFICE_DATE, settings.NIGHT = "2025-06-10", "02:00"
    make_divisions()
    account = Account.objects.create(username="admin", display_name="管理员", kind="officer")
    place_in_post(
        account=account, role="administrator", division_code="3210", start=date(2024, 1, 1), until=None
    )
    client.force_login(account)
    return lambda address=NIGHTS: client.get(address).content.decode()


def night(day: date, **more: object) -> Night:
    return Night.objects.create(on_date=day, begun_at=TWO, tries=1, **more)


def test_before_the_first_night_the_page_says_when_it_is_done(page):
    assert "每天 02:00（北京时间）起由网站自己做" in page()
    assert "今天的还没有开始" in page()
    assert "还没有做过" in page()


def test_turned_off_the_page_says_whose_the_night_is(page, settings):
    settings.NIGHT = "off"
    assert "由服务器的定时任务运行 jiuye nightly" in page()
    assert "由网站自己做" not in page()


def test_what_was_not_done_and_why_stands_beside_its_day_in_the_language_of_the_page(page, client):
    night(date(2025, 6, 9), state="done", ended_at=TWO + timedelta(minutes=3))
    reasons = {"decide": ["内存不够。", "Out of memory."], "automatic": ["日历到头了。", ""]}
    night(date(2025, 6, 10), state="failed", ended_at=TWO, failed=reasons)
    shown = page()
    assert shown.index("2025年6月10日") < shown.index("2025年6月9日")
    assert "有没做完的" in shown
    assert "全量判定：内存不够。；建立免申即享办件：日历到头了。" in shown
    assert "今天的还没有开始" not in shown
    client.cookies["django_language"] = "en"
    assert "Out of memory." in page()
    assert "Beginning what is paid without applying: 日历到头了。" in page()


def test_many_nights_are_shown_a_page_at_a_time(page):
    for days in range(40):
        night(date(2025, 6, 9) - timedelta(days=days), state="done", ended_at=TWO)
    assert "2025年6月9日" in page()
    assert "2025年5月1日" not in page()
    assert "after=" in page()
