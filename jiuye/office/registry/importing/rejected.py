"""The rows that were sent back, as a workbook: the original columns as they came, and the reason beside them."""

from __future__ import annotations

import io

import polars as pl
import xlsxwriter
from django.utils.translation import gettext as _

from jiuye.office.registry.importing.reasons import worded
from jiuye.office.registry.importing.tables import Table

MAX_SHEET_NAME = 31
_WIDTHS = {"_row": 8, "_reason": 56, "_advice": 44}


def originals(tables: list[Table], reasons: pl.DataFrame) -> pl.DataFrame:
    """The rejected rows as written, long: rid, sheet, row, position, heading, text. Only these are kept on disk."""
    bad = reasons["rid"].unique().implode()
    frames = []
    start = 0
    for table in tables:
        body = table.body.with_row_index("rid", offset=start).filter(pl.col("rid").is_in(bad))
        start += table.body.height
        for position, match in enumerate(table.matches):
            frames.append(
                body.select(
                    "rid",
                    "row",
                    sheet=pl.lit(table.sheet),
                    position=pl.lit(position, dtype=pl.Int32),
                    heading=pl.lit(match.heading),
                    field=pl.lit(match.field),
                    text=pl.col(match.column),
                )
            )
    return pl.concat(frames)


def explain(reasons: pl.DataFrame) -> pl.DataFrame:
    """rid, reason, advice: all sentences of a row in one cell each, in the current language."""
    if reasons.is_empty():
        return pl.DataFrame(schema={"rid": pl.UInt32, "reason": pl.String, "advice": pl.String})
    # Many rows share one sentence word for word: each is made once.
    distinct = reasons.select("field", "code", "value", "a", "b").unique(maintain_order=True)
    said = [worded(**row) for row in distinct.iter_rows(named=True)]
    distinct = distinct.with_columns(
        reason=pl.Series([each.says for each in said], dtype=pl.String),
        advice=pl.Series([each.do for each in said], dtype=pl.String),
    )
    joined = reasons.join(distinct, on=["field", "code", "value", "a", "b"], maintain_order="left")
    stop = _("；")
    return joined.group_by("rid", maintain_order=True).agg(
        pl.col("reason").str.join(stop), pl.col("advice").unique(maintain_order=True).str.join(stop)
    )


def workbook(cells: pl.DataFrame, reasons: pl.DataFrame) -> bytes:
    """An .xlsx of the rejected rows. Every cell is written as text, so that no number is mangled a second time."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "constant_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        },
    )
    said = explain(reasons)
    for number, (sheet,) in enumerate(cells.select("sheet").unique(maintain_order=True).iter_rows(), start=1):
        _write_sheet(book, _sheet_name(sheet, number), cells.filter(pl.col("sheet") == sheet), said)
    if cells.is_empty():
        book.add_worksheet(_("没有退回的行"))
    book.close()
    return buffer.getvalue()


def _sheet_name(name: str, number: int) -> str:
    plain = "".join(character for character in name if character not in "[]:*?/\\").strip("'")
    return plain[:MAX_SHEET_NAME] or f"Sheet{number}"


def _write_sheet(book: xlsxwriter.Workbook, name: str, cells: pl.DataFrame, said: pl.DataFrame) -> None:
    columns = cells.select("position", "heading").unique().sort("position")
    wide = cells.pivot("position", index=["rid", "row"], values="text", sort_columns=False).sort("rid")
    wide = wide.join(said, on="rid", how="left", maintain_order="left")
    sheet = book.add_worksheet(name)
    text = book.add_format({"num_format": "@"})
    head = book.add_format(
        {"bold": True, "bg_color": "#E8EEF5", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
    )
    reason = book.add_format({"num_format": "@", "text_wrap": True, "font_color": "#9C1C1C", "valign": "top"})
    width = columns.height
    sheet.set_column(0, width - 1, 16, text)
    sheet.set_column(width, width, _WIDTHS["_row"], text)
    sheet.set_column(width + 1, width + 1, _WIDTHS["_reason"], text)
    sheet.set_column(width + 2, width + 2, _WIDTHS["_advice"], text)
    sheet.freeze_panes(1, 0)
    headings = [*columns["heading"].to_list(), _("原行号"), _("退回原因"), _("怎么办")]
    for position, heading in enumerate(headings):
        sheet.write_string(0, position, heading, head)
    order = [str(position) for position in columns["position"]]
    for line, row in enumerate(wide.select(*order, "row", "reason", "advice").iter_rows(), start=1):
        for position, value in enumerate(row[:width]):
            if value is not None:
                sheet.write_string(line, position, value, text)
        sheet.write_string(line, width, str(row[width]), text)
        sheet.write_string(line, width + 1, row[width + 1] or "", reason)
        sheet.write_string(line, width + 2, row[width + 2] or "", reason)
