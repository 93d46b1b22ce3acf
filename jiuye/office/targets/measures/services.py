"""Promised services of a plan (“131”): who was promised them, and who has had all of them, from the matters that promised them."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from jiuye.engine.basis.dates import Interval
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter, PromisedService, ServiceClosing
from jiuye.office.registry.models import Status
from jiuye.office.targets.measures.counting import Measure, Part, RecordLine
from jiuye.office.targets.states import PART_NAMES


def _promised(period: Interval) -> QuerySet[Any]:
    """Graduates on the real-name register who want work: registered in the period, and promised the services by that very registration (not
    what another item promises them). By its end `lacking` are not given in full and still owed, `closed` not given in full and closed with a
    reason."""
    registered = Status.objects.filter(
        person=OuterRef("person"), kind="unemployed_graduate", start__lte=OuterRef("decided_on")
    )
    promised = PromisedService.objects.filter(matter=OuterRef("pk"))
    given = Count("given", filter=Q(given__on_date__lt=period.end))
    short = promised.annotate(so_often=given).filter(so_often__lt=F("times"))
    then = Q(opened_on__isnull=True) | Q(opened_on__gte=period.end)
    shut = Exists(ServiceClosing.objects.filter(then, promised=OuterRef("pk"), on_date__lt=period.end))
    return (
        Matter.objects.filter(
            item_id__in=_registrations(),
            state="granted",
            decided_on__gte=period.start,
            decided_on__lt=period.end,
        )
        .filter(Exists(registered), Exists(promised))
        .annotate(
            counted_on=F("decided_on"),
            place=F("division_code"),
            lacking=Coalesce(_number_of(short.exclude(shut)), Value(0)),
            closed=Coalesce(_number_of(short.filter(shut)), Value(0)),
        )
        .select_related("person")
    )


def _registrations() -> list[str]:
    """The items of the pack that put graduates on the real-name register."""
    return [
        item.id
        for item in service_items().items.values()
        if any(row.do == "begin_status" and row.status == "unemployed_graduate" for row in item.follows)
    ]


def _number_of(rows: QuerySet[Any]) -> Func:
    """How many rows a sub-query has for the outer row."""
    return Func(
        Subquery(rows.order_by().values("pk")),
        function="ARRAY",
        template="cardinality(%(function)s%(expressions)s)",
        output_field=IntegerField(),
    )


def _line(matter: Any) -> RecordLine:
    if matter.lacking:
        what = gettext("%(item)s：还差 %(lacking)d 项服务")
    elif matter.closed:
        what = gettext("%(item)s：%(closed)d 项服务没有提供，已了结")
    else:
        what = gettext("%(item)s：服务已全部提供")
    return RecordLine(
        who=matter.masked_applicant,
        what=what % {"item": matter.item_name, "lacking": matter.lacking, "closed": matter.closed},
        counted_on=matter.counted_on,
        place=matter.place,
        source=matter.number,
    )


def _served(period: Interval) -> QuerySet[Any]:
    return _promised(period).filter(lacking=0, closed=0)


def _closed(period: Interval) -> QuerySet[Any]:
    return _promised(period).filter(lacking=0, closed__gt=0)


def _owed(period: Interval) -> QuerySet[Any]:
    return _promised(period).filter(lacking__gt=0)


# What was declined is not given: whoever had a service closed stays in the whole, beside those served and those still owed.
GRADUATES_SERVED = Measure(
    "graduates_served",
    (
        Part("served", PART_NAMES["served"], 1, _served, _line),
        Part("still_owed", PART_NAMES["still_owed"], 2, _owed, _line),
        Part("closed_unserved", PART_NAMES["closed_unserved"], 2, _closed, _line),
    ),
    share=True,
)
