"""Tables as template tags, drawn by Python: a list of thirty cases has some two hundred cells, and a template's interpreter takes
seven times as long over them as the strings do (`python -m benchmarks.load` is where it is felt).

Everything that comes from outside goes through `conditional_escape`, as in a template.
"""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.formats import localize
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from jiuye.portals.common.components import Cell, Column, Heading, Table
from jiuye.portals.common.templatetags.components import FOLDER, empty_state, icon, light, money
from jiuye.portals.common.templatetags.jiuye import count, day, moment

register = template.Library()


@register.simple_tag
def data_table(table: Table, dense: bool = False) -> SafeString:
    """A table; on a phone each row becomes a card with its labels. One without rows says why (`empty_state`)."""
    if not table.body:
        return render_to_string(f"{FOLDER}/empty.html", empty_state(table.empty_title, table.empty_text))
    frames = [_frame(column) for column in table.columns]
    body = "\n".join(
        f'<tr role="row">{"".join(_cell(*frame, drawn.cell) for frame, drawn in zip(frames, row, strict=True))}</tr>'
        for row in table.body
    )
    headings = "".join(map(_heading, table.headings))
    hidden = "" if table.show_caption else ' class="visually-hidden"'
    return mark_safe(
        f'<div class="table-wrap">\n<table class="table{" table--dense" if dense else ""}" role="table">\n'
        f"<caption{hidden}>{_escaped(table.caption)}</caption>\n"
        f'<thead role="rowgroup"><tr role="row">{headings}</tr></thead>\n'
        f'<tbody role="rowgroup" data-rows>\n{body}\n</tbody>\n</table>\n</div>'
    )


def _escaped(value: Any) -> str:
    """A value as a template writes it: in the page's language and form, and harmless."""
    return conditional_escape(value if isinstance(value, str) else localize(value))


def _heading(heading: Heading) -> str:
    column, label = heading.column, _escaped(heading.column.label)
    if heading.url:
        label = f'<a href="{_escaped(heading.url)}">{label}{icon(heading.icon)}</a>'
    sorted_so = f' aria-sort="{heading.sorted}"' if heading.sorted else ""
    return f'<th role="columnheader" scope="col" class="table__{column.kind}"{sorted_so}>{label}</th>'


def _frame(column: Column) -> tuple[str, str, str, str]:
    """What stands around each cell of a column: (its kind, the beginning, the beginning where nobody has a value yet, the end)."""
    if column.heads:
        begin = f'<th role="rowheader" scope="row" class="table__{column.kind}"><span class="table__value">'
        return column.kind, begin, begin, "</span></th>"
    rest = f'data-label="{_escaped(column.label)}"><span class="table__value">'
    begin = f'<td role="cell" class="table__{column.kind}'
    return column.kind, f'{begin}" {rest}', f'{begin} table__absent" {rest}', "</span></td>"


def _cell(kind: str, begin: str, begin_absent: str, end: str, cell: Cell) -> str:
    drawn = light(cell.level, cell.value) if cell.level else cell_value(kind, cell.value)
    if cell.url:
        drawn = f'<a href="{_escaped(cell.url)}">{drawn}</a>'
    note = f'<small class="table__note">{_escaped(cell.note)}</small>' if cell.note else ""
    return f"{begin_absent if cell.absent else begin}{drawn}{note}{end}"


def cell_value(kind: str, value: Any) -> str:
    """A value by the kind of its column: text, number, money, date, moment. A dash where there is none."""
    if kind == "money":
        return money(value)
    draw = {"number": count, "date": day, "moment": moment}.get(kind)
    if draw is not None:
        return _escaped(draw(value))
    return "—" if value is None or value == "" else _escaped(value)
