"""Forms of the case pages."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from jiuye.portals.common.forms import YesOrNo


class AskReviewForm(forms.Form):
    """Why a refusal is wrong, written down for the applicant."""

    text = forms.CharField(label=_("不同意的理由"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    contact = forms.CharField(label=_("联系方式"), required=False, max_length=60)


class ReviewForm(forms.Form):
    """What another officer decides of a refusal."""

    overturned = YesOrNo(label=_("复核结论"), no=_("维持原决定"), yes=_("撤销原决定，重新办理"))
    words = forms.CharField(label=_("复核意见"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
