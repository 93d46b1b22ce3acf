"""Residents: finding one, one page each, and what is changed there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework.authorities import why_not_in_force, words_for_holder
from jiuye.office.casework.queries.authorities import authorities_of_person
from jiuye.office.casework.queries.found import found_of_person
from jiuye.office.entitlements.register_words import FIELD, NoSuchRecordError, reveal_register
from jiuye.office.matters import queries as matters
from jiuye.office.registry import households, operations, queries
from jiuye.office.registry.models import Employer, EmploymentSpell, Person, Status
from jiuye.office.registry.secrets import mask_id_number, mask_phone
from jiuye.office.staff.refusals import TooLongError
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.authorities import choices_of, rows_of
from jiuye.portals.common.components import Crumb
from jiuye.portals.desk.asked_for import asked_for
from jiuye.portals.desk.contacts.presenting import card_of
from jiuye.portals.desk.own_accounts import account_address
from jiuye.portals.desk.people.authorities import AuthorityForm
from jiuye.portals.desk.people.forms import CorrectionForm, EmploymentForm, EndForm, HouseholdForm, StatusForm
from jiuye.portals.desk.people.presenting import (
    contribution_table,
    employer_table,
    employment_table,
    entitlement_table,
    people_table,
    person_facts,
    status_table,
)
from jiuye.portals.desk.registering.views import ways_to_register
from jiuye.portals.desk.registers import HIDDEN, language, register_cards
from jiuye.portals.desk.things.presenting import things_table

SOURCE = "经办窗口登记"  # not translated: data, where a fact that was written at a desk comes from
REFUSALS = (operations.FactRefusedError, operations.AlreadyEndedError, operations.NotCorrectableError)


@allowed("registry.see")
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """Find residents of one's divisions by ID number, phone, number or name, and employers by credit code, number or name."""
    me, text = actor(request), request.GET.get("q", "").strip()
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    found = queries.search(me, text, after=after, before=before)
    # Employers stand on the first page, above the residents; those are many, and go on from page to page.
    employers, more = queries.search_employers(me, text) if not (after or before) else ([], False)
    context = {
        "text": text,
        "page": found,
        "employers": employer_table(employers) if employers else None,
        "more_employers": len(employers) if more else 0,
        "table": people_table(found.rows, on=office_date())
        if text and (found.rows or not employers)
        else None,
        "ways": ways_to_register(me, text, found=bool(found.rows or employers)),
        "nobody": not (found.rows or employers),
    }
    return render(request, "desk/people/find.html", context)


@allowed("registry.see")
@require_safe
def detail(request: HttpRequest, person_id: int) -> HttpResponse:
    """One resident: facts, what they could get, what they get, and the forms that change the facts."""
    return _page(request, person_id)


def _page(
    request: HttpRequest, person_id: int, *, wrong: dict[str, forms.Form] | None = None
) -> HttpResponse:
    me, on = actor(request), office_date()
    try:
        card = queries.person_card(me, person_id, on=on)
    except Person.DoesNotExist as error:
        raise Http404(_("没有这位居民，或者不在您的管辖范围内。")) from error
    may_change = me.may("registry.change", card.person.residence_division_id)
    reveal_url = (
        reverse("desk:person_reveal", args=[person_id])
        if me.may("registry.reveal", card.person.residence_division_id)
        else ""
    )
    at_counter = me.may("matters.start_on_behalf", card.person.residence_division_id)
    given = authorities_of_person(person_id, seen_by=me) if at_counter else []
    not_theirs = words_for_holder(any(one.may_be_holder for one in given))
    authority_form = AuthorityForm() if at_counter else None
    shown = {
        "status": StatusForm(),
        "employment": EmploymentForm(),
        "correction": CorrectionForm(),
        "household": HouseholdForm(),
    }
    return render(
        request,
        "desk/people/one.html",
        {
            "card": card,
            "person": card.person,
            "crumbs": [Crumb(_("居民和单位"), reverse("desk:people")), Crumb(card.person.name)],
            "facts_rows": person_facts(card),
            "statuses": status_table(card),
            "employment": employment_table(card, me),
            "contributions": contribution_table(card),
            "found": entitlement_table(found_of_person(me, person_id))
            if me.may("entitlements.see")
            else None,
            **asked_for(me, kind="person", key=person_id, on=on),
            "startable": matters.items_for("person") if at_counter and not not_theirs else (),
            "not_theirs": not_theirs,
            "authorities": rows_of(given, on=on),
            "in_force": choices_of(one for one in given if not why_not_in_force(one, on=on)),
            "authority_form": authority_form,
            "masked_account": f"**** {card.person.bank_account[-4:]}" if card.person.bank_account else "",
            "own_account": account_address(me, card.person),
            "contacts": card_of(me, card.person, on=on),
            "may_change": may_change,
            "reveal_url": reveal_url,
            "things": things_table(card.things, owners=False) if card.things else None,
            "registers": register_cards(
                [("person", person_id), ("household", card.person.household_id)],
                on=on,
                reveal_url=reveal_url,
            ),
            "endable_statuses": [status for status in card.statuses if status.until is None],
            "endable_spells": [spell for spell in card.current_employment if spell.until is None],
            "forms": shown | (wrong or {}),
        },
        status=422 if wrong else 200,
    )


@allowed("registry.reveal")
@sensitive_post_parameters()
@require_POST
def reveal(request: HttpRequest, person_id: int) -> HttpResponse:
    """One protected value in clear, after the look was recorded."""
    person = _visible(request, person_id)
    field, purpose = str(request.POST.get("field", "")), str(request.POST.get("purpose", ""))

    def look() -> str:
        if field.startswith(FIELD):
            return reveal_register(
                actor=actor(request),
                subject=person,
                field=field,
                purpose=purpose,
                on=office_date(),
                at=now(),
                lang=language(),
            )
        return operations.reveal(actor=actor(request), person=person, field=field, purpose=purpose, at=now())

    value = attempt(request, look, done="", refusals=(*REFUSALS, NoSuchRecordError))
    if value is None:
        return redirect("desk:person", person_id)
    masks: dict[str, Callable[[str], str]] = {"id_number": mask_id_number, "phone": mask_phone}
    hidden = HIDDEN if field.startswith(FIELD) else masks.get(field, lambda text: f"**** {text[-4:]}")(value)
    context = {"value": value, "hidden": hidden, "person": person}
    template = "desk/people/revealed.html" if getattr(request, "htmx", False) else "desk/people/look.html"
    response = render(request, template, context)
    response.headers["Cache-Control"] = "no-store"
    return response


@allowed("registry.change")
@require_POST
def add_status(request: HttpRequest, person_id: int) -> HttpResponse:
    """A status from a day on."""

    def act(person: Person, given: dict[str, Any]) -> Any:
        return operations.add_status(
            actor=actor(request), person=person, source=SOURCE, on=office_date(), at=now(), **given
        )

    return _change(request, person_id, "status", StatusForm(request.POST), act, _("身份已登记。"))


@allowed("registry.change")
@require_POST
def add_employment(request: HttpRequest, person_id: int) -> HttpResponse:
    """A job from a day on."""
    form = EmploymentForm(request.POST)

    def act(person: Person, given: dict[str, Any]) -> Any:
        code = given.pop("credit_code").strip().upper()
        employer = Employer.objects.filter(credit_code=code).order_by("pk").first() if code else None
        if code and employer is None:
            raise operations.FactRefusedError(
                [_("没有登记信用代码为 %(code)s 的单位；请核对代码，或先登记单位。") % {"code": code}]
            )
        return operations.add_employment(
            actor=actor(request),
            person=person,
            employer=employer,
            source=SOURCE,
            on=office_date(),
            at=now(),
            **given,
        )

    return _change(request, person_id, "employment", form, act, _("就业已登记。"))


@allowed("registry.change")
@sensitive_post_parameters()
@require_POST
def add_household(request: HttpRequest, person_id: int) -> HttpResponse:
    """The others of one household, from a day on."""

    def act(person: Person, given: dict[str, Any]) -> Any:
        return households.register_household(
            actor=actor(request),
            person=person,
            id_numbers=given["id_numbers"].split(),
            start=given["start"],
            source=SOURCE,
            on=office_date(),
            at=now(),
        )

    return _change(request, person_id, "household", HouseholdForm(request.POST), act, _("同户成员已登记。"))


@allowed("registry.change")
@require_POST
def leave_household(request: HttpRequest, person_id: int) -> HttpResponse:
    """Somebody who belongs to their household no more."""
    person = _visible(request, person_id)
    return _end(
        request,
        person_id,
        lambda until: households.leave_household(
            actor=actor(request), person=person, until=until, on=office_date(), at=now()
        ),
        _("已登记离开这一户。"),
    )


@allowed("registry.change")
@sensitive_post_parameters()
@require_POST
def correct(request: HttpRequest, person_id: int) -> HttpResponse:
    """Correct what is on record."""
    form = CorrectionForm(request.POST)

    def act(person: Person, given: dict[str, Any]) -> Any:
        return operations.correct_person(
            actor=actor(request),
            person=person,
            changes=form.changes(),
            reason=given["reason"],
            on=office_date(),
            at=now(),
        )

    return _change(request, person_id, "correction", form, act, _("信息已更正。"))


@allowed("registry.change")
@require_POST
def end_status(request: HttpRequest, person_id: int, status_id: int) -> HttpResponse:
    """A status that no longer holds."""
    person = _visible(request, person_id)
    status = get_object_or_404(Status, pk=status_id, person=person)
    return _end(
        request,
        person_id,
        lambda until: operations.end_status(
            actor=actor(request), status=status, until=until, on=office_date(), at=now()
        ),
        _("身份已结束。"),
    )


@allowed("registry.change")
@require_POST
def end_employment(request: HttpRequest, person_id: int, spell_id: int) -> HttpResponse:
    """A job that has ended."""
    person = _visible(request, person_id)
    spell = get_object_or_404(EmploymentSpell, pk=spell_id, person=person)
    return _end(
        request,
        person_id,
        lambda until: operations.end_employment(
            actor=actor(request), spell=spell, until=until, on=office_date(), at=now()
        ),
        _("就业已结束。"),
    )


def _visible(request: HttpRequest, person_id: int) -> Person:
    found = queries.visible_people(actor(request)).filter(pk=person_id).first()
    if found is None:
        raise Http404(_("没有这位居民，或者不在您的管辖范围内。"))
    return found


def _change(
    request: HttpRequest,
    person_id: int,
    name: str,
    form: forms.Form,
    act: Callable[[Person, dict[str, Any]], Any],
    done: str,
) -> HttpResponse:
    """One form on the page: back to it with its errors, or on to the page with what was done."""
    person = _visible(request, person_id)
    if form.is_valid():
        try:
            act(person, dict(form.cleaned_data))
        except operations.FactRefusedError as error:
            for sentence in error.sentences:
                form.add_error(None, sentence)
        except TooLongError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, done)
            return redirect("desk:person", person_id)
    return _page(request, person_id, wrong={name: form})


def _end(request: HttpRequest, person_id: int, act: Callable[[Any], Any], done: str) -> HttpResponse:
    form = EndForm(request.POST)
    attempt(request, lambda: act(form.cleaned_data["until"]), done=done, refusals=REFUSALS, form=form)
    return redirect("desk:person", person_id)
