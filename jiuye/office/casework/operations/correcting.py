"""Sending a case back to its applicant, point by point and once; and taking it up again when it was put right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.casework.access import require_for
from jiuye.office.casework.authorities import by_relative, require_no_relative
from jiuye.office.casework.checks import ChecksFailedError
from jiuye.office.casework.corrections import (
    Point,
    asked_for,
    brought_since,
    known_before,
    points_of,
    written,
)
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.confirming import confirm_anew
from jiuye.office.casework.operations.steps import (
    locked,
    locked_entitlement,
    move,
    one_act,
    refuse_repetition,
)
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.states import WrongStateError, acts_from, transition
from jiuye.office.staff.queries import Actor


class CorrectedBeforeError(Refusal):
    """Everything that is wrong is said at once (一次性告知); again only what the correction itself brought. Says what is open instead."""

    def __init__(self, points: Sequence[Point], state: str) -> None:
        others = [row for row in acts_from(state) if row.button and row.act != "request_correction"]
        super().__init__(
            gettext(
                "这件办件已经退回补正过一次，“%(points)s”当时就可以提出，不能再次退回（补正以后新交的材料、新核验出的问题除外）；现在可以：%(can)s。"
            )
            % {
                "points": "、".join(point.name for point in points),
                "can": "、".join(gettext(row.button) for row in others),
            }
        )


def request_correction(
    *, actor: Actor, case_id: int, corrections: Mapping[str, str], rules: Rules, on: date, at: datetime
) -> Case:
    """Send the case back with a reason for each point that is not right (`corrections.points_of` lists them), once.

    A second time only for what the correction itself brought: a paper given since, or what a check has found since. The office's
    clocks stand still meanwhile. Raises NotPermittedError, WrongStateError, AlreadyDoneError, PointsMissingError, CorrectedBeforeError,
    TooLongError.
    """
    with one_act("request_correction"):
        case = locked(case_id)
        require_for(transition("request_correction"), actor=actor, case=case)
        require_no_relative(case.person_id, actor)
        refuse_repetition(case, "request_correction")
        if case.state not in transition("request_correction").sources:
            raise WrongStateError("request_correction", case.state)
        asked = asked_for(points_of(case, rules), corrections)
        if case.corrected_before:
            known = known_before(asked, brought_since(case))
            if known:
                raise CorrectedBeforeError(known, case.state)
        move(
            case,
            "request_correction",
            actor=actor,
            on=on,
            at=at,
            **written(asked),
            corrected_before=True,
        )
    return case


def correct(*, actor: Actor, case_id: int, note: str, rules: Rules, on: date, at: datetime) -> Case:
    """The applicant (or a case worker for them) says what was put right; the case is confirmed anew from today's facts.

    The promised day runs on with the workdays that were left when it was sent back.
    Raises NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError, ChecksFailedError.
    """
    with one_act("correct"):
        case = locked(case_id)
        require_for(transition("correct"), actor=actor, case=case)
        refuse_repetition(case, "correct")
        if case.state not in transition("correct").sources:
            raise WrongStateError("correct", case.state)
        entitlement = locked_entitlement(case.entitlement_id)
        spoken = by_relative(case, "correct", actor=actor, on=on, at=at)
        failed = confirm_anew(
            case, entitlement, "correct", actor=actor, note=note, rules=rules, on=on, at=at, details=spoken
        )
    if failed:
        raise ChecksFailedError(failed)
    return case
