"""Papers: checked by what they are and not by their names, kept once and sealed, and looked at on the record."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from jiuye.office.casework.answering import PurposeMissingError
from jiuye.office.casework.papers import FileRefusedError
from jiuye.office.matters import operations
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.evidencing import UnknownEvidenceError
from jiuye.office.matters.operations.starting import EvidenceMissingError
from jiuye.office.staff.models import LookRecord
from jiuye.office.staff.queries import NotPermittedError
from tests.office.matters.conftest import DAY, at, make_person, officer, resident
from tests.papers import locked, pdf, png

PDF = pdf("a letter from the receiver")
FORM = {"to_name": "南京某公司", "to_address": "南京市", "why": "employed"}


@pytest.fixture
def matter(person, me) -> Matter:
    return operations.start(
        actor=me,
        item_id="personnel-file-transfer",
        applicant_kind="person",
        applicant_id=person.pk,
        on=DAY,
        at=at(DAY),
    )


def attach(matter, actor, content: bytes = PDF, name: str = "调档函.pdf", point: str = "call", **more):
    return operations.attach(
        actor=actor,
        matter_id=matter.pk,
        evidence_id=point,
        file_name=name,
        content=content,
        on=DAY,
        at=at(DAY),
        **more,
    )


def test_a_paper_that_no_register_holds_has_to_be_given(matter, me):
    with pytest.raises(EvidenceMissingError, match="调档函或接收函"):
        operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    attach(matter, me)
    handed_in = operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    assert handed_in.state == "submitted"


def test_a_paper_lies_sealed_and_once_however_often_it_is_sent(matter, me):
    first, second = attach(matter, me), attach(matter, me)
    assert first.pk == second.pk
    (kept,) = (Path(settings.MEDIA_ROOT) / "evidence").iterdir()
    assert PDF not in kept.read_bytes()
    assert operations.read_file(actor=me, evidence_id=first.pk, purpose="", at=at(DAY)) == (
        "调档函.pdf", "application/pdf", PDF,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空的"),
        (b"PK\x03\x04 a workbook with macros", "只收"),
        (b"<html><script>1</script>", "只收"),
        (b"MZ\x90\x00 a program", "只收"),
        (b"%PDF-1.4 /OpenAction << /S /JavaScript >>", "自动运行"),
        (b"%PDF-" + b"x" * (10 * 1024 * 1024), "最大 10 MB"),
        (b"%PDF-1.4 cut off", "已损坏"),
        (locked("secret"), "打开密码"),
        (png(60_000, 60_000), "图片太大"),
    ],
)
def test_a_file_is_refused_for_what_it_is_whatever_it_is_called(matter, me, content, words):
    with pytest.raises(FileRefusedError, match=words):
        attach(matter, me, content)
    assert not matter.evidence.exists()


def test_a_refused_file_loses_nothing_that_was_typed_beside_it(matter, me):
    with pytest.raises(FileRefusedError):
        attach(matter, me, b"MZ", answers=FORM)
    assert answers_of(Matter.objects.get(pk=matter.pk)) == FORM


def test_a_name_is_only_words_and_its_ending_is_what_the_file_is(matter, me):
    kept = attach(matter, me, name="..\\..\\<script>alert(1)</script>.exe")
    assert kept.file_name == "script.pdf"


def test_a_paper_belongs_to_a_point_of_the_item(matter, me):
    with pytest.raises(UnknownEvidenceError):
        attach(matter, me, point="diploma")


def test_a_draft_and_its_papers_are_its_applicants_alone(matter, me, street, station):
    kept = attach(matter, me)
    for who in (street, station):
        with pytest.raises(MatterNotFoundError):
            operations.read_file(actor=who, evidence_id=kept.pk, purpose="看看", at=at(DAY))
    assert not LookRecord.objects.exists()


def test_whoever_looks_at_a_paper_of_another_says_why(matter, me, street):
    kept = attach(matter, me)
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    with pytest.raises(PurposeMissingError):
        operations.read_file(actor=street, evidence_id=kept.pk, purpose=" ", at=at(DAY))
    assert not LookRecord.objects.exists()


def test_an_officers_look_is_recorded_and_a_strangers_is_refused(matter, me, street):
    kept = attach(matter, me)
    operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))
    operations.read_file(actor=street, evidence_id=kept.pk, purpose="办理本人的事项", at=at(DAY))
    assert LookRecord.objects.filter(field="evidence:call", purpose="办理本人的事项").count() == 1
    stranger = resident(make_person("别人", number="321002198001010020"))
    with pytest.raises(NotPermittedError):
        operations.read_file(actor=stranger, evidence_id=kept.pk, purpose="", at=at(DAY))
    with pytest.raises(NotPermittedError):
        operations.read_file(
            actor=officer("外区", "caseworker", "321003"), evidence_id=kept.pk, purpose="看看", at=at(DAY)
        )
    with pytest.raises(MatterNotFoundError):
        operations.read_file(actor=street, evidence_id=kept.pk + 1, purpose="", at=at(DAY))


def test_an_original_seen_at_the_counter_counts_as_given(matter, me, street):
    operations.show_original(
        actor=street,
        matter_id=matter.pk,
        evidence_id="call",
        said="调档函原件，宁人才〔2024〕12号",
        on=DAY,
        at=at(DAY),
    )
    assert (
        operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY)).state
        == "submitted"
    )
