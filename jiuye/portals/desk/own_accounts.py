"""The account of a resident or a firm, on their page at the desk: opened for whoever has come with their papers, given a one-time password,
shut, opened again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from jiuye.office.casework import own_accounts
from jiuye.office.casework.authorities import why_not_theirs
from jiuye.office.casework.own_accounts import EMPLOYER, RESIDENT, SEEN, why_no_account
from jiuye.office.casework.vouched_accounts import refused_lately
from jiuye.office.registry import queries
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.keeping_accounts import ONE_TIME_HOURS
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import NAME
from jiuye.office.staff.subject_accounts import OPEN_FOR_OTHERS, account_of_subject
from jiuye.portals.common.actors import actor, allowed, clock, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.components import Crumb
from jiuye.portals.common.views.accounts import acts_table

REASON = 100  # characters: what was looked at is put before it


class ActForm(forms.Form):
    """What is asked before something is done to the account of a resident or a firm; the operation judges it."""

    username = forms.CharField(
        label=_("登录名"),
        max_length=60,
        help_text=_("由本人定，3 个字符以上，可以用手机号；小写字母、数字、点、短横或下划线。"),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}
        ),
    )
    agent = forms.CharField(label=_("经办人姓名"), max_length=NAME, help_text=_("单位授权书上写的人。"))
    because = forms.CharField(label=_("原因"), max_length=REASON, help_text=_("账号的主人看得到。"))
    seen = forms.BooleanField(label=_("核对证件"))

    def __init__(self, *args: Any, kind: str, act: str, **named: Any) -> None:
        super().__init__(*args, auto_id=f"account-{act}-%s", **named)
        self.fields["seen"].label = SEEN[kind]
        if act != "open":
            del self.fields["username"]
        if kind == RESIDENT or act == "shut":
            del self.fields["agent"]
        if act == "shut":
            del self.fields["seen"]


def account_address(me: Actor, record: Person | Employer) -> str:
    """Where the account of that record is looked after; empty for who may not."""
    place = record.residence_division_id if isinstance(record, Person) else record.division_id
    return _back(_kind_of(record), record.pk) if me.may(OPEN_FOR_OTHERS, place) else ""


@allowed(OPEN_FOR_OTHERS)
@require_safe
def person_page(request: HttpRequest, person_id: int) -> HttpResponse:
    """The account of a resident: what was done to it, and what can be done now."""
    person = queries.visible_people(actor(request)).filter(pk=person_id).first()
    if person is None:
        raise Http404(gettext("没有这位居民，或者不在您的管辖范围内。"))
    return _page(request, person, not_theirs=why_not_theirs(person_id, actor(request)))


@allowed(OPEN_FOR_OTHERS)
@require_safe
def employer_page(request: HttpRequest, employer_id: int) -> HttpResponse:
    """The account of a firm."""
    employer = queries.visible_employers(actor(request)).filter(pk=employer_id).first()
    if employer is None:
        raise Http404(gettext("没有这家单位，或者不在您的管辖范围内。"))
    return _page(request, employer)


def _page(request: HttpRequest, record: Person | Employer, *, not_theirs: str = "") -> HttpResponse:
    kind = _kind_of(record)
    account = account_of_subject(kind, str(record.pk))
    gone = why_no_account(record, on=office_date())
    acts = ["open"] if account is None else ["password", "shut"] if account.is_active else ["reopen"]
    once = account.one_time_until if account is not None else None
    above = reverse("desk:person" if kind == RESIDENT else "desk:employer", args=[record.pk])
    context = {
        "record": record,
        "crumbs": [Crumb(gettext("居民和单位"), reverse("desk:people")), Crumb(record.name, above), Crumb(gettext("网上办事账号"))],
        "account": account,
        "waits": once is not None,
        "over": once is not None and once <= clock(),
        "acts": acts_table(account.pk) if account is not None else None,
        "refused": refused_lately(kind, str(record.pk)),
        "gone": gone,
        "not_theirs": not_theirs,
        "forms": [
            (act, _HEADS[act], _address(kind, record.pk, act), ActForm(kind=kind, act=act))
            for act in acts
            if not not_theirs and (act == "shut" or not gone)
        ],
    }  # fmt: skip
    return render(request, "desk/accounts/one.html", context)


@allowed(OPEN_FOR_OTHERS)
@never_cache
@require_POST
def of_person(request: HttpRequest, person_id: int, act: str) -> HttpResponse:
    """Something is done to a resident's account."""
    return _done(request, RESIDENT, person_id, act)


@allowed(OPEN_FOR_OTHERS)
@never_cache
@require_POST
def of_employer(request: HttpRequest, employer_id: int, act: str) -> HttpResponse:
    """Something is done to a firm's account."""
    return _done(request, EMPLOYER, employer_id, act)


_HEADS = {
    "open": _("开设账号"),
    "password": _("发一次性密码"),
    "shut": _("停用账号"),
    "reopen": _("重新启用"),
}


def _done(request: HttpRequest, kind: str, subject_id: int, act: str) -> HttpResponse:
    if act not in own_accounts.ACTS:
        raise Http404(act)
    form = ActForm(request.POST, kind=kind, act=act)
    result = attempt(
        request,
        lambda: own_accounts.act_on_own_account(
            act=act,
            actor=actor(request),
            kind=kind,
            subject_id=subject_id,
            **form.cleaned_data,
            on=office_date(),
            at=clock(),
        ),
        done=str(_("账号已停用，登录都已结束。")) if act == "shut" else "",
        form=form,
    )
    back = _back(kind, subject_id)
    if result is None or not result[1]:
        return redirect(back)
    account, password = result
    context = {
        "account": account,
        "password": password,
        "hours": ONE_TIME_HOURS,
        "code": False,
        "onward": back,
    }
    return render(request, "common/account_password_once.html", context)


def _address(kind: str, key: int, act: str) -> str:
    return reverse("desk:person_account" if kind == RESIDENT else "desk:employer_account", args=[key, act])


def _back(kind: str, key: int) -> str:
    return reverse("desk:person_own" if kind == RESIDENT else "desk:employer_own", args=[key])


def _kind_of(record: Person | Employer) -> str:
    return RESIDENT if isinstance(record, Person) else EMPLOYER
