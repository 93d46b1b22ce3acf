"""A form of a matter that comes too late, since somebody else acted in between: it is refused, and what was typed is not lost."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jiuye.office.matters import operations
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Evidence, Matter
from jiuye.office.matters.operations import starting
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, at
from tests.papers import pdf

PDF = pdf("a letter from the receiver")
FORM = {"to_name": "南京某公司", "to_address": "南京市江宁区某路", "why": "employed"}
MINE = FORM | {"to_address": "南京市鼓楼区中山路（人事部收）"}
THEIRS = FORM | {"to_address": "南京市玄武区珠江路"}


@pytest.fixture(autouse=True)
def _today(settings):
    settings.OFFICE_DATE = DAY.isoformat()


@pytest.fixture
def matter(person, me, station) -> Matter:
    """Handed in, and sent back to be corrected."""
    begun = operations.start(
        actor=me,
        item_id="personnel-file-transfer",
        applicant_kind="person",
        applicant_id=person.pk,
        on=DAY,
        at=at(DAY),
    )
    operations.attach(
        actor=me,
        matter_id=begun.pk,
        evidence_id="call",
        file_name="调档函.pdf",
        content=PDF,
        on=DAY,
        at=at(DAY),
    )
    operations.hand_in(actor=me, matter_id=begun.pk, answers=FORM, on=DAY, at=at(DAY))
    return operations.request_correction(
        actor=station, matter_id=begun.pk, corrections={"to_address": "写到门牌号"}, on=DAY, at=at(DAY)
    )


def as_(client, actor):
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def corrected(matter, actor, answers) -> None:
    operations.hand_in(actor=actor, matter_id=matter.pk, answers=answers, on=DAY, at=at(DAY))


def own(matter) -> str:
    return f"/my/services/matters/{matter.pk}"


def counter(matter) -> str:
    return f"/desk/matters/{matter.pk}/form/"


def test_a_residents_correction_after_that_of_the_counter_is_refused_with_its_words(
    client, matter, me, station
):
    corrected(matter, station, THEIRS)
    answer = as_(client, me).post(f"{own(matter)}/submit/", MINE)
    assert answer.status_code == 422
    assert f"<blockquote>{MINE['to_address']}</blockquote>" in answer.text
    assert "没有重复办理" in answer.text
    matter.refresh_from_db()
    assert answers_of(matter) == THEIRS


def test_the_counters_correction_after_that_of_the_resident_is_refused_with_its_words(
    client, matter, me, station
):
    corrected(matter, me, MINE)
    answer = as_(client, station).post(counter(matter), THEIRS)
    assert answer.status_code == 422
    assert f"<blockquote>{THEIRS['to_address']}</blockquote>" in answer.text
    matter.refresh_from_db()
    assert answers_of(matter) == MINE


def test_the_same_correction_posted_twice_is_no_refusal(client, matter, me, station):
    for actor, address in (
        (me, f"{own(matter)}/submit/"),
        (me, f"{own(matter)}/submit/"),
        (station, counter(matter)),
    ):
        assert as_(client, actor).post(address, MINE).status_code == 302


@pytest.mark.parametrize("who", ["resident", "counter"])
def test_a_correction_of_what_was_taken_back_meanwhile_keeps_its_words(client, matter, me, station, who):
    operations.withdraw(actor=me, matter_id=matter.pk, note="另有安排", on=DAY, at=at(DAY))
    actor, address = (me, f"{own(matter)}/submit/") if who == "resident" else (station, counter(matter))
    answer = as_(client, actor).post(address, MINE)
    assert answer.status_code == 422
    assert f"<blockquote>{MINE['to_address']}</blockquote>" in answer.text
    assert "已撤回" in answer.text


def test_a_correction_that_is_not_whole_stays_in_the_form_at_the_counter(client, matter, station):
    answer = as_(client, station).post(counter(matter), MINE | {"to_name": ""})
    assert answer.status_code == 422
    assert MINE["to_address"] in answer.text


def test_a_paper_with_a_form_that_came_too_late_is_refused_with_the_words_of_the_form(
    client, matter, me, station
):
    corrected(matter, station, THEIRS)
    paper = SimpleUploadedFile("调档函2.pdf", PDF + b" once more", content_type="application/pdf")
    answer = as_(client, me).post(f"{own(matter)}/attach/", MINE | {"evidence": "call", "file-call": paper})
    assert answer.status_code == 422
    assert f"<blockquote>{MINE['to_address']}</blockquote>" in answer.text
    assert Evidence.objects.filter(matter=matter, evidence_id="call", kind="file").count() == 1


def test_an_original_seen_beside_a_form_that_came_too_late_is_refused_with_its_words(
    client, matter, me, station
):
    corrected(matter, me, MINE)
    given = THEIRS | {"evidence": "call", "said-call": "原件已看过，盖有公章", "keep": "form"}
    answer = as_(client, station).post(f"/desk/matters/{matter.pk}/seen/", given)
    assert answer.status_code == 422
    assert f"<blockquote>{THEIRS['to_address']}</blockquote>" in answer.text


def test_who_types_on_in_a_form_that_was_handed_in_meanwhile_is_told_at_once(client, matter, me, station):
    corrected(matter, station, THEIRS)
    answer = as_(client, me).post(f"{own(matter)}/save/", MINE, headers={"hx-request": "true"})
    assert answer.status_code == 204
    assert json.loads(answer.headers["HX-Trigger"])["jiuye:toast"]["kind"] == "bad"


def test_of_two_corrections_at_the_same_moment_the_first_is_kept_as_it_was_checked(
    matter, me, station, monkeypatch
):
    """The other saves its answers between the check of the first and its act: they must not come in its name."""
    check = starting.check_answers

    def and_meanwhile(*args, **named):
        check(*args, **named)
        operations.save(actor=station, matter_id=matter.pk, answers=THEIRS, on=DAY, at=at(DAY))

    monkeypatch.setattr(starting, "check_answers", and_meanwhile)
    corrected(matter, me, MINE)
    matter.refresh_from_db()
    assert answers_of(matter) == MINE
