"""Logging in, and where `/` leads. Signing out is in `signing_off.py`."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jiuye.office.staff import second_factor
from jiuye.office.staff.access import access
from jiuye.office.staff.logging_in import locked_until, note_failure, open_session
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import actor_for
from jiuye.portals.common.actors import CHINA, PUBLIC, SIGNED_IN, actor, allowed, clock, office_date
from jiuye.portals.common.demonstration import offered_accounts
from jiuye.portals.common.forms import LoginForm
from jiuye.portals.common.navigation import landing_for

SESSION, PENDING = (
    "sign_in",
    "pending_sign_in",
)  # what the session holds of being let in, and of being half let in
PENDING_SECONDS = 300


@allowed(PUBLIC)
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """The log-in page; with right credentials, on to `next` or to the account's portal, over the second factor where there is one."""
    onward = safe_address(request, request.POST.get("next") or request.GET.get("next"))
    if request.user.is_authenticated and request.method != "POST":
        return redirect(onward)
    locked = request.method == "POST" and is_locked(request, request.POST.get("username", ""))
    # Nothing is checked while the door is shut, so that nothing can be learned there.
    form = LoginForm(
        request, data=request.POST if request.method == "POST" and not locked else None, at=clock()
    )
    if request.method == "POST" and not locked and form.is_valid():
        return let_in(request, form.get_user(), onward)
    if request.method == "POST" and not locked:
        note_failure(username=request.POST.get("username", ""), address=address_of(request), at=clock())
    return render(
        request,
        "common/login.html",
        {
            "form": form,
            "locked": lock_sentence(locked) if locked else "",
            "onward": onward,
            "demonstration": offered_accounts(),
            "sign_on": bool(settings.SIGN_ON_ISSUER),
        },
        status=422 if request.method == "POST" else 200,
    )


def let_in(request: HttpRequest, account: Account, onward: str, *, outside: str = "") -> HttpResponse:
    """The password (or the government's sign-on) was right: in, or first to the code of the second factor.

    `outside` is the provider's token, sealed, by which its session is ended with ours.

    A demonstration asks for no code, so that one tap opens each of its accounts.
    """
    if not settings.DEMO and second_factor.is_enrolled(account.pk):
        request.session.cycle_key()
        request.session[PENDING] = {
            "account": account.pk,
            "at": clock().timestamp(),
            "next": onward,
            "outside": outside,
        }
        return redirect("login_code")
    begin_session(request, account, outside=outside, proved=False)
    return redirect(onward)


@allowed(PUBLIC)
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second factor of whoever gave the right password a moment ago."""
    pending = request.session.get(PENDING)
    if not pending or clock().timestamp() - pending["at"] > PENDING_SECONDS:
        return redirect(settings.LOGIN_URL)
    account = Account.objects.get(pk=pending["account"])
    said = ""
    if request.method == "POST":
        until = is_locked(request, account.username)
        if until:
            said = lock_sentence(until)
        else:
            try:
                second_factor.check(account_id=account.pk, code=request.POST.get("code", ""), at=clock())
            except second_factor.WrongCodeError as error:
                note_failure(username=account.username, address=address_of(request), at=clock())
                said = str(error)
            else:
                begin_session(request, account, outside=pending.get("outside", ""), proved=True)
                return redirect(safe_address(request, pending["next"]))
    return render(request, "common/code.html", {"said": said}, status=422 if said else 200)


def begin_session(request: HttpRequest, account: Account, *, outside: str = "", proved: bool) -> None:
    """A new session: listed, ended after so many idle minutes; `proved` where a code of the second factor was given.

    Whether one is needed is asked at every request (`middleware.SessionMiddleware`), since posts come and go while somebody is in.
    """
    auth.login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    at = clock()
    me = actor_for(account, on=office_date())
    listed = open_session(
        account=account,
        session_key=request.session.session_key or "",
        address=address_of(request),
        browser=request.headers.get("User-Agent", ""),
        at=at,
    )
    request.session.pop(PENDING, None)
    request.session[SESSION] = {
        "id": listed.pk,
        "seen": at.timestamp(),
        "idle": access().idle_for(me.roles),
        "outside": outside,
        "proved": proved,
    }


def prove(request: HttpRequest, *, proved: bool) -> None:
    """Keep with the session whether a code of the second factor was given in it."""
    kept = request.session.get(SESSION)
    if kept:
        request.session[SESSION] = {**kept, "proved": proved}


def is_locked(request: HttpRequest, username: str) -> datetime | None:
    """Until when nobody is let in under the name or from where the request comes."""
    return locked_until(username=username, address=address_of(request), at=clock())


def lock_sentence(until: datetime) -> str:
    """What is said to whoever tried too often; the same whether there is such an account or not."""
    shown = (until + timedelta(seconds=59)).astimezone(CHINA)
    return gettext("登录失败次数过多。请在 %(time)s 以后再试；忘记密码请联系系统管理员。") % {
        "time": f"{shown:%H:%M}"
    }


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, as the server that took it says."""
    return str(request.META.get("REMOTE_ADDR", ""))


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
