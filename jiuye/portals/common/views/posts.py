"""Posts: the administrator gives, ends and hands them on; whoever holds one hands it on for a time. Nobody gives himself one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.registry.places import division_names, places_within
from jiuye.office.staff import accounts, confirming_posts, operations, posts
from jiuye.office.staff.models import Post
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.roles import OFFICES, ROLES
from jiuye.portals.common.actors import SIGNED_IN, actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Cell, Column, Tab, Table
from jiuye.portals.common.forms import DayField
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import day, label

A_PAGE = 50
MOST_WAITING = 5  # posts that wait for a second administrator, as the page shows them; the next follow once these are decided
CITY_DIGITS, COUNTY_DIGITS, STREET_DIGITS = 4, 6, 9
COLUMNS = [
    Column("who", gettext_lazy("姓名"), heads=True),
    Column("role", gettext_lazy("角色")),
    Column("place", gettext_lazy("管辖区划")),
    Column("time", gettext_lazy("起止")),
    Column("history", gettext_lazy("经过")),
]
REFUSALS = (operations.PostRefusedError, operations.IncompatiblePostsError)


Choices = list[tuple[str, Any]]


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
    start = DayField(gettext_lazy("起"))
    until = DayField(gettext_lazy("止（不含）"), required=False)


class EndForm(_Choosing):
    """The day on which a post ends."""

    post = forms.ChoiceField(label=gettext_lazy("岗位"))
    until = DayField(gettext_lazy("止（不含）"))


class HandOnForm(_Choosing):
    """A post to be handed on for a time."""

    post = forms.ChoiceField(label=gettext_lazy("岗位"))
    username = forms.ChoiceField(label=gettext_lazy("委托给"))
    start = DayField(gettext_lazy("起"))
    until = DayField(gettext_lazy("止（不含）"))


def waits_for_administrator(me: Actor, *, on: date) -> dict[str, int]:
    """How much waits for this one among the administrators: posts to confirm, second factors to decide on. Nothing for everybody else."""
    if not me.may("staff.manage"):
        return {}
    releases = accounts.releases_waiting(me, on=on)
    return {
        "posts_waiting": confirming_posts.posts_awaiting(me).filter(for_others=0).count(),
        "releases_waiting": sum(one.asked_by_id != me.account_id for one in releases),
    }


@allowed("staff.manage")
@require_safe
def staff(request: HttpRequest) -> HttpResponse:
    """Every post in the administrator's places, and the forms that change them."""
    me, on = actor(request), office_date()
    ended, address = request.GET.get("ended") == "1", reverse("staff")
    page = slice_asked(request, posts.posts_of(me, on=on, ended=ended), size=A_PAGE)
    rows = list(page.rows)
    names = _names(me, rows)
    choices = _choices(me, rows, names)
    shown = {
        "give": GiveForm(auto_id="give_%s", choices=choices),
        "end": EndForm(auto_id="end_%s", choices=choices),
        "hand_on": HandOnForm(auto_id="on_%s", choices=choices | {"post": _to_hand_on(rows, names)}),
    }
    awaiting = confirming_posts.posts_awaiting(me)
    waiting = list(awaiting[:MOST_WAITING])
    context = {
        "table": _table(rows, names),
        "page": page,
        "forms": {} if ended else shown,
        "own": False,
        "tabs_items": [
            Tab(_("在任和将到任"), address, current=not ended),
            Tab(_("已结束和没有生效"), f"{address}?ended=1", current=ended),
        ],
        "more_waiting": awaiting.count() - MOST_WAITING if len(waiting) == MOST_WAITING else 0,
        "waiting": [] if ended else [_waiting(me, post, names, on) for post in waiting],
    }
    return render(request, "common/posts.html", context)


def _waiting(me: Actor, post: Post, names: dict[str, str], on: date) -> dict[str, Any]:
    """A post that waits for a second administrator: whose, who gave it, whether this one may confirm it, and who else may."""
    mine = me.account_id in (post.given_by_id, post.account_id)
    return {
        "post": post,
        "words": _post_words(post, names | division_names({post.division_code})),
        "history": post_history(post),
        "may_confirm": not mine,
        "may_decline": post.account_id != me.account_id,
        "who": confirming_posts.who_confirms(post, on=on) if mine else "",
    }


@allowed("staff.manage")
@require_POST
def confirm(request: HttpRequest, post_id: int) -> HttpResponse:
    """A second administrator puts a post of weight in force, or does not."""
    me, at = actor(request), now()
    if request.POST.get("act") == "confirm":
        attempt(
            request,
            lambda: confirming_posts.confirm_post(actor=me, post_id=post_id, at=at),
            done=_("岗位已确认，从起始日起生效。"),
            refusals=REFUSALS,
        )
    else:
        attempt(
            request,
            lambda: confirming_posts.decline_post(actor=me, post_id=post_id, at=at),
            done=_("岗位没有确认，不会生效；经过留在记录里。"),
            refusals=REFUSALS,
        )
    return redirect("staff")


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
        lambda: _give(actor(request), at=now(), **form.cleaned_data),
        done=_given_words,
        refusals=REFUSALS,
        form=form,
    )
    return redirect("staff")


def _given_words(post: Post) -> str:
    """What was done, and where the post waits for a second administrator, who that may be."""
    if not post.awaits_second:
        return _("岗位已派给。")
    return _("岗位已派，还没有生效。") + confirming_posts.who_confirms(post, on=office_date())


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
            actor=actor(request),
            post=_post(form.cleaned_data["post"]),
            until=form.cleaned_data["until"],
            at=now(),
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
            at=now(),
        ),
        done=lambda post: (
            _("岗位已委托，还没有生效。") + confirming_posts.who_confirms(post, on=office_date())
            if post.awaits_second
            else _("岗位已委托，到期自动收回。")
        ),
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


def post_history(post: Post) -> str:
    """Who gave, confirmed and ended it, and when; what was set up at the server says so."""
    told = []
    if post.given_by is not None:
        told.append(_("%(name)s %(day)s派") % {"name": post.given_by.display_name, "day": day(post.given_at)})
    else:
        told.append(_("安装时设置"))
    if post.confirmed_at is not None:
        name = post.confirmed_by.display_name if post.confirmed_by else _("服务器上")
        told.append(_("%(name)s %(day)s确认") % {"name": name, "day": day(post.confirmed_at)})
    if post.ended_at is not None:
        name = post.ended_by.display_name if post.ended_by else _("服务器上")
        words = _("%(name)s %(day)s作罢，没有生效") if post.void else _("%(name)s %(day)s办理结束")
        told.append(words % {"name": name, "day": day(post.ended_at)})
    elif post.awaits_second:
        told.append(_("待另一名系统管理员确认，没有生效"))
    return "；".join(told)


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
                "history": post_history(post),
            }
            for post in rows
        ],
        empty_title=_("没有岗位"),
        empty_text=_("这里列出您能管理的岗位。"),
    )
