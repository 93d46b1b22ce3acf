"""One's own account: sessions, password, second factor, and who looked at one's record."""

from __future__ import annotations

import segno
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jiuye.office.registry.places import division_names
from jiuye.office.staff import second_factor
from jiuye.office.staff.logging_in import end_sessions, sessions_of
from jiuye.office.staff.looks import looks_at
from jiuye.office.staff.roles import ROLES
from jiuye.portals.common.actors import SIGNED_IN, actor, allowed, clock
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import label
from jiuye.portals.common.views.session import SESSION

ISSUER = "Jiuye"
LOOK_COLUMNS = [
    Column("when", gettext_lazy("时间"), "moment", heads=True),
    Column("who", gettext_lazy("查看人")),
    Column("what", gettext_lazy("查看内容")),
    Column("purpose", gettext_lazy("事由")),
]
LOOKED_AT = {
    "id_number": gettext_lazy("身份证号"),
    "phone": gettext_lazy("手机号"),
    "bank_account": gettext_lazy("银行账号"),
    "contact": gettext_lazy("走访和电话的记录"),
}


@allowed(SIGNED_IN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The sessions of the account, its second factor, and the way to a new password."""
    me = actor(request)
    return render(
        request,
        "common/account.html",
        {
            "sessions": sessions_of(me.account_id, at=clock()),
            "this_session": (request.session.get(SESSION) or {}).get("id"),
            "idle": (request.session.get(SESSION) or {}).get("idle"),
            "enrolled": second_factor.is_enrolled(me.account_id),
            "needed": second_factor.needed_by(me),
            "demonstration": settings.DEMO,
        },
    )


@allowed(SIGNED_IN)
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End one session of one's own, or all others."""
    me, here = actor(request), (request.session.get(SESSION) or {}).get("id")
    chosen = request.POST.get("session", "")
    only = int(chosen) if chosen.isascii() and chosen.isdigit() else None
    number = end_sessions(account_id=me.account_id, at=clock(), only=only, but=None if only else here)
    messages.success(request, _("已结束 %(number)d 个登录。") % {"number": number})
    return redirect("account")


@allowed(SIGNED_IN)
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """A new password by the policy; every other session ends."""
    form = PasswordChangeForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        auth.update_session_auth_hash(request, form.save())
        here = request.session.get(SESSION)
        end_sessions(account_id=request.user.pk, at=clock(), but=here["id"] if here else None)
        messages.success(request, _("密码已更换，其他登录都已结束。"))
        return redirect("account")
    return render(request, "common/password.html", {"form": form}, status=422 if form.is_bound else 200)


@allowed(SIGNED_IN)
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def factor(request: HttpRequest) -> HttpResponse:
    """Enrol a second factor: a picture to scan, the secret to type, the first code, then the recovery codes; or end it by a code."""
    account, said, codes = request.user, "", []
    enrolled = second_factor.is_enrolled(account.pk)
    if request.method == "POST":
        given = request.POST.get("code", "")
        try:
            if request.POST.get("act") == "begin":
                second_factor.begin(account=account)
            elif enrolled:
                second_factor.end(account=account, code=given, at=clock())
                messages.success(request, _("第二重验证已停用。"))
                return redirect("account")
            else:
                codes = second_factor.confirm(account=account, code=given, at=clock())
                enrolled = True
                kept = request.session.get(SESSION)
                if kept:
                    request.session[SESSION] = {**kept, "enrol": False}
        except (second_factor.WrongCodeError, second_factor.AlreadyEnrolledError) as error:
            said = str(error)
    begun = second_factor.begun(account.pk) if not enrolled else None
    picture = segno.make(second_factor.address_of(begun, issuer=ISSUER), error="m") if begun else None
    return render(
        request,
        "common/factor.html",
        {
            "enrolled": enrolled,
            "codes": codes,
            "said": said,
            "begun": begun is not None,
            # Our own drawing of our own text: no part of it comes from a request.
            "picture": mark_safe(picture.svg_inline(scale=5, border=2, svgclass="qr", lineclass=None))
            if picture
            else "",
            "typed": second_factor.typed(begun) if begun else "",
            "demonstration": settings.DEMO,
        },
        status=422 if said else 200,
    )


@allowed("own.see")
@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    """Who looked at what of me, when, and why; offices are named, officers by their post."""
    found = looks_at(actor(request))
    names = division_names({look.office for look in found})
    rows = [
        {
            "when": look.at,
            "who": Cell(names.get(look.office, _("已结束的岗位")), note=label(ROLES.get(look.post, ""))),
            "what": LOOKED_AT.get(look.field, _("材料或登记簿信息")),
            "purpose": label(look.purpose),
        }
        for look in found
    ]
    table = Table(
        _("谁看过我的信息"),
        LOOK_COLUMNS,
        rows,
        empty_title=_("没有人看过"),
        empty_text=_("工作人员查看完整的身份证号、手机号等信息时会留下记录，并在这里列出。"),
    )
    return render(request, "common/looks.html", {"table": table})
