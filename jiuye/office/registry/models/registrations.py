"""Who was put on record singly at a counter: by whom, on which paper, why, and from whom they were told apart."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from jiuye.office.registry.models.employers import Employer
from jiuye.office.registry.models.people import Person
from jiuye.office.registry.states import EMPLOYER_PAPERS, PERSON_PAPERS
from jiuye.office.staff.models import Account

_OWN = "不能登记与自己同名的人，也不能登记由自己来办的单位；请由同一窗口的另一位人员办理。"


class CounterRegistration(models.Model):
    """One resident or employer whom an officer registered at a counter. Appended with the record itself, never edited.

    `apart_from` holds the numbers of those on record who were alike and are somebody else, as `apart_because` says.
    """

    person = models.OneToOneField(
        Person,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="registration",
        verbose_name="居民",
    )
    employer = models.OneToOneField(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="registration",
        verbose_name="单位",
    )
    paper = models.CharField(
        "核对的证件", max_length=24, choices=[*PERSON_PAPERS.items(), *EMPLOYER_PAPERS.items()]
    )
    agent = models.CharField("来办理的人", max_length=60, blank=True, default="")
    because = models.CharField("登记理由", max_length=200)
    apart_from = ArrayField(
        models.BigIntegerField(), verbose_name="与之区分的在册编号", default=list, blank=True
    )
    apart_because = models.CharField("区分的依据", max_length=200, blank=True, default="")
    # The resident's name, or that of whoever came for the employer, as officers' accounts keep theirs (`Account.name_key`).
    name_key = models.CharField("姓名索引", max_length=64)
    by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="登记人")
    by_name = models.CharField("登记人姓名", max_length=60)
    on_date = models.DateField("登记日期")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "窗口登记"
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            # Officers' accounts hold a name and no ID number, so that a name decides, as where an account is opened.
            pgtrigger.Trigger(
                name="not_oneself",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=(
                    "PERFORM 1 FROM staff_account WHERE id = NEW.by_id AND name_key = NEW.name_key; "
                    f"IF FOUND THEN RAISE EXCEPTION '{_OWN}' "
                    "USING ERRCODE = 'check_violation', CONSTRAINT = 'not_oneself'; END IF; RETURN NEW;"
                ),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="registration_of_one",
                condition=Q(person__isnull=False, employer__isnull=True, paper__in=list(PERSON_PAPERS))
                | Q(
                    ~Q(agent=""),
                    person__isnull=True,
                    employer__isnull=False,
                    paper__in=list(EMPLOYER_PAPERS),
                ),
                violation_error_message="一次窗口登记只登记一位居民，或者一家单位和来办理的人，并写明核对的证件。",
            ),
            models.CheckConstraint(
                name="registration_says_why",
                condition=~Q(because="") & ~Q(name_key=""),
                violation_error_message="窗口登记必须写明理由。",
            ),
            models.CheckConstraint(
                name="registration_told_apart",
                condition=Q(apart_from=[], apart_because="") | (~Q(apart_from=[]) & ~Q(apart_because="")),
                violation_error_message="与在册的人或单位区分开的，必须写明依据。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id or self.employer_id} {self.at}"
