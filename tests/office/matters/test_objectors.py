"""Whoever objects to a public notice and leaves a contact is told what became of it: by text message, or by an officer's hand."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest
from django.db import connection
from django.test import Client

from jiuye.exchange.sms import PretendGateway, Sms, SmsReceipt
from jiuye.office.casework.answering import AnswerNamesApplicantError, NothingToAnswerError
from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.matters import operations, queries
from jiuye.office.matters.models import MatterObjection
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.messages.operations import deliver
from jiuye.office.staff.models import Account, LookRecord
from jiuye.office.staff.queries import NotPermittedError
from tests.office.matters.conftest import at, officer
from tests.office.matters.test_objections import ANSWERED, SECOND, shown  # noqa: F401 (a fixture by name)
from tests.portals.refused_forms import losses, walked

BECAUSE = "到店里看过，店是她姐姐开的，她没有收入。"
LETTER = "扬州市广陵区文昌中路 1 号 3 幢 502 室"


def raised(matter, contact: str, text: str = "她在开小店") -> MatterObjection:
    return operations.object_in_public(
        matter_id=matter.pk,
        raised_by_name="",
        contact=contact,
        text=text,
        address="203.0.113.7",
        on=SECOND,
        at=at(SECOND),
    )


def decided(objection: MatterObjection, actor, *, upheld: bool = False, answer: str = BECAUSE):
    return operations.resolve_objection(
        actor=actor,
        objection_id=objection.pk,
        upheld=upheld,
        resolution="社区 6 月 20 日走访张秀兰，核实属实",
        answer=answer,
        on=ANSWERED,
        at=at(ANSWERED),
    )


def desk_of(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


class KeepingGateway(PretendGateway):
    """The pretend gateway, which also keeps what went out."""

    sent: list[Sms]

    def send(self, message: Sms) -> SmsReceipt:
        self.sent.append(message)
        return super().send(message)


def test_a_mobile_number_is_told_the_outcome_and_why_and_nothing_of_the_applicant(
    shown,  # noqa: F811
    other_reviewer,
    tmp_path,
):
    decided(raised(shown, "139 0000 0000"), other_reviewer)
    message = Message.objects.get(recipient_kind="objector")
    assert message.statutory
    assert shown.number in message.body
    assert "异议不成立" in message.body
    assert BECAUSE in message.body
    assert "张秀兰" not in message.title + message.body + message.body_en
    gateway = KeepingGateway(tmp_path / "sms.sqlite3")
    gateway.sent = []
    noon = datetime(2024, 6, 24, 12, tzinfo=timezone(timedelta(hours=8)))
    done = deliver(gateway=gateway, clock=lambda: noon)
    assert done.sent >= 1
    assert "13900000000" in [sms.to for sms in gateway.sent if BECAUSE in sms.text]
    assert not queries.objections_to_answer(other_reviewer).exists()


def test_the_number_stands_sealed_in_the_outbox_and_nothing_is_told_before_the_decision(
    shown,  # noqa: F811
    other_reviewer,
):
    objection = raised(shown, "13900000000")
    assert not Message.objects.filter(recipient_kind="objector").exists()
    decided(objection, other_reviewer, upheld=True)
    message = Message.objects.get(recipient_kind="objector")
    assert "异议成立" in message.body
    with connection.cursor() as cursor:
        cursor.execute("SELECT receiver FROM office_messages_delivery WHERE message_id = %s", [message.pk])
        assert b"13900000000" not in bytes(cursor.fetchone()[0])


def test_an_answer_that_names_the_applicant_or_is_missing_is_refused_and_nothing_is_decided(
    shown,  # noqa: F811
    other_reviewer,
):
    objection = raised(shown, "13900000000")
    words_of_others = (
        "张秀兰没有开店",
        "申请人电话 138 0000 0000",
        "证件 321002197803050029 查过",
        "账号6217001234567890123",
    )
    for words in words_of_others:
        with pytest.raises(AnswerNamesApplicantError):
            decided(objection, other_reviewer, answer=words)
    with pytest.raises(WordsMissingError):
        decided(objection, other_reviewer, answer=" ")
    objection.refresh_from_db()
    assert objection.resolved_on is None
    assert not Message.objects.filter(recipient_kind="objector").exists()


def test_without_a_contact_nobody_is_told_and_no_answer_is_asked_for(shown, other_reviewer):  # noqa: F811
    objection = decided(raised(shown, ""), other_reviewer, answer="")
    assert (objection.answer, objection.by_hand) == ("", False)
    assert not Message.objects.filter(recipient_kind="objector").exists()
    with pytest.raises(NothingToAnswerError):
        operations.note_objector_answered(
            actor=other_reviewer, objection_id=objection.pk, how="寄信", on=ANSWERED, at=at(ANSWERED)
        )


def test_another_contact_waits_on_the_list_until_an_officer_has_looked_written_and_noted_it(
    shown,  # noqa: F811
    other_reviewer,
    settings,
):
    settings.OFFICE_DATE = ANSWERED.isoformat()
    objection = decided(raised(shown, LETTER), other_reviewer)
    desk = desk_of(other_reviewer)
    assert "待答复的异议（1）" in desk.get("/desk/").text
    assert shown.number in desk.get("/desk/objections/").text
    page = desk.get(f"/desk/matters/{shown.pk}/").text
    assert "待人工答复" in page
    assert LETTER not in page
    look = f"/desk/objections/matter/{objection.pk}/look/"
    assert desk.post(look, {"purpose": " "}).status_code == 422
    assert not LookRecord.objects.exists()
    assert LETTER in desk.post(look, {"purpose": "答复异议人"}).text
    seen = LookRecord.objects.get()
    assert (seen.subject_kind, seen.subject_key) == ("matter_objection", str(objection.pk))
    done = f"/desk/objections/matter/{objection.pk}/answered/"
    assert "已记下答复" in desk.post(done, {"how": "6 月 24 日寄出书面答复"}, follow=True).text
    assert "没有待人工答复的异议" in desk.get("/desk/objections/").text
    objection.refresh_from_db()
    assert (objection.answered_on, objection.answered_by_id) == (ANSWERED, other_reviewer.account_id)
    again = desk.post(done, {"how": "又寄了一次"})
    assert again.status_code == 422


def test_a_text_message_that_did_not_arrive_brings_the_objection_to_the_list(shown, other_reviewer):  # noqa: F811
    decided(raised(shown, "13900000000"), other_reviewer)
    assert not queries.objections_to_answer(other_reviewer).exists()
    Delivery.objects.filter(message__recipient_kind="objector").update(
        state="undeliverable", reason="refused"
    )
    assert queries.objections_to_answer(other_reviewer).count() == 1


def test_another_countys_officer_neither_sees_the_contact_nor_has_it_on_the_list(
    shown,  # noqa: F811
    other_reviewer,
    settings,
):
    settings.OFFICE_DATE = ANSWERED.isoformat()
    objection = decided(raised(shown, LETTER), other_reviewer)
    elsewhere = officer("邗江审核", "reviewer", "321003")
    assert not queries.objections_to_answer(elsewhere).exists()
    with pytest.raises(NotPermittedError):
        operations.look_at_objectors_contact(
            actor=elsewhere, objection_id=objection.pk, purpose="看看", at=at(ANSWERED)
        )
    desk = desk_of(elsewhere)
    assert desk.post(f"/desk/objections/matter/{objection.pk}/look/", {"purpose": "看看"}).status_code == 404
    assert desk.post(f"/desk/objections/loan/{objection.pk}/look/", {"purpose": "看看"}).status_code == 404


def test_the_form_warns_and_keeps_the_words_that_an_objector_may_not_read(shown, other_reviewer, settings):  # noqa: F811
    settings.OFFICE_DATE = ANSWERED.isoformat()
    objection = raised(shown, "13900000000")
    desk = desk_of(other_reviewer)
    assert "不写任何人的姓名、单位名称" in desk.get(f"/desk/matters/{shown.pk}/").text
    given = {"r-upheld": "no", "r-resolution": "到店里看过", "r-answer": "张秀兰没有开店"}
    answer = desk.post(f"/desk/matters/objections/{objection.pk}/", given)
    assert answer.status_code == 422
    assert "答复里不能写“张秀兰”" in answer.text
    assert "张秀兰没有开店</textarea>" in answer.text


def test_nothing_typed_at_the_forms_about_an_objection_is_lost(
    shown,  # noqa: F811
    other_reviewer,
    settings,
):
    settings.OFFICE_DATE = SECOND.isoformat()
    page, desk = f"/desk/matters/{shown.pk}/", desk_of(other_reviewer)
    objection = raised(shown, LETTER)
    found = losses([(desk, page)])
    decided(objection, other_reviewer)
    settings.OFFICE_DATE = ANSWERED.isoformat()
    found |= losses([(desk, page)])
    walked(__file__, {name: lost for name, lost in found.items() if "objection" in name})


def test_what_waits_is_listed_a_page_at_a_time_and_the_tab_says_how_many(
    shown,  # noqa: F811
    other_reviewer,
    settings,
    monkeypatch,
):
    settings.OFFICE_DATE = ANSWERED.isoformat()
    monkeypatch.setattr("jiuye.portals.desk.objections.views.PAGE_SIZE", 2)
    told = [decided(raised(shown, LETTER, f"第 {number} 条"), other_reviewer) for number in range(3)]
    desk, link = desk_of(other_reviewer), f"/desk/matters/{shown.pk}/#objections"
    # Nothing waits of cases: the page begins with the matters.
    page = desk.get("/desk/objections/").text
    assert page.count(link) == 2
    assert '<span class="tabs__count">3</span>' in page
    onward = re.search(r'href="(\?[^"]*after=[^"]+)"', page)
    assert onward is not None
    last = desk.get(f"/desk/objections/{onward[1].replace('&amp;', '&')}").text
    assert last.count(link) == 1
    # Answered meanwhile, the first ones move nobody from the next page.
    desk.post(f"/desk/objections/matter/{told[0].pk}/answered/", {"how": "6 月 24 日寄出书面答复"})
    assert desk.get(f"/desk/objections/{onward[1].replace('&amp;', '&')}").text.count(link) == 1
    page = desk.get("/desk/objections/?kind=matter").text
    assert page.count(link) == 2
    assert "after=" not in page
    assert "没有待人工答复的异议" in desk.get("/desk/objections/?kind=case").text
    assert desk.get("/desk/objections/?kind=loan").status_code == 404
