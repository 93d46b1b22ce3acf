"""What somebody typed into a form that could not be taken at all: too old, nobody signed in any more, the right or the thing gone.

A refused form comes back on its page (drawn_again.py). Here there is no such page: the page that says what happened shows
them, to be copied, and where nothing has to be left out, to be sent again with a fresh token. Passwords, codes and numbers that are
protected (ID numbers, phones, bank accounts) are never shown again, nor put into a hidden field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest, QueryDict

from jiuye.engine.basis.identity import NUMBERS_OF_SOMEBODY
from jiuye.portals.common.characters import SHOWN, UNKEPT, is_unkept
from jiuye.portals.common.typed import TOKEN, Refused

WITHHELD_NAMES = re.compile(
    r"password|secret|token|phone|account|contact|id_number|(?:^|[-_])code$|captcha", re.IGNORECASE
)
NOWHERE = "/"  # the first page, where nobody says which
LEFT_OUT = "［…］"


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What was typed. `fields` are to be sent again as they were; empty where something is left out, since half a form is another one."""

    url: str  # that the form was posted to
    page: str  # that the form stood on
    words: list[str]
    fields: list[tuple[str, str]]
    withheld: bool  # something is not shown again
    files: bool  # a chosen file has to be chosen again


def given_back(request: HttpRequest) -> GivenBack | None:
    """What this request's form held; None where it is no form, or nothing was filled in."""
    if request.method != "POST":
        return None
    typed = [
        (name, text)
        for name, texts in request.POST.lists()
        if name != TOKEN
        for text in texts
        if text.strip()
    ]
    files = bool(request.FILES)
    if not typed and not files:
        return None
    withheld = any(_is_withheld(name, text) for name, text in typed)
    fields = [] if withheld or files else typed
    return GivenBack(
        request.get_full_path(),
        page_of_form(request),
        _words(request.path, request.POST),
        fields,
        withheld,
        files,
    )


def asked_back(request: HttpRequest) -> GivenBack | None:
    """The same for what was looked for, where the address itself could not be taken; to be copied, not to be sent again."""
    typed = [(name, text) for name, texts in request.GET.lists() for text in texts]
    words = _words(request.path, request.GET)
    withheld = any(_is_withheld(name, text) for name, text in typed)
    return GivenBack("", page_of_form(request), words, [], withheld, False) if words or withheld else None


def _words(url: str, values: QueryDict) -> list[str]:
    """What was written, without what is never shown again."""
    shown = values.copy()
    for name in list(shown):
        if WITHHELD_NAMES.search(name):
            del shown[name]
    return [
        UNKEPT.sub(SHOWN, NUMBERS_OF_SOMEBODY.sub(LEFT_OUT, text)) for text in Refused(url, shown).words()
    ]


def came_from_here(request: HttpRequest) -> bool:
    """Whether a page of ours sent this form, as the browser says. Nobody typed what another site posts, so none of it is given back."""
    said = request.headers.get("Origin") or request.headers.get("Referer") or ""
    found = urlsplit(said)
    return bool(found.netloc) and (found.scheme, found.netloc) == (request.scheme, request.get_host())


def _is_withheld(name: str, text: str) -> bool:
    return bool(WITHHELD_NAMES.search(name) or NUMBERS_OF_SOMEBODY.search(text))


def page_of_form(request: HttpRequest) -> str:
    """The page that the form stood on, where the browser says so and it is ours; else the first one."""
    said = urlsplit(request.headers.get("Referer") or "")
    if said.netloc != request.get_host() or not said.path.startswith("/") or said.path.startswith("//"):
        return NOWHERE
    if is_unkept(unquote(f"{said.path}?{said.query}")):
        return NOWHERE  # no page has such an address
    return f"{said.path}?{said.query}" if said.query else said.path
