"""Taking in things that another department's register lists: a batch of one kind, with whose each is and what is said of it.

A thing that is not on record yet is written down with its owner; one that is may change its name, its owner and its place. A complete
delivery ends the things of its own list that it no longer mentions: what other registers say of them is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from jiuye.office.registry.deliveries import (
    PERMISSION,
    Delivered,
    DeliveryRefusedError,
    check_batch,
    opened,
    take_in,
)
from jiuye.office.registry.delivery_previews import SAMPLES, DeliveryPreview
from jiuye.office.registry.models import REGISTER_SUBJECTS, RegisterDelivery, RegisteredThing
from jiuye.office.registry.models.registers import THING
from jiuye.office.registry.models.things import ENTITY_NAME
from jiuye.office.registry.queries import division_of_thing
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped

LONGEST = {"key": 60, "name": 120}
SHOWN = 5  # examples of one mistake


@dataclass(frozen=True, slots=True)
class DeliveredThing:
    """One thing as a register delivers it. The owner may be left out of a thing that is on record."""

    key: str
    facts: Mapping[str, Any]
    name: str = ""
    person_id: int | None = None
    employer_id: int | None = None
    division_code: str | None = None

    @property
    def owned(self) -> bool:
        return (self.person_id, self.employer_id, self.division_code) != (None, None, None)


@unscoped("a register delivers in bulk, for a whole city")
def record_things(
    *,
    actor: Actor,
    register: str,
    entity: str,
    rows: Sequence[DeliveredThing],
    as_of: date,
    source: str,
    on: date,
    at: datetime,
    complete: bool = False,
    preview: DeliveryPreview | None = None,
) -> RegisterDelivery:
    """Take in a batch of things of the kind `entity`; delivering the same batch again changes nothing. With `preview` that is filled, and
    nothing is kept.

    `complete` needs a post for the whole city. Raises NotPermittedError where a thing lies, lay or comes to lie outside the actor's
    divisions; DeliveryRefusedError with every sentence for keys that are empty or stand twice, new things without an owner,
    and a batch older than the last one.
    """
    check_batch(register, [row.key for row in rows], as_of, source, on, _wrong(entity, rows))
    with opened(actor, register, entity, len(rows), as_of, source, complete, at) as (delivery, cursor):
        ids, changed = _keep(actor, delivery, rows, preview)
        said = [Delivered(ids[row.key], row.facts) for row in rows]
        also = changed + (_end(delivery, rows) if complete else [])
        take_in(cursor, delivery, said, actor, on, also=also, preview=preview)
    return delivery


def _wrong(entity: str, rows: Sequence[DeliveredThing]) -> list[str]:
    sentences = []
    if entity in (*REGISTER_SUBJECTS, THING) or not re.fullmatch(ENTITY_NAME, entity):
        sentences.append(
            _("“%(entity)s”不是登记事项的类别；请用规则包里的名称，居民、单位等的信息另外交换。")
            % {"entity": entity}
        )
    empty = sum(not row.key.strip() for row in rows)
    if empty:
        sentences.append(_("有%(count)d行没有编号；每个登记事项都要有编号。") % {"count": empty})
    for field, most in LONGEST.items():
        long = [row.key for row in rows if len(getattr(row, field)) > most]
        if long:
            words = {"key": _("编号"), "name": _("名称")}[field]
            sentences.append(
                _("%(what)s最多%(most)d个字，超过的有：%(keys)s。")
                % {"what": words, "most": most, "keys": _some(long)}
            )
    return sentences


def _some(keys: Sequence[str]) -> str:
    shown = "、".join(key[:40] for key in keys[:SHOWN])
    return shown if len(keys) <= SHOWN else _("%(some)s等%(count)d个") % {"some": shown, "count": len(keys)}


def _keep(
    actor: Actor,
    delivery: RegisterDelivery,
    rows: Sequence[DeliveredThing],
    preview: DeliveryPreview | None,
) -> tuple[dict[str, int], list[int]]:
    """Write the things down; returns their ids by key, and those whose own record changed."""
    standing = {
        thing.key: thing
        for thing in RegisteredThing.objects.select_related("person", "employer")
        .filter(entity=delivery.entity, key__in=[row.key for row in rows])
        .order_by("pk")
    }
    orphans = [row.key for row in rows if row.key not in standing and not row.owned]
    if orphans:
        raise DeliveryRefusedError(
            [
                _("没有登记过编号为%(keys)s的事项，这一批里也没有写明属于谁；请补上所属居民、单位或地方。")
                % {"keys": _some(orphans)}
            ]
        )
    made, changed = [], []
    for row in rows:
        thing = standing.get(row.key)
        if thing is None:
            made.append(_new(delivery, row))
        elif _differs(thing, row, delivery.register):
            require(
                actor, PERMISSION, division_of_thing(thing)
            )  # where it was; where it comes to lie is checked with the rest
            before = _shown(thing) if preview is not None else ()
            _change(thing, row, delivery.register)
            if preview is not None and len(preview.things) < SAMPLES:
                both = zip((_("名称"), _("归谁")), before, _shown(thing), strict=True)
                preview.things += [(thing.key, what, old, new) for what, old, new in both if old != new]
            changed.append(thing)
    RegisteredThing.objects.bulk_create(made, batch_size=5000)
    RegisteredThing.objects.bulk_update(
        changed, ["name", "person", "employer", "division", "until"], batch_size=5000
    )
    ids = {thing.key: thing.pk for thing in (*standing.values(), *made)}
    return ids, [thing.pk for thing in (*made, *changed)]


def _new(delivery: RegisterDelivery, row: DeliveredThing) -> RegisteredThing:
    return RegisteredThing(
        entity=delivery.entity,
        key=row.key,
        name=row.name,
        person_id=row.person_id,
        employer_id=row.employer_id,
        division_id=row.division_code,
        start=delivery.as_of,
        register=delivery.register,
        source=delivery.source,
        delivery=delivery,
        imported_at=delivery.imported_at,
    )


def _differs(thing: RegisteredThing, row: DeliveredThing, register: str) -> bool:
    owner = (row.person_id, row.employer_id, row.division_code)
    return (
        (thing.until is not None and thing.register == register)
        or (bool(row.name) and row.name != thing.name)
        or (row.owned and owner != (thing.person_id, thing.employer_id, thing.division_id))
    )


def _shown(thing: RegisteredThing) -> tuple[str, str]:
    """Its name, and whose it is: a resident's name masked."""
    owner = thing.person.masked_name if thing.person is not None else ""
    owner = owner or (thing.employer.name if thing.employer is not None else "")
    return thing.name, owner or (thing.division.name if thing.division is not None else "")


def _change(thing: RegisteredThing, row: DeliveredThing, register: str) -> None:
    """What the row says anew; what it leaves out stays. A thing that its own register lists again is on record again."""
    thing.name = row.name or thing.name
    if thing.register == register:
        thing.until = None
    if row.owned:
        thing.person_id, thing.employer_id, thing.division_id = (
            row.person_id,
            row.employer_id,
            row.division_code,
        )


def _end(delivery: RegisterDelivery, rows: Sequence[DeliveredThing]) -> list[int]:
    """End the things of this register's own list that the complete delivery leaves out; returns them."""
    gone = RegisteredThing.objects.filter(
        entity=delivery.entity, register=delivery.register, until__isnull=True
    ).exclude(key__in=[row.key for row in rows])
    keys = list(gone.order_by("pk").values_list("pk", flat=True))
    # Listed on this very day and taken back on it: it stood there for a day, since an interval is never empty.
    RegisteredThing.objects.filter(pk__in=keys, start=delivery.as_of).update(
        until=date.fromordinal(delivery.as_of.toordinal() + 1)
    )
    RegisteredThing.objects.filter(pk__in=keys, start__lt=delivery.as_of).update(until=delivery.as_of)
    return keys
