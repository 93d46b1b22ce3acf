"""What was done to accounts, by whom and why, and the second factors that wait for another person to free an account of them."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q


class AccountAct(models.Model):
    """One thing done to an account. Never edited; `by` is empty where it was done by a command at the server, or by the database itself (a
    resident's death).
    """

    class Act(models.TextChoices):
        OPENED = "opened", "开设账号"
        VOUCHED = "vouched", "经统一身份认证开通"
        PASSWORD = "password", "发一次性密码"
        SHUT = "shut", "停用账号"
        REOPENED = "reopened", "重新启用"
        RELEASE_ASKED = "release_asked", "提出解除第二重验证"
        RELEASED = "released", "解除第二重验证"
        RELEASE_DECLINED = "release_declined", "不同意解除第二重验证"
        UNTIED = "untied", "解除统一身份绑定"
        ENROLMENT_CODE = "enrolment_code", "给登记码"
        POST_CONFIRMED = "post_confirmed", "在服务器上确认岗位"

    # After these whoever did it knows the password until its owner has set their own.
    GIVES_A_PASSWORD = (Act.OPENED, Act.PASSWORD, Act.REOPENED)
    # After these whoever was on their way in begins anew.
    SHUTS_OUT = (*GIVES_A_PASSWORD, Act.SHUT, Act.RELEASED, Act.UNTIED)

    account = models.ForeignKey(
        "staff.Account", on_delete=models.PROTECT, related_name="acts", verbose_name="账号"
    )
    act = models.CharField("办理", max_length=20, choices=Act.choices)
    by = models.ForeignKey(
        "staff.Account",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="办理人",
    )
    at = models.DateTimeField("时间")
    because = models.CharField("原因", max_length=200)

    class Meta:
        verbose_name = "账号办理记录"
        indexes = [models.Index(fields=["account", "at"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="account_act_says_why",
                condition=~Q(because=""),
                violation_error_message="账号的每次办理必须写明原因。",
            ),
            models.CheckConstraint(
                name="account_act_by_another",
                condition=Q(by__isnull=True) | ~Q(by=F("account")),
                violation_error_message="不能办理自己的账号；请由另一名系统管理员办理。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.get_act_display()} {self.at}"


class FactorRelease(models.Model):
    """An account whose device is lost: one administrator asks, another decides. Until then its second factor stands."""

    account = models.ForeignKey(
        "staff.Account", on_delete=models.CASCADE, related_name="releases", verbose_name="账号"
    )
    because = models.CharField("原因", max_length=200)
    asked_by = models.ForeignKey(
        "staff.Account", on_delete=models.PROTECT, related_name="+", verbose_name="提出人"
    )
    asked_at = models.DateTimeField("提出时间")
    decided_by = models.ForeignKey(
        "staff.Account",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="决定人",
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    freed = models.BooleanField("解除", null=True, blank=True)

    class Meta:
        verbose_name = "解除第二重验证"
        constraints = [
            models.CheckConstraint(
                name="release_decided_by_another",
                condition=Q(decided_by__isnull=True)
                | (~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("account"))),
                violation_error_message="解除第二重验证要由提出人和本人以外的另一名系统管理员决定。",
            ),
            models.CheckConstraint(
                name="release_decided_whole",
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, freed__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False, freed__isnull=False),
                violation_error_message="决定要写明由谁、何时、是否解除。",
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(freed__isnull=True),
                name="release_asked_once",
                violation_error_message="这个账号已经提出解除，等另一名系统管理员决定。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.asked_at}"
