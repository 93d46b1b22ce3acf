"""Forms about one resident. The registry's operations judge what is written; the forms only read it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuye.office.registry.states import DIFFICULTY_CATEGORIES, EMPLOYMENT_KINDS, STATUS_KINDS
from jiuye.portals.common.forms import DayField


def words(vocabulary: dict[str, str], empty: str = "") -> list[tuple[str, str]]:
    """A vocabulary as choices in the language of the page."""
    first = [("", empty)] if empty else []
    return first + [(key, gettext(label)) for key, label in vocabulary.items()]


class StatusForm(forms.Form):
    """A status that somebody has from a day on."""

    kind = forms.ChoiceField(label=_("身份"))
    category = forms.ChoiceField(label=_("困难类别"), required=False)
    start = DayField(_("起始日期"))
    document = forms.CharField(label=_("依据"), required=False, max_length=80)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = words(STATUS_KINDS)
        self.fields["category"].choices = words(DIFFICULTY_CATEGORIES, gettext("不适用"))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("kind") == "employment_difficulty" and not given.get("category"):
            self.add_error("category", gettext("就业困难人员必须写明认定类别。"))
        if given.get("kind") != "employment_difficulty":
            given["category"] = ""
        return given


class EmploymentForm(forms.Form):
    """A job from a day on; the employer by its credit code, which the licence shows."""

    kind = forms.ChoiceField(label=_("就业形式"))
    credit_code = forms.CharField(
        label=_("统一社会信用代码"), required=False, max_length=18, help_text=_("灵活就业不填。")
    )
    start = DayField(_("起始日期"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = words(EMPLOYMENT_KINDS)


class HouseholdForm(forms.Form):
    """Who belongs to one household with this resident, by ID number, from a day on."""

    id_numbers = forms.CharField(
        label=_("同户成员的身份证号"),
        help_text=_("每行一个；不用填本人的。"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    start = DayField(_("起始日期"))


class EndForm(forms.Form):
    """The first day on which it no longer holds."""

    until = DayField(_("自哪一天起不再是"))


class CorrectionForm(forms.Form):
    """What changes most often about a resident; what is left empty stays as it is."""

    phone = forms.CharField(label=_("手机号"), required=False, max_length=20)
    bank_account = forms.CharField(label=_("银行账号"), required=False, max_length=32)
    bank_name = forms.CharField(label=_("开户行"), required=False, max_length=60)
    address = forms.CharField(label=_("住址"), required=False, max_length=200)
    death_date = DayField(_("死亡日期"), required=False)
    reason = forms.CharField(label=_("更正理由"), max_length=200)

    def changes(self) -> dict[str, Any]:
        """The fields that were filled in."""
        return {name: value for name, value in self.cleaned_data.items() if name != "reason" and value}
