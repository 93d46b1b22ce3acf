"""Posts: the administrator gives, ends and hands them on; whoever holds one hands it on for a time. Nobody gives himself one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.registry.places import division_names
from jiuye.office.staff import operations, posts
from jiuye.office.staff.models import Post
from jiuye.office.staff.roles import OFFICES, ROLES
from jiuye.portals.common.actors import SIGNED_IN, actor, allowed, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import day, label

A_PAGE = 50
COLUMNS = [
    Column("number", gettext_lazy("编号"), heads=True),
    Column("who", gettext_lazy("姓名")),
    Column("role", gettext_lazy("角色")),
    Column("place", gettext_lazy("管辖区划")),
    Column("time", gettext_lazy("起止")),
]
REFUSALS = (operations.PostRefusedError, operations.IncompatiblePostsError)


class GiveForm(forms.Form):
    """A post to be given."""

    username = forms.CharField(label=gettext_lazy("登录名"), max_length=60)
    role = forms.ChoiceField(label=gettext_lazy("角色"))
    division_code = forms.RegexField(r"^(\d{4}|\d{6}|\d{9}|\d{12})$", label=gettext_lazy("管辖区划代码"))
    department = forms.CharField(label=gettext_lazy("部门"), max_length=40, required=False)
    start = forms.DateField(label=gettext_lazy("起"))
    until = forms.DateField(label=gettext_lazy("止（不含）"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [(role, label(ROLES[role])) for role in OFFICES]


class EndForm(forms.Form):
    """The day on which a post ends."""

    post = forms.IntegerField(label=gettext_lazy("岗位编号"))
    until = forms.DateField(label=gettext_lazy("止（不含）"))


class HandOnForm(forms.Form):
    """A post to be handed on for a time."""

    post = forms.IntegerField(label=gettext_lazy("岗位编号"))
    username = forms.CharField(label=gettext_lazy("委托给（登录名）"), max_length=60)
    start = forms.DateField(label=gettext_lazy("起"))
    until = forms.DateField(label=gettext_lazy("止（不含）"))


@allowed("staff.manage")
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Every post in the administrator's places, and the forms that change them."""
    return _staff(request, {})


def _staff(request: HttpRequest, wrong: dict[str, forms.Form]) -> HttpResponse:
    found = posts.posts_of(actor(request), on=office_date(), ended=request.GET.get("ended") == "1")
    page = slice_asked(request, found, size=A_PAGE)
    shown = {
        "give": GiveForm(auto_id="give_%s"),
        "end": EndForm(auto_id="end_%s"),
        "hand_on": HandOnForm(auto_id="on_%s"),
    }
    context = {"table": _table(list(page.rows)), "page": page, "forms": shown | wrong, "own": False}
    return render(request, "common/posts.html", context, status=422 if wrong else 200)


@allowed(SIGNED_IN)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """One's own posts, each to be handed on to a colleague for a time."""
    held = posts.own_posts(actor(request), on=office_date())
    context = {
        "table": _table(held),
        "page": None,
        "forms": {"hand_on": HandOnForm(auto_id="on_%s")},
        "own": True,
    }
    return render(request, "common/posts.html", context)


@allowed("staff.manage")
@require_POST
def give(request: HttpRequest) -> HttpResponse:
    """Give a post."""
    form = GiveForm(request.POST, auto_id="give_%s")
    if not form.is_valid():
        return _staff(request, {"give": form})
    given = dict(form.cleaned_data)
    account = posts.officer_named(given.pop("username"))
    return _act(
        request,
        lambda: operations.give_post(actor=actor(request), account=_known(account), **given),
        _("岗位已派给。"),
        "staff",
    )


@allowed("staff.manage")
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End a post."""
    form = EndForm(request.POST, auto_id="end_%s")
    if not form.is_valid():
        return _staff(request, {"end": form})
    post = _post(form.cleaned_data["post"])
    until = form.cleaned_data["until"]
    return _act(
        request,
        lambda: operations.end_post(actor=actor(request), post=post, until=until),
        _("岗位已结束。"),
        "staff",
    )


@allowed(SIGNED_IN)
@require_POST
def hand_on(request: HttpRequest) -> HttpResponse:
    """Hand a post on to a colleague, until a day."""
    form = HandOnForm(request.POST)
    back = "staff" if actor(request).may("staff.manage") else "own_posts"
    if not form.is_valid():
        messages.error(request, _("委托要写明岗位、委托给谁、起止日期，例如 2025-06-09。"))
        return redirect(back)
    given = form.cleaned_data
    post, to = _post(given["post"]), posts.officer_named(given["username"])
    return _act(
        request,
        lambda: operations.delegate_post(
            actor=actor(request), post=post, to=_known(to), start=given["start"], until=given["until"]
        ),
        _("岗位已委托，到期自动收回。"),
        back,
    )


def _act(request: HttpRequest, act: Callable[[], Post], done: str, back: str) -> HttpResponse:
    attempt(request, act, done=done, refusals=REFUSALS)
    return redirect(back)


def _known(account: Any) -> Any:
    if account is None:
        raise operations.PostRefusedError(_("没有这个登录名的在用工作人员账号；请核对。"))
    return account


def _post(number: int) -> Post:
    found = Post.objects.filter(pk=number).select_related("account").first()
    if found is None:
        raise Http404(_("没有这个岗位。"))
    return found


def _table(rows: list[Post]) -> Table:
    names = division_names({post.division_code for post in rows})
    return Table(
        _("岗位"),
        COLUMNS,
        [
            {
                "number": str(post.pk),
                "who": Cell(
                    post.account.display_name,
                    note=_("受 %(name)s 委托") % {"name": post.delegated_from.account.display_name}
                    if post.delegated_from
                    else post.account.username,
                ),
                "role": Cell(label(ROLES[post.role]), note=post.department),
                "place": Cell(names.get(post.division_code, post.division_code), note=post.division_code),
                "time": f"{day(post.start)} – {day(post.until) if post.until else _('长期')}",
            }
            for post in rows
        ],
        empty_title=_("没有岗位"),
        empty_text=_("这里列出您能管理的岗位。"),
    )
