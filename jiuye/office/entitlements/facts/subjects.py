"""Residents and employers on record as the calculator would meet them: themselves, and the one thing of theirs in each slot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from jiuye.engine.basis.dates import add_months
from jiuye.engine.rules.interviews import Subject
from jiuye.engine.rules.questions import Inquiry
from jiuye.engine.rules.rows import Row
from jiuye.office.entitlements.facts.reading import FactReader
from jiuye.office.entitlements.facts.tables import SOURCES
from jiuye.office.entitlements.rulebook import Rulebook, rulebook

PAST_YEAR = 12  # months: what the questions about certificates and courses speak of


@dataclass(frozen=True, slots=True)
class _Pick:
    """Of several things of one person, the one that the calculator's questions would speak of: the newest that fits."""

    entity: str
    owner: str  # the relation that leads to whoever asks
    condition: str
    newest: str


# Entities and relations are the office's own sources; a slot that is not listed takes the newest thing by its key.
PICKS = {
    ("hire", "worker"): _Pick(
        "hire", "worker", "w.start <= {on} AND (w.until IS NULL OR w.until > {on}) AND w.kind IN ('employee', 'public_welfare_post')",
        "w.start DESC, w.id DESC",
    ),
    ("certificate", "holder"): _Pick("certificate", "holder", "c.issued_on > {year_ago} AND c.issued_on <= {on}", "c.issued_on DESC, c.id DESC"),
    ("training", "learner"): _Pick("training", "learner", "t.finished_on > {year_ago} AND t.finished_on <= {on}", "t.finished_on DESC, t.id DESC"),
    ("employer", "founder"): _Pick("employer", "founder", "TRUE", "e.founded_on DESC, e.id DESC"),
    ("hire", "employer"): _Pick("hire", "employer", "w.start <= {on} AND (w.until IS NULL OR w.until > {on})", "w.start DESC, w.id DESC"),
    ("birth", "employer"): _Pick("birth", "employer", "b.birth_date > {year_ago} AND b.birth_date <= {on}", "b.birth_date DESC, b.id DESC"),
    ("traineeship", "employer"): _Pick("traineeship", "employer", "n.start <= {on} AND n.until > {on}", "n.start DESC, n.id DESC"),
    ("apprenticeship", "employer"): _Pick("apprenticeship", "employer", "a.start <= {on}", "a.start DESC, a.id DESC"),
}  # fmt: skip


def subjects_on_record(inquiry: Inquiry, keys: Sequence[int], on: date) -> dict[int, Subject]:
    """Residents (or employers) on record as the calculator would meet them, with the one thing of theirs in each slot."""
    book = rulebook()
    reader = book.reader(on)
    roots = reader.rows(inquiry.audience.entity, keys)
    things: dict[str, dict[int, Row]] = {}
    for slot in inquiry.audience.slots.values():
        things[slot.name] = {}
        source = reader.sources.get(slot.entity)
        if source is None:
            continue
        pick = PICKS.get((slot.entity, slot.recipient))
        if pick is None:
            if slot.entity in SOURCES:
                continue
            pick = _Pick(slot.entity, slot.recipient, source.where, "g.start DESC, g.id DESC")  # a thing's
        owners = _newest(book, reader, pick, list(roots), on)
        rows = reader.rows(slot.entity, owners.values())
        for owner, key in owners.items():
            row = rows.get(key)
            if row is not None:
                row.ones[slot.recipient] = roots[owner]
                things[slot.name][owner] = row
    return {
        key: Subject(root, {name: found.get(key) for name, found in things.items()})
        for key, root in roots.items()
    }


def _newest(book: Rulebook, reader: FactReader, pick: _Pick, owners: list[int], on: date) -> dict[int, int]:
    """The key of the newest thing that fits, by its owner."""
    source = reader.sources[pick.entity]
    owner = source.relations[pick.owner]
    condition = pick.condition.replace("{year_ago}", f"DATE '{add_months(on, -PAST_YEAR)}'")
    joins = " ".join(source.joins([owner, condition]))
    sql = (
        f"SELECT DISTINCT ON ({owner}) {owner}, {source.key} FROM {source.table} {joins} "
        f"WHERE {owner} = ANY(%s) AND {condition} ORDER BY {owner}, {pick.newest}"
    )
    with connection.cursor() as cursor:
        cursor.execute(reader.filled(sql), [owners])
        return dict(cursor.fetchall())


def some_keys(entity: str, most: int) -> list[int]:
    """Keys of about `most` subjects on record, evenly spaced over all that there are."""
    source = SOURCES[entity]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min({source.key}), max({source.key}), count(*) FROM {source.table}")
        first, last, number = cursor.fetchone()
        if not number:
            return []
        step = max(1, (last - first + 1) // most)
        cursor.execute(
            f"SELECT {source.key} FROM {source.table} WHERE {source.key} = ANY(%s) ORDER BY 1",
            [list(range(first, last + 1, step))],
        )
        return [row[0] for row in cursor.fetchall()]
