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


@dataclass(frozen=True, slots=True)
class Misplaced:
    """A whole column whose values are another column's: counts are of filled cells."""

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
    counts = table.body.select(
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


def check_shifted_rows(table: Table, rows: pl.DataFrame, findings: Findings) -> pl.Series:
    """Record rows that moved by one column either way; returns their `rid`s. `rows` holds `rid` and the raw columns."""
    witnesses = _witnesses(table)
    order = [name for name in table.body.columns if name != "row"]
    headings = {match.column: match.heading for match in table.matches}
    shifted = pl.Series("rid", [], dtype=pl.UInt32)
    cells = {column: clean_text(column) for column in order}
    for offset, way in ((1, "右"), (-1, "左")):
        pairs = [
            (column, order[position + offset], BY_NAME[field].kind)
            for position, column, field in witnesses
            if 0 <= position + offset < len(order)
        ]
        if len(pairs) < 2:
            continue
        marks = rows.select(
            "rid",
            *[
                (~looks_like(kind, cells[own]) & looks_like(kind, cells[other])).alias(f"off {own}")
                for own, other, kind in pairs
            ],
            _right=pl.sum_horizontal(
                [looks_like(BY_NAME[field].kind, cells[column]) for _, column, field in witnesses]
            ),
        )
        off = pl.sum_horizontal([pl.col(f"off {own}") for own, _, _ in pairs])
        marks = marks.filter((off >= 2) & (off >= pl.col("_right")))
        if marks.is_empty():
            continue
        first = pl.coalesce([pl.when(f"off {own}").then(pl.lit(headings[own])) for own, _, _ in pairs])
        proof = pl.coalesce(
            [
                pl.when(f"off {own}").then(
                    pl.lit(
                        f"“{headings.get(other) or other}”列里的是{BY_NAME[_field_of(witnesses, own)].label}"
                    )
                )
                for own, other, _ in pairs
            ]
        )
        marks = marks.with_columns(_first=first, _proof=proof)
        findings.add(
            marks,
            pl.lit(value=True),
            "row_shifted",
            "",
            value=pl.col("_first"),
            a=pl.lit(f"向{way}1"),
            b=pl.col("_proof"),
        )
        shifted = pl.concat([shifted, marks["rid"].cast(pl.UInt32)])
    return shifted.unique()


def _field_of(witnesses: list[tuple[int, str, str]], column: str) -> str:
    return next(field for _, own, field in witnesses if own == column)
