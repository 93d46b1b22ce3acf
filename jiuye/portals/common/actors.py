"""Who is asking, on which day, and whether they may: the only place in the portals that asks the clock.

Every view carries `required_permission`: a permission of `jiuye.office.staff.roles`, or PUBLIC, or SIGNED_IN. A house
test walks all addresses and refuses one without it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from jiuye.office.messages.queries import actor_with_unread
from jiuye.office.policies.book import one_book
from jiuye.office.staff import rows
from jiuye.office.staff.queries import Actor, require
from jiuye.portals.common.drawn_again import drawn_again
from jiuye.portals.common.given_back import given_back
from jiuye.portals.common.views.errors import signed_out

PUBLIC = "public"
SIGNED_IN = "signed_in"
READING_METHODS = ("GET", "HEAD", "OPTIONS")
CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1992

View = Callable[..., HttpResponse]


class NoActorError(RuntimeError):
    """A view asked for the actor of a request that nobody has logged in for: the view lacks `@allowed`."""

    def __init__(self, path: str) -> None:
        super().__init__(
            f"{path}: nobody is logged in; put @allowed(...) on the view that asks for the actor."
        )


def now() -> datetime:
    """This moment, with its time zone. On a fixed office date, that day at the clock's present time."""
    moment = datetime.now(CHINA)
    if settings.OFFICE_DATE:
        moment = datetime.combine(office_date(), moment.timetz())
    return moment


def clock() -> datetime:
    """This moment as it is, also where the office's day is fixed: for sessions, lock-outs and one-time codes."""
    return datetime.now(CHINA)


def office_date() -> date:
    """The day on which the office works: `settings.OFFICE_DATE` where it is fixed, else today in China."""
    if settings.OFFICE_DATE:
        return date.fromisoformat(str(settings.OFFICE_DATE))
    return datetime.now(CHINA).date()


def actor(request: HttpRequest) -> Actor:
    """The actor behind this request with the posts of the office date; read once a request.

    Raises NoActorError where nobody is logged in.
    """
    known = getattr(request, "_jiuye_actor", None)
    if known is None:
        if not request.user.is_authenticated:
            raise NoActorError(request.path)
        known, request._jiuye_unread = actor_with_unread(request.user, on=office_date())
        request._jiuye_actor = known
    return known


def unread_of(request: HttpRequest) -> int:
    """How many of an officer's messages are unread, as it was when the request began; read with the actor."""
    actor(request)
    return getattr(request, "_jiuye_unread", 0)


def actor_or_none(request: HttpRequest) -> Actor | None:
    """The actor, or None for a visitor; for the frame, which visitors see too."""
    user = getattr(request, "user", None)
    return actor(request) if user is not None and user.is_authenticated else None


def allowed(permission: str, *, beyond: str = "", writes: str = "") -> Callable[[View], View]:
    """A view for those with `permission` (SIGNED_IN: for everyone with an account, PUBLIC: for everyone).

    Visitors are sent to log in and come back (a form that was filled in is kept for them); others get the 403 page that names the roles. What only reads (GET,
    HEAD) runs in a read-only transaction, so that the database refuses a write that a link would trigger. A form that the view refuses
    comes back as it was typed.

    The database lets the view touch only the rows of the actor's places (`staff.rows`). A view that counts beyond them says why in
    `beyond`, and shows no record that it has not scoped itself. A view that writes although it is only asked says why in `writes`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if permission != PUBLIC:
                if not request.user.is_authenticated:
                    return _to_login(request)
                if permission != SIGNED_IN:
                    require(actor(request), permission)
            scope = None if beyond else _row_scope(request, permission)
            if request.method in READING_METHODS and not writes:
                return _reading(scope, view, request, *args, **kwargs)
            with rows.scoped(scope):
                response = view(request, *args, **kwargs)
            return drawn_again(request, response)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def _row_scope(request: HttpRequest, permission: str) -> rows.RowScope:
    """The rows that the database lets this request touch, whatever its queries say."""
    who = actor_or_none(request)
    public = permission == PUBLIC
    return rows.scope_of(who, notice=public) if who is not None else rows.VISITOR


def _reading(
    scope: rows.RowScope | None, view: View, request: HttpRequest, *args: Any, **kwargs: Any
) -> HttpResponse:
    with transaction.atomic(), one_book():
        with rows.reading_only(scope):
            response = view(request, *args, **kwargs)
            # A template that is rendered later would read outside the transaction.
            if hasattr(response, "render") and not getattr(response, "is_rendered", True):
                response.render()
        # Nothing was written that could be kept, and what is rolled back takes the scope of rows with it.
        transaction.set_rollback(True)
        return response


def _to_login(request: HttpRequest) -> HttpResponse:
    """To the login page and back: as a redirect, or for htmx as its header, since it would swap the page in.

    A form with something in it is answered with what was typed instead, to be sent again after signing in.
    """
    given = given_back(request)
    if given is not None:
        return signed_out(request, given)
    htmx = getattr(request, "htmx", None)
    back = request.get_full_path()
    if htmx:
        back = getattr(htmx, "current_url_abs_path", None) or "/"
    elif request.method not in READING_METHODS:
        back = "/"
    address = f"{settings.LOGIN_URL}?{urlencode({'next': back})}"
    if htmx:
        response = HttpResponse(status=204)
        response.headers["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)
