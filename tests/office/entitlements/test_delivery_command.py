"""`jiuye registry deliver`: what a register's file would overwrite is shown with both values before anything is kept."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.config.cli import main
from jiuye.office.registry.models import RegisterDelivery, RegisteredThing, RegisterRecord
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from tests.office.entitlements.conftest import ON
from tests.office.entitlements.test_things import HARBOUR, MARCH, berths


@pytest.fixture
def command(town, monkeypatch, settings, tmp_path):
    """The command on the harbour's pack, as its master."""
    settings.PACK = HARBOUR
    account = Account.objects.create_account(
        username="gang", display_name="港务员", password="x", kind="officer"
    )
    place_in_post(
        account=account, role="caseworker", division_code="3210", start=date(2023, 1, 1), until=None
    )
    monkeypatch.setattr("jiuye.config.django_setup.setup_django", lambda: None)
    settings.OFFICE_DATE = ON.isoformat()

    def act(text: str, *more: str) -> int:
        path = tmp_path / "名册.csv"
        path.write_text(text.strip(), encoding="utf-8")
        given = ["--register", "berths", "--entity", "boat", "--as-of", MARCH.isoformat(), "--as", "gang"]
        return main(["registry", "deliver", str(path), *given, *more])

    return act


def test_without_yes_and_without_a_terminal_nothing_is_kept(command, firm, capsys):
    assert command(berths(firm, ("甲", 12))) == 0
    said = capsys.readouterr().out
    assert "以前没有登记的 1 个，与登记不同的 0 个" in said
    assert "什么都没有写入。要入库，请加 --yes。" in said
    assert not RegisterDelivery.objects.exclude(register="rows").exists()
    assert not RegisteredThing.objects.exists()


def test_both_values_are_shown_of_what_would_be_overwritten(command, firm, capsys):
    assert command(berths(firm, ("甲", 12), ("乙", 8)), "--yes") == 0
    capsys.readouterr()
    changed = berths(firm, ("甲", 14), ("乙", 8)).replace("瘦西湖甲", "五亭桥甲")
    assert command(changed) == 0
    said = capsys.readouterr().out
    assert "与登记不同的 1 个，相同的 1 个" in said
    assert "会覆盖 1 个值" in said
    assert "甲 座位数：12 → 14" in said
    assert "甲 名称：瘦西湖甲 → 五亭桥甲" in said
    assert RegisteredThing.objects.get(key="甲").name == "瘦西湖甲"
    assert RegisterRecord.objects.get(thing__key="甲").facts["seats"] == 12
    assert command(changed, "--yes") == 0
    assert "已入库：2 条" in capsys.readouterr().out
    assert RegisteredThing.objects.get(key="甲").name == "五亭桥甲"


def test_a_complete_delivery_says_how_many_it_leaves_out(command, firm, capsys):
    assert command(berths(firm, ("甲", 12), ("乙", 8)), "--yes") == 0
    assert command(berths(firm, ("甲", 12)), "--complete") == 0
    assert "将终止的 1 个" in capsys.readouterr().out
    assert RegisteredThing.objects.filter(until__isnull=True).count() == 2


def test_a_file_with_mistakes_is_refused_before_it_is_asked_about(command, firm, capsys):
    assert command(berths(firm, ("甲", 12)).replace("12", "十二")) == 1
    said = capsys.readouterr()
    assert "第2行" in said.err
    assert "什么都没有写入。" in said.err
