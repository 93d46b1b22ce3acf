"""What other departments' registers say, as cards of a resident's or an employer's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.entitlements.register_words import (
    NoSuchRecordError,
    RegisterWord,
    register_words,
    reveal_register,
)
from jiuye.office.registry.models import Employer, RegisteredThing
from jiuye.office.registry.operations import FactRefusedError
from jiuye.portals.common.actors import actor, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.templatetags.jiuye import day, english

HIDDEN = "••••"
LONG = 12  # rows of one card
EVERY = {
    "day": gettext_lazy("每天更新"),
    "week": gettext_lazy("每周更新"),
    "month": gettext_lazy("每月更新"),
    "quarter": gettext_lazy("每季度更新"),
    "year": gettext_lazy("每年更新"),
    "once": gettext_lazy("只提供一次"),
}


@dataclass(frozen=True, slots=True)
class RegisterCard:
    """One register's card: rows for the facts component; what a protected one says is masked and shown on a recorded look."""

    name: str
    rows: list[tuple[str, Any]]
    masked: str
    field: str
    reveal_url: str

    @property
    def columns(self) -> int:
        """Two where one would be a long way down."""
        return 2 if len(self.rows) > LONG else 1


def register_cards(
    subjects: Iterable[tuple[str, int | None]], *, on: date, reveal_url: str
) -> list[RegisterCard]:
    """A card for each register that speaks of one of these subjects, given as (entity, key)."""
    return cards_of(register_words(subjects, on=on, lang=language()), reveal_url)


def cards_of(words: Iterable[RegisterWord], reveal_url: str) -> list[RegisterCard]:
    """A card for each register's word."""
    return [_card(word, reveal_url) for word in words]


def language() -> str:
    """The language of the pack's words on this page."""
    return "en" if english() else "zh"


def _card(word: RegisterWord, reveal_url: str) -> RegisterCard:
    register = word.register
    name, department = (
        (register.name_en, register.department_en) if english() else (register.name, register.department)
    )
    hidden = register.protected
    rows: list[tuple[str, Any]] = [] if hidden else [(fact.label, fact.value) for fact in word.facts]
    if not word.facts:
        rows.append((_("登记内容"), _("这个登记簿没有写明")))
    rows += [
        (_("提供部门"), f"{department} · {EVERY[register.every]}"),
        (_("数据日期"), _("%(as_of)s，自%(since)s起") % {"as_of": day(word.as_of), "since": day(word.since)}),
        (_("来源"), word.source),
    ]
    # A household's facts are looked at on the pages of its members; there is no look at a household itself.
    url = reveal_url if word.entity != "household" else ""
    return RegisterCard(name, rows, HIDDEN if hidden and word.facts else "", word.field, url)


def look_at_register(
    request: HttpRequest, subject: Employer | RegisteredThing, *, title: str, back: str
) -> HttpResponse:
    """What a protected register says of an employer or a thing, after the look was recorded; never kept by the browser."""

    def look() -> str:
        return reveal_register(
            actor=actor(request),
            subject=subject,
            field=str(request.POST.get("field", "")),
            purpose=str(request.POST.get("purpose", "")),
            on=office_date(),
            at=now(),
            lang=language(),
        )

    return shown_once(request, look, lambda _: HIDDEN, title=title, back=back)


def shown_once(
    request: HttpRequest, look: Callable[[], str], mask: Callable[[str], str], *, title: str, back: str
) -> HttpResponse:
    """What `look` answers after it was recorded, masked again by `mask` after a while; never kept by the browser."""
    value = attempt(request, look, done="", refusals=(FactRefusedError, NoSuchRecordError))
    if value is None:
        return redirect(back)
    context = {"value": value, "hidden": mask(value), "title": title, "back": back}
    template = "desk/people/revealed.html" if getattr(request, "htmx", False) else "desk/registers/look.html"
    response = render(request, template, context)
    response.headers["Cache-Control"] = "no-store"
    return response
