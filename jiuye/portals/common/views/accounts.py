"""Officers' accounts, kept by the administrators of their place: opened, given a one-time password, shut, opened again, freed of a lost device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.registry.places import division_names, places_within
from jiuye.office.staff import accounts, enrolling, keeping_accounts, second_factor
from jiuye.office.staff.models import Account, AccountAct, OutsideIdentity, Post
from jiuye.office.staff.refusals import LINE, NAME
from jiuye.office.staff.roles import ROLES
from jiuye.portals.common.actors import actor, allowed, clock, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Crumb, Tab, Table
from jiuye.portals.common.forms import YesOrNo
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import day, label
from jiuye.portals.common.views.posts import place_choices

A_PAGE = 50
COLUMNS = [
    Column("who", gettext_lazy("姓名"), heads=True),
    Column("posts", gettext_lazy("岗位")),
    Column("password", gettext_lazy("密码")),
    Column("factor", gettext_lazy("第二重验证")),
]
POST_COLUMNS = [
    Column("role", gettext_lazy("角色"), heads=True),
    Column("place", gettext_lazy("管辖区划")),
    Column("time", gettext_lazy("起止")),
]
ACT_COLUMNS = [
    Column("at", gettext_lazy("时间"), "moment", heads=True),
    Column("act", gettext_lazy("办理")),
    Column("by", gettext_lazy("办理人")),
    Column("because", gettext_lazy("原因")),
]


class BecauseForm(forms.Form):
    """Why something is done to an account; the person reads it too."""

    because = forms.CharField(label=gettext_lazy("原因"), max_length=LINE)


class OpenForm(BecauseForm):
    """An officer's account to be opened."""

    username = forms.CharField(
        label=gettext_lazy("登录名"),
        max_length=60,
        help_text=gettext_lazy("小写字母、数字、点、短横或下划线；接统一身份认证的，写那里的登录名。"),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    display_name = forms.CharField(label=gettext_lazy("姓名"), max_length=NAME)
    division_code = forms.ChoiceField(
        label=gettext_lazy("所属区划"),
        help_text=gettext_lazy("还没有岗位的时候，由这里的系统管理员管理。"),
    )
    field_order = ("username", "display_name", "division_code", "because")

    def __init__(self, *args: Any, places: list[tuple[str, Any]], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["division_code"].choices = [("", _("请选择")), *places]


class DecideForm(forms.Form):
    """Whether an account is freed of its second factor."""

    free = YesOrNo(label=gettext_lazy("核实了本人以后"), no=gettext_lazy("不解除"), yes=gettext_lazy("解除"))


@allowed("staff.manage")
@require_safe
def accounts_page(request: HttpRequest) -> HttpResponse:
    """The accounts in the administrator's places, what waits for a second administrator, and the form that opens one."""
    me, on = actor(request), office_date()
    words, shut = request.GET.get("q", "").strip()[:60], request.GET.get("shut") == "1"
    page = slice_asked(request, accounts.accounts_kept(me, on=on, words=words, shut=shut), size=A_PAGE)
    places = places_within(me.scopes("staff.manage"))
    address = reverse("staff_accounts")
    context = {
        "table": _table(list(page.rows), places),
        "page": page,
        "words": words,
        "tabs_items": [
            Tab(_("在用"), address, current=not shut),
            Tab(_("已停用"), f"{address}?shut=1", current=shut),
        ],
        "shut": shut,
        "waiting": accounts.releases_waiting(me, on=on),
        "form": OpenForm(auto_id="open_%s", places=place_choices(places)),
    }
    return render(request, "common/accounts.html", context)


@allowed("staff.manage")
@require_safe
def account_page(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account: its posts, its second factor, what was done to it, and what can be done now."""
    me, on = actor(request), office_date()
    account = _asked(request, account_id)
    held = accounts.posts_of_account(account, on=on)
    names = division_names({post.division_code for post in held} | {account.division_code})
    release = accounts.open_release(account.pk)
    enrolled = second_factor.is_enrolled(account.pk)
    tied = accounts.identities_of(account.pk)
    context = {
        "crumbs": [Crumb(_("账号"), reverse("staff_accounts")), Crumb(account.display_name)],
        "account": account,
        "facts": [
            (_("登录名"), account.username),
            (_("所属区划"), names.get(account.division_code, account.division_code) or _("没有写明")),
            (_("密码"), _password_words(account)),
            (_("第二重验证"), _("已启用") if enrolled else _("没有启用")),
            (_("统一身份"), _tied_words(tied)),
            (_("状态"), _("在用") if account.is_active else _("已停用")),
        ],
        "posts": _posts_table(held, names),
        "acts": acts_table(account.pk),
        "enrolled": enrolled,
        "giver": None if enrolled else enrolling.password_given_by(account.pk),
        "me": me.account_id,
        "tied": tied,
        "release": release,
        "own_release": release is not None and release.asked_by_id == me.account_id,
        **{f"{act}_form": BecauseForm(auto_id=f"{act}_%s") for act in _CHANGES},
        "decide": DecideForm(auto_id="decide_%s"),
    }
    return render(request, "common/account_kept.html", context)


@allowed("staff.manage")
@never_cache
@require_POST
def open_one(request: HttpRequest) -> HttpResponse:
    """Open an account; its one-time password is shown this once."""
    me = actor(request)
    places = place_choices(places_within(me.scopes("staff.manage")))
    form = OpenForm(request.POST, auto_id="open_%s", places=places)
    opened = attempt(
        request,
        lambda: keeping_accounts.open_account(actor=me, **form.cleaned_data, at=clock()),
        done="",
        form=form,
    )
    if opened is None:
        return redirect("staff_accounts")
    account, password = opened
    return _shown_once(request, account, password)


@allowed("staff.manage")
@never_cache
@require_POST
def change(request: HttpRequest, account_id: int, act: str) -> HttpResponse:
    """Do something to an account, with the reason; a password that comes of it is shown this once."""
    account = _asked(request, account_id)
    operation, done = _CHANGES.get(act, (None, ""))
    if operation is None:
        raise Http404(act)
    form = BecauseForm(request.POST, auto_id=f"{act}_%s")
    result = attempt(
        request,
        lambda: operation(
            actor=actor(request),
            account_id=account.pk,
            because=form.cleaned_data["because"],
            on=office_date(),
            at=clock(),
        ),
        done=str(done),
        form=form,
    )
    if isinstance(result, str):
        return _shown_once(request, account, result, act=act)
    return redirect("staff_account", account.pk)


@allowed("staff.manage")
@require_POST
def decide(request: HttpRequest, account_id: int, release_id: int) -> HttpResponse:
    """A second administrator frees the account of its second factor, or does not."""
    account = _asked(request, account_id)
    form = DecideForm(request.POST, auto_id="decide_%s")
    attempt(
        request,
        lambda: keeping_accounts.decide_release(
            actor=actor(request),
            release_id=release_id,
            free=form.cleaned_data["free"],
            on=office_date(),
            at=clock(),
        ),
        done=lambda release: (
            _("已解除；本人下次登录时重新启用。") if release.freed else _("没有解除，已记录。")
        ),
        form=form,
    )
    return redirect("staff_account", account.pk)


def _tied_words(tied: list[OutsideIdentity]) -> str:
    """To which person of the single sign-on, and since when."""
    return "；".join(
        _("%(issuer)s，编号 %(subject)s，%(day)s绑定")
        % {"issuer": row.issuer, "subject": row.subject, "day": day(row.tied_at)}
        for row in tied
    ) or _("没有绑定")


_CHANGES: dict[str, tuple[Callable[..., Any], Any]] = {
    "password": (keeping_accounts.give_password, ""),
    "shut": (keeping_accounts.shut_account, gettext_lazy("账号已停用，登录都已结束。")),
    "reopen": (keeping_accounts.open_again, ""),
    "untie": (
        keeping_accounts.untie_identity,
        gettext_lazy("统一身份绑定已解除，登录都已结束；下次用统一身份认证登录时重新绑定。"),
    ),
    "code": (enrolling.give_code, ""),
    "release": (keeping_accounts.ask_release, gettext_lazy("已提出，等另一名系统管理员决定。")),
}


def acts_table(account_id: int) -> Table:
    """What was done to an account: for the administrator, and for whoever's it is."""
    rows = [
        {
            "at": act.at,
            "act": label(AccountAct.Act(act.act).label),
            "by": act.by.display_name if act.by else _("在服务器上"),
            "because": act.because,
        }
        for act in accounts.acts_on(account_id)
    ]
    return Table(
        _("账号办理记录"),
        ACT_COLUMNS,
        rows,
        empty_title=_("没有记录"),
        empty_text=_("开设、发密码、停用和解除第二重验证都会列在这里。"),
    )


def _asked(request: HttpRequest, account_id: int) -> Account:
    account = accounts.account_kept(actor(request), account_id, on=office_date())
    if account is None:
        raise Http404(_("没有这个账号，或者它不归您管理。"))
    return account


def _shown_once(request: HttpRequest, account: Account, password: str, *, act: str = "") -> HttpResponse:
    context = {
        "account": account,
        "password": password,
        "hours": keeping_accounts.ONE_TIME_HOURS,
        "code": act == "code",
        "onward": reverse("staff_account", args=[account.pk]),
    }
    return render(request, "common/account_password_once.html", context)


def _password_words(account: Account) -> str:
    if account.one_time_until is None:
        return _("本人设的")
    over = account.one_time_until <= clock()
    return _("一次性密码已过期") if over else _("一次性密码，等本人更换")


def _table(rows: list[Any], names: dict[str, str]) -> Table:
    return Table(
        _("账号"),
        COLUMNS,
        [
            {
                "who": Cell(
                    account.display_name,
                    url=reverse("staff_account", args=[account.pk]),
                    note=account.username,
                ),
                "posts": _posts_cell(account, names),
                "password": _password_words(account),
                "factor": _("已启用") if account.enrolled else _("没有启用"),
            }
            for account in rows
        ],
        empty_title=_("没有账号"),
        empty_text=_("这里列出岗位都在您管辖区划内的工作人员账号，不含您自己的。"),
    )


def _posts_cell(account: Any, names: dict[str, str]) -> Cell:
    """What the account may do and where; without a post, where it belongs."""
    if not account.held:
        return Cell(_("没有岗位"), note=names.get(account.division_code, account.division_code))
    words = [
        f"{_role_words(post)} · {names.get(post.division_code, post.division_code)}" for post in account.held
    ]
    return Cell(_("；").join(words))


def _role_words(post: Post) -> str:
    """The role; of a post that waits for a second administrator, that it is not in force."""
    role = label(ROLES[post.role])
    return _("%(role)s（待确认，没有生效）") % {"role": role} if post.awaits_second else str(role)


def _posts_table(held: list[Post], names: dict[str, str]) -> Table:
    return Table(
        _("岗位"),
        POST_COLUMNS,
        [
            {
                "role": Cell(_role_words(post), note=post.department),
                "place": names.get(post.division_code, post.division_code),
                "time": f"{day(post.start)} – {day(post.until) if post.until else _('长期')}",
            }
            for post in held
        ],
        empty_title=_("没有岗位"),
        empty_text=_("没有岗位的账号能登录，但什么也不能办。"),
    )
