"""Who may act on a matter: its applicant, or a post with the permission, of the step's role, in the division, at the step's level."""

from __future__ import annotations

from django.utils.translation import gettext

from jiuye.office.casework.access import owns
from jiuye.office.casework.procedures import LevelTooLowError, WrongRoleError, scopes_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.refusals import Refusal
from jiuye.office.matters.states import STEP_ACTS, Transition
from jiuye.office.staff.queries import Actor, NotPermittedError
from jiuye.office.staff.roles import ROLES


class MatterNotFoundError(Refusal):
    """There is no such matter, or it lies outside what the actor may see: the two are not told apart."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这件事项，或者它不在您的管辖范围内；请核对编号。"))


class NotForYouError(NotPermittedError):
    """Somebody starts a matter for another person or employer without a post that may."""

    def __init__(self, division_code: str) -> None:
        super().__init__("matters.start_on_behalf", division_code)
        self.args = (gettext("不能替别人办理；请本人登录办理，或者到服务窗口、由亲属持委托证明代办。"),)


def is_own(matter: Matter, actor: Actor) -> bool:
    """True where the actor is the applicant."""
    return owns(
        actor,
        person_id=matter.person_id,
        employer_id=matter.employer_id,
        recipient_kind=matter.applicant_kind,
    )


def require_for(row: Transition, *, actor: Actor, matter: Matter) -> None:
    """Return where the actor may take this act on this matter. Raises NotPermittedError (WrongRoleError, LevelTooLowError)."""
    if row.owner_may and is_own(matter, actor) and actor.may("own.confirm"):
        return
    allowed = [name for name in row.permissions if actor.may(name, matter.division_code)]
    if not allowed:
        raise NotPermittedError(row.permissions[0], matter.division_code)
    if row.act not in STEP_ACTS:
        return
    role = matter.awaits_role if matter.awaits_role in ROLES else ""
    held = [scope for name in allowed for scope in scopes_of(actor, name, role)]
    here = [scope for scope in held if matter.division_code.startswith(scope)]
    if not here:
        raise WrongRoleError(allowed[0], matter.division_code, role)
    if all(len(scope) > matter.awaits_digits for scope in here):
        level = {12: "village", 9: "street", 6: "county", 4: "city"}.get(matter.awaits_digits, "city")
        raise LevelTooLowError(allowed[0], matter.division_code, level)
