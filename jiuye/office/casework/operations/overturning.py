"""A refusal objected to (复核): asked for by the applicant, decided by another officer; overturned, the case goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.utils.translation import gettext

from jiuye.office.casework.access import CaseNotFoundError, owns
from jiuye.office.casework.authorities import by_relative, require_no_relative
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.models import Case, CaseCheck, RefusalReview
from jiuye.office.casework.models.beside import ReviewOfRefusal
from jiuye.office.casework.operations.confirming import confirm_anew
from jiuye.office.casework.operations.steps import locked, locked_entitlement, one_act
from jiuye.office.casework.procedures import procedures, require_at_level, workdays_later
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.states import ACT_NAMES, STATE_LABELS
from jiuye.office.casework.telling import tell
from jiuye.office.casework.timeline import AlreadyDoneError, Lived, record
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LONG, NAME, within


class Refused(Lived, Protocol):
    """Something that was refused, with its timeline and the requests to look at the refusal again."""

    refusal_reviews: Any


class NotRefusedError(Refusal):
    """Only a refusal is looked at again."""

    def __init__(self, state: str) -> None:
        super().__init__(
            gettext("这件办件现在是“%(state)s”，没有不予支付的决定可以复核。")
            % {"state": gettext(STATE_LABELS[state])}
        )


class ReviewTooLateError(Refusal):
    """The days for asking are over; the ways of appeal by law stand beside the refusal."""

    def __init__(self, last: date) -> None:
        super().__init__(
            gettext("申请复核的期限是 %(last)s，已经过了；仍可按决定上写明的途径申请行政复议或者提起诉讼。")
            % {"last": last.isoformat()}
        )


class OwnRefusalError(Refusal):
    """Whoever refused, accepted or reviewed the case does not decide whether that was right."""

    def __init__(self) -> None:
        super().__init__(
            gettext("这件办件由您受理、审核或者作出了原决定，不能再由您复核；请由另一位审批人员办理。")
        )


def last_day_to_ask(refused_on: date) -> date:
    """The last day on which a review may be asked for; the day of the refusal does not count."""
    return refused_on + timedelta(days=procedures().refusal_review.within_days)


def ask_review(
    *, actor: Actor, case_id: int, text: str, contact: str = "", on: date, at: datetime
) -> RefusalReview:
    """The applicant (or a case worker for them) says why the refusal is wrong.

    Raises CaseNotFoundError, NotPermittedError, NotRefusedError, ReviewTooLateError, WordsMissingError, TooLongError,
    AlreadyDoneError.
    """
    with one_act("ask_review"):
        case = locked(case_id)
        mine = owns(
            actor, person_id=case.person_id, employer_id=case.employer_id, recipient_kind=case.recipient_kind
        )
        if not (mine and actor.may("own.confirm")):
            require_at_level(actor, ("casework.confirm_on_behalf",), case.division_code, "street")
        if case.state != "refused" or case.refused_on is None:
            raise NotRefusedError(case.state)
        asked: RefusalReview = put_request_on_record(
            case,
            refused_on=case.refused_on,
            refused_by_id=case.refused_by_id,
            names=ACT_NAMES,
            actor=actor,
            text=text,
            contact=contact,
            on=on,
            at=at,
            details=by_relative(case, "ask_review", actor=actor, on=on, at=at),
        )
    return asked


def put_request_on_record(
    thing: Refused,
    *,
    refused_on: date,
    refused_by_id: int | None,
    names: Mapping[str, str],
    actor: Actor,
    text: str,
    contact: str,
    on: date,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> Any:
    """Write down why somebody does not agree with a refusal: of a case here, of a matter above. The caller holds it and checked who asks.

    Raises AlreadyDoneError where a request is open, ReviewTooLateError, WordsMissingError, TooLongError.
    """
    if thing.refusal_reviews.filter(decided_on__isnull=True).exists():
        raise AlreadyDoneError(thing.timeline.filter(act="ask_review").order_by("pk").reverse()[0], names)
    if on > last_day_to_ask(refused_on):
        raise ReviewTooLateError(last_day_to_ask(refused_on))
    if not text.strip():
        raise WordsMissingError("不同意的理由")
    text = within(text, LONG, "不同意的理由", "text")
    asked = thing.refusal_reviews.create(
        text=text,
        contact=within(contact, NAME, "联系方式", "contact"),
        asked_on=on,
        asked_by_name=actor.name,
        refused_on=refused_on,
        refused_by_id=refused_by_id,
        due_on=workdays_later(on, procedures().refusal_review.workdays),
    )
    record(
        thing,
        "ask_review",
        actor=actor,
        on=on,
        at=at,
        note=text,
        details={"review": asked.pk, **(details or {})},
    )
    return asked


def require_to_decide(asked: ReviewOfRefusal, thing: Refused, names: Mapping[str, str], words: str) -> str:
    """The words of a decision that may be taken now. Raises AlreadyDoneError, WordsMissingError, TooLongError."""
    if asked.decided_on is not None:
        last = thing.timeline.filter(act__in=["uphold_refusal", "overturn"]).order_by("pk").reverse()[0]
        raise AlreadyDoneError(last, names)
    if not words.strip():
        raise WordsMissingError("复核意见")
    return within(words, LONG, "复核意见", "words")


def close_request(
    asked: ReviewOfRefusal,
    thing: Refused,
    *,
    actor: Actor,
    overturned: bool,
    words: str,
    on: date,
    at: datetime,
    tell: Callable[..., None],
) -> None:
    """Keep the decision. A refusal that stands is noted in the timeline and told of; one that is overturned was moved by the caller."""
    asked.decided_on = on
    asked.decided_by_id = actor.account_id
    asked.overturned = overturned
    asked.words = words
    asked.save(update_fields=["decided_on", "decided_by", "overturned", "words"])
    if not overturned:
        details = {"review": asked.pk}
        event = record(thing, "uphold_refusal", actor=actor, on=on, at=at, note=words, details=details)
        tell(thing, event, on=on, at=at)


def decide_review(
    *,
    actor: Actor,
    review_id: int,
    overturned: bool,
    words: str,
    rules: Rules,
    on: date,
    at: datetime,
) -> RefusalReview:
    """Uphold the refusal, or overturn it: the case is then confirmed anew from today's facts and goes through its steps again.

    Raises CaseNotFoundError, NotPermittedError, OwnRefusalError, HolderActsError, NotRefusedError, WordsMissingError, TooLongError,
    AlreadyDoneError, and ChecksFailedError where today's facts still say no: then a fact has to be put right first.
    """
    failed: list[CaseCheck] = []
    with one_act("decide_review"):
        asked = RefusalReview.objects.select_for_update().filter(pk=review_id).first()
        if asked is None:
            raise CaseNotFoundError
        case = locked(asked.case_id)
        _require_another_officer(actor, case, asked)
        if asked.decided_on is None and case.state != "refused":
            raise NotRefusedError(case.state)
        words = require_to_decide(asked, case, ACT_NAMES, words)
        if overturned:
            entitlement = locked_entitlement(case.entitlement_id)
            failed = confirm_anew(
                case, entitlement, "overturn", actor=actor, note=words, rules=rules, on=on, at=at
            )
        if not failed:
            close_request(
                asked, case, actor=actor, overturned=overturned, words=words, on=on, at=at, tell=tell
            )
    if failed:
        raise ChecksFailedError(failed)
    return asked


def _require_another_officer(actor: Actor, case: Case, asked: RefusalReview) -> None:
    review = procedures().refusal_review
    require_at_level(actor, (asked.decided_with,), case.division_code, review.level, review.by)
    if actor.account_id in asked.had_a_hand:
        raise OwnRefusalError
    require_no_relative(case.person_id, actor)
