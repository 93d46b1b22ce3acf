"""The mutants of expressions: of conditions, amounts and derived facts, of the days from which a version holds, and of those in force."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from jiuye.engine.basis.dates import Interval, parse_date
from jiuye.engine.basis.documents import Mapping, Scalar, Sequence
from jiuye.engine.basis.documents import Node as Written
from jiuye.engine.basis.problems import Place, Problems
from jiuye.engine.rules.mutants import Files, Mutant, Owner, moved_day, shown_owner
from jiuye.engine.rules.mutations import Edit, edits, one_day
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.parameters import Parameter
from jiuye.engine.rules.policies import Policy
from jiuye.engine.rules.tree import Dated, Node
from jiuye.engine.rules.types import BOOLEAN, MONEY, Type
from jiuye.engine.rules.typing import type_expression


@dataclass(frozen=True, slots=True)
class _Site:
    """One dated expression with the text it was read from, and how a pack is made in which another stands in its place."""

    owner: Owner
    dated: Dated
    written: Written
    entity: str
    parameters: dict[str, Parameter]
    wanted: Type
    put: Callable[[Pack, Dated], Pack]

    def with_version(self, version: int, start: date, node: Node) -> Dated:
        versions = list(self.dated.versions)
        versions[version] = (start, node)
        return Dated(tuple(versions))

    def typed(self, pack: Pack, scalar: Scalar) -> Node | None:
        """What another text at this site means; None where the checker refuses it."""
        found = Problems()
        node = type_expression(scalar, self.entity, pack.vocabulary, self.parameters, found, self.wanted)
        return None if found.errors else node


def of_expressions(pack: Pack, files: Files) -> Iterator[Mutant]:
    """Of every policy and derived fact, in their order."""
    for policy in pack.policies.values():
        root = files.document(policy.place.file)
        for site in _sites_of_policy(pack, policy, root):
            yield from _of_site(pack, site)
        yield from _of_force(policy, root)
    for key, derived in pack.derived.items():
        facts = files.document(derived.fact.place.file).entries["facts"][1]
        assert isinstance(facts, Mapping)
        item = facts.entries[derived.fact.name][1]
        assert isinstance(item, Mapping)
        names = {**pack.parameters, **derived.parameters}
        yield from _of_site(
            pack,
            _Site(
                key, derived.value, item.entries["value"][1], key[0], names, derived.fact.type, _put_derived(key)
            ),
        )  # fmt: skip


def _sites_of_policy(pack: Pack, policy: Policy, root: Mapping) -> Iterator[_Site]:
    names = {**pack.parameters, **policy.parameters}
    conditions = root.entries["conditions"][1]
    assert isinstance(conditions, Sequence)
    for number, (clause, item) in enumerate(zip(policy.clauses, conditions, strict=True)):
        assert isinstance(item, Mapping)
        written = item.entries["test"][1]
        yield _Site(policy.id, clause.test, written, policy.entity, names, BOOLEAN, _put(policy.id, number))
    if policy.amount is not None:
        written = root.entries["amount"][1]
        yield _Site(policy.id, policy.amount, written, policy.entity, names, MONEY, _put(policy.id, None))


def _put(policy_id: str, clause: int | None) -> Callable[[Pack, Dated], Pack]:
    """Into the test of a condition by its number, or into the amount."""

    def put(pack: Pack, dated: Dated) -> Pack:
        policy = pack.policies[policy_id]
        if clause is None:
            return _with_policy(pack, replace(policy, amount=dated))
        clauses = list(policy.clauses)
        clauses[clause] = replace(clauses[clause], test=dated)
        return _with_policy(pack, replace(policy, clauses=clauses))

    return put


def _put_derived(key: tuple[str, str]) -> Callable[[Pack, Dated], Pack]:
    def put(pack: Pack, dated: Dated) -> Pack:
        return replace(pack, derived={**pack.derived, key: replace(pack.derived[key], value=dated)})

    return put


def _with_policy(pack: Pack, policy: Policy) -> Pack:
    return replace(pack, policies={**pack.policies, policy.id: policy})


def _of_site(pack: Pack, site: _Site) -> Iterator[Mutant]:
    starts = [start for start, _ in site.dated.versions]
    for version, (place, scalar) in enumerate(_versions(site)):
        start, node = site.dated.versions[version]
        end = starts[version + 1] if version + 1 < len(starts) else None
        for edit in edits(scalar, node, pack.vocabulary.enums):
            yield _edited(pack, site, version, scalar, edit, Interval(start, end))
        if place is None:
            continue
        for day in one_day(start):
            if day not in starts:
                moved = site.with_version(version, day, node)
                yield Mutant(
                    shown_owner(site.owner), "since", place, start.isoformat(), day.isoformat(), (site.owner,),
                    lambda pack, moved=moved: site.put(pack, moved),  # type: ignore[misc]
                    when=(site.dated, moved_day(start, day)),
                )  # fmt: skip


def _edited(pack: Pack, site: _Site, version: int, scalar: Scalar, edit: Edit, holds: Interval) -> Mutant:
    start, node = site.dated.versions[version]

    def after() -> Node | None:
        return site.typed(pack, edit.scalar(scalar))

    def apply(pack: Pack) -> Pack | None:
        changed = after()
        return site.put(pack, site.with_version(version, start, changed)) if changed is not None else None

    return Mutant(
        shown_owner(site.owner), edit.kind, edit.place, edit.was, edit.now, (site.owner,), apply, node, after, (node, holds)
    )  # fmt: skip


def _versions(site: _Site) -> Iterator[tuple[Place | None, Scalar]]:
    """(place of the date from which it holds, the text) of each version, in their order."""
    if isinstance(site.written, Scalar):
        yield None, site.written
        return
    assert isinstance(site.written, Mapping)
    by_date = {parse_date(text): (place, child) for text, (place, child) in site.written.entries.items()}
    for start, _ in site.dated.versions:
        place, child = by_date[start]
        assert isinstance(child, Scalar)
        yield place, child


def _of_force(policy: Policy, root: Mapping) -> Iterator[Mutant]:
    """The first and the last day of the policy, one day off."""
    node = root.entries["in_force"][1]
    assert isinstance(node, Mapping)
    force = policy.in_force
    for key in ("from", "to", "until"):
        scalar = node.entries[key][1] if key in node else None
        if not isinstance(scalar, Scalar) or scalar.is_null:
            continue
        written = parse_date(scalar.text)
        for day in one_day(written):
            shift = day - written
            if key == "from":
                moved = Interval(force.start + shift if force.start else None, force.end)
            else:
                moved = Interval(force.start, force.end + shift if force.end else None)
            yield Mutant(
                policy.id, "in force", scalar.place, scalar.text, day.isoformat(), (policy.id,),
                lambda pack, moved=moved: _with_policy(pack, replace(pack.policies[policy.id], in_force=moved)),  # type: ignore[misc]
            )  # fmt: skip
