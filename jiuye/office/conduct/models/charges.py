"""Who has a case, a matter or an application for a loan in hand, and who stands in for whom."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from jiuye.office.casework.models import Case
from jiuye.office.conduct.models.one_thing import exactly_one
from jiuye.office.matters.models import Matter
from jiuye.office.registry.secrets import SealedField
from jiuye.office.staff.models import Account, DateRange
from jiuye.office.ventures.models import Loan


@pghistory.track()
class Charge(models.Model):
    """An officer has one case, matter or application for a loan in hand, for the step that it waited for when they took it (`step`).

    Once the thing waits for another step it is back in the pool without anybody's doing, and so it is once they have signed and another
    signature is awaited (`queries.charges.held`); sent back to the same step, it is theirs again. Given back, it is in the pool with no step at all (`IN_POOL`), until somebody takes it.
    """

    case = models.OneToOneField(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="charge", verbose_name="办件"
    )
    matter = models.OneToOneField(
        Matter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="charge",
        verbose_name="事项办理",
    )
    loan = models.OneToOneField(
        Loan, on_delete=models.PROTECT, null=True, blank=True, related_name="charge", verbose_name="贷款申请"
    )
    step = models.CharField("环节", max_length=20)  # a case's or a loan's state, a matter's awaited act
    holder = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="承办人")
    since = models.DateField("承办起")

    class Meta:
        verbose_name = "承办"
        indexes = [models.Index(fields=["holder", "step"])]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="charge_of_one_thing",
                condition=exactly_one(("case", "matter", "loan")),
                violation_error_message="承办必须写明是哪一件办件、事项或贷款申请，且只能是一件。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id or self.matter_id or self.loan_id} {self.step} {self.holder_id}"


@pghistory.track()
class Absence(models.Model):
    """An officer is away from `start` up to and without `until`; what they have in hand is the substitute's meanwhile.

    Their posts are handed on by `staff.delegate_post`; here stands only who stands in for whom.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="外出人")
    substitute = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="代办人")
    start = models.DateField("起")
    until = models.DateField("止（不含）")
    declared_on = models.DateField("登记日期")
    # Whoever heads the office, or an administrator, for somebody who cannot do it themselves; empty where it is one's own.
    declared_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )

    class Meta:
        verbose_name = "外出"
        # A reason of its own table, since it may be an illness and this one is everybody's; told at the end of the transaction.
        triggers = [
            pgtrigger.Trigger(
                name="absence_of_another_says_why",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("declared_by_id"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("NEW.declared_by_id IS NOT NULL"),
                func=(
                    "IF EXISTS (SELECT 1 FROM conduct_absence WHERE id = NEW.id) "
                    "AND NOT EXISTS (SELECT 1 FROM conduct_absencereason WHERE absence_id = NEW.id) THEN "
                    "RAISE EXCEPTION '替别人登记外出必须写明原因。' "
                    "USING ERRCODE = 'check_violation', CONSTRAINT = 'absence_of_another_says_why'; "
                    "END IF; RETURN NULL;"
                ),
            )
        ]
        indexes = [models.Index(fields=["substitute", "until"])]
        constraints = [
            models.CheckConstraint(
                name="absence_ends_after_start",
                condition=Q(until__gt=F("start")),
                violation_error_message="外出的结束日期必须晚于开始日期。",
            ),
            models.CheckConstraint(
                name="absence_has_another_substitute",
                condition=~Q(substitute=F("account")),
                violation_error_message="代办人必须是另一个人。",
            ),
            models.CheckConstraint(
                name="absence_declared_by_another",
                condition=Q(declared_by__isnull=True)
                | (~Q(declared_by=F("account")) & ~Q(declared_by=F("substitute"))),
                violation_error_message="替别人登记外出的不能是本人，也不能是代办人。",
            ),
            ExclusionConstraint(
                name="absence_once_at_a_time",
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一人的外出时间不能重叠。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} → {self.substitute_id} {self.start}"


class AbsenceReason(models.Model):
    """Why somebody else declared an absence: an illness is sensitive personal data (《个人信息保护法》第二十八条), so that it is sealed, and read
    by whose it is, by whoever wrote it down, and by administrators and auditors of the place (`row_rules`)."""

    absence = models.OneToOneField(Absence, on_delete=models.CASCADE, related_name="why", verbose_name="外出")
    # What all the posts that were handed on have in common.
    division_code = models.CharField("所在区划", max_length=12)
    reason = SealedField("代为登记的原因")

    class Meta:
        verbose_name = "代为登记外出的原因"
        constraints = [
            models.CheckConstraint(
                name="absence_reason_is_written",
                condition=~Q(reason=b""),
                violation_error_message="替别人登记外出必须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.absence_id}"
