"""A refusal of a matter names a clause and quotes its law, or says plainly that no rule is on file."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.engine.services import load_items
from jiuye.office.casework.operations.overturning import OwnRefusalError, ReviewTooLateError
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.matters import operations, queries
from jiuye.office.matters.models import Matter, MatterRefusalReview
from jiuye.office.matters.operations.deciding import ClauseMissingError
from jiuye.office.matters.operations.overturning import BegunAnewError, NoRefusalError
from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, at, officer
from tests.portals.counting import client_of
from tests.portals.refused_forms import losses, walked

NEXT = date(2024, 6, 12)
WHY = "没有开展经营，也没有灵活就业"
FORM = {"kind": "flexible", "began_on": "2024-06-01", "work": "送货", "true_statement": "yes"}


@pytest.fixture
def registration(person, me) -> Matter:
    matter = operations.start(
        actor=me,
        item_id="employment-registration",
        applicant_kind="person",
        applicant_id=person.pk,
        on=DAY,
        at=at(DAY),
    )
    return operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))


def refuse(matter: Matter, actor, clause: str = "", note: str = WHY) -> Matter:
    return operations.refuse(
        actor=actor, matter_id=matter.pk, clause_id=clause, note=note, on=DAY, at=at(DAY)
    )


def test_an_item_without_a_policy_is_refused_by_a_clause_of_its_own_with_the_words_of_the_law(
    registration, reviewer
):
    with pytest.raises(ClauseMissingError):
        refuse(registration, reviewer)
    refused = refuse(registration, reviewer, "works-for-themselves")
    assert refused.refused_law == "用人单位招用、从事个体经营、灵活就业的办理就业登记"
    said = Message.objects.get(occasion="matter_refused").body
    assert "依据：用人单位招用、从事个体经营、灵活就业的办理就业登记" in said
    assert said.count(WHY) == 1


def test_every_item_has_a_clause_that_a_refusal_can_name(pack_dir):
    found, _ = load_items(pack_dir)
    assert [item.id for item in found.items.values() if not item.policy and not item.grounds] == []


@pytest.fixture
def refused(registration, reviewer) -> Matter:
    return refuse(registration, reviewer, "works-for-themselves")


def ask(actor, matter: Matter, text: str = "我从五月起在送货，有接单记录", on=NEXT):
    return operations.ask_review(actor=actor, matter_id=matter.pk, text=text, on=on, at=at(on))


def decide(actor, asked, *, overturned: bool = True, words: str = "接单记录属实", on=NEXT):
    return operations.decide_review(
        actor=actor, review_id=asked.pk, overturned=overturned, words=words, on=on, at=at(on)
    )


def test_an_overturned_refusal_of_a_matter_goes_through_its_steps_again(refused, me, approver):
    asked = ask(me, refused)
    assert asked.due_on == date(2024, 6, 26)  # ten workdays
    decide(approver, asked)
    refused.refresh_from_db()
    assert (refused.state, refused.awaits, refused.refused_law, refused.decided_on) == (
        "submitted",
        "accept",
        "",
        None,
    )
    assert refused.promised_on == date(2024, 6, 17)  # the whole promise anew
    assert [event.act for event in refused.timeline.order_by("pk")][-2:] == ["ask_review", "overturn"]
    assert "接单记录属实" in Message.objects.get(occasion="matter_refusal_overturned").body


def test_an_upheld_refusal_of_a_matter_stands_and_says_why(refused, me, approver):
    decide(approver, ask(me, refused), overturned=False, words="接单记录是别人的")
    refused.refresh_from_db()
    assert refused.state == "refused"
    view = queries.own_matter(me, refused.pk, on=NEXT)
    assert [(row.overturned, row.words) for row in view.reviews] == [(False, "接单记录是别人的")]
    told = Message.objects.get(occasion="matter_refusal_upheld")
    assert (told.statutory, "接单记录是别人的" in told.letter, "最迟" in told.letter) == (True, True, True)


def test_whoever_refused_a_matter_does_not_decide_its_review(registration, me, approver):
    asked = ask(me, refuse(registration, approver, "works-for-themselves"))
    with pytest.raises(OwnRefusalError):
        decide(approver, asked)
    with pytest.raises(IntegrityError, match="matter_refusal_review_by_another_person"), transaction.atomic():
        MatterRefusalReview.objects.update(
            decided_on=NEXT, decided_by=approver.account_id, overturned=True, words="自己复核"
        )


def test_a_review_is_asked_for_once_and_of_a_refusal_alone(refused, me):
    ask(me, refused)
    with pytest.raises(AlreadyDoneError):
        ask(me, refused)
    other = operations.start(
        actor=me,
        item_id="unemployment-registration",
        applicant_kind="person",
        applicant_id=refused.person_id,
        on=NEXT,
        at=at(NEXT),
    )
    with pytest.raises(NoRefusalError):
        ask(me, other)


def test_too_late_a_review_points_to_the_ways_of_law(refused, me):
    with pytest.raises(ReviewTooLateError):
        ask(me, refused, on=date(2024, 8, 12))


def test_begun_anew_the_old_matter_is_not_taken_up_beside_it(refused, me, approver, person):
    asked = ask(me, refused)
    operations.start(
        actor=me,
        item_id="employment-registration",
        applicant_kind="person",
        applicant_id=person.pk,
        on=NEXT,
        at=at(NEXT),
    )
    with pytest.raises(BegunAnewError):
        decide(approver, asked)


def test_neither_form_of_a_review_loses_what_was_typed(refused, me, station, approver, settings):
    settings.OFFICE_DATE = NEXT.isoformat()

    def page_of(actor) -> list[tuple[Client, str]]:
        client = Client()
        client.force_login(Account.objects.get(pk=actor.account_id))
        return [(client, f"/desk/matters/{refused.pk}/")]

    found = losses(page_of(station))
    ask(me, refused)
    found |= losses(page_of(approver))
    walked(__file__, found)


def test_the_office_hands_out_the_letter_of_a_refused_matter(refused, me, reviewer, approver, settings):
    settings.OFFICE_DATE = NEXT.isoformat()
    decide(approver, ask(me, refused), overturned=False)
    desk, elsewhere = client_of(reviewer), client_of(officer("外县", "reviewer", "321023"))
    refusal, upheld = Message.objects.order_by("pk")
    refusal.deliveries.update(state="undeliverable", reason="no_number", on_day=NEXT)
    page = desk.get(f"/desk/matters/{refused.pk}/").text
    letters = [f"/desk/matters/{refused.pk}/letters/{row.pk}/" for row in (refusal, upheld)]
    for words in (*letters, refusal.title, upheld.title, "没有登记手机号", "请打印，当面交给当事人"):
        assert words in page
    assert page.count("请打印，当面交给当事人") == 1
    for address in letters:
        assert desk.get(address).content[:5] == b"%PDF-"
        assert elsewhere.get(address).status_code == 404
    assert desk.get(f"/desk/matters/{refused.pk + 1}/letters/{refusal.pk}/").status_code == 404
    then = desk.get(f"/desk/matters/{refused.pk}/", {"at": DAY.isoformat()}).text
    assert letters[0] in then
    for words in (letters[1], "没有登记手机号", "请打印，当面交给当事人"):
        assert words not in then


def test_an_applicant_of_the_matter_sees_no_record_of_what_was_told(refused, me):
    assert queries.own_matter(me, refused.pk, on=DAY).told == ()
