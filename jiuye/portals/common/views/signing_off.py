"""Signing out: here, and where somebody came over the government's sign-on, there too (OpenID Connect RP-Initiated Logout 1.0).

The button that signs out posts a form, and our content policy lets no form lead to another site, over however many redirects. So a page of
ours stands between: it goes on to the provider by itself, and by a link where a browser does not.
"""

from __future__ import annotations

from base64 import b64decode, b64encode

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jiuye.exchange.sign_on import Leaving, SignOnError
from jiuye.office.staff.logging_in import end_sessions
from jiuye.office.staff.sealing import UnreadableSecretError, seal, unseal
from jiuye.office.staff.signing_on import public_sign_on, sign_on
from jiuye.portals.common.actors import PUBLIC, allowed, clock
from jiuye.portals.common.views.session import SESSION

LEAVING = "sign_off"  # what the session holds while the browser is at the provider
AWAY_SECONDS = 600
FROM_PUBLIC = "public:"  # before the token of a session that came from the provider of residents and firms


def sealed_hint(token: str) -> str:
    """The provider's token as the session keeps it: it says who somebody is, so it is sealed like everything that does."""
    return b64encode(seal(token)).decode() if token else ""


@allowed(PUBLIC)
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session here, then the provider's; only by POST, so that no link or image can do it."""
    kept = request.session.get(SESSION)
    if kept and request.user.is_authenticated:
        end_sessions(account_id=request.user.pk, at=clock(), only=kept["id"])
    auth.logout(request)
    hint = kept.get("outside", "") if kept else ""
    if not hint:
        return redirect(settings.LOGIN_URL)
    leaving = _leaving(request, hint)
    if leaving is None:
        messages.info(request, still_signed_on())
        return redirect(settings.LOGIN_URL)
    request.session[LEAVING] = {
        "address": leaving.address,
        "state": leaving.state,
        "at": clock().timestamp(),
    }
    return redirect("sign_off")


def still_signed_on() -> str:
    """What is said to whoever is out here and, as far as we know, not out there."""
    return gettext(
        "已退出本系统；统一身份认证的登录还在，从那里可以不输密码再进来。用公用电脑的，请再到统一身份认证退出。"
    )


def _leaving(request: HttpRequest, hint: str) -> Leaving | None:
    """Where to end the session at the provider; None where it offers no such place, or cannot be reached or trusted now."""
    try:
        provider = public_sign_on() if hint.startswith(FROM_PUBLIC) else sign_on()
        if provider is None:
            return None
        back = request.build_absolute_uri(reverse("sign_off_back"))
        return provider.leave(token=unseal(b64decode(hint.removeprefix(FROM_PUBLIC))), back=back)
    except (SignOnError, UnreadableSecretError):
        return None


@allowed(PUBLIC)
@never_cache
@require_safe
def on_to_provider(request: HttpRequest) -> HttpResponse:
    """The page between us and the provider; whoever opens it without having signed out is led to log in."""
    kept = request.session.get(LEAVING)
    if kept is None or clock().timestamp() - kept["at"] > AWAY_SECONDS:
        return redirect(settings.LOGIN_URL)
    return render(request, "common/signing_off.html", {"address": kept["address"]})


@allowed(PUBLIC, writes="the provider sends the browser back by a link, with the state of this session")
@never_cache
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """Back from the provider: out there too, if the answer belongs to this session's question. Each is answered once."""
    kept = request.session.pop(LEAVING, None)
    fits = kept is not None and constant_time_compare(kept["state"], request.GET.get("state", ""))
    if fits and clock().timestamp() - kept["at"] <= AWAY_SECONDS:
        messages.success(request, gettext("已退出本系统和统一身份认证。"))
    else:
        messages.warning(
            request, gettext("这个退出答复不属于这次退出；统一身份认证是否已经退出，请到那里查看。")
        )
    return redirect(settings.LOGIN_URL)
