"""A simulation is asked for in a page and made beside it, by `jiuye run` or `jiuye simulations`, as asked work is (`staff/asked.py`).

An officer has one under way at a time, held by a constraint: each decides everyone under every draft.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext, gettext_noop

from jiuye.engine.rules.pack import BrokenPackError
from jiuye.engine.rules.sweep import SweepError
from jiuye.office.entitlements.simulating import ready_drafts, simulate_drafts
from jiuye.office.policies.grids import Grid, GridAxis
from jiuye.office.policies.models import SimulationRequest
from jiuye.office.policies.refusals import PolicyRefusal
from jiuye.office.policies.states import UNDER_WAY
from jiuye.office.staff.asked import Work
from jiuye.office.staff.queries import Actor, NotPermittedError, actor_for


class SimulationUnderWayError(PolicyRefusal):
    """The officer has asked for another simulation that has not ended."""

    def __init__(self, found: SimulationRequest) -> None:
        super().__init__(
            gettext("您对草案“%(title)s”的测算还没有结束；等它结束后再测算。") % {"title": found.draft.title}
        )


def ask(
    *, actor: Actor, draft_ids: Sequence[int], grid: Grid | None = None, on: date, at: datetime
) -> SimulationRequest:
    """Ask for drafts to be held beside the rules in force on everyone's facts of `on`; the same asked for again is the one under way.

    What can be told without deciding anybody is refused at once. Raises SimulationUnderWayError and what `ready_drafts` raises.
    """
    ready = ready_drafts(actor=actor, draft_ids=draft_ids, grid=grid)
    wanted = {
        "draft_id": ready.drafts[0].pk,
        "beside": [draft.pk for draft in ready.drafts[1:]],
        "grid": _plain(grid),
    }
    return SIMULATIONS.asked_once(
        lambda: _under_way(actor, wanted),
        **wanted,
        asked_by_id=actor.account_id,
        asked_on=on,
        asked_at=at,
    )


def _under_way(actor: Actor, wanted: dict[str, Any]) -> SimulationRequest | None:
    """The officer's simulation under way, where it is the one that is wanted. Raises SimulationUnderWayError for another one."""
    rows = SimulationRequest.objects.select_related("draft")
    found = rows.filter(asked_by_id=actor.account_id, state__in=UNDER_WAY).order_by("pk").first()
    if found is not None and any(getattr(found, name) != value for name, value in wanted.items()):
        raise SimulationUnderWayError(found)
    return found


def _plain(grid: Grid | None) -> list[dict[str, Any]]:
    axes = grid.axes if grid is not None else ()
    return [{"file": axis.file, "place": axis.place, "values": list(axis.values)} for axis in axes]


def _simulate(
    asked: SimulationRequest, clock: Callable[[], datetime], kept: Callable[[object], None]
) -> None:
    axes = tuple(GridAxis(row["file"], row["place"], tuple(row["values"])) for row in asked.grid)
    simulate_drafts(
        actor=actor_for(asked.asked_by, on=asked.asked_on),
        draft_ids=[asked.draft_id, *asked.beside],
        grid=Grid(axes) if axes else None,
        on=asked.asked_on,
        at=clock(),
        kept=kept,
    )


def _refused(error: Exception) -> str | None:
    if isinstance(error, SweepError):
        return error.zh
    return str(error) if isinstance(error, PolicyRefusal | NotPermittedError | BrokenPackError) else None


SIMULATIONS = Work(
    model=SimulationRequest,
    lock_class=0x4A5C,
    working="simulating",
    result="simulation",
    do=_simulate,
    refused=_refused,
    given_up=gettext_noop(
        "测算 %(number)d 次都中途停止，可能是内存或磁盘不够；请系统管理员查看日志，再重新测算。"
    ),
    broke=gettext_noop("测算中出错（%(error)s）；请系统管理员查看日志，再重新测算。"),
    asks="policies.ask_simulation",
    begins="policies.begin_simulation",
    fails="policies.fail_simulation",
)
