"""What other departments' registers say of one subject, in words: for the desk's pages, with source and dates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
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
from jiuye.office.staff.refusals import LINE, within
from jiuye.office.staff.together import together, together_about

REVEAL = "registry.reveal"
NEWEST = "*"  # beside the kinds of subjects, which are names
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


def register_words(subjects: Iterable[tuple[str, int | None]], *, on: date, lang: str) -> list[RegisterWord]:
    """What each of the pack's registers says on the day of subjects that belong together, given as (entity, key or None): of one after the
    other, each in the pack's order of registers; one query. What the pack no longer binds is left out.

    The caller has checked that the subjects may be seen.
    """
    asked = [(entity, key) for entity, key in subjects if key is not None]
    said = _words([(entity, f"{entity}_id", [key]) for entity, key in asked], on=on, lang=lang)
    return [word for subject in asked for word in said.get(subject, [])]


def thing_words(things: Sequence[RegisteredThing], *, on: date, lang: str) -> dict[int, list[RegisterWord]]:
    """The same of things of one kind, by their keys; one query however many they are."""
    if not things:
        return {}
    entity = things[0].entity
    said = _words([(entity, "thing_id", [thing.pk for thing in things])], on=on, lang=lang)
    return {key: words for (_entity, key), words in said.items()}


Said = dict[tuple[str, int], dict[str, RegisterRecord]]
Newest = dict[tuple[str, str], date]  # by register and kind of subject


def _words(
    asked: Sequence[tuple[str, str, Sequence[int]]], *, on: date, lang: str
) -> dict[tuple[str, int], list[RegisterWord]]:
    """By (entity, key), of subjects given as (entity, the column of their keys, the keys)."""
    book, (said, newest) = rulebook(), _said(asked, on)
    known = register_facts(book.pack)
    return {
        (entity, key): [
            RegisterWord(
                register,
                entity,
                told[name].source,
                told[name].start,
                newest.get((name, entity), told[name].start),
                _facts(known.get((name, entity), {}), told[name].facts, book, lang),
            )
            for name, register in book.needs.registers.items()
            if name in told
        ]
        for (entity, key), told in said.items()
    }


def _said(asked: Sequence[tuple[str, str, Sequence[int]]], on: date) -> tuple[Said, Newest]:
    """The records that hold on the day, by subject and register, of two the later one; and how new each register's data are. One query."""
    if all(len(keys) == 1 for _, _, keys in asked):
        columns = tuple((entity, column) for entity, column, _ in asked)
        found = together_about(
            "register_words",
            (columns, on),
            lambda *one: _records([(*column, [key]) for column, key in zip(columns, one, strict=True)], on),
            about=[keys[0] for _, _, keys in asked],
        )
    else:
        found = together(_records(asked, on))
    said: Said = {}
    for entity, column, _keys in asked:
        for record in found[entity]:
            said.setdefault((entity, getattr(record, column)), {})[record.register] = record
    return said, {(one.register, one.entity): one.as_of for one in found[NEWEST]}


def _records(asked: Sequence[tuple[str, str, Sequence[int]]], on: date) -> dict[str, QuerySet[Any]]:
    """The lists that `_said` reads: of each subject its records, and the newest delivery of each register."""
    holding = RegisterRecord.objects.filter(Q(until__isnull=True) | Q(until__gt=on), start__lte=on)
    newest = RegisterDelivery.objects.filter(entity__in={entity for entity, _, _ in asked}, as_of__lte=on)
    lists: dict[str, QuerySet[Any]] = {
        entity: holding.filter(**{f"{column}__in": list(keys)}).order_by("register", "pk")
        for entity, column, keys in asked
    }
    return lists | {
        NEWEST: newest.order_by("register", "entity", "-as_of", "-pk").distinct("register", "entity")
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
        else register_words([(entity, subject.pk)], on=on, lang=lang)
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
            purpose=within(purpose, LINE, "查看事由"),
            at=at,
        )
    return "；".join(f"{fact.label}：{fact.value}" for fact in found[0].facts) or "—"
