"""Who may act on a matter: its applicant, or a post with the permission, of the step's role, in the division, at the step's level."""

from __future__ import annotations

from django.utils.translation import gettext

from jiuye.office.casework.access import owns
from jiuye.office.casework.procedures import LEVEL_DIGITS, require_at_level
from jiuye.office.casework.refusals import Refusal
from jiuye.office.matters.content import item_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.states import ENDERS, STEP_ACTS, Transition
from jiuye.office.staff.queries import Actor, NotPermittedError
from jiuye.office.staff.roles import ROLES

LEVEL_OF_DIGITS = {digits: level for level, digits in LEVEL_DIGITS.items()}


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
    if row.act == "end":
        item = item_of(matter.item_id)
        if item.exit is not None:
            require_at_level(actor, ENDERS, matter.division_code, item.exit.level, item.exit.by)
            return
        # What was granted after a review is ended by whoever may grant it.
        step = item.step("decide")
        assert step is not None  # held by the reader of items
        require_at_level(actor, row.permissions, matter.division_code, step.level, step.by)
        return
    is_step = row.act in STEP_ACTS
    require_at_level(
        actor,
        row.permissions,
        matter.division_code,
        LEVEL_OF_DIGITS[matter.awaits_digits] if is_step else "village",
        matter.awaits_role if is_step and matter.awaits_role in ROLES else "",
    )
