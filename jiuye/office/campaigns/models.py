"""A campaign: those of one list of the gap told together, counted before, released by a second person where they are many."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.office.campaigns.states import LEFT_OUT, NO_SMS, STATES, pairs
from jiuye.office.messages.models import Message
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.models import Account

KEPT = pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)


@pghistory.track()
class Campaign(models.Model):
    """One list told together, as it was on the day it was prepared. `folded`: what else they go without stands in the same message."""

    policy_id = models.CharField("政策", max_length=60)
    division_code = models.CharField("所在区划", max_length=12)
    folded = models.BooleanField("并入其他应享未享", default=False)
    template_id = models.CharField("消息", max_length=60)
    template_version = models.CharField("消息版本", max_length=12)
    state = models.CharField("状态", max_length=10, choices=list(STATES.items()), default="prepared")
    to_tell = models.IntegerField("告知对象数")  # as counted when it was prepared
    prepared_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="准备人"
    )
    prepared_on = models.DateField("准备日期")
    prepared_at = models.DateTimeField("准备时间")
    released_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="放行人"
    )
    released_on = models.DateField("放行日期", null=True, blank=True)

    class Meta:
        verbose_name = "批量告知"
        indexes = [models.Index(fields=["division_code", "-prepared_at"])]
        triggers = [pgtrigger.FSM(name="campaign_walks_the_table", field="state", transitions=pairs()), KEPT]
        constraints = [
            models.CheckConstraint(
                name="campaign_released_whole",
                condition=Q(state="released", released_by__isnull=False, released_on__isnull=False)
                | Q(state__in=["prepared", "discarded"], released_by__isnull=True, released_on__isnull=True),
                violation_error_message="放行要有放行人和日期。",
            )
        ]

    def __str__(self) -> str:
        return f"campaign:{self.pk}"


class Addressee(models.Model):
    """One resident or employer of a campaign: what they would be told of, or why not; and, released, the message."""

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="addressees", verbose_name="批量告知"
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="居民"
    )
    employer = models.ForeignKey(
        Employer, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="用人单位"
    )
    division_code = models.CharField("所在区划", max_length=12)
    policies = models.JSONField("政策", default=list)
    entitlements = models.JSONField("应享待遇", default=list)
    amount_fen = models.BigIntegerField("金额")
    left_out = models.CharField(
        "不告知的原因", max_length=12, choices=list(LEFT_OUT.items()), blank=True, default=""
    )
    no_sms = models.CharField(
        "不发短信的原因", max_length=12, choices=list(NO_SMS.items()), blank=True, default=""
    )
    message = models.OneToOneField(
        Message, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="消息"
    )

    class Meta:
        verbose_name = "告知对象"
        triggers = [KEPT]
        constraints = [
            models.CheckConstraint(
                name="addressee_named_once",
                condition=Q(person__isnull=False, employer__isnull=True)
                | Q(person__isnull=True, employer__isnull=False),
                violation_error_message="告知对象必须是一位居民或一家单位。",
            ),
            models.UniqueConstraint(
                fields=["campaign", "person"],
                condition=Q(person__isnull=False),
                name="addressee_person_once",
                violation_error_message="一次批量告知里一人只有一条消息。",
            ),
            models.UniqueConstraint(
                fields=["campaign", "employer"],
                condition=Q(employer__isnull=False),
                name="addressee_employer_once",
                violation_error_message="一次批量告知里一家单位只有一条消息。",
            ),
            models.CheckConstraint(
                name="addressee_left_out_is_told_nothing",
                condition=Q(left_out="") | Q(message__isnull=True),
                violation_error_message="不告知的对象没有消息。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} {self.person_id or self.employer_id}"
