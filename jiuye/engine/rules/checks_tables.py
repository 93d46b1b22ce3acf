"""Checks of parameters: no empty table, no gap between its keys, and every day of a policy covered by what it reads."""

from __future__ import annotations

from datetime import date
from itertools import product
from typing import TYPE_CHECKING, Any

from jiuye.engine.basis.dates import Interval
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules.parameters import ELSE, Entry, Parameter
from jiuye.engine.rules.policies import ALWAYS, Policy
from jiuye.engine.rules.tree import Constant, Dated, Lookup, Marginal, Node, Read, walk

if TYPE_CHECKING:
    from jiuye.engine.rules.pack import Pack

MOST_NAMED = 8  # gaps named in one sentence


def check_table(pack: Pack, parameter: Parameter, problems: Problems) -> None:
    """Every combination of the members of enum (and yes/no) axes finds a row, if only through `else`."""
    if parameter.broken:
        return  # its rows could not all be read, and that is reported
    if not any(parameter.entries.values()):
        problems.add(
            parameter.place,
            "empty-table",
            zh=f"参数“{parameter.name}”没有值。",
            en=f"parameter '{parameter.name}' has no value.",
        )
        return
    gaps = [
        index
        for index in product(*_indexes(pack, parameter))
        if not any(key in parameter.entries for key in parameter.candidates(index))
    ]
    if gaps:
        names = [" / ".join(_key_text(part) for part in index) for index in gaps[:MOST_NAMED]]
        more = len(gaps) - len(names)
        zh = "、".join(names) + (f" 等 {len(gaps)} 项" if more else "")
        en = ", ".join(names) + (f" and {more} more" if more else "")
        problems.add(
            parameter.place,
            "gap-in-table",
            zh=f"参数“{parameter.name}”没有这些值：{zh}。请补上，或写 else（可以是 unset）。",
            en=f"parameter '{parameter.name}' says nothing for {en}; add them, or `else` (which may be unset).",
        )


def _indexes(pack: Pack, parameter: Parameter) -> list[list[Any]]:
    """What each axis can be asked for: every member of an enum; of a number, the keys that stand in the table."""
    found: list[list[Any]] = []
    for position, axis in enumerate(parameter.axes):
        if axis.type.kind == "enum":
            found.append(list(pack.vocabulary.enums[axis.type.enum]))
        elif axis.type.kind == "boolean":
            found.append([True, False])
        else:
            found.append(sorted({key[position] for key in parameter.entries if key[position] != ELSE}))
    return found


def _key_text(part: Any) -> str:
    return str(part).lower() if isinstance(part, bool) else str(part)


def check_time(pack: Pack, policy: Policy, problems: Problems) -> None:
    """Every day on which the policy is in force is covered by every expression and parameter that is read on that day."""
    if policy.in_force.start is None:
        return
    own = [clause.test for clause in policy.clauses] + ([policy.amount] if policy.amount is not None else [])
    todo = [(dated, policy.in_force) for dated in own]
    seen: set[tuple[tuple[str, str], Interval]] = set()
    while todo:
        dated, when = todo.pop()
        assert when.start is not None
        first = dated.versions[0][0]
        if first != ALWAYS and first > when.start:
            _uncovered(dated.versions[0][1].place, policy, when.start, first, problems)
        for node, span in spans_of(dated, when):
            for part in walk(node):
                _check_node(part, policy, span, problems)
                if not isinstance(part, Read):
                    continue
                key = (part.fact.entity, part.fact.name)
                if key in pack.derived and (key, span) not in seen:
                    seen.add((key, span))
                    todo.append((pack.derived[key].value, span))


def spans_of(dated: Dated, when: Interval) -> list[tuple[Node, Interval]]:
    """Each version with the part of `when` in which it holds; versions that never come to hold are left out."""
    found = []
    starts = [start for start, _ in dated.versions]
    for (start, node), following in zip(dated.versions, [*starts[1:], None], strict=True):
        begin = max(start, when.start) if when.start is not None else start
        ends = [end for end in (following, when.end) if end is not None]
        if not ends or begin < min(ends):
            found.append((node, Interval(begin, min(ends) if ends else None)))
    return found


def _check_node(part: Node, policy: Policy, span: Interval, problems: Problems) -> None:
    assert span.start is not None
    for entries in tables_read(part):
        if entries and entries[0].start > span.start:
            _uncovered(entries[0].place, policy, span.start, entries[0].start, problems)


def tables_read(part: Node) -> list[list[Entry]]:
    """The dated rows that a node may read: all of a table, or the one that a constant index finds."""
    if isinstance(part, Marginal):
        return list(part.scale.entries.values())
    if not isinstance(part, Lookup):
        return []
    table = part.parameter
    index = tuple(item.value for item in part.index if isinstance(item, Constant))
    if len(index) == len(part.index):
        return [table.entries[key] for key in table.candidates(index) if key in table.entries][:1]
    return list(table.entries.values())


def _uncovered(place: Place, policy: Policy, start: date, first: date, problems: Problems) -> None:
    problems.add(
        place,
        "time-not-covered",
        zh=f"政策“{policy.id}”从 {start} 起要读这里，这里到 {first} 才有值。请补上更早的值，或写 unset: 理由。",
        en=f"policy '{policy.id}' reads this from {start}, but it begins only on {first}; add the earlier value, or `unset: reason`.",
    )
