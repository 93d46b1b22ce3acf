"""Over the government's single sign-on: out to the provider, and back with its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jiuye.exchange.sign_on import Asked, SignOn, SignOnError, SignOnRefusedError
from jiuye.office.casework.vouched_accounts import vouched_account
from jiuye.office.staff.refusals import Refusal
from jiuye.office.staff.signing_on import (
    NoAccountError,
    TiedToAnotherError,
    account_of,
    public_sign_on,
    sign_on,
)
from jiuye.portals.common.actors import PUBLIC, allowed, clock, office_date
from jiuye.portals.common.views.session import UNKNOWN, let_in, safe_address
from jiuye.portals.common.views.signing_off import FROM_PUBLIC, sealed_hint

ASKED = "sign_on_asked"  # what the session holds while the browser is away
AWAY_SECONDS = 600


UNKNOWN_YET = (
    "the provider sends the browser back by a link, which nobody can make without the state of this session"
)
OFFICERS, EVERYBODY = (
    "sign_on_back",
    "public_sign_on_back",
)  # where each of the two providers sends the browser back to


@allowed(PUBLIC)
@never_cache
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """Send an officer's browser to the provider; what the answer must fit stays in the session."""
    return _leave(request, sign_on, OFFICERS)


@allowed(PUBLIC)
@never_cache
@require_safe
def leave_public(request: HttpRequest) -> HttpResponse:
    """Send a resident's or a firm's browser to the provider of the public."""
    return _leave(request, public_sign_on, EVERYBODY)


@allowed(PUBLIC, beyond=UNKNOWN, writes=UNKNOWN_YET)
@never_cache
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """The provider's answer: in as whom it vouches for, as after a right password. Each question is answered once."""
    return _come_back(request, sign_on, OFFICERS)


@allowed(PUBLIC, beyond=UNKNOWN, writes=UNKNOWN_YET)
@never_cache
@require_safe
def come_back_public(request: HttpRequest) -> HttpResponse:
    """The answer about a resident or a firm: in, with an account that is opened where there is none, or a sentence that says why not."""
    return _come_back(request, public_sign_on, EVERYBODY)


def _leave(request: HttpRequest, which: Callable[[], SignOn | None], back: str) -> HttpResponse:
    try:
        asked = _there(which).ask(back=_address(request, back))
    except SignOnError as error:
        return _home_again(request, _said(error))
    request.session[ASKED] = asdict(asked) | {
        "at": clock().timestamp(),
        "back": back,
        "next": safe_address(request, request.GET.get("next")),
    }
    return HttpResponseRedirect(asked.address)


def _come_back(request: HttpRequest, which: Callable[[], SignOn | None], back: str) -> HttpResponse:
    kept = request.session.pop(ASKED, None)
    if (
        kept is None
        or kept["state"] != request.GET.get("state")
        or kept.get("back", OFFICERS) != back
        or clock().timestamp() - kept["at"] > AWAY_SECONDS
    ):
        return _home_again(
            request,
            gettext("统一身份认证的答复不属于这次登录，或者等得太久；请再点一次“统一身份认证登录”。"),
        )
    asked = Asked(kept["address"], kept["state"], kept["nonce"], kept["verifier"])
    try:
        if "error" in request.GET or not request.GET.get("code"):
            raise SignOnRefusedError(request.GET.get("error", "code ?")[:60])
        who = _there(which).answer(asked, back=_address(request, back), code=request.GET["code"])
        if back == EVERYBODY:
            account = vouched_account(who, on=office_date(), at=clock())
            return let_in(request, account, kept["next"], outside=FROM_PUBLIC + sealed_hint(who.token))
        account, is_tied = account_of(who)
        tied_as = None if is_tied else {"issuer": who.issuer, "subject": who.subject}
        return let_in(request, account, kept["next"], outside=sealed_hint(who.token), tied_as=tied_as)
    except SignOnError as error:
        return _home_again(request, _said(error))
    except (NoAccountError, TiedToAnotherError, Refusal) as error:
        return _home_again(request, str(error))


def _there(which: Callable[[], SignOn | None]) -> SignOn:
    provider = which()
    if provider is None:
        raise Http404(gettext("这个安装没有接统一身份认证。"))
    return provider


def _address(request: HttpRequest, back: str) -> str:
    return request.build_absolute_uri(reverse(back))


def _said(error: SignOnError) -> str:
    return error.en if (get_language() or "").startswith("en") else error.zh


def _home_again(request: HttpRequest, said: str) -> HttpResponse:
    messages.error(request, said)
    return redirect(settings.LOGIN_URL)
