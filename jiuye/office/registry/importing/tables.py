"""Finding the heading row of a sheet and mapping its columns to the registry's fields."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl
from django.utils.translation import gettext as _

from jiuye.office.registry.importing.fields import BY_NAME, FIELDS, HEADINGS, NOT_KEPT, plain_heading
from jiuye.office.registry.importing.files import Sheet, UnreadableFileError
from jiuye.office.registry.importing.kinds import STRONG, clean_text, looks_like

How = Literal["exact", "guessed", "chosen", "not_kept", "repeated", "unknown"]
HEADING_SEARCH_ROWS = 30
_SAMPLE = 500
# A column about somebody else: 配偶身份证号 must never be taken for the person's own.
_OTHERS = (
    "配偶",
    "父",
    "母",
    "监护",
    "户主",
    "法人",
    "法定代表",
    "经办",
    "紧急",
    "家属",
    "子女",
    "代办",
    "推荐",
)


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One column of a sheet: where it stands, its heading, the field it goes to (or ""), and how that was found."""

    column: str
    heading: str
    field: str
    how: How


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet with its heading found. `body` holds the rows below the heading, still as written."""

    sheet: str
    heading_row: int
    matches: tuple[ColumnMatch, ...]
    body: pl.DataFrame

    def column_of(self, field: str) -> str | None:
        return next((match.column for match in self.matches if match.field == field), None)


@dataclass(frozen=True, slots=True)
class SkippedSheet:
    """A sheet that is not imported, and why: "hidden", "no_heading", or "columns" with the labels that are missing."""

    sheet: str
    reason: str
    missing: tuple[str, ...] = ()


def skipped_words(reason: str, missing: Sequence[str] = ()) -> str:
    """Why a sheet is not imported, in the current language."""
    if reason == "columns":
        return _("缺少“%(columns)s”列") % {"columns": "”“".join(_(label) for label in missing)}
    return {"hidden": _("工作表已隐藏"), "no_heading": _("前30行里没有找到表头")}[reason]


def find_tables(
    sheets: list[Sheet], chosen: Mapping[str, str] | None = None
) -> tuple[list[Table], list[SkippedSheet]]:
    """Every sheet that has a heading with the required columns; the others with the reason.

    `chosen` maps headings to fields as an officer decided ("" for: leave this column out).
    Raises UnreadableFileError where no sheet can be imported.
    """
    tables: list[Table] = []
    skipped: list[SkippedSheet] = []
    for sheet in sheets:
        if sheet.hidden:
            skipped.append(SkippedSheet(sheet.name, "hidden"))
            continue
        found = _find_heading(sheet)
        if found is None:
            skipped.append(SkippedSheet(sheet.name, "no_heading"))
            continue
        table = _map_columns(sheet, found, chosen or {})
        if missing := [field.label for field in FIELDS if field.required and not table.column_of(field.name)]:
            skipped.append(SkippedSheet(sheet.name, "columns", tuple(missing)))
        else:
            tables.append(table)
    if not tables:
        reasons = "；".join(f"“{item.sheet}”{skipped_words(item.reason, item.missing)}" for item in skipped)
        raise UnreadableFileError(
            _(
                "没有可以导入的工作表：%(reasons)s。请在名单上方保留一行表头，至少有姓名、身份证号和常住地三列。"
            )
            % {"reasons": reasons}
        )
    return tables, skipped


def _find_heading(sheet: Sheet) -> int | None:
    """The position of the row with the most known headings among the first 30; None below two of them."""
    best, best_score = None, 1
    for position, row in enumerate(sheet.frame.head(HEADING_SEARCH_ROWS).select(sheet.columns).iter_rows()):
        words = {plain_heading(cell) for cell in row if cell and len(cell) <= 40}
        score = len(words & HEADINGS.keys())
        if score > best_score:
            best, best_score = position, score
    return best


def _map_columns(sheet: Sheet, position: int, chosen: Mapping[str, str]) -> Table:
    heading_row = int(sheet.frame["row"][position])
    headings = {
        column: (sheet.frame[column][position] or "").replace("\n", "").strip() for column in sheet.columns
    }
    body = sheet.frame.slice(position + 1)
    matches: dict[str, ColumnMatch] = {}
    taken: set[str] = set()

    def take(column: str, field: str, how: How) -> None:
        if field and field in taken:
            field, how = "", "repeated"
        elif field:
            taken.add(field)
        matches[column] = ColumnMatch(column, headings[column], field, how)

    # An officer's choice goes first, then exact headings, and only then guesses for what is left.
    for column, heading in headings.items():
        if heading in chosen and (chosen[heading] == "" or chosen[heading] in BY_NAME):
            take(column, chosen[heading], "chosen")
    for column, heading in headings.items():
        if column not in matches and (field := HEADINGS.get(plain_heading(heading))):
            take(column, field, "exact")
    sample = body.head(_SAMPLE)
    for column, heading in headings.items():
        if column in matches:
            continue
        plain = plain_heading(heading)
        guess = "" if not plain or plain in NOT_KEPT else _guess(plain, sample, column, taken)
        how: How = "guessed" if guess else ("not_kept" if plain in NOT_KEPT else "unknown")
        take(column, guess, how)
    ordered = tuple(
        matches[column] for column in sheet.columns if headings[column] or _has_values(body, column)
    )
    return Table(sheet.name, heading_row, ordered, _without_blank_rows(body, sheet.columns, headings))


def _guess(plain: str, sample: pl.DataFrame, column: str, taken: set[str]) -> str:
    """The field whose heading is nearest, where its values agree; "" where nothing is near enough."""
    if any(word in plain for word in _OTHERS):
        return ""
    close = difflib.get_close_matches(plain, HEADINGS, n=3, cutoff=0.72)
    inside = sorted((word for word in HEADINGS if len(word) >= 3 and word in plain), key=len, reverse=True)
    for word in (*close, *inside):
        field = HEADINGS[word]
        if field not in taken and _values_agree(field, sample, column):
            return field
    return ""


def _values_agree(field: str, sample: pl.DataFrame, column: str) -> bool:
    """At least half of the filled cells have the kind's shape; kinds without a shape agree with anything."""
    kind = BY_NAME[field].kind
    if kind not in STRONG:
        return True
    values = sample.select(text=clean_text(column)).drop_nulls()
    if values.is_empty():
        return False
    return bool(values.select(looks_like(kind, pl.col("text")).mean()).item() >= 0.5)


def _has_values(body: pl.DataFrame, column: str) -> bool:
    return body.select(clean_text(column).is_not_null().any()).item() is True


def _without_blank_rows(body: pl.DataFrame, columns: list[str], headings: dict[str, str]) -> pl.DataFrame:
    """The rows with anything in them; a heading that is repeated on every printed page is no row."""
    filled = pl.any_horizontal([pl.col(name).str.strip_chars().fill_null("") != "" for name in columns])
    named = [(column, heading) for column, heading in headings.items() if heading]
    again = pl.all_horizontal([pl.col(column).str.strip_chars() == heading for column, heading in named])
    return body.filter(filled & ~again.fill_null(value=False))
