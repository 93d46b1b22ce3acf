"""Which records can change the columns of which subjects: worked out from the SQL that reads them, so that it cannot go stale.

A record of a table counts for a subject only where the conditions beside the table's name hold: of `FROM registry_status x WHERE
x.person_id = p.id AND …` only the statuses of that person do. Where no such condition is found the table is *unbounded*: any change in
it may concern every subject. The day of decision may stand only where its turning is understood (`x.until > {on}`); any other use
makes the entity *timeless no more*: read whole on another day.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

from jiuye.office.entitlements.facts.sources import FactSource

SILENCE = re.compile(r"EXISTS \(SELECT FROM registry_registerdelivery d WHERE [^()]*\)")
NAMED = (
    "subject_kind",
    "subject_key",
    "entity",
    "register",
)  # columns that are noted of a change besides ids
_EQUAL = r"{alias}\.(\w+) = (([a-z]\w*)\.\w+(?:::text)?)"
_EQUAL_BACK = r"(([a-z]\w*)\.\w+(?:::text)?) = {alias}\.(\w+)"
_LITERAL = r"{alias}\.(\w+) = '([^']*)'"
_AMONG = (
    r"{alias}\.(\w+) IN \(SELECT ((\w+)\.\w+(?:::text)?) FROM (\w+) \3 WHERE \3\.(\w+) = (\w+)\.(\w+)\b.*\)"
)
_ENDS = re.compile(r"\b(?:GROUP BY|ORDER BY|LIMIT|HAVING|UNION)\b")
_JOINED_ENDS = re.compile(r"\b(?:LEFT|JOIN|CROSS|INNER|WHERE|GROUP BY|ORDER BY|LIMIT)\b")


@dataclass(slots=True)
class Touch:
    """One place where a table is read. `path` is SQL for the subjects that the records in `changed` concern; None for all."""

    table: str
    path: str | None
    filters: dict[str, str] = field(default_factory=dict)  # a noted column must have this value
    turns: set[tuple[str, str]] = field(default_factory=set)  # date column, interval taken from the day


@dataclass(slots=True)
class Reach:
    """Everything that can change an entity's columns."""

    touches: list[Touch]
    silences: list[str]  # questions to the registers' deliveries that have one answer for everyone
    monthly: bool  # something is counted by the month of the day
    daily: bool  # something depends on the day in a way that is not understood

    @property
    def tables(self) -> set[str]:
        return {touch.table for touch in self.touches}


@dataclass(frozen=True, slots=True)
class _Group:
    """A stretch of the text between two brackets (or all of it); `flat` has what stands in inner brackets blanked out."""

    start: int
    end: int
    flat: str


def reach_of(source: FactSource, text: str, tables: Collection[str]) -> Reach:
    """What can change the columns that `text` (SQL with {on} and {month} still in it) selects. `tables` are those of the database."""
    silences = sorted(set(SILENCE.findall(text)))
    text = SILENCE.sub("TRUE", text)
    masked = re.sub(r"'[^']*'", lambda found: "'" + "x" * (len(found.group()) - 2) + "'", text)
    own = source.key.split(".")[0]
    places: list[tuple[_Group, str, Touch]] = []
    for found in re.finditer(r"\b[a-z]+_\w+\b", masked):
        if found.group() not in tables:
            continue
        group = _group(masked, found.start())
        alias = re.match(r"\s+(?:AS\s+)?([a-z]\w*)", masked[found.end() :])
        name = alias.group(1) if alias is not None else ""
        if name == own and group.start == 0:
            touch = Touch(found.group(), f"SELECT changed.id FROM changed -- {own}")
        else:
            touch = _touch(source, own, text, masked, group, found, name)
        places.append((group, name, touch))
    days = list(re.finditer(r"\{on\}", text))
    understood = [_note_turn(text, day.start(), places) for day in days]
    yearly = "date_trunc('year', {on})" in text or "date_trunc('month', {on})" in text
    return Reach(
        [touch for _, _, touch in places], silences, "{month}" in text or yearly, not all(understood)
    )


def _group(masked: str, position: int) -> _Group:
    """The innermost brackets around a position."""
    inner, groups = _brackets(masked)
    return groups[inner[position]]


@lru_cache(maxsize=32)
def _brackets(masked: str) -> tuple[list[int], dict[int, _Group]]:
    """(where the innermost brackets around each position begin, the brackets by where they begin)."""
    inner, waiting, ends = [], [0], {0: len(masked)}
    for place, letter in enumerate(masked):
        if letter == ")" and len(waiting) > 1:
            ends[waiting.pop()] = place
        inner.append(waiting[-1])
        if letter == "(":
            waiting.append(place + 1)
    groups = {}
    for start, end in ends.items():
        flat, place = [], start
        while place < end:
            flat.append(masked[place])
            if masked[place] == "(":  # what stands inside is blanked out
                close = ends[place + 1]
                flat.append(" " * (close - place - 1))
                place = close
            else:
                place += 1
        groups[start] = _Group(start, end, "".join(flat))
    return inner, groups


def _touch(
    source: FactSource, own: str, text: str, masked: str, group: _Group, found: re.Match[str], alias: str
) -> Touch:
    touch = Touch(found.group(), None)
    if not alias:
        return touch
    for part in _conditions(text, group, found):
        if literal := re.fullmatch(_LITERAL.format(alias=alias), part):
            if literal.group(1) in NAMED:
                touch.filters[literal.group(1)] = literal.group(2)
            continue
        if touch.path is not None:
            continue
        if equal := re.fullmatch(_EQUAL.format(alias=alias), part):
            column, other, whose = equal.groups()
        elif equal := re.fullmatch(_EQUAL_BACK.format(alias=alias), part):
            other, whose, column = equal.groups()
        elif among := re.fullmatch(_AMONG.format(alias=alias), part, re.DOTALL):
            touch.path = _path_among(source, own, among) if not _shadowed(masked, group, own) else None
            continue
        else:
            continue
        if (
            _noted(column)
            and (whose == own or whose in source.laterals)
            and not _shadowed(masked, group, whose)
        ):
            joins = " ".join(source.joins([other]))
            touch.path = (
                f"SELECT {source.key} FROM {source.table} {joins} JOIN changed ON {other} = changed.{column}"
            )
    return touch


def _path_among(source: FactSource, own: str, among: re.Match[str]) -> str | None:
    """Of `b.subject_key IN (SELECT o.id FROM t o WHERE o.person_id = c.person_id …)`: over the rows of t."""
    column, member, alias, table, inner, whose, outer = among.groups()
    if whose != own or not _noted(column):
        return None
    return (
        f"SELECT {source.key} FROM {source.table} JOIN {table} {alias} ON {alias}.{inner} = {own}.{outer} "
        f"JOIN changed ON changed.{column} = {member}"
    )


def _noted(column: str) -> bool:
    return column == "id" or column.endswith("_id") or column in NAMED


def _conditions(text: str, group: _Group, found: re.Match[str]) -> list[str]:
    """The conditions that all must hold for a row of the table to count; none where some are alternatives."""
    place = found.start() - group.start
    after = group.flat[place:]
    before = group.flat[:place].rstrip()
    if before.endswith("JOIN"):
        begins = re.search(r"\bON\b", after)
        ends = _JOINED_ENDS
    elif before.endswith(("FROM", ",")):
        begins, ends = re.search(r"\bWHERE\b", after), _ENDS
    else:
        return []
    if begins is None:
        return []
    start = begins.end()
    stop = ends.search(after, start)
    region = after[start : stop.start() if stop is not None else len(after)]
    if re.search(r"\bOR\b", region):
        return []
    parts, at = [], 0
    offset = group.start + place + start
    for word in [*re.finditer(r"\bAND\b", region), None]:
        until = word.start() if word is not None else len(region)
        parts.append(text[offset + at : offset + until].strip())
        at = word.end() if word is not None else until
    return parts


def _shadowed(masked: str, group: _Group, alias: str) -> bool:
    """True where some brackets around the place, short of the whole text, give the name to something else."""
    while group.start > 0:
        if re.search(rf"(?:\b(?:FROM|JOIN)\s+\w+|,\s*\w+|\))\s+(?:AS\s+)?{alias}\b(?!\.)", group.flat):
            return True
        group = _group(masked, group.start - 1)
    return False


def _note_turn(text: str, day: int, places: list[tuple[_Group, str, Touch]]) -> bool:
    """Note which date makes an expression turn on the day; False where that is not understood."""
    before, after = text[:day], text[day + len("{on}") :]
    if re.search(r"date_trunc\('(?:year|month)', $", before):
        return True
    plain = re.search(r"\b([a-z]\w*)\.(\w+) (?:<=|<|>=|>) $", before)
    interval = ""
    if plain is None:
        plain = re.search(r"\b([a-z]\w*)\.(\w+) (?:<=|<|>=|>) \($", before)
        shift = re.match(r" - interval '(\d+ (?:months|days|years))'\)", after)
        if shift is None:
            return False
        interval = shift.group(1)
    if plain is None:
        return False
    around = [
        (group.end - group.start, position)
        for position, (group, alias, _) in enumerate(places)
        if alias == plain.group(1) and group.start <= day < group.end
    ]
    if not around:
        return False
    places[min(around)[1]][2].turns.add((plain.group(2), interval))
    return True
