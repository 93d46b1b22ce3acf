"""How far up goes what is late, and telling both offices of it: alike for the steps of cases and matters, unanswered marks, reviews
of refusals, promised services, applications for loans and grants due to be looked at again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from jiuye.engine.messages import Words
from jiuye.office.casework.procedures import LEVEL_DIGITS
from jiuye.office.casework.telling import day_words
from jiuye.office.casework.timeline import record
from jiuye.office.conduct.deadlines import counted, deadlines
from jiuye.office.conduct.models import Escalation
from jiuye.office.conduct.queries.charges import InHand
from jiuye.office.conduct.work import Work, title_of
from jiuye.office.messages.operations import write
from jiuye.office.registry.models import Division
from jiuye.office.staff.models import Post
from jiuye.office.staff.queries import posts_in_force
from jiuye.office.staff.roles import PERMISSIONS

OVERSEE = "conduct.oversee"
HEAD = "leader"  # whoever leads a place; over the city, the only one above its office
DIGITS = sorted(LEVEL_DIGITS.values())  # city, county, street, village


@dataclass(slots=True)
class Escalated:
    """What one run did: things that went up, how many of them are marks, reviews of refusals, promised services, applications for loans,
    recognitions and bases due to be looked at again; steps up in all, officers told."""

    things: int = 0
    marks: int = 0
    reviews: int = 0
    services: int = 0
    loans: int = 0
    recognitions: int = 0
    rises: int = 0
    told: int = 0


@dataclass(slots=True)
class Told:
    """What one officer is told of in one message."""

    rises: list[tuple[Work, Escalation]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Late:
    """What is late beside the steps: under which column it goes up (`row`), since when (`due_on`), what it belongs to, whose office owes
    it, and who there is told."""

    column: str
    row: Any
    due_on: date
    thing: Work
    step: str
    role: str
    office: str
    owed_by: set[int]


def offices_above(division: str, late_workdays: int) -> list[str]:
    """Every office above that what is so late at that one should have reached by now; above the city there is none."""
    place = DIGITS.index(len(division)) if len(division) in DIGITS else 0
    return [
        division[: DIGITS[place - rule.levels]]
        for rule in deadlines().rises
        if late_workdays >= rule.late_workdays and place >= rule.levels
    ]


def is_top(division: str) -> bool:
    """Whether no office stands above that one."""
    return len(division) == DIGITS[0]


def heads_of(division: str, posts: list[Post]) -> set[int]:
    """The accounts of those who lead that place."""
    return {post.account_id for post in posts if post.role == HEAD and post.division_code == division}


def posts_on(on: date) -> list[Post]:
    """Every officer's post of the day."""
    return list(posts_in_force(on=on).filter(account__is_active=True).order_by("pk"))


def holding(permission: str, division: str, posts: list[Post]) -> set[int]:
    """The accounts with a post at that very office that carries the permission."""
    return {
        post.account_id
        for post in posts
        if permission in PERMISSIONS[post.role] and post.division_code == division
    }


def doing(held: InHand | None, posts: Sequence[Post]) -> int | None:
    """The account that has it in hand, or stands in for whoever has; None where nobody has, or they have left."""
    if held is None or held.charge is None:
        return None
    doer = held.away.substitute_id if held.away is not None else held.charge.holder_id
    return doer if any(post.account_id == doer for post in posts) else None


def nearest_with(
    place: str, posts: Sequence[Post], may: Callable[[Post], bool], *, digits: int = DIGITS[-1]
) -> tuple[str, set[int]]:
    """The nearest office over the place, at that level or above it, where somebody may, and their accounts; no office where nobody may."""
    fitting = [
        post
        for post in posts
        if len(post.division_code) <= digits and place.startswith(post.division_code) and may(post)
    ]
    office = max((post.division_code for post in fitting), key=len, default="")
    return office, {post.account_id for post in fitting if post.division_code == office}


def pass_up_late(
    found: Sequence[Late],
    occasions: tuple[str, str],
    posts: list[Post],
    county: str,
    done: Escalated,
    on: date,
    at: datetime,
) -> int:
    """Record every level that each should have reached by now, once, and tell both offices: the one that owes it by the first of the
    `occasions`, whoever oversees the one above by the second. Returns how many went up.

    Raises CalendarNotPublishedError, MessagesUnreadableError.
    """
    known = _known(found)
    below: dict[tuple[int, str], Told] = defaultdict(Told)
    above: dict[tuple[int, str], Told] = defaultdict(Told)
    up = 0
    for late in found:
        rises = [row for row in _rises(late, on, at) if _key(late, row) not in known]
        up += bool(rises)
        for row in rises:
            row.save()
            details = {"to": row.to_division, "late": row.late_workdays, late.column: late.row.pk}
            record(late.thing, "escalate", actor=None, on=on, at=at, details=details)
            for account in late.owed_by:
                below[account, row.to_division].rises.append((late.thing, row))
            for account in holding(OVERSEE, row.to_division, posts):
                above[account, row.from_division].rises.append((late.thing, row))
        done.rises += len(rises)
    done.things += up
    tell(below, occasions[0], "above", county, done, on, at)
    tell(above, occasions[1], "place", county, done, on, at)
    return up


def _rises(late: Late, on: date, at: datetime) -> list[Escalation]:
    workdays = counted(late.due_on, on)
    return [
        Escalation(
            **{late.column: late.row},
            step=late.step,
            role=late.role,
            due_on=late.due_on,
            late_workdays=workdays,
            from_division=late.office,
            to_division=office,
            on_date=on,
            at=at,
        )
        for office in offices_above(late.office, workdays)
    ]


def _known(found: Sequence[Late]) -> set[tuple[str, int, date, str]]:
    rows: dict[str, list[int]] = defaultdict(list)
    for late in found:
        rows[late.column].append(late.row.pk)
    return {
        (column, *key)
        for column, keys in rows.items()
        for key in Escalation.objects.filter(**{f"{column}__in": keys})
        .order_by("pk")
        .values_list(column, "due_on", "to_division")
    }


def _key(late: Late, row: Escalation) -> tuple[str, int, date, str]:
    return late.column, late.row.pk, row.due_on, row.to_division


def tell(
    told: dict[tuple[int, str], Told],
    occasion: str,
    other: str,
    county: str,
    done: Escalated,
    on: date,
    at: datetime,
    more: Mapping[str, Words] | None = None,
) -> None:
    """One message an officer, office and run: how many, and the one whose deadline passed first. `more` is what else it says to all."""
    names = {
        row.code: row for row in Division.objects.filter(pk__in={code for _, code in told}).order_by("pk")
    }
    for (account, code), what in sorted(told.items(), key=lambda one: one[0]):
        thing, first = min(what.rises, key=lambda one: (one[1].due_on, one[1].pk))
        name, name_en = title_of(thing)
        place = names.get(code)
        write(
            occasion=occasion,
            key=f"{occasion}:{account}:{code}:{min(row.pk for _, row in what.rises)}",
            about=f"late:{county}",
            recipient_kind="officer",
            person_id=None,
            employer_id=None,
            account_id=account,
            division_code=county,
            values={
                "count": Words(str(len(what.rises))),
                "title": Words(name, name_en),
                "number": Words(thing.number),
                "due": day_words(first.due_on),
                other: Words(place.name if place else code, (place.name_en if place else "") or code),
                **(more or {}),
            },
            on=on,
            at=at,
        )
        done.told += 1
