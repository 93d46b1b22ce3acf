"""Objections raised while a case is publicised."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import Objection
from jiuye.office.casework.operations.steps import (
    locked,
    one_act,
)
from jiuye.office.casework.procedures import require_at_level
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.states import ACT_NAMES, STATE_LABELS
from jiuye.office.casework.timeline import AlreadyDoneError, record
from jiuye.office.staff.queries import Actor


class NotPublicisedError(Refusal):
    """Objections belong to the days of publicity."""

    def __init__(self, state: str) -> None:
        super().__init__(
            gettext("这件办件现在是“%(state)s”，不在公示期内，不能登记异议；请按信访或举报受理。")
            % {"state": gettext(STATE_LABELS[state])}
        )


def object_to(
    *, actor: Actor, case_id: int, raised_by_name: str, contact: str, text: str, on: date, at: datetime
) -> Objection:
    """Put on record what somebody objects; the name may be left out (anonymous objections count).

    Raises NotPermittedError, NotPublicisedError, WordsMissingError, AlreadyDoneError.
    """
    with one_act("object"):
        case = locked(case_id)
        require_at_level(actor, ("casework.publicise",), case.division_code, "street")
        if case.state != "publicised" or (case.publicity_until is not None and on >= case.publicity_until):
            raise NotPublicisedError(case.state)
        if not text.strip():
            raise WordsMissingError("异议内容")
        same = case.objections.filter(
            text=text.strip(), raised_by_name=raised_by_name.strip(), resolved_on__isnull=True
        )
        if same.exists():
            raise AlreadyDoneError(case.timeline.filter(act="object").order_by("pk").reverse()[0], ACT_NAMES)
        objection = Objection.objects.create(
            case=case,
            raised_by_name=raised_by_name.strip(),
            contact=contact.strip(),
            text=text.strip(),
            raised_on=on,
            recorded_by_id=actor.account_id,
        )
        record(case, "object", actor=actor, on=on, at=at, details={"objection": objection.pk})
    return objection


def resolve_objection(
    *, actor: Actor, objection_id: int, upheld: bool, resolution: str, on: date, at: datetime
) -> Objection:
    """Answer an objection. One that is upheld keeps the case from being approved: it goes back or is refused.

    Raises CaseNotFoundError, NotPermittedError, WordsMissingError, AlreadyDoneError.
    """
    with one_act("resolve_objection"):
        objection = Objection.objects.select_for_update().filter(pk=objection_id).first()
        if objection is None:
            raise CaseNotFoundError
        case = locked(objection.case_id)
        require_at_level(actor, ("casework.review",), case.division_code, "county")
        if objection.resolved_on is not None:
            raise AlreadyDoneError(
                case.timeline.filter(act="resolve_objection").order_by("pk").reverse()[0], ACT_NAMES
            )
        if not resolution.strip():
            raise WordsMissingError("处理结果")
        objection.resolved_on = on
        objection.resolved_by_id = actor.account_id
        objection.upheld = upheld
        objection.resolution = resolution.strip()
        objection.save(update_fields=["resolved_on", "resolved_by", "upheld", "resolution"])
        record(
            case,
            "resolve_objection",
            actor=actor,
            on=on,
            at=at,
            note=resolution,
            details={"objection": objection.pk, "upheld": upheld},
        )
    return objection
