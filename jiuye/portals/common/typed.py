"""Nothing typed is lost: a form that was refused is shown again with what was in it and what is wrong, at its field.

`attempt` (beside `attempts.py`) notes on the request what was refused. A view that takes a form carries `keeping_typed`: where it would have
sent the browser back to a page, that page is drawn at once instead, as 400. In its templates the form whose `action` was
posted to fills itself (`{% typed %}`, `{% refilled %}`), says what is wrong (`{% wrong %}`) and stands open (`{% was_refused %}`). Where
the page no longer has that form, because somebody moved the thing meanwhile, the words stand at its head to be copied.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import resolve

from jiuye.office.staff.refusals import plain

View = Callable[..., HttpResponse]
BARE = re.compile(
    r"[\w.:-]*", re.ASCII
)  # a key, a number or a day: chosen again in a moment, unlike a sentence
MOST_ONWARD = 3  # addresses that lead to another one, which is no circle then


@dataclass(slots=True)
class Refused:
    """One form that was posted and refused. `wrong` holds the sentences by field, those of no one field under an empty name."""

    url: str
    values: QueryDict
    wrong: dict[str, list[str]] = field(default_factory=dict)
    cause: Exception | None = None  # the refusal of the operation, where it was one
    shown: set[str] = field(default_factory=set)  # the fields that a form of the page has taken back

    def add(self, sentence: str, name: str = "") -> None:
        self.wrong.setdefault(name, []).append(sentence)

    def words(self) -> list[str]:
        """What somebody wrote and no form of the page shows again, in the order of the form."""
        return [
            text
            for name, texts in self.values.lists()
            if name != "csrfmiddlewaretoken" and name not in self.shown
            for text in texts
            if not BARE.fullmatch(text.strip())
        ]


def refused_of(request: HttpRequest) -> Refused | None:
    """What was refused in this request, or None."""
    return getattr(request, "refused", None)


def refused_at(request: HttpRequest, url: str) -> Refused | None:
    """What was refused in this request, if its form is the one that posts to that address."""
    found = refused_of(request)
    return found if found is not None and found.url == url else None


def note_refusal(
    request: HttpRequest, sentence: str, name: str = "", *, cause: Exception | None = None
) -> None:
    """The form of this request is refused; `name` is the field that the sentence is about, `cause` what the operation raised."""
    found = refused_of(request)
    if found is None:
        found = request.refused = Refused(request.path, request.POST)
    found.add(sentence, name)
    found.cause = cause or found.cause


def note_other_words(request: HttpRequest, sentence: str, recorded: str) -> None:
    """Somebody did this before: what was typed here is kept unless it is what stands on record (`recorded`; empty where nobody says)."""
    typed = Refused(request.path, request.POST).words()
    if recorded and any(plain(text) not in plain(recorded) for text in typed):
        note_refusal(request, sentence)


def keeping_typed(view: View) -> View:
    """For a view that takes a form and leads back to a page. A form without fields has nothing to lose and leads back as ever."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        found = refused_of(request)
        leads_back = isinstance(response, HttpResponseRedirect) and not getattr(request, "htmx", False)
        if found is None or not leads_back or not _has_fields(found.values):
            return response
        return _again(request, found, response)

    return kept


def _has_fields(values: QueryDict) -> bool:
    return any(name != "csrfmiddlewaretoken" for name in values)


def _again(request: HttpRequest, found: Refused, response: HttpResponseRedirect) -> HttpResponse:
    """The page that the answer leads to, over as many as lead on from there, with what was typed.

    Where it is gone, or this actor may not open it any more, the error page says so and gives the words back (given_back.py).
    """
    page = _page(request, response.url)
    left = found.words()
    if left:
        request.words_at_head = left
        page = _page(request, response.url)
    page.status_code = 400
    page.headers["Cache-Control"] = "no-store"  # what was typed may be about somebody
    return page


def _page(request: HttpRequest, url: str) -> HttpResponse:
    """The page at that address; where it leads on, because the thing has moved on meanwhile, the page that it leads to."""
    response = _asked(request, url)
    for _onward in range(MOST_ONWARD):
        if not isinstance(response, HttpResponseRedirect):
            break
        response = _asked(request, response.url)
    return response


def _asked(request: HttpRequest, url: str) -> HttpResponse:
    """As though that address had been asked for: links, navigation and the switches of the frame are the page's own."""
    address = urlsplit(url)
    asked = copy.copy(request)
    asked.method, asked.path, asked.path_info = "GET", address.path, address.path
    asked.META = request.META | {"REQUEST_METHOD": "GET", "QUERY_STRING": address.query}
    asked.GET = QueryDict(address.query)
    asked.resolver_match = match = resolve(address.path)
    view: View = match.func
    return view(asked, *match.args, **match.kwargs)
