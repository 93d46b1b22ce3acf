"""Messages to residents, employers and officers, and their delivery through channels outside the house."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.office.messages.states import CHANNEL_WORDS, DELIVERY_STATES, pairs
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import SealedField
from jiuye.office.staff.models import Account


class Message(models.Model):
    """What somebody was told, as it was worded on that day; sealed, since it says who draws what and why not.

    `key` is the act that caused it: one act never tells twice. It stands in the receiver's inbox from the moment it is written.
    """

    key = models.CharField("起因", max_length=120, unique=True)
    template_id = models.CharField("消息", max_length=60)
    template_version = models.CharField("消息版本", max_length=12)
    occasion = models.CharField("时点", max_length=40)
    statutory = models.BooleanField("法定告知", default=False)
    recipient_kind = models.CharField(
        "收件方",
        max_length=8,
        choices=[
            ("person", "居民"),
            ("employer", "用人单位"),
            ("officer", "工作人员"),
            ("objector", "异议人"),
        ],
    )
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="messages", verbose_name="居民"
    )
    employer = models.ForeignKey(
        Employer,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name="用人单位",
    )
    account = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name="工作人员",
    )
    division_code = models.CharField("所在区划", max_length=12)
    about = models.CharField("关于", max_length=60)  # case:12, matter:3, campaign:4
    title = SealedField("标题")
    title_en = SealedField("英文标题")
    body = SealedField("内容")
    body_en = SealedField("英文内容")
    letter = SealedField("决定书")  # its paragraphs, one a line; empty where there is none
    source = models.CharField("依据", max_length=200, blank=True, default="")
    written_on = models.DateField("日期")
    written_at = models.DateTimeField("时间")
    read_at = models.DateTimeField("已读时间", null=True, blank=True)

    class Meta:
        verbose_name = "消息"
        indexes = [
            models.Index(fields=["person", "-written_at"]),
            models.Index(fields=["employer", "-written_at"]),
            models.Index(fields=["account", "-written_at"]),
            # Every page of an officer's says how many are unread.
            models.Index(
                fields=["account"], condition=Q(read_at__isnull=True), name="office_messages_unread"
            ),
            models.Index(fields=["about"]),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="message_keeps_its_words",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "(to_jsonb(OLD) - 'read_at' IS DISTINCT FROM to_jsonb(NEW) - 'read_at' OR OLD.read_at IS NOT NULL)"
                ),
                func="RAISE EXCEPTION '已写的消息不能修改。' USING ERRCODE = 'check_violation', "
                "CONSTRAINT = 'message_keeps_its_words';",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_recipient_named_once",
                condition=Q(
                    recipient_kind="person", person__isnull=False, employer__isnull=True, account__isnull=True
                )
                | Q(
                    recipient_kind="employer",
                    employer__isnull=False,
                    person__isnull=True,
                    account__isnull=True,
                )
                | Q(
                    recipient_kind="officer",
                    account__isnull=False,
                    person__isnull=True,
                    employer__isnull=True,
                )
                # Nobody on record: the number that was left stands, sealed, in the delivery alone.
                | Q(
                    recipient_kind="objector",
                    person__isnull=True,
                    employer__isnull=True,
                    account__isnull=True,
                ),
                violation_error_message="消息必须写明是给哪位居民、哪家单位或哪位工作人员的。",
            ),
            models.CheckConstraint(
                name="message_statutory_has_source",
                condition=Q(statutory=False) | ~Q(source=""),
                violation_error_message="法定告知必须写明依据。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template_id} {self.about}"


class Delivery(models.Model):
    """One message through one channel. `send_key` is handed to the gateway, which sends a key once: a crash repeats nothing.

    `receiver` is settled when it is first taken and never changes, so that a second attempt is the same message.
    """

    message = models.ForeignKey(
        Message, on_delete=models.PROTECT, related_name="deliveries", verbose_name="消息"
    )
    channel = models.CharField("渠道", max_length=10, choices=[("sms", CHANNEL_WORDS["sms"])])
    send_key = models.UUIDField("发送编号", default=uuid.uuid4, unique=True, editable=False)
    receiver = SealedField("号码")
    state = models.CharField("状态", max_length=14, choices=list(DELIVERY_STATES.items()), default="waiting")
    not_before = models.DateTimeField("不早于")
    taken_until = models.DateTimeField("占用到", null=True, blank=True)
    attempts = models.IntegerField("次数", default=0)
    on_day = models.DateField("发送日期", null=True, blank=True)  # of the last attempt
    sent_at = models.DateTimeField("发送时间", null=True, blank=True)
    reference = models.CharField("网关流水号", max_length=80, blank=True, default="")
    reason = models.CharField("原因", max_length=20, blank=True, default="")
    detail = models.CharField("说明", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "发送"
        indexes = [
            models.Index(
                fields=["not_before", "id"],
                name="delivery_due",
                condition=Q(state__in=["waiting", "sending"]),
            )
        ]
        triggers = [
            pgtrigger.FSM(name="delivery_walks_the_table", field="state", transitions=pairs()),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["message", "channel"],
                name="delivery_once_a_channel",
                violation_error_message="同一消息同一渠道只发送一次。",
            ),
            models.CheckConstraint(
                name="delivery_sent_iff_noted",
                condition=(Q(state="sent", sent_at__isnull=False) & ~Q(reference=""))
                | (~Q(state="sent") & Q(sent_at__isnull=True, reference="")),
                violation_error_message="已发送的必须有时间和网关流水号，未发送的不能有。",
            ),
            models.CheckConstraint(
                name="delivery_undeliverable_says_why",
                condition=~Q(state="undeliverable") | ~Q(reason=""),
                violation_error_message="无法送达必须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.message_id} {self.channel} {self.get_state_display()}"
