"""Columns and rows that moved: values that look like their neighbour's kind, said with the proof.

Only kinds with a shape of their own (ID numbers, phones, sexes, dates, credit codes) bear witness. A row counts as shifted
where at least two of them are found one column off, and more are off than in place.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from jiuye.office.registry.importing.fields import BY_NAME
from jiuye.office.registry.importing.findings import Findings
from jiuye.office.registry.importing.kinds import STRONG, clean_text, looks_like
from jiuye.office.registry.importing.tables import Table

_MOST = 0.5
_SAMPLE = 5_000  # rows of a sheet that testify about its columns, evenly spread


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A whole column whose values are another column's: counts are of filled cells, among at most 5,000 rows."""

    sheet: str
    heading: str  # the column that should hold the kind
    like_it: int
    filled: int
    found_in: str  # the column that does
    found_like: int
    found_filled: int
    offset: int  # columns between the two, positive to the right


def _witnesses(table: Table) -> list[tuple[int, str, str]]:
    """(position, raw column, field) of every column with a strong kind, in the order of the sheet."""
    order = [name for name in table.body.columns if name != "row"]
    found = [
        (order.index(match.column), match.column, match.field)
        for match in table.matches
        if match.field and BY_NAME[match.field].kind in STRONG
    ]
    return sorted(found)


def misplaced_columns(table: Table) -> list[Misplaced]:
    """Every column that mostly holds something else while another column mostly holds its kind."""
    witnesses = _witnesses(table)
    order = [name for name in table.body.columns if name != "row"]
    headings = {match.column: match.heading for match in table.matches}
    kinds = {BY_NAME[field].kind for _, _, field in witnesses}
    cells = {column: clean_text(column) for column in order}
    sample = table.body.gather_every(max(1, table.body.height // _SAMPLE))
    counts = sample.select(
        *[cells[column].is_not_null().sum().alias(f"{column} filled") for column in order],
        *[
            looks_like(kind, cells[column]).sum().alias(f"{column} {kind}")
            for column in order
            for kind in kinds
        ],
    ).row(0, named=True)
    found: list[Misplaced] = []
    for position, column, field in witnesses:
        kind = BY_NAME[field].kind
        filled, like = counts[f"{column} filled"], counts[f"{column} {kind}"]
        if filled < 3 or like >= filled * _MOST:
            continue
        others = [
            (counts[f"{other} {kind}"], -abs(place - position), place, other)
            for place, other in enumerate(order)
            if other != column
            and 3 <= counts[f"{other} {kind}"] >= counts[f"{other} filled"] * _MOST
            # A column that is right where it stands proves nothing: 出生日期 does not explain a bad 毕业日期.
            and not any(c == other and BY_NAME[f].kind == kind for _, c, f in witnesses)
        ]
        if others:
            number, _, place, other = max(others)
            found.append(
                Misplaced(
                    table.sheet,
                    headings[column],
                    like,
                    filled,
                    headings.get(other) or _letter(place),
                    number,
                    counts[f"{other} filled"],
                    place - position,
                )
            )
    return found


def _letter(position: int) -> str:
    """A column without a heading by its place."""
    return f"#{position + 1}"


def check_shifted_rows(table: Table, cells: pl.DataFrame, findings: Findings) -> pl.Series:
    """Record rows that moved by one column either way; returns their `rid`s.

    `cells` holds `rid` and the sheet's columns, cleaned.
    """
    witnesses = _witnesses(table)
    order = [name for name in table.body.columns if name != "row"]
    headings = {match.column: match.heading for match in table.matches}
    shifted = [pl.Series("rid", [], dtype=pl.UInt32)]
    for offset, code in ((1, "row_shifted_right"), (-1, "row_shifted_left")):
        pairs = [
            (column, order[position + offset], field)
            for position, column, field in witnesses
            if 0 <= position + offset < len(order)
        ]
        if len(pairs) < 2:
            continue
        moved = _moved(cells, pairs)
        # The first witness that moved says from where, and what was found beside it is the proof.
        findings.add(
            moved.with_columns(
                _from=_first_of(pairs, {own: headings[own] for own, _, _ in pairs}),
                _beside=_first_of(pairs, {own: headings.get(other) or other for own, other, _ in pairs}),
                _kind=_first_of(pairs, {own: BY_NAME[field].label for own, _, field in pairs}),
            ),
            pl.lit(value=True),
            code,
            value=pl.col("_from"),
            a=pl.col("_beside"),
            b=pl.col("_kind"),
        )
        shifted.append(moved["rid"].cast(pl.UInt32))
    return pl.concat(shifted).unique()


def _moved(cells: pl.DataFrame, pairs: list[tuple[str, str, str]]) -> pl.DataFrame:
    """rid and one mark a witness, of the rows with at least two witnesses off and no more in place than off."""
    off, right = [], []
    for own, other, field in pairs:
        kind = BY_NAME[field].kind
        in_place = looks_like(kind, pl.col(own))
        right.append(in_place)
        off.append((~in_place & looks_like(kind, pl.col(other))).alias(f"off {own}"))
    marks = cells.select("rid", *off, _right=pl.sum_horizontal(right))
    number = pl.sum_horizontal([pl.col(f"off {own}") for own, _, _ in pairs])
    return marks.filter((number >= 2) & (number >= pl.col("_right")))


def _first_of(pairs: list[tuple[str, str, str]], words: dict[str, str]) -> pl.Expr:
    """The word of the first witness that is off, in the order of the sheet."""
    return pl.coalesce([pl.when(f"off {own}").then(pl.lit(words[own])) for own, _, _ in pairs])
