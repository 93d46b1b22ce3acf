"""A list of the gap as .xlsx: masked as on the page, money as numbers in yuan, every other cell as text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import xlsxwriter
from django.utils.translation import gettext as _

from jiuye.office.casework.queries.gap import GapItem
from jiuye.portals.desk.gap.presenting import columns_of, row_of

WIDTHS = {"recipient": 24, "place": 18, "amount": 14, "question": 46, "register": 24, "clause": 46, "day": 14}


def workbook(items: Sequence[GapItem], group: str, word: str, name: str, *, total: int, on: date) -> bytes:
    """The rows of a list; a first line says what it is, and that it is not all where it is not."""
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
    sheet = book.add_worksheet(word)
    head = book.add_format({"bold": True, "bg_color": "#E8EEF5", "bottom": 1})
    money = book.add_format({"num_format": "#,##0.00"})
    text = book.add_format({"num_format": "@"})
    title = f"{name} · {word} · {on}"
    if total > len(items):
        title += " · " + _("共 %(total)d 条，这里是前 %(shown)d 条") % {"total": total, "shown": len(items)}
    columns = columns_of(group)
    for position, column in enumerate(columns):
        sheet.set_column(position, position, WIDTHS.get(column.key, 18))
    sheet.freeze_panes(2, 0)
    sheet.write_string(0, 0, title)
    for position, column in enumerate(columns):
        sheet.write_string(1, position, str(column.label), head)
    for line, item in enumerate(items, start=2):
        row = row_of(item, group)
        for position, column in enumerate(columns):
            value = row[column.key]
            if column.kind == "money" and value is not None:
                sheet.write_number(line, position, Decimal(value) / 100, money)
            elif value:
                sheet.write_string(line, position, str(value), text)
    book.close()
    return buffer.getvalue()
