"""Four lists, each of one officer or of all, over some days: looks at protected data, posts, accounts, failed log-ins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_safe

from jiuye.office.registry.places import division_names
from jiuye.office.staff import auditing
from jiuye.office.staff.models import Account, AccountAct, FailedLogIn, LookRecord, Post
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.roles import ROLES
from jiuye.portals.common.actors import actor, allowed
from jiuye.portals.common.components import Cell, Column, Tab, Table
from jiuye.portals.common.forms import DayField
from jiuye.portals.common.slices import slice_asked
from jiuye.portals.common.templatetags.jiuye import label
from jiuye.portals.common.views.account import LOOKED_AT, LOOKED_IN

A_PAGE = 50
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)  # days beyond these are mistyped
MISTYPED = gettext_lazy("请写 2000 年到 2100 年之间的日期。")
WITHIN = [MinValueValidator(EARLIEST, MISTYPED), MaxValueValidator(LATEST, MISTYPED)]
LOOKS = (
    Column("at", gettext_lazy("时间"), kind="moment", heads=True),
    Column("who", gettext_lazy("查看人")),
    Column("whose", gettext_lazy("看的是谁的")),
    Column("what", gettext_lazy("看了什么")),
    Column("purpose", gettext_lazy("事由")),
)
POSTS = (
    Column("who", gettext_lazy("人员"), heads=True),
    Column("post", gettext_lazy("岗位")),
    Column("start", gettext_lazy("起"), kind="date"),
    Column("until", gettext_lazy("止"), kind="date"),
    Column("given", gettext_lazy("派岗")),
    Column("confirmed", gettext_lazy("确认")),
    Column("ended", gettext_lazy("结束")),
)
ACTS = (
    Column("at", gettext_lazy("时间"), kind="moment", heads=True),
    Column("whose", gettext_lazy("账号")),
    Column("act", gettext_lazy("办理")),
    Column("by", gettext_lazy("办理人")),
    Column("because", gettext_lazy("原因")),
)
FAILED = (
    Column("at", gettext_lazy("时间"), kind="moment", heads=True),
    Column("whose", gettext_lazy("登录名")),
    Column("address", gettext_lazy("来自")),
)


class SpanForm(forms.Form):
    """Of whom, from which day to which."""

    officer = forms.CharField(
        label=gettext_lazy("登录名或姓名"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"data-key": "/"}),
    )
    since = DayField(gettext_lazy("从"), required=False, validators=WITHIN)
    until = DayField(gettext_lazy("到（含当天）"), required=False, validators=WITHIN)

    def span(self) -> auditing.Span:
        """What was asked; what cannot be read is said beside its field, and asks for nothing."""
        self.is_valid()
        given = self.cleaned_data
        return auditing.Span(given.get("officer", "").strip(), given.get("since"), given.get("until"))


def _looks(me: Actor, rows: list[LookRecord]) -> list[dict[str, Any]]:
    return [
        {
            "at": row.looked_at,
            "who": _officer(row.account),
            "whose": _subject(me, row),
            "what": LOOKED_IN.get(row.subject_kind) or LOOKED_AT.get(row.field, _("材料或登记簿信息")),
            "purpose": label(row.purpose),
        }
        for row in rows
    ]


def _subject(me: Actor, row: LookRecord) -> Cell:
    """Whose it was, by number and as a link: names are for whoever opens the page."""
    address = {"person": "desk:person", "employer": "desk:employer"}.get(row.subject_kind, "")
    words = {"person": _("居民 %(key)s"), "employer": _("单位 %(key)s")}.get(row.subject_kind, "%(key)s")
    url = reverse(address, args=[row.subject_key]) if address and me.may("registry.see") else ""
    return Cell(words % {"key": row.subject_key}, url=url)


def _posts(me: Actor, rows: list[Post]) -> list[dict[str, Any]]:
    places = division_names({row.division_code for row in rows})
    return [
        {
            "who": _officer(row.account),
            "post": Cell(
                label(ROLES[row.role]),
                note=_standing(row, places.get(row.division_code, row.division_code)),
                level="watch" if row.awaits_second else "",
            ),
            "start": row.start,
            "until": row.until,
            "given": _by(row.given_by, row.given_at is None),
            "confirmed": _by(row.confirmed_by, row.confirmed_at is not None),
            "ended": _by(row.ended_by, row.ended_at is not None),
        }
        for row in rows
    ]


def _standing(row: Post, place: str) -> str:
    """Where it is held, from whom it was handed on, and whether it is in force."""
    words = [place]
    if row.delegated_from is not None:
        words.append(_("受%(name)s委托") % {"name": row.delegated_from.account.display_name})
    if row.awaits_second:
        words.append(_("待另一人确认"))
    if row.void:
        words.append(_("没有生效"))
    return " · ".join(words)


def _by(account: Account | None, at_server: bool) -> str:
    """Who did it; what nobody is named for was done at the server, or not at all."""
    if account is not None:
        return account.display_name
    return _("在服务器上") if at_server else "—"


def _acts(me: Actor, rows: list[AccountAct]) -> list[dict[str, Any]]:
    return [
        {
            "at": row.at,
            "whose": _officer(row.account),
            "act": label(row.get_act_display()),
            "by": _by(row.by, at_server=True),
            "because": row.because,
        }
        for row in rows
    ]


def _failed(me: Actor, rows: list[FailedLogIn]) -> list[dict[str, Any]]:
    return [
        {
            "at": row.at,
            "whose": Cell(row.username, note=row.of or _("没有这个账号")),
            "address": row.address,
        }
        for row in rows
    ]


def _officer(account: Account) -> Cell:
    return Cell(account.display_name, note=account.username)


@dataclass(frozen=True, slots=True)
class Listed:
    """One list: its title, the question behind it, and how its rows are shown."""

    title: Any
    find: Callable[[Actor, auditing.Span], QuerySet[Any]]
    columns: tuple[Column, ...]
    rows_of: Callable[[Actor, Any], list[dict[str, Any]]]


LISTS = {
    "looks": Listed(pgettext_lazy("audit", "查看记录"), auditing.looks_made, LOOKS, _looks),
    "posts": Listed(pgettext_lazy("audit", "岗位"), auditing.posts_given, POSTS, _posts),
    "accounts": Listed(pgettext_lazy("audit", "账号"), auditing.account_acts, ACTS, _acts),
    "log-ins": Listed(pgettext_lazy("audit", "登录失败"), auditing.failed_log_ins, FAILED, _failed),
}


@allowed(auditing.AUDIT)
@require_safe
def listing(request: HttpRequest, kind: str = "looks") -> HttpResponse:
    """One of the lists, of one officer or of all, over some days or all."""
    listed = LISTS.get(kind)
    if listed is None:
        raise Http404(kind)
    me, form = actor(request), SpanForm(request.GET)
    page = slice_asked(request, listed.find(me, form.span()), size=A_PAGE)
    context = {
        "form": form,
        "page": page,
        "tabs_items": [
            Tab(one.title, reverse("desk:audit_list", args=[name]), current=name == kind)
            for name, one in LISTS.items()
        ],
        "table": Table(
            listed.title,
            listed.columns,
            listed.rows_of(me, page.rows),
            empty_title=_("没有符合条件的记录"),
        ),
    }
    return render(request, "desk/auditing/list.html", context)
