"""What logging in leaves: failures, sessions, second factors."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class FailedLogIn(models.Model):
    """One failed attempt, whether the account exists or not. Counted over the last minutes, then forgotten (`access.yaml`)."""

    username = models.CharField("登录名", max_length=60)
    address = models.CharField("来自", max_length=45)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "登录失败"
        indexes = [models.Index(fields=["username", "at"]), models.Index(fields=["address", "at"])]

    def __str__(self) -> str:
        return f"{self.username} {self.at}"


class SignIn(models.Model):
    """One session of an account, so that its owner sees it and can end it."""

    account = models.ForeignKey(
        "staff.Account", on_delete=models.CASCADE, related_name="sign_ins", verbose_name="账号"
    )
    session_key = models.CharField("会话", max_length=40, unique=True)
    address = models.CharField("来自", max_length=45)
    browser = models.CharField("浏览器", max_length=200, blank=True, default="")
    started_at = models.DateTimeField("登录时间")
    seen_at = models.DateTimeField("最近使用")
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)

    class Meta:
        verbose_name = "登录"
        indexes = [models.Index(fields=["account", "ended_at"])]

    def __str__(self) -> str:
        return f"{self.account} {self.started_at}"


class SecondFactor(models.Model):
    """The shared secret of an account's one-time codes (RFC 6238), sealed. `last_step` is the newest time step a code was taken for.

    While the device is replaced the secret of the next one waits beside it, and the old one goes on until a code of the next is given.
    """

    account = models.OneToOneField(
        "staff.Account", on_delete=models.CASCADE, related_name="second_factor", verbose_name="账号"
    )
    secret = models.BinaryField("密钥")
    confirmed_at = models.DateTimeField("启用时间", null=True, blank=True)
    last_step = models.BigIntegerField("已用到", default=-1)
    next_secret = models.BinaryField("新设备的密钥", null=True, blank=True)
    next_begun_at = models.DateTimeField("开始更换的时间", null=True, blank=True)

    class Meta:
        verbose_name = "第二重验证"
        constraints = [
            models.CheckConstraint(
                name="next_device_has_its_hour",
                condition=Q(next_secret__isnull=True, next_begun_at__isnull=True)
                | Q(next_secret__isnull=False, next_begun_at__isnull=False, confirmed_at__isnull=False),
                violation_error_message="更换设备要有开始的时间，而且原来的设备在用。",
            )
        ]

    def __str__(self) -> str:
        return str(self.account)


class RecoveryCode(models.Model):
    """One code for whoever has lost the device: kept as a digest only, taken once."""

    account = models.ForeignKey(
        "staff.Account", on_delete=models.CASCADE, related_name="recovery_codes", verbose_name="账号"
    )
    digest = models.BinaryField("摘要", max_length=32)
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "恢复码"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "digest"],
                name="recovery_code_once",
                violation_error_message="恢复码不能重复。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} {'已用' if self.used_at else '未用'}"


class EnrolmentCode(models.Model):
    """What it takes to enrol a second factor where an administrator gave the password: given by another one, kept as a digest, taken once."""

    account = models.ForeignKey(
        "staff.Account", on_delete=models.CASCADE, related_name="enrolment_codes", verbose_name="账号"
    )
    digest = models.BinaryField("摘要", max_length=32)
    given_by = models.ForeignKey(
        "staff.Account",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="发码人",
    )  # empty: at the server, by a command
    until = models.DateTimeField("有效至")
    used_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "登记码"
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(used_at__isnull=True),
                name="enrolment_code_one_at_a_time",
                violation_error_message="一个账号同时只有一个有效的登记码。",
            ),
            models.CheckConstraint(
                name="enrolment_code_by_another",
                condition=Q(given_by__isnull=True) | ~Q(given_by=models.F("account")),
                violation_error_message="登记码不能由本人发。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.until}"


class OutsideIdentity(models.Model):
    """Who an account is at a provider of single sign-on. It is found again by the provider's own number, never again by its name."""

    account = models.ForeignKey(
        "staff.Account", on_delete=models.CASCADE, related_name="outside_identities", verbose_name="账号"
    )
    issuer = models.CharField("统一身份认证", max_length=200)
    subject = models.CharField("在那里的编号", max_length=255)
    tied_at = models.DateTimeField("绑定时间")

    class Meta:
        verbose_name = "统一身份"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                name="outside_identity_of_one_account",
                violation_error_message="这个统一身份已经绑定了账号。",
            ),
            models.UniqueConstraint(
                fields=["account", "issuer"],
                name="outside_identity_one_a_provider",
                violation_error_message="这个账号已经绑定了另一个统一身份。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.issuer}"


class RefusedSignOn(models.Model):
    """Somebody whom the provider of the public vouches for by the number of a resident or a firm on record, and who was not let in: at the
    counter it is seen why. The name that was vouched for is not kept.
    """

    class Reason(models.TextChoices):
        NAME = "name", "姓名与登记的不一致"
        GONE = "gone", "登记显示已去世或已注销"
        SHUT = "shut", "账号已停用"

    kind = models.CharField("类别", max_length=10)
    subject_key = models.CharField("本人或单位的编号", max_length=40)
    reason = models.CharField("原因", max_length=10, choices=Reason.choices)
    issuer = models.CharField("统一身份认证", max_length=200)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "没有通过的统一身份认证登录"
        indexes = [models.Index(fields=["kind", "subject_key", "at"])]
        constraints = [
            models.CheckConstraint(
                name="refused_sign_on_of_the_public",
                condition=Q(kind__in=["resident", "employer"]) & ~Q(subject_key=""),
                violation_error_message="只记登记的居民和单位没有通过的统一身份认证登录。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_key} {self.reason}"
