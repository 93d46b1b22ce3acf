"""What was told about a case, a matter or a loan: through which channel it went, and the letters, to print and hand over at a counter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from jiuye.office.casework.moments import day_of
from jiuye.office.messages import queries
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.messages.states import CHANNEL_WORDS, DELIVERY_LEVELS, DELIVERY_STATES, REASONS
from jiuye.portals.common.actors import actor, allowed
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.letters import letter_response
from jiuye.portals.common.templatetags.jiuye import content


def told_table(told: Sequence[Message], letters: str, key: int, *, until: datetime | None = None) -> Table:
    """These messages in their order; with `until` those written by that moment, unsent or unread where that came later. `letters` is the
    name of the address of a letter about the thing of that key.
    """
    messages = [message for message in told if _by(message.written_at, until)]
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
            "letter": Cell("PDF", url=reverse(letters, args=[key, message.pk]), note=_by_hand(message, until))
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


def _by_hand(message: Message, until: datetime | None) -> str:
    """What is left to do now with a letter that the law asks for, of whose message nothing has reached the receiver."""
    lost = any(row.state == "undeliverable" for row in message.deliveries.all())
    if until is not None or not (message.statutory and lost) or message.read_at is not None:
        return ""
    return _("短信没有送到，也没有看过站内消息：请打印，当面交给当事人。")


@allowed("casework.see")
@require_safe
def case_letter(request: HttpRequest, case_id: int, message_id: int) -> HttpResponse:
    """The letter of one message about a case, as a PDF."""
    return _letter(request, f"case:{case_id}", message_id, "casework.see")


@allowed("matters.see")
@require_safe
def matter_letter(request: HttpRequest, matter_id: int, message_id: int) -> HttpResponse:
    """The letter of one message about a matter, as a PDF."""
    return _letter(request, f"matter:{matter_id}", message_id, "matters.see")


@allowed("ventures.see")
@require_safe
def loan_letter(request: HttpRequest, loan_id: int, message_id: int) -> HttpResponse:
    """The letter of one message about a loan, as a PDF."""
    return _letter(request, f"loan:{loan_id}", message_id, "ventures.see")


def _letter(request: HttpRequest, about: str, message_id: int, permission: str) -> HttpResponse:
    try:
        message = queries.one_told(actor(request), about, message_id, permission=permission)
    except queries.MessageNotFoundError as error:
        raise Http404(str(error)) from error
    return letter_response(message)
