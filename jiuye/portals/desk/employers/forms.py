"""The form that corrects an employer. The registry's operation judges what is written; the form only reads it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiuye.office.registry.operations import EMPLOYER_CORRECTABLE


class EmployerCorrectionForm(forms.Form):
    """What changes about an employer and where its money goes; what is left empty stays as it is."""

    bank_account = forms.CharField(label=_("对公账号"), required=False, max_length=40)
    bank_name = forms.CharField(label=_("开户行"), required=False, max_length=60)
    name = forms.CharField(
        label=_("名称"), required=False, max_length=120, help_text=_("更名的，照新的营业执照填写。")
    )
    document = forms.CharField(
        label=_("依据的材料"), max_length=200, help_text=_("例如开户许可证或银行开户证明的编号和日期。")
    )
    reason = forms.CharField(label=_("更正理由"), max_length=200)

    def changes(self) -> dict[str, Any]:
        """The fields that were filled in."""
        return {name: self.cleaned_data[name] for name in EMPLOYER_CORRECTABLE if self.cleaned_data[name]}
