"""Relatives' authorities on a resident's page: put on record, looked at, ended; and who speaks for the applicant of a case or a matter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from jiuye.engine.basis.dates import days_later
from jiuye.office.casework import operations
from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.authorities import AuthorityNotFoundError
from jiuye.office.casework.models import Authority
from jiuye.office.casework.states import RELATIONS
from jiuye.office.matters import operations as matters
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.staff.refusals import NAME
from jiuye.portals.common.actors import actor, allowed, now, office_date
from jiuye.portals.common.attempts import attempt
from jiuye.portals.common.forms import DayField
from jiuye.portals.common.responses import file_response
from jiuye.portals.desk.people.forms import words


class AuthorityForm(forms.Form):
    """Who may act for the resident, from which day to which, and the file that proves it. The operation judges it."""

    holder_name = forms.CharField(label=gettext_lazy("代办人姓名"), max_length=NAME)
    holder_id_number = forms.CharField(label=gettext_lazy("代办人身份证号"), max_length=30)
    relation = forms.ChoiceField(label=gettext_lazy("与本人的关系"))
    start = DayField(gettext_lazy("授权从哪一天起"))
    last_day = DayField(gettext_lazy("最后一天"), help_text=gettext_lazy("授权书上写的截止日，当天还有效。"))
    proof = forms.FileField(
        label=gettext_lazy("授权证明"),
        help_text=gettext_lazy("本人签名的授权委托书和关系证明，拍照或扫描；PDF、PNG、JPEG，最大 10 MB。"),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/png,image/jpeg"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["relation"].choices = words(RELATIONS, _("请选择"))


@allowed("matters.start_on_behalf")
@sensitive_post_parameters("holder_name", "holder_id_number")
@require_POST
def record(request: HttpRequest, person_id: int) -> HttpResponse:
    """Put on record that a relative may act for a resident."""
    form = AuthorityForm(request.POST, request.FILES)

    def act() -> Authority:
        given = form.cleaned_data
        return operations.record_authority(
            actor=actor(request),
            person_id=person_id,
            holder_name=given["holder_name"],
            holder_id_number=given["holder_id_number"],
            relation=given["relation"],
            start=given["start"],
            until=days_later(given["last_day"], 1),
            file_name=str(given["proof"].name),
            content=given["proof"].read(),
            on=office_date(),
            at=now(),
        )

    attempt(request, act, done=_("授权已登记，本人在自己的页面上看得到，随时可以终止。"), form=form)
    return redirect("desk:person", person_id)


@allowed("matters.start_on_behalf")
@require_POST
def end(request: HttpRequest, person_id: int, authority_id: int) -> HttpResponse:
    """End an authority for the resident who asks for it."""
    attempt(
        request,
        lambda: operations.withdraw_authority(
            actor=actor(request),
            authority_id=authority_id,
            note=str(request.POST.get("note", "")),
            on=office_date(),
            at=now(),
        ),
        done=_("授权已终止，代办人不能再凭它办理。"),
    )
    return redirect("desk:person", person_id)


@allowed("casework.see")
@require_POST
def paper(request: HttpRequest, authority_id: int) -> HttpResponse:
    """The file that proves an authority; the look is recorded with its purpose before it is shown."""
    try:
        name, kind, body = operations.read_authority_file(
            actor=actor(request),
            authority_id=authority_id,
            purpose=str(request.POST.get("purpose", "")),
            at=now(),
        )
    except AuthorityNotFoundError as error:
        raise Http404(str(error)) from error
    return file_response(name, kind, body)


@allowed("casework.confirm_on_behalf")
@require_POST
def case_speaker(request: HttpRequest, case_id: int) -> HttpResponse:
    """From now on this relative, or nobody, speaks for the applicant of a case."""
    try:
        attempt(
            request,
            lambda: operations.change_speaker(
                actor=actor(request),
                case_id=case_id,
                authority_id=chosen(request),
                on=office_date(),
                at=now(),
            ),
            done=_("已改由所选的人办理。"),
        )
    except CaseNotFoundError as error:
        raise Http404(str(error)) from error
    return redirect("desk:case", case_id)


@allowed("matters.start_on_behalf")
@require_POST
def matter_speaker(request: HttpRequest, matter_id: int) -> HttpResponse:
    """From now on this relative, or nobody, speaks for the applicant of a matter."""
    try:
        changed = attempt(
            request,
            lambda: matters.change_speaker(
                actor=actor(request),
                matter_id=matter_id,
                authority_id=chosen(request),
                on=office_date(),
                at=now(),
            ),
            done=_("已改由所选的人办理。"),
        )
    except MatterNotFoundError as error:
        raise Http404(str(error)) from error
    draft = changed is not None and changed.state == "draft"
    return redirect(
        "desk:fill_matter" if draft or request.POST.get("back") == "form" else "desk:matter", matter_id
    )


def chosen(request: HttpRequest) -> int | None:
    """Which authority the form names; none where the resident has come themselves."""
    text = str(request.POST.get("authority", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
