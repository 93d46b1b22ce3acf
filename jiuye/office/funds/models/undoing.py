"""An entry that was made wrongly: it stays on record, taken back by another person with the reason, and counts nowhere."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.triggers import refuse
from jiuye.office.staff.models import Account


class StandingEntries(models.Manager[Any]):
    """The entries that count: one that was taken back counts nowhere, and is found through `every` alone. A look-up across a relation
    does not pass here and says `undone_on__isnull=True` itself."""

    def get_queryset(self) -> models.QuerySet[Any]:
        return super().get_queryset().filter(undone_on__isnull=True)


class Undoable(models.Model):
    """Who took the entry back, when and why; empty where it stands. Whoever has these columns has `recorded_by` as well."""

    undone_on = models.DateField("撤销日期", null=True, blank=True)
    undone_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤销人"
    )
    undone_because = models.TextField("撤销理由", blank=True, default="")

    every = models.Manager()
    objects = StandingEntries()

    class Meta:
        abstract = True
        default_manager_name = "objects"


def once_a_reference(name: str) -> models.UniqueConstraint:
    """A bank reference books one entry; taken back, it is free for the one that is right."""
    return models.UniqueConstraint(
        fields=["bank_reference"],
        condition=Q(undone_on__isnull=True),
        name=name,
        violation_error_message="这个银行流水号已经登记过。",
    )


def undone_whole(name: str, sentence: str, *also: str) -> models.CheckConstraint:
    """All that is said of taking it back is there, with these columns besides, or none of it."""
    columns = ("undone_on", "undone_by", *also)
    stands = Q(**{f"{column}__isnull": True for column in columns}, undone_because="")
    taken_back = Q(**{f"{column}__isnull": False for column in columns}) & ~Q(undone_because="")
    return models.CheckConstraint(name=name, condition=stands | taken_back, violation_error_message=sentence)


def undone_by_another(name: str, sentence: str) -> models.CheckConstraint:
    """Who made the entry does not take it back."""
    return models.CheckConstraint(
        name=name,
        condition=Q(undone_by__isnull=True) | ~Q(undone_by=F("recorded_by")),
        violation_error_message=sentence,
    )


def only_undone_once(name: str, sentence: str, *kept: str) -> pgtrigger.Trigger:
    """The entry keeps these columns, and is taken back once."""
    changed = [f"OLD.{column} <> NEW.{column}" for column in kept]
    refused = " OR ".join(["OLD.undone_on IS NOT NULL", "NEW.undone_on IS NULL", *changed])
    return refuse(name, sentence, operation=pgtrigger.Update, condition=refused)
