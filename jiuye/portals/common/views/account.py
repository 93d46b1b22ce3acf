"""One's own account: sessions, password, second factor, and who looked at one's record."""

from __future__ import annotations

from typing import Any

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
from jiuye.office.staff import enrolling, second_factor
from jiuye.office.staff.logging_in import end_sessions, note_failure, sessions_of
from jiuye.office.staff.looks import looks_at
from jiuye.office.staff.roles import ROLES
from jiuye.portals.common.actors import SIGNED_IN, actor, allowed, clock, office_date
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import label
from jiuye.portals.common.views.accounts import acts_table
from jiuye.portals.common.views.session import SESSION, address_of, is_locked, lock_sentence, prove

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
LOOKED_IN = {
    "payment_batch": gettext_lazy("一份付款文件里的收款账户"),
    "import": gettext_lazy("一份导入文件里退回的行"),
    "gap": gettext_lazy("一份应享未享名单"),
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
            "acts": acts_table(me.account_id),
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
    """A new password by the policy; every other session ends. A wrong old one counts as a failed log-in, and is not looked at while the door is shut."""
    until = is_locked(request, request.user.username) if request.method == "POST" else None
    form = PasswordChangeForm(request.user, request.POST if request.method == "POST" and not until else None)
    once = request.user.one_time_until is not None
    if form.is_valid() and once and request.user.check_password(form.cleaned_data["new_password1"]):
        form.add_error("new_password1", _("一次性密码别人也知道；请换一个只有自己知道的。"))
    if form.is_valid():
        request.user.one_time_until = None
        auth.update_session_auth_hash(request, form.save())
        _end_others(request)
        messages.success(request, _("密码已更换，其他登录都已结束。"))
        return redirect("account")
    if form.has_error("old_password", "password_incorrect"):
        note_failure(username=request.user.username, address=address_of(request), at=clock())
    shown = {"form": form, "locked": lock_sentence(until) if until else "", "once": once}
    return render(request, "common/password.html", shown, status=422 if request.method == "POST" else 200)


def _end_others(request: HttpRequest) -> None:
    here = request.session.get(SESSION)
    end_sessions(account_id=request.user.pk, at=clock(), but=here["id"] if here else None)


@allowed(SIGNED_IN)
@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def factor(request: HttpRequest) -> HttpResponse:
    """The second factor: enrolled by a picture to scan and its first code; replaced after a code of the device in use, and then one of
    the next; ended by a code where no post needs it. Wrong codes count as failed log-ins do."""
    said: str = ""
    codes: list[str] | None = []
    until = is_locked(request, request.user.username) if request.method == "POST" else None
    if until:
        said = lock_sentence(until)
    elif request.method == "POST":
        try:
            codes = _change_factor(request)
        except second_factor.WrongCodeError as error:
            note_failure(username=request.user.username, address=address_of(request), at=clock())
            said = str(error)
        except (
            second_factor.AlreadyEnrolledError,
            second_factor.StillNeededError,
            second_factor.NotReplacingError,
        ) as error:
            said = str(error)
        else:
            if codes is None:
                return redirect("account")
    enrolled = second_factor.is_enrolled(request.user.pk)
    context = _factor_shown(request, enrolled) | {
        "enrolled": enrolled,
        "codes": codes,
        "said": said,
        "needed": second_factor.needed_by(actor(request)),
        "from_whom": "" if enrolled else enrolling.who_gives_the_code(request.user, on=office_date()),
        "demonstration": settings.DEMO,
    }
    return render(request, "common/factor.html", context, status=422 if said else 200)


def _change_factor(request: HttpRequest) -> list[str] | None:
    """What the form asks for is done. Recovery codes to be shown (none where there are none yet), or None where the factor is gone.

    A session that was opened by the password alone does not outlive the device: when one comes into use, or goes, the others end.
    """
    account, at = request.user, clock()
    act, given = request.POST.get("act", ""), request.POST.get("code", "")
    codes: list[str] = []
    if act == "begin":
        enrolling.begin(account=account, code=given, at=at)
    elif act == "replace":
        second_factor.begin_replacing(account=account, code=given, at=at)
    elif act == "keep":
        second_factor.stop_replacing(account=account)
    elif act == "replaced":
        codes = second_factor.replace(account=account, code=given, at=at)
    elif act == "end":
        second_factor.end(actor=actor(request), code=given, at=at)
        messages.success(request, _("第二重验证已停用，其他登录都已结束。"))
    else:
        codes = second_factor.confirm(account=account, code=given, at=at)
    if codes or act == "end":
        _end_others(request)
        prove(request, proved=bool(codes))
    return None if act == "end" else codes


def _factor_shown(request: HttpRequest, enrolled: bool) -> dict[str, Any]:
    """The picture and the words of the secret that waits for its first code, if one does."""
    if enrolled:
        factor = second_factor.replacing(request.user.pk, at=clock())
        secret = factor.next_secret if factor else None
    else:
        factor = second_factor.begun(request.user.pk)
        secret = factor.secret if factor else None
    if factor is None or secret is None:
        return {"begun": False, "picture": "", "typed": ""}
    picture = segno.make(second_factor.address_of(factor, secret, issuer=ISSUER), error="m")
    return {
        "begun": True,
        # Our own drawing of our own text: no part of it comes from a request.
        "picture": mark_safe(picture.svg_inline(scale=5, border=2, svgclass="qr", lineclass=None)),
        "typed": second_factor.typed(secret),
    }


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
            "what": LOOKED_IN.get(look.subject_kind) or LOOKED_AT.get(look.field, _("材料或登记簿信息")),
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
