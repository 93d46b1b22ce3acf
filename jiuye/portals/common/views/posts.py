"""Posts: the administrator gives, ends and hands them on; whoever holds one hands it on for a time. Nobody gives himself one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.registry.places import division_names, places_within
from jiuye.office.staff import operations, posts
from jiuye.office.staff.models import Post
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.roles import OFFICES, ROLES
from jiuye.portals.common.actors import SIGNED_IN, actor, allowed, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import day, label

A_PAGE = 50
CITY_DIGITS, COUNTY_DIGITS, STREET_DIGITS = 4, 6, 9
COLUMNS = [
    Column("who", gettext_lazy("姓名"), heads=True),
    Column("role", gettext_lazy("角色")),
    Column("place", gettext_lazy("管辖区划")),
    Column("time", gettext_lazy("起止")),
]
REFUSALS = (operations.PostRefusedError, operations.IncompatiblePostsError)


Choices = list[tuple[str, Any]]


def _day_field(words: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=words, required=required, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )


class _Choosing(forms.Form):
    """A form whose choices are handed in under the names of their fields; each begins with none chosen."""

    def __init__(self, *args: Any, choices: Mapping[str, Choices], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.fields.keys() & choices.keys():
            self.fields[name].choices = [("", _("请选择")), *choices[name]]


class GiveForm(_Choosing):
    """A post to be given: to whom, as what, over which place, for how long."""

    username = forms.ChoiceField(label=gettext_lazy("派给"))
    role = forms.ChoiceField(label=gettext_lazy("角色"))
    division_code = forms.ChoiceField(label=gettext_lazy("管辖区划"))
    department = forms.CharField(label=gettext_lazy("部门"), max_length=40, required=False)
    start = _day_field(gettext_lazy("起"))
    until = _day_field(gettext_lazy("止（不含）"), required=False)


class EndForm(_Choosing):
    """The day on which a post ends."""

    post = forms.ChoiceField(label=gettext_lazy("岗位"))
    until = _day_field(gettext_lazy("止（不含）"))


class HandOnForm(_Choosing):
    """A post to be handed on for a time."""

    post = forms.ChoiceField(label=gettext_lazy("岗位"))
    username = forms.ChoiceField(label=gettext_lazy("委托给"))
    start = _day_field(gettext_lazy("起"))
    until = _day_field(gettext_lazy("止（不含）"))


@allowed("staff.manage")
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Every post in the administrator's places, and the forms that change them."""
    me, on = actor(request), office_date()
    page = slice_asked(request, posts.posts_of(me, on=on, ended=request.GET.get("ended") == "1"), size=A_PAGE)
    rows = list(page.rows)
    names = _names(me, rows)
    choices = _choices(me, rows, names)
    shown = {
        "give": GiveForm(auto_id="give_%s", choices=choices),
        "end": EndForm(auto_id="end_%s", choices=choices),
        "hand_on": HandOnForm(auto_id="on_%s", choices=choices | {"post": _to_hand_on(rows, names)}),
    }
    context = {"table": _table(rows, names), "page": page, "forms": shown, "own": False}
    return render(request, "common/posts.html", context)


@allowed(SIGNED_IN)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """One's own posts, each to be handed on to a colleague for a time."""
    me = actor(request)
    held = posts.own_posts(me, on=office_date())
    names = division_names({post.division_code for post in held})
    choices = {"post": _to_hand_on(held, names), "username": _officers(me)}
    form = HandOnForm(auto_id="on_%s", choices=choices) if me.kind == "officer" else None
    context = {"table": _table(held, names), "page": None, "forms": {"hand_on": form}, "own": True}
    return render(request, "common/posts.html", context)


@allowed("staff.manage")
@require_POST
def give(request: HttpRequest) -> HttpResponse:
    """Give a post."""
    form = GiveForm(
        request.POST, auto_id="give_%s", choices=_choices(actor(request), [], _names(actor(request), []))
    )
    attempt(
        request,
        lambda: _give(actor(request), **form.cleaned_data),
        done=_("岗位已派给。"),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("staff")


def _give(me: Actor, *, username: str, **given: Any) -> Post:
    return operations.give_post(actor=me, account=_known(posts.officer_named(username)), **given)


@allowed("staff.manage")
@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """End a post."""
    form = EndForm(request.POST, auto_id="end_%s", choices={"post": _asked_post(request)})
    attempt(
        request,
        lambda: operations.end_post(
            actor=actor(request), post=_post(form.cleaned_data["post"]), until=form.cleaned_data["until"]
        ),
        done=_("岗位已结束。"),
        refusals=REFUSALS,
        form=form,
    )
    return redirect("staff")


@allowed(SIGNED_IN)
@require_POST
def hand_on(request: HttpRequest) -> HttpResponse:
    """Hand a post on to a colleague, until a day."""
    me = actor(request)
    form = HandOnForm(request.POST, choices={"post": _asked_post(request), "username": _officers(me)})
    back = "staff" if me.may("staff.manage") else "own_posts"
    attempt(
        request,
        lambda: operations.delegate_post(
            actor=me,
            post=_post(form.cleaned_data["post"]),
            to=_known(posts.officer_named(form.cleaned_data["username"])),
            start=form.cleaned_data["start"],
            until=form.cleaned_data["until"],
        ),
        done=_("岗位已委托，到期自动收回。"),
        refusals=REFUSALS,
        form=form,
    )
    return redirect(back)


def _names(me: Actor, rows: list[Post]) -> dict[str, str]:
    """The names of every place that the administrator may give posts in, and of those in the rows."""
    return places_within(me.scopes("staff.manage")) | division_names({post.division_code for post in rows})


def _choices(me: Actor, rows: list[Post], names: dict[str, str]) -> dict[str, Choices]:
    """What the forms offer: officers and places by name, the posts of this page."""
    return {
        "username": _officers(me),
        "role": [(role, label(ROLES[role])) for role in OFFICES],
        "division_code": place_choices(places_within(me.scopes("staff.manage"))),
        "post": [(str(post.pk), _post_words(post, names)) for post in rows],
    }


def place_choices(names: dict[str, str]) -> Choices:
    """Places under their county, the county itself first; the city before all."""
    found: Choices = []
    counties: dict[str, Choices] = {}
    for code, name in sorted(names.items()):
        if len(code) <= CITY_DIGITS:
            found.append((code, name))
            continue
        county = counties.setdefault(code[:COUNTY_DIGITS], [])
        above = names.get(code[:STREET_DIGITS], "") if len(code) > STREET_DIGITS else ""
        county.append((code, f"{above} {name}".strip()))
    return [*found, *((names.get(code, code), rows) for code, rows in counties.items())]


def _officers(me: Actor) -> Choices:
    return [(row.username, f"{row.display_name} · {row.username}") for row in posts.officers(me)]


def _to_hand_on(rows: list[Post], names: dict[str, str]) -> Choices:
    return [(str(post.pk), _post_words(post, names)) for post in rows if post.delegated_from_id is None]


def _post_words(post: Post, names: dict[str, str]) -> str:
    place = names.get(post.division_code, post.division_code)
    return f"{post.account.display_name} · {label(ROLES[post.role])} · {place} · {day(post.start)}"


def _asked_post(request: HttpRequest) -> Choices:
    """The posted post as a choice where there is one of that number; whether the actor may act on it the operation decides."""
    number = request.POST.get("post", "")
    return [(number, number)] if number.isdecimal() else []


def _known(account: Any) -> Any:
    if account is None:
        raise operations.PostRefusedError(_("没有这个登录名的在用工作人员账号；请核对。"))
    return account


def _post(number: str) -> Post:
    found = Post.objects.filter(pk=number).select_related("account").first()
    if found is None:
        raise Http404(_("没有这个岗位。"))
    return found


def _table(rows: list[Post], names: dict[str, str]) -> Table:
    return Table(
        _("岗位"),
        COLUMNS,
        [
            {
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
