"""What a delivery would overwrite, found before anything is kept: how many subjects, and for some of them both values side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from jiuye.office.registry.models import REGISTER_SUBJECTS, RegisterDelivery
from jiuye.office.registry.models.registers import subject_column

SAMPLES = 20  # values that are shown with both


@dataclass(frozen=True, slots=True)
class Overwritten:
    """One value of a subject: as it stands, and as the delivery has it; None where the one or the other says nothing."""

    subject_id: int
    fact: str
    old: str | None
    new: str | None


@dataclass(slots=True)
class DeliveryPreview:
    """Handed to an operation that takes a delivery in: it is filled, and nothing is kept.

    Subjects of which the register said nothing so far (`new`), says something else (`changed`) or the same; those that a complete
    delivery leaves out (`ended`); how many values would be overwritten (`values`), and the first of them.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    values: int = 0
    samples: list[Overwritten] = field(default_factory=list)
    # Of things in a list: their own name and owner, (key, what, as it stands, as the delivery has it).
    things: list[tuple[str, str, str, str]] = field(default_factory=list)


def standing(delivery: RegisterDelivery) -> tuple[str, dict[str, Any]]:
    """Which records `r` of the register stand on the delivery's day, in SQL, and the values of its blanks."""
    key = subject_column(delivery.entity)
    found = (
        f"r.{key} IS NOT NULL AND r.register = %(register)s AND r.start <= %(day)s "
        "AND (r.until IS NULL OR r.until > %(day)s)"
    )
    if delivery.entity not in REGISTER_SUBJECTS:  # one register may speak of things of several kinds
        found += f" AND EXISTS (SELECT FROM registry_registeredthing g WHERE g.id = r.{key} AND g.entity = %(entity)s)"
    return found, {
        "register": delivery.register,
        "day": delivery.as_of,
        "entity": delivery.entity,
    }


def look_ahead(cursor: Any, delivery: RegisterDelivery, into: DeliveryPreview) -> None:
    """Fill `into` with what the staged delivery would do."""
    key = subject_column(delivery.entity)
    stands, values = standing(delivery)
    joined = f"delivered d LEFT JOIN registry_registerrecord r ON r.{key} = d.id AND {stands}"
    cursor.execute(
        "SELECT count(*) FILTER (WHERE r.id IS NULL), count(*) FILTER (WHERE r.facts <> d.facts), "
        f"count(*) FILTER (WHERE r.facts = d.facts) FROM {joined}",
        values,
    )
    into.new, into.changed, into.unchanged = cursor.fetchone()
    if delivery.complete:
        cursor.execute(
            f"SELECT count(*) FROM registry_registerrecord r WHERE {stands} "
            f"AND NOT EXISTS (SELECT FROM delivered d WHERE d.id = r.{key})",
            values,
        )
        (into.ended,) = cursor.fetchone()
    # A record is taken the place of as a whole: what it says and the delivery does not is lost as well.
    differing = (
        f"FROM delivered d JOIN registry_registerrecord r ON r.{key} = d.id AND {stands}, "
        "LATERAL jsonb_object_keys(r.facts) AS fact WHERE r.facts <> d.facts "
        "AND r.facts -> fact IS DISTINCT FROM d.facts -> fact"
    )
    cursor.execute(f"SELECT count(*) {differing}", values)
    (into.values,) = cursor.fetchone()
    cursor.execute(
        f"SELECT d.id, fact, r.facts ->> fact, d.facts ->> fact {differing} ORDER BY d.id, fact LIMIT {SAMPLES}",
        values,
    )
    into.samples = [Overwritten(*row) for row in cursor.fetchall()]
