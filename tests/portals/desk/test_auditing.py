"""The auditor's lists: who looked at what, who gave posts and accounts, whose log-ins failed; of the auditor's places alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from jiuye.office.staff.models import Account, AccountAct, FailedLogIn, LookRecord
from jiuye.office.staff.operations import end_post, place_in_post
from jiuye.office.staff.queries import actor_for
from tests.office.places import make_divisions

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 10)
NOON = datetime(2025, 6, 10, 4, tzinfo=UTC)


def officer(name: str, shown: str, role: str, place: str) -> Account:
    account = Account.objects.create_account(username=name, display_name=shown, password=None, kind="officer")
    place_in_post(account=account, role=role, division_code=place, start=date(2025, 1, 1), until=None)
    return account


@pytest.fixture
def office(settings):
    """Two counties with an auditor each, one for the city, and an officer in either county."""
    settings.OFFICE_DATE = DAY.isoformat()
    make_divisions()
    return {
        "city": officer("audit-city", "市审计", "auditor", "3210"),
        "here": officer("audit-here", "区审计", "auditor", "321002"),
        "near": officer("wang", "王经办", "caseworker", "321002"),
        "far": officer("zhao", "赵经办", "caseworker", "321003"),
        "head": officer("head", "管理员", "administrator", "3210"),
    }


def page(account: Account, address: str = "/desk/audit/") -> str:
    client = Client()
    client.force_login(account)
    return client.get(address).content.decode()


def look(account: Account, purpose: str, at: datetime = NOON, **more: str) -> None:
    subject = {"subject_kind": "person", "subject_key": "7", "field": "id_number"} | more
    LookRecord.objects.create(account=account, purpose=purpose, looked_at=at, **subject)


def test_looks_are_listed_by_officer_and_day_for_the_auditors_places_alone(office):
    look(office["near"], "核对身份")
    look(office["near"], "上月核对", at=NOON - timedelta(days=30))
    look(office["far"], "邻区的事由")
    here = page(office["here"])
    assert "核对身份" in here
    assert "王经办" in here
    assert "/desk/people/7/" in here
    assert "身份证号" in here
    assert "邻区的事由" not in here
    assert "邻区的事由" in page(office["city"])
    june = page(office["here"], "/desk/audit/?since=2025-06-10&until=2025-06-10")
    assert "核对身份" in june
    assert "上月核对" not in june
    assert "邻区的事由" not in page(office["city"], "/desk/audit/?officer=wang")
    assert "核对身份" in page(office["city"], "/desk/audit/?officer=王经办")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2025-13-01", "请写成 2025-06-09 的样子"),
        ("0001-01-01", "请写 2000 年到 2100 年之间的日期"),
        ("9999-12-31", "请写 2000 年到 2100 年之间的日期"),
    ],
)
def test_a_day_that_is_none_or_that_nobody_lives_to_see_is_said_beside_its_field(office, given, said):
    look(office["near"], "核对身份")
    shown = page(office["here"], f"/desk/audit/?since={given}&until={given}")
    assert given in shown
    assert said in shown
    assert "核对身份" in shown, "it asks for nothing"


def test_the_looks_of_an_officer_who_has_left_are_still_the_auditors_to_see(office):
    look(office["near"], "离开以前看的")
    head = actor_for(office["head"], on=DAY)
    end_post(actor=head, post=office["near"].posts.get(), until=DAY + timedelta(days=1), at=NOON)
    assert "离开以前看的" in page(office["here"])


def test_posts_say_who_gave_confirmed_and_ended_them(office):
    head = actor_for(office["head"], on=DAY)
    end_post(actor=head, post=office["near"].posts.get(), until=DAY + timedelta(days=1), at=NOON)
    shown = page(office["here"], "/desk/audit/posts/")
    row = shown[shown.index("王经办") :]
    assert "在服务器上" in row
    assert "管理员" in row[: row.index("</tr>")]
    assert "赵经办" not in shown
    assert "赵经办" in page(office["city"], "/desk/audit/posts/")


def test_what_was_done_to_an_account_names_who_did_it_and_why(office):
    for name in ("near", "far"):
        AccountAct.objects.create(
            account=office[name], act="password", by=office["head"], at=NOON, because=f"忘记密码{name}"
        )
    shown = page(office["here"], "/desk/audit/accounts/")
    assert "忘记密码near" in shown
    assert "发一次性密码" in shown
    assert "忘记密码far" not in shown
    assert "忘记密码far" in page(office["city"], "/desk/audit/accounts/?officer=head")


def test_failed_log_ins_under_a_name_of_nobody_are_the_city_auditors(office):
    for name in ("wang", "zhao", "root"):
        FailedLogIn.objects.create(username=name, address="192.0.2.7", at=NOON)
    here, city = (page(office[name], "/desk/audit/log-ins/") for name in ("here", "city"))
    assert ("wang" in here, "zhao" in here, "root" in here) == (True, False, False)
    assert ("wang" in city, "zhao" in city, "root" in city) == (True, True, True)
    assert "没有这个账号" in city


@pytest.mark.parametrize("address", ["", "posts/", "accounts/", "log-ins/"])
def test_nobody_else_opens_these_lists(office, address):
    client = Client()
    client.force_login(office["near"])
    assert client.get(f"/desk/audit/{address}").status_code == 403
