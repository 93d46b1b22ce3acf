"""A simulation as a workbook: a sheet for the comparison, the months, the groups, the clauses and the grid."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from jiuye.engine.basis.money import yuan_text
from jiuye.office.policies.models import Simulation
from jiuye.portals.common.templatetags.jiuye import content, day
from jiuye.portals.workbench.results import result_page
from jiuye.portals.workbench.words import deciding_words

MONEY_WIDTH, TEXT_WIDTH = 18, 28


class _Amount(str):
    """The heading of a column of money."""

    __slots__ = ()


class _Book:
    """Sheets with a bold heading row; amounts are written as numbers of yuan with two decimals."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self.buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        )
        self.bold = self.book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.money = self.book.add_format({"num_format": "#,##0.00"})
        self.count = self.book.add_format({"num_format": "#,##0"})

    def sheet(self, name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """One sheet; under an `_Amount` stand amounts in fen, which are written in yuan."""
        sheet = self.book.add_worksheet(name[:31])
        amounts = [isinstance(heading, _Amount) for heading in headings]
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, self.bold)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif amounts[column]:
                    # Excel keeps 15 digits: an amount of a city stays exact in it, as text it could not be added up.
                    sheet.write_number(number, column, _yuan(value), self.money)
                else:
                    sheet.write_number(number, column, value, self.count)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 1, TEXT_WIDTH)
        sheet.set_column(2, max(2, len(headings) - 1), MONEY_WIDTH)

    def bytes(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue()


def _yuan(fen: int) -> Decimal:
    return Decimal(yuan_text(fen, separators=False))


def simulation_workbook(run: Simulation) -> bytes:
    """The workbook of a run, in the language of the page."""
    book = _Book()
    page = result_page(run)
    book.sheet(
        _("比较"),
        (
            _("草案"),
            _("政策"),
            _("计发"),
            _("现行符合人数"),
            _("草案符合人数"),
            _Amount(_("现行金额（元）")),
            _Amount(_("草案金额（元）")),
            _("新符合"),
            _("增加"),
            _("不再符合"),
            _("减少"),
            _("转为不能判定"),
            _Amount(_("增加额（元）")),
            _Amount(_("减少额（元）")),
            _Amount(_("现行12个月（元）")),
            _Amount(_("草案12个月（元）")),
        ),
        [
            (
                item.draft, item.policy, item.period, item.before, item.after, item.before_fen, item.after_fen, item.newly,
                item.more, item.gone, item.less, item.unsure, item.gain_fen, item.loss_fen, item.year_before_fen,
                item.year_after_fen,
            )
            for item in page.compared
        ],
    )  # fmt: skip
    _breakdowns(book, run)
    _clauses(book, run)
    if run.result.get("grid"):
        _grid(book, run.result["grid"])
    book.sheet(
        _("说明"),
        (_("项目"), _("内容")),
        [
            (_("数据日期"), day(run.columns_on)),
            (_("现行规则包版本"), run.base_version),
            (_("草案"), _("、").join(run.result["drafts"].values())),
            (_("测算人"), run.made_by.display_name),
            (_("口径"), projection_note()),
        ],
    )
    return book.bytes()


def projection_note() -> str:
    """What the projection does and does not know."""
    return _("按数据日期登记的信息，逐月按当月有效的规则推算；不计以后的就业、参保、领取变化，也不计申请率。")


def _rows(run: Simulation) -> list[tuple[str, str, dict[str, Any]]]:
    return [(run.result["drafts"][row["draft"]], content(row), row) for row in run.result["policies"]]


def _breakdowns(book: _Book, run: Simulation) -> None:
    sums = (_("现行人数"), _("草案人数"), _Amount(_("现行金额（元）")), _Amount(_("草案金额（元）")))
    names = ("before", "after", "before_fen", "after_fen")
    book.sheet(
        _("逐月"),
        (_("草案"), _("政策"), _("月份"), *sums),
        [
            (draft, policy, month["month"], *(month[name] for name in names))
            for draft, policy, row in _rows(run)
            for month in row["months"]
        ],
    )
    moves = (_("受益人数"), _Amount(_("受益额（元）")), _("受损人数"), _Amount(_("受损额（元）")))
    for grouping in run.result["groupings"]:
        book.sheet(
            content(grouping, "label").replace("/", "-").replace("[", "(").replace("]", ")"),
            (_("草案"), _("政策"), content(grouping, "label"), *sums, *moves),
            [
                (
                    draft,
                    policy,
                    content(item, "label"),
                    *(item[name] for name in (*names, "gain", "gain_fen", "lose", "lose_fen")),
                )
                for draft, policy, row in _rows(run)
                for item in row["groups"].get(grouping["id"], ())
            ],
        )


def _clauses(book: _Book, run: Simulation) -> None:
    book.sheet(
        _("条件"),
        (
            _("草案"),
            _("政策"),
            _("由什么决定"),
            _("受益人数"),
            _Amount(_("受益额（元）")),
            _("受损人数"),
            _Amount(_("受损额（元）")),
        ),
        [
            (
                draft,
                policy,
                deciding_words(item),
                item["gain"],
                item["gain_fen"],
                item["lose"],
                item["lose_fen"],
            )
            for draft, policy, row in _rows(run)
            for item in row["clauses"]
        ],
    )


def _grid(book: _Book, grid: dict[str, Any]) -> None:
    book.sheet(
        _("取值"),
        (
            _("取值"),
            _("参数"),
            _Amount(_("现行金额（元）")),
            _Amount(_("草案金额（元）")),
            _("符合人数"),
            _("受益人数"),
            _("受损人数"),
        ),
        [
            (
                row["key"].replace("|", " · "),
                " / ".join(content(axis, "label") for axis in grid["axes"]),
                row["before_fen"],
                row["after_fen"],
                row["after"],
                row["gain"],
                row["lose"],
            )
            for row in grid["points"]
        ],
    )
