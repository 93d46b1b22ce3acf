"""Lists as offices send them: helpers that make a workbook or a table from rows of words."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter

from jiuye.office.registry.importing import operations
from jiuye.office.registry.models import ImportBatch
from jiuye.office.staff.queries import Actor
from tests.office.registry.conftest import NOW, TODAY, id_number

HEADINGS = ["姓名", "身份证号", "性别", "出生日期", "手机号", "常住地（社区）", "文化程度", "失业登记日期"]


def row(name: str = "张伟", *, sequence: int = 123, **changes: str) -> list[str]:
    """One sound row under HEADINGS; `changes` are by heading."""
    values = {
        "姓名": name,
        "身份证号": id_number(sequence=sequence),
        "性别": "男" if sequence % 2 else "女",
        "出生日期": "1990-01-02",
        "手机号": f"138{sequence:08}",
        "常住地（社区）": "琼花观社区",
        "文化程度": "本科",
        "失业登记日期": "2024-03-01",
    }
    unknown = changes.keys() - values.keys()
    assert not unknown, unknown
    return list({**values, **changes}.values())


def table(*rows: Sequence[str], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8") -> bytes:
    """A .csv."""
    lines = [headings, *rows]
    return "\n".join(",".join(line) for line in lines).encode(encoding)


def workbook(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """An .xlsx; a float or an int is written as a number, everything else as text."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for line, cells in enumerate(rows):
                for column, cell in enumerate(cells):
                    if isinstance(cell, int | float):
                        sheet.write_number(line, column, cell)
                    elif cell:
                        sheet.write_string(line, column, cell)
    return buffer.getvalue()


def preview(actor: Actor, content: bytes, name: str = "名单.csv", **more: Any) -> ImportBatch:
    return operations.preview(
        actor=actor, file_name=name, content=content, source="东关街道摸排", at=NOW, on=TODAY, **more
    )


def accept(actor: Actor, batch: ImportBatch) -> ImportBatch:
    return operations.accept(actor=actor, batch=batch, at=NOW, on=TODAY)


def load(actor: Actor, *rows: Sequence[str], headings: Sequence[str] = HEADINGS) -> ImportBatch:
    """Preview and accept, expecting every row to pass."""
    batch = preview(actor, table(*rows, headings=headings))
    assert batch.rejected_count == 0, batch.summary
    return accept(actor, batch)
