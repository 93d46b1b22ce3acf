"""A promised service that is not to be given any more: closed for a reason of its item's file, and opened again. Closed is never given."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.engine.messages import Words
from jiuye.engine.services.items import Closing
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.telling import sentence
from jiuye.office.casework.timeline import record
from jiuye.office.matters.content import item_of
from jiuye.office.matters.models import Matter, PromisedService, ServiceClosing
from jiuye.office.matters.operations.following import NothingPromisedError, ServiceClosedError
from jiuye.office.matters.operations.steps import locked, one_act
from jiuye.office.matters.queries.services import work_begun, work_words
from jiuye.office.matters.telling import tell
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import SHORT, within

SERVE = "matters.serve"


class NoSuchClosingError(Refusal):
    """The item's file names the reasons for which its services may be closed."""

    field = "reason"

    def __init__(self) -> None:
        super().__init__(gettext("请选不再提供的原因；原因以事项文件列明的为准。"))


class GivenInFullError(Refusal):
    """There is nothing left to close."""

    def __init__(self, promised: PromisedService) -> None:
        super().__init__(
            gettext("“%(service)s”已经提供满 %(times)d 次，不用了结。")
            % {"service": promised.name, "times": promised.times}
        )


class NoWorkOnRecordError(Refusal):
    """The reason rests on a record of work, and the registry has none that began after the plan."""

    field = "reason"

    def __init__(self, why: Closing) -> None:
        super().__init__(
            gettext(
                "登记里没有本人在承诺服务以后开始、现在还在的就业，不能按“%(why)s”了结；请先登记就业，或者选别的原因。"
            )
            % {"why": why.says}
        )


class TooFewTriesError(Refusal):
    """Somebody counts as out of reach only after as many days as the file says with a visit or call that reached nobody."""

    field = "reason"

    def __init__(self, why: Closing, tries: int) -> None:
        super().__init__(
            gettext(
                "按“%(why)s”了结，要先登记至少 %(needed)d 天没有联系上的走访或电话，联系到本人以后重新算起，现在只有 %(tries)d 天；请先联系并登记。"
            )
            % {"why": why.says, "needed": why.tries, "tries": tries}
        )


class NotClosedError(Refusal):
    """Only what was closed is opened again."""

    def __init__(self) -> None:
        super().__init__(gettext("这项服务没有了结，不用重新打开；请看最新状态。"))


def close_service(
    *, actor: Actor, promised_id: int, reason: str, note: str, tries: int, on: date, at: datetime
) -> ServiceClosing:
    """Close what is still owed of a promised service, for a reason of its item's file; the timeline says which, why and by whom,
    and whom it was promised to is told.

    `tries` are the days since the plan began, and since its applicant was last reached, with a visit or call that reached nobody, counted by
    whoever keeps them. Where the reason rests on a record of
    work, that record is kept with it and a note may be left out. Raises NothingPromisedError, NotPermittedError, ServiceClosedError,
    GivenInFullError, NoSuchClosingError, NoWorkOnRecordError, TooFewTriesError, WordsMissingError, TooLongError.
    """
    with one_act("close_service"):
        promised, matter = _held(promised_id, actor)
        if promised.closing is not None:
            raise ServiceClosedError(promised.closing)
        if promised.given.count() >= promised.times:
            raise GivenInFullError(promised)
        why = next((row for row in item_of(matter.item_id).closings if row.id == reason), None)
        if why is None:
            raise NoSuchClosingError
        if tries < why.tries:
            raise TooFewTriesError(why, tries)
        on_record = _record_of(why, matter, on)
        if not note.strip() and not on_record:
            raise WordsMissingError("情况说明", "note")
        closing: ServiceClosing = ServiceClosing.objects.create(
            promised=promised,
            reason=why.id,
            says=why.says,
            says_en=why.says_en,
            record=on_record,
            note=within(note, SHORT, "情况说明", "note"),
            closed_by_id=actor.account_id,
            closed_by_name=actor.name,
            on_date=on,
            at=at,
        )
        said = "；".join(filter(None, (why.says, on_record, closing.note)))
        event = record(
            matter,
            "close_service",
            actor=actor,
            on=on,
            at=at,
            note=f"{promised.name}：{said}",
            details={"promised": promised.pk, "reason": why.id},
        )
        # The reason of the file, and not the officer's own words: those are for the record.
        because = Words(sentence(why.says), f"{why.says_en}.")
        tell(matter, event, on=on, at=at, more={"service": _named(promised), "because": because})
    return closing


def open_service_again(
    *, actor: Actor, promised_id: int, note: str, on: date, at: datetime
) -> PromisedService:
    """Owed again: whoever declined wants it after all, or it was closed by mistake. By the deadline that it had; where that has passed while it
    was closed, within as many days from today as were left then, so that nobody is late who makes a mistake good.

    Raises NothingPromisedError, NotPermittedError, NotClosedError, WordsMissingError, TooLongError.
    """
    with one_act("open_service"):
        promised, matter = _held(promised_id, actor)
        closing = promised.closing
        if closing is None:
            raise NotClosedError
        if not note.strip():
            raise WordsMissingError("重新打开的原因", "note")
        closing.opened_on, closing.opened_by_id, closing.opened_by_name = on, actor.account_id, actor.name
        closing.opened_because = within(note, SHORT, "重新打开的原因", "note")
        closing.save(update_fields=["opened_on", "opened_by", "opened_by_name", "opened_because"])
        due_was = promised.due_on
        anew = _due_anew(promised, closing.on_date, on)
        # The service keeps only the day by which it is owed now: by which day it was owed before stands with the event.
        moved = {"due_was": due_was.isoformat()} if due_was is not None and anew else {}
        event = record(
            matter,
            "open_service",
            actor=actor,
            on=on,
            at=at,
            note=f"{promised.name}：{closing.opened_because}{anew}",
            details={"promised": promised.pk, **moved},
        )
        tell(matter, event, on=on, at=at, more={"service": _named(promised)})
    return promised


def _due_anew(promised: PromisedService, closed: date, on: date) -> str:
    """Set the deadline that passed meanwhile, and say so for the timeline; empty where it stays."""
    due = promised.due_on
    if due is None or due >= on or due < closed:
        return ""
    promised.due_on = on + (due - closed)
    promised.save(update_fields=["due_on"])
    return f"；了结期间不计，期限按了结时所余天数重新起算，{promised.due_on.isoformat()} 到期"


def _named(promised: PromisedService) -> Words:
    return Words(promised.name, promised.name_en)


def _held(promised_id: int, actor: Actor) -> tuple[PromisedService, Matter]:
    """The service with its matter, held so that it is not given and closed at once."""
    promised = PromisedService.objects.filter(pk=promised_id).first()
    if promised is None:
        raise NothingPromisedError
    matter = locked(promised.matter_id)
    require(actor, SERVE, matter.division_code)
    require_no_relative(matter.person_id, actor)
    return promised, matter


def _record_of(why: Closing, matter: Matter, on: date) -> str:
    """What the registry shows, in words, where the reason has to rest on it; empty where it need not."""
    if why.proved_by != "employment":
        return ""
    spell = work_begun(matter, on=on)
    if spell is None:
        raise NoWorkOnRecordError(why)
    return work_words(spell)
