"""The rows of skills that registers deliver: certificates, courses and apprenticeships; they are kept by the operations of this room."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from jiuye.office.registry.rows.kinds import EMPLOYER, PERSON, Column, RowKind
from jiuye.office.registry.rows.reading import Link
from jiuye.office.skills.models import Apprenticeship, Certificate, TrainingEnrolment
from jiuye.office.skills.operations import keep_delivered
from jiuye.office.skills.states import (
    APPRENTICESHIP_LEVELS,
    CERTIFICATE_KINDS,
    OCCUPATION_CATEGORIES,
    PROVIDER_KINDS,
    SKILL_LEVELS,
    TRAINING_KINDS,
)

CERTIFICATE = RowKind(
    name="certificate",
    label="证书",
    model=Certificate,
    columns=(
        Column(PERSON, "person_id", "person", required=True),
        Column("证书种类", "kind", "choice", required=True, choices=CERTIFICATE_KINDS),
        Column("证书编号", "number", "text", required=True),
        Column("职业（工种）", "occupation_name", "text", required=True),
        Column("职业代码", "occupation_code", "text"),
        Column("等级", "level", "choice", choices=SKILL_LEVELS),
        Column("职业类别", "category", "choice", choices=OCCUPATION_CATEGORIES),
        Column("紧缺职业（工种）", "shortage", "yes"),
        Column("已享受培训补贴", "training_subsidised", "yes"),
        Column("发证日期", "issued_on", "date", required=True, past=True),
        Column("发证机构", "issuer", "text"),
    ),
    key=("number",),
    person="person_id",
    keep=keep_delivered,
)
TRAINING = RowKind(
    name="training",
    label="培训",
    model=TrainingEnrolment,
    columns=(
        Column(PERSON, "person_id", "person", required=True),
        Column("培训项目", "course_name", "text", required=True),
        Column("培训类别", "kind", "choice", required=True, choices=TRAINING_KINDS),
        Column("培训机构", "provider", "text"),
        Column("机构类别", "provider_kind", "choice", choices=PROVIDER_KINDS),
        Column("列入补贴性培训目录", "subsidised", "yes"),
        Column("课时", "class_hours", "number"),
        Column("开课日期", "start", "date", required=True, past=True),
        Column("结业日期", "finished_on", "date", past=True),
        Column("取得证书种类", "certificate_kind", "choice", choices=CERTIFICATE_KINDS),
        Column("证书编号", "certificate_id", "certificate"),
    ),
    key=("person_id", "course_name", "start"),
    person="person_id",
    keep=keep_delivered,
)
APPRENTICESHIP = RowKind(
    name="apprenticeship",
    label="新型学徒",
    model=Apprenticeship,
    columns=(
        Column(PERSON, "person_id", "person", required=True),
        Column(EMPLOYER, "employer_id", "employer", required=True),
        Column("培养机构", "school", "text"),
        Column("职业（工种）", "occupation_name", "text"),
        Column("培养等级", "level", "choice", required=True, choices=APPRENTICESHIP_LEVELS),
        Column("培养起日", "start", "date", required=True),
        Column("培养止日", "until", "last_day", required=True),
        Column("证书编号", "certificate_id", "certificate"),
    ),
    key=("person_id", "start"),
    person="person_id",
    employer="employer_id",
    keep=keep_delivered,
)
SKILL_KINDS: dict[str, RowKind] = {kind.name: kind for kind in (CERTIFICATE, TRAINING, APPRENTICESHIP)}


def _certificates(numbers: set[str]) -> dict[str, int]:
    rows = Certificate.objects.filter(number__in=numbers).order_by("pk").values_list("number", "pk")
    return {number.upper(): key for number, key in rows}


SKILL_LINKS: dict[str, Link] = {
    "certificate": Link(
        _certificates, gettext_noop("没有编号为“%(value)s”的证书；请先交换证书，或核对编号。"), told=True
    )
}
