"""Comparing clean rows with what is on record: which persons are new, which facts are new, and what contradicts.

Only the columns that are compared leave the database, and sealed values are opened only where they must be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from django.db import connection

from jiuye.office.registry.importing.facts import education_of, employment_of, statuses_of
from jiuye.office.registry.importing.findings import Findings
from jiuye.office.registry.importing.places import Gazetteer
from jiuye.office.registry.secrets import mask_name, unseal
from jiuye.office.registry.states import EMPLOYMENT_KINDS, STATUS_KINDS

_BATCH = 20_000
# Columns of a person that an import may fill or correct; a name is corrected by hand only.
PERSON_COLUMNS = (
    "sex", "birth_date", "bank_name", "hukou_kind", "hukou_division_id", "residence_division_id", "address",
)  # fmt: skip
_PERSON_SCHEMA = {
    "person_id": pl.Int64,
    "id_index": pl.Binary,
    "known_name": pl.String,
    "death_date": pl.Date,
    "known_phone_index": pl.Binary,
    "known_account": pl.Binary,
    **{f"known_{name}": pl.Date if name == "birth_date" else pl.String for name in PERSON_COLUMNS},
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The rows that stand, each with `person_id` (null: new) and `changes` (what of the person changes), and the facts
    that are to be written: those already on record are left out."""

    rows: pl.DataFrame
    statuses: pl.DataFrame
    employment: pl.DataFrame
    education: pl.DataFrame
    graduations: pl.DataFrame  # education on record that gains its date: education_id, rid, graduated_on
    reasons: pl.DataFrame
    notes: pl.DataFrame

    def counts(self) -> dict[str, int]:
        """Persons: new, changed (themselves or a fact), unchanged; and the facts to be written."""
        new = self.rows.filter(pl.col("person_id").is_null()).height
        touched = pl.concat(
            [frame["rid"] for frame in (self.statuses, self.employment, self.education, self.graduations)]
        )
        known = self.rows.filter(pl.col("person_id").is_not_null())
        changed = known.filter(
            (pl.col("changes") != "") | pl.col("rid").is_in(touched.unique().implode())
        ).height
        return {
            "new": new,
            "changed": changed,
            "unchanged": known.height - changed,
            "statuses": self.statuses.height,
            "employment": self.employment.height,
            "education": self.education.height + self.graduations.height,
        }


def compare(rows: pl.DataFrame, gazetteer: Gazetteer, scopes: list[str], on: date) -> Comparison:
    """`rows` are clean and carry `id_index` and `phone_index` (blind indexes) beside the fields."""
    findings, notes = Findings(), Findings()
    rows = rows.rename({"hukou_division": "hukou_division_id", "residence_division": "residence_division_id"})
    known = _known_persons(rows["id_index"])
    rows = rows.join(known, on="id_index", how="left", maintain_order="left")
    rows = _open_accounts(rows)
    _check_persons(rows, gazetteer, scopes, findings)
    rows = rows.with_columns(changes=_changes())
    people = rows.select("rid", "person_id")
    ids = rows["person_id"].drop_nulls().to_list()
    statuses = _new_statuses(statuses_of(rows, on), people, ids, findings)
    employment = _new_employment(employment_of(rows), people, ids, findings, notes)
    education, graduations = _new_education(education_of(rows), people, ids, notes)
    bad = findings.rids().implode()

    def standing(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.filter(~pl.col("rid").is_in(bad))

    return Comparison(
        standing(rows), standing(statuses), standing(employment), standing(education), standing(graduations),
        findings.frame(), standing(notes.frame()),
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ persons


def _batches(keys: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(keys), _BATCH):
        yield keys[start : start + _BATCH]


def _fetch(sql: str, keys: list[Any], schema: dict[str, Any]) -> pl.DataFrame:
    """The rows of `sql`, whose one parameter is an array of keys, as a frame."""
    frames = [pl.DataFrame(schema=schema)]
    with connection.cursor() as cursor:
        for batch in _batches(keys):
            cursor.execute(sql, [batch])
            frames.append(pl.DataFrame(cursor.fetchall(), schema=schema, orient="row"))
    return pl.concat(frames)


def _known_persons(indexes: pl.Series) -> pl.DataFrame:
    columns = ", ".join(PERSON_COLUMNS)  # our own names, never a user's
    return _fetch(
        "SELECT id, id_number_index, name, death_date, phone_index, bank_account, "
        f"{columns} FROM registry_person WHERE id_number_index = ANY(%s) ORDER BY id",
        indexes.to_list(),
        _PERSON_SCHEMA,
    )


def _open_accounts(rows: pl.DataFrame) -> pl.DataFrame:
    """`known_account` in clear, only for rows that bring an account themselves."""
    wanted = rows.filter(pl.col("bank_account").is_not_null() & (pl.col("known_account").bin.size() > 0))
    opened = pl.DataFrame(
        {"rid": wanted["rid"], "_opened": [unseal(stored) for stored in wanted["known_account"]]},
        schema={"rid": pl.UInt32, "_opened": pl.String},
    )
    rows = rows.drop("known_account").join(opened, on="rid", how="left", maintain_order="left")
    return rows.rename({"_opened": "known_account"})


def _check_persons(rows: pl.DataFrame, gazetteer: Gazetteer, scopes: list[str], findings: Findings) -> None:
    """The same number under another name, in another's division, or of somebody who has died."""
    number = pl.col("person_id")
    names = {name: mask_name(name) for name in rows["known_name"].drop_nulls().unique()}
    shown = pl.col("known_name").replace_strict(names, default=None, return_dtype=pl.String)
    other_name = pl.col("known_name") != pl.col("name")
    findings.add(rows, other_name, "name_differs", "name", a=shown, b=number)
    home = pl.col("known_residence_division_id")
    inside = (
        pl.any_horizontal([home.str.starts_with(scope) for scope in scopes])
        if scopes
        else pl.lit(value=False)
    )
    paths = {code: gazetteer.path(code) for code in rows["known_residence_division_id"].drop_nulls().unique()}
    path = home.replace_strict(paths, default=None, return_dtype=pl.String)
    findings.add(
        rows,
        home.is_not_null() & ~inside,
        "recorded_elsewhere",
        "residence_division",
        value=pl.lit(""),
        a=path,
        b=number,
    )
    findings.add(
        rows,
        pl.col("death_date").is_not_null(),
        "recorded_dead",
        "id_number",
        a=pl.col("death_date"),
        b=number,
    )


def _changes() -> pl.Expr:
    """The names of the person's columns that the row would change, joined by commas; an empty cell changes nothing."""
    known = pl.col("person_id").is_not_null()
    changed = [
        pl.when(known & pl.col(name).is_not_null() & pl.col(name).ne_missing(pl.col(f"known_{name}"))).then(
            pl.lit(name)
        )
        for name in PERSON_COLUMNS
    ]
    phone = pl.col("phone_index").is_not_null() & pl.col("phone_index").ne_missing(
        pl.col("known_phone_index")
    )
    account = pl.col("bank_account").is_not_null() & pl.col("bank_account").ne_missing(
        pl.col("known_account")
    )
    changed += [
        pl.when(known & phone).then(pl.lit("phone")),
        pl.when(known & account).then(pl.lit("bank_account")),
    ]
    return pl.concat_str(changed, separator=",", ignore_nulls=True)


# -------------------------------------------------------------------------------------------------- facts


def _span(start: str, until: str) -> pl.Expr:
    """自 2023-05-01 起 or 2023-05-01 至 2024-01-01, of facts on record."""
    end = pl.col(until).dt.to_string("%Y-%m-%d")
    begin = pl.col(start).dt.to_string("%Y-%m-%d")
    return (
        pl.when(pl.col(until).is_null())
        .then(pl.format("自{}起", begin))
        .otherwise(pl.format("{}至{}", begin, end))
    )


def _new_statuses(
    wanted: pl.DataFrame, people: pl.DataFrame, ids: list[int], findings: Findings
) -> pl.DataFrame:
    """The statuses that are not on record yet; one that overlaps another of its kind is a reason against the row."""
    schema = {
        "person_id": pl.Int64,
        "kind": pl.String,
        "category": pl.String,
        "has_start": pl.Date,
        "has_until": pl.Date,
    }
    known = _fetch(
        "SELECT person_id, kind, category, start, until FROM registry_status WHERE person_id = ANY(%s) ORDER BY id",
        ids,
        schema,
    )
    wanted = wanted.join(people, on="rid", how="left", maintain_order="left")
    # A new status is open: it meets every one of its kind that ends after it starts.
    met = wanted.join(known, on=["person_id", "kind", "category"], how="inner", maintain_order="left").filter(
        pl.col("has_until").is_null() | (pl.col("has_until") > pl.col("start"))
    )
    # A status without a date in the file is the same as one that is held on that day.
    same = (pl.col("start") == pl.col("has_start")) | (
        ~pl.col("dated") & (pl.col("has_start") <= pl.col("start"))
    )
    label = pl.col("kind").replace_strict(STATUS_KINDS, default=None, return_dtype=pl.String)
    findings.add(
        met, ~same, "status_overlaps", "", value=pl.col("start"), a=label, b=_span("has_start", "has_until")
    )
    keys = ["rid", "kind", "category"]
    return wanted.join(met.filter(same).select(keys).unique(), on=keys, how="anti", maintain_order="left")


def _new_employment(
    wanted: pl.DataFrame, people: pl.DataFrame, ids: list[int], findings: Findings, notes: Findings
) -> pl.DataFrame:
    schema = {
        "person_id": pl.Int64,
        "has_key": pl.String,
        "has_name": pl.String,
        "has_kind": pl.String,
        "has_start": pl.Date,
        "has_until": pl.Date,
        "has_wage": pl.Int64,
    }
    known = _fetch(
        "SELECT s.person_id, '#' || s.employer_id, e.name, s.kind, s.start, s.until, s.monthly_wage_fen "
        "FROM registry_employmentspell s LEFT JOIN registry_employer e ON e.id = s.employer_id "
        "WHERE s.person_id = ANY(%s) ORDER BY s.id",
        ids,
        schema,
    )
    wanted = wanted.join(people, on="rid", how="left", maintain_order="left")
    met = wanted.join(known, on="person_id", how="inner", maintain_order="left").filter(
        pl.col("has_until").is_null() | (pl.col("has_until") > pl.col("start"))
    )
    same_employer = pl.col("employer_key").eq_missing(pl.col("has_key"))
    same = same_employer & (pl.col("kind") == pl.col("has_kind")) & (pl.col("start") == pl.col("has_start"))
    # The database holds the same two rules: one spell at an employer at a time, one flexible or public post at a time.
    either = ["flexible", "public_welfare_post"]
    clash = (same_employer & pl.col("employer_key").is_not_null()) | (
        pl.col("kind").is_in(either) & pl.col("has_kind").is_in(either)
    )
    label = pl.col("has_kind").replace_strict(EMPLOYMENT_KINDS, default=None, return_dtype=pl.String)
    what = pl.coalesce("has_name", label)
    span = _span("has_start", "has_until")
    findings.add(
        met, clash & ~same, "employment_overlaps", "employed_since", value=pl.col("start"), a=what, b=span
    )
    notes.add(
        met,
        ~clash & ~same & pl.col("has_until").is_null(),
        "employment_parallel",
        "employer_name",
        value=pl.lit(""),
        a=what,
        b=span,
    )
    wage_differs = pl.col("wage_fen").is_not_null() & pl.col("wage_fen").ne_missing(pl.col("has_wage"))
    notes.add(met, same & wage_differs, "wage_kept", "monthly_wage", value=pl.lit(""))
    return wanted.join(met.filter(same).select("rid").unique(), on="rid", how="anti", maintain_order="left")


def _new_education(
    wanted: pl.DataFrame, people: pl.DataFrame, ids: list[int], notes: Findings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Education not on record, and education on record that gains its graduation date."""
    schema = {
        "education_id": pl.Int64,
        "person_id": pl.Int64,
        "level": pl.String,
        "has_school": pl.String,
        "has_graduated": pl.Date,
    }
    known = _fetch(
        "SELECT id, person_id, level, school, graduated_on FROM registry_education WHERE person_id = ANY(%s) ORDER BY id",
        ids,
        schema,
    )
    wanted = wanted.join(people, on="rid", how="left", maintain_order="left")
    # A row without a school means the school on record, and the other way round.
    met = wanted.join(known, on=["person_id", "level"], how="inner", maintain_order="left").filter(
        (pl.col("school") == pl.col("has_school")) | (pl.col("school") == "") | (pl.col("has_school") == "")
    )
    met = met.unique("rid", keep="first", maintain_order=True)
    brings, has = pl.col("graduated_on").is_not_null(), pl.col("has_graduated").is_not_null()
    differs = brings & has & (pl.col("graduated_on") != pl.col("has_graduated"))
    notes.add(met, differs, "graduation_kept", "graduated_on", a=pl.col("has_graduated"))
    gains = met.filter(brings & ~has).select("education_id", "rid", "graduated_on")
    return wanted.join(met.select("rid"), on="rid", how="anti", maintain_order="left"), gains
