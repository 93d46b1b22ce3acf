"""Several counts in one question to the database: a page with many figures asks once."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor


def counted_together(actor: Actor, **found: QuerySet[Any] | None) -> dict[str, int | None]:
    """How many rows each of these lists has, by name; None where there is no list, since the actor may not see it. One query."""
    asked = {
        name: Coalesce(Subquery(_count(rows)), 0, output_field=IntegerField())
        for name, rows in found.items()
        if rows is not None
    }
    counts: dict[str, int | None] = dict.fromkeys(found)
    counts |= Account.objects.filter(pk=actor.account_id).values(**asked).get() if asked else {}
    return counts


def _count(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by().values(all_of_them=Value(1)).annotate(how_many=Count("*")).values("how_many")
