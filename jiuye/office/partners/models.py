"""The systems of other departments that call this one: their keys, and every call that changed something or asked about a person."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from jiuye.office.staff.models import Account


@pghistory.track(exclude=["hash"])
class ApiKey(models.Model):
    """A key with which a system acts as an account. Only its hash is kept; who holds the key holds the account's posts."""

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="api_keys", verbose_name="账号"
    )
    purpose = models.CharField("用途与依据", max_length=200)  # the agreement on sharing data, by number
    # The registers, by key, that the system may deliver; none for one that only asks.
    registers = ArrayField(models.CharField(max_length=40), verbose_name="登记簿", default=list, blank=True)
    hint = models.CharField("开头", max_length=12)
    hash = models.BinaryField("摘要", max_length=32, unique=True)  # SHA-256 of a random key of 256 bits
    start = models.DateField("起")
    until = models.DateField("止（不含）")
    issued_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="发放人")
    revoked_at = models.DateTimeField("停用时间", null=True, blank=True)
    revoked_because = models.CharField("停用原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "接口密钥"
        indexes = [models.Index(fields=["account", "until"])]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="api_key_ends_after_start",
                condition=Q(until__gt=F("start")),
                violation_error_message="密钥的止期必须晚于起期。",
            ),
            models.CheckConstraint(
                name="api_key_has_purpose",
                condition=~Q(purpose=""),
                violation_error_message="密钥必须写明用途和依据（例如数据共享协议的文号）。",
            ),
            models.CheckConstraint(
                name="api_key_revoked_with_reason",
                condition=Q(revoked_at__isnull=True, revoked_because="")
                | (Q(revoked_at__isnull=False) & ~Q(revoked_because="")),
                violation_error_message="停用密钥必须写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hint}… {self.account}"


class ApiCall(models.Model):
    """One call that changed something: what was asked (as a hash), and the answer, which the same call gets again. Never edited."""

    key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="calls", verbose_name="密钥")
    at = models.DateTimeField("时间")
    path = models.CharField("地址", max_length=200)
    idempotency_key = models.CharField("幂等键", max_length=80)
    body_hash = models.BinaryField("请求摘要", max_length=32)
    answer = models.JSONField("答复")

    class Meta:
        verbose_name = "接口调用"
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["key", "idempotency_key"],
                name="api_call_answered_once",
                violation_error_message="同一幂等键的调用已有答复。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.key_id} {self.path} {self.idempotency_key}"
