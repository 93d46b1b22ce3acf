"""Employers: one page each, with what is on record and what other departments' registers say."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework.queries.found import found_of_employer
from jiuye.office.matters import queries as matters
from jiuye.office.registry import queries
from jiuye.office.registry.models import Employer
from jiuye.office.registry.states import EMPLOYER_KINDS, EMPLOYER_SIZES
from jiuye.portals.common.actors import actor, allowed, office_date
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.templatetags.jiuye import content, day
from jiuye.portals.desk.contacts.presenting import card_of
from jiuye.portals.desk.people.presenting import entitlement_table
from jiuye.portals.desk.registers import look_at_register, register_cards
from jiuye.portals.desk.things.presenting import things_table


@allowed("registry.see")
@require_safe
def detail(request: HttpRequest, employer_id: int) -> HttpResponse:
    """One employer: facts, what it could get, what other departments say."""
    me, employer = actor(request), _visible(request, employer_id)
    may_reveal = me.may("registry.reveal", employer.division_id)
    return render(
        request,
        "desk/employers/one.html",
        {
            "employer": employer,
            "crumbs": [Crumb(_("居民"), reverse("desk:people")), Crumb(employer.name)],
            "facts_rows": _facts(employer),
            "found": entitlement_table(found_of_employer(me, employer_id))
            if me.may("entitlements.see")
            else None,
            "things": things_table(things, owners=False)
            if (things := queries.things_of(on=office_date(), employer_id=employer_id))
            else None,
            "startable": matters.items_for("employer")
            if me.may("matters.start_on_behalf", employer.division_id)
            else [],
            "contacts": card_of(me, employer, on=office_date()),
            "registers": register_cards(
                [("employer", employer_id)],
                on=office_date(),
                reveal_url=reverse("desk:employer_reveal", args=[employer_id]) if may_reveal else "",
            ),
        },
    )


@allowed("registry.reveal")
@sensitive_post_parameters()
@require_POST
def reveal(request: HttpRequest, employer_id: int) -> HttpResponse:
    """What a protected register says of the employer, after the look was recorded."""
    employer = _visible(request, employer_id)
    back = reverse("desk:employer", args=[employer_id])
    return look_at_register(request, employer, title=employer.name, back=back)


def _visible(request: HttpRequest, employer_id: int) -> Employer:
    found = queries.visible_employers(actor(request)).filter(pk=employer_id).first()
    if found is None:
        raise Http404(_("没有这家单位，或者不在您的管辖范围内。"))
    return found


def _facts(employer: Employer) -> list[tuple[str, Any]]:
    rows = [
        (_("统一社会信用代码"), employer.credit_code),
        (_("类型"), _(EMPLOYER_KINDS[employer.kind])),
        (_("规模"), _(EMPLOYER_SIZES[employer.size]) if employer.size else "—"),
        (_("所在地"), content(employer.division)),
        (_("成立日期"), day(employer.founded_on) if employer.founded_on else "—"),
        (_("来源"), employer.source),
    ]
    if employer.closed_on is not None:
        rows.insert(5, (_("注销日期"), day(employer.closed_on)))
    return rows
