"""A refusal objected to: asked for in time and in words, decided by another officer, and back on its way where it was wrong."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.models import RefusalReview
from jiuye.office.casework.operations.confirming import ReviewOpenError
from jiuye.office.casework.operations.overturning import (
    NotRefusedError,
    OwnRefusalError,
    ReviewTooLateError,
)
from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.casework.rules import Decision
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.conduct import operations as conduct
from jiuye.office.conduct.queries import escalated, reviews_at_hand
from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import DAY, at, make_officer
from tests.portals.refused_forms import losses, walked

NEXT = date(2025, 6, 10)


@pytest.fixture
def refused(owner, entitlement, rules, caseworker, reviewer):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY))
    return operations.refuse(
        actor=reviewer, case_id=case.pk, clause_id="insured", note="没有缴费", rules=rules, on=DAY, at=at(DAY)
    )


def ask(actor, case, text="六月已经缴费，有缴费单", on=NEXT):
    return operations.ask_review(actor=actor, case_id=case.pk, text=text, on=on, at=at(on))


def decide(actor, asked, rules, *, overturned=True, words="缴费记录已补到账", on=NEXT):
    return operations.decide_review(
        actor=actor, review_id=asked.pk, overturned=overturned, words=words, rules=rules, on=on, at=at(on)
    )


def test_an_overturned_refusal_leads_back_into_the_procedure(refused, owner, approver, rules):
    asked = ask(owner, refused)
    assert asked.due_on == date(2025, 6, 24)  # ten workdays
    decide(approver, asked, rules)
    refused.refresh_from_db()
    assert (refused.state, refused.refused_on, refused.refused_by_id) == ("confirmed", None, None)
    assert [event.act for event in refused.timeline.order_by("pk")][-2:] == ["ask_review", "overturn"]
    told = Message.objects.get(occasion="case_refusal_overturned")
    assert "缴费记录已补到账" in told.body
    assert told.person_id == refused.person_id


def test_an_upheld_refusal_stays_and_says_why(refused, owner, approver, rules):
    decide(approver, ask(owner, refused), rules, overturned=False, words="缴费晚于申请期")
    refused.refresh_from_db()
    assert refused.state == "refused"
    assert refused.timeline.order_by("pk").reverse()[0].note == "缴费晚于申请期"
    told = Message.objects.get(occasion="case_refusal_upheld")
    first = Message.objects.get(occasion="case_refused")
    assert (told.statutory, "缴费晚于申请期" in told.letter) == (True, True)
    # The days for an appeal are those that were told with the refusal, not new ones.
    days = re.findall(r"最迟\d+年\d+月\d+日", first.body)
    assert days
    assert all(day in told.body for day in days)


def test_whoever_refused_never_decides_whether_that_was_right(owner, entitlement, rules, approver):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    operations.refuse(
        actor=approver, case_id=case.pk, clause_id="insured", note="没有缴费", rules=rules, on=DAY, at=at(DAY)
    )
    asked = ask(owner, case)
    with pytest.raises(OwnRefusalError, match="另一位审批人员"):
        decide(approver, asked, rules)
    with pytest.raises(IntegrityError, match="refusal_review_by_another_person"), transaction.atomic():
        RefusalReview.objects.update(
            decided_on=NEXT, decided_by=approver.account_id, overturned=True, words="自己复核"
        )
    decide(make_officer("钱审批", "approver", "3210"), asked, rules)
    case.refresh_from_db()
    assert case.state == "confirmed"


def test_where_todays_facts_still_say_no_the_refusal_is_not_overturned_by_will(
    refused, owner, approver, rules, entitlement
):
    asked = ask(owner, refused)
    rules.answers[entitlement.pk] = Decision("no", None, "v1")
    with pytest.raises(ChecksFailedError, match="重新判定：不符合"):
        decide(approver, asked, rules)
    asked.refresh_from_db()
    refused.refresh_from_db()
    assert (asked.decided_on, refused.state) == (None, "refused")


def test_asking_needs_words_time_a_refusal_and_is_done_once(refused, owner, entitlement, rules, person):
    with pytest.raises(WordsMissingError):
        ask(owner, refused, text=" ")
    with pytest.raises(ReviewTooLateError, match="2025-08-08"):
        ask(owner, refused, on=date(2025, 8, 9))
    ask(owner, refused, on=date(2025, 8, 8))
    with pytest.raises(AlreadyDoneError):
        ask(owner, refused)


def test_nobody_asks_for_somebody_else_without_a_post_and_nobody_about_a_live_case(
    refused, owner, approver, reviewer, rules
):
    with pytest.raises(NotPermittedError):
        ask(reviewer, refused)
    asked = ask(owner, refused)
    with pytest.raises(NotPermittedError):
        decide(reviewer, asked, rules)
    decide(approver, asked, rules)
    with pytest.raises(NotRefusedError):
        ask(owner, refused)
    with pytest.raises(AlreadyDoneError):
        decide(approver, asked, rules)


def test_a_refusal_to_look_at_again_waits_in_the_list_of_an_approver_and_goes_up_when_it_is_late(
    refused, owner, approver, caseworker
):
    asked = ask(owner, refused)
    assert reviews_at_hand(approver) == [asked]
    assert reviews_at_hand(caseworker) == []
    late = date(2025, 6, 25)
    assert conduct.escalate_late(on=late, at=at(late)).reviews == 1
    (row,) = escalated(make_officer("市就业办", "city_office", "3210"), to_us=True)
    assert (row.case_review, row.thing) == (asked, refused)
    assert refused.timeline.filter(act="escalate").count() == 1


def test_a_refused_case_is_not_taken_up_beside_the_review_of_its_refusal(
    owner, entitlement, rules, caseworker, reviewer, approver
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    given = {"on": DAY, "at": at(DAY)}
    operations.accept(actor=caseworker, case_id=case.pk, **given)
    operations.refuse(
        actor=reviewer, case_id=case.pk, clause_id="insured", note="没有缴费", rules=rules, **given
    )
    asked = operations.ask_review(actor=owner, case_id=case.pk, text="有缴费", **given)
    again = {"actor": caseworker, "case_id": case.pk, "note": "有新材料", "rules": rules}
    with pytest.raises(ReviewOpenError, match="复核还没有答复"):
        operations.reopen(**again, **given)
    operations.decide_review(
        actor=approver, review_id=asked.pk, overturned=False, words="维持", rules=rules, **given
    )
    assert operations.reopen(**again, **given).state == "confirmed"


def test_nothing_typed_at_the_form_that_decides_a_review_is_lost(refused, owner, approver, settings):
    settings.OFFICE_DATE = NEXT.isoformat()
    ask(owner, refused)
    client = Client()
    client.force_login(Account.objects.get(pk=approver.account_id))
    found = losses([(client, f"/desk/cases/{refused.pk}/")])
    walked(__file__, {name: lost for name, lost in found.items() if "case_review" in name})
