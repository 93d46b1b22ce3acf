"""A version as a workbook: funds, who gives, lines with their parts and months, assumptions, and what it rests on."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from jiuye.engine.basis.money import yuan_text
from jiuye.office.budgeting.models import BudgetVersion
from jiuye.office.budgeting.queries import (
    contributions_of,
    floor_standings,
    fund_standings,
    giver_name,
    lines_of,
)
from jiuye.office.budgeting.states import STATES
from jiuye.portals.common.templatetags.jiuye import content, day, english
from jiuye.portals.common.words import policy_names
from jiuye.portals.desk.budget.left_out import left_out_words, netted_rows
from jiuye.portals.desk.budget.presenting import assumption_words, version_facts

WIDTHS = (30, 20)


class _Money(int):
    """An amount in fen: written as a number of yuan with two decimals."""


class _Book:
    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self.buffer,
            {
                "in_memory": True,
                "strings_to_numbers": False,
                "strings_to_formulas": False,
                "strings_to_urls": False,
            },
        )
        self.head = self.book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.money = self.book.add_format({"num_format": "#,##0.00"})
        self.count = self.book.add_format({"num_format": "#,##0"})

    def sheet(self, name: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        sheet = self.book.add_worksheet(name[:31])
        for column, heading in enumerate(headings):
            sheet.write_string(0, column, heading, self.head)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, _Money):
                    # Excel keeps 15 digits: a city's amounts stay exact in it, and can be added up.
                    sheet.write_number(
                        number, column, Decimal(yuan_text(value, separators=False)), self.money
                    )
                elif isinstance(value, int):
                    sheet.write_number(number, column, value, self.count)
                else:
                    sheet.write_string(number, column, str(value))
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 1, WIDTHS[0])
        sheet.set_column(2, max(2, len(headings) - 1), WIDTHS[1])

    def bytes(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue()


def version_workbook(version: BudgetVersion) -> bytes:
    """The workbook of a version, in the language of the page."""
    book = _Book()
    lines = lines_of(version)
    names = policy_names(line.policy_id for line in lines)
    standings = fund_standings(version)
    book.sheet(
        _("按资金"),
        (
            _("资金"),
            _("推算需要（元）"),
            _("项目预算（元）"),
            _("各级安排（元）"),
            _("不能判定的对象"),
            _("如都符合至多再要（元）"),
        ),
        [
            (
                content(row.fund),
                _Money(row.projected_fen),
                _Money(row.budgeted_fen),
                _Money(row.arranged_fen),
                row.unknown,
                _Money(row.unknown_most_fen),
            )
            for row in standings
        ],
    )
    book.sheet(
        _("各级安排"),
        (_("资金"), _("出资方"), _("安排（元）")),
        [
            (content(row.fund), giver_name(row.giver, english=english()), _Money(row.amount_fen))
            for row in contributions_of(version)
        ],
    )
    book.sheet(
        _("按政策和县"),
        (
            _("资金"),
            _("政策"),
            _("县（市、区）"),
            _("在册对象需要（元）"),
            _("在册期数"),
            _("新增对象需要（元）"),
            _("新增期数"),
            _("今年结转（元）"),
            _("推算合计（元）"),
            _("预算（元）"),
            _("与推算不同的理由"),
            _("不能判定的对象"),
        ),
        [
            (
                content(line.fund),
                names[line.policy_id],
                giver_name(line.county_code, english=english()),
                _Money(line.known_fen),
                line.known_periods,
                _Money(line.new_fen),
                line.new_periods,
                _Money(line.carried_fen),
                _Money(line.projected_fen),
                _Money(line.budgeted_fen),
                line.by_hand,
                line.unknown,
            )
            for line in lines
        ],
    )
    _months(book, version, lines, names)
    _netted(book, version)
    _grounds(book, version, standings)
    return book.bytes()


def _months(book: _Book, version: BudgetVersion, lines: Sequence[Any], names: dict[str, str]) -> None:
    book.sheet(
        _("逐月推算"),
        (_("政策"), _("县（市、区）"), *(f"{version.year}-{month:02}" for month in range(1, 13))),
        [
            (
                names[line.policy_id],
                giver_name(line.county_code, english=english()),
                *(_Money(fen) for _count, fen in line.projected["months"]),
            )
            for line in lines
        ],
    )


def _netted(book: _Book, version: BudgetVersion) -> None:
    rows = netted_rows(version)
    names = policy_names({row[key] for row in rows for key in ("policy", "instead")})
    book.sheet(
        _("不重复享受"),
        (_("没有计入"), _("已计入"), _("县（市、区）"), _("对象"), _("期数"), _("扣除金额（元）")),
        [
            (
                names[row["policy"]],
                names[row["instead"]],
                giver_name(row["county"], english=english()),
                row["people"],
                row["periods"],
                _Money(row["fen"]),
            )
            for row in rows
        ],
    )


def _grounds(book: _Book, version: BudgetVersion, standings: Sequence[Any]) -> None:
    words = assumption_words()
    names = policy_names(row["policy"] for row in version.assumptions)
    book.sheet(
        _("假定"),
        (_("假定"), _("适用政策"), _("百分比"), _("依据"), _("修改人")),
        [
            (
                content(words[row["id"]]) if row["id"] in words else row["id"],
                names[row["policy"]] if row["policy"] else _("全部政策"),
                row["percent"],
                content(row, "basis"),
                row.get("by", ""),
            )
            for row in version.assumptions
        ],
    )
    funds = {row.fund.code: content(row.fund) for row in standings}
    book.sheet(
        _("下限"),
        (_("资金"), _("下限"), _("不低于（元）"), _("现在安排（元）"), _("是否达到"), _("来源")),
        [
            (
                funds.get(row.fund, row.fund),
                row.floor.text,
                _Money(row.floor.at_least_fen),
                _Money(row.arranged_fen),
                _("达到") if row.kept else _("没有达到"),
                row.floor.source,
            )
            for row in floor_standings(version)
        ],
    )
    book.sheet(
        _("说明"),
        (_("项目"), _("内容")),
        [
            (_("状态"), _(STATES[version.state])),
            *version_facts(version),
            *((_("没有计入"), sentence) for sentence in left_out_words(version)),
            (_("导出的数据日期"), day(version.facts_on)),
        ],
    )
