"""Taking in what another department's register delivers: one batch about one kind of subject, all of it or nothing.

A delivery says what the register holds as of a day. What it says anew begins on that day and ends what was said before;
what it repeats stays as it is. A complete delivery also ends what the register no longer mentions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext as _

from jiuye.office.registry.delivery_previews import DeliveryPreview, look_ahead, standing
from jiuye.office.registry.models import REGISTER_SUBJECTS, Division, RegisterDelivery
from jiuye.office.registry.models.registers import facts_json, subject_column
from jiuye.office.registry.signals import employers_changed, many_people_changed, people_changed
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped

PERMISSION = "registry.deliver"
DECIDED_AT_ONCE = 500  # more subjects than this are left to the next sweep
# The division in which each kind of subject is: the actor must be allowed there.
_PLACES = {
    "person": "SELECT id, residence_division_id AS division FROM registry_person",
    "household": "SELECT id, division_id AS division FROM registry_household",
    "employer": "SELECT id, division_id AS division FROM registry_employer",
    "hire": "SELECT w.id, p.residence_division_id AS division FROM registry_employmentspell w "
    "JOIN registry_person p ON p.id = w.person_id",
}
# A thing is where its person lives, its employer is or, belonging to neither, where it lies.
_PLACES_OF_THINGS = (
    "SELECT g.id, coalesce(p.residence_division_id, e.division_id, g.division_id) AS division FROM registry_registeredthing g "
    "LEFT JOIN registry_person p ON p.id = g.person_id LEFT JOIN registry_employer e ON e.id = g.employer_id "
    "WHERE g.entity = %(entity)s"
)
_PEOPLE = {
    "person": "SELECT c.id FROM changed c ORDER BY 1",
    "household": "SELECT p.id FROM registry_person p JOIN changed c ON c.id = p.household_id ORDER BY 1",
    "hire": "SELECT DISTINCT w.person_id FROM registry_employmentspell w JOIN changed c ON c.id = w.id ORDER BY 1",
}
_OWNERS_OF_THINGS = (
    "SELECT DISTINCT g.{owner} FROM registry_registeredthing g JOIN changed c ON c.id = g.id "
    "WHERE g.{owner} IS NOT NULL ORDER BY 1"
)


class DeliveryRefusedError(ValueError):
    """The delivery contradicts itself or what is on record. `sentences` say why, one each."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__("".join(sentences))


@dataclass(frozen=True, slots=True)
class Delivered:
    """What the register says of one subject, by fact: booleans, integers, decimals, texts; None where it says nothing."""

    subject_id: int
    facts: Mapping[str, Any]


@unscoped("a register delivers in bulk; its subjects are checked against the actor's places")
def record_delivery(
    *,
    actor: Actor,
    register: str,
    entity: str,
    rows: Sequence[Delivered],
    as_of: date,
    source: str,
    on: date,
    at: datetime,
    complete: bool = False,
    preview: DeliveryPreview | None = None,
) -> RegisterDelivery:
    """Take in a batch; delivering the same batch again changes no record. With `preview` that is filled, and nothing is kept.

    `complete` needs a post for the whole city. Raises NotPermittedError where a subject lies outside the actor's divisions,
    DeliveryRefusedError for subjects that are not on record or stand twice, and for a batch older than the last one.
    """
    sentences = []
    if entity not in REGISTER_SUBJECTS:
        sentences.append(
            _("登记簿不能登记“%(entity)s”的信息；可以登记的有：%(known)s。")
            % {"entity": entity, "known": "、".join(REGISTER_SUBJECTS)}
        )
    check_batch(register, [row.subject_id for row in rows], as_of, source, on, sentences)
    with opened(actor, register, entity, len(rows), as_of, source, complete, at) as (delivery, cursor):
        take_in(cursor, delivery, rows, actor, on, preview=preview)
    return delivery


def require_over_the_city(actor: Actor) -> None:
    """What a register says whole it says of everybody. Raises NotPermittedError without a post for the whole city."""
    for city in Division.objects.filter(kind="city").order_by("code"):
        require(actor, PERMISSION, city.code)


@contextmanager
def opened(
    actor: Actor,
    register: str,
    entity: str,
    count: int,
    as_of: date,
    source: str,
    complete: bool,
    at: datetime,
) -> Iterator[tuple[RegisterDelivery, Any]]:
    """A transaction with the delivery written down in it and a cursor; what is raised inside takes all of it back.

    Raises NotPermittedError for a complete delivery without a post for the whole city, DeliveryRefusedError for one that is older
    than the last.
    """
    if complete:
        require_over_the_city(actor)
    with (
        transaction.atomic(),
        pghistory.context(operation="registry.record_delivery", account=actor.account_id, register=register),
        connection.cursor() as cursor,
    ):
        # One delivery of a register at a time, so that two do not both end the same record.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"register {register} {entity}"])
        _check_order(register, entity, as_of)
        delivery = RegisterDelivery.objects.create(
            register=register,
            entity=entity,
            as_of=as_of,
            complete=complete,
            row_count=count,
            source=source,
            delivered_by_id=actor.account_id,
            imported_at=at,
        )
        yield delivery, cursor


def take_in(
    cursor: Any,
    delivery: RegisterDelivery,
    rows: Sequence[Delivered],
    actor: Actor,
    on: date,
    also: Sequence[int] = (),
    preview: DeliveryPreview | None = None,
) -> None:
    """Write what the rows say inside an `opened` transaction, and tell the rooms above. `also` are subjects that changed otherwise.

    With `preview` that is filled instead, and the transaction is taken back at its end.
    """
    _stage(cursor, rows)
    _check_subjects(cursor, delivery.entity, actor)
    if preview is not None:
        look_ahead(cursor, delivery, preview)
        transaction.set_rollback(True)
        return
    _write(cursor, delivery)
    if also:
        cursor.execute("INSERT INTO changed SELECT unnest(%s::bigint[]) ON CONFLICT DO NOTHING", [list(also)])
    _tell(cursor, delivery, on)


def check_batch(
    register: str, keys: Sequence[object], as_of: date, source: str, on: date, sentences: list[str]
) -> None:
    """Raise DeliveryRefusedError with these sentences and with what is wrong with any batch, where anything is."""
    if not register.strip() or not source.strip():
        sentences.append(_("登记簿交换必须写明是哪个登记簿、来源是什么。"))
    if as_of > on:
        sentences.append(_("数据日期%(day)s晚于今天。") % {"day": as_of})
    twice = [key for key, count in Counter(keys).items() if count > 1]
    if twice:
        sentences.append(
            _("有%(count)d个对象在这一批里出现了两次（例如编号%(example)s）；请每个对象只留一行。")
            % {"count": len(twice), "example": min(twice, key=str)}
        )
    if sentences:
        raise DeliveryRefusedError(sentences)


def _check_order(register: str, entity: str, as_of: date) -> None:
    """An older delivery would end what a newer one said."""
    newest = RegisterDelivery.objects.filter(register=register, entity=entity).order_by("-as_of").first()
    if newest is not None and newest.as_of > as_of:
        raise DeliveryRefusedError(
            [
                _("这个登记簿已有%(newest)s的数据，不能再收更早的（%(day)s）。")
                % {"newest": newest.as_of, "day": as_of}
            ]
        )


def _stage(cursor: Any, rows: Sequence[Delivered]) -> None:
    cursor.execute("DROP TABLE IF EXISTS delivered")
    cursor.execute("CREATE TEMP TABLE delivered (id bigint PRIMARY KEY, facts jsonb) ON COMMIT DROP")
    with cursor.copy("COPY delivered (id, facts) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((row.subject_id, facts_json(dict(row.facts))))
    cursor.execute("ANALYZE delivered")


def _check_subjects(cursor: Any, entity: str, actor: Actor) -> None:
    """Every subject is on record and lies where the actor may write."""
    places = _PLACES.get(entity, _PLACES_OF_THINGS)
    cursor.execute(
        f"SELECT count(*), min(d.id) FROM delivered d LEFT JOIN ({places}) s ON s.id = d.id WHERE s.id IS NULL",
        {"entity": entity},
    )
    missing, example = cursor.fetchone()
    if missing:
        raise DeliveryRefusedError(
            [
                _("有%(count)d个对象没有登记（例如编号%(example)d）；请先登记，或从这一批里去掉。")
                % {"count": missing, "example": example}
            ]
        )
    cursor.execute(
        f"SELECT DISTINCT s.division FROM delivered d JOIN ({places}) s ON s.id = d.id ORDER BY 1",
        {"entity": entity},
    )
    for (division,) in cursor.fetchall():
        require(actor, PERMISSION, division)


def _write(cursor: Any, delivery: RegisterDelivery) -> None:
    """End, correct and begin records; what changed is left in the temporary table `changed`."""
    key = subject_column(delivery.entity)
    stands, blanks = standing(delivery)
    values = blanks | {"source": delivery.source, "delivery": delivery.pk, "at": delivery.imported_at}
    cursor.execute("DROP TABLE IF EXISTS changed")
    cursor.execute("CREATE TEMP TABLE changed (id bigint PRIMARY KEY) ON COMMIT DROP")
    gone = f"OR NOT EXISTS (SELECT FROM delivered d WHERE d.id = r.{key})" if delivery.complete else ""
    cursor.execute(
        f"INSERT INTO changed SELECT d.id FROM delivered d WHERE NOT EXISTS (SELECT FROM registry_registerrecord r "
        f"WHERE r.{key} = d.id AND {stands} AND r.facts = d.facts)",
        values,
    )
    cursor.execute(
        f"INSERT INTO changed SELECT r.{key} FROM registry_registerrecord r WHERE {stands} AND (FALSE {gone}) "
        "ON CONFLICT DO NOTHING",
        values,
    )
    # What began on this very day was never true: a later batch of the same day takes its place.
    cursor.execute(
        f"DELETE FROM registry_registerrecord r USING changed c WHERE c.id = r.{key} AND {stands} AND r.start = %(day)s",
        values,
    )
    cursor.execute(
        f"UPDATE registry_registerrecord r SET until = %(day)s FROM changed c WHERE c.id = r.{key} AND {stands}",
        values,
    )
    cursor.execute(
        f"INSERT INTO registry_registerrecord (register, {key}, start, facts, source, delivery_id, imported_at) "
        "SELECT %(register)s, d.id, %(day)s, d.facts, %(source)s, %(delivery)s, %(at)s FROM delivered d "
        "JOIN changed c ON c.id = d.id ORDER BY d.id",
        values,
    )


def _tell(cursor: Any, delivery: RegisterDelivery, on: date) -> None:
    """Tell the rooms above; a first complete delivery changes what the silence about everyone else means."""
    sender, entity, at = RegisterDelivery, delivery.entity, delivery.imported_at

    def keys(sql: str) -> list[int]:
        cursor.execute(sql)
        return [key for (key,) in cursor.fetchall()]

    people: list[int] | None = None
    employers: list[int] | None = None
    if entity == "employer":
        employers = keys("SELECT c.id FROM changed c ORDER BY 1")
    elif entity in _PEOPLE:
        people = keys(_PEOPLE[entity])
    else:
        people, employers = (
            keys(_OWNERS_OF_THINGS.format(owner=owner)) for owner in ("person_id", "employer_id")
        )
    earlier = RegisterDelivery.objects.filter(
        register=delivery.register, entity=entity, complete=True
    ).exclude(pk=delivery.pk)
    if len(people or ()) + len(employers or ()) > DECIDED_AT_ONCE or (
        delivery.complete and not earlier.exists()
    ):
        transaction.on_commit(lambda: many_people_changed.send(sender=sender, batch=delivery, on=on, at=at))
        return
    if people is not None:
        people_changed.send(sender=sender, person_ids=people, on=on, at=at)
    if employers is not None:
        employers_changed.send(sender=sender, employer_ids=employers, on=on, at=at)
