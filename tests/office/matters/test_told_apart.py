# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""An employer registers several people at once: one open registration each, told apart by the field that the item's file names."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.office.matters import operations, queries
from jiuye.office.matters.erasing import ERASES
from jiuye.office.matters.forms import FormRefusedError, answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, at, make_person
from tests.office.matters.test_life_events import CONTRACT, HIRED, firm, firms_own, send  # noqa: F401 (fixtures by name)

ZHANG, SUN = "321002197803050029", "321002198503070022"
HIRE = "hire-registration"


@pytest.fixture(autouse=True)
def _workers(person):
    make_person("孙玉芳", number=SUN)


def hire(worker: str, **more: str) -> dict[str, str]:
    return HIRED | {f"{HIRE}.worker": worker} | {f"{HIRE}.{name}": text for name, text in more.items()}


def form(worker: str, **more: str) -> dict[str, str]:
    return {name.partition(".")[2]: text for name, text in hire(worker, **more).items()}


def begin(actor) -> Matter:
    return operations.start(
        actor=actor, item_id=HIRE, applicant_kind="employer", applicant_id=int(actor.subject_key), on=DAY, at=at(DAY)
    )  # fmt: skip


def sent(actor, worker: str, **more: str):
    told = send(actor, event="hired_somebody", items=[HIRE], answers=hire(worker, **more), papers=[CONTRACT])
    return told["就业登记（单位招用）"]


def test_two_people_hired_are_registered_at_the_same_time(firms_own):
    assert [sent(firms_own, ZHANG).kind, sent(firms_own, SUN).kind] == ["handed_in", "handed_in"]
    assert Matter.objects.filter(state="submitted").count() == 2


def test_the_same_person_is_registered_once_at_a_time(firms_own):
    first = sent(firms_own, ZHANG)
    again = sent(firms_own, f" {ZHANG} ")
    assert (again.kind, again.number) == ("there", first.number)
    row = Matter.objects.values().get()
    with (
        pytest.raises(IntegrityError, match="matter_of_an_employer_once_at_a_time"),
        transaction.atomic(),
    ):
        Matter.objects.create(
            **{name: value for name, value in row.items() if name not in ("id", "answers", "proxy")}
        )


def test_the_mark_in_the_database_says_nobodys_number(firms_own):
    sent(firms_own, ZHANG)
    mark = Matter.objects.get().told_apart
    assert len(mark) == 64
    assert ZHANG not in mark


def test_a_second_form_for_the_same_person_says_so_at_its_field_and_keeps_what_was_typed(firms_own):
    first = sent(firms_own, ZHANG)
    second = begin(firms_own)
    assert second.number != first.number
    assert begin(firms_own) == second  # an empty draft is gone on with
    with pytest.raises(FormRefusedError) as refused:
        operations.hand_in(actor=firms_own, matter_id=second.pk, answers=form(ZHANG), on=DAY, at=at(DAY))
    assert first.number in refused.value.fields["worker"]
    second.refresh_from_db()
    assert second.state == "draft"
    assert answers_of(second)["wage"] == "5200.50"
    withdrawn = operations.withdraw(
        actor=firms_own, matter_id=first.matter_id, note="填错了", on=DAY, at=at(DAY)
    )
    assert withdrawn.state == "withdrawn"
    operations.save(actor=firms_own, matter_id=second.pk, answers=form(ZHANG), on=DAY, at=at(DAY))
    second.refresh_from_db()
    assert len(second.told_apart) == 64


def test_a_draft_that_turns_to_somebody_else_leaves_the_first_free(firms_own):
    draft = begin(firms_own)
    operations.save(actor=firms_own, matter_id=draft.pk, answers=form(ZHANG), on=DAY, at=at(DAY))
    operations.save(actor=firms_own, matter_id=draft.pk, answers=form(SUN), on=DAY, at=at(DAY))
    assert sent(firms_own, ZHANG).kind == "handed_in"
    assert sent(firms_own, SUN).matter_id == draft.pk


def test_one_that_was_begun_before_the_file_named_the_field_is_told_apart_when_the_next_begins(firms_own):
    first = sent(firms_own, ZHANG)
    Matter.objects.filter(pk=first.matter_id).update(told_apart="")  # as the registrations of before stand
    assert begin(firms_own).pk != first.matter_id
    assert sent(firms_own, ZHANG).number == first.number


def test_content_names_the_field_and_another_file_another_one(firms_own, settings, pack_dir: Path, tmp_path):
    copytree(pack_dir, tmp_path / "pack")
    file = tmp_path / "pack" / "services" / f"{HIRE}.yaml"
    file.write_text(file.read_text().replace("told_apart_by: worker", "told_apart_by: began_on"))
    settings.PACK = tmp_path / "pack"
    first = sent(firms_own, ZHANG)
    assert sent(firms_own, ZHANG, began_on="2024-06-04").kind == "handed_in"  # the same person, another day
    assert sent(firms_own, SUN).number == first.number  # somebody else on the same day


def without_the_field(pack_dir: Path, folder: Path) -> Path:
    """The pack as it would be where the file of hire registration names no field any more."""
    copytree(pack_dir, folder)
    file = folder / "services" / f"{HIRE}.yaml"
    text = file.read_text()
    file.write_text("".join(line for line in text.splitlines(keepends=True) if "told_apart_by" not in line))
    assert file.read_text() != text
    return folder


def test_where_the_file_names_no_field_any_more_those_that_are_open_are_all_seen_and_gone_on_with(
    firms_own, street, settings, pack_dir: Path, tmp_path
):
    settings.OFFICE_DATE = DAY.isoformat()
    first = sent(firms_own, ZHANG)
    draft = begin(firms_own)
    operations.save(actor=firms_own, matter_id=draft.pk, answers=form(SUN), on=DAY, at=at(DAY))
    settings.PACK = without_the_field(pack_dir, tmp_path / "pack")
    # One at a time from now on: what waits for the applicant is gone on with, the other one stays in sight.
    assert begin(firms_own) == draft
    row = next(row for row in queries.menu(firms_own) if row.item.id == HIRE)
    assert (row.open_matter, [matter.number for matter in row.others]) == (draft, [first.number])
    client = Client()
    client.force_login(Account.objects.get(pk=firms_own.account_id))
    assert first.number in client.get("/my/services/").text
    # Both are saved, sent back and handed in as before; neither stands in the other's way.
    operations.attach(
        actor=firms_own, matter_id=draft.pk, evidence_id=CONTRACT.evidence_id, file_name="合同.pdf",
        content=CONTRACT.content, on=DAY, at=at(DAY),
    )  # fmt: skip
    operations.hand_in(actor=firms_own, matter_id=draft.pk, answers=form(SUN), on=DAY, at=at(DAY))
    for matter, worker in ((draft.pk, SUN), (first.matter_id, ZHANG)):
        now = {"matter_id": matter, "on": DAY, "at": at(DAY)}
        operations.request_correction(actor=street, corrections={"wage": "与合同不一致"}, **now)
        operations.hand_in(actor=firms_own, answers=form(worker), **now)
    assert Matter.objects.filter(state="submitted").count() == 2
    # And where the file names it again, each is found by its own answer.
    settings.PACK = pack_dir
    assert (sent(firms_own, ZHANG).number, sent(firms_own, SUN).number) == (first.number, draft.number)
    assert Matter.objects.count() == 2


def test_an_item_whose_file_names_no_field_is_under_way_once(firms_own, firm):
    def recognition() -> Matter:
        return operations.start(
            actor=firms_own, item_id="traineeship-base-recognition", applicant_kind="employer",
            applicant_id=firm.pk, on=DAY, at=at(DAY),
        )  # fmt: skip

    assert recognition() == recognition()


def test_the_list_of_services_shows_each_with_its_state_and_lets_another_begin(firms_own, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    told = [sent(firms_own, ZHANG), sent(firms_own, SUN)]
    client = Client()
    client.force_login(Account.objects.get(pk=firms_own.account_id))
    page = client.get("/my/services/").text
    assert all(one.number in page for one in told)
    assert ZHANG not in page
    assert "再办一件" in page
    row = next(row for row in queries.menu(firms_own) if row.item.id == HIRE)
    assert (row.open_matter, len(row.others)) == (None, 2)


def test_the_form_of_the_life_event_asks_about_the_next_one_while_the_first_is_under_way(firms_own):
    sent(firms_own, ZHANG)
    shown = queries.event_form(firms_own, "hired_somebody", on=DAY)
    (item,) = [row for row in shown.items if row.item.id == HIRE]
    assert (item.under_way, item.ticked) == (None, True)
    assert shown.to_send


def test_what_is_erased_takes_the_mark_with_it(firms_own):
    first = sent(firms_own, ZHANG)
    operations.withdraw(actor=firms_own, matter_id=first.matter_id, note="填错了", on=DAY, at=at(DAY))
    later = at(DAY.replace(year=DAY.year + 9))
    ERASES["withdrawn_matters"].erase(later, later)
    assert Matter.objects.get().told_apart == ""
    assert not Matter.pgh_event_model.objects.exclude(told_apart="").exists()


@pytest.mark.parametrize(
    "typed", [ZHANG.translate({48 + d: 0xFF10 + d for d in range(10)}), f"{ZHANG[:6]} {ZHANG[6:]}"]
)
def test_the_same_person_is_the_same_however_the_number_is_typed(firms_own, typed):
    first = sent(firms_own, ZHANG)
    again = sent(firms_own, typed)
    assert (again.kind, again.number) == ("there", first.number)
