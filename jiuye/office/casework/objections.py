"""Objections to a public notice, for everything that is publicised: cases here, matters above.

Whoever calls has locked the thing and checked the permission.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol

from django.utils.translation import gettext

from jiuye.office.casework.answering import require_answer, tell_objector
from jiuye.office.casework.clocks import Timed, run_on, stop
from jiuye.office.casework.limiting import require_room
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.timeline import AlreadyDoneError, record
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LONG, NAME, within


class Publicised(Timed, Protocol):
    """Something with days of public notice, its objections, its clocks and its timeline."""

    state: Any
    publicity_start: Any
    publicity_until: Any
    accepted_by_id: Any
    objections: Any
    timeline: Any


class NotPublicisedError(Refusal):
    """Objections belong to the days of publicity."""

    def __init__(self, state_label: str) -> None:
        super().__init__(
            gettext("这件办件现在是“%(state)s”，不在公示期内，不能登记异议；请按信访或举报受理。")
            % {"state": gettext(state_label)}
        )


class ObjectionOpenError(Refusal):
    """Somebody objected; the objection is open, or was found right."""

    def __init__(self, *, upheld: bool) -> None:
        super().__init__(
            gettext("公示期间的异议成立，不能批准；请退回补正或不予支付。")
            if upheld
            else gettext("有公示异议还没有处理；请先由审核人员处理异议。")
        )


class AcceptedItYourselfError(Refusal):
    """An objection is decided by somebody who did not accept what it is raised against."""

    def __init__(self) -> None:
        super().__init__(gettext("这件是您本人受理的，公示异议要由另一位人员处理。"))


def put_on_record(
    thing: Publicised,
    *,
    state_label: str,
    names: Mapping[str, str],
    actor: Actor | None,
    raised_by_name: str,
    contact: str,
    text: str,
    address: str = "",
    on: date,
    at: datetime,
) -> Any:
    """Write down what somebody objects, which stops the clocks; without an actor it was raised on the public page, from that client address.

    Raises NotPublicisedError, WordsMissingError, TooLongError, TooManyObjectionsError, TooManyFromAddressError, and AlreadyDoneError for the very
    same once more.
    """
    if thing.state != "publicised" or (thing.publicity_until is not None and on >= thing.publicity_until):
        raise NotPublicisedError(state_label)
    if not text.strip():
        raise WordsMissingError("异议内容")
    text = within(text, LONG, "异议内容", "text")
    raised_by_name = within(raised_by_name, NAME, "提出人", "raised_by_name")
    contact = within(contact, NAME, "联系方式", "contact")
    open_ones = thing.objections.filter(resolved_on__isnull=True)
    if open_ones.filter(text=text, raised_by_name=raised_by_name).exists():
        raise AlreadyDoneError(thing.timeline.filter(act="object").order_by("pk").reverse()[0], names)
    if actor is None:
        require_room(thing, address=address, on=on)
    objection = thing.objections.create(
        raised_by_name=raised_by_name,
        contact=contact,
        text=text,
        raised_on=on,
        recorded_by_id=actor.account_id if actor is not None else None,
    )
    stop(thing, on=on)
    details = {"objection": objection.pk, "way": "counter" if actor is not None else "public"}
    record(thing, "object", actor=actor, on=on, at=at, details=details)
    return objection


def settle(
    thing: Publicised,
    objection: Any,
    *,
    names: Mapping[str, str],
    actor: Actor,
    upheld: bool,
    resolution: str,
    answer: str = "",
    parties: Sequence[Person | Employer | str],
    kind: str,
    on: date,
    at: datetime,
) -> Any:
    """Answer an objection, by somebody else than who accepted what it is raised against, and tell whoever left a number.

    With the last open one the clocks run on for the workdays that were left.

    `answer` is what they are told; it must not name any of the `parties`. Raises AcceptedItYourselfError, WordsMissingError, TooLongError,
    AnswerNamesApplicantError, AlreadyDoneError, MessagesUnreadableError.
    """
    if objection.resolved_on is not None:
        raise AlreadyDoneError(
            thing.timeline.filter(act="resolve_objection").order_by("pk").reverse()[0], names
        )
    if thing.accepted_by_id is not None and thing.accepted_by_id == actor.account_id:
        raise AcceptedItYourselfError
    if not resolution.strip():
        raise WordsMissingError("处理结果")
    resolution = within(resolution, LONG, "处理结果", "resolution")
    objection.answer = require_answer(objection, answer, parties=parties)
    objection.by_hand = objection.way_of_answer == "hand"
    objection.resolved_on = on
    objection.resolved_by_id = actor.account_id
    objection.upheld = upheld
    objection.resolution = resolution
    objection.save(update_fields=["resolved_on", "resolved_by", "upheld", "resolution", "answer", "by_hand"])
    tell_objector(thing, objection, kind=kind, on=on, at=at)
    if not thing.objections.filter(resolved_on__isnull=True).exists():
        run_on(thing, on=on)
    details = {"objection": objection.pk, "upheld": upheld}
    record(thing, "resolve_objection", actor=actor, on=on, at=at, note=resolution, details=details)
    return objection


def require_no_objection(thing: Publicised) -> None:
    """Raise ObjectionOpenError where one of this notice's objections is open, or was found right."""
    raised = list(thing.objections.filter(raised_on__gte=thing.publicity_start).order_by("pk"))
    if any(objection.resolved_on is None for objection in raised):
        raise ObjectionOpenError(upheld=False)
    if any(objection.upheld for objection in raised):
        raise ObjectionOpenError(upheld=True)
