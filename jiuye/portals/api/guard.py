"""Who calls, in which language the answer is, and that what only reads cannot write."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from ninja.security import HttpBearer

from jiuye.office.partners.models import ApiKey
from jiuye.office.partners.queries import KeyRefusedError, behind
from jiuye.office.policies.book import one_book
from jiuye.office.staff import rows
from jiuye.office.staff.queries import Actor, require
from jiuye.portals.api.refusals import asks_for_english
from jiuye.portals.common.actors import office_date

CALL = "api.call"
View = Callable[..., Any]


class Key(HttpBearer):
    """`Authorization: Bearer jy_…`: the key of a system, which acts as its account. No session, no cookie."""

    openapi_description = "A key given to a system by the employment office."

    def __call__(self, request: HttpRequest) -> Any:
        # The middleware has set the language of a page for the time of the request, and takes it back.
        if asks_for_english(request):
            translation.activate("en")
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        """The key, with its actor at the request. None for one that opens nothing; NotPermittedError without the post."""
        try:
            key, actor = behind(token, on=office_date())
        except KeyRefusedError:
            return None
        require(actor, CALL)
        request._jiuye_actor = actor
        return key


def caller(request: HttpRequest) -> Actor:
    """Who calls; set by `Key`."""
    return request._jiuye_actor


def reading(view: View) -> View:
    """A view that only reads, and no row that the caller's post does not reach: the database refuses the rest."""
    return _reads(view, beyond=False)


def counting(view: View) -> View:
    """The same for a view that counts over everyone and hands out sums alone."""
    return _reads(view, beyond=True)


def _reads(view: View, *, beyond: bool) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        scope = None if beyond else rows.scope_of(caller(request))
        with transaction.atomic(), one_book():
            with rows.reading_only(scope):
                answer = view(request, *args, **kwargs)
            transaction.set_rollback(True)
        return answer

    return guarded


def writing(view: View) -> View:
    """A view that writes, within the rows that the caller's post reaches."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        with rows.scoped(rows.scope_of(caller(request))):
            return view(request, *args, **kwargs)

    return guarded
