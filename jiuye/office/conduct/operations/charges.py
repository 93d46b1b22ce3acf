"""Taking a case, a matter or an application for a loan from the pool of the place, giving it back, and handing it on to a colleague of the same role and place."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.messages import Words
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.timeline import record
from jiuye.office.conduct.models import Charge
from jiuye.office.conduct.queries.charges import absences, colleagues, has_left, in_hand, standing_in_for
from jiuye.office.conduct.states import IN_POOL
from jiuye.office.conduct.work import Work, awaited_of, locked_work, naming, step_of, title_of, waits_for
from jiuye.office.messages.operations import write
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor, NotPermittedError, actor_for
from jiuye.office.staff.refusals import LINE, within

OVERSEE = "conduct.oversee"


class NotWaitingError(Refusal):
    """The thing does not wait for this actor: another role's step, the applicant's, or none."""

    def __init__(self) -> None:
        super().__init__(gettext("这一件现在不等您办理，不能认领；它的页面写明办到了哪一步。"))


class HeldAlreadyError(Refusal):
    """A colleague has it in hand; taking it over is done with a reason."""

    def __init__(self, name: str) -> None:
        super().__init__(gettext("这一件由%(name)s承办；要接手请写明原因。") % {"name": name})


class AlreadyYoursError(Refusal):
    """The actor has it in hand already."""

    def __init__(self) -> None:
        super().__init__(gettext("这一件已经由您承办。"))


class NotInYourHandError(NotPermittedError):
    """Whoever hands on or gives back has the thing in hand, stands in for whoever has, or oversees the place."""

    def __init__(self, division_code: str) -> None:
        super().__init__(OVERSEE, division_code)
        self.args = (gettext("这一件不由您承办，不能转交或退回；请先认领，或者由承办人、上级办理。"),)


class NobodyHasItError(Refusal):
    """The thing lies in the pool already."""

    def __init__(self) -> None:
        super().__init__(gettext("这一件现在没有人承办，已经在“待认领”里；不用再退回。"))


class NoSuchColleagueError(Refusal):
    """The named colleague does not hold the step's role over the place, or had a hand in it that forbids the step."""

    def __init__(self) -> None:
        super().__init__(gettext("只能转交给同一区划、同一角色、现在能办这一步的同事；请从名单里选。"))


class ColleagueAwayError(Refusal):
    """The colleague is away on that day."""

    def __init__(self, name: str, substitute: str) -> None:
        super().__init__(
            gettext("%(name)s外出，由%(substitute)s代办；请转交给%(substitute)s或者别的同事。")
            % {"name": name, "substitute": substitute}
        )


def take(
    *,
    actor: Actor,
    case_id: int | None = None,
    matter_id: int | None = None,
    loan_id: int | None = None,
    reason: str = "",
    on: date,
    at: datetime,
) -> Charge:
    """Take the thing in hand. From a colleague's hand with a reason, which stands in the timeline; one who has left needs none.

    Raises CaseNotFoundError, MatterNotFoundError, LoanNotFoundError, HolderActsError, NotWaitingError, AlreadyYoursError, HeldAlreadyError,
    TooLongError.
    """
    with transaction.atomic(), pghistory.context(operation="conduct.take", account=actor.account_id):
        thing = locked_work(actor, case_id=case_id, matter_id=matter_id, loan_id=loan_id)
        require_no_relative(thing.person_id, actor)
        if awaited_of(thing) is None or not waits_for(actor, thing, on=on):
            raise NotWaitingError
        held = in_hand(thing)
        if held is not None and held.holder_id == actor.account_id:
            raise AlreadyYoursError
        if held is not None and not reason.strip() and not has_left(held.holder_id, on=on):
            raise HeldAlreadyError(held.holder.display_name)
        reason = within(reason, LINE, "接手的原因", "reason")
        details = {"from": held.holder.display_name} if held is not None else {}
        charge = _put(thing, actor.account_id, on)
        record(thing, "take_charge", actor=actor, on=on, at=at, note=reason, details=details)
    return charge


def hand_on(
    *,
    actor: Actor,
    case_id: int | None = None,
    matter_id: int | None = None,
    loan_id: int | None = None,
    to_id: int,
    reason: str,
    on: date,
    at: datetime,
) -> Charge:
    """Hand the thing on to a named colleague, who is told in their inbox. Whoever oversees the place may do it for another. A relative of the
    applicant, who may have it by standing in, gives it back instead: they do not choose who goes on with it.

    Raises CaseNotFoundError, MatterNotFoundError, LoanNotFoundError, HolderActsError, NotInYourHandError, WordsMissingError, TooLongError,
    NoSuchColleagueError, ColleagueAwayError.
    """
    with transaction.atomic(), pghistory.context(operation="conduct.hand_on", account=actor.account_id):
        thing = locked_work(actor, case_id=case_id, matter_id=matter_id, loan_id=loan_id)
        require_no_relative(thing.person_id, actor)
        _require_in_hand(actor, thing, in_hand(thing), on)
        if not reason.strip():
            raise WordsMissingError("转交的原因", "reason")
        reason = within(reason, LINE, "转交的原因", "reason")
        to = _colleague(actor, thing, to_id, on)
        charge = _put(thing, to.pk, on)
        event = record(
            thing, "hand_on", actor=actor, on=on, at=at, note=reason, details={"to": to.display_name}
        )
        _tell("work_handed_on", thing, to.pk, actor, event, reason, on, at)
    return charge


def put_back(
    *,
    actor: Actor,
    case_id: int | None = None,
    matter_id: int | None = None,
    loan_id: int | None = None,
    reason: str,
    on: date,
    at: datetime,
) -> Charge:
    """Give the thing back into the pool of the place. Whoever oversees the place may do it for whoever has it, who is told.

    Raises CaseNotFoundError, MatterNotFoundError, LoanNotFoundError, NobodyHasItError, NotInYourHandError, WordsMissingError, TooLongError.
    """
    with transaction.atomic(), pghistory.context(operation="conduct.put_back", account=actor.account_id):
        thing = locked_work(actor, case_id=case_id, matter_id=matter_id, loan_id=loan_id)
        held = in_hand(thing)
        if held is None:
            raise NobodyHasItError
        _require_in_hand(actor, thing, held, on)
        if not reason.strip():
            raise WordsMissingError("退回待认领的原因", "reason")
        reason = within(reason, LINE, "退回待认领的原因", "reason")
        held.step = IN_POOL
        held.save(update_fields=["step"])
        details = {"from": held.holder.display_name} if held.holder_id != actor.account_id else {}
        event = record(thing, "put_back", actor=actor, on=on, at=at, note=reason, details=details)
        if held.holder_id != actor.account_id:
            _tell("work_put_back", thing, held.holder_id, actor, event, reason, on, at)
    return held


def _require_in_hand(actor: Actor, thing: Work, held: Charge | None, on: date) -> None:
    mine = held is not None and held.holder_id in {actor.account_id, *standing_in_for(actor, on=on)}
    if not mine and not actor.may(OVERSEE, thing.division_code):
        raise NotInYourHandError(thing.division_code)


def _colleague(actor: Actor, thing: Work, to_id: int, on: date) -> Account:
    found = {account.pk: account for account in colleagues(actor, thing, on=on)}.get(to_id)
    if found is None or not waits_for(actor_for(found, on=on), thing, on=on):
        raise NoSuchColleagueError
    away = absences([found.pk], on=on).get(found.pk)
    if away is not None:
        raise ColleagueAwayError(found.display_name, away.substitute.display_name)
    return found


def _put(thing: Work, holder_id: int, on: date) -> Charge:
    charge, _ = Charge.objects.update_or_create(
        **naming(thing), defaults={"step": step_of(thing), "holder_id": holder_id, "since": on}
    )
    return charge


def _tell(
    occasion: str,
    thing: Work,
    account_id: int,
    actor: Actor,
    event: Any,
    reason: str,
    on: date,
    at: datetime,
) -> None:
    name, name_en = title_of(thing)
    write(
        occasion=occasion,
        key=f"{event.act}:{type(thing).__name__}:{event.pk}",
        about=f"work:{thing.number}",
        recipient_kind="officer",
        person_id=None,
        employer_id=None,
        account_id=account_id,
        division_code=thing.division_code,
        values={
            "title": Words(name, name_en),
            "number": Words(thing.number),
            "from": Words(actor.name),
            "reason": Words(reason.strip()),
        },
        on=on,
        at=at,
    )
