"""The forms by which money is claimed back: what is claimed, what came in, what of that was entered wrongly, what is given up."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.money import fen_from_yuan, yuan_text
from jiuye.office.funds.models import RecoveryReceipt
from jiuye.office.staff.refusals import LONG
from jiuye.portals.common.forms import DayField, WordsField
from jiuye.portals.common.templatetags.jiuye import day

CASE_NUMBER = re.compile(r"\d{6}-\d{8}-(\d{6,})")
INTEREST_KEY = re.compile(r"loan-interest:(\d{1,9})")
MOST_INSTALMENTS = 36


class YuanField(forms.CharField):
    """An amount in yuan with at most two decimals; its value is fen."""

    def clean(self, value: Any) -> int:
        text = super().clean(value)
        try:
            return fen_from_yuan(text)
        except ValueError as error:
            raise forms.ValidationError(_("请用元填写金额，最多两位小数，例如 617.28。")) from error


class PaidField(forms.CharField):
    """What was paid: the number of a case as people quote it, or a quarter's interest by its key; its value is what it is, and its own key."""

    def clean(self, value: Any) -> tuple[str, int]:
        text = super().clean(value).strip()
        case, interest = CASE_NUMBER.fullmatch(text), INTEREST_KEY.fullmatch(text)
        if case is not None:
            return "case", int(case.group(1))
        if interest is not None:
            return "interest", int(interest.group(1))
        raise forms.ValidationError(
            _("办件编号要写全，例如 321002-20250609-000012；贷款贴息写它的付款号，例如 loan-interest:12。")
        )


class ClaimForm(forms.Form):
    """What is claimed back, why, and in how many months."""

    case = PaidField(
        label=gettext_lazy("办件编号或贴息付款号"),
        max_length=30,
        help_text=gettext_lazy(
            "已付款的办件，例如 321002-20250609-000012；多付的贷款贴息写它的付款号，例如 loan-interest:12。应退还人就是领取的人（单位）。"
        ),
    )
    amount = YuanField(label=gettext_lazy("追回金额（元）"), max_length=20)
    ground = WordsField(label=gettext_lazy("法律依据和事由"), most=LONG, rows=3)
    document = forms.CharField(label=gettext_lazy("决定文书"), max_length=200)
    first_due = DayField(gettext_lazy("第一期应还日期"))
    months = forms.IntegerField(
        label=gettext_lazy("分几期（每月一期）"), min_value=1, max_value=MOST_INSTALMENTS, initial=1
    )


class ReceiptForm(forms.Form):
    """Money that came back."""

    amount = YuanField(label=gettext_lazy("到账金额（元）"), max_length=20)
    bank_reference = forms.CharField(label=gettext_lazy("银行流水号"), max_length=80)


class UndoReceiptForm(forms.Form):
    """Which receipt was entered wrongly, and what was wrong."""

    receipt = forms.TypedChoiceField(label=gettext_lazy("哪一笔到账"), coerce=int)
    reason = WordsField(label=gettext_lazy("哪里登记错了"), most=LONG, rows=2)

    def __init__(self, *args: Any, receipts: list[RecoveryReceipt], **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["receipt"].choices = [
            ("", _("请选择")),
            *(
                (row.pk, f"{day(row.received_on)} · {yuan_text(row.amount_fen)} · {row.bank_reference}")
                for row in receipts
                if row.undone_on is None
            ),
        ]


class WaiverForm(forms.Form):
    """Why the rest is given up."""

    reason = WordsField(label=gettext_lazy("核销理由"), most=LONG, rows=2)
