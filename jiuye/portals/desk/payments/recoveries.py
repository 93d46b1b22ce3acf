"""Money claimed back: the list with what is late, one claim with its instalments, and the forms."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.money import yuan_text
from jiuye.office.casework import operations as casework
from jiuye.office.casework.refusals import Refusal
from jiuye.office.funds import operations as funds
from jiuye.office.funds import queries
from jiuye.office.funds.models import Recovery, RecoverySignature
from jiuye.office.funds.models.signatures import RECOVERY_ACTS
from jiuye.office.funds.queries import RecoveryPosition
from jiuye.office.funds.states import RECOVERY_STATES
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures import operations as ventures
from jiuye.office.ventures.states import LoanRefusal
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Crumb, Table
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.components import money
from jiuye.portals.common.templatetags.jiuye import content, day
from jiuye.portals.common.words import undone_words
from jiuye.portals.desk.payments.presenting import claim_cells
from jiuye.portals.desk.payments.recovery_forms import ClaimForm, ReceiptForm, UndoReceiptForm, WaiverForm
from jiuye.portals.desk.refusals import REFUSALS as MONEY

COLUMNS = (
    Column("debtor", gettext_lazy("应退还人"), heads=True),
    Column("claim", gettext_lazy("原支付")),
    Column("amount", gettext_lazy("追回金额"), kind="money"),
    Column("received", gettext_lazy("已到账"), kind="money"),
    Column("owed", gettext_lazy("尚欠"), kind="money"),
    Column("state", gettext_lazy("状态")),
)
INSTALMENT_COLUMNS = (
    Column("number", gettext_lazy("期次"), heads=True),
    Column("due", gettext_lazy("应还日期"), kind="date"),
    Column("amount", gettext_lazy("应还金额"), kind="money"),
)
RECEIPT_COLUMNS = (
    Column("reference", gettext_lazy("银行流水号"), heads=True),
    Column("on", gettext_lazy("到账日期"), kind="date"),
    Column("amount", gettext_lazy("金额"), kind="money"),
    Column("who", gettext_lazy("经办")),
)
REFUSALS: tuple[type[Exception], ...] = (*MONEY, Refusal, LoanRefusal)
PAGE_SIZE = 30


@allowed("funds.see")
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every claim for money back, the open ones first."""
    me, on = actor(request), office_date()
    page = slice_asked(request, queries.recoveries(actor=me), size=PAGE_SIZE)
    owed, late = queries.owed_back(actor=me, on=on)
    return render(
        request,
        "desk/payments/recoveries.html",
        {
            "table": recovery_table([queries.position_of(row, on=on) for row in page.rows]),
            "page": page,
            "may_open": me.may("funds.recover"),
            "late_fen": late,
            "owed_fen": owed,
            "crumbs": [Crumb(_("付款"), reverse("desk:payments")), Crumb(_("追回"))],
        },
    )


@allowed("funds.recover")
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """The form, and the claim that it proposes."""
    form = (
        ClaimForm(request.POST)
        if request.method == "POST"
        else ClaimForm(initial={"case": request.GET.get("case", "")})
    )
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        days = monthly(values["first_due"], values["months"])
        what, key = values["case"]
        given = {
            "actor": actor(request),
            "amount_fen": values["amount"],
            "ground": values["ground"],
            "document": values["document"],
            "schedule": funds.equal_instalments(values["amount"], days),
            "on": office_date(),
            "at": now(),
        }
        opened = attempt(
            request,
            lambda: (
                casework.propose_claim_back(case_id=key, **given)
                if what == "case"
                else ventures.claim_interest_back(subsidy_id=key, **given)
            ),
            done=_("追回已提出，由另一位审批人员确认后生效。"),
            refusals=REFUSALS,
        )
        if opened is not None:
            return redirect("desk:recovery", opened.pk)
    crumbs = [Crumb(_("追回"), reverse("desk:recoveries")), Crumb(_("开始追回"))]
    return render(
        request,
        "desk/payments/recovery_form.html",
        {"form": form, "crumbs": crumbs},
        status=422 if form.is_bound else 200,
    )


@allowed("funds.see")
@require_safe
def one(request: HttpRequest, recovery_id: int) -> HttpResponse:
    """One claim: what is owed, the instalments, what has come in, and what this actor may do."""
    me, on = actor(request), office_date()
    try:
        position = queries.recovery_of(actor=me, recovery_id=recovery_id, on=on)
    except Recovery.DoesNotExist as error:
        raise Http404(_("没有这一项追回。")) from error
    recovery = position.recovery
    instalments, receipts = queries.recovery_parts(actor=me, recovery=recovery)
    is_open = recovery.state == "open"
    signatures = queries.signatures_of(actor=me, recovery=recovery)
    awaited = queries.awaited_round(signatures, recovery, position.owed_fen)
    has_signed = any(row.signed_by_id == me.account_id for row in awaited)
    # What this actor's posts let them do to the claim as it stands, and why it is another's to do.
    acts = [] if has_signed else _acts(me, position)
    kept = {act: funds.why_not_theirs(recovery, me, act) for act in acts}
    may = {act for act, refusal in kept.items() if refusal is None}
    not_theirs = casework.why_claim_not_theirs(actor=me, claim_key=recovery.claim_key)
    if not_theirs:
        may, kept = set(), {}
    return render(
        request,
        "desk/payments/recovery.html",
        {
            "not_theirs": not_theirs,
            "position": position,
            "recovery": recovery,
            "state_word": state_words(position),
            "facts_rows": [*recovery_facts(position), *signature_rows(signatures)],
            "awaited": awaited_words(awaited),
            "instalments": instalment_table(instalments),
            "receipts": receipt_table(receipts),
            "may_decide": "confirm" in may,
            "may_withdraw": "withdraw" in may,
            "receipt_form": ReceiptForm() if is_open and me.may("funds.recover") else None,
            "waiver_form": WaiverForm() if "waive" in may else None,
            "kept_from": list(dict.fromkeys(str(refusal) for refusal in kept.values() if refusal)),
            "undo_form": UndoReceiptForm(receipts=receipts, auto_id="undo_%s")
            if me.may("funds.recover") and any(row.undone_on is None for row in receipts)
            else None,
            "crumbs": [Crumb(_("追回"), reverse("desk:recoveries")), Crumb(recovery.masked_debtor)],
        },
    )


def _acts(me: Actor, position: RecoveryPosition) -> list[str]:
    """The acts that decide about the claim and that the actor's posts hold."""
    if position.recovery.state == "proposed":
        return ["confirm"] if me.may("casework.approve") else []
    if position.recovery.state != "open":
        return []
    acts = ["withdraw"] if me.may("casework.approve") and not position.received_fen else []
    return [*acts, "waive"] if me.may("funds.waive") else acts


@allowed("casework.approve")
@require_POST
def decide(request: HttpRequest, recovery_id: int, act: str) -> HttpResponse:
    """A second officer confirms what was proposed, or finds that nothing is to be claimed."""
    me, on, at = actor(request), office_date(), now()
    if act == "confirm":
        attempt(
            request,
            lambda: casework.confirm_claim_back(actor=me, recovery_id=recovery_id, on=on, at=at),
            done=lambda found: (
                _("已签批；还需其他审批人员签批。")
                if found.state == "proposed"
                else _("追回已确认，决定书已告知应退还人。")
            ),
            refusals=REFUSALS,
        )
    elif act == "drop":
        reason = str(request.POST.get("reason", ""))
        attempt(
            request,
            lambda: casework.drop_claim_back(actor=me, recovery_id=recovery_id, reason=reason, on=on, at=at),
            done=lambda found: (
                _("已签批；还需其他审批人员签批。") if found.state == "open" else _("已记下：不予追回。")
            ),
            refusals=REFUSALS,
        )
    else:
        raise Http404(_("没有这个办理事项。"))
    return redirect("desk:recovery", recovery_id)


@allowed("funds.recover")
@require_POST
def receive(request: HttpRequest, recovery_id: int) -> HttpResponse:
    """Book money that came back."""
    form = ReceiptForm(request.POST)
    attempt(
        request,
        lambda: casework.receive_back(
            actor=actor(request),
            recovery_id=recovery_id,
            amount_fen=form.cleaned_data["amount"],
            bank_reference=form.cleaned_data["bank_reference"],
            on=office_date(),
            at=now(),
        ),
        done=_("还款已入账。"),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("desk:recovery", recovery_id)


@allowed("funds.recover")
@require_POST
def undo_receipt(request: HttpRequest, recovery_id: int) -> HttpResponse:
    """Take back a receipt that was entered wrongly."""
    me = actor(request)
    receipts = queries.receipts_of(actor=me, recovery_id=recovery_id)
    form = UndoReceiptForm(request.POST, receipts=receipts)
    attempt(
        request,
        lambda: casework.undo_receipt(
            actor=me,
            recovery_id=recovery_id,
            receipt_id=form.cleaned_data["receipt"],
            reason=form.cleaned_data["reason"],
            on=office_date(),
            at=now(),
        ),
        done=_("到账登记已撤销，账簿已冲回；请按银行流水重新登记。"),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("desk:recovery", recovery_id)


@allowed("funds.waive")
@require_POST
def waive(request: HttpRequest, recovery_id: int) -> HttpResponse:
    """Give up the rest."""
    attempt(
        request,
        lambda: casework.waive_back(
            actor=actor(request),
            recovery_id=recovery_id,
            reason=str(request.POST.get("reason", "")),
            on=office_date(),
            at=now(),
        ),
        done=lambda found: _("已签批；还需其他审批人员签批。") if found.state == "open" else _("已核销。"),
        refusals=REFUSALS,
    )
    return redirect("desk:recovery", recovery_id)


def state_words(position: RecoveryPosition) -> str:
    if position.late_fen:
        return _("逾期 %(amount)s 元") % {"amount": yuan_text(position.late_fen)}
    return _(RECOVERY_STATES[position.recovery.state])


def recovery_table(found: list[RecoveryPosition]) -> Table:
    claims = claim_cells(each.recovery.claim_key for each in found)
    rows = [
        {
            "debtor": Cell(
                each.recovery.masked_debtor, url=reverse("desk:recovery", args=[each.recovery.pk])
            ),
            "claim": claims[each.recovery.claim_key],
            "amount": each.recovery.amount_fen,
            "received": each.received_fen,
            "owed": each.owed_fen,
            "state": Cell(
                state_words(each),
                level=each.level,
                note=_("自 %(day)s") % {"day": day(each.late_since)} if each.late_since else "",
            ),
        }
        for each in found
    ]
    return Table(
        _("追回"),
        COLUMNS,
        rows,
        empty_title=_("没有要追回的"),
        empty_text=_("多付、错付的款项在这里追回，可以分期。"),
    )


def paid_for(claim_key: str, fund: str) -> str:
    """What was paid, as a link where it has a page, and from which fund."""
    cell = claim_cells([claim_key])[claim_key]
    return (
        format_html('<a href="{}">{}</a> · {}', cell.url, cell.value, fund)
        if cell.url
        else f"{cell.value} · {fund}"
    )


def recovery_facts(position: RecoveryPosition) -> list[tuple[str, Any]]:
    recovery = position.recovery
    rows: list[tuple[str, Any]] = [
        (_("追回金额"), money(recovery.amount_fen)),
        (_("已到账"), money(position.received_fen)),
        (_("尚欠"), money(position.owed_fen)),
        (_("原支付"), paid_for(recovery.claim_key, content(recovery.paid.budget.fund))),
        (_("法律依据和事由"), recovery.ground),
        (_("决定文书"), recovery.document),
        (_("经办"), f"{recovery.opened_by.display_name} · {day(recovery.opened_on)}"),
        (_("下一期"), day(position.next_due) if position.next_due else "—"),
    ]
    if recovery.decided_by is not None:
        name = _("不予追回") if recovery.state == "dropped" else _("确认")
        words = [recovery.decided_by.display_name, day(recovery.decided_on), recovery.dropped_because]
        rows.append((name, " · ".join(word for word in words if word)))
    if recovery.waived_by is not None:
        rows.append(
            (
                _("核销"),
                f"{recovery.waived_by.display_name} · {day(recovery.waived_on)} · {recovery.waived_because}",
            )
        )
    return rows


def signature_rows(signatures: list[RecoverySignature]) -> list[tuple[str, str]]:
    """Who signed what, of how many, and why."""
    return [
        (
            _("签批：%(act)s") % {"act": _(RECOVERY_ACTS[row.act])},
            " · ".join(
                word
                for word in (
                    row.signed_by_name,
                    day(row.on_date),
                    _("%(amount)s 元，第 %(signature)d 签，共需 %(needed)d 签")
                    % {"amount": yuan_text(row.amount_fen), "signature": row.ordinal, "needed": row.needed},
                    row.words,
                )
                if word
            ),
        )
        for row in signatures
        # One signature is who decided it, unless the claim was withdrawn since: then another one decided that.
        if row.needed > 1 or any(other.act == "withdraw" for other in signatures)
    ]


def awaited_words(awaited: list[RecoverySignature]) -> str:
    """How many more have to sign; empty where nobody has signed yet."""
    if not awaited:
        return ""
    left = awaited[-1].needed - len(awaited)
    act = _(RECOVERY_ACTS[awaited[-1].act])
    return _("“%(act)s”已签 %(signed)d 人，还需 %(left)d 位其他审批人员签批。") % {
        "act": act,
        "signed": len(awaited),
        "left": left,
    }


def instalment_table(instalments: list[Any]) -> Table:
    rows = [{"number": each.number, "due": each.due_on, "amount": each.amount_fen} for each in instalments]
    return Table(_("分期"), INSTALMENT_COLUMNS, rows)


def receipt_table(receipts: list[Any]) -> Table:
    rows = [
        {
            "reference": Cell(each.bank_reference, note=undone_words(each)),
            "on": each.received_on,
            "amount": each.amount_fen,
            "who": each.recorded_by.display_name,
        }
        for each in receipts
    ]
    return Table(_("到账"), RECEIPT_COLUMNS, rows, empty_title=_("还没有到账"))


def monthly(first: date, months: int) -> list[date]:
    """The day of each month from the first one on."""
    return [add_months(first, number) for number in range(months)]
