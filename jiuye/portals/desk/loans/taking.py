"""Running loans that only the imported register knows, at the desk: the list, the form that enters one, and its confirmation by another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.money import yuan_text
from jiuye.office.funds.operations import equal_instalments
from jiuye.office.registry.models import RegisterRecord
from jiuye.office.staff.refusals import LONG
from jiuye.office.ventures import operations, registered
from jiuye.office.ventures.models import LoanTakeover
from jiuye.office.ventures.operations.lending import committed_fen
from jiuye.office.ventures.operations.takeover_terms import percent_text
from jiuye.office.ventures.registered import Registered
from jiuye.office.ventures.states import KINDS, LoanRefusal
from jiuye.office.ventures.takeovers import TAKEOVER_LEVELS, TAKEOVER_STATES
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Crumb, Table
from jiuye.portals.common.forms import WordsField
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import day
from jiuye.portals.desk.loans.forms import DayField, NoteForm
from jiuye.portals.desk.payments.recoveries import YuanField

REFUSALS: tuple[type[Exception], ...] = (LoanRefusal,)
PAGE_SIZE = 30
REGISTERED_COLUMNS = (
    Column("business", gettext_lazy("创办的单位"), heads=True),
    Column("kind", gettext_lazy("种类")),
    Column("issued", gettext_lazy("放款日期"), kind="date"),
    Column("left", gettext_lazy("台账余额"), kind="money"),
    Column("rate", gettext_lazy("年利率")),
    Column("state", gettext_lazy("状态")),
)
TAKEOVER_COLUMNS = (
    Column("business", gettext_lazy("创办的单位"), heads=True),
    Column("kind", gettext_lazy("种类")),
    Column("left", gettext_lazy("起算日的余额"), kind="money"),
    Column("proposed", gettext_lazy("提出")),
    Column("state", gettext_lazy("状态")),
)


class TakeoverForm(forms.Form):
    """What the contract, the bank's statement and the old system's list of interest say of one running loan."""

    bank = forms.CharField(label=gettext_lazy("经办银行"), max_length=60)
    bank_account = forms.CharField(
        label=gettext_lazy("银行收款账号"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("代偿时用；现在不知道的可以不填。"),
    )
    contract = forms.CharField(label=gettext_lazy("借款合同号"), max_length=60)
    principal = YuanField(label=gettext_lazy("放款金额（元）"), max_length=20)
    disbursed_on = DayField(gettext_lazy("放款日期"))
    rate_percent = forms.DecimalField(
        label=gettext_lazy("年利率（%）"),
        min_value=Decimal("0.0001"),
        max_value=Decimal(100),
        decimal_places=4,
    )
    taken_from = DayField(gettext_lazy("起算日"))
    balance = YuanField(
        label=gettext_lazy("起算日的余额（元）"),
        max_length=20,
        help_text=gettext_lazy("起算日当天银行的贷款余额；起算日以后的还款接手以后逐笔登记。"),
    )
    subsidised = YuanField(
        label=gettext_lazy("起算日前已付的贴息（元）"),
        max_length=20,
        help_text=gettext_lazy("原系统付过的财政贴息合计；没有付过的填 0。"),
    )
    loans_drawn = forms.IntegerField(
        label=gettext_lazy("创业者已获个人贷款次数（含本次）"), min_value=1, max_value=50
    )
    first_due = DayField(gettext_lazy("余额的第一期还本日期"))
    parts = forms.IntegerField(label=gettext_lazy("余额还分几期"), min_value=1, max_value=36, initial=1)
    months = forms.IntegerField(label=gettext_lazy("每隔几个月一期"), min_value=1, max_value=12, initial=12)
    document = forms.CharField(
        label=gettext_lazy("依据文件"),
        max_length=200,
        help_text=gettext_lazy("担保函、借款合同、银行余额和还款明细、原系统贴息清单的名称和文号。"),
    )
    differs_because = WordsField(
        label=gettext_lazy("与台账不同的原因"),
        most=LONG,
        rows=2,
        required=False,
        help_text=gettext_lazy("放款日期、余额、利率与台账不一致时必填。"),
    )

    def __init__(self, *args: Any, kind: str, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["taken_from"].help_text = _(
            "原系统的贴息付到这一天的前一天，从这一天起由本系统核算；从来没有付过贴息的，就填放款日期。"
        )
        if kind != "personal":
            del self.fields["loans_drawn"]

    def terms(self) -> operations.Terms:
        """The form's words as the domain takes them; the balance comes back in equal parts."""
        given = self.cleaned_data
        days = [add_months(given["first_due"], number * given["months"]) for number in range(given["parts"])]
        return operations.Terms(
            bank=given["bank"],
            bank_account=given["bank_account"],
            contract=given["contract"],
            principal_fen=given["principal"],
            disbursed_on=given["disbursed_on"],
            rate=given["rate_percent"].scaleb(-2),
            taken_from=given["taken_from"],
            balance_fen=given["balance"],
            subsidised_fen=given["subsidised"],
            loans_drawn=given.get("loans_drawn"),
            plan=[(due.on, due.amount_fen) for due in equal_instalments(given["balance"], days)],
            document=given["document"],
            differs_because=given["differs_because"],
        )


@allowed("ventures.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The running loans of the actor's places that the register lists and the book does not have."""
    me, on = actor(request), office_date()
    page = slice_asked(request, registered.registered_loans(actor=me, on=on), size=PAGE_SIZE)
    return render(
        request,
        "desk/loans/registered.html",
        {"table": _registered_table(page.rows, me.may("ventures.record")), "page": page, "crumbs": _crumbs()},
    )


@allowed("ventures.see")
@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    """What was proposed to be taken over, newest first."""
    page = slice_asked(request, registered.takeovers(actor=actor(request)), size=PAGE_SIZE)
    return render(
        request,
        "desk/loans/takeovers.html",
        {"table": _takeover_table(page.rows), "page": page, "crumbs": [*_crumbs(), Crumb(_("接手记录"))]},
    )


@allowed("ventures.record")
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, record_id: int) -> HttpResponse:
    """The form, filled in with what the register says, beside what it says and what it is silent about."""
    me, on = actor(request), office_date()
    found = get_object_or_404(registered.registered_loans(actor=me, on=on), pk=record_id)
    if found.waiting is not None:
        return redirect("desk:loan_takeover", found.waiting)
    said = registered.registered_of(found)
    form = TakeoverForm(
        request.POST if request.method == "POST" else None, kind=said.kind, initial=_initial(found, said, on)
    )
    if form.is_bound and form.is_valid():
        proposed = attempt(
            request,
            lambda: operations.propose_takeover(
                actor=me, record_id=record_id, terms=form.terms(), on=on, at=now()
            ),
            done=_("接手已提出，由另一位审批人员确认后进入贷款账。"),
            refusals=REFUSALS,
            form=form,
        )
        if proposed is not None:
            return redirect("desk:loan_takeover", proposed.pk)
    return render(
        request,
        "desk/loans/take_over.html",
        {
            "form": form,
            "business": found.employer.name,
            "said": _said_rows(found, said),
            "crumbs": [*_crumbs(), Crumb(found.employer.name)],
        },
        status=422 if form.is_bound else 200,
    )


@allowed("ventures.see")
@require_safe
def one(request: HttpRequest, takeover_id: int) -> HttpResponse:
    """One proposal: what was entered beside what the register said, what it does to the guarantee fund, and what this actor may do."""
    me, on = actor(request), office_date()
    takeover = get_object_or_404(registered.takeovers(actor=me), pk=takeover_id)
    waits, own = takeover.state == "proposed", takeover.proposed_by_id == me.account_id
    may_decide = waits and not own and me.may("ventures.guarantee", takeover.division_code)
    over = takeover.over_ceiling_fen
    if waits:
        answered_fen = committed_fen() + takeover.balance_fen
        over = max(0, answered_fen - registered.guarantee_ceiling_fen(on.year))
    drop = _act_url(takeover, "drop")
    return render(
        request,
        "desk/loans/takeover.html",
        {
            "takeover": takeover,
            "state": Cell(_(TAKEOVER_STATES[takeover.state]), level=TAKEOVER_LEVELS[takeover.state]),
            "entered": _entered_rows(takeover),
            "said": _takeover_said(takeover),
            "over": yuan_text(over) if over else "",
            "waits": waits,
            "confirm_url": _act_url(takeover, "confirm") if may_decide else "",
            "drop_url": drop if may_decide or (waits and own and me.may("ventures.record")) else "",
            "drop_form": NoteForm(auto_id="drop_%s"),
            "loan_url": reverse("desk:loan", args=[takeover.loan_id]) if takeover.loan_id else "",
            "crumbs": [*_crumbs(), Crumb(takeover.employer.name)],
        },
    )


@allowed("ventures.see")
@require_POST
def act(request: HttpRequest, takeover_id: int, act: str) -> HttpResponse:
    """Confirm what another entered, or say why it is not taken over."""
    me, on, at = actor(request), office_date(), now()
    takeover = get_object_or_404(registered.takeovers(actor=me), pk=takeover_id)
    if act == "confirm":
        loan = attempt(
            request,
            lambda: operations.confirm_takeover(actor=me, takeover_id=takeover.pk, on=on, at=at),
            done=_("贷款已进入本系统的贷款账，以前的贴息已计入已享待遇。"),
            refusals=REFUSALS,
        )
        if loan is not None:
            return redirect("desk:loan", loan.pk)
    elif act == "drop":
        form = NoteForm(request.POST)
        attempt(
            request,
            lambda: operations.drop_takeover(
                actor=me, takeover_id=takeover.pk, note=form.cleaned_data["note"], on=on, at=at
            ),
            done=_("没有接手，理由已登记；可以重新提出。"),
            refusals=REFUSALS,
            form=form,
        )
    else:
        raise Http404(_("没有这个办理事项。"))
    return redirect("desk:loan_takeover", takeover.pk)


def _crumbs() -> list[Crumb]:
    return [
        Crumb(_("创业担保贷款"), reverse("desk:loans")),
        Crumb(_("台账上的在贷贷款"), reverse("desk:loans_registered")),
    ]


def _act_url(takeover: LoanTakeover, act: str) -> str:
    return reverse("desk:loan_takeover_act", args=[takeover.pk, act])


def _initial(record: RegisterRecord, said: Registered, on: date) -> dict[str, Any]:
    """What the register says; where the loan was entered before and not taken over, what was entered then."""
    before = registered.last_tried(record)
    if before is not None:
        return {
            "bank": before.bank,
            "bank_account": before.bank_account,
            "contract": before.contract,
            "principal": _yuan(before.principal_fen),
            "disbursed_on": before.disbursed_on.isoformat(),
            "rate_percent": (before.rate * 100).normalize(),
            "taken_from": before.taken_from.isoformat(),
            "balance": _yuan(before.balance_fen),
            "subsidised": _yuan(before.subsidised_fen),
            "loans_drawn": before.loans_drawn,
            "first_due": before.plan[0][0],
            "parts": len(before.plan),
            "months": _months_apart(before.plan),
            "document": before.document,
            "differs_because": before.differs_because,
        }
    found: dict[str, Any] = {
        "disbursed_on": said.issued_on.isoformat() if said.issued_on else "",
        "rate_percent": (said.rate * 100).normalize() if said.rate is not None else None,
        "balance": _yuan(said.balance_fen) if said.balance_fen is not None else "",
    }
    if said.issued_on is not None and record.employer_id is not None:
        paid = registered.paid_before(
            employer_id=record.employer_id, kind=said.kind, disbursed_on=said.issued_on
        )
        if paid.until is not None:
            found |= {"taken_from": paid.until.isoformat(), "subsidised": _yuan(paid.amount_fen)}
        founder = registered.founder_on_record(record.employer_id, said.kind, on)
        if founder is not None:
            found["loans_drawn"] = registered.drawn_by_register(founder, on=on)
    return found


def _months_apart(plan: list[Any]) -> int:
    """How many months lie between the first two days of a plan; a year where there is one day."""
    if len(plan) < 2:
        return 12
    first, second = (date.fromisoformat(due) for due, _fen in plan[:2])
    return (second.year - first.year) * 12 + second.month - first.month


def _yuan(fen: int) -> str:
    return yuan_text(fen, separators=False)


def _said_rows(record: RegisterRecord, said: Registered) -> list[tuple[str, Any]]:
    """Every thing that is needed, with what the register says of it or that it says nothing."""
    silent = _("台账没有，请按文件填写")
    return [
        (_("台账数据日期"), day(record.start)),
        *_register_rows(said),
        (_("经办银行"), silent),
        (_("借款合同号"), silent),
        (_("放款金额"), silent),
        (_("已付贴息和起算日"), silent),
        (_("还款计划"), silent),
    ]


def _register_rows(said: Registered) -> list[tuple[str, Any]]:
    silent = _("台账没有，请按文件填写")
    return [
        (_("种类"), _(KINDS[said.kind])),
        (_("放款日期"), day(said.issued_on) if said.issued_on else silent),
        (_("贷款余额"), yuan_text(said.balance_fen) if said.balance_fen is not None else silent),
        (_("年利率"), percent_text(said.rate) if said.rate is not None else silent),
        (_("逾期"), _("是") if said.overdue else _("否")),
        (_("展期"), _("是") if said.extended else _("否")),
    ]


def _takeover_said(takeover: LoanTakeover) -> list[tuple[str, Any]]:
    rows = _register_rows(registered.read_loan(takeover.register_says))
    return [(_("台账数据日期"), day(takeover.register_start)), *rows]


def _entered_rows(takeover: LoanTakeover) -> list[tuple[str, Any]]:
    """What was entered, by whom, and what was decided."""
    rows: list[tuple[str, Any]] = [
        (_("借款人"), takeover.masked_borrower),
        (_("创办的单位"), takeover.employer.name),
        (_("经办银行"), takeover.bank),
        (_("借款合同号"), takeover.contract),
        (_("放款金额"), yuan_text(takeover.principal_fen)),
        (_("放款日期"), day(takeover.disbursed_on)),
        (_("年利率"), percent_text(takeover.rate)),
        (_("起算日"), day(takeover.taken_from)),
        (_("起算日的余额"), yuan_text(takeover.balance_fen)),
        (_("起算日前已还"), yuan_text(takeover.repaid_fen)),
        (_("起算日前已付的贴息"), yuan_text(takeover.subsidised_fen)),
        (_("余额的还款计划"), "；".join(f"{due} {yuan_text(fen)}" for due, fen in takeover.plan)),
        (_("依据文件"), takeover.document),
    ]
    if takeover.loans_drawn is not None:
        rows.append((_("已获个人贷款次数（含本次）"), takeover.loans_drawn))
    if takeover.differs_because:
        rows.append((_("与台账不同的原因"), takeover.differs_because))
    rows.append((_("提出"), f"{takeover.proposed_by.display_name} {day(takeover.proposed_on)}"))
    if takeover.decided_by is not None and takeover.decided_on is not None:
        rows.append((_("决定"), f"{takeover.decided_by.display_name} {day(takeover.decided_on)}"))
    if takeover.ended_because:
        rows.append((_("不接手或撤销的理由"), takeover.ended_because))
    return rows


def _registered_table(rows: Any, may_enter: bool) -> Table:
    found = []
    for record in rows:
        said = registered.registered_of(record)
        url = reverse("desk:loan_take_over", args=[record.pk]) if may_enter else ""
        waits = record.waiting is not None
        state = Cell(_("台账逾期"), level="bad") if said.overdue else Cell(_("待接手"), level="none")
        found.append(
            {
                "business": Cell(
                    record.employer.name,
                    url=reverse("desk:loan_takeover", args=[record.waiting]) if waits else url,
                    note=_("台账 %(day)s") % {"day": day(record.start)},
                ),
                "kind": _(KINDS[said.kind]),
                "issued": said.issued_on,
                "left": said.balance_fen,
                "rate": percent_text(said.rate) if said.rate is not None else "—",
                "state": Cell(_("待另一人确认"), level="watch") if waits else state,
            }
        )
    return Table(
        _("台账上的在贷贷款"),
        REGISTERED_COLUMNS,
        found,
        empty_title=_("台账上的在贷贷款都已在本系统里"),
        empty_text=_("每月的台账导入以后，本系统没有的出现在这里。"),
    )


def _takeover_table(rows: Any) -> Table:
    found = [
        {
            "business": Cell(
                row.employer.name, url=reverse("desk:loan_takeover", args=[row.pk]), note=row.masked_borrower
            ),
            "kind": _(KINDS[row.kind]),
            "left": row.balance_fen,
            "proposed": Cell(row.proposed_by.display_name, note=day(row.proposed_on)),
            "state": Cell(_(TAKEOVER_STATES[row.state]), level=TAKEOVER_LEVELS[row.state]),
        }
        for row in rows
    ]
    return Table(_("接手记录"), TAKEOVER_COLUMNS, found, empty_title=_("还没有提出过接手"))
