"""Who may act on a case: its owner, or a post with the permission, in the division, at the level of the step."""

from __future__ import annotations

from django.utils.translation import gettext

from jiuye.office.casework.models import Case
from jiuye.office.casework.procedures import level_of, require_at_level, role_of
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.states import Transition
from jiuye.office.staff.queries import Actor, NotPermittedError


class CaseNotFoundError(Refusal):
    """There is no such case, or it lies outside what the actor may see: the two are not told apart."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这件办件，或者它不在您的管辖范围内；请核对编号。"))


def owns(actor: Actor, *, person_id: int | None, employer_id: int | None, recipient_kind: str) -> bool:
    """True where the actor is the resident or employer who receives."""
    if recipient_kind == "person":
        return actor.kind == "resident" and actor.subject_key == str(person_id)
    return actor.kind == "employer" and actor.subject_key == str(employer_id)


def require_for(row: Transition, *, actor: Actor, case: Case) -> None:
    """Return where the actor may take this act on this case. Raises NotPermittedError (WrongRoleError, LevelTooLowError)."""
    mine = owns(
        actor, person_id=case.person_id, employer_id=case.employer_id, recipient_kind=case.recipient_kind
    )
    if row.owner_may and mine and actor.may("own.confirm"):
        return
    if not row.permissions:
        raise NotPermittedError("", case.division_code)
    require_at_level(
        actor,
        row.permissions,
        case.division_code,
        level_of(case, row.act),
        role_of(case, row.act),
    )
