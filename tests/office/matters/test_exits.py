"""What a matter registered is ended at the desk before its time: a traineeship, a public-welfare post, the insurance of a flexible worker."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import explain_now, redecide_people
from jiuye.office.matters import operations, queries
from jiuye.office.matters.models import Matter, Review
from jiuye.office.matters.operations.reviewing import (
    EndBeforeItBeganError,
    NotReviewedError,
    ReasonUnknownError,
    RetainedDayError,
)
from jiuye.office.messages.models import Message
from jiuye.office.registry.models import Employer, EmploymentSpell
from jiuye.office.skills.models import Traineeship
from jiuye.office.skills.operations import AlreadyFinishedError, _finished
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError
from tests.office.matters.conftest import DAY, at, officer
from tests.office.matters.test_placing import (
    TRAINING,
    begin,
    difficult,
    graduate,
    hand_in,
    make_employer,
    placed,
    take,
)
from tests.office.places import OTHER_VILLAGE
from tests.portals.refused_forms import losses, walked

__all__ = ["difficult", "graduate"]
LATER = date(2024, 9, 20)
LEFT = date(2024, 9, 10)  # the first day without it: three whole months of training are over


@pytest.fixture
def base(divisions) -> Employer:
    """A recognised base in another county than the officers."""
    return make_employer(OTHER_VILLAGE, traineeship_base=True)


@pytest.fixture
def training(base, graduate, me, street, reviewer) -> Matter:
    """Half a year from 2024-06-03, granted on 2024-06-11."""
    matter = begin("traineeship-registration", graduate, me)
    hand_in(matter, me, TRAINING, ("agreement", "accident"))
    take(matter, street, "accept")
    return take(matter, reviewer, "decide")


def end(matter: Matter, actor, on: date = LATER, **changes) -> Matter:
    said = {"reason": "left_early", "note": "本人九月九日离开，基地已确认", "ended_from": LEFT} | changes
    return operations.end_granted(actor=actor, matter_id=matter.pk, on=on, at=at(on), **said)


def subsidy(on: date) -> dict[str, str]:
    """The verdict of every clause of the base's subsidy for the month of that day."""
    key = str(Traineeship.objects.get().pk)
    found = explain_now(policy_id="traineeship-subsidy", subject_kind="traineeship", subject_key=key, on=on)
    return {clause.clause.id: clause.verdict for clause in found.clauses}


def test_who_leaves_a_traineeship_early_ends_it_and_the_base_draws_nothing_for_the_months_after(
    training, base, street
):
    redecide_people(person_ids=[training.person_id], on=date(2024, 9, 5), at=at(DAY))
    september = Entitlement.objects.filter(
        policy_id="traineeship-subsidy", period_start=date(2024, 9, 1)
    ).exclude(verdict="no")
    assert september.exists()
    assert subsidy(date(2024, 9, 5))["month-within"] == "yes"
    ended = end(training, street)
    assert ended.state == "ended"
    kept = Traineeship.objects.get()
    assert (kept.until, kept.outcome, kept.retained_on) == (LEFT, "left", None)
    assert subsidy(date(2024, 8, 5))["month-within"] == "yes"  # the month that ended before stays due
    assert subsidy(date(2024, 9, 5))["month-within"] == "no"  # the one that was broken off is none
    assert not september.exists()  # decided again in the same transaction
    review = Review.objects.get(matter=training)
    assert (review.outcome, review.reason, review.ended_from) == ("ended", "left_early", LEFT)
    assert "见习结束（离开），最后一天 2024-09-09" in training.timeline.order_by("-pk")[0].note


def test_the_trainee_and_the_base_are_told_from_which_day_and_why(training, base, street):
    end(training, street)
    mine, theirs = (
        Message.objects.filter(occasion="matter_left"),
        Message.objects.filter(occasion="matter_left_party"),
    )
    assert (mine.get().person_id, theirs.get().employer_id) == (training.person_id, base.pk)
    for told in (mine.get(), theirs.get()):
        assert "自 2024年9月10日 起结束" in told.body
        assert "本人提前结束见习：本人九月九日离开，基地已确认" in told.body
    assert "行政复议" in mine.get().body


def test_a_trainee_who_was_taken_on_earns_the_base_its_grant(training, base, street):
    key = str(Traineeship.objects.get().pk)

    def grant() -> dict[str, str]:
        found = explain_now(
            policy_id="traineeship-retention-grant", subject_kind="traineeship", subject_key=key, on=LATER
        )
        return {clause.clause.id: clause.verdict for clause in found.clauses}

    assert grant()["retained"] == "no"
    end(training, street, reason="retained", note="劳动合同已备案", retained_on=LEFT)
    kept = Traineeship.objects.get()
    assert (kept.until, kept.outcome, kept.retained_on) == (LEFT, "retained", LEFT)
    assert set(grant().values()) == {"yes"}
    found = Entitlement.objects.get(policy_id="traineeship-retention-grant", subject_key=key)
    assert found.verdict == "unknown"  # the amount of these years is on no document; no clause is open
    assert subsidy(date(2024, 8, 5))["length"] == "yes"


def test_the_contract_of_who_was_taken_on_has_a_day_and_nobody_else_has_one(training, street):
    for changes in (
        {"reason": "retained"},
        {"reason": "retained", "retained_on": date(2024, 9, 21)},
        {"reason": "left_early", "retained_on": LEFT},
    ):
        with pytest.raises(RetainedDayError):
            end(training, street, **changes)
    assert Traineeship.objects.get().outcome == ""


def test_what_is_said_after_the_agreed_day_does_not_make_the_traineeship_longer(training, street):
    late = date(2024, 12, 20)
    end(training, street, on=late, reason="term_over", ended_from=late)
    assert (Traineeship.objects.get().until, Traineeship.objects.get().outcome) == (date(2024, 12, 3), "left")


def test_it_ends_for_a_reason_of_the_file_between_its_first_day_and_today(training, street):
    with pytest.raises(ReasonUnknownError):
        end(training, street, reason="disliked")
    for day in (date(2024, 6, 3), date(2024, 9, 21)):
        with pytest.raises(EndBeforeItBeganError, match="2024-06-03"):
            end(training, street, ended_from=day)
    # It may have ended before it was granted: the day on which it began counts.
    assert end(training, street, ended_from=date(2024, 6, 10)).state == "ended"


def test_what_was_written_of_the_traineeship_otherwise_is_not_written_over(training, street):
    _finished(Traineeship.objects.get(), "left", LEFT, None, LATER, at(LATER))
    with pytest.raises(AlreadyFinishedError):
        end(training, street, reason="retained", retained_on=LEFT)
    training.refresh_from_db()
    assert training.state == "granted"


def test_the_street_that_accepts_ends_it_and_no_community_no_other_street_and_no_approver(
    training, station, approver, street
):
    other = officer("邗江街道", "caseworker", "321003001")
    for actor in (station, approver, other):
        with pytest.raises(NotPermittedError):
            end(training, actor)
    acts = {row.act for row in queries.seen_matter(street, training.pk, on=LATER).acts}
    assert acts == {"end"}
    assert not {row.act for row in queries.seen_matter(station, training.pk, on=LATER).acts}


def test_who_leaves_a_public_welfare_post_is_no_longer_employed_there(
    difficult, me, street, reviewer, approver
):
    centre = make_employer(OTHER_VILLAGE)
    matter = placed(difficult, me, street, reviewer, approver)
    spell = EmploymentSpell.objects.get(person=difficult)
    end(matter, street, reason="resigned", note="交了辞职报告")
    spell.refresh_from_db()
    assert (spell.until, spell.ended_because) == (LEFT, "本人辞去岗位")
    told = explain_now(
        policy_id="public-welfare-post-subsidy", subject_kind="hire", subject_key=str(spell.pk),
        on=date(2024, 10, 8),
    )  # fmt: skip
    assert told.verdict == "no"
    assert Message.objects.get(occasion="matter_left_party").employer_id == centre.pk
    assert "交了辞职报告" in Message.objects.get(occasion="matter_left").body


def test_the_insurance_registration_of_a_flexible_worker_ends_and_says_so(person, me, street, reviewer):
    EmploymentSpell.objects.create(person=person, kind="flexible", start=date(2024, 2, 1), source="测试登记")
    matter = begin("flexible-insurance-registration", person, me)
    hand_in(matter, me, {"insurances": "pension", "base": "5000", "true_statement": "yes"})
    take(matter, street, "accept")
    take(matter, reviewer, "decide")
    with pytest.raises(EndBeforeItBeganError):
        end(matter, street, reason="employed", ended_from=DAY)
    assert end(matter, street, reason="employed", note="某公司九月起参保").state == "ended"
    assert "由用人单位参保：某公司九月起参保" in Message.objects.get(occasion="matter_left").body
    assert not Message.objects.filter(occasion="matter_left_party").exists()


def test_what_has_neither_review_nor_exit_does_not_end(person, me, station, reviewer):
    matter = begin("employment-registration", person, me)
    for state in ("submitted", "accepted"):
        Matter.objects.filter(pk=matter.pk).update(state=state)
    Matter.objects.filter(pk=matter.pk).update(state="granted", decided_on=DAY)
    with pytest.raises(NotReviewedError):
        end(matter, reviewer)


def test_the_page_asks_the_day_of_the_contract_and_keeps_what_was_typed(training, street, settings):
    settings.OFFICE_DATE = LATER.isoformat()
    page = Client()
    page.force_login(Account.objects.get(pk=street.account_id))
    address = f"/desk/matters/{training.pk}/"
    assert "留用的，劳动合同从哪天起" in page.get(address).text
    found = losses([(page, address)])
    walked(__file__, {name: lost for name, lost in found.items() if "end" in name})
    page.post(
        f"{address}acts/end/",
        {"reason": "retained", "from": LEFT.isoformat(), "retained_on": LEFT.isoformat(), "note": "已签合同"},
    )
    assert Traineeship.objects.get().retained_on == LEFT
    assert "终止" in page.get(address).text
