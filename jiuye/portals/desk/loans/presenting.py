"""Loans as the design system's components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework.moments import day_of
from jiuye.office.conduct.states import WHOSE
from jiuye.office.conduct.work import Work
from jiuye.office.funds.queries import ClaimPayment
from jiuye.office.funds.states import LINE_STATES
from jiuye.office.ventures import queries
from jiuye.office.ventures.models import InterestSubsidy, Loan, LoanDraft, LoanEvent, LoanRepayment, LoanTopUp
from jiuye.office.ventures.queries import LoanPosition, position
from jiuye.office.ventures.states import ACT_NAMES, KINDS, LEVELS, SIGNED_ACTS, STATE_LABELS
from jiuye.office.ventures.takeovers import OPENING
from jiuye.office.ventures.viewing import LoanView
from jiuye.portals.common.components import Cell, Column, Step, Tab, Table
from jiuye.portals.common.templatetags.components import money
from jiuye.portals.common.templatetags.jiuye import day
from jiuye.portals.common.words import due_cell, kept_cell, undone_words
from jiuye.portals.desk.work.presenting import EMPTY, WHOSE_COLUMN

LOAN_COLUMNS = (
    Column("number", gettext_lazy("贷款编号"), heads=True),
    Column("borrower", gettext_lazy("借款人")),
    Column("kind", gettext_lazy("种类")),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("left", gettext_lazy("贷款余额"), kind="money"),
    Column("state", gettext_lazy("状态")),
    Column("answer", gettext_lazy("承诺答复")),
)
VIEWS = {
    "waiting": gettext_lazy("等待担保或放款"),
    "late": gettext_lazy("逾期"),
    "owing": gettext_lazy("代偿后还欠银行"),
}
OF_SOMEBODY = ("mine", "nobody")  # the lists of applications by who has them in hand
DRAFT_COLUMNS = (
    Column("business", gettext_lazy("单位"), heads=True),
    Column("borrower", gettext_lazy("借款人")),
    Column("who", gettext_lazy("谁开始填的")),
    Column("kept", gettext_lazy("最后保存")),
)
REPAID_COLUMNS = (
    Column("on", gettext_lazy("还款日期"), kind="date", heads=True),
    Column("amount", gettext_lazy("归还本金"), kind="money"),
    Column("reference", gettext_lazy("银行流水号")),
)
SUBSIDY_COLUMNS = (
    Column("quarter", gettext_lazy("季度"), heads=True),
    Column("days", gettext_lazy("计息天数"), kind="number"),
    Column("how", gettext_lazy("怎么算")),
    Column("amount", gettext_lazy("贴息金额"), kind="money"),
    Column("state", gettext_lazy("状态")),
)


def state_cell(where: LoanPosition) -> Cell:
    """The state; for one that is late, since when and how much."""
    if where.late_days:
        words = _("逾期 %(days)d 天") % {"days": where.late_days}
        return Cell(words, level=where.level, note=f"¥{yuan_text(where.late_fen)}")
    return Cell(_(STATE_LABELS[where.loan.state]), level=LEVELS[where.loan.state])


def answer_cell(loan: Loan, on: date) -> Cell:
    """The light of an application's promised answer; while it is with its borrower their last day, and no light of the office's."""
    if loan.state == "correction_requested":
        return due_cell(loan.due_on, on, with_applicant=True)
    return due_cell(loan.promised_on if loan.state == "applied" else None, on)


def answer_words(loan: Loan, on: date) -> str:
    """The same in words alone, for a row of facts."""
    cell = answer_cell(loan, on)
    return " · ".join(str(part) for part in (cell.value, cell.note) if part)


def view_tabs(
    counts: dict[str, int], view: str, whose: str = "", *, may_answer: bool = False, drafts: bool = False
) -> list[Tab]:
    """All loans, for whoever answers applications those in their hand and in nobody's, those that want something, with how many, and for
    whoever takes applications those that are not handed in."""
    chosen = view if (view in VIEWS or (drafts and view == "drafts")) and not whose else ""
    tabs = [Tab(_("全部"), "?", current=not chosen and not whose)]
    if may_answer:
        tabs += [Tab(_(WHOSE[key]), f"?whose={key}", current=whose == key) for key in OF_SOMEBODY]
    tabs += [
        Tab(words, f"?view={key}", current=chosen == key, count=counts[key]) for key, words in VIEWS.items()
    ]
    if drafts:
        tabs.append(Tab(_("窗口草稿"), "?view=drafts", current=chosen == "drafts"))
    return tabs


def draft_table(drafts: Iterable[LoanDraft]) -> Table:
    """What was begun at the counter and not handed in, each opening to its form, with who began it and when it goes."""
    rows = list(drafts)
    firms, founders = queries.named_in(rows)
    shown = []
    for draft in rows:
        firm = firms.get(int(key)) if (key := draft.given.get("employer_id", "")).isdecimal() else None
        founder = founders.get(int(draft.about.removeprefix("person:"))) if draft.about else None
        address = f"person={founder.pk}" if founder is not None else f"draft={draft.pk}"
        shown.append(
            {
                "business": Cell(
                    firm.name if firm is not None else _("还没有填单位"),
                    url=f"{reverse('desk:loan_begin')}?{address}",
                ),
                "borrower": founder.masked_name if founder is not None else "—",
                "who": draft.account.display_name,
                "kept": kept_cell(draft.saved_at),
            }
        )
    return Table(
        _("窗口草稿"),
        DRAFT_COLUMNS,
        shown,
        empty_title=_("没有没提交的草稿"),
        empty_text=_("在窗口替人填的表，填一项存一项；没有提交的都在这里。"),
    )


def loan_table(
    rows: Iterable[Loan],
    *,
    on: date,
    caption: str = "",
    empty_title: str = "",
    empty_text: str = "",
    holders: Mapping[Work, Cell] | None = None,
) -> Table:
    """Loans as rows, each opening to its page; with `holders` also whose each is that waits for its answer."""
    found = []
    for loan in rows:
        where = position(loan, on=on)
        found.append(
            {
                "number": Cell(loan.number, url=reverse("desk:loan", args=[loan.pk])),
                "borrower": Cell(
                    loan.masked_borrower, note=loan.employer.name if loan.kind == "personal" else ""
                ),
                "kind": _(KINDS[loan.kind]),
                "amount": loan.disbursed_fen or loan.guaranteed_fen or loan.wanted_fen,
                "left": where.outstanding_fen or None,
                "state": state_cell(where),
                "answer": answer_cell(loan, on),
                **({"whose": holders.get(loan, "—")} if holders is not None else {}),
            }
        )
    columns = LOAN_COLUMNS if holders is None else (*LOAN_COLUMNS, WHOSE_COLUMN)
    return Table(
        caption or _("创业担保贷款"),
        columns,
        found,
        empty_title=empty_title or _("还没有贷款"),
        empty_text=empty_text,
    )


def empty_words(view: str, whose: str) -> tuple[str, str]:
    """The title and the text of the list where nothing is in it."""
    if whose:
        return str(EMPTY[whose]), ""
    if view in VIEWS:
        return _("没有这样的贷款"), ""
    return _("还没有贷款"), _("创业者或小微企业申请后出现在这里。")


def loan_facts(view: LoanView, on: date) -> list[tuple[str, Any]]:
    """What was agreed and paid, now (`on`) or by the moment that is shown."""
    loan, where = view.loan, view.position
    if view.as_of is not None:
        on = day_of(view.as_of)
    rate = f"{loan.rate * 100:.4f}".rstrip("0").rstrip(".") + "%" if loan.rate is not None else "—"
    return [
        (_("借款人"), loan.masked_borrower),
        (_("创办的单位"), loan.employer.name),
        (_("申请金额"), money(loan.wanted_fen)),
        (_("承诺答复"), answer_words(loan, on)),
        (_("担保金额"), money(loan.guaranteed_fen)),
        (_("经办银行"), loan.bank or "—"),
        (_("借款合同号"), loan.contract or "—"),
        (_("放款金额"), money(loan.disbursed_fen)),
        (_("放款日期"), day(loan.disbursed_on) if loan.disbursed_on else "—"),
        (_("年利率"), rate),
        (_("下一期还本"), day(where.next_due) if where.next_due else "—"),
        (_("代偿金额"), money(loan.compensated_fen)),
        *((_("追加的代偿"), top_up_words(row, paid)) for row, paid in view.top_ups),
    ]


def top_up_words(row: LoanTopUp, paid: ClaimPayment | None) -> str:
    """How much was compensated further, when, and where its money is."""
    state = (
        _(LINE_STATES[paid.state])
        if paid is not None and paid.state in LINE_STATES
        else _("已批准，等待付款")
    )
    return f"¥{yuan_text(row.amount_fen)} · {day(row.granted_on)} · {state}"


def takeover_facts(loan: Loan) -> list[tuple[str, Any]]:
    """Of a loan of the old system: what it rests on, from which day it is reckoned here, and whether the guarantee fund carries it."""
    takeover = loan.takeover
    over = takeover.over_ceiling_fen
    url = reverse("desk:loan_takeover", args=[takeover.pk])
    return [
        (_("依据文件"), format_html('<a href="{}">{}</a>', url, takeover.document)),
        (_("起算日"), day(takeover.taken_from)),
        (_("起算日前已还"), money(takeover.repaid_fen)),
        (_("起算日前已付的贴息"), money(takeover.subsidised_fen)),
        (
            _("担保上限"),
            _("接手时超出 %(over)s 元（既成事实，照实登记）") % {"over": yuan_text(over)}
            if over
            else _("接手时没有超出"),
        ),
    ]


def loan_steps(timeline: Iterable[LoanEvent]) -> list[Step]:
    """What happened to a loan, in order."""
    failing = {
        "doubt",
        "request_correction",
        "refuse",
        "bank_decline",
        "withdraw",
        "compensate",
        "compensate_more",
    }
    return [
        Step(
            title=_(ACT_NAMES[event.act]),
            state="failed" if event.act in failing or (event.act == "check" and event.note) else "done",
            when=event.at,
            who=event.actor_name,
            note=event.note
            or signature_words(event)
            or (f"¥{yuan_text(event.details['amount_fen'])}" if "amount_fen" in event.details else ""),
        )
        for event in timeline
    ]


def signature_words(event: LoanEvent) -> str:
    """Of a signature: what was signed, which one it was, and how many there must be."""
    if event.act != "sign":
        return ""
    return _("%(act)s %(amount)s 元：第 %(signature)d 签，共需 %(needed)d 签") % {
        "act": _(SIGNED_ACTS[event.details["of"]]),
        "amount": yuan_text(event.details["amount_fen"]),
        "signature": event.details["signature"],
        "needed": event.details["needed"],
    }


def repayment_words(row: LoanRepayment) -> str:
    """One repayment in a list to choose from."""
    return f"{day(row.paid_on)} · ¥{yuan_text(row.principal_fen)} · {row.bank_reference}"


def repaid_table(loan: Loan) -> Table:
    """What came back; what was entered wrongly stays in the list, said to count no more."""
    rows = [
        {
            "on": row.paid_on,
            "amount": row.principal_fen,
            "reference": _("接手前累计已还")
            if row.bank_reference.startswith(OPENING)
            else Cell(row.bank_reference, note=undone_words(row)),
        }
        for row in queries.repayments_entered(loan)
    ]
    return Table(_("还款"), REPAID_COLUMNS, rows, empty_title=_("还没有还款"))


def subsidy_words(row: InterestSubsidy, paid: ClaimPayment | None) -> Cell:
    """Where the quarter's money is."""
    if row.superseded_on is None and paid is not None and paid.state in LINE_STATES:
        good = paid.state == "paid"
        return Cell(
            _(LINE_STATES[paid.state]),
            level="good" if good else "none",
            note=day(paid.paid_on) if paid.paid_on else "",
        )
    if row.superseded_on is not None:
        because = " · ".join(part for part in (day(row.superseded_on), row.ended_because) if part)
        return Cell(_("已作废"), level="none", note=because)
    return Cell(_("已批准，等待付款") if row.approved_on else _("待批准"), level="none")


def subsidy_table(found: Iterable[tuple[InterestSubsidy, ClaimPayment | None]]) -> Table:
    rows = [
        {
            "quarter": quarter_words(row),
            "days": row.days,
            "how": Cell(
                _("日均余额 %(average)s 元 × %(rate)s × %(share)s × %(days)d ÷ 360")
                % {
                    "average": yuan_text(int(row.balance_days) // row.days),
                    "rate": f"{row.rate.normalize():f}",
                    "share": f"{row.share.normalize():f}",
                    "days": row.days,
                }
            ),
            "amount": row.amount_fen,
            "state": subsidy_words(row, paid),
        }
        for row, paid in found
    ]
    return Table(_("财政贴息"), SUBSIDY_COLUMNS, rows, empty_title=_("还没有贴息"))


def quarter_words(row: InterestSubsidy) -> str:
    return _("%(year)d 年第 %(quarter)d 季度") % {
        "year": row.quarter_start.year,
        "quarter": (row.quarter_start.month + 2) // 3,
    }
