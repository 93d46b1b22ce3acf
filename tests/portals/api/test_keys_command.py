"""Giving out keys and taking them back on the command line."""

from __future__ import annotations

import pytest

from jiuye.config.cli import main
from jiuye.office.partners.models import ApiKey
from tests.portals.api.conftest import Caller, account


@pytest.fixture(autouse=True)
def _today(settings):
    settings.OFFICE_DATE = ""  # the command asks the clock, and so does the interface


@pytest.fixture(autouse=True)
def _django_is_set_up(monkeypatch):
    monkeypatch.setattr("jiuye.config.django_setup.setup_django", lambda: None)


@pytest.fixture
def end() -> str:
    from datetime import date, timedelta

    return (date.today() + timedelta(days=200)).isoformat()


def test_a_key_is_given_out_calls_and_is_taken_back(administrator, city, capsys, end):
    account("tax", "partner_system")
    asked = ["partners", "issue", "tax", "--purpose", "共享协议", "--until", end, "--as", "管理员"]
    assert main([*asked, "--registers", "tax", "taxes"]) == 1
    assert "没有登记簿“taxes”" in capsys.readouterr().err
    assert main([*asked, "--registers", "tax", "hire_tax_relief"]) == 0
    secret = capsys.readouterr().out.strip()
    assert Caller(secret).get("/me").json()["registers"] == ["hire_tax_relief", "tax"]
    assert main(["partners", "list", "--as", "管理员"]) == 0
    listed = capsys.readouterr().out
    assert "在用" in listed
    assert secret not in listed
    key = ApiKey.objects.get()
    assert main(["partners", "revoke", str(key.pk), "--because", "协议终止", "--as", "管理员"]) == 0
    assert Caller(secret).get("/me").status_code == 401


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["issue", "nobody", "--purpose", "甲", "--until", "END", "--as", "管理员"], "没有登录名为“nobody”"),
        (["issue", "管理员", "--purpose", "甲", "--until", "END", "--as", "管理员"], "没有“对接系统”岗位"),
        (["list", "--as", "nobody"], "没有登录名为“nobody”"),
        (["revoke", "99", "--because", "甲", "--as", "管理员"], "没有编号为 99 的密钥"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(administrator, city, capsys, end, words, says):
    assert main(["partners", *(end if word == "END" else word for word in words)]) == 1
    assert says in capsys.readouterr().err
    assert not ApiKey.objects.exists()
