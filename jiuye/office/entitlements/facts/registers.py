"""Facts that other departments' registers hold: `person.register(tax, FACT)`, one join a register, cast by the fact's type.

A third word says what the silence of a register of holders means where it is not a no or 0: `hire.register(tax, FACT, unused)`.

A value of another shape than its type is not known: a delivery is read when it comes, and a fact whose type changed later
must not stop a sweep.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jiuye.engine.registers import Register
from jiuye.engine.registers.spreads import plain
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import parse_value
from jiuye.engine.rules.vocabulary import Entity, Fact
from jiuye.office.entitlements.facts.sources import quote, quote_list
from jiuye.office.entitlements.facts.tables import is_thing
from jiuye.office.entitlements.facts.things import owners_of

SUBJECTS = ("person", "household", "employer", "hire")  # whom registers can speak of, besides things
_BINDING = re.compile(r"(\w+)\.register\(\s*([a-z]\w*)\s*,\s*([a-z]\w*)\s*(?:,\s*([\w.-]+)\s*)?\)")


@dataclass(frozen=True, slots=True)
class RegisterBinding:
    entity: str
    register: str
    fact: str
    otherwise: str = ""


class WrongRegisterFactsError(ValueError):
    """What was delivered does not fit the pack's facts. `sentences` say why, one each."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__("".join(sentences))


def register_binding(binding: str) -> RegisterBinding | None:
    """The parts of `person.register(tax, FACT)`; None where the binding is of another kind."""
    match = _BINDING.fullmatch(binding.strip())
    return RegisterBinding(*(part or "" for part in match.groups())) if match is not None else None


def can_be_registered(entity: Entity) -> bool:
    """True for what registers can speak of: the four kinds of subjects, and the pack's own kinds of things."""
    return entity.name in SUBJECTS or is_thing(entity)


RegisterFacts = dict[tuple[str, str], dict[str, Fact]]
_kept: dict[str, tuple[Pack, RegisterFacts]] = {}


def register_facts(pack: Pack) -> RegisterFacts:
    """(register, entity) → the register's fact names → the pack's facts bound to them; kept for the pack asked about last."""
    kept = _kept.get(
        "last"
    )  # taken once: another thread may ask about another pack, a draft's, in the same moment
    if kept is None or kept[0] is not pack:
        kept = _kept["last"] = (pack, _register_facts(pack))
    return kept[1]


def _register_facts(pack: Pack) -> RegisterFacts:
    found: RegisterFacts = {}
    for entity in pack.vocabulary.entities.values():
        for fact in entity.facts.values():
            binding = register_binding(fact.binding) if fact.binding else None
            if binding is not None and binding.entity == entity.name and can_be_registered(entity):
                found.setdefault((binding.register, entity.name), {})[binding.fact] = fact
    return found


def thing_owners(pack: Pack) -> dict[str, dict[str, str]]:
    """The pack's kinds of things, each with its relations to whose it is: {"labour_brand": {"applicant": "employer"}}."""
    return {
        entity.name: {relation.name: kind for kind, relation in owners_of(entity).items()}
        for entity in pack.vocabulary.entities.values()
        if is_thing(entity)
    }


def register_expression(
    binding: RegisterBinding,
    of: Type,
    enums: Mapping[str, Mapping[str, str]],
    registers: Mapping[str, Register],
) -> str:
    """The SQL of one fact. Silence of a register of holders is a no, or 0, once it was delivered whole."""
    record = f"rg_{binding.register}"
    value = _cast(
        f"{record}.facts->{quote(binding.fact)}", f"{record}.facts->>{quote(binding.fact)}", of, enums
    )
    register = registers.get(binding.register)
    nothing = _nothing(binding.otherwise, of, enums)
    if register is None or register.lists != "holders" or nothing is None:
        return value
    delivered = (
        f"EXISTS (SELECT FROM registry_registerdelivery d WHERE d.register = {quote(binding.register)} "
        f"AND d.entity = {quote(binding.entity)} AND d.complete AND d.as_of <= {{on}})"
    )
    return f"CASE WHEN {record}.facts IS NOT NULL THEN {value} WHEN {delivered} THEN {nothing} END"


def _nothing(otherwise: str, of: Type, enums: Mapping[str, Mapping[str, str]]) -> str | None:
    """What silence means, as SQL; None where it means nothing."""
    if not otherwise:
        return {"boolean": "FALSE", "number": "0", "money": "0"}.get(of.kind)
    value = parse_value(otherwise, of, {name: dict(members) for name, members in enums.items()})
    if of.kind == "boolean":
        return "TRUE" if value else "FALSE"
    if of.kind == "money":
        return str(value)
    return otherwise if of.kind == "number" else quote(otherwise)


def _cast(value: str, text: str, of: Type, enums: Mapping[str, Mapping[str, str]]) -> str:
    if of.kind == "boolean":
        return f"CASE WHEN jsonb_typeof({value}) = 'boolean' THEN ({value})::boolean END"
    if of.kind == "number":
        return f"CASE WHEN jsonb_typeof({value}) = 'number' THEN ({value})::numeric END"
    if of.kind == "money":  # yuan there, fen here
        return f"CASE WHEN jsonb_typeof({value}) = 'number' THEN ({value})::numeric * 100 END"
    if of.kind in ("date", "month"):
        day = text if of.kind == "date" else f"({text}) || '-01'"
        return _day(f"({day})")
    if of.kind == "enum":
        return f"CASE WHEN {text} IN {quote_list(list(enums[of.enum]))} THEN {text} END"
    return text


def _day(text: str) -> str:
    """A text as a date; NULL for what is no day of the calendar. PostgreSQL 15 cannot be asked whether a text is one."""
    shaped = f"{text} ~ '^[0-9]{{4}}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' AND left({text}, 4) <> '0000'"
    last = f"extract(day FROM (left({text}, 8) || '01')::date + interval '1 month' - interval '1 day')"
    return f"CASE WHEN {shaped} THEN CASE WHEN right({text}, 2)::int <= {last} THEN {text}::date END END"


def reader_of(pack: Pack, register: str, entity: str) -> Callable[[Mapping[str, str]], dict[str, Any]]:
    """A function that reads one delivered row (fact → text as the pack's values are written) for `record_delivery`.

    It raises WrongRegisterFactsError with a sentence for every fact that the pack does not know or whose value does not fit.
    """
    known = register_facts(pack).get((register, entity), {})
    enums = pack.vocabulary.enums

    def read(row: Mapping[str, str]) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        wrong = []
        for name, text in row.items():
            fact = known.get(name)
            if fact is None:
                wrong.append(
                    f"规则包没有把任何事实绑定到登记簿“{register}”的“{name}”；认识的有：{'、'.join(known)}。"
                )
                continue
            if not text.strip():
                continue  # the register does not say
            try:
                value = parse_value(text, fact.type, enums)
            except ValueError:
                wrong.append(f"“{text}”不是{fact.label}（{fact.type.zh}）。")
                continue
            if (fact.low is not None and value < fact.low) or (fact.high is not None and value > fact.high):
                wrong.append(f"“{text}”超出了{fact.label}的范围。")
            else:
                facts[name] = plain(text, fact)
        if wrong:
            raise WrongRegisterFactsError(wrong)
        return facts

    return read
