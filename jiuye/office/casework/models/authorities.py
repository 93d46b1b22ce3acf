"""Who may act for a resident at the counter: a relative whose authority is on file, from when until when, and what was done by it."""

from __future__ import annotations

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from jiuye.office.casework.states import RELATIONS
from jiuye.office.funds.models.triggers import refuse
from jiuye.office.registry.models import Person
from jiuye.office.registry.secrets import SealedField, mask_id_number, mask_name
from jiuye.office.staff.models import Account

FILE_IS_THERE = Q(file_bytes__gt=0) & ~Q(file_digest="") & ~Q(file_name="")


@pghistory.track()
class Authority(models.Model):
    """A relative's authority to act for a resident, proved by a file. It ends by itself, by the resident, or at the counter."""

    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="authorities", verbose_name="授权人（本人）"
    )
    holder_name = SealedField("代办人姓名")
    holder_id_number = SealedField("代办人身份证号")
    # The name as officers' accounts keep theirs (`Account.name_key`): whoever bears it, now or later, may be the relative.
    holder_key = models.CharField("代办人姓名索引", max_length=64, blank=True, default="")
    # Officers of that name when it was put on record: whoever takes another name later stays the relative.
    holder_accounts = ArrayField(
        models.BigIntegerField(), verbose_name="与代办人同名的经办账号", default=list
    )
    relation = models.CharField("与本人的关系", max_length=12, choices=list(RELATIONS.items()))
    start = models.DateField("起")
    until = models.DateField("止（不含）")
    file_name = models.CharField("文件名", max_length=200, blank=True, default="")
    file_digest = models.CharField("文件指纹（SHA-256）", max_length=64, blank=True, default="")
    file_kind = models.CharField("文件类型", max_length=20, blank=True, default="")
    file_bytes = models.IntegerField("字节数", default=0)
    recorded_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="登记人"
    )
    recorded_by_name = models.CharField("登记人姓名", max_length=60)
    recorded_on = models.DateField("登记日期")
    at = models.DateTimeField("登记时间")
    withdrawn_on = models.DateField("终止日期", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="终止人"
    )
    withdrawn_by_name = models.CharField("终止人姓名", max_length=60, blank=True, default="")
    withdrawn_because = models.CharField("终止的原因", max_length=200, blank=True, default="")
    erased_on = models.DateField("按保存期限删除的日期", null=True, blank=True)

    class Meta:
        verbose_name = "亲属授权"
        indexes = [models.Index(fields=["person", "until"])]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="authority_ends_after_start",
                condition=Q(until__gt=F("start")),
                violation_error_message="授权的结束日期必须晚于开始日期。",
            ),
            models.CheckConstraint(
                name="authority_relation_known",
                condition=Q(relation__in=list(RELATIONS)),
                violation_error_message="代办人与本人的关系不在目录内。",
            ),
            models.CheckConstraint(
                name="authority_is_proved",
                condition=FILE_IS_THERE | Q(erased_on__isnull=False, file_digest="", file_bytes=0),
                violation_error_message="授权必须有证明文件。",
            ),
            models.CheckConstraint(
                name="authority_names_its_holder",
                condition=~Q(holder_name=b"")
                & (~Q(holder_id_number=b"") & ~Q(holder_key="") | Q(erased_on__isnull=False)),
                violation_error_message="授权必须写明代办人的姓名和身份证号。",
            ),
            models.CheckConstraint(
                name="authority_withdrawn_whole",
                condition=Q(withdrawn_on__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_on__isnull=False, withdrawn_by__isnull=False),
                violation_error_message="终止授权必须写明日期和终止人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.get_relation_display()} {self.start} – {self.until}"

    @property
    def masked_holder(self) -> str:
        """The holder's name masked; the sentence itself where it was erased."""
        return self.holder_name if self.erased_on is not None else mask_name(self.holder_name)

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.holder_id_number)


class AuthorityUse(models.Model):
    """One act of applying that was done by an authority: of which case or matter, which act, before which officer. Appended, never edited."""

    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="uses", verbose_name="亲属授权"
    )
    about = models.CharField("所办的", max_length=40)  # case:12, matter:3
    number = models.CharField("办件编号", max_length=40)
    name = models.CharField("事项或政策", max_length=120)
    name_en = models.CharField("事项或政策英文名称", max_length=200, blank=True, default="")
    act = models.CharField("办理", max_length=30)
    before_name = models.CharField("经办人姓名", max_length=60)
    on_date = models.DateField("日期")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "凭授权办理的记录"
        indexes = [models.Index(fields=["authority", "at"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.authority_id} {self.about} {self.act}"


def not_accepted_by_holder(name: str) -> pgtrigger.Trigger:
    """Of a case or a matter: whoever accepts it is not of the officers who may be a relative that this resident ever authorised; and no such
    relative speaks for the applicant of what that officer has accepted.

    What was accepted before an authority was put on record is not undone by it. The function (migration 0016) looks with the rights of the
    tables' owner: the authority of a resident who moved to another county is hidden from whoever still has the case.
    """
    return refuse(
        name,
        "受理人不能是本人授权代办的亲属；请由另一位人员受理。",
        operation=pgtrigger.Insert | pgtrigger.Update,
        condition="NEW.accepted_by_id IS NOT NULL",
        needs=(
            "1 WHERE NOT (NEW.accepted_by_id IS DISTINCT FROM OLD.accepted_by_id "
            "AND casework_may_be_holder(NEW.person_id, NULL, NEW.accepted_by_id)) "
            "AND NOT (NEW.authority_id IS DISTINCT FROM OLD.authority_id "
            "AND casework_may_be_holder(NULL, NEW.authority_id, NEW.accepted_by_id))"
        ),
    )
