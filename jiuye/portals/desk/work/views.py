"""How work is divided on the desk: taking it, handing it on, being away, what went up as late, and an officer's own messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Absence, Charge
from jiuye.office.messages import queries as told
from jiuye.office.messages.operations import mark_read
from jiuye.office.registry.places import division_names
from jiuye.office.staff.confirming_posts import who_confirms
from jiuye.office.staff.operations import IncompatiblePostsError, PostRefusedError
from jiuye.office.staff.rows import AUDIT
from jiuye.office.ventures.states import LoanRefusal
from jiuye.portals.common.actors import actor, allowed, now, office_date, unread_of
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Tab
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.typed import note_refusal
from jiuye.portals.desk.work.presenting import away_rows, declared_table, late_table

PAGE_SIZE = 30


@allowed("casework.see")
@require_POST
def take_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take a case in hand."""
    return _take(request, "desk:case", case_id=case_id)


@allowed("matters.see")
@require_POST
def take_matter(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Take a matter in hand."""
    return _take(request, "desk:matter", matter_id=matter_id)


@allowed("ventures.see")
@require_POST
def take_loan(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Take an application for a loan in hand."""
    return _take(request, "desk:loan", loan_id=loan_id)


@allowed("casework.see")
@require_POST
def hand_on_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Hand a case on to a colleague."""
    return _hand_on(request, "desk:case", case_id=case_id)


@allowed("matters.see")
@require_POST
def hand_on_matter(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Hand a matter on to a colleague."""
    return _hand_on(request, "desk:matter", matter_id=matter_id)


@allowed("ventures.see")
@require_POST
def hand_on_loan(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Hand an application for a loan on to a colleague."""
    return _hand_on(request, "desk:loan", loan_id=loan_id)


@allowed("casework.see")
@require_POST
def put_back_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Give a case back into the pool."""
    return _put_back(request, "desk:case", case_id=case_id)


@allowed("matters.see")
@require_POST
def put_back_matter(request: HttpRequest, matter_id: int) -> HttpResponse:
    """Give a matter back into the pool."""
    return _put_back(request, "desk:matter", matter_id=matter_id)


@allowed("ventures.see")
@require_POST
def put_back_loan(request: HttpRequest, loan_id: int) -> HttpResponse:
    """Give an application for a loan back into the pool."""
    return _put_back(request, "desk:loan", loan_id=loan_id)


def _take(request: HttpRequest, page: str, **of: int) -> HttpResponse:
    return _carried_out(request, page, operations.take, _("已由您承办。"), of)


def _hand_on(request: HttpRequest, page: str, **of: int) -> HttpResponse:
    to = request.POST.get("to", "")
    return _carried_out(
        request,
        page,
        partial(operations.hand_on, to_id=int(to) if to.isdecimal() else 0),
        lambda charge: _("已转交%(name)s承办。") % {"name": charge.holder.display_name},
        of,
    )


def _put_back(request: HttpRequest, page: str, **of: int) -> HttpResponse:
    return _carried_out(request, page, operations.put_back, _("已退回“待认领”。"), of)


def _carried_out(
    request: HttpRequest,
    page: str,
    act: Callable[..., Charge],
    done: str | Callable[[Charge], str],
    of: dict[str, int],
) -> HttpResponse:
    """One act on who has the case, matter or loan `of` in hand, for a reason, and back to its page."""
    reason = str(request.POST.get("reason", ""))
    attempt(
        request,
        lambda: act(actor=actor(request), reason=reason, on=office_date(), at=now(), **of),
        done=done,
        refusals=(LoanRefusal,),
    )
    return redirect(page, *of.values())


@allowed("casework.see")
@require_safe
def late(request: HttpRequest) -> HttpResponse:
    """What went up because it was late: to this actor's office, or from anywhere in their places."""
    me, on = actor(request), office_date()
    whole = request.GET.get("view") == "all" or not me.may("conduct.oversee")
    page = slice_asked(request, queries.escalated(me, to_us=not whole), size=PAGE_SIZE)
    names = division_names({code for row in page.rows for code in (row.from_division, row.to_division)})
    tabs = [Tab(_("辖区全部"), "?view=all", current=whole)]
    if me.may("conduct.oversee"):
        tabs.insert(0, Tab(_("上报到我这一级"), "?", current=not whole))
    context = {"table": late_table(page.rows, names, on=on), "page": page, "tabs_items": tabs}
    return render(request, "desk/work/late.html", context)


@allowed("messages.read")
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """An officer's own messages, the newest first."""
    me = actor(request)
    page = slice_asked(request, told.inbox(me), size=PAGE_SIZE)
    return render(request, "desk/work/inbox.html", {"page": page, "unread": unread_of(request)})


@allowed("messages.read")
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """All of one's messages are noted as read."""
    mark_read(actor=actor(request), at=now())
    return redirect("desk:inbox")


@allowed("messages.read")
@require_safe
def away(request: HttpRequest) -> HttpResponse:
    """One's own absences, and for whom one stands in; for whoever works at the desk the form for another."""
    me, on = actor(request), office_date()
    at_desk = me.may("desk.open")
    rows, theirs = queries.own_absences(me, on=on), queries.absences_in_charge(me, on=on) if at_desk else []
    shown = away_rows(me, [*rows, *theirs])
    # An administrator has them among `theirs`; an auditor is in nobody's charge.
    audited = me.may(AUDIT) and not me.may("staff.manage")
    page = slice_asked(request, queries.declared_for_others(me), size=PAGE_SIZE) if audited else None
    context = {
        "own": [shown[row.pk] for row in rows if row.account_id == me.account_id],
        "for_others": [shown[row.pk] for row in rows if row.substitute_id == me.account_id],
        "theirs": [shown[row.pk] for row in theirs],
        "declared": declared_table(page.rows) if page is not None else None,
        "page": page,
        "at_desk": at_desk,
        "colleagues": queries.officers_beside(me, on=on) if at_desk else [],
        "in_charge": queries.colleagues_in_charge(me, on=on) if at_desk else [],
        "on": on,
    }
    return render(request, "desk/work/away.html", context)


@allowed("desk.open")
@require_POST
def declare(request: HttpRequest) -> HttpResponse:
    """Declare an absence with a substitute."""
    given = _given(request)
    if given is None:
        return redirect("desk:away")
    substitute, start, until = given
    attempt(
        request,
        lambda: operations.declare_absence(
            actor=actor(request),
            substitute_id=substitute,
            start=start,
            until=until,
            on=office_date(),
            at=now(),
        ),
        done=lambda absence: (
            _("已登记外出，并告知代办人；这段时间您承办的由代办人办理，到期自动收回。")
            + _waiting_words(absence)
        ),
        refusals=(PostRefusedError, IncompatiblePostsError),
    )
    return redirect("desk:away")


@allowed("desk.open")
@require_POST
def declare_of(request: HttpRequest) -> HttpResponse:
    """Declare the absence of a colleague who cannot do it, with a substitute and the reason."""
    given, account = _given(request), request.POST.get("account", "")
    if given is None:
        return redirect("desk:away")
    substitute, start, until = given
    attempt(
        request,
        lambda: operations.declare_absence_of(
            actor=actor(request),
            account_id=int(account) if account.isdecimal() else 0,
            substitute_id=substitute,
            start=start,
            until=until,
            reason=request.POST.get("reason", ""),
            on=office_date(),
            at=now(),
        ),
        done=lambda absence: (
            _("已替同事登记外出，并告知本人和代办人；到期自动收回。") + _waiting_words(absence)
        ),
        refusals=(PostRefusedError, IncompatiblePostsError),
    )
    return redirect("desk:away")


def _waiting_words(absence: Absence) -> str:
    """Who puts in force what was handed on and waits; nothing where nothing does."""
    post = queries.posts_waiting([absence]).get(absence.pk)
    return who_confirms(post, on=office_date()) if post is not None else ""


def _given(request: HttpRequest) -> tuple[int, date, date] | None:
    """The substitute and the days of the form; None where they are missing, which is said."""
    given = request.POST
    try:
        return (
            int(given.get("substitute", "")),
            date.fromisoformat(given.get("start", "")),
            date.fromisoformat(given.get("until", "")),
        )
    except ValueError:
        words = _("外出要选代办人，写明从哪一天起、到哪一天回来，例如 2025-06-09。")
        messages.error(request, words)
        note_refusal(request, words)
        return None


@allowed("messages.read")
@require_POST
def back(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Back before the day that was declared, or not going after all."""
    attempt(
        request,
        lambda: operations.come_back(actor=actor(request), absence_id=absence_id, on=office_date(), at=now()),
        done=_("外出已结束，委托的岗位已收回，并已告知代办人。"),
        refusals=(PostRefusedError,),
    )
    return redirect("desk:away")
