"""The form that enters a running loan of the old system."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.dates import add_months
from jiuye.office.funds.operations import equal_instalments
from jiuye.office.staff.refusals import LONG
from jiuye.office.ventures import operations
from jiuye.portals.common.forms import DayField, WordsField
from jiuye.portals.desk.payments.recovery_forms import YuanField


class TakeoverForm(forms.Form):
    """What the contract, the bank's statement and the old system's list of interest say of one running loan."""

    bank = forms.CharField(label=gettext_lazy("经办银行"), max_length=60)
    bank_account = forms.CharField(
        label=gettext_lazy("银行收款账号"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("代偿时用；现在不知道的可以不填。"),
    )
    contract = forms.CharField(label=gettext_lazy("借款合同号"), max_length=60)
    principal = YuanField(label=gettext_lazy("放款金额（元）"), max_length=20)
    disbursed_on = DayField(gettext_lazy("放款日期"))
    rate_percent = forms.DecimalField(
        label=gettext_lazy("年利率（%）"),
        min_value=Decimal("0.0001"),
        max_value=Decimal(100),
        decimal_places=4,
    )
    taken_from = DayField(gettext_lazy("起算日"))
    balance = YuanField(
        label=gettext_lazy("起算日的余额（元）"),
        max_length=20,
        help_text=gettext_lazy("起算日当天银行的贷款余额；起算日以后的还款接手以后逐笔登记。"),
    )
    subsidised = YuanField(
        label=gettext_lazy("起算日前已付的贴息（元）"),
        max_length=20,
        help_text=gettext_lazy("原系统付过的财政贴息合计；没有付过的填 0。"),
    )
    loans_drawn = forms.IntegerField(
        label=gettext_lazy("创业者已获个人贷款次数（含本次）"), min_value=1, max_value=50
    )
    first_due = DayField(gettext_lazy("余额的第一期还本日期"))
    parts = forms.IntegerField(label=gettext_lazy("余额还分几期"), min_value=1, max_value=36, initial=1)
    months = forms.IntegerField(label=gettext_lazy("每隔几个月一期"), min_value=1, max_value=12, initial=12)
    document = forms.CharField(
        label=gettext_lazy("依据文件"),
        max_length=200,
        help_text=gettext_lazy("担保函、借款合同、银行余额和还款明细、原系统贴息清单的名称和文号。"),
    )
    differs_because = WordsField(
        label=gettext_lazy("与台账不同的原因"),
        most=LONG,
        rows=2,
        required=False,
        help_text=gettext_lazy("放款日期、余额、利率与台账不一致时必填。"),
    )

    def __init__(self, *args: Any, kind: str, **named: Any) -> None:
        super().__init__(*args, **named)
        self.fields["taken_from"].help_text = _(
            "原系统的贴息付到这一天的前一天，从这一天起由本系统核算；从来没有付过贴息的，就填放款日期。"
        )
        if kind != "personal":
            del self.fields["loans_drawn"]

    def terms(self) -> operations.Terms:
        """The form's words as the domain takes them; the balance comes back in equal parts."""
        given = self.cleaned_data
        days = [add_months(given["first_due"], number * given["months"]) for number in range(given["parts"])]
        return operations.Terms(
            bank=given["bank"],
            bank_account=given["bank_account"],
            contract=given["contract"],
            principal_fen=given["principal"],
            disbursed_on=given["disbursed_on"],
            rate=given["rate_percent"].scaleb(-2),
            taken_from=given["taken_from"],
            balance_fen=given["balance"],
            subsidised_fen=given["subsidised"],
            loans_drawn=given.get("loans_drawn"),
            plan=[(due.on, due.amount_fen) for due in equal_instalments(given["balance"], days)],
            document=given["document"],
            differs_because=given["differs_because"],
        )
