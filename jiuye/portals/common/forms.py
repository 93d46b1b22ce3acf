"""Forms as the design system shows them, and the log-in form."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuye.office.staff.refusals import LONG, SHORT, plain, too_long
from jiuye.portals.common.drawn_fields import DRAWN, FIELD


class FormRenderer(DjangoTemplates):
    """Every `{{ form }}` and `{{ form.field.as_field_group }}` looks like the design system's fields."""

    form_template_name = "common/components/form.html"
    field_template_name = FIELD

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        draw = DRAWN.get(template_name)
        return draw(context) if draw else str(super().render(template_name, context, request))


class WordsField(forms.CharField):
    """Words of some length. Too many are refused, with how many there are too many, and never cut; the operation holds the same limit."""

    def __init__(self, *, most: int, rows: int, **named: Any) -> None:
        self.most = most
        widget = forms.Textarea(attrs={"rows": rows, "maxlength": most})
        super().__init__(widget=widget, **named)

    def to_python(self, value: Any) -> str:
        return plain(str(super().to_python(value)))

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.most:
            raise forms.ValidationError(
                too_long(str(self.label), most=self.most, over=len(value) - self.most)
            )


class DayField(forms.DateField):
    """A day, picked from the browser's own calendar or typed as 2025-06-09."""

    default_error_messages = {"invalid": _("请写成 2025-06-09 的样子。")}

    def __init__(self, label: Any, **named: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(label=label, widget=widget, input_formats=["%Y-%m-%d"], **named)


class LoginForm(AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": _("登录名或密码不对。请核对后再试；密码区分大小写。"),
        "inactive": _("这个账号已停用。居民和单位请带证件到服务窗口，工作人员请联系系统管理员。"),
        "one_time_over": _(
            "一次性密码已过期。居民和单位请带证件到服务窗口再领一个，工作人员请系统管理员再发一个。"
        ),
    }

    def __init__(self, *args, at: datetime, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.at = at
        self.fields["username"].label = _("登录名")
        self.fields["password"].label = _("密码")
        self.fields["username"].widget = forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "maxlength": 60,
            }
        )
        self.fields["username"].error_messages["required"] = _("请填写登录名。")
        self.fields["password"].error_messages["required"] = _("请填写密码。")

    def confirm_login_allowed(self, user: Any) -> None:
        """Raises ValidationError for a shut account, and for a one-time password whose hours are over."""
        super().confirm_login_allowed(user)
        if user.one_time_until is not None and user.one_time_until <= self.at:
            raise forms.ValidationError(self.error_messages["one_time_over"], code="one_time_over")


class StateFilter(forms.Form):
    """What to list of things with a number, a name and a state. `states` are (value, word) pairs in the language of the page."""

    q = forms.CharField(
        label=_("办件编号或姓名"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"data-key": "/"}),
    )
    state = forms.ChoiceField(label=_("状态"), required=False)

    def __init__(self, data: Any, states: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["state"].choices = [("", gettext("全部状态")), *states]


class UploadDrop(forms.FileInput):
    """A file field that takes a dropped file too; without JavaScript it is an ordinary file field."""

    template_name = "common/components/upload.html"


class YesOrNo(forms.TypedChoiceField):
    """Two buttons, neither chosen beforehand; the value is whether it is the second."""

    def __init__(self, *, no: Any, yes: Any, **named: Any) -> None:
        super().__init__(
            choices=[("no", no), ("yes", yes)],
            coerce=lambda value: value == "yes",
            widget=forms.RadioSelect,
            **named,
        )


class ObjectionForm(forms.Form):
    """What somebody objects to during the publicity; a name is not required."""

    text = WordsField(label=_("异议内容"), most=LONG, rows=3)
    raised_by_name = forms.CharField(label=_("提出人"), required=False, max_length=60)
    contact = forms.CharField(label=_("联系方式"), required=False, max_length=60)


class ResolutionForm(forms.Form):
    """How an objection was answered."""

    upheld = YesOrNo(label=_("异议是否成立"), no=_("不成立"), yes=_("成立"))
    resolution = WordsField(label=_("处理结果"), most=LONG, rows=3)
    answer = WordsField(
        label=_("答复异议人的话"),
        most=SHORT,
        rows=2,
        help_text=_(
            "这段话会发给异议人：只写结论的理由，不写任何人的姓名、单位名称、证件号码、电话和账号，写了不能提交。留手机号的由短信告知，其他的由人工答复。"
        ),
    )

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        # The page asks for an answer only where a contact was left; whether one is missing the act itself says.
        if self.is_bound and self.add_prefix("answer") not in self.data:
            self.fields["answer"].required = False
