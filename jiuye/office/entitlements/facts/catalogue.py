"""Every entity's source in one place, and what of a pack's bindings our records do not know. Needs no database."""

from __future__ import annotations

from collections.abc import Mapping

from jiuye.engine.basis.problems import Problems, nearest
from jiuye.engine.registers import Register
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.values import parse_value
from jiuye.engine.rules.vocabulary import Entity, Fact
from jiuye.office.entitlements.facts.employers import BIRTH, EMPLOYER, HIRE
from jiuye.office.entitlements.facts.people import HOUSEHOLD, PERSON
from jiuye.office.entitlements.facts.registers import SUBJECTS, register_binding
from jiuye.office.entitlements.facts.skills import APPRENTICESHIP, CERTIFICATE, TRAINEESHIP, TRAINING
from jiuye.office.entitlements.facts.sources import FactSource

SOURCES: dict[str, FactSource] = {
    source.entity: source
    for source in (
        PERSON,
        HOUSEHOLD,
        EMPLOYER,
        HIRE,
        BIRTH,
        CERTIFICATE,
        TRAINING,
        TRAINEESHIP,
        APPRENTICESHIP,
    )
}


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

    def __init__(self, entity: str, named: str) -> None:
        able = entity in SUBJECTS
        self.zh = (
            f"“{entity}”的事实要绑定到 {entity}.register(…)，不能是 {named}.register(…)。"
            if able
            else (f"登记簿只登记{'、'.join(SUBJECTS)}的信息，不登记“{entity}”的。")
        )
        self.en = (
            f"a fact of '{entity}' is bound to {entity}.register(…), not to {named}.register(…)."
            if able
            else (f"registers speak of {', '.join(SUBJECTS)}, and not of '{entity}'.")
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


def unbound(pack: Pack, registers: Mapping[str, Register]) -> list[tuple[Entity, Fact, LookupError]]:
    """Facts whose binding our records do not know, with the reason: what `jiuye check` reports of the office."""
    wrong: list[tuple[Entity, Fact, LookupError]] = []
    for entity in pack.vocabulary.entities.values():
        for fact in entity.facts.values():
            if fact.binding and entity.name in SOURCES:
                try:
                    _check(entity, fact, registers, pack.vocabulary.enums)
                except LookupError as error:
                    wrong.append((entity, fact, error))
    return wrong


def _check(
    entity: Entity, fact: Fact, registers: Mapping[str, Register], enums: dict[str, dict[str, str]]
) -> None:
    binding = register_binding(fact.binding)
    if binding is None:
        SOURCES[entity.name].expression(fact.binding)
    elif binding.entity != entity.name or entity.name not in SUBJECTS:
        raise WrongSubjectError(entity.name, binding.entity)
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
    for _, fact, error in unbound(pack, registers):
        zh = getattr(error, "zh", str(error))
        problems.add(fact.place, "unknown-binding", zh=zh, en=getattr(error, "en", zh))
    used = {
        binding.register
        for entity in pack.vocabulary.entities.values()
        for fact in entity.facts.values()
        if fact.binding and (binding := register_binding(fact.binding)) is not None
    }
    for register in registers.values():
        if register.key not in used:
            problems.add(
                register.place,
                "unused-register",
                zh=f"没有事实绑定到登记簿“{register.key}”。请绑定，或去掉它。",
                en=f"no fact is bound to the register '{register.key}'; bind one, or take it out.",
                warning=True,
            )
