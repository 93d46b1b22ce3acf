"""What the applicant was told about a case, through which channel it went, and the letters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.office.casework.models import Case
from jiuye.office.casework.moments import day_of
from jiuye.office.messages import queries
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.messages.states import CHANNEL_WORDS, DELIVERY_LEVELS, DELIVERY_STATES, REASONS
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.actors import actor, allowed
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.letters import letter_response
from jiuye.portals.common.templatetags.jiuye import content


def told_table(me: Actor, case: Case, *, until: datetime | None = None) -> Table:
    """The messages about a case, the newest first; with `until` those written by that moment, unsent or unread where that came later."""
    messages = queries.told_about(me, f"case:{case.pk}", permission="casework.see")
    if until is not None:
        messages = [message for message in messages if message.written_at <= until]
    columns = [
        Column("title", _("消息"), heads=True),
        Column("written", _("日期"), kind="date"),
        Column("sms", _(CHANNEL_WORDS["sms"])),
        Column("read", _(CHANNEL_WORDS["in_app"])),
    ]
    if any(message.letter for message in messages):
        columns.append(Column("letter", _(CHANNEL_WORDS["letter"])))
    rows = [
        {
            "title": Cell(content(message, "title"), note=message.source),
            "written": message.written_on,
            "sms": _sms_cell(message, until),
            "read": _read(message, until),
            "letter": Cell("PDF", url=reverse("desk:case_letter", args=[case.pk, message.pk]))
            if message.letter
            else Cell("", absent=True),
        }
        for message in messages
    ]
    return Table(_("告知记录"), columns, rows, empty_title=_("还没有告知当事人的消息"))


def _read(message: Message, until: datetime | None) -> str | Cell:
    """Whoever objected to a notice has no inbox here."""
    if message.recipient_kind == "objector":
        return Cell(_("异议人"), absent=True)
    return _("已读") if _by(message.read_at, until) else _("未读")


def _by(at: datetime | None, until: datetime | None) -> bool:
    """Whether it has happened, by the moment that is shown where that is a past one."""
    return at is not None and (until is None or at <= until)


def _tried(row: Delivery, until: datetime) -> bool:
    """Whether a delivery had come to its end by then: sent to the moment, undeliverable to the day."""
    if row.sent_at is not None:
        return row.sent_at <= until
    return row.on_day is not None and row.on_day <= day_of(until)


def _sms_cell(message: Message, until: datetime | None) -> Cell:
    found: list[Any] = list(message.deliveries.all())
    if not found:
        return Cell("", absent=True)
    row = found[0]
    if until is not None and not _tried(row, until):
        return Cell(_(DELIVERY_STATES["waiting"]), level=DELIVERY_LEVELS["waiting"])
    note = _(REASONS[row.reason]) if row.reason else ""
    return Cell(_(DELIVERY_STATES[row.state]), level=DELIVERY_LEVELS[row.state], note=note)


@allowed("casework.see")
@require_safe
def letter(request: HttpRequest, case_id: int, message_id: int) -> HttpResponse:
    """The letter of one message about a case, as a PDF."""
    try:
        message = queries.one_told(actor(request), f"case:{case_id}", message_id, permission="casework.see")
    except queries.MessageNotFoundError as error:
        raise Http404(str(error)) from error
    return letter_response(message)
