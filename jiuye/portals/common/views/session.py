"""Logging in and out, and where `/` leads."""

from __future__ import annotations

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiuye.portals.common.actors import PUBLIC, SIGNED_IN, actor, allowed
from jiuye.portals.common.demonstration import offered_accounts
from jiuye.portals.common.forms import LoginForm
from jiuye.portals.common.navigation import landing_for


@allowed(PUBLIC)
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """The log-in page; with right credentials, on to `next` or to the account's portal."""
    onward = safe_address(request, request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated and request.method != "POST":
        return redirect(onward)
    form = LoginForm(request, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        auth.login(request, form.get_user())
        return redirect(onward)
    return render(
        request,
        "common/login.html",
        {
            "form": form,
            "onward": onward,
            "demonstration": offered_accounts(),
        },
        status=422 if form.is_bound else 200,
    )


@allowed(PUBLIC)
@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session; only by POST, so that no link or image can do it."""
    auth.logout(request)
    return redirect(settings.LOGIN_URL)


@allowed(SIGNED_IN)
@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """Each to their portal; somebody without a post today is told so."""
    address = landing_for(actor(request))
    if address is None:
        return render(request, "common/no_post.html", status=403)
    return redirect(address)


def safe_address(request: HttpRequest, address: str | None) -> str:
    """`address` where it is one of ours, else `/`."""
    ours = url_has_allowed_host_and_scheme(
        address or "", allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if address and ours else "/"
