"""A case and lists of cases as the design system's components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.checks import sentence
from jiuye.office.casework.models import Case, CaseCheck
from jiuye.office.casework.procedures import procedures
from jiuye.office.casework.queries.one import CaseView
from jiuye.office.casework.queries.together import FundNeed, Sum
from jiuye.office.casework.states import (
    CHECK_MOMENTS,
    CHECK_OUTCOMES,
    CHECKS,
    CONFIRMATION_WAYS,
    OPEN_STATES,
)
from jiuye.office.conduct.work import Work
from jiuye.portals.common.authorities import speaker_facts
from jiuye.portals.common.components import ActButton, Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import content, day, english
from jiuye.portals.common.words import due_cell, notice_words, period_words, policy_name, state_cell
from jiuye.portals.desk.work.presenting import WHOSE_COLUMN

CASE_COLUMNS = (
    Column("number", gettext_lazy("办件编号"), heads=True),
    Column("recipient", gettext_lazy("受益方")),
    Column("policy", gettext_lazy("政策")),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("state", gettext_lazy("状态")),
    Column("due", gettext_lazy("本环节期限")),
)
CHECK_COLUMNS = (
    Column("check", gettext_lazy("核验"), heads=True),
    Column("outcome", gettext_lazy("结果")),
    Column("finding", gettext_lazy("所见")),
    Column("on", gettext_lazy("核验日期"), kind="date"),
)

OUTCOME_LEVELS = {"passed": "good", "failed": "bad", "unchecked": "none"}

# The letter that takes an act from the keyboard, and how heavy its button looks.
ACT_KEYS = {"accept": "a", "review": "a", "publicise": "a", "approve": "a", "correct": "a", "reopen": "a"}
ACT_KEYS |= {"request_correction": "c", "refuse": "x", "withdraw": "w"}
ACT_KINDS = {
    "refuse": "danger",
    "request_correction": "secondary",
    "withdraw": "quiet",
    "undo_approval": "secondary",
}
ACT_HELP = {
    "request_correction": gettext_lazy("一次说全：在有问题的那一项后面写明问题；本人会逐项看到。"),
    "correct": gettext_lazy("写明补正了什么。系统会按今日的信息重新核验和计算。"),
    "refuse": gettext_lazy("指明不符合的条件并写明理由；本人会看到条件原文和救济途径。"),
    "withdraw": gettext_lazy("写明本人撤回的原因；以后可以重新办理。"),
    "reopen": gettext_lazy("写明重新办理的原因。系统会按今日的信息重新核验和计算。"),
    "approve": gettext_lazy("批准后预留预算，进入付款。批准前系统会再核验一次。"),
    "undo_approval": gettext_lazy(
        "写明撤销的原因，本人会看到。预留的预算会释放，签批要重新来过；已列入付款批次的不能撤销。"
    ),
    "publicise": gettext_lazy("公示按工作日计算，当日不计入；期满才能审批。"),
}


def act_buttons(view: CaseView) -> list[ActButton]:
    """The acts of this actor on this case: what moves it forward first, what ends it last."""
    buttons = []
    for row in view.acts:
        label = _(row.button)
        buttons.append(
            ActButton(
                act=row.act,
                label=label,
                key=ACT_KEYS.get(row.act, ""),
                kind=ACT_KINDS.get(row.act, "primary"),
                url=reverse("desk:case_act", args=[view.case.pk, row.act]),
                dialog=row.needs_note or row.act in ("approve", "publicise"),
                words=row.act not in ("approve", "publicise"),
                needs_words=True,
                question=_("%(act)s这件办件？") % {"act": label},
                help=str(ACT_HELP.get(row.act, "")),
            )
        )
    return buttons


def case_table(
    cases: Iterable[Case],
    *,
    on: date,
    caption: str,
    empty_title: str = "",
    empty_text: str = "",
    holders: Mapping[Work, Cell] | None = None,
    audience: str = "caseworker",
) -> Table:
    """Cases as rows, each opening to its page; with `holders` also whose each is."""
    rows = [
        {
            "number": Cell(case.number, url=reverse("desk:case", args=[case.pk])),
            "recipient": case.masked_recipient,
            "policy": Cell(policy_name(case), note=period_words(case)),
            "amount": case.amount_fen,
            "state": state_cell(case.state, audience),
            "due": due_of(case, on),
            **({"whose": holders[case]} if holders is not None else {}),
        }
        for case in cases
    ]
    columns = CASE_COLUMNS if holders is None else (*CASE_COLUMNS, WHOSE_COLUMN)
    return Table(caption, columns, rows, empty_title=empty_title or _("没有办件"), empty_text=empty_text)


def due_of(case: Case, on: date) -> Cell:
    """The deadline of the step that the case waits for; a dash for an ended one."""
    return due_cell(
        case.due_on if case.state in OPEN_STATES else None,
        on,
        with_applicant=case.state == "correction_requested",
        stopped=case.state == "publicised" and case.stopped_on is not None,
    )


def check_table(checks: Iterable[CaseCheck]) -> Table:
    """The newest run of the cross-checks."""
    rows = [
        {
            "check": _(CHECKS[check.check_name]),
            "outcome": Cell(_(CHECK_OUTCOMES[check.outcome]), level=OUTCOME_LEVELS[check.outcome]),
            "finding": Cell(sentence(check), note=_(CHECK_MOMENTS[check.moment])),
            "on": check.on_date,
        }
        for check in checks
    ]
    return Table(_("自动核验"), CHECK_COLUMNS, rows, empty_title=_("还没有核验"))


def account_to_confirm(view: CaseView) -> str:
    """What the newest checks say of an account that others use and nobody has confirmed; empty where they say nothing of the kind."""
    if view.case.state not in OPEN_STATES or view.case.state == "in_payment":
        return ""
    confirmed = max((event.at for event in view.timeline if event.act == "confirm_account"), default=None)
    return next(
        (
            sentence(check)
            for check in view.checks
            if check.finding == "account_shared" and (confirmed is None or confirmed < check.at)
        ),
        "",
    )


def payee_to_confirm(view: CaseView) -> bool:
    """True where somebody has to look at the account: the bank sent the money back, or the newest checks stop at the payee."""
    if view.case.state not in OPEN_STATES or view.case.state == "in_payment":
        return False
    return bool(view.case.rejection) or any(
        check.check_name == "payee" and check.outcome == "failed" for check in view.checks
    )


def case_facts(view: CaseView) -> list[tuple[str, Any]]:
    """What stands at the head of the page."""
    case = view.case
    rows = [
        (_("受益方"), case.masked_recipient),
        (_("所在区划"), view.division_name),
        (_("所属期"), period_words(case)),
        (_("享受方式"), content(procedures().procedures[case.claim])),
        (_("确认"), f"{day(case.confirmed_on)} · {_(CONFIRMATION_WAYS[case.confirmed_by_way])}"),
        *speaker_facts(case),
        (_("承诺办结"), day(case.promised_on)),
    ]
    if case.stopped_on is not None and case.promised_workdays_left is not None:
        words = (
            _("自 %(day)s 起停止计时，异议处理后再计 %(left)d 个工作日")
            if case.state == "publicised"
            else _("自 %(day)s 起停止计时，补正后再计 %(left)d 个工作日")
        )
        rows.append((_("计时"), words % {"day": day(case.stopped_on), "left": case.promised_workdays_left}))
    if case.accepted_by is not None:
        rows.append((_("受理"), f"{day(case.accepted_on)} · {case.accepted_by.display_name}"))
    if case.reviewed_by is not None:
        rows.append((_("审核"), f"{day(case.reviewed_on)} · {case.reviewed_by.display_name}"))
    if case.publicity_start is not None:
        rows.append((_("公示"), f"{day(case.publicity_start)} – {day(view.publicity_last_day)}"))
    rows += notice_words(view.notices)
    if case.approved_by is not None:
        rows.append((_("审批"), f"{day(case.approved_on)} · {case.approved_by.display_name}"))
    if case.paid_on is not None:
        rows.append((_("到账"), day(case.paid_on)))
    return rows


@dataclass(frozen=True, slots=True)
class TogetherRow:
    """One case to be ticked."""

    case: Case
    url: str
    policy: str
    period: str
    due: Cell


def together_rows(cases: Iterable[Case], *, on: date) -> list[TogetherRow]:
    """Cases that wait for a signature, as the screen of many lists them."""
    return [
        TogetherRow(
            case,
            reverse("desk:case", args=[case.pk]),
            policy_name(case),
            period_words(case),
            due_of(case, on),
        )
        for case in cases
    ]


def sums_table(sums: Iterable[Sum], needs: Iterable[FundNeed]) -> Table:
    """The sound ones by fund and county."""
    names = {need.fund: (need.fund_name_en if english() else need.fund_name) for need in needs}
    columns = (
        Column("fund", _("资金"), heads=True),
        Column("county", _("县（市、区）")),
        Column("number", _("件数"), kind="number"),
        Column("amount", _("金额"), kind="money"),
    )
    rows = [
        {
            "fund": names.get(row.fund, row.fund),
            "county": row.county,
            "number": row.number,
            "amount": row.amount_fen,
        }
        for row in sums
    ]
    return Table(_("按资金和县区合计"), columns, rows)


def needs_table(needs: Iterable[FundNeed]) -> Table:
    """What each fund would give, beside what its budget still holds."""
    columns = (
        Column("fund", _("资金"), heads=True),
        Column("needed", _("这一批需要"), kind="money"),
        Column("available", _("预算可用"), kind="money"),
        Column("enough", _("够不够")),
    )
    rows = [
        {
            "fund": need.fund_name_en if english() else need.fund_name,
            "needed": need.needed_fen,
            "available": need.available_fen,
            "enough": Cell(_("不够"), level="bad", note=yuan_text(need.short_fen))
            if need.short_fen
            else Cell(_("足够"), level="good"),
        }
        for need in needs
    ]
    return Table(_("预算"), columns, rows)


def left_table(left: Iterable[tuple[Case, str]], caption: str) -> Table | None:
    """Cases that stay out, each with the reason; None where there is none."""
    rows = [
        {
            "number": Cell(case.number, url=reverse("desk:case", args=[case.pk])),
            "recipient": case.masked_recipient,
            "policy": policy_name(case),
            "amount": case.amount_fen,
            "reason": reason,
        }
        for case, reason in left
    ]
    columns = (
        Column("number", _("办件编号"), heads=True),
        Column("recipient", _("受益方")),
        Column("policy", _("政策")),
        Column("amount", _("金额"), kind="money"),
        Column("reason", _("原因")),
    )
    return Table(caption, columns, rows, show_caption=True) if rows else None
