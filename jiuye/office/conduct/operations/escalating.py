"""What is late goes to the office above by itself: recorded in the thing's timeline, both offices told, nothing done twice.

So do low marks that nobody answered in time (`late_marks.py`), reviews of refusals (`late_reviews.py`), promised services
(`late_services.py`), applications for loans (`late_loans.py`) and what is due to be looked at again (`late_due_reviews.py`). One transaction a county: a run that is killed has told everybody of what
it recorded, and the next one goes on with the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

import pghistory
from django.db import transaction
from django.db.models import Q

from jiuye.office.casework.models import Case
from jiuye.office.casework.procedures import AWAITED_STEP, LEVEL_DIGITS, procedure_of
from jiuye.office.casework.timeline import record
from jiuye.office.conduct.deadlines import counted, deadlines
from jiuye.office.conduct.models import Escalation
from jiuye.office.conduct.operations.late_due_reviews import (
    counties_with_late_due_reviews,
    pass_up_due_reviews,
)
from jiuye.office.conduct.operations.late_loans import counties_with_late_loans, pass_up_loans
from jiuye.office.conduct.operations.late_marks import counties_with_late_marks, pass_up_marks
from jiuye.office.conduct.operations.late_reviews import counties_with_late_reviews, pass_up_reviews
from jiuye.office.conduct.operations.late_services import counties_with_late_services, pass_up_services
from jiuye.office.conduct.operations.rising import (
    Escalated,
    Told,
    doing,
    holding,
    offices_above,
    posts_on,
    tell,
)
from jiuye.office.conduct.queries.charges import InHand, in_hand_of
from jiuye.office.conduct.work import Awaited, Work, awaited_of, naming
from jiuye.office.matters.models import Matter
from jiuye.office.matters.states import UNDER_WAY
from jiuye.office.registry.places import COUNTY_DIGITS
from jiuye.office.staff.models import Post
from jiuye.office.staff.roles import ROLES


def escalate_late(*, on: date, at: datetime) -> Escalated:
    """Pass up what is late on that day by the pack's rules. Run again, it does nothing more.

    Raises CalendarNotPublishedError where the workdays of the year cannot be counted, MessagesUnreadableError, ProceduresUnreadableError,
    NoLoanTermsError.
    """
    done = Escalated()
    if not deadlines().rises:
        return done
    late = _counties_with_late(on) | counties_with_late_marks(on)
    late |= counties_with_late_reviews(on) | counties_with_late_services(on)
    late |= counties_with_late_loans(on) | counties_with_late_due_reviews(on)
    for county in sorted(late):
        with transaction.atomic(), pghistory.context(operation="conduct.escalate_late"):
            posts = posts_on(on)
            _pass_up(county, posts, done, on, at)
            pass_up_marks(county, posts, done, on, at)
            pass_up_reviews(county, posts, done, on, at)
            pass_up_services(county, posts, done, on, at)
            pass_up_loans(county, posts, done, on, at)
            pass_up_due_reviews(county, posts, done, on, at)
    return done


def _late_cases(on: date) -> Q:
    # While an objection to its notice is open, nobody may take the next step: the clock stands still.
    return Q(state__in=list(AWAITED_STEP), stopped_on__isnull=True, due_on__lt=on)


def _late_matters(on: date) -> Q:
    # With its applicant, and while an objection to its notice is open, a matter's clock stands still; the office's deadline is set anew
    # afterwards.
    under_way = [state for state in UNDER_WAY if state != "correction_requested"]
    return Q(state__in=under_way, stopped_on__isnull=True, due_on__lt=on)


def _counties_with_late(on: date) -> set[str]:
    codes: set[str] = set()
    codes |= set(
        Case.objects.filter(_late_cases(on)).order_by().values_list("division_code", flat=True).distinct()
    )
    codes |= set(
        Matter.objects.filter(_late_matters(on)).order_by().values_list("division_code", flat=True).distinct()
    )
    return {code[:COUNTY_DIGITS] for code in codes}


def _pass_up(county: str, posts: list[Post], done: Escalated, on: date, at: datetime) -> None:
    here = Q(division_code__startswith=county)
    late: list[Work] = [
        *Case.objects.select_for_update(of=("self",)).filter(_late_cases(on), here).order_by("pk"),
        *Matter.objects.select_for_update(of=("self",)).filter(_late_matters(on), here).order_by("pk"),
    ]
    known, held = _known(late), in_hand_of(late, on=on)
    below: dict[tuple[int, str], Told] = defaultdict(Told)
    above: dict[tuple[int, str], Told] = defaultdict(Told)
    for thing in late:
        awaited = awaited_of(thing) or _asks_the_bank(thing)
        if awaited is None:
            continue
        rises = [row for row in _rises(thing, awaited, on, at) if _key(row) not in known]
        done.things += bool(rises)
        for row in rises:
            row.save()
            done.rises += 1
            record(
                thing,
                "escalate",
                actor=None,
                on=on,
                at=at,
                details={"to": row.to_division, "late": row.late_workdays},
            )
            for account in _whose(thing, awaited, held.get(thing), posts):
                below[account, row.to_division].rises.append((thing, row))
            for account in holding("conduct.oversee", row.to_division, posts):
                above[account, row.from_division].rises.append((thing, row))
    tell(below, "deadline_passed", "above", county, done, on, at)
    tell(above, "deadline_passed_up", "place", county, done, on, at)


def _known(late: Iterable[Work]) -> set[tuple[int | None, int | None, str, date, str]]:
    late = list(late)
    cases = [thing.pk for thing in late if isinstance(thing, Case)]
    matters = [thing.pk for thing in late if isinstance(thing, Matter)]
    found = Escalation.objects.filter(Q(case_id__in=cases) | Q(matter_id__in=matters)).order_by("pk")
    return {_key(row) for row in found}


def _key(row: Escalation) -> tuple[int | None, int | None, str, date, str]:
    return row.case_id, row.matter_id, row.step, row.due_on, row.to_division


def _rises(thing: Work, awaited: Awaited, on: date, at: datetime) -> list[Escalation]:
    """Every level that the thing should have reached by now; above the city there is none."""
    assert thing.due_on is not None  # only what has a deadline is late
    late = counted(thing.due_on, on)
    return [
        Escalation(
            **naming(thing),
            step=awaited.step,
            role=awaited.role,
            due_on=thing.due_on,
            late_workdays=late,
            from_division=awaited.division,
            to_division=office,
            on_date=on,
            at=at,
        )
        for office in offices_above(awaited.division, late)
    ]


def _asks_the_bank(thing: Work) -> Awaited | None:
    """A case whose payment the bank has not answered waits for no officer's act; who made the payment asks the bank."""
    if not isinstance(thing, Case) or thing.state != "in_payment":
        return None
    step = procedure_of(thing).step("put_into_batch")
    if step is None or step.by not in ROLES:
        return None
    digits = LEVEL_DIGITS[step.level]
    return Awaited(thing.state, step.by, digits, thing.division_code[:digits])


def _whose(thing: Work, awaited: Awaited, held: InHand | None, posts: list[Post]) -> set[int]:
    """Whoever has it in hand, or stands in for them; where nobody has, or they have left, everyone of the step's role at the nearest office."""
    doer = doing(held, posts)
    if doer is not None:
        return {doer}
    fitting = [
        post
        for post in posts
        if post.role == awaited.role
        and len(post.division_code) <= awaited.digits
        and thing.division_code.startswith(post.division_code)
    ]
    nearest = max((len(post.division_code) for post in fitting), default=0)
    return {post.account_id for post in fitting if len(post.division_code) == nearest}
