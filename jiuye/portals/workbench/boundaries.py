"""Generated boundary cases of a draft as rows of a page: what turns, on which side, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from jiuye.engine.rules.boundaries import Boundary, DayBoundary
from jiuye.portals.common.components import VERDICT_LEVELS, VERDICT_WORDS
from jiuye.portals.common.templatetags.jiuye import content, english


@dataclass(frozen=True, slots=True)
class BoundaryRow:
    """One generated case as a line."""

    shown: str
    turns: bool
    level: str
    word: Any
    amount_fen: int | None
    verdict_level: str
    verdict_word: Any


@dataclass(frozen=True, slots=True)
class BoundaryGroup:
    """The cases around one comparison for one fact."""

    comparison: str
    label: str
    case: str
    on: date
    rows: tuple[BoundaryRow, ...]


@dataclass(frozen=True, slots=True)
class BoundaryClause:
    """One condition with the limits in it."""

    says: str
    groups: tuple[BoundaryGroup, ...]


def boundary_clauses(found: Iterable[Boundary]) -> list[BoundaryClause]:
    """Boundary cases by condition, and in it by comparison and fact."""
    clauses = []
    for _clause, rows in groupby(found, key=lambda row: row.clause.id):
        cases = list(rows)
        clauses.append(BoundaryClause(content(cases[0].clause, "says"), tuple(_boundary_groups(cases))))
    return clauses


def _boundary_groups(found: Iterable[Boundary]) -> list[BoundaryGroup]:
    groups = []
    for (comparison, _path), rows in groupby(found, key=lambda row: (row.comparison, row.path)):
        cases = list(rows)
        first = cases[0]
        groups.append(
            BoundaryGroup(
                comparison,
                first.label_en if english() else first.label,
                first.case,
                first.on,
                tuple(
                    BoundaryRow(
                        row.shown_en if english() else row.shown,
                        row.turns,
                        VERDICT_LEVELS[row.clause_verdict],
                        VERDICT_WORDS[row.clause_verdict],
                        row.amount_fen,
                        VERDICT_LEVELS[row.verdict],
                        VERDICT_WORDS[row.verdict],
                    )
                    for row in cases
                ),
            )
        )
    return groups


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Both sides of one date."""

    first: date
    what: str
    case: str
    rows: tuple[tuple[date, str, Any, int | None], ...]


def day_groups(found: Iterable[DayBoundary]) -> list[DayGroup]:
    """Both sides of each date, in their order."""
    groups = []
    for first, rows in groupby(found, key=lambda row: row.first):
        cases = list(rows)
        groups.append(
            DayGroup(
                first,
                cases[0].what_en if english() else cases[0].what,
                cases[0].case,
                tuple(
                    (row.day, VERDICT_LEVELS[row.verdict], VERDICT_WORDS[row.verdict], row.amount_fen)
                    for row in cases
                ),
            )
        )
    return groups
