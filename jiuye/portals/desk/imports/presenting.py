"""Imports as the components show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.registry.importing.fields import FIELDS
from jiuye.office.registry.importing.overwriting import ChangedResident
from jiuye.office.registry.importing.queries import ImportView, ReasonCount, Rejection
from jiuye.office.registry.importing.tables import skipped_words
from jiuye.office.registry.models import ImportBatch
from jiuye.portals.common.components import Cell, Column, Table

STATE_LEVELS = {"previewed": "watch", "accepted": "good", "undone": "none", "discarded": "none"}
HOW_WORDS = {
    "exact": gettext_lazy("按表头"),
    "guessed": gettext_lazy("推测，请核对"),
    "chosen": gettext_lazy("由您指定"),
    "not_kept": gettext_lazy("不登记这一项"),
    "repeated": gettext_lazy("重复的列，未采用"),
    "unknown": gettext_lazy("不认识，未采用"),
}
HOW_LEVELS = {"exact": "good", "guessed": "watch", "chosen": "good", "unknown": "watch", "repeated": "watch"}

BATCH_COLUMNS = (
    Column("file", gettext_lazy("文件"), heads=True),
    Column("state", gettext_lazy("状态")),
    Column("rows", gettext_lazy("行数"), kind="number"),
    Column("accepted", gettext_lazy("通过"), kind="number"),
    Column("rejected", gettext_lazy("退回"), kind="number"),
    Column("uploaded", gettext_lazy("上传时间"), kind="moment"),
)
REASON_COLUMNS = (
    Column("reason", gettext_lazy("原因（举例）"), heads=True),
    Column("rows", gettext_lazy("行数"), kind="number"),
    Column("do", gettext_lazy("怎么办")),
)
NOTE_COLUMNS = (
    Column("note", gettext_lazy("提醒（举例）"), heads=True),
    Column("rows", gettext_lazy("行数"), kind="number"),
    Column("do", gettext_lazy("怎么办")),
)
CHANGE_LEVELS = {"money": "bad", "phone": "watch", "other": "none"}
CHANGE_COLUMNS = (
    Column("resident", gettext_lazy("居民"), heads=True),
    Column("field", gettext_lazy("项目")),
    Column("old", gettext_lazy("在册的值")),
    Column("new", gettext_lazy("名单里的值")),
    Column("how", gettext_lazy("怎样改动")),
)
COLUMN_COLUMNS = (
    Column("heading", gettext_lazy("表头"), heads=True),
    Column("field", gettext_lazy("登记为")),
    Column("how", gettext_lazy("怎样认出")),
    Column("sheet", gettext_lazy("工作表")),
)
REJECTION_COLUMNS = (
    Column("place", gettext_lazy("位置"), heads=True),
    Column("column", gettext_lazy("列")),
    Column("value", gettext_lazy("值")),
    Column("says", gettext_lazy("原因")),
    Column("do", gettext_lazy("怎么办")),
)


def batch_table(batches: Iterable[ImportBatch]) -> Table:
    rows = [
        {
            "file": Cell(batch.file_name, url=reverse("desk:import", args=[batch.pk]), note=batch.source),
            "state": Cell(_(batch.get_state_display()), level=STATE_LEVELS[batch.state]),
            "rows": batch.row_count,
            "accepted": batch.accepted_count,
            "rejected": batch.rejected_count,
            "uploaded": batch.uploaded_at,
        }
        for batch in batches
    ]
    return Table(
        _("导入批次"),
        BATCH_COLUMNS,
        rows,
        empty_title=_("还没有导入过"),
        empty_text=_("上传一份名单，先预览，确认后才入库。"),
    )


def reason_table(view: ImportView) -> Table:
    rows = [
        {
            "reason": Cell(
                reason.example.says, url=f"{reverse('desk:import_rejected', args=[view.batch.pk])}?reason={reason.code}",
                note=_where(reason.example),
            ),
            "rows": reason.rows,
            "do": reason.example.do,
        }
        for reason in view.reasons
    ]  # fmt: skip
    return Table(_("退回的原因"), REASON_COLUMNS, rows, empty_title=_("没有退回的行"))


def note_table(notes: list[ReasonCount]) -> Table:
    rows = [
        {"note": Cell(note.example.says, note=_where(note.example)), "rows": note.rows, "do": note.example.do}
        for note in notes
    ]
    return Table(_("值得知道的"), NOTE_COLUMNS, rows, empty_title=_("没有提醒"))


def rejection_table(rejections: list[Rejection]) -> Table:
    rows = [
        {
            "place": _("%(sheet)s 第%(row)d行") % {"sheet": each.sheet, "row": each.row},
            "column": each.column,
            "value": each.value,
            "says": each.says,
            "do": each.do,
        }
        for each in rejections
    ]
    return Table(_("退回的行"), REJECTION_COLUMNS, rows, empty_title=_("没有退回的行"))


def change_table(residents: Iterable[ChangedResident]) -> Table:
    """Each value of each resident: as it stands, and as the file has it."""
    rows = [
        {
            "resident": Cell(resident.name, url=reverse("desk:person", args=[resident.person_id])),
            "field": Cell(value.label, level=CHANGE_LEVELS[value.kind] if value.overwrites else "none"),
            "old": value.old or _("（空）"),
            "new": value.new,
            "how": _("覆盖") if value.overwrites else _("补上"),
        }
        for resident in residents
        for value in resident.values
    ]
    return Table(_("会改动的在册信息"), CHANGE_COLUMNS, rows)


def first_rows_table(view: ImportView) -> Table:
    columns = tuple(
        Column(str(number), _(label), heads=number == 0) for number, label in enumerate(view.labels)
    )
    rows = [{str(number): value for number, value in enumerate(row)} for row in view.rows]
    return Table(_("入库后的前几行"), columns, rows, empty_title=_("没有通过的行"))


def sheets_of(view: ImportView) -> list[dict[str, Any]]:
    """Each sheet with its columns, for the form that maps them."""
    options = [(field.name, _(field.label)) for field in FIELDS]
    return [
        {
            **sheet,
            "columns": [
                {
                    "heading": column.heading,
                    "field": column.field,
                    "level": HOW_LEVELS.get(column.how, "none"),
                    "word": HOW_WORDS[column.how],
                }
                for column in view.columns
                if column.sheet == sheet["name"]
            ],
            "options": options,
        }
        for sheet in view.batch.summary["sheets"]
    ]


def column_table(view: ImportView) -> Table:
    """The mapping of an import that can no longer change it."""
    labels = {field.name: _(field.label) for field in FIELDS}
    rows = [
        {
            "sheet": column.sheet,
            "heading": column.heading,
            "field": labels.get(column.field, ""),
            "how": Cell(HOW_WORDS[column.how], level=HOW_LEVELS.get(column.how, "none")),
        }
        for column in view.columns
    ]
    return Table(_("列对应"), COLUMN_COLUMNS, rows)


def skipped_of(view: ImportView) -> list[dict[str, str]]:
    """The sheets that are left out, each with the reason in words."""
    return [
        {"sheet": item["sheet"], "reason": skipped_words(item["reason"], item["missing"])}
        for item in view.batch.summary["skipped"]
    ]


def _where(example: Rejection) -> str:
    return _("例如%(sheet)s第%(row)d行") % {"sheet": example.sheet, "row": example.row}
