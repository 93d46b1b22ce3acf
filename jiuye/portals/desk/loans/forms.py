"""The forms of a loan's acts. What is wrong with an act is said by the operation itself."""

from __future__ import annotations

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from jiuye.office.staff.refusals import LINE, LONG
from jiuye.office.ventures.states import KINDS
from jiuye.portals.common.forms import DayField, WordsField
from jiuye.portals.desk.payments.recovery_forms import YuanField


class ApplicationForm(forms.Form):
    """Whose loan, of which kind, how much."""

    employer_id = forms.IntegerField(label=_("单位编号"), min_value=1, help_text=_("在单位页面上。"))
    kind = forms.ChoiceField(label=_("种类"), choices=[(key, _(word)) for key, word in KINDS.items()])
    wanted = YuanField(label=_("申请金额（元）"), max_length=20)


class CorrectionForm(forms.Form):
    """What is wrong with which point; those that are right stay empty. What is missing altogether is said by the operation."""

    def __init__(self, *args: object, points: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        for key, name in points:
            self.fields[f"c-{key}"] = forms.CharField(label=name, max_length=LINE, required=False)


class FounderForm(forms.Form):
    """A founder at the counter: for which of the businesses that they run, and how much."""

    employer_id = forms.TypedChoiceField(label=_("创办的单位"), coerce=int)
    wanted = YuanField(label=_("申请金额（元）"), max_length=20)

    def __init__(self, *args: object, businesses: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.businesses = businesses
        self.fields["employer_id"].choices = businesses


class AmountForm(forms.Form):
    """How much is guaranteed."""

    amount = YuanField(label=_("担保金额（元）"), max_length=20)


class NoteForm(forms.Form):
    """Why."""

    note = WordsField(label=_("理由"), most=LONG, rows=2)


class DoubtForm(forms.Form):
    """What came of asking about the loans that the register lists."""

    note = WordsField(label=_("向谁核实、结果是什么"), most=LONG, rows=2)


class RefusalForm(forms.Form):
    """Which condition of the policy fails, and why."""

    clause = forms.ChoiceField(label=_("未满足的条件"))
    note = WordsField(label=_("理由"), most=LONG, rows=2)
    against = WordsField(
        label=_("判定显示满足的，据什么材料认定不满足"),
        help_text=_("所选条件标着“判定显示满足”时才要写；本人也看得到。"),
        most=LINE,
        rows=2,
        required=False,
    )

    def __init__(self, *args: object, clauses: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].choices = [("", _("请选择")), *clauses]


class PayeeForm(forms.Form):
    """How the account of a payment that came back was checked."""

    note = WordsField(label=_("收款账户是怎样核对的"), most=LINE, rows=2)
    bank_account = forms.CharField(
        label=_("银行的新账号"),
        max_length=40,
        required=False,
        help_text=_("只在代偿款被退回时填；借款人的账户在登记里更正。"),
    )


class DisbursementForm(forms.Form):
    """What the bank's contract says. The principal comes back in equal parts, what does not divide in the first."""

    bank = forms.CharField(label=_("经办银行"), max_length=60)
    bank_account = forms.CharField(label=_("银行收款账号"), max_length=40)
    contract = forms.CharField(label=_("借款合同号"), max_length=60)
    amount = YuanField(label=_("放款金额（元）"), max_length=20)
    rate_percent = forms.DecimalField(
        label=_("年利率（%）"), min_value=Decimal("0.0001"), max_value=Decimal(100), decimal_places=4
    )
    paid_out_on = DayField(_("放款日期"))
    first_due = DayField(_("第一期还本日期"))
    parts = forms.IntegerField(label=_("还本期数"), min_value=1, max_value=36, initial=1)
    months = forms.IntegerField(label=_("每隔几个月一期"), min_value=1, max_value=12, initial=12)


class RepaymentForm(forms.Form):
    """Principal that came back."""

    amount = YuanField(label=_("归还本金（元）"), max_length=20)
    reference = forms.CharField(label=_("银行流水号"), max_length=80)
    paid_on = DayField(_("还款日期"))


class ExtensionForm(forms.Form):
    """Which instalment is to be due later, until when, why, and by which paper the bank agrees."""

    instalment = forms.TypedChoiceField(label=_("哪一期本金"), coerce=int)
    until = DayField(_("展期后的应还日期"))
    reason = WordsField(label=_("展期理由"), most=LONG, rows=2)
    consent = forms.CharField(
        label=_("银行同意展期的文书"), max_length=LINE, help_text=_("名称、编号，例如“展期协议第几号”。")
    )
    consented_on = DayField(_("银行同意日期"))

    def __init__(self, *args: object, instalments: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["instalment"].choices = [("", _("请选择")), *instalments]


class UndoRepaymentForm(forms.Form):
    """Which repayment was entered wrongly, and what was wrong."""

    repayment = forms.TypedChoiceField(label=_("哪一笔还款"), coerce=int)
    note = WordsField(label=_("哪里登记错了"), most=LONG, rows=2)

    def __init__(self, *args: object, repayments: list[tuple[int, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["repayment"].choices = [("", _("请选择")), *repayments]


class QuarterForm(forms.Form):
    """The quarter, by any of its days."""

    day = DayField(_("季度中的任一天"))


class CompensationForm(forms.Form):
    """Which fund pays the bank, how much, why."""

    fund = forms.ChoiceField(label=_("代偿基金"))
    amount = YuanField(label=_("代偿金额（元）"), max_length=20)
    note = WordsField(label=_("理由"), most=LONG, rows=2)

    def __init__(self, *args: object, funds: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["fund"].choices = funds


class RecoveryForm(forms.Form):
    """In how many months the borrower pays the compensation back."""

    document = forms.CharField(label=_("追偿文书"), max_length=200)
    first_due = DayField(_("第一期应还日期"))
    months = forms.IntegerField(label=_("分几期（每月一期）"), min_value=1, max_value=36, initial=12)
