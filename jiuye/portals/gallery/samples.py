"""Made-up content for the gallery: one value for every state of every component. No person or firm exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from jiuye.portals.common.actors import CHINA
from jiuye.portals.common.components import Cell, Clause, Column, Crumb, Sorting, Step, Tab, Table
from jiuye.portals.common.forms import UploadDrop

TOKENS = ("ink", "ink-soft", "ink-faint", "accent", "accent-deep", "good", "watch", "bad", "none")

ZHANG = "张**"  # not translated: a name
LI = "李*"  # not translated: a name
RARE = "𠮷**"  # not translated: a name with a character beyond the basic plane
OFFICER = "李敏"  # not translated: a name

COLUMNS = (
    Column("name", _("姓名"), heads=True, order_by=("name",)),
    Column("policy", _("政策")),
    Column("street", _("街道")),
    Column("amount", _("金额"), kind="money", order_by=("amount",)),
    Column("due", _("应办结"), kind="date", order_by=("due",)),
    Column("state", _("状态")),
)


def rows() -> list[dict[str, Any]]:
    """Three rows: on time, due soon, overdue; one without an amount."""
    return [
        {
            "name": Cell(ZHANG, url="#tables", note="321*************34"),
            "policy": _("灵活就业社会保险补贴"),
            "street": _("文汇街道"),
            "amount": 61728,
            "due": date(2025, 3, 14),
            "state": Cell(_("按期"), level="good"),
        },
        {
            "name": Cell(LI, url="#tables", note="321*************19"),
            "policy": _("求职创业补贴"),
            "street": _("曲江街道"),
            "amount": 150000,
            "due": date(2025, 3, 7),
            "state": Cell(_("今天到期"), level="watch"),
        },
        {
            "name": Cell(RARE, url="#tables", note="321*************72"),
            "policy": _("女职工产假期间企业社会保险补贴"),
            "street": _("仙女镇"),
            "amount": None,
            "due": date(2025, 3, 3),
            "state": Cell(_("逾期 2 个工作日"), level="bad"),
        },
    ]


def table(request: HttpRequest) -> Table:
    """The rows in the order that the address asks for."""
    sorting = Sorting.of(request, COLUMNS, default="due")
    found = rows()
    keys = {"name": lambda row: str(row["name"].value), "due": lambda row: row["due"]}
    by = keys.get(sorting.key, lambda row: row["amount"] or 0)
    found.sort(key=by, reverse=sorting.descending)
    return Table(_("待办事项"), COLUMNS, found, sorting=sorting, query=request.GET)


def empty_table() -> Table:
    """A list that nothing is on."""
    return Table(
        _("待办事项"),
        COLUMNS,
        [],
        empty_title=_("今天没有到期的事"),
        empty_text=_("新的事项会在登记变动后自动出现。"),
    )


STEPS = (
    Step(_("本人确认"), "done", datetime(2025, 2, 24, 9, 12, tzinfo=CHINA), ZHANG),
    Step(_("受理"), "done", datetime(2025, 2, 24, 15, 40, tzinfo=CHINA), OFFICER, _("七项核对全部通过。")),
    Step(_("公示"), "current", _("2月25日至3月5日，还剩 3 个工作日"), _("文汇街道")),
    Step(_("审批"), "next"),
    Step(_("发放"), "next"),
)
FAILED_STEPS = (
    Step(_("受理"), "done", date(2025, 2, 24), OFFICER),
    Step(_("银行退回"), "failed", date(2025, 3, 11), note=_("户名与账号不符。请更正后重新发放。")),
)

CLAUSES = (
    Clause(
        says=_("办理了灵活就业登记"),
        verdict="yes",
        law=_("示例条款：灵活就业并办理就业登记的人员，可以申请补贴。"),
        source=_("示例文件第一条"),
        values=((_("灵活就业登记"), _("2024年6月1日起")),),
    ),
    Clause(
        says=_("距法定退休年龄不超过五年"),
        verdict="no",
        law=_("示例条款：补贴期限最长不超过三年，距法定退休年龄不足五年的可延长至退休。"),
        values=((_("年龄"), "47"), (_("性别"), _("女"))),
    ),
    Clause(
        says=_("没有欠缴社会保险费"),
        verdict="unknown",
        question=_("您上个月的社会保险费缴了吗？"),
        holder=_("税务部门"),
    ),
)
FACTS = (
    (_("姓名"), ZHANG),
    (_("出生日期"), date(1978, 4, 2)),
    (_("常住地"), _("文汇街道")),
    (_("登记来源"), _("实名制采集")),
)
TABS = (
    Tab(_("能领的"), "#tabs", current=True, count=2),
    Tab(_("差一条的"), "#tabs", count=1),
    Tab(_("说不准的"), "#tabs", count=0),
    Tab(_("正在领的"), "#tabs"),
)
CRUMBS = (Crumb(_("经办台"), "#crumbs"), Crumb(_("居民"), "#crumbs"), Crumb(ZHANG))


class SampleForm(forms.Form):
    """Each kind of field, with help and a choice; bound to nothing it shows its errors."""

    name = forms.CharField(label=_("姓名"), help_text=_("与身份证一致。"), max_length=60)
    kind = forms.ChoiceField(
        label=_("就业形式"),
        choices=[("", _("请选择")), ("flexible", _("灵活就业")), ("employee", _("单位就业"))],
    )
    paid = forms.ChoiceField(
        label=_("上个月的社会保险费缴了吗？"),
        choices=[("yes", _("缴了")), ("no", _("没有")), ("unknown", _("不清楚"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(label=_("说明"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    agree = forms.BooleanField(label=_("以上情况属实"))
    file = forms.FileField(
        label=_("证明材料"), widget=UploadDrop, required=False, help_text=_("PDF 或照片，10 MB 以内。")
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One state of the progress bar; thousandths."""

    done: int | None
    elapsed: int
    level: str
    word: Any
    label: Any


BARS = (
    Bar(532, 500, "good", _("按期"), _("城镇新增就业：完成 26,600 人，目标 50,000 人")),
    Bar(401, 500, "watch", _("偏慢"), _("就业见习：完成 401 人，目标 1,000 人")),
    Bar(180, 500, "bad", _("滞后"), _("新型学徒：完成 180 人，目标 1,000 人")),
    Bar(1120, 500, "good", _("超额"), _("技能培训：完成 11,200 人次，目标 10,000 人次")),
    Bar(None, 500, "none", _("尚无数据"), _("没有数据的指标不显示为零")),
)


def page(request: HttpRequest) -> Any:
    """A page in the middle of a long list."""
    return Paginator(range(1, 238), 20).get_page(request.GET.get("page", 6))
