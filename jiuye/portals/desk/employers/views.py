"""Employers: one page each, with what is on record and what other departments' registers say, and what is corrected there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework.queries.found import found_of_employer
from jiuye.office.matters import queries as matters
from jiuye.office.registry import operations, queries
from jiuye.office.registry.models import CounterRegistration, Employer
from jiuye.office.registry.states import EMPLOYER_KINDS, EMPLOYER_SIZES, INDUSTRIES
from jiuye.office.staff.refusals import TooLongError
from jiuye.office.ventures import queries as ventures
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.templatetags.jiuye import content, day
from jiuye.portals.desk.asked_for import asked_for
from jiuye.portals.desk.contacts.presenting import card_of
from jiuye.portals.desk.employers.forms import EmployerCorrectionForm
from jiuye.portals.desk.loans.presenting import loan_table
from jiuye.portals.desk.own_accounts import account_address
from jiuye.portals.desk.people.presenting import entitlement_table
from jiuye.portals.desk.registering.presenting import registration_words
from jiuye.portals.desk.registers import look_at_register, register_cards, shown_once
from jiuye.portals.desk.things.presenting import things_table


@allowed("registry.see")
@require_safe
def detail(request: HttpRequest, employer_id: int) -> HttpResponse:
    """One employer: facts, what it could get, what other departments say, and the form that corrects the facts."""
    return _page(request, _visible(request, employer_id), EmployerCorrectionForm())


def _page(request: HttpRequest, employer: Employer, form: EmployerCorrectionForm) -> HttpResponse:
    me, employer_id = actor(request), employer.pk
    reveal_url = (
        reverse("desk:employer_reveal", args=[employer_id])
        if me.may("registry.reveal", employer.division_id)
        else ""
    )
    return render(
        request,
        "desk/employers/one.html",
        {
            "employer": employer,
            "crumbs": [Crumb(_("居民和单位"), reverse("desk:people")), Crumb(employer.name)],
            "facts_rows": _facts(employer),
            "masked_account": _tail(employer.bank_account),
            "reveal_url": reveal_url,
            "correction": form if me.may("registry.change", employer.division_id) else None,
            "found": entitlement_table(found_of_employer(me, employer_id))
            if me.may("entitlements.see")
            else None,
            **asked_for(me, kind="employer", key=employer_id, on=office_date()),
            "loans": loan_table(
                ventures.loans_of_employer(actor=me, employer_id=employer_id), on=office_date()
            )
            if me.may("ventures.see")
            else None,
            "things": things_table(things, owners=False)
            if (things := queries.things_of(on=office_date(), employer_id=employer_id))
            else None,
            "startable": matters.items_for("employer")
            if me.may("matters.start_on_behalf", employer.division_id)
            else [],
            "own_account": account_address(me, employer),
            "contacts": card_of(me, employer, on=office_date()),
            "registers": register_cards(
                [("employer", employer_id)],
                on=office_date(),
                reveal_url=reveal_url,
            ),
        },
        status=422 if form.errors else 200,
    )


@allowed("registry.reveal")
@sensitive_post_parameters()
@require_POST
def reveal(request: HttpRequest, employer_id: int) -> HttpResponse:
    """The employer's account in clear, or what a protected register says of it, after the look was recorded."""
    employer = _visible(request, employer_id)
    back = reverse("desk:employer", args=[employer_id])
    if request.POST.get("field") == "bank_account":
        purpose = str(request.POST.get("purpose", ""))

        def look() -> str:
            return operations.reveal_account(
                actor=actor(request), employer=employer, purpose=purpose, at=now()
            )

        return shown_once(request, look, _tail, title=employer.name, back=back)
    return look_at_register(request, employer, title=employer.name, back=back)


@allowed("registry.change")
@sensitive_post_parameters()
@require_POST
def correct(request: HttpRequest, employer_id: int) -> HttpResponse:
    """Correct what is on record: where the money goes, and the name."""
    employer, form = _visible(request, employer_id), EmployerCorrectionForm(request.POST)
    if form.is_valid():
        try:
            operations.correct_employer(
                actor=actor(request),
                employer=employer,
                changes=form.changes(),
                document=form.cleaned_data["document"],
                reason=form.cleaned_data["reason"],
                on=office_date(),
                at=now(),
            )
        except operations.FactRefusedError as error:
            for sentence in error.sentences:
                form.add_error(None, sentence)
        except TooLongError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("信息已更正。"))
            return redirect("desk:employer", employer_id)
    return _page(request, employer, form)


def _tail(account: str) -> str:
    return f"**** {account[-4:]}" if account else ""


def _visible(request: HttpRequest, employer_id: int) -> Employer:
    known = queries.visible_employers(actor(request)).select_related("registration")
    found = known.filter(pk=employer_id).first()
    if found is None:
        raise Http404(_("没有这家单位，或者不在您的管辖范围内。"))
    return found


def _facts(employer: Employer) -> list[tuple[str, Any]]:
    rows = [
        (_("统一社会信用代码"), employer.credit_code),
        (_("类型"), _(EMPLOYER_KINDS[employer.kind])),
        (
            _("行业门类"),
            _(INDUSTRIES.get(employer.industry, employer.industry)) if employer.industry else "—",
        ),
        (_("规模"), _(EMPLOYER_SIZES[employer.size]) if employer.size else "—"),
        (_("所在地"), content(employer.division)),
        (_("成立日期"), day(employer.founded_on) if employer.founded_on else "—"),
        (_("开户行"), employer.bank_name or "—"),
        (_("来源"), employer.source),
    ]
    if employer.closed_on is not None:
        rows.insert(6, (_("注销日期"), day(employer.closed_on)))
    registration: CounterRegistration | None = getattr(employer, "registration", None)
    if registration is not None:
        rows.append((_("窗口登记"), registration_words(registration)))
    return rows
