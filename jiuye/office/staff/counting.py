"""Several counts in one question to the database: a page with many figures asks once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Count, IntegerField, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from jiuye.office.staff.asked_again import rows_of
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor

Lists = Mapping[str, Callable[[Actor], QuerySet[Any]] | None]


def counted_together(
    actor: Actor, name: str, lists: Lists, *, by: Hashable = (), made_of: tuple[object, ...] = ()
) -> dict[str, int | None]:
    """How many rows each of these lists has, by name; None where there is no list, since the actor may not see it. One query.

    Its text is kept (`asked_again.rows_of`) under the name, the actor's posts and `by`: the lists must be made of these, of the actor that
    they are handed and of `made_of` alone. Colleagues with the same posts ask the same text, each about their own account.
    """
    there = {key: rows for key, rows in lists.items() if rows is not None}
    counts: dict[str, int | None] = dict.fromkeys(lists)
    if there:
        key = (actor.kind, actor.posts, tuple(there), by)
        (found,) = rows_of(
            name,
            key,
            made_of,
            lambda account: _question(replace(actor, account_id=account), there),
            about=[actor.account_id],
        )
        counts |= found
    return counts


def _question(actor: Actor, lists: Mapping[str, Callable[[Actor], QuerySet[Any]]]) -> QuerySet[Any]:
    """One row with a column for each list; the actor's own account is what gives it its row."""
    asked = {
        name: Coalesce(Subquery(_count(rows(actor))), 0, output_field=IntegerField())
        for name, rows in lists.items()
    }
    return Account.objects.filter(pk=actor.account_id).order_by().values(**asked)


def _count(rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.order_by().values(all_of_them=Value(1)).annotate(how_many=Count("*")).values("how_many")
