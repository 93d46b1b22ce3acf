"""Registering a resident or an employer who is on no register yet, at the counter where they are.

Whoever is on record already, under the very number or only alike, is shown first; nothing of theirs is changed here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from jiuye.office.registry.alike import Alike
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.operations import CHANGE
from jiuye.office.registry.places import places_within
from jiuye.office.registry.registering import (
    AlikeError,
    AlreadyThereError,
    NotRegisteredError,
    Registered,
    register_employer,
    register_person,
)
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.components import Crumb, Table
from jiuye.portals.common.views.posts import place_choices
from jiuye.portals.desk.people.presenting import employer_table, people_table
from jiuye.portals.desk.registering.forms import (
    ApartForm,
    CounterForm,
    EmployerForm,
    PersonForm,
    written_about,
)

SOURCE = "经办窗口登记"  # not translated: data, where what was written at a desk comes from


@allowed(CHANGE)
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest) -> HttpResponse:
    """The form for a resident, and the resident that comes of it."""
    return _answer(request, PersonForm, register_person, "desk:person", _("登记新的居民"))


@allowed(CHANGE)
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def employer(request: HttpRequest) -> HttpResponse:
    """The form for an employer, and the employer that comes of it."""
    return _answer(request, EmployerForm, register_employer, "desk:employer", _("登记新的单位"))


def ways_to_register(me: Actor, text: str, *, found: bool) -> list[tuple[str, str]]:
    """Words and addresses for whoever searched and did not find: a number tells which of the two it was. None for who may register nobody,
    and where the very number was found, under which nobody is registered again.
    """
    said, asking = written_about(text), f"?{urlencode({'q': text})}"
    if not (text and me.may(CHANGE)) or (found and said.keys() & {"id_number", "credit_code"}):
        return []
    ways = [
        (_("登记新的居民"), reverse("desk:person_new") + asking, "credit_code" not in said),
        (_("登记新的单位"), reverse("desk:employer_new") + asking, not said.keys() & {"id_number", "phone"}),
    ]
    return [(words, address) for words, address, fits in ways if fits]


def _answer(
    request: HttpRequest,
    kind: type[CounterForm],
    register: Callable[..., Registered[Any]],
    page: str,
    title: str,
) -> HttpResponse:
    places = place_choices(places_within(actor(request).scopes(CHANGE)))
    if request.method != "POST":
        form = kind(places=places, initial=_first_values(kind, request.GET.get("q", "").strip()[:120]))
        return _drawn(request, form, title)
    form = kind(request.POST, places=places)
    told = ApartForm(request.POST) if "apart" in request.POST else None
    if not form.is_valid() or (told is not None and not told.is_valid()):
        return _drawn(request, form, title, told=told)
    try:
        done = register(
            actor=actor(request),
            given=form.given(),
            seen=form.seen(told),
            source=SOURCE,
            on=office_date(),
            at=now(),
        )
    except AlreadyThereError as error:
        form.say(error)
        there = [error.there] if error.there is not None else []
        return _drawn(request, form, title, told=told, shown=there)
    except AlikeError as error:
        form.say(error)
        kept = {"apart": error.alike.token, "apart_because": request.POST.get("apart_because", "")}
        return _drawn(
            request,
            form,
            title,
            told=ApartForm(initial=kept),
            shown=error.alike.shown,
            beside=_beside(error.alike),
        )
    except NotRegisteredError as error:
        form.say(error)
        return _drawn(request, form, title, told=told)
    _say_done(request, done)
    return redirect(page, done.record.pk)


def _first_values(kind: type[CounterForm], text: str) -> dict[str, str]:
    return {name: value for name, value in written_about(text).items() if name in kind.base_fields}


def _say_done(request: HttpRequest, done: Registered[Any]) -> None:
    if done.again:
        messages.info(request, _("刚才已经登记，没有重复登记。"))
        return
    messages.success(request, _("已登记，并已判定能享受什么。可以接着开设网上办事账号、开始办事项。"))
    for note in done.notes:
        messages.info(request, note)


def _beside(alike: Alike) -> list[str]:
    """What the table of those alike does not show."""
    said = []
    if alike.more:
        said.append(_("还有 %(count)d 个相近的没有列出，请另外查找核对。") % {"count": alike.more})
    if alike.elsewhere:
        words = _("另有 %(count)d 个相近的登记在您的管辖区划以外，这里不显示；拿不准的，请市级窗口核对。")
        said.append(words % {"count": alike.elsewhere})
    return said


def _drawn(
    request: HttpRequest,
    form: CounterForm,
    title: str,
    *,
    told: ApartForm | None = None,
    shown: list[Any] | None = None,
    beside: list[str] | None = None,
) -> HttpResponse:
    context = {
        "form": form,
        "told": told,
        "title": title,
        "crumbs": [Crumb(_("居民和单位"), reverse("desk:people")), Crumb(title)],
        "there": _table(shown or []),
        "beside": beside or [],
    }
    return render(request, "desk/registering/form.html", context, status=422 if form.is_bound else 200)


def _table(records: list[Person | Employer]) -> Table | None:
    """Who is on record already, masked as a search shows them; each opens to its page."""
    people = [record for record in records if isinstance(record, Person)]
    if people:
        return people_table(people, on=office_date())
    employers = [record for record in records if isinstance(record, Employer)]
    return employer_table(employers) if employers else None
