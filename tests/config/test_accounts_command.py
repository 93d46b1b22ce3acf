"""`jiuye accounts`: how an installation without a demonstration begins, and the ways back in."""

from __future__ import annotations

import pytest
from django.test import Client

from jiuye.config.cli import main
from jiuye.office.staff import second_factor
from jiuye.office.staff.models import Account, AccountAct, SecondFactor
from jiuye.office.staff.operations import give_post
from jiuye.office.staff.queries import actor_for
from jiuye.portals.common.actors import clock
from tests.office.places import make_divisions

pytestmark = pytest.mark.django_db
FIRST = ["accounts", "first", "chief", "--name", "管理员"]


def test_the_first_administrator_logs_in_with_the_printed_password_and_must_change_it(capsys, settings):
    settings.DEMO = False
    make_divisions()
    assert main(FIRST) == 0
    password = capsys.readouterr().out.strip()
    client = Client()
    assert client.post("/login/", {"username": "chief", "password": password}).status_code == 302
    assert client.get("/desk/staff/").headers["Location"] == "/account/password/"
    own = {"old_password": password, "new_password1": "Kuaile-2025x", "new_password2": "Kuaile-2025x"}
    assert client.post("/account/password/", own).status_code == 302
    assert client.get("/desk/staff/").headers["Location"] == "/account/second-factor/"


def test_a_second_first_administrator_is_refused_with_what_to_do_instead(capsys):
    make_divisions()
    assert main(FIRST) == 0
    assert main(["accounts", "first", "another", "--name", "别人"]) == 1
    assert "已经有在用的系统管理员“chief”" in capsys.readouterr().err
    assert Account.objects.count() == 1


def test_a_second_administrators_post_is_put_in_force_at_the_server(capsys):
    make_divisions()
    assert main(FIRST) == 0
    first = actor_for(Account.objects.get(), on=clock().date())
    new = Account.objects.create_account(username="other", display_name="乙", password="x", kind="officer")
    today = clock().date()
    give_post(
        actor=first,
        account=new,
        role="administrator",
        division_code="3210",
        start=today,
        until=None,
        at=clock(),
    )
    assert main(["accounts", "confirm", "other", "--because", "只有一名管理员"]) == 0
    assert actor_for(new, on=today).roles == {"administrator"}
    assert "已确认：other" in capsys.readouterr().out
    assert main(["accounts", "confirm", "other", "--because", "再来"]) == 1
    assert "没有等待确认的岗位" in capsys.readouterr().err


def test_before_the_places_are_on_file_it_says_what_to_run(capsys):
    assert main(FIRST) == 1
    assert "jiuye run --prepare-only" in capsys.readouterr().err


def test_a_forgotten_password_and_a_lost_device_of_the_only_administrator_are_mended_and_recorded(capsys):
    make_divisions()
    main(FIRST)
    account = Account.objects.get()
    second_factor.begin(account=account)
    SecondFactor.objects.update(confirmed_at=clock())
    capsys.readouterr()
    assert main(["accounts", "password", "chief", "--because", "忘了"]) == 0
    password = capsys.readouterr().out.strip()
    account.refresh_from_db()
    assert account.check_password(password)
    assert main(["accounts", "free", "chief", "--because", "手机丢了"]) == 0
    assert not second_factor.is_enrolled(account.pk)
    acts = AccountAct.objects.order_by("pk").values_list("act", "by", "because")
    assert list(acts)[1:] == [("password", None, "忘了"), ("released", None, "手机丢了")]
    assert main(["accounts", "free", "chief", "--because", "手机丢了"]) == 1
    assert main(["accounts", "password", "nobody", "--because", "忘了"]) == 1
    capsys.readouterr()
    assert main(["accounts", "list"]) == 0
    assert "chief\t管理员\t在用\t系统管理员（3210）" in capsys.readouterr().out
