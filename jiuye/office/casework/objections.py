"""Objections to a public notice, for everything that is publicised: cases here, matters above.

Whoever calls has locked the thing and checked the permission.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from django.db.models import QuerySet
from django.utils.translation import gettext

from jiuye.office.casework.answering import require_answer, tell_objector
from jiuye.office.casework.clocks import Timed, run_on, stop
from jiuye.office.casework.limiting import require_room
from jiuye.office.casework.procedures import LEVEL_DIGITS, require_at_level
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.timeline import AlreadyDoneError, record
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import SealedField
from jiuye.office.staff.queries import Actor, NotPermittedError, posts_in_force
from jiuye.office.staff.refusals import LONG, NAME, within
from jiuye.office.staff.roles import PERMISSIONS, ROLES

MOST_NAMED = 3  # of those who may settle an objection, as a sentence names them


class Publicised(Timed, Protocol):
    """Something with days of public notice, its objections, its clocks and its timeline."""

    state: Any
    publicity_start: Any
    publicity_until: Any
    accepted_by_id: Any
    objections: Any
    timeline: Any


@dataclass(frozen=True, slots=True)
class Settlers:
    """Who settles objections to a thing there: holders of one of the permissions who took none of the acts in it."""

    permissions: tuple[str, ...]
    acts: tuple[str, ...]
    division_code: str


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
            else gettext("有公示异议还没有处理；请先由没有经办过这件的人员处理异议。")
        )


class HadAHandError(Refusal):
    """An objection is settled by somebody who took no step in what it is raised against (原经办人员不参加复核)."""

    def __init__(self, others: str) -> None:
        super().__init__(gettext("这件由您代办、受理、审核或者签批过，公示异议不能由您处理。") + others)


def hands_of(thing: Publicised, acts: Collection[str]) -> set[int]:
    """The accounts of those who took one of the acts, or are named as having accepted it: what is said against it is not theirs to settle."""
    took = thing.timeline.filter(act__in=acts, actor__isnull=False).order_by("pk")
    return {*took.values_list("actor_id", flat=True), thing.accepted_by_id} - {None}


def others_words(
    permissions: Collection[str], division_code: str, hands: Collection[int], *, on: date
) -> str:
    """Who else may settle it: somebody of the county, else of the city; where nobody is left, what to do about that."""
    roles = [role for role, may in PERMISSIONS.items() if may & set(permissions)]
    posts = (
        posts_in_force(on=on)
        .filter(role__in=roles, account__is_active=True)
        .exclude(account_id__in=hands)
        .select_related("account")
    )
    for digits in (LEVEL_DIGITS["county"], LEVEL_DIGITS["city"]):
        here = posts.filter(division_code=division_code[:digits])
        found = {
            post.account_id: f"{post.account.display_name}（{gettext(ROLES[post.role])}）"
            for post in here.order_by("account__display_name", "pk")[:MOST_NAMED]
        }
        if found:
            return gettext("请由没有经办过这件的人员处理：%(who)s。") % {"who": "、".join(found.values())}
    return gettext("本县（市、区）和市里都没有未经办过这件的审核或审批人员；请系统管理员安排一位。")


def whole_objections(found: Any) -> QuerySet[Any]:
    """Objections in their order, whole: of what is sealed the contact alone, since the page says how whoever objected is told, not where."""
    columns = found.model._meta.concrete_fields
    plain = [field.name for field in columns if not isinstance(field, SealedField)]
    return found.only(*plain, "contact").order_by("pk")


def turn_to_settle(
    thing: Publicised,
    events: Iterable[Any],
    *,
    by: Settlers,
    actor: Actor,
    on: date,
) -> tuple[bool, str]:
    """Whether the actor may settle what is objected to the thing, of whose timeline these are the events; where only their own hand in it
    keeps them from that, who else may.
    """
    try:
        require_at_level(actor, by.permissions, by.division_code, "county")
    except NotPermittedError:
        return False, ""
    hands = {event.actor_id for event in events if event.act in by.acts} | {thing.accepted_by_id}
    if actor.account_id not in hands:
        return True, ""
    return False, others_words(by.permissions, by.division_code, hands - {None}, on=on)


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
    by: Settlers,
    on: date,
    at: datetime,
) -> Any:
    """Answer an objection, by somebody who took no step in what it is raised against, and tell whoever left a number.

    With the last open one the clocks run on for the workdays that were left.

    `answer` is what they are told; it must not name any of the `parties`. Raises HadAHandError, WordsMissingError, TooLongError,
    AnswerNamesApplicantError, AlreadyDoneError, MessagesUnreadableError.
    """
    if objection.resolved_on is not None:
        raise AlreadyDoneError(
            thing.timeline.filter(act="resolve_objection").order_by("pk").reverse()[0], names
        )
    hands = hands_of(thing, by.acts)
    if actor.account_id in hands:
        raise HadAHandError(others_words(by.permissions, by.division_code, hands, on=on))
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
    """Raise ObjectionOpenError where an objection is open, to this notice or to an earlier one, or one to this notice was found right.

    What was found right against an earlier notice is why there is another one.
    """
    raised = list(thing.objections.order_by("pk"))
    if any(objection.resolved_on is None for objection in raised):
        raise ObjectionOpenError(upheld=False)
    upheld = [row for row in raised if row.upheld and row.raised_on >= thing.publicity_start]
    if upheld and {row.pk for row in upheld} & _raised_since_the_notice(thing):
        raise ObjectionOpenError(upheld=True)


def _raised_since_the_notice(thing: Publicised) -> set[int]:
    """The keys of the objections to the notice that was put up last: on one day there may be an objection, a correction and a second notice."""
    events = list(thing.timeline.filter(act__in=["publicise", "object"]).order_by("pk"))
    begun = max((event.pk for event in events if event.act == "publicise"), default=0)
    return {event.details["objection"] for event in events if event.act == "object" and event.pk > begun}
