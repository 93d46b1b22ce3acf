"""Visits and calls on the desk: noted on the page of whom they are about, read after a recorded look, listed by what comes next."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.conduct import operations, queries
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.registry.models import Employer, Person
from jiuye.office.ventures.operations import LoanNotFoundError
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Tab
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.desk.contacts.forms import ContactForm
from jiuye.portals.desk.contacts.presenting import HIDDEN, not_reached_table, to_do_table

PAGE_SIZE = 30
NOT_THERE = (
    CaseNotFoundError,
    MatterNotFoundError,
    LoanNotFoundError,
    Person.DoesNotExist,
    Employer.DoesNotExist,
)


@allowed("conduct.contact")
@require_safe
def to_do(request: HttpRequest) -> HttpResponse:
    """What is to be done next: one's own and that of whoever one stands in for, or everyone's of the place; or whom the last
    visit or call did not reach."""
    me, on = actor(request), office_date()
    asked = request.GET.get("whose", "")
    whose = asked if asked in ("all", "unreached") else "mine"
    unreached = whose == "unreached"
    rows = queries.not_reached(me) if unreached else queries.to_do_next(me, whose=whose, on=on)
    page = slice_asked(request, rows, size=PAGE_SIZE)
    tabs = [
        Tab(_("我的"), "?", current=whose == "mine"),
        Tab(_("大家的"), "?whose=all", current=whose == "all"),
        Tab(_("没联系上的"), "?whose=unreached", current=unreached),
    ]
    table = not_reached_table(page.rows, on=on) if unreached else to_do_table(page.rows, on=on)
    context = {"table": table, "page": page, "tabs_items": tabs, "unreached": unreached}
    return render(request, "desk/contacts/to_do.html", context)


@allowed("conduct.contact")
@sensitive_post_parameters()
@require_POST
def of_person(request: HttpRequest, person_id: int) -> HttpResponse:
    """A visit or call with a resident."""
    return _log(request, "desk:person", {"person_id": person_id})


@allowed("conduct.contact")
@sensitive_post_parameters()
@require_POST
def of_employer(request: HttpRequest, employer_id: int) -> HttpResponse:
    """A visit or call with an employer."""
    return _log(request, "desk:employer", {"employer_id": employer_id})


@allowed("conduct.contact")
@sensitive_post_parameters()
@require_POST
def of_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """A visit or call about a case."""
    return _log(request, "desk:case", {"case_id": case_id})


@allowed("conduct.contact")
@sensitive_post_parameters()
@require_POST
def of_matter(request: HttpRequest, matter_id: int) -> HttpResponse:
    """A visit or call about a matter."""
    return _log(request, "desk:matter", {"matter_id": matter_id})


@allowed("conduct.contact")
@sensitive_post_parameters()
@require_POST
def of_loan(request: HttpRequest, loan_id: int) -> HttpResponse:
    """A visit or call about a loan."""
    return _log(request, "desk:loan", {"loan_id": loan_id})


def _log(request: HttpRequest, back: str, about: dict[str, Any]) -> HttpResponse:
    (key,) = about.values()
    followed = str(request.POST.get("follows_id", ""))
    form = ContactForm(request.POST, on=office_date(), open_steps=())
    try:
        attempt(
            request,
            lambda: operations.log_contact(
                actor=actor(request),
                **about,
                **form.cleaned_data,
                follows_id=int(followed) if followed.isdecimal() else None,
                on=office_date(),
                at=now(),
            ),
            done=_("已登记。"),
            form=form,
        )
    except NOT_THERE as error:
        raise Http404(str(error)) from error
    return redirect(back, key)


@allowed("registry.reveal")
@sensitive_post_parameters()
@require_POST
def look(request: HttpRequest, contact_id: int) -> HttpResponse:
    """What was noted, in clear, after the look was recorded."""
    found = attempt(
        request,
        lambda: operations.look_at_contact(
            actor=actor(request),
            contact_id=contact_id,
            purpose=str(request.POST.get("purpose", "")),
            at=now(),
        ),
        done="",
    )
    if found is None:
        return redirect("desk:home")
    value = (
        _("%(whom)s：%(came_of)s") % {"whom": found.whom, "came_of": found.came_of}
        if found.whom
        else found.came_of
    )
    if found.next_step:
        value += " " + _("下一步：%(step)s") % {"step": found.next_step}
    context = {"value": value, "hidden": HIDDEN, "contact": found}
    template = "desk/people/revealed.html" if getattr(request, "htmx", False) else "desk/contacts/look.html"
    response = render(request, template, context)
    response.headers["Cache-Control"] = "no-store"
    return response
