"""Payment files out, return files in, and the page on which the two stand beside each other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.exchange.bank.tables import KINDS, LARGEST_BYTES
from jiuye.office.casework import operations as casework
from jiuye.office.funds import operations as funds
from jiuye.office.funds import queries
from jiuye.office.funds.models import PaymentBatch, ReturnFile
from jiuye.office.funds.states import LINE_STATES
from jiuye.office.staff.refusals import LONG
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Crumb, Table
from jiuye.portals.common.forms import UploadDrop, WordsField
from jiuye.portals.desk.refusals import REFUSALS

OUTCOMES = {
    "paid": gettext_lazy("已付"),
    "rejected": gettext_lazy("退回"),
    "waiting": gettext_lazy("处理中"),
    "": "—",
}
DIFFERENCE_COLUMNS = (
    Column("line", gettext_lazy("付款键"), heads=True),
    Column("what", gettext_lazy("差异")),
    Column("sent", gettext_lazy("发送金额"), kind="money"),
    Column("answered", gettext_lazy("回盘金额"), kind="money"),
    Column("ours", gettext_lazy("本系统")),
    Column("theirs", gettext_lazy("银行")),
)
FILE_COLUMNS = (
    Column("name", gettext_lazy("回盘文件"), heads=True),
    Column("lines", gettext_lazy("笔数"), kind="number"),
    Column("paid", gettext_lazy("已付合计"), kind="money"),
    Column("state", gettext_lazy("入账")),
    Column("read", gettext_lazy("读入"), kind="moment"),
    Column("who", gettext_lazy("经办")),
)


class ReturnForm(forms.Form):
    """A return file; what is wrong with it is said by the reading itself."""

    file = forms.FileField(
        label=gettext_lazy("回盘文件"),
        help_text=gettext_lazy("银行给的 .csv 或 .xlsx，带控制总数和签名；同一个文件读几次都只入账一次。"),
        widget=UploadDrop(attrs={"accept": ".csv,.xlsx"}),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("请选择回盘文件。")},
    )


class GiveUpForm(forms.Form):
    """What the bank says, and how it was settled with it."""

    reason = WordsField(label=gettext_lazy("银行为什么拒收，和银行怎样核对的"), most=LONG, rows=2)


@allowed("funds.pay")
@require_POST
def download(request: HttpRequest, batch_id: int, kind: str) -> HttpResponse:
    """The payment file of a batch that was given to the bank. A POST, since the look at its accounts is recorded."""
    if kind not in KINDS:
        raise Http404(_("没有这种文件。"))
    found = get_object_or_404(PaymentBatch, pk=batch_id)
    body = attempt(
        request,
        lambda: funds.payment_file(actor=actor(request), batch=found, kind=kind, at=now()),
        done="",
        refusals=REFUSALS,
    )
    if body is None:
        return redirect("desk:batch", batch_id)
    response = HttpResponse(body, content_type=KINDS[kind])
    response["Content-Disposition"] = f'attachment; filename="{found.number}.{kind}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@allowed("funds.pay")
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Read a return file, book it where it agrees, and go to the page that shows it beside what was sent."""
    form = ReturnForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, _("请选择回盘文件。"))
        return redirect("desk:payments")
    file = form.cleaned_data["file"]
    # One byte more than the limit is enough for the reading to refuse it by its size.
    content = file.read(LARGEST_BYTES + 1)
    done = attempt(
        request,
        lambda: casework.take_return_file(
            actor=actor(request), name=file.name, content=content, on=office_date(), at=now()
        ),
        done="",
        refusals=REFUSALS,
    )
    if done is None:
        return redirect("desk:payments")
    read, _collected = done
    _say(request, read)
    return redirect("desk:batch_reconciliation", read.file.batch_id)


def _say(request: HttpRequest, read: funds.ReturnRead) -> None:
    settled = read.settlement
    brought = settled.paid or settled.rejected or settled.returned
    held_back = sum(each.held_back for each in read.differences)
    if any(each.blocks for each in read.differences):
        messages.error(request, _("回盘与发送的不一致，整个文件没有入账；请看下面的差异，与银行核对。"))
    elif read.again and not brought:
        messages.info(request, _("这个回盘文件以前读过；没有重复入账。"))
    elif read.file.booked or brought:
        messages.success(
            request,
            _("回盘已入账：到账 %(paid)d 笔，退回 %(rejected)d 笔，还在处理 %(waiting)d 笔。")
            % {"paid": settled.paid, "rejected": settled.rejected, "waiting": settled.waiting},
        )
    if settled.returned:
        messages.warning(
            request,
            _("到账后又被退回 %(returned)d 笔：已冲回并重新预留，请核对收款账户后再付。")
            % {"returned": settled.returned},
        )
    if held_back:
        messages.warning(
            request,
            _("%(number)d 笔到账后退回的款正在追回，没有入账；追回办结以后请再读一次这个回盘文件。")
            % {"number": held_back},
        )


@allowed("funds.see")
@require_safe
def compare(request: HttpRequest, batch_id: int) -> HttpResponse:
    """What was sent beside what the bank says, and where the two differ."""
    found = get_object_or_404(PaymentBatch, pk=batch_id)
    both = queries.reconciliation(actor=actor(request), batch=found)
    return render(
        request,
        "desk/payments/reconciliation.html",
        {
            "batch": found,
            "both": both,
            "agrees": both.files and not both.differences,
            "differences": difference_table(both.differences),
            "files": file_table(both.files),
            "crumbs": [
                Crumb(_("付款"), reverse("desk:payments")),
                Crumb(found.number, reverse("desk:batch", args=[found.pk])),
                Crumb(_("对账")),
            ],
        },
    )


def difference_table(differences: tuple[queries.Difference, ...]) -> Table:
    """The lines on which the two sides differ; what only waits is said quietly."""
    rows: list[dict[str, Any]] = [
        {
            "line": each.line_key,
            "what": Cell(
                queries.DIFFERENCES[each.kind], level="bad" if each.blocks or each.held_back else "watch"
            ),
            "sent": each.sent_fen,
            "answered": each.answered_fen,
            "ours": _(LINE_STATES[each.ours]) if each.ours else "—",
            "theirs": OUTCOMES[each.theirs],
        }
        for each in differences
    ]
    return Table(_("差异"), DIFFERENCE_COLUMNS, rows, empty_title=_("没有差异"))


def file_table(files: tuple[ReturnFile, ...]) -> Table:
    """The return files of a batch, newest first."""
    rows = [
        {
            "name": Cell(file.name, note=file.content_digest[:16]),
            "lines": file.line_count,
            "paid": file.paid_fen,
            "state": Cell(
                _("已入账") if file.booked else _("未入账"), level="good" if file.booked else "bad"
            ),
            "read": file.read_at,
            "who": file.read_by.display_name,
        }
        for file in files
    ]
    return Table(_("回盘文件"), FILE_COLUMNS, rows, empty_title=_("还没有读入回盘文件"))
