"""What other departments' registers say of our subjects: as they deliver it, dated, with its source.

The registry does not know what the facts mean: their names and types are the pack's, and whoever delivers hands in facts
that the rooms above have read. Values are booleans, numbers and texts; money and ratios are exact decimal numbers.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact

from jiuye.office.registry.models.employers import Employer
from jiuye.office.registry.models.facts import EmploymentSpell, ends_after_start, has_source
from jiuye.office.registry.models.people import Household, Person
from jiuye.office.registry.models.things import ENTITY_NAME, RegisteredThing
from jiuye.office.staff.models import Account, DateRange

# What a register can speak of, in the pack's words, with the model that holds it here.
REGISTER_SUBJECTS: dict[str, type[models.Model]] = {
    "person": Person,
    "household": Household,
    "employer": Employer,
    "hire": EmploymentSpell,
}
THING = "thing"  # everything else that the pack has an entity for
RECORD_SUBJECTS: dict[str, type[models.Model]] = {**REGISTER_SUBJECTS, THING: RegisteredThing}


def subject_column(entity: str) -> str:
    """The column of a record that holds a subject of the kind `entity`: its own, or that of things."""
    return f"{entity if entity in REGISTER_SUBJECTS else THING}_id"


class InexactValueError(TypeError):
    """A value that cannot be written exactly, such as a binary float."""

    def __init__(self, value: object) -> None:
        super().__init__(
            f"登记信息的值只能是是否、整数、十进制小数或文字，不能是 {type(value).__name__}（{value!r}）。"
        )


def facts_json(facts: Any) -> str:
    """The facts as JSON with exact numbers: `{"owed": 1234.56}`. Raises InexactValueError for a float."""
    if not isinstance(facts, dict):
        return json.dumps(facts, ensure_ascii=False)
    return "{" + ", ".join(f"{json.dumps(name)}: {_json(value)}" for name, value in facts.items()) + "}"


def _json(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if value is None or isinstance(value, (bool, int, str)):
        return json.dumps(value, ensure_ascii=False)
    raise InexactValueError(value)


class ExactEncoder(json.JSONEncoder):
    """Writes decimals as the numbers they are; Django's own would write text, Python's a float."""

    def encode(self, o: Any) -> str:
        return facts_json(o)


class ExactDecoder(json.JSONDecoder):
    """Reads 1234.56 as a decimal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})


@pghistory.track()
class RegisterDelivery(models.Model):
    """One delivery of a register about one kind of subject, as of a day.

    `complete` says that the whole register was delivered: from then on its silence about a subject is an answer.
    """

    register = models.CharField("登记簿", max_length=40)
    entity = models.CharField("对象", max_length=40)
    as_of = models.DateField("数据日期")
    complete = models.BooleanField("全量", default=False)
    row_count = models.IntegerField("条数", default=0)
    source = models.CharField("来源", max_length=60)
    delivered_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    imported_at = models.DateTimeField("入库时间")

    class Meta:
        verbose_name = "登记簿交换"
        indexes = [models.Index(fields=["register", "entity", "as_of"])]
        constraints = [
            has_source("register_delivery_has_source", "登记簿交换"),
            models.CheckConstraint(
                name="register_delivery_entity_known",
                condition=Q(entity__regex=ENTITY_NAME),
                violation_error_message="登记簿交换必须写明登记的是哪一类对象，用规则包里的名称。",
            ),
            models.CheckConstraint(
                name="register_delivery_names_its_register",
                condition=~Q(register="") & Q(row_count__gte=0),
                violation_error_message="登记簿交换必须写明是哪个登记簿，条数不能为负。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.as_of}"


def _no_overlap(entity: str, what: str) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=f"register_no_overlap_of_{entity}",
        expressions=[
            (entity, RangeOperators.EQUAL),
            ("register", RangeOperators.EQUAL),
            (DateRange(F("start"), F("until")), RangeOperators.OVERLAPS),
        ],
        condition=Q(**{f"{entity}__isnull": False}),
        violation_error_message=f"同一{what}在同一登记簿的两段信息时间重叠；请先结束前一段。",
    )


def _subject(entity: str, what: str) -> models.ForeignKey[Any, Any]:
    # The partial indexes below serve the key as well; a record leaves all but one of the five empty.
    return models.ForeignKey(
        RECORD_SUBJECTS[entity],
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="register_records",
        verbose_name=what,
    )


@pghistory.track()
class RegisterRecord(models.Model):
    """What one register says of one subject from `start` until `until` (first day after it). A fact left out is not known."""

    register = models.CharField("登记簿", max_length=40)
    person = _subject("person", "居民")
    household = _subject("household", "家庭")
    employer = _subject("employer", "用人单位")
    hire = _subject("hire", "招用")
    thing = _subject(THING, "登记事项")
    start = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    facts = models.JSONField("登记内容", encoder=ExactEncoder, decoder=ExactDecoder)
    source = models.CharField("来源", max_length=60)
    delivery = models.ForeignKey(
        RegisterDelivery, on_delete=models.PROTECT, related_name="records", verbose_name="登记簿交换"
    )
    imported_at = models.DateTimeField("入库时间")

    class Meta:
        verbose_name = "登记簿信息"
        indexes = [
            models.Index(
                fields=[entity, "register"],
                condition=Q(**{f"{entity}__isnull": False}),
                name=f"register_of_{entity}",
            )
            for entity in RECORD_SUBJECTS
        ]
        constraints = [
            ends_after_start("register_ends_after_start", "登记簿信息"),
            has_source("register_has_source", "登记簿信息"),
            models.CheckConstraint(
                name="register_has_one_subject",
                condition=Exact(
                    Func(
                        *(F(entity) for entity in RECORD_SUBJECTS),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                violation_error_message="登记簿信息必须属于一名居民、一户家庭、一家单位、一次招用或一个登记事项中的一个。",
            ),
            models.CheckConstraint(
                name="register_is_named",
                condition=~Q(register=""),
                violation_error_message="登记簿信息必须写明是哪个登记簿。",
            ),
            models.CheckConstraint(
                name="register_facts_have_names",
                condition=Exact(
                    Func(F("facts"), function="jsonb_typeof", output_field=models.TextField()),
                    models.Value("object"),
                ),
                violation_error_message="登记内容应当是一组“事实: 值”。",
            ),
            _no_overlap("person", "居民"),
            _no_overlap("household", "家庭"),
            _no_overlap("employer", "单位"),
            _no_overlap("hire", "招用"),
            _no_overlap(THING, "登记事项"),
        ]

    def __str__(self) -> str:
        return f"{self.register} {self.start}–{self.until or ''}"

    @property
    def entity(self) -> str:
        """Of whom it speaks; the pack's own kind where it is a thing."""
        found = next(name for name in RECORD_SUBJECTS if getattr(self, f"{name}_id") is not None)
        return self.thing.entity if self.thing is not None else found


class DeliveredRow(models.Model):
    """One dated row that a delivery added (`before` empty) or changed: what stood in it, and what the delivery wrote."""

    delivery = models.ForeignKey(
        RegisterDelivery, on_delete=models.CASCADE, related_name="rows", verbose_name="登记簿交换"
    )
    object_id = models.BigIntegerField()
    before = models.JSONField(null=True, blank=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "登记簿交换的行"

    def __str__(self) -> str:
        return f"{self.delivery} {self.object_id}"
