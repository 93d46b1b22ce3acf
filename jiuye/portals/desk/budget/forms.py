"""The forms of a budget's version. What is wrong with an act is said by the operation itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.budgets.content import MOST_PERCENT
from jiuye.office.budgeting.models import Contribution
from jiuye.office.staff.refusals import LONG
from jiuye.portals.common.forms import WordsField
from jiuye.portals.desk.payments.recovery_forms import YuanField


class DrawForm(forms.Form):
    """What the version is for."""

    note = forms.CharField(label=_("版本说明"), max_length=200, required=False)


class ContributionForm(forms.Form):
    """What everybody who gives puts into one fund; one field a giver, named by it."""

    def __init__(self, data: Any, rows: Iterable[tuple[Contribution, str]]) -> None:
        super().__init__(data)
        for row, name in rows:
            self.fields[row.giver] = YuanField(
                label=name,
                max_length=24,
                initial=yuan_text(row.amount_fen, separators=False),
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
            )


class LineForm(forms.Form):
    """Another amount than was projected, and why."""

    budgeted = YuanField(label=_("预算（元）"), max_length=24)
    reason = forms.CharField(
        label=_("与推算不同的理由"),
        max_length=200,
        required=False,
        help_text=_("例如文件名称和文号。"),
    )


class AssumptionForm(forms.Form):
    """Another percentage for an assumption, and what it rests on."""

    assumption = forms.ChoiceField(label=_("假定"))
    policy = forms.ChoiceField(label=_("适用政策"), required=False)
    percent = forms.IntegerField(label=_("百分比"), min_value=0, max_value=MOST_PERCENT)
    basis = WordsField(label=_("依据"), most=LONG, rows=2)

    def __init__(
        self, data: Any, assumptions: list[tuple[str, Any]], policies: list[tuple[str, Any]]
    ) -> None:
        super().__init__(data)
        self.fields["assumption"].choices = assumptions
        self.fields["policy"].choices = [("", _("全部政策")), *policies]


class ApprovalForm(forms.Form):
    """By which document."""

    document = forms.CharField(label=_("批准文件的名称和文号"), max_length=200)


class ReturnForm(forms.Form):
    """Why it is sent back."""

    reason = WordsField(label=_("退回的理由"), most=LONG, rows=2)
