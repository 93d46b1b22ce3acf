"""A version is asked for in a page and drawn up beside it, by `jiuye run` or `jiuye budgets`, as asked work is (`staff/asked.py`).

Asked twice, it is drawn up once: one of a year waits or is under way, held by a constraint.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.utils.translation import gettext_noop

from jiuye.engine.rules.pack import BrokenPackError
from jiuye.engine.rules.sweep import SweepError
from jiuye.office.budgeting.models import Drawing
from jiuye.office.budgeting.operations.drawing import NotNextYearError, draw_up
from jiuye.office.budgeting.states import UNDER_WAY
from jiuye.office.funds.refusals import FundsRefusal
from jiuye.office.staff.asked import Work
from jiuye.office.staff.queries import Actor, NotPermittedError, actor_for, require
from jiuye.office.staff.refusals import LINE, within


def ask(*, actor: Actor, year: int, note: str = "", on: date, at: datetime) -> Drawing:
    """Ask for a version of next year's budget from the facts of `on`; the one under way where there is one.

    Raises NotPermittedError, NotNextYearError.
    """
    require(actor, "budgeting.draw")
    if year != on.year + 1:
        raise NotNextYearError(year, on.year + 1)
    return DRAWINGS.asked_once(
        Drawing.objects.filter(year=year, state__in=UNDER_WAY).order_by("pk").first,
        year=year,
        note=within(note, LINE, "版本说明", "note"),
        asked_by_id=actor.account_id,
        asked_on=on,
        asked_at=at,
    )


def _draw(drawing: Drawing, clock: Callable[[], datetime], kept: Callable[[object], None]) -> None:
    draw_up(
        actor=actor_for(drawing.asked_by, on=drawing.asked_on),
        year=drawing.year,
        note=drawing.note,
        on=drawing.asked_on,
        at=clock(),
        kept=kept,
    )


def _refused(error: Exception) -> str | None:
    if isinstance(error, SweepError):
        return error.zh
    return str(error) if isinstance(error, FundsRefusal | NotPermittedError | BrokenPackError) else None


DRAWINGS = Work(
    model=Drawing,
    lock_class=0x4A5B,
    working="drawing",
    result="version",
    do=_draw,
    refused=_refused,
    given_up=gettext_noop(
        "编制 %(number)d 次都中途停止，可能是内存或磁盘不够；请系统管理员查看日志，再重新编制。"
    ),
    broke=gettext_noop("编制中出错（%(error)s）；请系统管理员查看日志，再重新编制。"),
    asks="budgeting.ask",
    begins="budgeting.begin_drawing",
    fails="budgeting.fail_drawing",
)
