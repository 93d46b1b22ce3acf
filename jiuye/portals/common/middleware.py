"""Language, a strict content security policy, refusals in words, and the audit context of changing requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pghistory
from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from jiuye.office.staff import second_factor
from jiuye.office.staff.logging_in import end_sessions, touch
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.staff.refusals import TooLongError
from jiuye.portals.common.actors import actor, clock
from jiuye.portals.common.refusing_characters import View, refused_address, refused_form
from jiuye.portals.common.views.errors import not_permitted, words_too_long
from jiuye.portals.common.views.session import SESSION
from jiuye.portals.common.views.signing_off import still_signed_on

Handler = Callable[[HttpRequest], HttpResponse]
TOUCH_SECONDS = 60  # how exactly "last used" is kept: writing at every request would double its cost
ALWAYS = ("/logout/", "/language/", "/display/", "/static/")
BEFORE_ENROLMENT = ("/account/second-factor/", *ALWAYS)
BEFORE_OWN_PASSWORD = ("/account/password/", *ALWAYS)
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)


class ChosenLanguageMiddleware:
    """Chinese, unless the visitor chose otherwise.

    The browser's language is not asked: on the machines of a Chinese office it says little about the person.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ("Cookie",))
        return response


class ContentSecurityPolicyMiddleware:
    """Nothing inline, nothing from elsewhere."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class CharactersMiddleware:
    """What holds a character that nothing can keep is refused in words before anybody reads it (refusing_characters.py). The fields of a
    form are looked at once its token is checked, and the session and the audit have not been touched by its address."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return refused_address(request) or self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        return refused_form(request, view)


class RefusalMiddleware:
    """An act that the actor's posts do not allow ends in the 403 page that says which role may; one with too many words in a page that
    gives them back, where its view has no form to say so in (why somebody looks at a paper)."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, NotPermittedError):
            return not_permitted(request, exception)
        return words_too_long(request, exception) if isinstance(exception, TooLongError) else None


class SessionMiddleware:
    """A session ends after its idle minutes. A one-time password opens nothing but the way to one's own. Whoever holds a post that needs a second factor, and gave no code of it in this session,
    is led to enrol before anything else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kept = request.session.get(SESSION)
        if kept and request.user.is_authenticated:
            at = clock()
            idle = at.timestamp() - kept["seen"]
            if idle >= kept["idle"] * 60:
                end_sessions(account_id=request.user.pk, at=at, only=kept["id"])
                auth.logout(request)
                messages.info(request, _("很久没有操作，已自动退出；请重新登录。"))
                if kept.get("outside"):
                    messages.info(request, still_signed_on())
            else:
                if idle >= TOUCH_SECONDS:
                    touch(sign_in_id=kept["id"], at=at)
                    request.session[SESSION] = kept = {**kept, "seen": at.timestamp()}
                # Who came over the single sign-on did so without the password, and needs none here.
                once = request.user.one_time_until is not None and not kept.get("outside")
                if once and not request.path.startswith(BEFORE_OWN_PASSWORD):
                    return redirect("account_password")
                if not once and not kept.get("proved") and not request.path.startswith(BEFORE_ENROLMENT):
                    elsewhere = _unproved(request, at)
                    if elsewhere is not None:
                        return elsewhere
        return self.get_response(request)


def _unproved(request: HttpRequest, at: datetime) -> HttpResponse | None:
    """Where a session without a code is led that needs one by the posts of this moment, one given an hour ago among them.

    Where a device was enrolled from another session meanwhile, this one knows the password only: it ends.
    """
    if settings.DEMO or not second_factor.needed_by(actor(request)):
        return None
    if not second_factor.is_enrolled(request.user.pk):
        return redirect("account_factor")
    end_sessions(account_id=request.user.pk, at=at, only=request.session[SESSION]["id"])
    auth.logout(request)
    messages.info(request, _("您现在的岗位要第二重验证；请重新登录，并输入验证码。"))
    return redirect(settings.LOGIN_URL)


class AuditContextMiddleware:
    """Every trigger-written event of a changing request carries who and which address."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in ("GET", "HEAD", "OPTIONS"):
            return self.get_response(request)
        user = getattr(request, "user", None)
        with pghistory.context(
            account=user.pk if user is not None and user.is_authenticated else None, url=request.path
        ):
            return self.get_response(request)
