"""The reporting forms. What a figure may be is checked by the operation; here only that it can be read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from jiuye.engine.indicators import Indicator
from jiuye.office.targets.states import MULTIPLES
from jiuye.portals.board.quantities import unit_word


class DateInput(forms.DateInput):
    """The browser's own date field."""

    input_type = "date"

    def __init__(self, **attrs: Any) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class FigureForm(forms.Form):
    """One figure of one indicator, with the document that gives it."""

    period_key = forms.ChoiceField(label=_("所属期"))
    division_code = forms.ChoiceField(label=_("区划"))
    as_of = forms.DateField(
        label=_("数据截至"), widget=DateInput(), help_text=_("这个数算到哪一天；累计数从所属期第一天算起。")
    )
    value = forms.DecimalField(label=_("数值"), max_digits=24, decimal_places=8)
    multiple = forms.ChoiceField(label=_("单位"))
    document = forms.CharField(
        label=_("来源文件"),
        max_length=200,
        help_text=_("文件名和文号，或报表名称和期别，例如“就业统计月报（2025年8月）”。"),
    )
    document_date = forms.DateField(label=_("文件日期"), widget=DateInput())
    note = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("更正已报的数、累计数减少时必填原因。"),
    )

    def __init__(
        self,
        *args: Any,
        indicator: Indicator,
        periods: list[tuple[str, str]],
        divisions: list[tuple[str, str]],
        today: date,
        **more: Any,
    ) -> None:
        super().__init__(*args, **more)
        self.fields["period_key"].choices = periods
        self.fields["division_code"].choices = divisions
        multiples = MULTIPLES.get(indicator.unit, {indicator.unit: 1})
        self.factors = multiples
        self.fields["multiple"].choices = [(name, unit_word(name) or gettext(name)) for name in multiples]
        for name in ("as_of", "document_date"):
            self.fields[name].widget.attrs["max"] = today.isoformat()

    def exact_value(self) -> Decimal:
        """The value in the indicator's base unit: exact, since a multiple is a whole number."""
        return self.cleaned_data["value"] * self.factors[self.cleaned_data["multiple"]]


class MilestoneForm(forms.Form):
    """A milestone done, or a report of it taken back."""

    period_key = forms.ChoiceField(label=_("所属期"))
    done = forms.TypedChoiceField(
        label=_("报告内容"),
        choices=[("yes", _("已经完成")), ("no", _("撤回原来的报告"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect(),
        initial="yes",
    )
    done_on = forms.DateField(label=_("完成日期"), widget=DateInput())
    document = forms.CharField(
        label=_("依据文件"), max_length=200, help_text=_("文件名和文号，或其他可查的材料。")
    )
    note = forms.CharField(
        label=_("说明"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("更正或撤回时必填原因。"),
    )

    def __init__(
        self, *args: Any, periods: list[tuple[str, str]], today: date, reported: bool, **more: Any
    ) -> None:
        super().__init__(*args, **more)
        self.fields["period_key"].choices = periods
        self.fields["done_on"].widget.attrs["max"] = today.isoformat()
        if not reported:
            # Nothing stands that could be taken back.
            self.fields["done"].widget = forms.HiddenInput()
