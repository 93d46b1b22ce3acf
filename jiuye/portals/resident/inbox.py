"""One's own messages: what the office told, the newest first, with how many are unread and the letters behind decisions."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.messages import queries
from jiuye.office.messages.operations import mark_read
from jiuye.portals.common.actors import actor, allowed, now
from jiuye.portals.common.letters import letter_response
from jiuye.portals.common.slices import slice_asked

PAGE_SIZE = 20


@allowed("own.see")
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Every message with its words."""
    me = actor(request)
    page = slice_asked(request, queries.inbox(me), size=PAGE_SIZE)
    return render(request, "resident/inbox.html", {"page": page, "unread": queries.unread(me)})


@allowed("own.see")
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """All of one's messages are noted as read."""
    mark_read(actor=actor(request), at=now())
    return redirect("resident:inbox")


@allowed("own.see")
@require_safe
def letter(request: HttpRequest, message_id: int) -> HttpResponse:
    """The letter of one message, as a PDF."""
    try:
        message = queries.own_message(actor(request), message_id)
    except queries.MessageNotFoundError as error:
        raise Http404(str(error)) from error
    return letter_response(message)
