"""Whether the facts of one row fit together, and the dated facts that follow from it."""

from __future__ import annotations

from datetime import date

import polars as pl

from jiuye.office.registry.importing.fields import BY_NAME, CHOICE_NAMES
from jiuye.office.registry.importing.findings import Findings
from jiuye.office.registry.states import EMPLOYMENT_KINDS, STATUS_KINDS

# Column of yes or no, column of its date, status.
FLAGS: tuple[tuple[str, str, str], ...] = (
    ("disabled", "disabled_since", "disabled"),
    ("subsistence", "subsistence_since", "subsistence_allowance"),
    ("veteran", "veteran_since", "veteran"),
    ("migrant", "", "migrant_worker"),
    ("unemployed_graduate", "graduated_on", "unemployed_graduate"),
)
_WORKING = list(EMPLOYMENT_KINDS)
_WORK = (
    "employment_kind",
    "employer_name",
    "credit_code",
    "employed_since",
    "unemployed_since",
    "birth_date",
    "id_number",
)
# The columns behind each reason about several of them: where one of these is wrong by itself, the rest is a consequence.
BEHIND: dict[str, tuple[str, ...]] = {
    "employment_without_start": _WORK,
    "employment_without_employer": _WORK,
    "flexible_with_employer": _WORK,
    "not_employed_with_work": _WORK,
    "employed_and_unemployed": _WORK,
    "employed_too_young": _WORK,
    "education_without_level": ("education_level",),
    "difficulty_without_category": ("difficulty_category",),
    "date_without_yes": ("disabled", "subsistence", "veteran"),
    "code_without_name": ("employer_name",),
    "employer_unknown": ("credit_code", "employment_kind"),
    "employer_ambiguous": ("credit_code", "employment_kind"),
}


def without_consequences(found: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
    """`found` without what follows only from a cell that `cells` already names as wrong in the same row."""
    pairs = [(code, field) for code, fields in BEHIND.items() for field in fields]
    behind = pl.DataFrame(pairs, schema={"code": pl.String, "field": pl.String}, orient="row")
    blocked = cells.select("rid", "field").join(behind, on="field").select("rid", "code").unique()
    return found.join(blocked, on=["rid", "code"], how="anti", maintain_order="left")


def check_together(rows: pl.DataFrame, findings: Findings, notes: Findings) -> pl.DataFrame:
    """Refuse rows whose facts contradict each other; an employer without a kind of employment is an employee's."""
    kind = pl.col("employment_kind")
    employer = pl.col("employer_name").is_not_null() | pl.col("credit_code").is_not_null()
    assumed = kind.is_null() & employer & pl.col("employed_since").is_not_null()
    notes.add(rows, assumed, "employee_assumed", "employer_name")
    rows = rows.with_columns(employment_kind=pl.when(assumed).then(pl.lit("employee")).otherwise(kind))
    works = kind.is_in(_WORKING)
    label = kind.replace_strict(CHOICE_NAMES["employment_kind"], default=None, return_dtype=pl.String)
    start = pl.col("employed_since")
    other = kind.is_not_null() & ~works
    undated_work = (works | (kind.is_null() & employer)) & start.is_null()
    findings.add(rows, undated_work, "employment_without_start", "employed_since")
    needs_employer = kind.is_in(["employee", "public_welfare_post"]) & ~employer
    findings.add(rows, needs_employer, "employment_without_employer", "employer_name", a=label)
    shown = pl.coalesce("employer_name", "credit_code")
    findings.add(
        rows,
        (kind == "flexible") & employer,
        "flexible_with_employer",
        "employment_kind",
        value=label,
        a=shown,
    )
    findings.add(
        rows,
        other & (employer | start.is_not_null()),
        "not_employed_with_work",
        "employment_kind",
        value=label,
        a=label,
    )
    unemployed = pl.col("unemployed_since")
    findings.add(rows, works & unemployed.is_not_null(), "employed_and_unemployed", "unemployed_since")
    undated = (kind == "unemployed") & unemployed.is_null()
    notes.add(rows, undated, "unemployed_undated", "unemployed_since")
    born = pl.col("birth_date")
    young = works & start.is_not_null() & (start < born.dt.offset_by("16y"))
    findings.add(rows, young, "employed_too_young", "employed_since", a=born)
    schooling = (pl.col("school").is_not_null() | pl.col("graduated_on").is_not_null()) & pl.col(
        "education_level"
    ).is_null()
    findings.add(rows, schooling, "education_without_level", "education_level")
    no_category = pl.col("difficulty_since").is_not_null() & pl.col("difficulty_category").is_null()
    findings.add(rows, no_category, "difficulty_without_category", "difficulty_category")
    for flag, since, _ in FLAGS:
        if since and since != "graduated_on":
            lonely = pl.col(since).is_not_null() & (pl.col(flag) == True).not_().fill_null(value=True)  # noqa: E712 (a Polars comparison; null counts as no)
            findings.add(rows, lonely, "date_without_yes", since, a=pl.lit(BY_NAME[flag].label))
    for field in (
        "unemployed_since",
        "difficulty_since",
        "disabled_since",
        "subsistence_since",
        "veteran_since",
    ):
        findings.add(rows, pl.col(field) < born, "before_birth", field, a=born)
    findings.add(rows, pl.col("graduated_on") < born, "before_birth", "graduated_on", a=born)
    return rows


def statuses_of(rows: pl.DataFrame, on: date) -> pl.DataFrame:
    """The statuses that the rows report: rid, kind, category, start, dated (false: counted from `on`).

    A status without a start date is known from the day of the import, and not before.
    """
    parts = [
        _status(
            rows, pl.col("unemployed_since").is_not_null(), "registered_unemployed", "unemployed_since", on
        )
    ]
    difficult = pl.col("difficulty_category")
    parts.append(
        _status(
            rows, difficult.is_not_null(), "employment_difficulty", "difficulty_since", on, category=difficult
        )
    )
    for flag, since, kind in FLAGS:
        parts.append(_status(rows, pl.col(flag).fill_null(value=False), kind, since, on))
    for state, kind in (("student", "student"), ("pensioner", "pensioner")):
        parts.append(_status(rows, pl.col("employment_kind") == state, kind, "", on))
    return pl.concat(parts)


def _status(
    rows: pl.DataFrame, where: pl.Expr, kind: str, since: str, on: date, category: pl.Expr | None = None
) -> pl.DataFrame:
    start = pl.col(since) if since else pl.lit(None, dtype=pl.Date)
    return rows.filter(where.fill_null(value=False)).select(
        rid="rid",
        kind=pl.lit(kind),
        category=category if category is not None else pl.lit(""),
        start=start.fill_null(pl.lit(on)),
        dated=start.is_not_null(),
    )


def note_undated(statuses: pl.DataFrame, notes: Findings) -> None:
    """Say of which statuses the start is the day of the import."""
    label = pl.col("kind").replace_strict(STATUS_KINDS, default=None, return_dtype=pl.String)
    notes.add(statuses, ~pl.col("dated"), "status_from_today", "", a=label)


def employment_of(rows: pl.DataFrame) -> pl.DataFrame:
    """The spells that the rows report: rid, kind, start, wage_fen, employer_key (see `employers`)."""
    return rows.filter(pl.col("employment_kind").is_in(_WORKING)).select(
        rid="rid",
        kind="employment_kind",
        start="employed_since",
        wage_fen="monthly_wage",
        employer_key="employer_key",
    )


def education_of(rows: pl.DataFrame) -> pl.DataFrame:
    """The education that the rows report: rid, level, school, graduated_on, full_time (as the model: yes unless said)."""
    return rows.filter(pl.col("education_level").is_not_null()).select(
        rid="rid",
        level="education_level",
        school=pl.col("school").fill_null(""),
        graduated_on="graduated_on",
        full_time=pl.col("full_time").fill_null(value=True),
    )
