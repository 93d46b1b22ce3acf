"""What other departments' registers say of one subject, in words: for the desk's pages, with source and dates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jiuye.engine.registers import Register
from jiuye.engine.rules.values import parse_value, show_value
from jiuye.engine.rules.vocabulary import Fact
from jiuye.office.entitlements.facts.registers import register_facts
from jiuye.office.entitlements.facts.tables import things_among
from jiuye.office.entitlements.rulebook import Rulebook, rulebook
from jiuye.office.registry.models import Employer, Person, RegisterDelivery, RegisteredThing, RegisterRecord
from jiuye.office.registry.models.registers import THING
from jiuye.office.registry.operations import FactRefusedError
from jiuye.office.registry.queries import division_of_thing
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require

REVEAL = "registry.reveal"
FIELD = "register:"  # before the register's key, where a look is recorded


@dataclass(frozen=True, slots=True)
class RegisterFact:
    """One fact with its value in the language asked for."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class RegisterWord:
    """What one register says since `since`; its newest data are of `as_of`. The facts of a protected one are masked on pages."""

    register: Register
    entity: str
    source: str
    since: date
    as_of: date
    facts: tuple[RegisterFact, ...]

    @property
    def field(self) -> str:
        """The name of the look at it."""
        return f"{FIELD}{self.register.key}"


class NoSuchRecordError(LookupError):
    """The register says nothing of the subject on the day."""

    def __init__(self) -> None:
        super().__init__(_("这个登记簿里没有这个对象的信息。"))


def register_words(entity: str, subject_id: int, *, on: date, lang: str) -> list[RegisterWord]:
    """What each of the pack's registers says of the subject on the day, in the pack's order of registers; two queries.

    What the pack no longer binds is left out. The caller has checked that the subject may be seen.
    """
    return _words(entity, [subject_id], f"{entity}_id", on=on, lang=lang).get(subject_id, [])


def thing_words(things: Sequence[RegisteredThing], *, on: date, lang: str) -> dict[int, list[RegisterWord]]:
    """The same of things of one kind, by their keys; two queries however many they are."""
    return (
        _words(things[0].entity, [thing.pk for thing in things], "thing_id", on=on, lang=lang)
        if things
        else {}
    )


def _words(
    entity: str, keys: Sequence[int], column: str, *, on: date, lang: str
) -> dict[int, list[RegisterWord]]:
    book = rulebook()
    records: dict[int, dict[str, RegisterRecord]] = {}
    for record in RegisterRecord.objects.filter(
        Q(until__isnull=True) | Q(until__gt=on), start__lte=on, **{f"{column}__in": list(keys)}
    ).order_by("register", "pk"):
        records.setdefault(getattr(record, column), {})[record.register] = record
    named = {register for said in records.values() for register in said}
    newest: dict[str, date] = {}
    deliveries = RegisterDelivery.objects.filter(register__in=named, entity=entity, as_of__lte=on)
    for key, as_of in deliveries.order_by("as_of", "pk").values_list("register", "as_of"):
        newest[key] = as_of
    known = register_facts(book.pack)
    return {
        subject: [
            RegisterWord(
                register,
                entity,
                said[key].source,
                said[key].start,
                newest.get(key, said[key].start),
                _facts(known.get((key, entity), {}), said[key].facts, book, lang),
            )
            for key, register in book.needs.registers.items()
            if key in said
        ]
        for subject, said in records.items()
    }


def kinds_of_things(lang: str) -> dict[str, str]:
    """The pack's kinds of things by name, in words, in the pack's order."""
    entities = rulebook().pack.vocabulary.entities.values()
    return {
        entity.name: (lang == "en" and entity.label_en) or entity.label for entity in things_among(entities)
    }


def _facts(
    known: dict[str, Fact], said: dict[str, Any], book: Rulebook, lang: str
) -> tuple[RegisterFact, ...]:
    enums = book.pack.vocabulary.enums
    found = []
    for name, fact in known.items():
        if said.get(name) is None:
            continue
        text = str(said[name])
        try:
            value = parse_value(text.lower() if fact.type.kind == "boolean" else text, fact.type, enums)
        except ValueError:
            continue  # of another shape than the fact is now: not known to the rules either
        label = (lang == "en" and fact.label_en) or fact.label
        found.append(RegisterFact(label, show_value(value, fact.type, enums, lang)))
    return tuple(found)


def reveal_register(
    *, actor: Actor, subject: Person | Employer, field: str, purpose: str, on: date, at: datetime, lang: str
) -> str:
    """What a protected register says of a resident, an employer or a thing, after the look is recorded.

    Raises NotPermittedError outside the actor's divisions, FactRefusedError without a purpose, NoSuchRecordError.
    """
    entity = {Person: "person", Employer: "employer"}.get(type(subject), THING)
    division = subject.residence_division_id if isinstance(subject, Person) else subject.division_id
    if isinstance(subject, RegisteredThing):
        division = division_of_thing(subject)
    require(actor, REVEAL, division)
    if not purpose.strip():
        raise FactRefusedError([_("查看受保护的信息必须写明事由。")])
    words = (
        thing_words([subject], on=on, lang=lang).get(subject.pk, [])
        if isinstance(subject, RegisteredThing)
        else register_words(entity, subject.pk, on=on, lang=lang)
    )
    found = [word for word in words if word.field == field]
    if not found:
        raise NoSuchRecordError
    with transaction.atomic():
        record_look(
            actor=actor,
            subject_kind=entity,
            subject_key=str(subject.pk),
            field=field,
            purpose=purpose.strip()[:200],
            at=at,
        )
    return "；".join(f"{fact.label}：{fact.value}" for fact in found[0].facts) or "—"
