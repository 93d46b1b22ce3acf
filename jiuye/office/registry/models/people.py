"""Households and residents."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from jiuye.office.registry.models.places import Division
from jiuye.office.registry.secrets import SealedField, mask_id_number, mask_name, mask_phone
from jiuye.office.registry.states import HUKOU_KINDS, SEXES


class NameGrams(models.Func):
    """Every character of a name and every two that stand together, in small letters (a function of migration 0006)."""

    function = "registry_name_grams"
    output_field = ArrayField(models.TextField())


@pghistory.track()
class Household(models.Model):
    """People registered together. Income is what the civil-affairs register reports, in fen a month."""

    division = models.ForeignKey(
        Division, on_delete=models.PROTECT, related_name="+", verbose_name="所在社区（村）"
    )
    monthly_income_fen = models.BigIntegerField("家庭月收入", null=True, blank=True)
    # That of the register which delivers it; empty for a household that was registered at a counter.
    number = models.CharField("户号", max_length=40, blank=True, default="")
    source = models.CharField("来源", max_length=60)

    class Meta:
        verbose_name = "家庭"
        constraints = [
            models.CheckConstraint(
                name="household_income_not_negative",
                condition=Q(monthly_income_fen__isnull=True) | Q(monthly_income_fen__gte=0),
                violation_error_message="家庭收入不能为负。",
            ),
            models.CheckConstraint(
                name="household_has_source",
                condition=~Q(source=""),
                violation_error_message="家庭信息必须写明来源。",
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=~Q(number=""),
                name="household_number_once",
                violation_error_message="这个户号已登记在另一户。",
            ),
        ]

    def __str__(self) -> str:
        return f"家庭 {self.pk}"


@pghistory.track()
class Person(models.Model):
    """A resident by real name. The ID number and phone are sealed; the index finds them again exactly."""

    name = models.CharField("姓名", max_length=60)
    sex = models.CharField("性别", max_length=6, choices=list(SEXES.items()))
    birth_date = models.DateField("出生日期", null=True, blank=True)
    death_date = models.DateField("死亡日期", null=True, blank=True)
    id_number = SealedField("身份证号")
    id_number_index = models.BinaryField("身份证号索引", max_length=32, unique=True)
    phone = SealedField("手机号")
    phone_index = models.BinaryField("手机号索引", max_length=32, null=True, blank=True, db_index=True)
    bank_account = SealedField("银行账号")
    bank_name = models.CharField("开户行", max_length=60, blank=True, default="")
    hukou_kind = models.CharField(
        "户口性质", max_length=6, choices=list(HUKOU_KINDS.items()), blank=True, default=""
    )
    hukou_division = models.ForeignKey(
        Division, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="户籍地"
    )
    residence_division = models.ForeignKey(
        Division, on_delete=models.PROTECT, related_name="residents", verbose_name="常住地"
    )
    household = models.ForeignKey(
        Household,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="members",
        verbose_name="家庭",
    )
    address = models.CharField("住址", max_length=200, blank=True, default="")
    source = models.CharField("来源", max_length=60)
    registered_on = models.DateField("登记日期")

    class Meta:
        verbose_name = "居民"
        triggers = [
            # However it came to be known (a counter, a file, a register): nobody acts by the account of who has died.
            pgtrigger.Trigger(
                name="account_shut_at_death",
                operation=pgtrigger.Update,
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.death_date IS NOT NULL AND OLD.death_date IS NULL"),
                func=(
                    "WITH shut AS (UPDATE staff_account SET is_active = false "
                    "WHERE kind = 'resident' AND subject_key = NEW.id::text AND is_active RETURNING id) "
                    "INSERT INTO staff_accountact (account_id, act, by_id, at, because) "
                    "SELECT id, 'shut', NULL, now(), '登记显示本人已去世' FROM shut; RETURN NULL;"
                ),
            )
        ]
        indexes = [
            models.Index(fields=["residence_division", "id"]),
            # Search by likeness.
            GinIndex(name="person_name_trigrams", fields=["name"], opclasses=["gin_trgm_ops"]),
            # Search by part of a name: most names have two or three characters, too few for trigrams.
            GinIndex(NameGrams("name"), name="person_name_grams"),
        ]
        constraints = [
            models.CheckConstraint(
                name="person_dies_after_birth",
                condition=Q(death_date__isnull=True)
                | Q(birth_date__isnull=True)
                | Q(death_date__gte=models.F("birth_date")),
                violation_error_message="死亡日期不能早于出生日期。",
            ),
            models.CheckConstraint(
                name="person_has_name_and_source",
                condition=~Q(name="") & ~Q(source=""),
                violation_error_message="居民必须有姓名和信息来源。",
            ),
            models.CheckConstraint(
                name="person_sex_known",
                condition=Q(sex__in=list(SEXES)),
                violation_error_message="性别只能是男或女。",
            ),
        ]

    def __str__(self) -> str:
        return mask_name(self.name)

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone)

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)
