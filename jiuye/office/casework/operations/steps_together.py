"""A step before the approval taken of many cases in one act."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.deciding import accept, publicise, review
from jiuye.office.casework.operations.together import Acted, each, never
from jiuye.office.casework.states import transition
from jiuye.office.staff.queries import Actor

# The steps before the approval that are taken of many cases at once. None of them says anything of a case that the others do not share.
STEPS_TOGETHER: dict[str, Callable[..., Case]] = {"accept": accept, "review": review, "publicise": publicise}


def step_together(
    *,
    actor: Actor,
    case_ids: Sequence[int],
    act: str,
    on: date,
    at: datetime,
    enough: Callable[[], bool] = never,
) -> Acted:
    """Take one of STEPS_TOGETHER of every chosen case for which nothing stands in the way; `enough` as for `approve_together`.

    Raises NoneChosenError, TooManyError, CaseNotFoundError (none of them is in the actor's places).
    """
    return each(
        actor,
        case_ids,
        lambda case_id: STEPS_TOGETHER[act](actor=actor, case_id=case_id, on=on, at=at),
        reached=transition(act).target,
        enough=enough,
    )
