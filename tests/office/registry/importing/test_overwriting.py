"""What an import would overwrite: shown with both values before, and refused where that is no longer what stands there."""

from __future__ import annotations

import pytest

from jiuye.office.registry.importing import storage
from jiuye.office.registry.importing.operations import PreviewOutdatedError, discard
from jiuye.office.registry.importing.overwriting import FRAME, changed_residents
from jiuye.office.registry.models import Person
from jiuye.office.registry.secrets import blind_index, seal
from tests.office.registry.conftest import id_number
from tests.office.registry.importing.situations import HEADINGS, accept, load, preview, row, table

BANK = [*HEADINGS, "开户行", "银行账号"]
OLD, NEW = "6222021108000123455", "6217001210024455220"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def with_bank(*cells: str, bank: str = "", account: str = "", **changes: str) -> list[str]:
    return [*row(*cells, **changes), bank, account]


def person(sequence: int = 123) -> Person:
    return Person.objects.get(id_number_index=blind_index(id_number(sequence=sequence)))


def test_both_values_of_everything_that_changes_are_shown_masked(caseworker):
    load(caseworker, with_bank(bank="江苏银行", account=OLD), headings=BANK)
    changed = with_bank(bank="建设银行", account=NEW, 手机号="13900001111")
    batch = preview(caseworker, table(changed, headings=BANK))
    (resident,) = changed_residents(batch).rows
    assert resident.name == "张*"
    assert resident.person_id == person().pk
    assert [(value.label, value.old, value.new, value.overwrites, value.kind) for value in resident.values] == [
        ("银行账号", "622****3455", "621****5220", True, "money"),
        ("开户行", "江苏银行", "建设银行", True, "money"),
        ("手机号", "138****0123", "139****1111", True, "phone"),
    ]  # fmt: skip
    assert batch.summary["overwrites"] == {
        "residents": 1,
        "money": 1,
        "money_overwritten": 1,
        "phone": 1,
        "overwritten": 3,
    }


def test_what_only_fills_a_gap_overwrites_nothing_and_still_says_that_money_gets_a_place_to_go(caseworker):
    load(caseworker, with_bank(手机号=""), headings=BANK)
    batch = preview(caseworker, table(with_bank(account=NEW), headings=BANK))
    values = changed_residents(batch).rows[0].values
    assert [(value.label, value.old, value.overwrites) for value in values] == [
        ("银行账号", "", False),
        ("手机号", "", False),
    ]
    found = batch.summary["overwrites"]
    assert (found["overwritten"], found["money"], found["money_overwritten"]) == (0, 1, 0)


def test_new_residents_and_those_without_a_change_are_not_listed(caseworker):
    load(caseworker, row())
    batch = preview(caseworker, table(row(), row("李娜", sequence=124)))
    assert changed_residents(batch).rows == []
    assert batch.summary["overwrites"]["residents"] == 0


def test_the_residents_are_paged_by_key_and_those_whose_money_moves_come_first(caseworker):
    numbers = range(100, 150, 2)
    load(caseworker, *(with_bank("李娜", sequence=number, account="") for number in numbers), headings=BANK)
    again = [with_bank("李娜", sequence=number, 手机号=f"139{number:08}") for number in numbers]
    again[-1][-1] = NEW
    batch = preview(caseworker, table(*again, headings=BANK))
    first = changed_residents(batch)
    assert len(first.rows) == 20
    assert first.rows[0].person_id == person(148).pk
    assert first.before == ""
    second = changed_residents(batch, after=first.after)
    assert [row.key for row in second.rows] == [21, 22, 23, 24, 25]
    assert second.after == ""
    assert changed_residents(batch, before=second.before) == first
    for no_key in ("x", "-1", "9" * 30, "²"):
        assert changed_residents(batch, after=no_key) == first


@pytest.mark.parametrize("what", ["phone", "bank_account", "address"])
def test_a_value_that_was_changed_by_another_after_the_preview_is_not_overwritten_unseen(caseworker, what):
    headings = [*BANK, "家庭住址"]
    load(caseworker, [*with_bank(account=OLD), "琼花观1号"], headings=headings)
    changed = [*with_bank(account=NEW, 手机号="13900001111"), "琼花观2号"]
    batch = preview(caseworker, table(changed, headings=headings))
    other = {
        "phone": {"phone": seal("13755556666"), "phone_index": blind_index("13755556666")},
        "bank_account": {"bank_account": seal("6222021108009999998")},
        "address": {"address": "琼花观3号"},
    }[what]
    Person.objects.filter(pk=person().pk).update(**other)
    with pytest.raises(PreviewOutdatedError):
        accept(caseworker, batch)
    again = preview(caseworker, table(changed, headings=headings))
    accept(caseworker, again)
    assert person().address == "琼花观2号"


def test_a_preview_of_before_the_old_values_were_kept_is_made_again_before_it_overwrites(caseworker):
    load(caseworker, row())
    batch = preview(caseworker, table(row(手机号="13900001111")))
    storage.forget_frames(batch.pk, FRAME)
    with pytest.raises(PreviewOutdatedError):
        accept(caseworker, batch)


def test_the_old_values_are_kept_no_longer_than_the_preview(caseworker):
    load(caseworker, row())
    accepted, discarded = (
        preview(caseworker, table(row(手机号="13900001111"))),
        preview(caseworker, table(row(手机号="13900002222"))),
    )
    accept(caseworker, accepted)
    discard(actor=caseworker, batch=discarded)
    assert not storage.has_frame(accepted.pk, FRAME)
    assert not storage.has_frame(discarded.pk, FRAME)
    assert changed_residents(accepted).rows == []
