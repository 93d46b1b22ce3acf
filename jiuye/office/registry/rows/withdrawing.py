"""Taking a delivery of rows back as one: what it added is deleted, what it changed stands again as before.

It is refused, with the reason, where later work rests on it: a later delivery of the same kind, a row that was changed since, or one that
something else points at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import models, transaction
from django.db.models.deletion import ProtectedError
from django.utils.translation import gettext as _

from jiuye.office.registry.deliveries import DeliveryRefusedError, require_over_the_city
from jiuye.office.registry.models import DeliveredRow, RegisterDelivery
from jiuye.office.registry.rows.delivering import delivered_whole, require_over, tell
from jiuye.office.registry.rows.kinds import RowKind
from jiuye.office.registry.signals import subjects_gone
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped

# (the kind, keys of rows that would be deleted) → the sentence of what rests on them; nothing where nothing does.
Resting = Callable[[RowKind, list[int]], str]


@unscoped("a register's subjects are found among everyone on record")
def withdraw_rows(
    *,
    kinds: Mapping[str, RowKind],
    resting: Resting,
    actor: Actor,
    number: int,
    on: date,
    at: datetime,
) -> int:
    """Take the delivery of that number back; returns how many rows it had written. It may be delivered again.

    Raises NotPermittedError outside the actor's divisions, DeliveryRefusedError where there is no such delivery of rows or something rests
    on it.
    """
    with (
        transaction.atomic(),
        pghistory.context(
            operation="registry.withdraw_delivery", account=actor.account_id, at=at.isoformat()
        ),
    ):
        delivery = (
            RegisterDelivery.objects.select_for_update().filter(pk=number, entity__in=list(kinds)).first()
        )
        if delivery is None:
            raise DeliveryRefusedError([_("没有编号为%(number)d的可撤回的交换。") % {"number": number}])
        kind = kinds[delivery.entity]
        later = RegisterDelivery.objects.filter(entity=kind.name, pk__gt=number).order_by("pk").first()
        if later is not None:
            raise DeliveryRefusedError(
                [_("之后又收过同一种信息（编号%(later)d）；请先撤回那一批。") % {"later": later.pk}]
            )
        if delivery.complete:
            require_over_the_city(actor)
        written = list(DeliveredRow.objects.filter(delivery=delivery).order_by("pk"))
        rows = kind.model._default_manager.in_bulk([one.object_id for one in written])
        owners = _owners(kind, rows.values())
        require_over(kind, owners, actor)
        _refuse_changed(kind, written, rows)
        gone = [one.object_id for one in written if one.before is None]
        if sentence := resting(kind, gone):
            raise DeliveryRefusedError([sentence])
        try:  # first what was added, so that what it took the place of finds room
            kind.model._default_manager.filter(pk__in=gone).delete()
        except ProtectedError as error:
            raise DeliveryRefusedError(
                [_("已有别的登记依赖这一批的信息，不能撤回；请先处理那些登记。")]
            ) from error
        _put_back(kind, [(rows[one.object_id], one.before) for one in written if one.before is not None])
        for name, keys in _owners(kind, rows.values()).items():
            owners[name] |= keys
        if kind.settle is not None:
            kind.settle(owners, on)
        # Gone before anybody is decided anew: what was delivered whole must not be read as that any more.
        silence_changed = delivery.complete and not delivered_whole(kind, but=delivery)
        delivery.delete()
        if gone:
            subjects_gone.send(sender=kind.model, entity=kind.subject or kind.name, keys=gone, on=on, at=at)
        tell(kind, owners, on=on, at=at, everyone=silence_changed)
        return len(written)


def _owners(kind: RowKind, rows: Any) -> dict[str, set[int]]:
    return {
        name: {getattr(row, name) for row in rows if getattr(row, name) is not None} for name in kind.concerns
    }


def _refuse_changed(kind: RowKind, written: list[DeliveredRow], rows: Mapping[int, models.Model]) -> None:
    changed = [
        one.object_id
        for one in written
        if one.object_id not in rows
        or any(
            getattr(rows[one.object_id], name) != _value(kind, name, value)
            for name, value in one.after.items()
        )
    ]
    if changed:
        raise DeliveryRefusedError(
            [
                _("有%(count)d条在入库后又改过（例如编号%(example)d），不能整批撤回；请逐条更正。")
                % {"count": len(changed), "example": changed[0]}
            ]
        )


def _value(kind: RowKind, name: str, value: Any) -> Any:
    """What JSON holds as the model has it: dates are texts there."""
    return kind.model._meta.get_field(name).to_python(value)


def _put_back(kind: RowKind, changed: list[tuple[models.Model, Mapping[str, Any]]]) -> None:
    fields = set()
    for row, before in changed:
        for name, value in before.items():
            setattr(row, name, _value(kind, name, value))
            fields.add(kind.model._meta.get_field(name).name)
    if changed:
        kind.model._default_manager.bulk_update(
            [row for row, _before in changed], sorted(fields), batch_size=5_000
        )
