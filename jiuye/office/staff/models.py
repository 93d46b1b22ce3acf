"""Accounts, the posts they hold, and the record of every look at protected data."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from jiuye.office.staff.roles import CONFIRMED_ROLES, INCOMPATIBLE, ROLES
from jiuye.office.staff.sealing import blind_index

_WEIGHTY = ", ".join(f"'{role}'" for role in CONFIRMED_ROLES)
_PAIRS = ", ".join(f"('{one}', '{two}')" for one, two in INCOMPATIBLE)


class DateRange(Func):
    """PostgreSQL's half-open `daterange(start, until)`; a null `until` is open."""

    function = "DATERANGE"


class NameKeyField(models.CharField):
    """An officer's name as a blind index, written with the row: a name that is sealed elsewhere is compared with it in the database."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        account: Any = model_instance
        key = blind_index(account.display_name).hex() if account.kind == "officer" else ""
        setattr(account, self.attname, key)
        return key


class AccountManager(BaseUserManager["Account"]):
    def create_account(
        self, *, username: str, display_name: str, password: str, kind: str, subject_key: str = ""
    ) -> Account:
        """A new account with a hashed password."""
        account = self.model(username=username, display_name=display_name, kind=kind, subject_key=subject_key)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """Somebody who can log in: a resident (for themselves), an employer's agent, or an officer (by posts)."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", "居民"
        EMPLOYER = "employer", "用人单位"
        OFFICER = "officer", "工作人员"

    username = models.CharField("登录名", max_length=60, unique=True)
    display_name = models.CharField("姓名", max_length=60)
    name_key = NameKeyField("姓名索引", max_length=64, blank=True, default="")
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    subject_key = models.CharField(
        "本人或单位的编号", max_length=40, blank=True, default=""
    )  # registry key, as text: registry lies above
    is_active = models.BooleanField("启用", default=True)
    # Where an officer belongs, for as long as no post says so: who of the administrators looks after the account.
    division_code = models.CharField("所属区划", max_length=12, blank=True, default="")
    # The password was given by somebody else: until when it opens the way to one's own, and to nothing else.
    one_time_until = models.DateTimeField("一次性密码有效至", null=True, blank=True)

    USERNAME_FIELD = "username"
    objects = AccountManager()

    class Meta:
        verbose_name = "账号"
        triggers = [
            pgtrigger.Trigger(
                name="account_name_with_its_key",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "NEW.kind = 'officer' AND NEW.display_name IS DISTINCT FROM OLD.display_name "
                    "AND NEW.name_key IS NOT DISTINCT FROM OLD.name_key"
                ),
                func=(
                    "RAISE EXCEPTION '工作人员的姓名和姓名索引要一起改：回避亲属按索引比对。' "
                    "USING ERRCODE = 'check_violation', CONSTRAINT = 'account_name_with_its_key';"
                ),
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="account_officers_have_a_name_key",
                condition=~Q(kind="officer") | ~Q(name_key=""),
                violation_error_message="工作人员的账号必须有姓名索引：回避亲属按索引比对。",
            ),
            models.CheckConstraint(
                name="account_kind_known",
                condition=Q(kind__in=["resident", "employer", "officer"]),
                violation_error_message="账号类别只能是居民、用人单位或工作人员。",
            ),
            models.CheckConstraint(
                name="account_subject_iff_not_officer",
                condition=Q(kind="officer", subject_key="") | (~Q(kind="officer") & ~Q(subject_key="")),
                violation_error_message="居民和单位的账号必须对应登记的本人或单位；工作人员的账号不对应。",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject_key"],
                condition=~Q(kind="officer"),
                name="account_one_a_subject",
                violation_error_message="这位居民（这家单位）已经有账号；一人（一家单位）一个账号。",
            ),
            models.CheckConstraint(
                name="account_place_of_officers",
                condition=Q(division_code="") | Q(kind="officer", division_code__regex=r"^[0-9]{4,12}$"),
                violation_error_message="只有工作人员的账号写所属区划，区划用代码。",
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


class PostManager(models.Manager["Post"]):
    def get_queryset(self) -> models.QuerySet[Post]:
        """Every post but those that never came into force."""
        return super().get_queryset().filter(void=False)


class Post(models.Model):
    """A role held over a division for a time. The division is a code prefix: 3210 is the city, 321002 a county.

    Who gave, confirmed and ended it stays on the row, which is never deleted: one that was declined, or taken back before its first day, is
    `void`, and found by `every` alone. `given_by` is empty for what was set up at the server.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="posts", verbose_name="账号")
    role = models.CharField("角色", max_length=20, choices=list(ROLES.items()))
    division_code = models.CharField("管辖区划", max_length=12)
    department = models.CharField("部门", max_length=40, blank=True, default="")
    start = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    # A colleague's post, handed on for a time; held like any other, and so refused where it does not go together.
    delegated_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name="委托自",
    )
    given_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="派岗人"
    )
    given_at = models.DateTimeField("派岗时间", null=True, blank=True)
    # Not in force until a second administrator confirms it.
    awaits_second = models.BooleanField("待另一人确认", default=False)
    confirmed_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )  # empty beside a time: at the server, by a command
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="结束岗位的人",
    )
    ended_at = models.DateTimeField("办理结束的时间", null=True, blank=True)
    void = models.BooleanField("没有生效", default=False)

    every = models.Manager()
    objects = PostManager()

    class Meta:
        verbose_name = "岗位"
        default_manager_name = "objects"
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            # What was set up at the server names nobody; a request always does.
            pgtrigger.Trigger(
                name="post_names_who_gave_it",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=(
                    "IF current_user = 'jiuye_web' AND (NEW.given_by_id IS NULL AND TG_OP = 'INSERT' "
                    "OR NEW.confirmed_at IS NOT NULL AND NEW.confirmed_by_id IS NULL AND (TG_OP = 'INSERT' OR OLD.confirmed_at IS NULL)) THEN "
                    "RAISE EXCEPTION '岗位必须写明由谁派、由谁确认。' USING ERRCODE = 'check_violation', CONSTRAINT = 'post_names_who_gave_it'; "
                    "END IF; RETURN NEW;"
                ),
            ),
            # Nobody held on a past day what was given after it; what was set up at the server is not said to have been given.
            pgtrigger.Trigger(
                name="post_begins_when_given",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "NEW.start < (NEW.given_at AT TIME ZONE 'Asia/Shanghai')::date"
                ),
                func=(
                    "RAISE EXCEPTION '岗位从派岗位的当天或以后的一天起。' "
                    "USING ERRCODE = 'check_violation', CONSTRAINT = 'post_begins_when_given';"
                ),
            ),
            # A post is confirmed, shortened and ended; another place, role or person is another post, and what was never in force stays so.
            pgtrigger.Trigger(
                name="post_only_ends",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                func=(
                    "IF (NEW.account_id, NEW.role, NEW.division_code, NEW.start, NEW.delegated_from_id, NEW.given_by_id, NEW.given_at) "
                    "IS DISTINCT FROM "
                    "(OLD.account_id, OLD.role, OLD.division_code, OLD.start, OLD.delegated_from_id, OLD.given_by_id, OLD.given_at) "
                    "OR OLD.void AND NOT NEW.void OR NEW.awaits_second AND NOT OLD.awaits_second "
                    "OR coalesce(NEW.until, 'infinity') > coalesce(OLD.until, 'infinity') "
                    "OR OLD.confirmed_at IS NOT NULL AND (NEW.confirmed_at, NEW.confirmed_by_id) "
                    "IS DISTINCT FROM (OLD.confirmed_at, OLD.confirmed_by_id) THEN "
                    "RAISE EXCEPTION '已派的岗位只能确认、缩短或者结束；要改别的，请结束后另派。' "
                    "USING ERRCODE = 'check_violation', CONSTRAINT = 'post_only_ends'; "
                    "END IF; RETURN NEW;"
                ),
            ),
            # What is handed on in the place of its holder, and an administrator's post, wait as what is given does.
            pgtrigger.Trigger(
                name="post_handed_on_waits",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=(
                    f"IF NEW.delegated_from_id IS NOT NULL AND NEW.given_by_id IS NOT NULL AND NEW.role IN ({_WEIGHTY}) "
                    "AND NOT NEW.awaits_second AND NEW.confirmed_at IS NULL AND (NEW.role = 'administrator' OR NOT EXISTS "
                    "(SELECT 1 FROM staff_post held WHERE held.id = NEW.delegated_from_id AND held.account_id = NEW.given_by_id "
                    "AND held.role = NEW.role AND NOT held.void AND NOT held.awaits_second)) THEN "
                    "RAISE EXCEPTION '替别人委托的审批、付款、审计和管理的岗位，要由另一名系统管理员确认后才生效。' "
                    "USING ERRCODE = 'check_violation', CONSTRAINT = 'post_handed_on_waits'; "
                    "END IF; RETURN NEW;"
                ),
            ),
            pgtrigger.Trigger(
                name="incompatible_posts",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                declare=[("other", "TEXT")],
                func=(
                    # Two posts given to one person in the same moment wait for each other here.
                    "PERFORM 1 FROM staff_account WHERE id = NEW.account_id FOR NO KEY UPDATE; "
                    "SELECT held.role INTO other FROM staff_post held "
                    f"JOIN (VALUES {_PAIRS}) AS pair(one, two) "
                    "ON (held.role = pair.one AND NEW.role = pair.two) OR (held.role = pair.two AND NEW.role = pair.one) "
                    "WHERE held.account_id = NEW.account_id AND held.id IS DISTINCT FROM NEW.id AND NOT held.void AND NOT NEW.void "
                    "AND daterange(held.start, held.until) && daterange(NEW.start, NEW.until) LIMIT 1; "
                    "IF other IS NOT NULL THEN RAISE EXCEPTION "
                    "'不相容岗位：% 与 % 不能由同一人担任', other, NEW.role USING ERRCODE = 'check_violation'; END IF; "
                    "RETURN NEW;"
                ),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="post_ends_after_start",
                condition=Q(until__isnull=True) | Q(until__gt=F("start")),
                violation_error_message="岗位的结束日期必须晚于开始日期。",
            ),
            # An empty code would begin every code: a post over everything, which nobody gave.
            models.CheckConstraint(
                name="post_names_a_place",
                condition=Q(division_code__regex=r"^[0-9]{4,12}$"),
                violation_error_message="岗位必须写明管辖的区划。",
            ),
            models.CheckConstraint(
                name="post_delegated_ends",
                condition=Q(delegated_from__isnull=True) | Q(until__isnull=False),
                violation_error_message="委托必须写明到哪一天为止。",
            ),
            models.CheckConstraint(
                name="post_of_weight_is_confirmed",
                condition=~Q(role__in=CONFIRMED_ROLES)
                | Q(given_by__isnull=True)
                | Q(delegated_from__isnull=False)
                | Q(awaits_second=True)
                | Q(confirmed_at__isnull=False),
                violation_error_message="审批、付款、审计和管理的岗位要由另一名系统管理员确认后才生效。",
            ),
            models.CheckConstraint(
                name="post_awaits_until_confirmed",
                condition=Q(awaits_second=False) | Q(confirmed_at__isnull=True, confirmed_by__isnull=True),
                violation_error_message="已经确认的岗位不再等待确认。",
            ),
            models.CheckConstraint(
                name="post_given_and_confirmed_by_others",
                condition=(Q(given_by__isnull=True) | ~Q(given_by=F("account")))
                & (
                    Q(confirmed_by__isnull=True)
                    | (
                        ~Q(confirmed_by=F("account"))
                        & (Q(given_by__isnull=True) | ~Q(confirmed_by=F("given_by")))
                    )
                ),
                violation_error_message="岗位不能由本人派或确认，派的人也不能确认；请由另一名系统管理员办理。",
            ),
            models.CheckConstraint(
                name="post_ended_whole",
                condition=Q(ended_by__isnull=True) | Q(ended_at__isnull=False),
                violation_error_message="结束岗位要写明由谁、何时办理。",
            ),
            ExclusionConstraint(
                name="post_held_once_at_a_time",
                condition=Q(void=False),
                expressions=[
                    ("account", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    ("division_code", RangeOperators.EQUAL),
                    (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一人在同一区划的同一角色不能重叠。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.get_role_display()}"


class LookRecord(models.Model):
    """One look at data that is masked by default: who, at whose, which field, for what work. Never edited."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="查看人")
    subject_kind = models.CharField("对象类别", max_length=20)
    subject_key = models.CharField("对象编号", max_length=40)
    field = models.CharField("查看内容", max_length=40)
    purpose = models.CharField("查看事由", max_length=200)
    looked_at = models.DateTimeField("查看时间")

    class Meta:
        verbose_name = "查看记录"
        indexes = [models.Index(fields=["subject_kind", "subject_key", "looked_at"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="look_has_a_purpose",
                condition=~Q(purpose=""),
                violation_error_message="查看受保护的信息必须写明事由。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} → {self.subject_kind} {self.subject_key} {self.field}"


class LookedAt(models.Model):
    """Whom a look at a file showed, so that each of them reads of it: noted once, when the file is handed out."""

    look = models.ForeignKey(
        LookRecord, on_delete=models.CASCADE, related_name="showed", verbose_name="查看记录"
    )
    subject_kind = models.CharField("对象类别", max_length=20)
    subject_key = models.CharField("对象编号", max_length=40)

    class Meta:
        verbose_name = "文件所及的人"
        indexes = [models.Index(fields=["subject_kind", "subject_key"], name="looked_at_whom")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.UniqueConstraint(
                fields=["look", "subject_kind", "subject_key"],
                name="looked_at_once_a_file",
                violation_error_message="同一份文件对同一人只记一次。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.look_id} {self.subject_kind} {self.subject_key}"


from jiuye.office.staff.account_models import (  # noqa: E402 (they point at Account)
    AccountAct,
    FactorRelease,
)
from jiuye.office.staff.signing_models import (  # noqa: E402
    EnrolmentCode,
    FailedLogIn,
    OutsideIdentity,
    RecoveryCode,
    RefusedSignOn,
    SecondFactor,
    SignIn,
)

__all__ = [
    "Account",
    "AccountAct",
    "DateRange",
    "EnrolmentCode",
    "FactorRelease",
    "FailedLogIn",
    "LookRecord",
    "LookedAt",
    "OutsideIdentity",
    "Post",
    "RecoveryCode",
    "RefusedSignOn",
    "SecondFactor",
    "SignIn",
]
