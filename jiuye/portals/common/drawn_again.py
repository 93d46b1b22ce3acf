"""A refused form comes back at once, on the page that its view would have led to, filled in as it was typed: 422."""

from __future__ import annotations

import copy
from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import resolve

from jiuye.office.staff.queries import NotPermittedError
from jiuye.portals.common.given_back import NOWHERE, page_of_form
from jiuye.portals.common.refilling import refilled_page
from jiuye.portals.common.typed import TOKEN, Refused, refused_of

View = Callable[..., HttpResponse]
MOST_ONWARD = 3  # addresses that lead to another one, which is no circle then


def drawn_again(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A view's answer, or where its form was refused and it leads back to a page, that page with what was typed. A page that the view
    draws itself as 422 says what is wrong at the form, too.

    A form without fields has nothing to lose and leads back as ever. Where the view leads to a page without the form, the page that it was sent
    from is drawn, as the browser names it. Where that has the form no longer either, because somebody moved the thing meanwhile, the
    words stand at the head of the page to be copied. Where the page is gone, or this actor may not open it any more, the error page says so
    and gives the words back (given_back.py).
    """
    found = refused_of(request)
    if found is None or getattr(request, "htmx", False) or not _has_fields(found.values):
        return response
    if not isinstance(response, HttpResponseRedirect):
        if response.status_code == 422:
            _refill(response, found, request.path)
        return response
    page, has_form = _page(request, found, response.url)
    if not has_form:
        page = _page_before(request, found) or page
    left = found.words()
    if left:
        request.words_at_head = left
        page, _ = _page(request, found, response.url)
    page.status_code = 422
    page.headers["Cache-Control"] = "no-store"  # what was typed may be about somebody
    return page


def refilled_before(request: HttpRequest) -> HttpResponse | None:
    """Where a form was refused before its view was asked: the page that it was sent from, else the one at its own address, with what was
    typed and why: 422. None where neither has the form, or can be opened.
    """
    found = refused_of(request)
    if found is None:
        return None
    page = _page_before(request, found)
    if page is None:
        page, has_form = _page(request, found, request.path)
        if not has_form:
            return None
    page.status_code = 422
    page.headers["Cache-Control"] = "no-store"  # what was typed may be about somebody
    return page


def _has_fields(values: QueryDict) -> bool:
    return any(name != TOKEN for name in values)


def _page_before(request: HttpRequest, found: Refused) -> HttpResponse | None:
    """The page that the form was sent from, if it can be opened and has the form still."""
    before = page_of_form(request)
    if before == NOWHERE:
        return None
    try:
        page, has_form = _page(request, found, before)
    except (Http404, NotPermittedError):
        return None
    return page if has_form else None


def _page(request: HttpRequest, found: Refused, url: str) -> tuple[HttpResponse, bool]:
    """The page at that address, and whether it has the form. Where it leads on, because the thing has moved on meanwhile, the page that
    it leads to.
    """
    response = _asked(request, url)
    for _onward in range(MOST_ONWARD):
        if not isinstance(response, HttpResponseRedirect):
            break
        url = response.url
        response = _asked(request, url)
    return response, _refill(response, found, urlsplit(url).path)


def _refill(response: HttpResponse, found: Refused, page: str) -> bool:
    text = refilled_page(response.content.decode(response.charset), found, page=page)
    if text is not None:
        response.content = text
    return text is not None


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
