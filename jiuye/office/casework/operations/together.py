"""Many cases moved in one act, each on its own: what cannot be moved is left out and said, and never takes the others down."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import IntegrityError
from django.utils.translation import gettext

from jiuye.engine.basis.workdays import CalendarNotPublishedError
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import Case
from jiuye.office.casework.operations.approving import approve, undo_approval
from jiuye.office.casework.queries.worklist import visible_cases
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.states import MOST_TOGETHER, advance
from jiuye.office.funds.operations import FundsRefusal
from jiuye.office.policies.book import one_book
from jiuye.office.staff.queries import Actor, NotPermittedError


class TooManyError(Refusal):
    """More than a person can look through before signing."""

    def __init__(self, number: int) -> None:
        super().__init__(
            gettext("一次最多办理 %(most)d 件，这里选了 %(number)d 件；请分几次办理。")
            % {"most": MOST_TOGETHER, "number": number}
        )


class NoneChosenError(Refusal):
    """An act on no cases."""

    def __init__(self) -> None:
        super().__init__(gettext("没有选中办件；请至少选一件。"))


@dataclass(slots=True)
class Acted:
    """What one act brought: the cases it moved, those it signed that await more signatures, those left out with the reason; the keys of those
    that it has not come to yet; and how many have gone from the actor's places since they were chosen.
    """

    done: list[Case] = field(default_factory=list)
    signed: list[Case] = field(default_factory=list)
    left: list[tuple[Case, str]] = field(default_factory=list)
    rest: list[int] = field(default_factory=list)
    gone: int = 0

    @property
    def come_to(self) -> int:
        return len(self.done) + len(self.signed) + len(self.left) + self.gone

    @property
    def total_fen(self) -> int:
        return sum(case.amount_fen for case in self.done)

    def and_then(self, after: Acted) -> Acted:
        """This portion with the next one, which says what is left to come to."""
        return Acted(
            self.done + after.done,
            self.signed + after.signed,
            self.left + after.left,
            after.rest,
            self.gone + after.gone,
        )


def fit_to_act_on(case_ids: Sequence[int]) -> list[int]:
    """The chosen keys in order, each once. Raises NoneChosenError, TooManyError."""
    chosen = sorted(set(case_ids))
    if not chosen:
        raise NoneChosenError
    if len(chosen) > MOST_TOGETHER:
        raise TooManyError(len(chosen))
    return chosen


def never() -> bool:
    """An act is gone on with to its end."""
    return False


def approve_together(
    *,
    actor: Actor,
    case_ids: Sequence[int],
    rules: Rules,
    on: date,
    at: datetime,
    enough: Callable[[], bool] = never,
) -> Acted:
    """Sign every chosen case that is sound. Each stands in a transaction of its own, so that a long list holds no budget for long.

    `enough` is asked after each: once it says so, what is left is handed back as `rest`, for whoever must answer somebody who waits.

    Raises NoneChosenError, TooManyError, CaseNotFoundError (none of them is in the actor's places).
    """
    return each(
        actor,
        case_ids,
        lambda case_id: approve(actor=actor, case_id=case_id, rules=rules, on=on, at=at),
        reached="approved",
        enough=enough,
    )


def undo_together(*, actor: Actor, case_ids: Sequence[int], note: str, on: date, at: datetime) -> Acted:
    """Take back the approvals that nothing was paid for. Raises NoneChosenError, TooManyError, NoteMissingError, TooLongError."""
    advance("approved", "undo_approval", note=note)  # refused once, and not for each case
    return each(
        actor,
        case_ids,
        lambda case_id: undo_approval(actor=actor, case_id=case_id, note=note, on=on, at=at),
        reached="publicised",
    )


def each(
    actor: Actor,
    case_ids: Sequence[int],
    act: Callable[[int], Case],
    *,
    reached: str,
    enough: Callable[[], bool] = never,
) -> Acted:
    """The act on every chosen case; those that `reached` that state are done, others only signed. Raises NoneChosenError, TooManyError,
    CaseNotFoundError."""
    chosen = fit_to_act_on(case_ids)
    seen = {case.pk: case for case in visible_cases(actor).filter(pk__in=chosen)}
    if not seen:
        raise CaseNotFoundError
    there = [key for key in chosen if key in seen]
    acted = Acted(gone=len(chosen) - len(there))
    with one_book():  # one act is decided by one book, also where another comes into force while it goes on
        for come_to, case_id in enumerate(there, 1):
            try:
                case = act(case_id)
            except (Refusal, FundsRefusal, NotPermittedError, CalendarNotPublishedError) as error:
                acted.left.append((seen[case_id], str(error)))
            except IntegrityError:  # two people at once: the database let the other one through
                acted.left.append(
                    (seen[case_id], gettext("刚才有人同时办理了这一件；没有重复办理，请看最新状态。"))
                )
            else:
                (acted.done if case.state == reached else acted.signed).append(case)
            if enough():
                acted.rest = there[come_to:]
                break
    return acted
