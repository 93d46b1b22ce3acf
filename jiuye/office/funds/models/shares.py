"""What of a year's budget each county may use, once the year's budget was approved by counties."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.sources import Budget
from jiuye.office.funds.models.triggers import refuse

_DRAWN = """
    SELECT coalesce(sum(amount_fen), 0) INTO NEW.drawn_fen FROM funds_reservation
     WHERE budget_id = NEW.budget_id AND county_code = NEW.county_code AND state IN ('held', 'spent');
    RETURN NEW;
"""


@pghistory.track()
class CountyShare(models.Model):
    """One county's share of a budget line. `drawn_fen` is what its claims hold or were paid: the database counts it with every reservation."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="shares", verbose_name="预算")
    county_code = models.CharField("县（市、区）", max_length=12)
    amount_fen = models.BigIntegerField("份额")
    drawn_fen = models.BigIntegerField("已预留和支付", default=0)

    class Meta:
        verbose_name = "县（市、区）份额"
        triggers = [
            pgtrigger.Trigger(
                name="share_counts_what_is_drawn",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_DRAWN,
            ),
            refuse(
                "share_drawn_by_reservation_only",
                "份额的已预留和支付额只能由预留改变，不能直接修改。",
                operation=pgtrigger.Update,
                condition="pg_trigger_depth() = 0 AND OLD.drawn_fen IS DISTINCT FROM NEW.drawn_fen",
            ),
            refuse(
                "share_keeps_its_county",
                "份额的预算和县（市、区）不能修改；请改金额，或另立一个。",
                operation=pgtrigger.Update,
                condition="OLD.budget_id IS DISTINCT FROM NEW.budget_id OR OLD.county_code IS DISTINCT FROM NEW.county_code",
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "county_code"],
                name="share_once_a_county",
                violation_error_message="同一预算里一个县（市、区）只有一个份额。",
            ),
            models.CheckConstraint(
                name="share_not_overdrawn",
                condition=Q(amount_fen__gte=F("drawn_fen"), drawn_fen__gte=0),
                violation_error_message="县（市、区）的份额不能超支：已预留和支付之和不能超过份额。",
            ),
            models.CheckConstraint(
                name="share_names_its_county",
                condition=~Q(county_code=""),
                violation_error_message="份额必须写明是哪个县（市、区）的。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget} {self.county_code}"

    @property
    def left_fen(self) -> int:
        """What the county may still reserve."""
        return self.amount_fen - self.drawn_fen
