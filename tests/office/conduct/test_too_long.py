"""Words that are too many are refused with how many are too many; nothing is cut, and what was typed stays."""

from __future__ import annotations

import pytest

from jiuye.office.conduct import operations as conduct
from jiuye.office.conduct.models import Contact, Rating
from jiuye.office.matters import operations as matters
from jiuye.office.matters.forms import FormRefusedError, answers_of
from jiuye.office.matters.models import Matter, MatterEvent
from jiuye.office.staff.models import Account, LookRecord
from jiuye.office.staff.refusals import LINE, LONG, MEDIUM, SHORT, TooLongError, within
from jiuye.portals.common.forms import ObjectionForm
from tests.office.matters.conftest import DAY, at, officer
from tests.office.matters.test_registering import FORM, begin, hand_in, take

OVER = "字" * (LONG + 37)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.OFFICE_DATE = DAY.isoformat()


def as_(client, actor):
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def test_words_are_counted_as_a_browser_counts_them_and_kept_whole():
    """A line's end is one character while one types, and two when it is sent."""
    assert within("行\r\n" * 3 + "末", 7, "说明") == "行\n行\n行\n末"
    with pytest.raises(TooLongError, match="最多 6 字，现在多了 1 字") as refused:
        within("行\r\n" * 3 + "末", 6, "说明", "note")
    assert refused.value.field == "note"


def test_a_form_says_how_many_are_too_many_and_counts_as_the_operation_does():
    exact = "行\r\n" * (LONG // 2 - 1) + "末尾"
    assert ObjectionForm({"text": exact}).is_valid()
    form = ObjectionForm({"text": exact + "三个字"})
    assert form.errors["text"] == [
        "“异议内容”最多 2000 字，现在多了 3 字；请缩短后再提交，填写的内容没有丢。"
    ]


def test_a_note_on_a_matter_that_is_too_long_is_refused_with_its_words(client, person, me, station):
    matter = hand_in(person, me)
    answer = as_(client, me).post(f"/my/services/matters/{matter.pk}/withdraw/", {"note": OVER})
    assert answer.status_code == 422
    assert OVER in answer.text
    assert "现在多了 37 字" in answer.text
    matter.refresh_from_db()
    assert matter.state == "submitted"
    assert not MatterEvent.objects.filter(act="withdraw").exists()


def test_a_reason_for_refusing_and_for_a_correction_have_their_limits(client, person, me, station, reviewer):
    matter = take(hand_in(person, me), station, "accept")
    refused = as_(client, reviewer).post(
        f"/desk/matters/{matter.pk}/acts/refuse/", {"clause": "without-work", "note": OVER}
    )
    assert (refused.status_code, OVER in refused.text) == (422, True)
    sent_back = as_(client, reviewer).post(
        f"/desk/matters/{matter.pk}/acts/request_correction/", {"c-left_on": "字" * (LINE + 1)}
    )
    assert (sent_back.status_code, "现在多了 1 字" in sent_back.text) == (422, True)
    assert "字" * (LINE + 1) in sent_back.text


def test_an_answer_in_a_form_is_kept_whole_and_refused_where_it_is_too_long(person, me):
    """It was cut to five hundred characters, and handed in so."""
    matter = begin(person, me)
    given = FORM | {"reason": "字" * (MEDIUM + 5)}
    with pytest.raises(FormRefusedError) as refused:
        matters.hand_in(actor=me, matter_id=matter.pk, answers=given, on=DAY, at=at(DAY))
    assert "现在多了 5 字" in refused.value.fields["reason"]
    matter.refresh_from_db()
    assert (matter.state, answers_of(matter)["reason"]) == ("draft", given["reason"])


@pytest.mark.parametrize(("field", "most"), [("came_of", LONG), ("whom", 100), ("next_step", SHORT)])
def test_each_field_of_a_visit_has_its_limit_in_the_operation_too(person, station, field, most):
    given = {"whom": "本人", "came_of": "在家", "next_step": "再去", "next_on": DAY} | {
        field: "字" * (most + 1)
    }
    with pytest.raises(TooLongError) as refused:
        conduct.log_contact(
            actor=station,
            person_id=person.pk,
            kind="visit",
            reached="person",
            made_on=DAY,
            on=DAY,
            at=at(DAY),
            **given,
        )
    assert refused.value.field == field
    assert not Contact.objects.exists()


def test_a_mark_and_its_answer_have_their_limit_and_keep_their_words(client, person, me, station, reviewer):
    matter = take(hand_in(person, me), station, "accept")
    matters.refuse(
        actor=reviewer, matter_id=matter.pk, clause_id="without-work", note="正在上班", on=DAY, at=at(DAY)
    )
    mark = {"matter_id": matter.pk, "level": "very_unsatisfied", "on": DAY, "at": at(DAY)}
    answer = as_(client, me).post(
        f"/my/services/matters/{matter.pk}/rate/", {"level": mark["level"], "words": OVER}
    )
    assert (answer.status_code, OVER in answer.text, "现在多了 37 字" in answer.text) == (422, True, True)
    assert not Rating.objects.exists()
    rating = conduct.rate(actor=me, words="等了很久", **mark)
    another = officer("区就业中心审核二", "reviewer", "321002")
    with pytest.raises(TooLongError, match="回复"):
        conduct.answer(actor=another, rating_id=rating.pk, words=OVER, on=DAY, at=at(DAY))


def test_why_somebody_looks_is_never_cut_in_the_record(client, person, me, station):
    """No form of its own takes these words again: the page that says what is wrong gives them back."""
    paper = hand_in(person, me).evidence.create(
        evidence_id="identity", kind="file", file_name="a.pdf", file_digest="0" * 64, file_kind="pdf", file_bytes=1,
        given_by_name="张秀兰", on_date=DAY, at=at(DAY),
    )  # fmt: skip
    purpose = "核对" * LINE
    answer = as_(client, station).post(f"/desk/matters/papers/{paper.pk}/", {"purpose": purpose})
    assert answer.status_code == 422
    assert f"现在多了 {LINE} 字" in answer.text
    assert purpose in answer.text
    assert not LookRecord.objects.exists()
    assert Matter.objects.count() == 1
