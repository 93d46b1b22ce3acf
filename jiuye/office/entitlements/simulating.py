"""Drafts beside the rules in force over everyone on record: the columns are written, the engine compares, the result is kept."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext

from jiuye.engine.rules.comparing import GAINS, LOSSES
from jiuye.engine.rules.groupings import Grouping, load_groupings, needed_facts
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.simulate import MONTHS, Draft, changed_policies, simulate
from jiuye.office.entitlements.facts.reading import FactReader, Needs, needs_of
from jiuye.office.entitlements.rulebook import Rulebook, rulebook
from jiuye.office.funds.queries import fund_balances
from jiuye.office.policies.checking import check_texts
from jiuye.office.policies.grids import Grid, grid_points
from jiuye.office.policies.models import Draft as DraftRow
from jiuye.office.policies.models import Simulation
from jiuye.office.policies.operations import keep_simulation, texts_of_draft
from jiuye.office.policies.operations.simulations import MOST_DRAFTS, TooManyDraftsError
from jiuye.office.policies.queries import one_draft
from jiuye.office.policies.refusals import PolicyRefusal
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped

Progress = Callable[[str], None]


class CannotSimulateError(PolicyRefusal):
    """A draft with mistakes decides nothing."""

    def __init__(self, draft: DraftRow, errors: int) -> None:
        super().__init__(
            gettext("草案“%(title)s”还有 %(errors)d 处错误，改正后才能测算。")
            % {"title": draft.title, "errors": errors}
        )


class NoDifferenceError(PolicyRefusal):
    """None of the drafts changes an answer."""

    def __init__(self) -> None:
        super().__init__(gettext("草案与现行规则没有差别，没有可以测算的。"))


@dataclass(frozen=True, slots=True)
class Ready:
    """Drafts that can be simulated, with their packs by key, and the texts of a grid's points, which are not read yet."""

    drafts: list[DraftRow]
    packs: dict[str, Pack]
    points: dict[str, dict[str, str]]


def ready_drafts(*, actor: Actor, draft_ids: Sequence[int], grid: Grid | None) -> Ready:
    """What a simulation needs of its drafts, told in a moment: nobody is decided yet, and the packs of a grid's points, which may be many, are
    left for later.

    Raises NotPermittedError, TooManyDraftsError, CannotSimulateError, NoDifferenceError, and what the grid raises.
    """
    require(actor, "policies.simulate")
    if len(draft_ids) > MOST_DRAFTS:
        raise TooManyDraftsError
    drafts = [one_draft(actor=actor, draft_id=number) for number in dict.fromkeys(draft_ids)]
    packs = {str(draft.pk): _sound(draft, texts_of_draft(draft)) for draft in drafts}
    points = grid_points(texts_of_draft(drafts[0]), grid) if grid is not None else {}
    if not points and not any(changed_policies(rulebook().pack, pack) for pack in packs.values()):
        raise NoDifferenceError
    return Ready(drafts, packs, points)


@unscoped("a draft is simulated over everyone, into totals")
def simulate_drafts(
    *,
    actor: Actor,
    draft_ids: Sequence[int],
    grid: Grid | None = None,
    on: date,
    at: datetime,
    progress: Progress = lambda what: None,
    kept: Callable[[object], None] = lambda found: None,
) -> Simulation:
    """Hold up to four drafts beside the rules in force on everyone's facts of `on`, and keep the result with that date.

    `grid` tries values of one or two parameters of the first draft. Nothing that anybody is owed changes by it. `kept` is called with the
    result in the transaction that keeps it. Raises what `ready_drafts` and the sweep raise.
    """
    ready = ready_drafts(actor=actor, draft_ids=draft_ids, grid=grid)
    drafts = ready.drafts
    points = {key: _sound(drafts[0], texts) for key, texts in ready.points.items()}
    began = time.monotonic()
    work = Path(tempfile.mkdtemp(prefix="jiuye-simulate-"))
    try:
        result = _run(rulebook(), ready.packs, points, work, on, progress)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    result["drafts"] = {str(draft.pk): draft.title for draft in drafts}
    result["funds"] = fund_balances(year=on.year)
    result["grid"] = (
        (grid.as_dict(texts_of_draft(drafts[0])) | {"points": result["grid"]}) if grid is not None else None
    )
    with transaction.atomic():
        found = keep_simulation(
            actor=actor,
            drafts=drafts,
            base_version=result["version"],
            columns_on=on,
            result=result,
            seconds=int(time.monotonic() - began),
            at=at,
        )
        kept(found)
    return found


def _sound(draft: DraftRow, texts: Mapping[str, str]) -> Pack:
    checked = check_texts(texts)
    if checked.problems.errors:
        raise CannotSimulateError(draft, len(checked.problems.errors))
    return checked.pack


def _run(
    book: Rulebook,
    packs: Mapping[str, Pack],
    points: Mapping[str, Pack],
    work: Path,
    on: date,
    progress: Progress,
) -> dict[str, Any]:
    """The simulation and the grid as plain data, over columns written once."""
    everyone = {**packs, **{f"grid:{key}": pack for key, pack in points.items()}}
    changed = {name for pack in everyone.values() for name in changed_policies(book.pack, pack)}
    if not changed:
        raise NoDifferenceError
    groupings, _ = load_groupings(book.pack, Path(settings.PACK))
    with transaction.atomic():
        _reader(book, [book.pack, *everyone.values()], changed, groupings, on).write_columns(
            work / "columns", progress
        )

    def held(against: Mapping[str, Pack], *, months: int, by: list[Grouping]) -> dict[str, Any]:
        return simulate(
            book.pack,
            [Draft(key, pack) for key, pack in against.items()],
            work / "columns",
            work / "verdicts",
            on,
            groupings=by,
            months=months,
            progress=progress,
        ).as_dict()

    result = held(packs, months=MONTHS, by=groupings)
    tried = held({f"grid:{key}": pack for key, pack in points.items()}, months=0, by=[]) if points else None
    result["grid"] = _grid_rows(points, tried["policies"]) if tried is not None else []
    result["groupings"] = [
        {"id": item.id, "label": item.label, "label_en": item.label_en} for item in groupings
    ]
    return result


def _grid_rows(points: Mapping[str, Pack], policies: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a point of the grid: all policies that it changes together. A point that changes nothing has none."""
    rows = []
    for key in points:
        own = [row for row in policies if row["draft"] == f"grid:{key}"]
        better, worse = (sum(_moved(row, side) for row in own) for side in ("better", "worse"))
        rows.append(
            {
                "key": key,
                "policies": [row["policy"] for row in own],
                "before": sum(row["totals"]["before"]["yes"] for row in own),
                "after": sum(row["totals"]["after"]["yes"] for row in own),
                "before_fen": sum(row["totals"]["before"]["amount_fen"] for row in own),
                "after_fen": sum(row["totals"]["after"]["amount_fen"] for row in own),
                "gain": better,
                "lose": worse,
            }
        )
    return rows


def _moved(row: dict[str, Any], side: str) -> int:
    """How many are better (or worse) off under one policy; of a duty, those who owe less are better off."""
    names = GAINS if (side == "better") != (row["effect"] == "duty") else LOSSES
    return sum(row["moves"][name]["count"] for name in names)


def _reader(
    book: Rulebook, packs: Sequence[Pack], changed: set[str], groupings: Sequence[Grouping], on: date
) -> FactReader:
    """A reader of what the changed policies read in any of the packs, and of what they are grouped by."""
    parts = [
        replace(pack, policies={name: pack.policies[name] for name in changed if name in pack.policies})
        for pack in packs
    ]
    facts, relations = needed_facts(groupings)
    needs = [needs_of(part) for part in parts]
    counted_by = {policy.entity for part in parts for policy in part.policies.values()}
    # Only what leads away from those who are counted: another entity's groups are not asked for.
    reached = counted_by | {
        book.pack.vocabulary.entities[entity].relations[name].to
        for entity, name in relations
        if entity in counted_by
    }
    together = Needs(
        frozenset().union(*(need.facts for need in needs)) | {fact for fact in facts if fact[0] in reached},
        frozenset().union(*(need.ones for need in needs))
        | {way for way in relations if way[0] in counted_by},
        frozenset().union(*(need.manies for need in needs)),
        needs[0].registers,
        {name: source for need in needs for name, source in need.sources.items()},
    )
    # A draft may bring facts of its own: the vocabulary that has them is read by.
    widest = max(parts, key=lambda part: sum(len(item.facts) for item in part.vocabulary.entities.values()))
    policies = {name: policy for part in parts for name, policy in part.policies.items()}
    return FactReader(replace(widest, policies=policies), on, book.counties, together)
