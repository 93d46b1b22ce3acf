"""Where money comes from: funds, their budgets by year, and what is reserved for approved claims."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.office.funds.models.ledger import LedgerAccount, LedgerTransfer
from jiuye.office.funds.models.triggers import refuse
from jiuye.office.funds.states import RESERVATION_STATES, pairs


@pghistory.track()
class Fund(models.Model):
    """A fund that policies draw on (就业补助资金, 失业保险基金 ...), with the document that rules its use."""

    code = models.CharField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=60)
    name_en = models.CharField("英文名", max_length=80)
    source_document = models.CharField("管理依据", max_length=200)
    source_article = models.CharField("条款", max_length=80, blank=True, default="")
    source_url = models.URLField("来源网址", max_length=300, blank=True, default="")
    recovered_to_capital = models.BooleanField("追回款回到基金本金", default=False)

    class Meta:
        verbose_name = "资金"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="fund_has_source",
                condition=~Q(source_document="") & ~Q(name=""),
                violation_error_message="资金必须有名称和管理依据。",
            )
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Budget(models.Model):
    """One line of a fund's budget in one year. How much is in it, the ledger says: its account's credits."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="budgets", verbose_name="资金")
    year = models.IntegerField("年度")
    line = models.CharField("预算项目", max_length=60, default="统筹")
    demonstration = models.BooleanField("演示数据", default=False)  # no document gives it; shown as such
    account = models.OneToOneField(
        LedgerAccount, on_delete=models.PROTECT, related_name="budget", verbose_name="账户"
    )

    class Meta:
        verbose_name = "预算"
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "year", "line"],
                name="budget_line_once_a_year",
                violation_error_message="同一资金同一年度的同一预算项目只能有一个；请追加，不要另建。",
            ),
            models.CheckConstraint(
                name="budget_year_plausible",
                condition=Q(year__gte=2000, year__lte=2100),
                violation_error_message="预算年度应在2000年到2100年之间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fund} {self.year} {self.line}"


# A county's share counts what its claims hold or were paid; the share's own constraint refuses more than there is.
_DRAW = """
    UPDATE funds_countyshare SET drawn_fen = drawn_fen + NEW.amount_fen
     WHERE budget_id = NEW.budget_id AND county_code = NEW.county_code;
    RETURN NULL;
"""
_GIVE_BACK = """
    UPDATE funds_countyshare SET drawn_fen = drawn_fen - OLD.amount_fen
     WHERE budget_id = OLD.budget_id AND county_code = OLD.county_code;
    RETURN NULL;
"""


@pghistory.track()
class Reservation(models.Model):
    """Budget held for one approved claim until it is paid or given up. `claim_key` is text: claims lie above funds.

    `county_code` is the county whose share it draws on; empty where nobody said.
    """

    claim_key = models.CharField("办件键", max_length=60)
    budget = models.ForeignKey(
        Budget, on_delete=models.PROTECT, related_name="reservations", verbose_name="预算"
    )
    county_code = models.CharField("县（市、区）", max_length=12, blank=True, default="")
    amount_fen = models.BigIntegerField("金额")
    state = models.CharField("状态", max_length=8, choices=list(RESERVATION_STATES.items()), default="held")
    reserved_on = models.DateField("预留日期")
    held_by = models.OneToOneField(
        LedgerTransfer, on_delete=models.PROTECT, related_name="reservation", verbose_name="预留转账"
    )
    finished_by = models.OneToOneField(
        LedgerTransfer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="finished_reservation",
        verbose_name="支付或释放转账",
    )
    finished_on = models.DateField("支付或释放日期", null=True, blank=True)

    class Meta:
        verbose_name = "预留"
        indexes = [models.Index(fields=["budget", "county_code", "state"])]
        triggers = [
            pgtrigger.FSM(
                name="reservation_walks_the_table", field="state", transitions=pairs("reservation")
            ),
            refuse(
                "reservation_keeps_its_claim",
                "预留的办件、预算和金额不能修改；请释放后重新预留。",
                operation=pgtrigger.Update,
                condition="OLD.claim_key IS DISTINCT FROM NEW.claim_key OR OLD.amount_fen IS DISTINCT FROM NEW.amount_fen "
                "OR OLD.budget_id IS DISTINCT FROM NEW.budget_id OR OLD.held_by_id IS DISTINCT FROM NEW.held_by_id "
                "OR (OLD.county_code <> '' AND OLD.county_code IS DISTINCT FROM NEW.county_code)",
            ),
            pgtrigger.Trigger(
                name="draw_on_share", when=pgtrigger.After, operation=pgtrigger.Insert, func=_DRAW
            ),
            pgtrigger.Trigger(
                name="give_back_to_share",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("state"),
                condition=pgtrigger.Condition(
                    "OLD.state IN ('held', 'spent') AND NEW.state IN ('released', 'returned')"
                ),
                func=_GIVE_BACK,
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["claim_key"],
                condition=Q(state__in=["held", "spent"]),
                name="reservation_once_a_claim",
                violation_error_message="这件办件已经预留或支付过资金。",
            ),
            models.CheckConstraint(
                name="reservation_amount_positive",
                condition=Q(amount_fen__gt=0),
                violation_error_message="预留金额必须大于零。",
            ),
            models.CheckConstraint(
                name="reservation_has_claim",
                condition=~Q(claim_key=""),
                violation_error_message="预留必须写明办件。",
            ),
            models.CheckConstraint(
                name="reservation_finished_whole",
                condition=Q(state="held", finished_by__isnull=True, finished_on__isnull=True)
                | Q(
                    state__in=["spent", "released", "returned"],
                    finished_by__isnull=False,
                    finished_on__isnull=False,
                ),
                violation_error_message="已支付或已释放的预留必须有对应的转账和日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claim_key} {self.get_state_display()}"
