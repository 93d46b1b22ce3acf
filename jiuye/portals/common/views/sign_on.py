"""Over the government's single sign-on: out to the provider, and back with its answer."""

from __future__ import annotations

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
from jiuye.office.staff.signing_on import NoAccountError, TiedToAnotherError, account_of, sign_on
from jiuye.portals.common.actors import PUBLIC, allowed, clock
from jiuye.portals.common.views.session import UNKNOWN, let_in, safe_address
from jiuye.portals.common.views.signing_off import sealed_hint

ASKED = "sign_on_asked"  # what the session holds while the browser is away
AWAY_SECONDS = 600


@allowed(PUBLIC)
@never_cache
@require_safe
def leave(request: HttpRequest) -> HttpResponse:
    """Send the browser to the provider; what the answer must fit stays in the session."""
    provider = _provider()
    try:
        asked = provider.ask(back=_back(request))
    except SignOnError as error:
        return _home_again(request, _said(error))
    request.session[ASKED] = asdict(asked) | {
        "at": clock().timestamp(),
        "next": safe_address(request, request.GET.get("next")),
    }
    return HttpResponseRedirect(asked.address)


@allowed(
    PUBLIC,
    beyond=UNKNOWN,
    writes="the provider sends the browser back by a link, which nobody can make without the state of this session",
)
@never_cache
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """The provider's answer: in as whom it vouches for, as after a right password. Each question is answered once."""
    provider = _provider()
    kept = request.session.pop(ASKED, None)
    if (
        kept is None
        or kept["state"] != request.GET.get("state")
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
        who = provider.answer(asked, back=_back(request), code=request.GET["code"])
        account, is_tied = account_of(who)
        tied_as = None if is_tied else {"issuer": who.issuer, "subject": who.subject}
        return let_in(request, account, kept["next"], outside=sealed_hint(who.token), tied_as=tied_as)
    except SignOnError as error:
        return _home_again(request, _said(error))
    except (NoAccountError, TiedToAnotherError) as error:
        return _home_again(request, str(error))


def _provider() -> SignOn:
    provider = sign_on()
    if provider is None:
        raise Http404(gettext("这个安装没有接统一身份认证。"))
    return provider


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("sign_on_back"))


def _said(error: SignOnError) -> str:
    return error.en if (get_language() or "").startswith("en") else error.zh


def _home_again(request: HttpRequest, said: str) -> HttpResponse:
    messages.error(request, said)
    return redirect(settings.LOGIN_URL)
