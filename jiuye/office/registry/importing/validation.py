"""All checks over all rows of a file, in order: from sheets of text to clean rows, reasons and notes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from jiuye.office.registry.importing.columns import (
    check_accounts,
    check_against_id,
    check_choices,
    check_credit_codes,
    check_dates,
    check_id_numbers,
    check_money,
    check_phones,
    check_texts,
    check_yes,
)
from jiuye.office.registry.importing.employers import NewEmployer, resolve_employers
from jiuye.office.registry.importing.facts import check_together, without_consequences
from jiuye.office.registry.importing.fields import BY_NAME, FIELDS
from jiuye.office.registry.importing.findings import Findings
from jiuye.office.registry.importing.kinds import clean_name, clean_text
from jiuye.office.registry.importing.places import Gazetteer
from jiuye.office.registry.importing.shifts import check_shifted_rows
from jiuye.office.registry.importing.tables import Table


@dataclass(frozen=True, slots=True)
class Validated:
    """`rows` holds the rows without a reason against them, typed; `places` every row's sheet and number in it."""

    rows: pl.DataFrame
    places: pl.DataFrame
    reasons: pl.DataFrame
    notes: pl.DataFrame
    new_employers: list[NewEmployer]


def gather(tables: list[Table], findings: Findings) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Every table's rows under the registry's field names, cleaned as text: rid, sheet, row, and one column a field.

    The second frame lacks the rows that moved by a column, which are recorded.
    """
    frames = []
    shifted = []
    start = 0
    for table in tables:
        columns = [name for name in table.body.columns if name != "row"]
        names = [clean_name(match.column) for match in table.matches if match.field == "name"]
        cells = table.body.with_row_index("rid", offset=start).with_columns(
            *[clean_text(column) for column in columns], *[name.name.prefix("name of ") for name in names]
        )
        shifted.append(check_shifted_rows(table, cells, findings))
        chosen = []
        for field in FIELDS:
            column = table.column_of(field.name)
            if column is None:
                chosen.append(pl.lit(None, dtype=pl.String).alias(field.name))
            else:
                chosen.append(
                    pl.col(f"name of {column}" if field.kind == "name" else column).alias(field.name)
                )
        frames.append(cells.select("rid", "row", *chosen, sheet=pl.lit(table.sheet)))
        start += table.body.height
    rows = pl.concat(frames)
    return rows, rows.filter(~pl.col("rid").is_in(pl.concat(shifted).implode()))


def validate(tables: list[Table], gazetteer: Gazetteer, scopes: list[str], on: date) -> Validated:
    """Check everything that can be known without comparing persons with the registry.

    `scopes` are the division prefixes in which the importer may act.
    """
    findings, notes = Findings(), Findings()
    everything, written = gather(tables, findings)
    places = everything.select("rid", "sheet", "row")
    del everything
    rows = check_texts(written, findings)
    rows = check_id_numbers(rows, findings, notes, on)
    for field in FIELDS:
        if field.kind == "date":
            rows = check_dates(rows, field.name, findings, notes, on)
        elif field.kind in ("choice", "sex"):
            rows = check_choices(rows, field.name, findings)
        elif field.kind == "yes":
            rows = check_yes(rows, field.name, findings)
    rows = check_phones(rows, findings)
    rows = check_accounts(rows, findings)
    rows = check_credit_codes(rows, findings)
    rows = check_money(rows, "monthly_wage", findings)
    rows = check_against_id(rows, findings)
    rows = _check_places(rows, gazetteer, scopes, findings, notes)
    rows = _check_duplicates(rows, written, places, findings)
    together = Findings()
    rows = check_together(rows, together, notes)
    findings.extend(without_consequences(together.frame(), findings.frame()))
    employers = Findings()
    rows, new_employers = resolve_employers(rows, gazetteer, employers, notes)
    findings.extend(without_consequences(employers.frame(), findings.frame()))
    good = rows.filter(~pl.col("rid").is_in(findings.rids().implode()))
    used = set(good["employer_key"].drop_nulls().unique().to_list())
    kept_notes = notes.frame().filter(pl.col("rid").is_in(good["rid"].implode()))
    return Validated(
        good,
        places,
        findings.frame(),
        kept_notes,
        [each for each in new_employers if each.credit_code in used],
    )


def _check_places(
    rows: pl.DataFrame, gazetteer: Gazetteer, scopes: list[str], findings: Findings, notes: Findings
) -> pl.DataFrame:
    """Both places as division codes; the residence inside the importer's divisions."""
    for field in ("residence_division", "hukou_division"):
        words = rows[field].drop_nulls().unique().to_list()
        answers = {word: gazetteer.find(word) for word in words}
        rows = rows.with_columns(
            _code=pl.col(field).replace_strict(
                {word: place.code or None for word, place in answers.items()},
                default=None,
                return_dtype=pl.String,
            ),
            _fault=pl.col(field).replace_strict(
                {word: place.fault for word, place in answers.items()}, default="", return_dtype=pl.String
            ),
            _detail=pl.col(field).replace_strict(
                {word: place.detail for word, place in answers.items()}, default="", return_dtype=pl.String
            ),
        )
        fault, detail = pl.col("_fault"), pl.col("_detail")
        for each in ("unknown", "ambiguous", "closed"):
            findings.add(rows, fault == each, f"place_{each}", field, a=detail)
        if field == "residence_division":
            findings.add(rows, fault == "unlike", "place_unlike", field)
            code = pl.col("_code")
            inside = (
                pl.any_horizontal([code.str.starts_with(scope) for scope in scopes])
                if scopes
                else pl.lit(value=False)
            )
            findings.add(rows, code.is_not_null() & ~inside, "out_of_scope", field, a=pl.col(field))
            notes.add(rows, code.str.len_chars() <= 6, "residence_coarse", field)
        else:  # people come from everywhere; what is not of this city is simply not one of its divisions
            notes.add(rows, fault == "unlike", "hukou_elsewhere", field)
        rows = rows.with_columns(pl.col("_code").alias(field)).select(pl.exclude("^_.*$"))
    return rows


def _check_duplicates(
    rows: pl.DataFrame, written: pl.DataFrame, places: pl.DataFrame, findings: Findings
) -> pl.DataFrame:
    """The same ID number twice: later copies of the same row are sent back; rows that differ are all sent back."""
    many = rows.filter(pl.col("id_number").is_not_null() & pl.col("id_number").is_duplicated()).select(
        "rid", "id_number"
    )
    if many.is_empty():
        return rows
    several_sheets = places["sheet"].n_unique() > 1
    number = pl.format("第{}行", pl.col("row"))
    where = pl.concat_str(pl.format("“{}”", pl.col("sheet")), number) if several_sheets else number
    cells = [name for name in BY_NAME if name != "id_number"]
    texts = written.with_columns(_at=where).select("rid", "_at", *cells)
    many = many.join(texts, on="rid", maintain_order="left")
    first = many.group_by("id_number", maintain_order=True).agg(
        pl.first("rid", "_at", *cells).name.prefix("first_")
    )
    many = many.join(first, on="id_number", maintain_order="left")
    different = [
        pl.when(pl.col(name).ne_missing(pl.col(f"first_{name}"))).then(pl.lit(BY_NAME[name].label))
        for name in cells
    ]
    many = many.with_columns(_diff=pl.concat_str(different, separator="、", ignore_nulls=True))
    later = pl.col("rid") != pl.col("first_rid")
    is_copy = later & (pl.col("_diff") == "")
    findings.add(many, is_copy, "duplicate_in_file", "id_number", a=pl.col("first__at"))
    findings.add(
        many, later & ~is_copy, "duplicate_differs", "id_number", a=pl.col("first__at"), b=pl.col("_diff")
    )
    # The first row is no better than the second where they differ.
    firsts = (
        many.filter(later & ~is_copy)
        .group_by("first_rid", maintain_order=True)
        .agg(pl.first("id_number", "_at", "_diff"))
    )
    firsts = firsts.rename({"first_rid": "rid"})
    findings.add(
        firsts, pl.lit(value=True), "duplicate_differs", "id_number", a=pl.col("_at"), b=pl.col("_diff")
    )
    return rows
