"""A version is asked for in a page and drawn up beside it, by `jiuye run` or `jiuye budgets`: whatever dies meanwhile is begun again.

1. Asked twice, it is drawn up once: one of a year waits or is under way, held by a constraint.
2. One process at a time works on it, under an advisory lock of its session, which a killed process loses.
3. The version and its end are one transaction, so that it is never drawn up twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

import pghistory
from django.db import IntegrityError, connection, transaction
from django.db.utils import InterfaceError, OperationalError
from django.utils.translation import gettext

from jiuye.engine.rules.pack import BrokenPackError
from jiuye.engine.rules.sweep import SweepError
from jiuye.office.budgeting.models import BudgetVersion, Drawing
from jiuye.office.budgeting.operations.drawing import NotNextYearError, draw_up
from jiuye.office.budgeting.states import UNDER_WAY
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.staff.queries import Actor, NotPermittedError, actor_for, require
from jiuye.office.staff.refusals import LINE, within

MOST_TRIES = 3
_LOCK_CLASS = 0x4A5B  # the number space of our advisory locks on drawings
log = logging.getLogger(__name__)


def ask(*, actor: Actor, year: int, note: str = "", on: date, at: datetime) -> Drawing:
    """Ask for a version of next year's budget from the facts of `on`; the one under way where there is one.

    Raises NotPermittedError, NotNextYearError.
    """
    require(actor, "budgeting.draw")
    if year != on.year + 1:
        raise NotNextYearError(year, on.year + 1)
    try:
        with transaction.atomic(), pghistory.context(operation="budgeting.ask"):
            return _under_way(year) or Drawing.objects.create(
                year=year,
                note=within(note, LINE, "版本说明", "note"),
                asked_by_id=actor.account_id,
                asked_on=on,
                asked_at=at,
            )
    except IntegrityError:  # somebody asked at the same moment
        found = _under_way(year)
        if found is None:
            raise
        return found


def _under_way(year: int) -> Drawing | None:
    return Drawing.objects.filter(year=year, state__in=UNDER_WAY).order_by("pk").first()


def draw_asked(*, clock: Callable[[], datetime]) -> list[Drawing]:
    """Draw up whatever was asked for and nobody works on. Safe at any time, several times at once, and to be killed at any moment."""
    ended = []
    for number in Drawing.objects.filter(state__in=UNDER_WAY).order_by("pk").values_list("pk", flat=True):
        with _alone_with(number) as ours:
            if ours and _begun(number, clock()):
                ended.append(_drawn(number, clock))
    return ended


@contextmanager
def _alone_with(number: int) -> Iterator[bool]:
    """True with the drawing's advisory lock held; False where another process holds it."""
    key = [_LOCK_CLASS, number % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        ours = bool(cursor.fetchone()[0])
    try:
        yield ours
    finally:
        if ours:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def _begun(number: int, at: datetime) -> bool:
    """Note that we begin. False where it has ended meanwhile, or was begun too often."""
    with transaction.atomic(), pghistory.context(operation="budgeting.begin_drawing"):
        drawing = Drawing.objects.select_for_update(of=["self"]).get(pk=number)
        if drawing.state not in UNDER_WAY:
            return False
        given_up = drawing.tries >= MOST_TRIES
        if not given_up:
            drawing.state, drawing.begun_at, drawing.tries = "drawing", at, drawing.tries + 1
            drawing.save(update_fields=["state", "begun_at", "tries"])
    if given_up:
        _failed(
            number,
            gettext("编制 %(number)d 次都中途停止，可能是内存或磁盘不够；请系统管理员查看日志，再重新编制。")
            % {"number": MOST_TRIES},
            at,
        )
    return not given_up


def _drawn(number: int, clock: Callable[[], datetime]) -> Drawing:
    drawing = Drawing.objects.select_related("asked_by").get(pk=number)

    def kept(version: BudgetVersion) -> None:
        drawing.state, drawing.version, drawing.ended_at = "done", version, clock()
        drawing.save(update_fields=["state", "version", "ended_at"])

    try:
        draw_up(
            actor=actor_for(drawing.asked_by, on=drawing.asked_on),
            year=drawing.year,
            note=drawing.note,
            on=drawing.asked_on,
            at=clock(),
            kept=kept,
        )
    except (FundsRefusal, NotPermittedError, BrokenPackError) as refusal:
        return _failed(number, str(refusal), clock())
    except SweepError as error:
        return _failed(number, error.zh, clock())
    except (OperationalError, InterfaceError):
        raise  # the database went away: the next round begins it again
    except Exception as error:
        log.exception("drawing %s of the budget failed", number)
        return _failed(
            number,
            gettext("编制中出错（%(error)s）；请系统管理员查看日志，再重新编制。")
            % {"error": type(error).__name__},
            clock(),
        )
    return drawing


def _failed(number: int, error: str, at: datetime) -> Drawing:
    with transaction.atomic(), pghistory.context(operation="budgeting.fail_drawing"):
        drawing = Drawing.objects.select_for_update(of=["self"]).get(pk=number)
        drawing.state, drawing.error, drawing.ended_at = "failed", error[:500], at
        drawing.save(update_fields=["state", "error", "ended_at"])
    return drawing
