"""The employers that rows name: found on record by credit code or by exact name, or to be registered with the import."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import polars as pl

from jiuye.engine.basis.identity import credit_code_organisation
from jiuye.office.registry.importing.findings import Findings
from jiuye.office.registry.importing.places import Gazetteer
from jiuye.office.registry.models import Employer

_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class NewEmployer:
    """An employer that the import registers: kind and place follow from the credit code (GB 32100-2015)."""

    credit_code: str
    name: str
    kind: str
    division_code: str


def plain_name(name: str) -> str:
    """A firm's name as two of them are compared: in half width, without blanks."""
    return unicodedata.normalize("NFKC", name).replace(" ", "")


def resolve_employers(
    rows: pl.DataFrame, gazetteer: Gazetteer, findings: Findings, notes: Findings
) -> tuple[pl.DataFrame, list[NewEmployer]]:
    """Adds `employer_key`: "#12" for the employer with that number, a credit code for one to be registered."""
    pairs = rows.select("credit_code", "employer_name").filter(
        pl.col("credit_code").is_not_null() | pl.col("employer_name").is_not_null()
    )
    answers = _answers(pairs.unique(), gazetteer)
    if answers.is_empty():
        return rows.with_columns(employer_key=pl.lit(None, dtype=pl.String)), []
    rows = rows.join(
        answers, on=["credit_code", "employer_name"], how="left", nulls_equal=True, maintain_order="left"
    )
    fault = pl.col("_fault")
    code, name = pl.col("credit_code"), pl.col("employer_name")
    findings.add(rows, fault == "code_without_name", "code_without_name", "credit_code", value=code)
    for each in ("employer_unknown", "employer_ambiguous"):
        findings.add(rows, fault == each, each, "employer_name", value=name)
    for each in ("employer_elsewhere", "employer_kind_unknown"):
        findings.add(rows, fault == each, each, "credit_code", value=code, a=name, b=pl.col("_detail"))
    notes.add(
        rows,
        pl.col("_note") == "employer_name_kept",
        "employer_name_kept",
        "employer_name",
        a=pl.col("_detail"),
    )
    notes.add(rows, pl.col("_note") == "employer_new", "employer_new", "employer_name", a=name)
    new = {
        row["credit_code"]: NewEmployer(
            row["credit_code"], row["employer_name"], row["_kind"], row["_division"]
        )
        for row in answers.sort("credit_code", "employer_name").iter_rows(named=True)
        if row["_note"] == "employer_new"
    }
    return rows.select(pl.exclude("^_.*$")), list(new.values())


def _answers(pairs: pl.DataFrame, gazetteer: Gazetteer) -> pl.DataFrame:
    by_code: dict[str, tuple[int, str]] = {}
    by_name: dict[str, list[int]] = {}
    codes = pairs["credit_code"].drop_nulls().unique().to_list()
    names = pairs.filter(pl.col("credit_code").is_null())["employer_name"].unique().to_list()
    for start in range(0, len(codes), _BATCH):
        found = Employer.objects.filter(credit_code__in=codes[start : start + _BATCH]).order_by("pk")
        by_code.update(
            {code: (pk, name) for pk, code, name in found.values_list("pk", "credit_code", "name")}
        )
    for start in range(0, len(names), _BATCH):
        found = Employer.objects.filter(name__in=names[start : start + _BATCH]).order_by("pk")
        for pk, name in found.values_list("pk", "name"):
            by_name.setdefault(name, []).append(pk)
    records = [_answer(code, name, by_code, by_name, gazetteer) for code, name in pairs.iter_rows()]
    columns = (
        "credit_code",
        "employer_name",
        "employer_key",
        "_fault",
        "_note",
        "_detail",
        "_kind",
        "_division",
    )
    return pl.DataFrame(records, schema=dict.fromkeys(columns, pl.String), orient="row")


def _answer(
    code: str | None,
    name: str | None,
    by_code: dict[str, tuple[int, str]],
    by_name: dict[str, list[int]],
    gazetteer: Gazetteer,
) -> tuple[str | None, ...]:
    """One pair's line: code, name, key, fault, note, detail, kind, division."""
    if code is None:
        found = by_name.get(name or "", [])
        fault = "" if len(found) == 1 else ("employer_ambiguous" if found else "employer_unknown")
        return code, name, f"#{found[0]}" if not fault else None, fault, "", "", "", ""
    if code in by_code:
        pk, recorded = by_code[code]
        differs = name is not None and plain_name(name) != plain_name(recorded)
        return code, name, f"#{pk}", "", "employer_name_kept" if differs else "", recorded, "", ""
    if name is None:
        return code, name, None, "code_without_name", "", "", "", ""
    kind = credit_code_organisation(code)
    if not kind:
        return code, name, None, "employer_kind_unknown", "", "", "", ""
    authority = gazetteer.find(code[2:8]).code
    if not authority:
        return code, name, None, "employer_elsewhere", "", code[2:8], "", ""
    return code, name, code, "", "employer_new", "", kind, authority
