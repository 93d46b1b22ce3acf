"""Logging in, and where `/` leads. Signing out is in `signing_off.py`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from jiuye.office.staff import second_factor
from jiuye.office.staff.access import access
from jiuye.office.staff.logging_in import locked_until, note_failure, open_session, standing_of
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import actor_for
from jiuye.office.staff.signing_on import TiedToAnotherError, tie
from jiuye.portals.common.actors import CHINA, PUBLIC, SIGNED_IN, actor, allowed, clock, office_date
from jiuye.portals.common.demonstration import offered_accounts
from jiuye.portals.common.forms import LoginForm
from jiuye.portals.common.navigation import landing_for

SESSION, PENDING = (
    "sign_in",
    "pending_sign_in",
)  # what the session holds of being let in, and of being half let in
PENDING_SECONDS = 300
UNKNOWN = "an account is found by its name before anybody is known; nothing of another one is shown"


@allowed(PUBLIC, beyond=UNKNOWN)
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
            "public_sign_on": bool(settings.PUBLIC_SIGN_ON_ISSUER),
        },
        status=422 if request.method == "POST" else 200,
    )


def let_in(
    request: HttpRequest,
    account: Account,
    onward: str,
    *,
    outside: str = "",
    tied_as: dict[str, str] | None = None,
) -> HttpResponse:
    """The password (or the government's sign-on) was right: in, or first to the code of the second factor.

    `outside` is the provider's token, sealed, by which its session is ended with ours; `tied_as` is who the account is to be tied to at
    the provider, once everything was shown that it asks for. Raises TiedToAnotherError.

    A demonstration asks for no code, so that one tap opens each of its accounts.
    """
    if not settings.DEMO and second_factor.is_enrolled(account.pk):
        request.session.cycle_key()
        request.session[PENDING] = {
            "account": account.pk,
            "standing": standing_of(account),
            "at": clock().timestamp(),
            "next": onward,
            "outside": outside,
            "tied_as": tied_as,
        }
        return redirect("login_code")
    begin_session(request, account, outside=outside, proved=False, tied_as=tied_as)
    return redirect(onward)


@allowed(PUBLIC, beyond=UNKNOWN)
@sensitive_post_parameters("code")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The second factor of whoever gave the right password a moment ago."""
    pending = request.session.get(PENDING)
    if not pending or clock().timestamp() - pending["at"] > PENDING_SECONDS:
        return redirect(settings.LOGIN_URL)
    account = Account.objects.get(pk=pending["account"])
    if pending.get("standing") != standing_of(account):
        request.session.pop(PENDING, None)
        messages.error(
            request,
            gettext(
                "登录没有完成：这个账号的密码、绑定或者状态刚刚改过；请重新登录，登不上的请找系统管理员。"
            ),
        )
        return redirect(settings.LOGIN_URL)
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
                return _in_by_code(request, account, pending)
    return render(request, "common/code.html", {"said": said}, status=422 if said else 200)


def _in_by_code(request: HttpRequest, account: Account, pending: dict[str, Any]) -> HttpResponse:
    try:
        begin_session(
            request,
            account,
            outside=pending.get("outside", ""),
            proved=True,
            tied_as=pending.get("tied_as"),
        )
    except TiedToAnotherError as error:
        request.session.pop(PENDING, None)
        messages.error(request, str(error))
        return redirect(settings.LOGIN_URL)
    return redirect(safe_address(request, pending["next"]))


def begin_session(
    request: HttpRequest,
    account: Account,
    *,
    outside: str = "",
    proved: bool,
    tied_as: dict[str, str] | None = None,
) -> None:
    """A new session: listed, ended after so many idle minutes; `proved` where a code of the second factor was given.

    The account is tied to who it is at the provider of single sign-on (`tied_as`) at once, or where a post needs a second factor that is not
    enrolled yet, once it is (`prove`). Raises TiedToAnotherError, before anybody is in.

    Whether one is needed is asked at every request (`middleware.SessionMiddleware`), since posts come and go while somebody is in.
    """
    at = clock()
    me = actor_for(account, on=office_date())
    if tied_as and (proved or settings.DEMO or not second_factor.needed_by(me)):
        tie(account_id=account.pk, at=at, **tied_as)
        tied_as = None
    auth.login(request, account, backend="django.contrib.auth.backends.ModelBackend")
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
        "tied_as": tied_as,
    }


def prove(request: HttpRequest, *, proved: bool) -> None:
    """Keep with the session whether a code of the second factor was given in it; an account that waits for that is tied then, or where
    somebody else was tied to it meanwhile, that is said.
    """
    kept = request.session.get(SESSION)
    if not kept:
        return
    tied_as = kept.get("tied_as")
    if proved and tied_as:
        try:
            tie(account_id=request.user.pk, at=clock(), **tied_as)
        except TiedToAnotherError as error:
            messages.error(request, str(error))
        tied_as = None
    request.session[SESSION] = {**kept, "proved": proved, "tied_as": tied_as}


def is_locked(request: HttpRequest, username: str) -> datetime | None:
    """Until when nobody is let in under the name or from where the request comes."""
    return locked_until(username=username, address=address_of(request), at=clock())


def lock_sentence(until: datetime) -> str:
    """What is said to whoever tried too often; the same whether there is such an account or not."""
    shown = (until + timedelta(seconds=59)).astimezone(CHINA)
    return gettext(
        "登录失败次数过多。请在 %(time)s 以后再试；忘记密码的，居民和单位请带证件到服务窗口，工作人员请联系系统管理员。"
    ) % {"time": f"{shown:%H:%M}"}


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
