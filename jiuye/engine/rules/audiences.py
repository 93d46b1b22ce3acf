"""Who may be asked what: the records of a pack's questions.yaml, and the paths by which a question names a fact.

A resident who asks is one row, `person`; a policy counted by something of theirs (a hire, a certificate, a business) is decided
about one such thing, imagined beside them: a slot. `birth_date` is a fact of whoever asks, `hire.employer.kind` one of the employer
of the hire in the slot `hire`, and `hire` alone says whether there is such a thing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from jiuye.engine.basis.problems import Place
from jiuye.engine.rules.tree import Aggregate, Dated, Node, Read
from jiuye.engine.rules.types import BOOLEAN, Type
from jiuye.engine.rules.vocabulary import Fact

if TYPE_CHECKING:
    from jiuye.engine.rules.pack import Pack
    from jiuye.engine.rules.policies import Policy

Facts = tuple[tuple[str, Any], ...]  # (path, value) pairs, in the order of the file
ONE, SEVERAL, VALUE = "one", "several", "value"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer among several. `facts` hold where it is chosen, `otherwise` where it is left (of a list to tick)."""

    id: str
    says: str
    says_en: str
    facts: Facts
    otherwise: Facts = ()
    place: Place = field(default_factory=lambda: Place(""), compare=False)


@dataclass(frozen=True, slots=True)
class Question:
    """One natural question. `kind`: one of the options, several of them to tick, or a value (of the fact at `path`)."""

    id: str
    kind: str
    ask: str
    ask_en: str
    help: str = ""
    help_en: str = ""
    options: tuple[Option, ...] = ()
    path: str = ""
    type: Type = BOOLEAN
    fact: Fact | None = None  # of a value; None where it asks whether there is such a thing at all
    declared: bool = True
    place: Place = field(default_factory=lambda: Place(""), compare=False)

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that some answer to it fixes, each once."""
        if self.kind == VALUE:
            return (self.path,)
        fixed = [path for option in self.options for path, _ in (*option.facts, *option.otherwise)]
        return tuple(dict.fromkeys(fixed))


@dataclass(frozen=True, slots=True)
class ImplicationCase:
    """What is known, and what follows from it (or, with the value None, does not)."""

    name: str
    on: date
    given: Facts
    then: Facts
    place: Place


@dataclass(frozen=True, slots=True)
class Implication:
    """Where `test` holds for the row of `slot` (empty: whoever asks), the facts of `then` are so."""

    id: str
    slot: str
    test: Dated
    then: Facts
    why: str
    why_en: str
    cases: tuple[ImplicationCase, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Unasked:
    """A fact that this audience cannot be expected to know, and why."""

    path: str
    why: str
    why_en: str
    place: Place


@dataclass(frozen=True, slots=True)
class Slot:
    """A thing of the asker's that policies are counted by; `recipient` is the relation that leads back to the asker."""

    name: str
    entity: str
    recipient: str
    label: str = ""
    label_en: str = ""


@dataclass(slots=True)
class Audience:
    """Those who ask for themselves: an entity, the questions put to it in the order of the file, and what follows from what."""

    entity: str
    slots: dict[str, Slot]
    questions: dict[str, Question] = field(default_factory=dict)
    implications: list[Implication] = field(default_factory=list)
    unasked: dict[str, Unasked] = field(default_factory=dict)
    wishes: tuple[str, ...] = ()  # facts that say what somebody wants: to want nothing is to refuse nothing
    place: Place = field(default_factory=lambda: Place(""))


def policies_for(pack: Pack, entity: str, on: date | None = None) -> list[Policy]:
    """The policies whose benefit this entity receives, in force on the day (on any day without one), by their ids."""
    found = [policy for policy in pack.policies.values() if policy.recipient_entity == entity]
    return sorted(
        [policy for policy in found if on is None or on in policy.in_force], key=lambda policy: policy.id
    )


def slots_of(pack: Pack, entity: str) -> dict[str, Slot]:
    """The slots of an audience: the things that the policies for it are counted by, besides itself."""
    found: dict[str, Slot] = {}
    for policy in policies_for(pack, entity):
        if policy.recipient and slot_of(policy, found) is None:
            name = policy.entity if policy.entity not in found else f"{policy.entity}_{policy.recipient}"
            here = pack.vocabulary.entities[policy.entity]
            found[name] = Slot(name, policy.entity, policy.recipient, here.label, here.label_en)
    return found


def canonical(slot: Slot | None, path: str) -> str:
    """A path as an expression of the slot's entity names it, seen from whoever asks: the way back to them falls away."""
    if slot is None:
        return path
    head, dot, rest = path.partition(".")
    return rest if dot and head == slot.recipient else f"{slot.name}.{path}"


def slot_of(policy: Policy, slots: dict[str, Slot]) -> Slot | None:
    """The slot in which a policy is decided; None where it is counted by the asker themselves."""
    ways = [
        slot for slot in slots.values() if (slot.entity, slot.recipient) == (policy.entity, policy.recipient)
    ]
    return ways[0] if ways else None


def type_at(pack: Pack, entity: str, slots: dict[str, Slot], path: str) -> tuple[Type, Fact | None] | None:
    """The type at a path, with its fact (None for a slot); None where there is nothing of that name."""
    parts = path.split(".")
    here = entity
    if parts[0] in slots and parts[0] not in pack.vocabulary.entities[entity].relations:
        if len(parts) == 1:
            return BOOLEAN, None
        here = slots[parts[0]].entity
        parts = parts[1:]
    for hop in parts[:-1]:
        relation = pack.vocabulary.entities[here].relations.get(hop)
        if relation is None or relation.many:
            return None
        here = relation.to
    fact = pack.vocabulary.entities[here].facts.get(parts[-1])
    return (fact.type, fact) if fact is not None else None


def known_paths(pack: Pack, entity: str, slots: dict[str, Slot]) -> list[str]:
    """The paths that somebody might mean: facts of the asker, the slots, facts of a slot and one relation further."""
    found = [*pack.vocabulary.entities[entity].facts, *slots]
    for start, name in [("", entity), *((f"{slot.name}.", slot.entity) for slot in slots.values())]:
        found += [start + fact for fact in pack.vocabulary.entities[name].facts]
        for relation in pack.vocabulary.entities[name].relations.values():
            if not relation.many:
                found += [
                    f"{start}{relation.name}.{fact}" for fact in pack.vocabulary.entities[relation.to].facts
                ]
    return found


@dataclass(slots=True)
class Reads:
    """Paths that an expression reads. `recorded` are facts somebody could be asked; `derived` maps a derived fact's path to those
    that it rests on; `lists` are to-many relations, which nobody is asked to list."""

    recorded: set[str] = field(default_factory=set)
    derived: dict[str, set[str]] = field(default_factory=dict)
    lists: set[str] = field(default_factory=set)

    def add(self, other: Reads) -> None:
        self.recorded |= other.recorded
        self.lists |= other.lists
        for path, below in other.derived.items():
            self.derived.setdefault(path, set()).update(below)


def reads_of(pack: Pack, node: Node, slot: Slot | None, prefix: str = "") -> Reads:
    """What an expression of the slot's entity reads, through derived facts, as paths seen from whoever asks."""
    found = Reads()
    for part in _outside_bodies(node):
        if isinstance(part, Aggregate):
            found.lists.add(canonical(slot, prefix + part.path))
        if not isinstance(part, Read):
            continue
        path = canonical(slot, prefix + part.path)
        derived = pack.derived.get((part.fact.entity, part.fact.name))
        if derived is None:
            found.recorded.add(path)
            continue
        below = Reads()
        hops = prefix + "".join(f"{hop.name}." for hop in part.hops)
        for _, version in derived.value.versions:
            below.add(reads_of(pack, version, slot, hops))
        found.add(below)
        found.derived.setdefault(path, set()).update(below.recorded)
    return found


def reads_of_policy(pack: Pack, policy: Policy, slots: dict[str, Slot]) -> Reads:
    """The same for a whole policy: its conditions and its amount, of every version."""
    found = Reads()
    slot = slot_of(policy, slots)
    for dated in [*(clause.test for clause in policy.clauses), *([policy.amount] if policy.amount else [])]:
        for _, node in dated.versions:
            found.add(reads_of(pack, node, slot))
    if slot is not None:
        found.recorded.add(slot.name)
    return found


def _outside_bodies(node: Node) -> Iterator[Node]:
    """The node and everything below it, but not what aggregates say of other rows."""
    yield node
    if not isinstance(node, Aggregate):
        for child in node.children:
            yield from _outside_bodies(child)
