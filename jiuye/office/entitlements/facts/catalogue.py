"""What of a pack's bindings our records do not know. Needs no database."""

from __future__ import annotations

from collections.abc import Mapping

from jiuye.engine.basis.problems import Problems, nearest
from jiuye.engine.registers import Register
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.values import parse_value
from jiuye.engine.rules.vocabulary import Entity, Fact, Relation
from jiuye.office.entitlements.facts.registers import SUBJECTS, can_be_registered, register_binding
from jiuye.office.entitlements.facts.sources import FactSource
from jiuye.office.entitlements.facts.tables import SOURCES, sources_of
from jiuye.office.entitlements.facts.things import owners_of, surplus_owners

__all__ = ["SOURCES", "check_bindings", "sources_of", "unbound"]


class UnknownRegisterError(LookupError):
    """A fact is bound to a register that the pack does not list."""

    def __init__(self, register: str, known: Mapping[str, Register]) -> None:
        near = nearest(register, known)
        self.zh = f"registers.yaml 里没有登记簿“{register}”。" + (
            f"是否想写“{near}”？" if near else f"可用的有：{'、'.join(known) or '（无）'}。"
        )
        self.en = f"there is no register '{register}' in registers.yaml; " + (
            f"did you mean '{near}'?" if near else f"known: {', '.join(known) or 'none'}."
        )
        super().__init__(self.zh)


class WrongSubjectError(LookupError):
    """A fact is bound to a register's word about another kind of subject, or about one that registers do not speak of."""

    def __init__(self, entity: str, named: str, able: bool) -> None:
        self.zh = (
            f"“{entity}”的事实要绑定到 {entity}.register(…)，不能是 {named}.register(…)。"
            if able
            else f"登记簿只登记{'、'.join(SUBJECTS)}和规则包自己的登记事项，不登记“{entity}”的。"
        )
        self.en = (
            f"a fact of '{entity}' is bound to {entity}.register(…), not to {named}.register(…)."
            if able
            else f"registers speak of {', '.join(SUBJECTS)} and of the pack's own things, and not of '{entity}'."
        )
        super().__init__(self.zh)


class WrongSilenceError(LookupError):
    """A binding says what silence means, and the register's silence means nothing or the value does not fit the fact."""

    def __init__(self, fact: Fact, otherwise: str, register: Register) -> None:
        if register.lists != "holders":
            self.zh = f"登记簿“{register.key}”登记全体，没有记录就是不知道，不能写“{otherwise}”。"
            self.en = f"the register '{register.key}' lists everyone, so that its silence says nothing; take out '{otherwise}'."
        else:
            self.zh = f"“{otherwise}”不是{fact.label}（{fact.type.zh}）。"
            self.en = f"'{otherwise}' is not {fact.type.en}, which '{fact.name}' is."
        super().__init__(self.zh)


class OwnerlessThingError(LookupError):
    """An entity is bound to registers, and no relation leads to whose it is."""

    def __init__(self, entity: Entity) -> None:
        self.zh = (
            f"“{entity.label}”（{entity.name}）没有通到居民或单位的单值关系，登记簿不知道它属于谁。"
            "请在 relations 里写一个，例如 owner: {to: employer, name: 所属单位}。"
        )
        self.en = (
            f"'{entity.name}' has no to-one relation to a person or an employer, so that nobody knows whose it is; "
            "write one under relations, such as owner: {to: employer, name: owner}."
        )
        super().__init__(self.zh)


class SurplusOwnerError(LookupError):
    """A thing has a second relation to a person or an employer, for which the registers have no column."""

    def __init__(self, relation: Relation, first: Relation) -> None:
        self.zh = (
            f"登记事项只记一名居民和一家单位：“{first.name}”已经通到{first.to}，“{relation.name}”在登记库里会一直是未知。"
            "请去掉其中一个，或者把它写成事实。"
        )
        self.en = (
            f"a thing is kept with one person and one employer: '{first.name}' leads to the {first.to} already, and "
            f"'{relation.name}' would never be known; take one out, or make it a fact."
        )
        super().__init__(self.zh)


def unbound(pack: Pack, registers: Mapping[str, Register]) -> list[tuple[Entity, Fact, LookupError]]:
    """Facts whose binding our records do not know, with the reason: what `jiuye check` reports of the office."""
    wrong: list[tuple[Entity, Fact, LookupError]] = []
    sources = sources_of(pack)
    for entity in pack.vocabulary.entities.values():
        for fact in entity.facts.values():
            if fact.binding:
                try:
                    _check(entity, fact, registers, pack.vocabulary.enums, sources)
                except OwnerlessThingError as error:
                    wrong.append((entity, fact, error))
                    break  # one mistake, said once
                except LookupError as error:
                    wrong.append((entity, fact, error))
    return wrong


def _check(
    entity: Entity,
    fact: Fact,
    registers: Mapping[str, Register],
    enums: dict[str, dict[str, str]],
    sources: Mapping[str, FactSource],
) -> None:
    binding = register_binding(fact.binding)
    if entity.name not in sources:
        raise OwnerlessThingError(entity)
    if binding is None:
        sources[entity.name].expression(fact.binding)
    elif binding.entity != entity.name or not can_be_registered(entity):
        raise WrongSubjectError(entity.name, binding.entity, can_be_registered(entity))
    elif binding.register not in registers:
        raise UnknownRegisterError(binding.register, registers)
    elif binding.otherwise:
        register = registers[binding.register]
        try:
            parse_value(binding.otherwise, fact.type, enums)
        except ValueError as error:
            raise WrongSilenceError(fact, binding.otherwise, register) from error
        if register.lists != "holders":
            raise WrongSilenceError(fact, binding.otherwise, register)


def check_bindings(pack: Pack, registers: Mapping[str, Register], problems: Problems) -> None:
    """Record every binding that our records do not know, and every register that no fact is bound to (a warning)."""
    for entity, fact, error in unbound(pack, registers):
        zh = getattr(error, "zh", str(error))
        place = entity.place if isinstance(error, OwnerlessThingError) else fact.place
        problems.add(place, "unknown-binding", zh=zh, en=getattr(error, "en", zh))
    _check_things(pack, problems)
    _check_unbound(pack, problems)
    used = {
        binding.register
        for entity in pack.vocabulary.entities.values()
        for fact in entity.facts.values()
        if fact.binding and (binding := register_binding(fact.binding)) is not None
    }
    for register in registers.values():
        if register.key not in used and not register.rows:
            problems.add(
                register.place,
                "unused-register",
                zh=f"没有事实绑定到登记簿“{register.key}”。请绑定，或去掉它。",
                en=f"no fact is bound to the register '{register.key}'; bind one, or take it out.",
                warning=True,
            )


def unexplained(pack: Pack) -> list[Fact]:
    """Recorded facts that a policy reads, that nothing holds, and of which the pack does not say why (`unbound: …`)."""
    sources, found = sources_of(pack), {}
    for policy in pack.policies.values():
        for dated in pack.expressions(policy):
            for _, node in dated.versions:
                for entity, name in pack.reads(node):
                    fact = pack.vocabulary.entities[entity].facts.get(name)
                    if fact is None or entity not in sources or (entity, name) in pack.derived:
                        continue
                    if not fact.binding and not fact.unbound:
                        found[fact.key] = fact
    return [found[key] for key in sorted(found)]


def _check_unbound(pack: Pack, problems: Problems) -> None:
    """What a policy is counted by has a home, and what it reads a binding or the reason why not.

    Warnings; a pack that binds nothing at all is not asked.
    """
    entities = pack.vocabulary.entities.values()
    if not any(fact.binding for entity in entities for fact in entity.facts.values()):
        return
    sources = sources_of(pack)
    for policy in pack.policies.values():
        if policy.entity not in sources:
            problems.add(
                policy.place,
                "no-home",
                zh=f"“{policy.label}”按“{policy.entity}”计发，而没有登记簿登记它，全量判定会略过这项政策。请把它的事实绑定到登记簿。",
                en=f"'{policy.id}' is counted by '{policy.entity}', which no register holds, so that a sweep passes the policy over; "
                "bind its facts to a register.",
                warning=True,
            )
    for fact in unexplained(pack):
        problems.add(
            fact.place,
            "no-binding",
            zh=f"有政策要看“{fact.label}”，没有登记簿登记它。请写 binding；只能问本人的，写 unbound: 为什么没有。",
            en=f"a policy reads '{fact.key}', which no register holds; write a binding or, where it can only be asked, why: `unbound: …`.",
            warning=True,
        )


def _check_things(pack: Pack, problems: Problems) -> None:
    """A thing has one owner of a kind."""
    sources = sources_of(pack)
    for entity in pack.vocabulary.entities.values():
        if entity.name in sources and entity.name not in SOURCES:
            for relation in surplus_owners(entity):
                error = SurplusOwnerError(relation, owners_of(entity)[relation.to])
                problems.add(relation.place, "surplus-owner", zh=error.zh, en=error.en)
