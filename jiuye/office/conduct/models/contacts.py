"""Visits and calls: who spoke with whom, what came of it, what comes next. Appended, never edited; the words are sealed at rest."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.office.casework.models import Case
from jiuye.office.conduct.states import CONTACT_KINDS, NOT_REACHED, REACHED, UNSAID
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import SealedField
from jiuye.office.staff.models import Account
from jiuye.office.ventures.models import Loan


class Contact(models.Model):
    """One visit or call about one resident or employer, and about a case, matter or loan of theirs where it was about one.

    `follows` is the earlier contact whose next step this one was: that step is then done.
    """

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name="居民"
    )
    employer = models.ForeignKey(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name="用人单位",
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name="办件"
    )
    matter = models.ForeignKey(
        Matter,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="contacts",
        verbose_name="事项办理",
    )
    loan = models.ForeignKey(
        Loan, on_delete=models.PROTECT, null=True, blank=True, related_name="contacts", verbose_name="贷款"
    )
    division_code = models.CharField("所在区划", max_length=12)
    kind = models.CharField("方式", max_length=10, choices=list(CONTACT_KINDS.items()))
    reached = models.CharField(
        "联系上没有", max_length=10, choices=list(REACHED.items()), blank=True, default=UNSAID
    )
    made_on = models.DateField("走访或通话日期")
    whom = SealedField("见到或联系到谁")
    came_of = SealedField("情况和结果")
    next_step = SealedField("下一步")
    next_on = models.DateField("下一步日期", null=True, blank=True)
    follows = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="followed",
        verbose_name="接着哪一次",
    )
    made_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="经办人")
    made_by_name = models.CharField("经办人姓名", max_length=60)
    on_date = models.DateField("登记日期")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "走访和电话"
        indexes = [
            models.Index(fields=["division_code", "next_on"]),
            models.Index(fields=["made_by", "next_on"]),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="contact_with_one",
                condition=Q(person__isnull=False, employer__isnull=True)
                | Q(person__isnull=True, employer__isnull=False),
                violation_error_message="走访和电话必须写明是哪位居民或哪家单位。",
            ),
            models.CheckConstraint(
                name="contact_about_one_thing_at_most",
                condition=Q(case__isnull=True, matter__isnull=True)
                | Q(case__isnull=True, loan__isnull=True)
                | Q(matter__isnull=True, loan__isnull=True),
                violation_error_message="一次走访或电话只记在一件办件、事项或一笔贷款上。",
            ),
            models.CheckConstraint(
                name="contact_kind_known",
                condition=Q(kind__in=list(CONTACT_KINDS)),
                violation_error_message="方式不在目录内。",
            ),
            models.CheckConstraint(
                name="contact_reached_known",
                condition=Q(reached__in=[UNSAID, *REACHED]),
                violation_error_message="联系上没有，不在目录内。",
            ),
            models.CheckConstraint(
                name="contact_names_whom_it_reached",
                condition=Q(reached__in=NOT_REACHED) | ~Q(whom=b""),
                violation_error_message="联系到人的，要写明是谁。",
            ),
            models.CheckConstraint(
                name="contact_next_step_has_a_day",
                condition=Q(next_on__isnull=True, next_step=b"")
                | (Q(next_on__isnull=False) & ~Q(next_step=b"")),
                violation_error_message="下一步和它的日期要一起写。",
            ),
            models.CheckConstraint(
                name="contact_recorded_afterwards",
                condition=Q(on_date__gte=models.F("made_on")),
                violation_error_message="走访或通话日期不能晚于登记日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id or self.employer_id} {self.kind} {self.made_on}"
