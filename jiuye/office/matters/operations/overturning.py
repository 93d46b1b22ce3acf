"""A refused matter taken to review (复核): asked for by the applicant, decided by another officer; overturned, it is handed in anew."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.casework.authorities import by_relative, require_no_relative
from jiuye.office.casework.operations.overturning import (
    OwnRefusalError,
    close_request,
    put_request_on_record,
    require_to_decide,
)
from jiuye.office.casework.procedures import procedures, require_at_level, workdays_later
from jiuye.office.casework.refusals import Refusal
from jiuye.office.matters.access import MatterNotFoundError, is_own
from jiuye.office.matters.content import item_of
from jiuye.office.matters.models import Matter, MatterRefusalReview
from jiuye.office.matters.operations.steps import locked, move, one_act
from jiuye.office.matters.states import ACT_NAMES, OPEN_STATES, STATE_LABELS
from jiuye.office.matters.telling import tell
from jiuye.office.matters.telling_apart import settle
from jiuye.office.staff.queries import Actor


class NoRefusalError(Refusal):
    """Only a refusal is looked at again."""

    def __init__(self, state: str) -> None:
        super().__init__(
            gettext("这件事项现在是“%(state)s”，没有不予办理的决定可以复核。")
            % {"state": gettext(STATE_LABELS[state])}
        )


class BegunAnewError(Refusal):
    """The applicant has begun the same matter again meanwhile; the old one would be a second."""

    def __init__(self, number: str) -> None:
        super().__init__(
            gettext(
                "本人已经重新办理了同一事项（%(number)s），不能再恢复这一件；请在那一件里办理，这里写明维持。"
            )
            % {"number": number}
        )


def ask_review(
    *, actor: Actor, matter_id: int, text: str, contact: str = "", on: date, at: datetime
) -> MatterRefusalReview:
    """The applicant (or an officer at the counter for them) says why the refusal is wrong.

    Raises MatterNotFoundError, NotPermittedError, NoRefusalError, ReviewTooLateError, WordsMissingError, TooLongError,
    AlreadyDoneError.
    """
    with one_act("ask_review"):
        matter = locked(matter_id)
        if not (is_own(matter, actor) and actor.may("own.confirm")):
            require_at_level(actor, ("matters.start_on_behalf",), matter.division_code, "village")
        if matter.state != "refused" or matter.decided_on is None:
            raise NoRefusalError(matter.state)
        asked: MatterRefusalReview = put_request_on_record(
            matter,
            refused_on=matter.decided_on,
            refused_by_id=matter.decided_by_id,
            names=ACT_NAMES,
            actor=actor,
            text=text,
            contact=contact,
            on=on,
            at=at,
            details=by_relative(matter, "ask_review", actor=actor, on=on, at=at),
        )
    return asked


def decide_review(
    *, actor: Actor, review_id: int, overturned: bool, words: str, on: date, at: datetime
) -> MatterRefusalReview:
    """Uphold the refusal, or overturn it: the matter is then handed in as on that day and goes through its steps again.

    Raises MatterNotFoundError, NotPermittedError, OwnRefusalError, HolderActsError, NoRefusalError, BegunAnewError, WordsMissingError,
    TooLongError, AlreadyDoneError.
    """
    with one_act("decide_review"):
        asked = MatterRefusalReview.objects.select_for_update(of=("self",)).filter(pk=review_id).first()
        if asked is None:
            raise MatterNotFoundError
        matter = locked(asked.matter_id)
        review = procedures().refusal_review
        require_at_level(actor, (asked.decided_with,), matter.division_code, review.level, review.by)
        if actor.account_id in asked.had_a_hand:
            raise OwnRefusalError
        require_no_relative(matter.person_id, actor)
        if asked.decided_on is None and matter.state != "refused":
            raise NoRefusalError(matter.state)
        words = require_to_decide(asked, matter, ACT_NAMES, words)
        if overturned:
            _take_up_again(matter, actor=actor, words=words, on=on, at=at)
        close_request(asked, matter, actor=actor, overturned=overturned, words=words, on=on, at=at, tell=tell)
    return asked


def _take_up_again(matter: Matter, *, actor: Actor, words: str, on: date, at: datetime) -> None:
    """As on the day on which it was handed in, with its whole promise: it awaits its first step."""
    settle(matter)
    same = Matter.objects.filter(
        item_id=matter.item_id,
        state__in=OPEN_STATES,
        applicant_kind=matter.applicant_kind,
        told_apart=matter.told_apart,
    )
    same = same.filter(person_id=matter.person_id, employer_id=matter.employer_id)
    if (other := same.order_by("pk").first()) is not None:
        raise BegunAnewError(other.number)
    move(
        matter,
        "overturn",
        actor=actor,
        on=on,
        at=at,
        note=words,
        promised_on=workdays_later(on, item_of(matter.item_id).promised_workdays),
        accepted_by_id=None,
        publicity_start=None,
        publicity_until=None,
        decided_on=None,
        decided_by_id=None,
        receipt={},
        refused_clause="",
        refused_law="",
        refused_because="",
    )
