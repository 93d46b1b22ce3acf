"""What is kept beside a case: the papers that prove something, the signatures under its approval, reviews of a refusal."""

from __future__ import annotations

from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.casework.models.cases import Case
from jiuye.office.casework.states import EVIDENCE_KINDS, NOT_TO_APPROVE
from jiuye.office.funds.models.triggers import refuse, took_none
from jiuye.office.registry.secrets import SealedField
from jiuye.office.staff.models import Account

FILE_IS_WHOLE = Q(kind="file", file_bytes__gt=0) & ~Q(file_digest="") & ~Q(file_name="") | ~Q(
    kind="file"
) & Q(file_digest="", file_bytes=0)


class PaperGiven(models.Model):
    """What proves one point: a register's answer, a file, or an original seen at the counter. For cases, and for matters above."""

    evidence_id = models.CharField("材料", max_length=60)
    kind = models.CharField("形式", max_length=10, choices=list(EVIDENCE_KINDS.items()))
    file_name = models.CharField("文件名", max_length=200, blank=True, default="")
    file_digest = models.CharField("文件指纹（SHA-256）", max_length=64, blank=True, default="")
    file_kind = models.CharField("文件类型", max_length=20, blank=True, default="")
    file_bytes = models.IntegerField("字节数", default=0)
    said = models.TextField("说明", blank=True, default="")
    given_by_name = models.CharField("提交人", max_length=60)
    on_date = models.DateField("日期")
    at = models.DateTimeField("时间")

    class Meta:
        abstract = True

    @property
    def is_picture(self) -> bool:
        """Whether the file is one that every browser shows within a page."""
        return self.file_kind in ("png", "jpeg")


class CaseEvidence(PaperGiven):
    """What proves one point of a case. Appended, never edited."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="evidence", verbose_name="办件")

    class Meta:
        verbose_name = "办件材料"
        indexes = [models.Index(fields=["case", "evidence_id"])]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="case_evidence_file_is_whole",
                condition=FILE_IS_WHOLE,
                violation_error_message="上传的材料必须有文件名、指纹和大小。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.evidence_id} {self.kind}"


class Signature(models.Model):
    """One signature under an approval. As many as the band of the amount takes; the last one approves the case."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="signatures", verbose_name="办件")
    round = models.IntegerField("签批轮次")
    ordinal = models.IntegerField("第几签")
    needed = models.IntegerField("共需几签")
    amount_fen = models.BigIntegerField("签批金额")
    signed_by = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", verbose_name="签批人")
    signed_by_name = models.CharField("签批人姓名", max_length=60)
    on_date = models.DateField("日期")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "签批"
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            refuse(
                "signature_by_another_person",
                "签批人不能是代办、受理或审核过这件的人；请由另一位审批人员签批。",
                operation=pgtrigger.Insert,
                needs=(
                    "1 FROM casework_case WHERE id = NEW.case_id AND accepted_by_id IS DISTINCT FROM NEW.signed_by_id "
                    "AND reviewed_by_id IS DISTINCT FROM NEW.signed_by_id "
                    "AND "
                    + took_none(
                        "casework_caseevent",
                        about="e.case_id = NEW.case_id",
                        acts=NOT_TO_APPROVE,
                        account="NEW.signed_by_id",
                    )
                ),
            ),
            refuse(
                "signature_under_this_round",
                "办件不在待审批的状态，或者金额、轮次已经变了；请看最新状态再签批。",
                operation=pgtrigger.Insert,
                needs=(
                    "1 FROM casework_case WHERE id = NEW.case_id AND state = 'publicised' "
                    "AND signing_round = NEW.round AND amount_fen = NEW.amount_fen"
                ),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "round", "signed_by"],
                name="signature_once_a_person",
                violation_error_message="同一人对同一办件只能签批一次；请由另一位审批人员签批。",
            ),
            models.UniqueConstraint(
                fields=["case", "round", "ordinal"],
                name="signature_in_order",
                violation_error_message="这一签已经有人签了；请看最新状态。",
            ),
            models.CheckConstraint(
                name="signature_counted_from_one",
                condition=Q(ordinal__gte=1, ordinal__lte=F("needed")),
                violation_error_message="签批的次序必须在 1 到所需人数之间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.ordinal}/{self.needed}"


ANOTHER_PERSON = Q(decided_by__isnull=True) | Q(refused_by__isnull=True) | ~Q(decided_by=F("refused_by"))
DECIDED_WHOLE = Q(decided_on__isnull=True, decided_by__isnull=True, overturned__isnull=True, words="") | (
    Q(decided_on__isnull=False, decided_by__isnull=False, overturned__isnull=False) & ~Q(words="")
)


class ReviewOfRefusal(models.Model):
    """Somebody asks that a refusal be looked at again (复核); another officer than the one who refused decides. For cases, and for matters above.

    Each kind says which column names what was refused (`of`), with which permission it is decided, and which columns of what was refused
    name those who had a hand in it: none of them decides.
    """

    of: ClassVar[str]
    decided_with: ClassVar[str]
    hands: ClassVar[tuple[str, ...]]

    text = models.TextField("异议内容")
    contact = SealedField("联系方式")
    asked_on = models.DateField("提出日期")
    asked_by_name = models.CharField("提出人", max_length=60)
    refused_on = models.DateField("不予支付日期")
    refused_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="原决定人"
    )
    due_on = models.DateField("复核期限", null=True, blank=True)
    decided_on = models.DateField("复核日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    overturned = models.BooleanField("撤销原决定", null=True, blank=True)
    words = models.TextField("复核意见", blank=True, default="")

    class Meta:
        abstract = True

    @property
    def refused(self) -> Any:
        """The case, matter or loan that was refused."""
        return getattr(self, self.of)

    @property
    def had_a_hand(self) -> set[int]:
        """The accounts of those who refused it or took a step before: whether that was right is not theirs to say."""
        found = {getattr(self.refused, f"{column}_id") for column in self.hands} | {self.refused_by_id}
        return found - {None}


def review_constraints(name: str, *, of: str, one_at_a_time: str) -> list[models.BaseConstraint]:
    """What is never false of a request for review, whatever was refused: `name` begins each constraint's, `of` is the column of the thing."""
    return [
        models.CheckConstraint(
            name=f"{name}_has_words",
            condition=~Q(text=""),
            violation_error_message="申请复核必须写明理由。",
        ),
        models.UniqueConstraint(
            fields=[of],
            condition=Q(decided_on__isnull=True),
            name=f"{name}_one_at_a_time",
            violation_error_message=one_at_a_time,
        ),
        models.CheckConstraint(
            name=f"{name}_by_another_person",
            condition=ANOTHER_PERSON,
            violation_error_message="复核人不能是原决定人；请由另一位审批人员复核。",
        ),
        models.CheckConstraint(
            name=f"{name}_decided_whole",
            condition=DECIDED_WHOLE,
            violation_error_message="复核必须写明日期、复核人、结论和意见。",
        ),
    ]


@pghistory.track()
class RefusalReview(ReviewOfRefusal):
    """A refusal of a case that is looked at again."""

    of = "case"
    decided_with = "casework.approve"
    hands = ("accepted_by", "reviewed_by")
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="refusal_reviews", verbose_name="办件"
    )

    class Meta:
        verbose_name = "不予支付的复核"
        constraints = review_constraints(
            "refusal_review", of="case", one_at_a_time="这件办件已有复核在办；请等复核结果。"
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.asked_on}"
