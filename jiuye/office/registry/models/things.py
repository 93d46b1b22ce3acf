"""Things that other departments' registers speak of: a project, a post to be filled, a brand, a personnel file.

The registry does not know what kinds of things there are: they are the pack's entities, and a new one needs no code and no table. What
is said of a thing stands in `RegisterRecord`, dated and with its source, as what is said of a resident does.
"""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import GreaterThanOrEqual

from jiuye.office.registry.models.employers import Employer
from jiuye.office.registry.models.facts import ends_after_start, has_source
from jiuye.office.registry.models.people import Person
from jiuye.office.registry.models.places import Division

ENTITY_NAME = r"^[a-z][a-z0-9_]*$"


@pghistory.track()
class RegisteredThing(models.Model):
    """One thing of the kind `entity` (the pack's name), known to every register by its `key`, and whose it is.

    It stands in the list of `register` from `start` until `until` (first day after it). `division` is where it lies, which need not
    be where its owner is.
    """

    entity = models.CharField("类别", max_length=40)
    key = models.CharField("编号", max_length=60)
    name = models.CharField("名称", max_length=120, blank=True, default="")
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="things", verbose_name="所属居民"
    )  # fmt: skip
    employer = models.ForeignKey(
        Employer, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="things", verbose_name="所属单位"
    )  # fmt: skip
    division = models.ForeignKey(
        Division, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="所在地"
    )
    start = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    register = models.CharField("登记簿", max_length=40)
    source = models.CharField("来源", max_length=60)
    delivery = models.ForeignKey(
        "registry.RegisterDelivery",
        on_delete=models.PROTECT,
        related_name="things",
        verbose_name="登记簿交换",
    )
    imported_at = models.DateTimeField("入库时间")

    class Meta:
        verbose_name = "登记事项"
        indexes = [
            *(
                models.Index(
                    fields=[owner, "entity"],
                    condition=Q(**{f"{owner}__isnull": False}),
                    name=f"thing_of_{owner}",
                )
                for owner in ("person", "employer")
            ),
            models.Index(fields=["entity", "name"], name="thing_by_name"),
        ]
        constraints = [
            ends_after_start("thing_ends_after_start", "登记事项"),
            has_source("thing_has_source", "登记事项"),
            models.UniqueConstraint(
                fields=["entity", "key"],
                name="thing_once_a_key",
                violation_error_message="同一类登记事项的编号不能重复。",
            ),
            models.CheckConstraint(
                name="thing_has_key_and_register",
                condition=~Q(key="") & ~Q(register="") & Q(entity__regex=ENTITY_NAME),
                violation_error_message="登记事项必须写明类别、编号和登记簿。",
            ),
            models.CheckConstraint(
                name="thing_has_owner",
                condition=GreaterThanOrEqual(
                    Func(
                        F("person"),
                        F("employer"),
                        F("division"),
                        function="num_nonnulls",
                        output_field=models.IntegerField(),
                    ),
                    1,
                ),
                violation_error_message="登记事项必须写明属于哪位居民、哪个单位或哪个地方。",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.key
