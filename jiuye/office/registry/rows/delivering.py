"""Taking in rows of one kind: found again by their key, compared, shown beforehand, kept whole or not at all, and told to the rooms above."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.utils.translation import gettext as _

from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.money import yuan_text
from jiuye.office.registry.deliveries import DECIDED_AT_ONCE, PERMISSION, check_batch, opened
from jiuye.office.registry.delivery_previews import SAMPLES, DeliveryPreview
from jiuye.office.registry.models import DeliveredRow, Employer, Household, Person, RegisterDelivery
from jiuye.office.registry.rows.kinds import RowKind
from jiuye.office.registry.rows.reading import ReadRow, key_of, of_row, refuse
from jiuye.office.registry.signals import employers_changed, many_people_changed, people_changed
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped

AT_ONCE = 5_000  # rows of one statement


@dataclass(slots=True)
class Differences:
    """What a file would do: rows to add, rows to change with what stood in them, and how many are the same.

    `numbers` says in which row of the file each one stands; a row that a complete delivery ends stands in none.
    """

    new: list[models.Model] = field(default_factory=list)
    changed: list[tuple[models.Model, dict[str, Any]]] = field(default_factory=list)
    unchanged: int = 0
    ended: int = 0
    numbers: dict[int, int] = field(default_factory=dict)  # by id() of the row
    owners: dict[str, set[int]] = field(default_factory=dict)  # by field: whom a change concerns


@unscoped("a register's subjects are found among everyone on record")
def deliver_rows_of(
    kind: RowKind,
    *,
    actor: Actor,
    register: str,
    rows: Sequence[ReadRow],
    as_of: date,
    source: str,
    on: date,
    at: datetime,
    complete: bool = False,
    preview: DeliveryPreview | None = None,
) -> RegisterDelivery:
    """Take in rows of this kind that were read; the same ones again change nothing. With `preview` that is filled, and nothing is kept.

    A column that the file lacks leaves what stands; an empty cell says that there is nothing. `complete` needs a post for the whole
    city: from then on that somebody has no row is an answer. Raises NotPermittedError and DeliveryRefusedError.
    """
    check_batch(register, [], as_of, source, on, [])
    with opened(actor, register, kind.name, len(rows), as_of, source, complete, at) as (delivery, _cursor):
        first = not delivered_whole(kind, but=delivery)
        named = {name: {row.values.get(name) for row in rows} - {None} for name in kind.concerns}
        require_over(kind, named, actor)
        if kind.prepare is not None:
            kind.prepare(rows, delivery)
        found = _compared(kind, rows, delivery)
        _keep(kind, found)
        if preview is not None:
            _show(kind, found, preview)
            transaction.set_rollback(True)
            return delivery
        _remember(kind, found, delivery)
        if kind.settle is not None:
            kind.settle(found.owners, on)
        tell(kind, found.owners, on=on, at=at, everyone=complete and first)
    return delivery


def delivered_whole(kind: RowKind, *, but: RegisterDelivery) -> bool:
    """Some other delivery of this kind was complete, so that silence says no without this one too."""
    return RegisterDelivery.objects.filter(entity=kind.name, complete=True).exclude(pk=but.pk).exists()


def require_over(kind: RowKind, owners: Mapping[str, set[Any]], actor: Actor) -> None:
    """The actor may deliver where each resident lives, or where the employer is whose own row it is. `owners` are keys by the kind's fields.

    Raises NotPermittedError.
    """
    if kind.person:
        found = Person.objects.filter(pk__in=owners[kind.person]).values_list(
            "residence_division_id", flat=True
        )
    else:
        found = Employer.objects.filter(pk__in=owners[kind.employer]).values_list("division_id", flat=True)
    for place in sorted(set(found.order_by("pk"))):
        require(actor, PERMISSION, place)


# ---------------------------------------------------------------------------------------------- comparing


def _compared(kind: RowKind, rows: Sequence[ReadRow], delivery: RegisterDelivery) -> Differences:
    """What differs from what is on record. Raises DeliveryRefusedError where a number is somebody else's already."""
    found, wrong = Differences(owners={name: set() for name in kind.concerns}), []
    first = kind.key[0]
    held = {
        _key(kind, row): row
        for row in kind.model._default_manager.filter(
            **{f"{first}__in": {row.values[first] for row in rows}}, **kind.fixed
        ).order_by("pk")
    }
    listed = set()
    for row in rows:
        standing = held.get(key_of(kind, row))
        if standing is None:
            sourced = {"source": delivery.source} if kind.sourced else {}
            made = kind.model(**row.values, **kind.fixed, **sourced)
            found.new.append(made)
            found.numbers[id(made)] = row.number
            _concern(found, made)
            continue
        listed.add(standing.pk)
        if kind.person and getattr(standing, kind.person) != row.values[kind.person]:
            wrong.append(of_row(row.number, _("已登记在另一名居民名下；请核对。")))
            continue
        _change(kind, found, standing, row.values, delivery, row.number)
    refuse(wrong)
    if delivery.complete:
        _leave_out(kind, found, listed, delivery)
    return found


def _key(kind: RowKind, row: models.Model) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in kind.key)


def _concern(found: Differences, row: models.Model) -> None:
    for name, keys in found.owners.items():
        if getattr(row, name) is not None:
            keys.add(getattr(row, name))


def _change(
    kind: RowKind,
    found: Differences,
    row: models.Model,
    values: Mapping[str, Any],
    delivery: RegisterDelivery,
    number: int | None,
) -> bool:
    before = {name: getattr(row, name) for name in values if getattr(row, name) != values[name]}
    if not before:
        found.unchanged += 1
        return False
    _concern(found, row)
    if kind.sourced:
        before["source"] = row.source
        row.source = delivery.source
    for name in before.keys() & values.keys():
        setattr(row, name, values[name])
    _concern(found, row)
    found.changed.append((row, before))
    if number is not None:
        found.numbers[id(row)] = number
    return True


def _leave_out(kind: RowKind, found: Differences, listed: set[int], delivery: RegisterDelivery) -> None:
    """What the whole register lists no longer ends with the month or the day of its data, or with its own first one; a list says no of it."""
    manager = kind.model._default_manager
    if kind.listed:
        for row in manager.filter(**{kind.listed: True}).order_by("pk"):
            if row.pk not in listed:
                found.ended += _change(kind, found, row, {kind.listed: False}, delivery, None)
    if kind.ends:
        for row in manager.filter(until__isnull=True, **kind.fixed).order_by("pk"):
            if row.pk not in listed:
                until = _ended(kind, row.start, delivery.as_of)
                found.ended += _change(kind, found, row, {"until": until}, delivery, None)


def _ended(kind: RowKind, start: date, as_of: date) -> date:
    """The first day without what began at `start`; an interval is never empty."""
    if kind.ends == "month":
        return max(as_of.replace(day=1), add_months(start, 1))
    return max(as_of, start + timedelta(days=1))


# ---------------------------------------------------------------------------------------------- keeping


def save_rows(
    kind: RowKind, new: Sequence[models.Model], changed: Sequence[models.Model], fields: Sequence[str]
) -> None:
    """Write them in as few statements as there may be; what ends goes first, so that what begins after it finds room."""
    manager = kind.model._default_manager
    if changed:
        manager.bulk_update(changed, list(fields), batch_size=AT_ONCE)
    manager.bulk_create(new, batch_size=AT_ONCE)


def _keep(kind: RowKind, found: Differences) -> None:
    """Write all of it; where the database refuses, go through row by row and say which, and why."""
    changed = [row for row, _before in found.changed]
    fields = sorted({_field(kind, name) for _row, before in found.changed for name in before})
    try:
        with transaction.atomic():
            (kind.keep or save_rows)(kind, found.new, changed, fields)
    except (IntegrityError, DataError):
        refuse(_refused_rows(found, [*changed, *found.new]))
        raise


def _field(kind: RowKind, name: str) -> str:
    return str(kind.model._meta.get_field(name).name)


def _refused_rows(found: Differences, rows: Iterable[Any]) -> list[str]:
    wrong, fresh = [], {id(row) for row in found.new}
    for row in rows:
        if id(row) in fresh:
            row.pk = None
        try:
            with transaction.atomic():
                row.full_clean(exclude=_links(row))
                row.save()
        except ValidationError as error:
            wrong.append(_told(found, row, _sentences(error)))
        except (IntegrityError, DataError) as error:
            wrong.append(_told(found, row, _why(row) or str(error).splitlines()[0]))
    return wrong


def _why(row: models.Model) -> str:
    """The model's own sentences for what the database refused; nothing where only the database has one."""
    try:
        row.full_clean()
    except ValidationError as error:
        return _sentences(error)
    return ""


def _sentences(error: ValidationError) -> str:
    return "".join(_(text) for texts in error.message_dict.values() for text in texts)


def _told(found: Differences, row: models.Model, sentence: str) -> str:
    number = found.numbers.get(id(row))
    return of_row(number, sentence) if number is not None else sentence


def _links(row: models.Model) -> set[str]:
    """Its relations to rows that were looked up already."""
    return {field.name for field in row._meta.concrete_fields if field.is_relation}


def _remember(kind: RowKind, found: Differences, delivery: RegisterDelivery) -> None:
    """What the delivery wrote, and what stood there: so that it can be taken back."""
    written = [(row, None) for row in found.new] + list(found.changed)
    DeliveredRow.objects.bulk_create(
        (
            DeliveredRow(
                delivery=delivery,
                object_id=row.pk,
                before=before,
                after={
                    name: getattr(row, name) for name in (before or [column.field for column in kind.columns])
                },
            )
            for row, before in written
        ),
        batch_size=AT_ONCE,
    )


def tell(kind: RowKind, owners: Mapping[str, set[int]], *, on: date, at: datetime, everyone: bool) -> None:
    """Tell the rooms above whom it concerns; `everyone` where the meaning of silence changed.

    Those few whom rows were written about do not wait for the sweep of everyone, which may fail.
    """
    people = sorted(owners.get(kind.person, ()))
    employers = sorted(owners.get(kind.employer, ()))
    many = len(people) + len(employers) > DECIDED_AT_ONCE
    sender = RegisterDelivery
    if everyone or many:
        transaction.on_commit(lambda: many_people_changed.send(sender=sender, batch=None, on=on, at=at))
    if many:
        return
    if people:
        people_changed.send(sender=sender, person_ids=people, on=on, at=at)
    if employers:
        employers_changed.send(sender=sender, employer_ids=employers, on=on, at=at)


# ---------------------------------------------------------------------------------------------- showing


def _show(kind: RowKind, found: Differences, into: DeliveryPreview) -> None:
    into.new, into.unchanged, into.ended = len(found.new), found.unchanged, found.ended
    into.changed = len(found.changed) - found.ended
    labels = {column.field: column for column in kind.columns}
    into.values = sum(name in labels for _row, before in found.changed for name in before)
    names = _names(kind, [row for row, _before in found.changed[:SAMPLES]])
    for row, before in found.changed[:SAMPLES]:
        for name in before:
            if name in labels:
                reads, choices = labels[name].reads, labels[name].choices or {}
                old, new = (_shown(value, reads, choices) for value in (before[name], getattr(row, name)))
                into.things.append((names[row.pk], labels[name].label, old, new))


def _names(kind: RowKind, rows: Sequence[models.Model]) -> dict[int, str]:
    """Whose each row is, with what tells it apart from their others: a resident's name is masked."""
    owner = kind.person or kind.employer
    keys = {getattr(row, owner) for row in rows}
    names: dict[int, str] = (
        {person.pk: person.masked_name for person in Person.objects.filter(pk__in=keys).order_by("pk")}
        if kind.person
        else {firm.pk: firm.name for firm in Employer.objects.filter(pk__in=keys).order_by("pk")}
    )
    columns = {column.field: column for column in kind.columns}
    return {
        row.pk: " ".join(
            [
                names[getattr(row, owner)],
                *(
                    _shown(getattr(row, name), columns[name].reads, columns[name].choices or {})
                    for name in kind.key
                    if name != owner
                ),
            ]
        )
        for row in rows
    }


def _shown(value: Any, reads: str, choices: Mapping[str, str]) -> str:
    """A value as the file would have it; nothing where there is none."""
    if value is None or value == "":
        return _("（空）")
    if reads == "money":
        return yuan_text(value)
    if reads == "yes":
        return _("是") if value else _("否")
    if reads in ("month", "last_month"):
        return f"{add_months(value, -1) if reads == 'last_month' else value:%Y-%m}"
    if reads == "last_day":
        return date.fromordinal(value.toordinal() - 1).isoformat()
    if reads == "household":
        return str(Household.objects.only("number").get(pk=value).number) or _("（窗口登记的一户）")
    if reads == "employer":
        return str(Employer.objects.only("name").get(pk=value))
    return str(choices.get(value, value))
