"""A doubt about what was paid (发放疑点): by what the registers say now of the day that counted, it was not owed, or not so much."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.office.casework.models.cases import Case
from jiuye.office.casework.states import DOUBT_OUTCOMES, DOUBTS, HANDLING_ACTS
from jiuye.office.funds.models.triggers import refuse, took_none
from jiuye.office.staff.models import Account

OPEN = Q(outcome="", resolved_on__isnull=True, resolved_by__isnull=True, resolution="")
# The system closes what the registers no longer say; a person what they looked into.
CLOSED = Q(outcome__in=["gone", "sent_back"], resolved_on__isnull=False, resolved_by__isnull=True) | (
    Q(outcome__in=["owed", "claimed_back"], resolved_on__isnull=False, resolved_by__isnull=False)
    & ~Q(resolution="")
)
_NO_HAND_IN_IT = took_none(
    "casework_caseevent", about="e.case_id = NEW.case_id", acts=HANDLING_ACTS, account="NEW.resolved_by_id"
)


@pghistory.track()
class PaymentDoubt(models.Model):
    """One thing that the registers say of a paid case that they did not say when it was paid. Somebody settles it in words.

    `key` is the digest of what they say: settled as owed, the same is not raised again, another saying is.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="doubts", verbose_name="办件")
    finding = models.CharField("疑点", max_length=20, choices=list(DOUBTS.items()))
    key = models.CharField("疑点指纹", max_length=64)
    looked_at = models.JSONField("比对内容", default=dict)
    over_fen = models.BigIntegerField("可能多付的金额")
    found_on = models.DateField("发现日期")
    found_at = models.DateTimeField("发现时间")
    outcome = models.CharField(
        "结论", max_length=12, choices=list(DOUBT_OUTCOMES.items()), blank=True, default=""
    )
    resolved_on = models.DateField("核实日期", null=True, blank=True)
    resolved_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核实人"
    )
    resolution = models.TextField("核实情况", blank=True, default="")

    class Meta:
        verbose_name = "发放疑点"
        indexes = [
            models.Index(fields=["found_on", "id"], name="doubt_open_by_day", condition=Q(outcome="")),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            refuse(
                "doubt_about_a_paid_case",
                "没有付过款的办件没有发放疑点。",
                operation=pgtrigger.Insert,
                needs="1 FROM casework_case WHERE id = NEW.case_id AND state = 'paid'",
            ),
            refuse(
                "doubt_cleared_by_another",
                "认定仍应发放的不能是代办、受理、核查、审核或签批过这件的人；请由没有经办过的人员核实。",
                operation=pgtrigger.Update,
                condition="OLD.outcome <> 'owed' AND NEW.outcome = 'owed'",
                needs=f"1 WHERE {_NO_HAND_IN_IT}",
            ),
            refuse(
                "doubt_stays_settled",
                "这个疑点已经有结论，不能再改；登记有新的变化会另外列出。",
                operation=pgtrigger.Update,
                condition="OLD.outcome <> ''",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "key"],
                condition=Q(outcome__in=["", "owed"]),
                name="doubt_once",
                violation_error_message="同一办件的同一疑点只列一次。",
            ),
            models.CheckConstraint(
                name="doubt_settled_whole",
                condition=OPEN | CLOSED,
                violation_error_message="核实疑点必须写明日期、核实人、结论和核实情况。",
            ),
            models.CheckConstraint(
                name="doubt_amount_positive",
                condition=Q(over_fen__gt=0),
                violation_error_message="疑点金额必须大于零。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.finding} {self.found_on}"
