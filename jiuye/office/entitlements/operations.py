"""Deciding and keeping decisions: everyone in a sweep, one person when a fact changes; answers and benefits recorded."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pghistory
from django.conf import settings
from django.db import connection, transaction

from jiuye.engine.basis.problems import nearest
from jiuye.engine.rules.decide import Sitting
from jiuye.engine.rules.engines import fastest
from jiuye.engine.rules.explain import Explanation
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.rows import Row
from jiuye.engine.rules.sweep import sweep
from jiuye.engine.rules.values import parse_value
from jiuye.office.entitlements.calculating import measured_shares
from jiuye.office.entitlements.columns import store
from jiuye.office.entitlements.columns.collecting import Collected, collect
from jiuye.office.entitlements.facts.prepared import fetch
from jiuye.office.entitlements.facts.reading import FactReader, needs_of
from jiuye.office.entitlements.facts.sources import FactSource, quote
from jiuye.office.entitlements.facts.tables import SOURCES
from jiuye.office.entitlements.foresight import (
    Foreseen,
    foresee,
    foresee_everyone,
    replace_prospects,
    replace_prospects_of,
)
from jiuye.office.entitlements.keeping import Decided, forget_gone, keep_rows, kept_row
from jiuye.office.entitlements.keeping_all import keep_all, remember
from jiuye.office.entitlements.models import Answer, Entitlement, Sweep
from jiuye.office.entitlements.rulebook import Rulebook, rulebook
from jiuye.office.policies.operations import archive_pack
from jiuye.office.registry.models import Employer, Person, RegisteredThing
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped

Progress = Callable[[str], None]
PEOPLE_AT_ONCE = 50  # persons or employers decided again together
AHEAD = "ahead"  # the progress of looking at later days
KEEP = "keep"  # the progress of writing what was found


class NoSuchFactError(LookupError):
    """An answer was given to something that nobody asks."""

    def __init__(self, entity: str, fact: str, known: list[str]) -> None:
        near = nearest(fact, known)
        super().__init__(f"没有“{entity}.{fact}”这项信息。" + (f"是否指“{near}”？" if near else ""))


class WrongAnswerError(ValueError):
    """An answer does not fit its question."""

    def __init__(self, value: str, label: str) -> None:
        super().__init__(
            f"“{value}”不能作为“{label}”的回答；请按提示填写，例如日期写成 2023-07-01，金额以元为单位。"
        )


@unscoped("rules read households, employers and hires beyond a county's border")
def run_sweep(
    *,
    actor: Actor | None,
    on: date,
    at: datetime,
    folder: Path | None = None,
    policies: Collection[str] | None = None,
    full: bool = False,
    progress: Progress = lambda name: None,
) -> Sweep:
    """Decide everyone under every policy on that day, and keep what is found. `actor` is None for the nightly run.

    Facts are read where they changed since the last sweep (`columns.collecting`), all of them with `full`. With `policies` only these
    are decided anew, and only what they read is written to columns, as it is inside somebody's transaction, whose changes may yet be
    taken back.

    `folder` keeps the columns and the verdicts of the run; without it they are thrown away after loading.
    Raises NotPermittedError, SweepDataError and BrokenPackError; nothing is kept then.
    """
    if actor is not None:
        require(actor, "entitlements.sweep")
    book = rulebook()
    work = folder or Path(tempfile.mkdtemp(prefix="jiuye-sweep-"))
    kept = settings.COLUMNS_FOLDER if policies is None and not connection.in_atomic_block else None
    try:
        if kept is None:
            with transaction.atomic():
                _reader(book, on, policies).write_columns(work / "columns", progress)
            return _decide(book, actor, on, at, work, policies, None, progress)
        with store.locked(kept):
            read = collect(book.reader(on), folder=kept, full=full, at=at, progress=progress)
            work.mkdir(parents=True, exist_ok=True)
            (work / "columns").symlink_to(read.folder.resolve())
            return _decide(book, actor, on, at, work, policies, read, progress)
    finally:
        if folder is None:
            shutil.rmtree(work, ignore_errors=True)


def _decide(
    book: Rulebook,
    actor: Actor | None,
    on: date,
    at: datetime,
    work: Path,
    policies: Collection[str] | None,
    read: Collected | None,
    progress: Progress,
) -> Sweep:
    """Decide from the columns in `work`, and keep what is found."""
    known = [
        policy.id
        for policy in book.pack.policies.values()
        if (policies is None or policy.id in policies)
        and (work / "columns" / f"{policy.entity}.parquet").exists()
    ]
    decided = [book.pack.policies[policy_id] for policy_id in known]
    result = sweep(
        book.pack,
        work / "columns",
        work / "verdicts",
        on,
        engine=fastest(work / "columns"),
        policies=known,
        receipts=True,
        progress=progress,
    )
    progress(AHEAD)
    foreseen = list(foresee_everyone(book, book.reader(on), work, known, on, _recipients))
    with (
        transaction.atomic(),
        pghistory.context(operation="entitlements.run_sweep", account=_account(actor)),
    ):
        archive_pack(pack=book.pack, at=at)
        run = Sweep.objects.create(
            on_date=on,
            pack_version=book.pack.version,
            started_at=at,
            totals=result.totals,
            shares=measured_shares(on) if policies is None else {},
            reading=_as_told(read),
        )
        progress(KEEP)
        written = keep_all(decided, work / "verdicts", run, at, work, read)
        run.reading |= {"kept": written.kept, "sent": written.sent}
        replace_prospects(book, foreseen, known, on)
        run.state = "done"
        run.finished_at = at
        run.save(update_fields=["state", "finished_at", "reading"])
    if read is not None:
        remember(decided, run, work, read)
    # Half a million rows are new to the planner, which would otherwise scan where it should look up.
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {Entitlement._meta.db_table}")
    return run


def _as_told(read: Collected | None) -> dict[str, Any]:
    """How the facts were read, for the record of the run."""
    if read is None:
        return {}
    return {"sentences": read.sentences(), "read": read.read, "rows": read.rows}


def _reader(book: Rulebook, on: date, policies: Collection[str] | None) -> FactReader:
    """The reader of everything, or of what these policies read."""
    if policies is None:
        return book.reader(on)
    part = replace(
        book.pack,
        policies={name: book.pack.policies[name] for name in policies if name in book.pack.policies},
    )
    return FactReader(part, on, book.counties, needs_of(part))


def redecide_person(*, person_id: int, on: date, at: datetime) -> int:
    """Decide again whatever depends on one person: themselves, their hires, births, certificates and so on.

    Called inside the transaction that changed the person's facts, so that no stale answer is ever seen. Returns the number of
    decisions made.
    """
    return redecide_people(person_ids=[person_id], on=on, at=at)


def redecide_people(*, person_ids: Sequence[int], on: date, at: datetime) -> int:
    """The same for several: what they share is read and written together, `PEOPLE_AT_ONCE` at a time."""
    book = rulebook()
    count = 0
    for begin in range(0, len(person_ids), PEOPLE_AT_ONCE):
        count += _redecide(book, subjects_of_people(person_ids[begin : begin + PEOPLE_AT_ONCE]), on, at)
    return count


def redecide_employer(*, employer_id: int, on: date, at: datetime) -> int:
    """The same for an employer and the subjects that belong to it."""
    return redecide_employers(employer_ids=[employer_id], on=on, at=at)


@unscoped("rules read households, employers and hires beyond a county's border")
def redecide_employers(*, employer_ids: Sequence[int], on: date, at: datetime) -> int:
    """The same for several, `PEOPLE_AT_ONCE` at a time."""
    book = rulebook()
    ways = {entity: ["employer"] for entity, source in SOURCES.items() if "employer" in source.members}
    count = 0
    for begin in range(0, len(employer_ids), PEOPLE_AT_ONCE):
        chosen = list(employer_ids[begin : begin + PEOPLE_AT_ONCE])
        subjects = {"employer": chosen, **_keys(ways, chosen), **_things("employer_id", chosen)}
        count += _redecide(book, subjects, on, at)
    return count


@unscoped("rules read households, employers and hires beyond a county's border")
def subjects_of_people(person_ids: Sequence[int]) -> dict[str, list[int]]:
    """Keys of everything that is decided about or through these persons, by entity."""
    owners = list(person_ids)
    ways = {entity: list(source.people) for entity, source in SOURCES.items()}
    found = {"person": sorted(set(owners)), **_keys(ways, owners), **_things("person_id", owners)}
    sql = (
        "SELECT DISTINCT employer_id FROM registry_employmentspell "
        "WHERE person_id = ANY(%s) AND employer_id IS NOT NULL ORDER BY 1"
    )
    found["employer"] = [key for (key,) in fetch(sql, owners)]
    return found


def _things(column: str, owners: list[int]) -> dict[str, list[int]]:
    """Keys of the things on record of these persons or employers, by entity: one query however many kinds there are."""
    found: dict[str, list[int]] = {}
    things = RegisteredThing.objects.filter(**{f"{column}__in": owners}).order_by("entity", "pk")
    for entity, key in things.values_list("entity", "pk"):
        found.setdefault(entity, []).append(key)
    return found


def _keys(ways: dict[str, list[str]], owners: list[int]) -> dict[str, list[int]]:
    """The subjects that lead to these owners over such relations, by entity; one query for all."""
    parts = [
        f"SELECT {quote(entity)}, {SOURCES[entity].key} FROM {SOURCES[entity].table} "
        f"WHERE {SOURCES[entity].members[via]} = ANY(%s)"
        for entity, relations in ways.items()
        for via in relations
    ]
    found: dict[str, set[int]] = {}
    for entity, key in fetch(" UNION ALL ".join(parts), owners):
        found.setdefault(entity, set()).add(key)
    return {entity: sorted(keys) for entity, keys in found.items()}


@unscoped("rules read households, employers and hires beyond a county's border")
def _redecide(book: Rulebook, subjects: dict[str, list[int]], on: date, at: datetime) -> int:
    reader = book.reader(on)
    decided: list[Decided] = []
    foreseen: list[Foreseen] = []
    # The operation that changed the facts keeps its name in the audit trail: a context inside another one overrides its words.
    with transaction.atomic(savepoint=False), pghistory.context(redecided=True):
        archive_pack(pack=book.pack, at=at)
        for entity, keys in sorted(subjects.items()):
            policies = [policy for policy in book.pack.policies.values() if policy.entity == entity]
            if not keys or not policies or entity not in reader.sources:
                continue
            rows = reader.rows(entity, keys)
            forget_gone(entity, [key for key in keys if key not in rows], on, at)
            recipients = _recipients(entity, rows, policies, reader)
            sitting = Sitting(on)
            for policy in policies:
                decision = sitting.under(policy)
                for key, row in rows.items():
                    explanation = book.explainer.explain_within(policy, row, decision)
                    decided.append(kept_row(policy, key, recipients.get((policy.id, key)), explanation, at))
            foreseen += foresee(book, policies, rows, recipients, on)
        keep_rows(decided)
        replace_prospects_of(book, foreseen, subjects, on)
    return len(decided)


def _recipients(
    entity: str, rows: dict[int, Row], policies: list[Policy], reader: FactReader
) -> dict[tuple[str, int], int]:
    """Who would receive, by (policy, subject)."""
    source = reader.sources[entity]
    by_relation: dict[str, dict[int, int]] = {"": {key: key for key in rows}}
    for relation in sorted({policy.recipient for policy in policies} - {""}):
        column = source.relations[relation]
        joins = " ".join(source.joins([column]))
        sql = f"SELECT {source.key}, {column} FROM {source.table} {joins} WHERE {source.key} = ANY(%s)"
        pairs = fetch(reader.filled(sql), sorted(rows)) if rows else []
        by_relation[relation] = {key: to for key, to in pairs if to is not None}
    return {(policy.id, key): to for policy in policies for key, to in by_relation[policy.recipient].items()}


@unscoped("rules read households, employers and hires beyond a county's border")
def explain_now(*, policy_id: str, subject_kind: str, subject_key: str, on: date) -> Explanation:
    """The explanation on today's facts. Raises LookupError where the subject is not on record."""
    book = rulebook()
    policy = book.pack.policy(policy_id)
    row = book.reader_of(policy, on).rows(subject_kind, [int(subject_key)]).get(int(subject_key))
    if row is None:
        raise LookupError(f"登记库里没有 {subject_kind} {subject_key}。")
    return book.explainer.explain(policy, row, on)


def explain_row(row: Row, *, policy_id: str, on: date) -> Explanation:
    """The same of a row that was read already (`values.row_now`)."""
    book = rulebook()
    return book.explainer.explain(book.pack.policy(policy_id), row, on)


@transaction.atomic
def answer(
    *, actor: Actor, entity: str, subject_key: str, fact: str, value: str, on: date, at: datetime
) -> Answer:
    """Record what somebody says where no register knows it, and decide again at once.

    A resident answers for themselves; an officer needs `entitlements.decide` where the person lives.
    Raises NoSuchFactError, WrongAnswerError, NotPermittedError.
    """
    book = rulebook()
    known = book.pack.vocabulary.entities.get(entity)
    if (
        known is None
        or fact not in known.facts
        or (entity, fact) in book.pack.derived
        or not known.facts[fact].ask
    ):
        raise NoSuchFactError(entity, fact, sorted(known.facts) if known is not None else [])
    person, employer = _answering(actor, entity, subject_key)
    try:
        parse_value(value, known.facts[fact].type, book.pack.vocabulary.enums)
    except ValueError as error:
        raise WrongAnswerError(value, known.facts[fact].label) from error
    with pghistory.context(operation="entitlements.answer", account=actor.account_id):
        kept, _ = Answer.objects.update_or_create(
            entity=entity,
            subject_key=subject_key,
            fact=fact,
            defaults={"value": value.strip(), "answered_by_id": actor.account_id, "answered_at": at},
        )
        if person is not None:
            redecide_person(person_id=person, on=on, at=at)
        elif employer is not None:
            redecide_employer(employer_id=employer, on=on, at=at)
    return kept


def _answering(actor: Actor, entity: str, subject_key: str) -> tuple[int | None, int | None]:
    """The person or else the employer whom an answer is about, after checking that the actor may answer."""
    person = subject_person(entity, subject_key)
    if person is not None:
        if not (actor.kind == "resident" and actor.subject_key == str(person)):
            require(actor, "entitlements.decide", Person.objects.get(pk=person).residence_division_id)
        return person, None
    employer = subject_employer(entity, subject_key)
    if employer is None:
        raise NoSuchFactError(entity, subject_key, [])
    if not (actor.kind == "employer" and actor.subject_key == str(employer)):
        require(actor, "entitlements.decide", Employer.objects.get(pk=employer).division_id)
    return None, employer


@unscoped("rules read households, employers and hires beyond a county's border")
def subject_person(subject_kind: str, subject_key: str) -> int | None:
    """About whom a subject is: the worker of a hire, the mother of a birth, the holder of a certificate; None for none."""
    if subject_kind == "person":
        return int(subject_key)
    source = rulebook().needs.sources.get(subject_kind)
    if source is None or not source.people:
        return None
    return _owner(source, source.people[0], subject_key)


@unscoped("rules read households, employers and hires beyond a county's border")
def subject_employer(subject_kind: str, subject_key: str) -> int | None:
    """Whose a subject is that belongs to an employer: its project, its post; None where it belongs to none."""
    if subject_kind == "employer":
        return int(subject_key)
    source = rulebook().needs.sources.get(subject_kind)
    found = [via for via in source.employers if via in source.members] if source is not None else []
    return _owner(source, found[0], subject_key) if source is not None and found else None


def _owner(source: FactSource, via: str, subject_key: str) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {source.members[via]} FROM {source.table} WHERE {source.key} = %s", [int(subject_key)]
        )
        row = cursor.fetchone()
    return row[0] if row is not None else None


def _account(actor: Actor | None) -> int | None:
    return actor.account_id if actor is not None else None
