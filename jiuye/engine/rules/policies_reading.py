"""Reading the files under policies/ and derived/: every mistake is recorded, and what can be read is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from jiuye.engine.basis.dates import PERIODS, Interval, days_later, parse_date
from jiuye.engine.basis.documents import Mapping, Scalar, Sequence
from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.rules.holders import BY_THE_RULES
from jiuye.engine.rules.parameters import Parameter, Source
from jiuye.engine.rules.parameters_reading import read_parameters, read_sources
from jiuye.engine.rules.policies import (
    ALWAYS,
    CLAIMS,
    EFFECTS,
    EVIDENCE,
    KEEPS,
    MOST_CLAUSES,
    Case,
    Cases,
    Clause,
    Derived,
    Exclusion,
    Policy,
)
from jiuye.engine.rules.tree import Dated, Node
from jiuye.engine.rules.types import BOOLEAN, MONEY, Type
from jiuye.engine.rules.typing import type_expression
from jiuye.engine.rules.vocabulary import Fact, Vocabulary, check_columns, check_name, read_type

_POLICY_ID = re.compile(r"[a-z][a-z0-9-]*")


@dataclass(slots=True)
class Reader:
    """What every file is read against: the vocabulary, the shared parameters and sources, and the list of problems."""

    vocabulary: Vocabulary
    shared: dict[str, Parameter]
    problems: Problems

    def names(self, own: dict[str, Parameter], entity: str) -> dict[str, Parameter]:
        """The parameters an expression of this file sees; a name that means two things is refused."""
        for name, parameter in own.items():
            if name in self.shared or name in self.vocabulary.entities[entity].facts:
                self._duplicate(parameter)
        for name, parameter in self.shared.items():
            if name in self.vocabulary.entities[entity].facts:
                self._duplicate(parameter)
        return {**self.shared, **own}

    def _duplicate(self, parameter: Parameter) -> None:
        parameter.broken = True
        self.problems.add(
            parameter.place,
            "duplicate-name",
            zh=f"“{parameter.name}”已是共用参数或事实的名字。请换一个。",
            en=f"'{parameter.name}' already names a shared parameter or a fact; choose another name.",
        )

    def dated(
        self, root: Mapping, key: str, entity: str, parameters: dict[str, Parameter], wanted: Type
    ) -> Dated | None:
        """The expression under `key`, plain or by date; None with the problem recorded."""
        node = root.node(key, required=True)
        if node is None:
            return None
        if isinstance(node, Scalar):
            typed = type_expression(node, entity, self.vocabulary, parameters, self.problems, wanted)
            return Dated(((ALWAYS, typed),)) if typed is not None else None
        if not isinstance(node, Mapping) or not node.entries:
            self._no_expression(node.place, key)
            return None
        versions: list[tuple[date, Node]] = []
        for text, place, child in node.items():
            try:
                start = parse_date(text)
            except ValueError:
                self.problems.add(
                    place,
                    "not-a-date",
                    zh=f"“{text}”不是日期；按日期分版本写作 2024-01-01: 表达式。",
                    en=f"'{text}' is not a date; versions are written 2024-01-01: expression.",
                )
                continue
            if not isinstance(child, Scalar):
                self._no_expression(place, text)
                continue
            typed = type_expression(child, entity, self.vocabulary, parameters, self.problems, wanted)
            if typed is not None:
                versions.append((start, typed))
        return Dated(tuple(sorted(versions, key=lambda version: version[0]))) if versions else None

    def _no_expression(self, place: Place, key: str) -> None:
        self.problems.add(
            place,
            "wrong-shape",
            zh=f"“{key}”这里应当是一个表达式，或按日期分的几个表达式（2024-01-01: 表达式）。",
            en=f"'{key}' should be an expression, or expressions by date (2024-01-01: expression).",
        )


def read_derived_head(root: Mapping, name: str, reader: Reader) -> list[tuple[Fact, Mapping]]:
    """First pass over a derived file: the facts it adds to the vocabulary, so that others may name them."""
    entity_scalar = root.scalar("entity", required=True)
    facts = root.mapping("facts", required=True)
    if entity_scalar is None or facts is None:
        return []
    entity = reader.vocabulary.entities.get(entity_scalar.text)
    if entity is None:
        zh, en = did_you_mean(entity_scalar.text, reader.vocabulary.entities)
        reader.problems.add(
            entity_scalar.place,
            "unknown-entity",
            zh=f"没有实体“{entity_scalar.text}”。{zh}",
            en=f"no entity '{entity_scalar.text}'; {en}",
        )
        reader.vocabulary.broken |= {("*", key) for key in facts.entries}
        return []
    heads = []
    for key, place, item in facts.mappings("派生事实", "the derived fact"):
        check_name(key, place, reader.problems)
        check_columns(key, entity, place, reader.problems)
        if key in entity.facts or key in entity.relations:
            reader.problems.add(
                place,
                "duplicate-name",
                zh=f"“{entity.name}”已有“{key}”。请换一个名字。",
                en=f"'{entity.name}' already has '{key}'; choose another name.",
            )
            continue
        found = read_type(item, reader.vocabulary, reader.problems)
        if found is None:
            reader.vocabulary.broken.add((entity.name, key))
            continue
        fact = Fact(
            entity.name, key, found, item.text("name", required=True), item.text("name_en"), register=BY_THE_RULES,
            place=place,
        )  # fmt: skip
        entity.facts[key] = fact
        heads.append((fact, item))
    return heads


def read_derived(
    root: Mapping, name: str, heads: list[tuple[Fact, Mapping]], reader: Reader
) -> dict[tuple[str, str], Derived]:
    """Second pass over a derived file: the expressions and cases."""
    sources = read_sources(root, reader.problems)
    own = read_parameters(root, sources, reader.vocabulary, reader.problems)
    root.text("notes")
    root.finish()
    found: dict[tuple[str, str], Derived] = {}
    for fact, item in heads:
        parameters = reader.names(own, fact.entity)
        law = item.text("law", required=True)
        item.text("law_en")
        item.text("notes")
        value = reader.dated(item, "value", fact.entity, parameters, fact.type)
        cases = read_cases(item, reader.problems)
        item.finish()
        if value is not None:
            found[fact.entity, fact.name] = Derived(fact, law, sources, value, cases, name, own)
    return found


def read_cases(root: Mapping, problems: Problems) -> Cases:
    """The `cases:` of a file. Their facts are read against the vocabulary when they are run and checked."""
    cases = []
    node = root.sequence("cases")
    for item in node or ():
        if not isinstance(item, Mapping):
            problems.add(
                item.place, "wrong-shape", zh="每个案例是一组“键: 值”。", en="each case is a mapping of keys."
            )
            continue
        name, on = item.text("name", required=True), item.date("on", required=True)
        facts, expect = item.mapping("facts", required=True), item.mapping("expect", required=True)
        item.finish()
        if on is not None and facts is not None and expect is not None:
            cases.append(Case(name, on, facts, expect, item.place))
    return Cases(cases)


def read_policy(root: Mapping, stem: str, name: str, reader: Reader) -> Policy | None:
    """A policy file, or None where too little of it can be read; every mistake is recorded."""
    problems = reader.problems
    policy_id = _read_id(root, stem, problems)
    entity, recipient_entity, recipient = _read_entities(root, reader)
    sources = read_sources(root, problems)
    own = read_parameters(root, sources, reader.vocabulary, problems)
    if not entity:
        # Without an entity no name has a meaning: expressions are left, everything else is still looked at.
        root.asked |= {"conditions", "amount"}
    parameters = reader.names(own, entity) if entity else {}
    clauses = _read_clauses(root, entity, sources, parameters, reader) if entity else []
    amount = reader.dated(root, "amount", entity, parameters, MONEY) if entity and "amount" in root else None
    task = root.whole("task")
    policy = Policy(
        id=policy_id,
        label=root.text("name", required=True),
        label_en=root.text("name_en", required=True),
        summary=root.text("summary"),
        summary_en=root.text("summary_en"),
        task=task,
        recipient_entity=recipient_entity,
        entity=entity,
        recipient=recipient,
        period=root.choice("period", PERIODS, default="once"),
        in_force=_read_in_force(root, problems),
        evidence=root.choice("evidence", tuple(EVIDENCE), default="direct"),
        claim=root.choice("claim", tuple(CLAIMS), default="apply"),
        effect=root.choice("effect", tuple(EFFECTS), default="payment" if amount is not None else "service"),
        fund=root.text("fund"),
        sources=sources,
        parameters=own,
        clauses=clauses,
        amount=amount,
        amount_law=root.text("amount_law"),
        excludes=_read_excludes(root, problems),
        notes=root.text("notes"),
        cases=read_cases(root, problems),
        file=name,
        place=root.place,
        unreadable=set(_clause_ids(root)) - {clause.id for clause in clauses},
    )
    root.finish()
    return policy if entity else None


def _read_id(root: Mapping, stem: str, problems: Problems) -> str:
    scalar = root.scalar("id", required=True)
    if scalar is None:
        return stem
    if not _POLICY_ID.fullmatch(scalar.text) or scalar.text != stem:
        problems.add(
            scalar.place,
            "id-and-file-differ",
            zh=f"id“{scalar.text}”须与文件名“{stem}”相同，只用小写字母、数字和连字符。",
            en=f"the id '{scalar.text}' must equal the file's name '{stem}', in lower-case letters, digits and hyphens.",
        )
    return stem


def _read_entities(root: Mapping, reader: Reader) -> tuple[str, str, str]:
    """(entity counted by, entity that receives, relation between them); the first is empty where unreadable."""
    entities = reader.vocabulary.entities
    wanted = root.scalar("for", required=True)
    per = root.scalar("per") or wanted
    recipient = root.scalar("recipient")
    if wanted is None or per is None:
        return "", "", ""
    for scalar in (wanted, per):
        if scalar.text not in entities:
            zh, en = did_you_mean(scalar.text, entities)
            reader.problems.add(
                scalar.place,
                "unknown-entity",
                zh=f"没有实体“{scalar.text}”。{zh}",
                en=f"no entity '{scalar.text}'; {en}",
            )
            return "", "", ""
    if per.text == wanted.text:
        return per.text, wanted.text, ""
    ways = [
        rel.name for rel in entities[per.text].relations.values() if rel.to == wanted.text and not rel.many
    ]
    if recipient is not None and recipient.text in ways:
        return per.text, wanted.text, recipient.text
    if recipient is None and len(ways) == 1:
        return per.text, wanted.text, ways[0]
    zh, en = did_you_mean(recipient.text if recipient else "", ways)
    reader.problems.add(
        (recipient or per).place,
        "no-recipient",
        zh=f"从“{per.text}”到“{wanted.text}”要用 recipient 写明是哪个单值关系。{zh}",
        en=f"say by `recipient` which to-one relation leads from '{per.text}' to '{wanted.text}'; {en}",
    )
    return "", "", ""


def _read_in_force(root: Mapping, problems: Problems) -> Interval:
    node = root.mapping("in_force", required=True)
    if node is None:
        return Interval()
    start, until, last = node.date("from", required=True), node.date("until"), node.date("to")
    node.finish()
    if until is not None and last is not None:
        problems.add(
            node.place,
            "two-ends",
            zh="to（最后一天）与 until（次日）只写一个。",
            en="write either `to` (the last day) or `until` (the day after).",
        )
    if last == date.max:
        problems.add(
            node.key_place("to"),
            "endless",
            zh="没有结束日期的，不要写 to；9999-12-31 之后没有日子。",
            en="leave `to` out where there is no end; the calendar has no day after 9999-12-31.",
        )
    elif last is not None:
        until = days_later(last, 1)
    if start is not None and until is not None and until <= start:
        problems.add(
            node.place,
            "ends-before-start",
            zh="施行的结束不晚于开始。请检查两个日期。",
            en="it ends before it begins; check the two dates.",
        )
    return Interval(start, until)


def _read_clauses(
    root: Mapping, entity: str, sources: dict[str, Source], parameters: dict[str, Parameter], reader: Reader
) -> list[Clause]:
    clauses: list[Clause] = []
    seen: dict[str, int] = {}
    node = root.sequence("conditions", required=True)
    if node is not None and not node.items:
        reader.problems.add(
            root.key_place("conditions"),
            "no-conditions",
            zh="没有条件的政策人人都符合。请至少写一个条件。",
            en="a policy without conditions entitles everyone; write at least one.",
        )
    for item in node or ():
        if not isinstance(item, Mapping):
            reader.problems.add(
                item.place,
                "wrong-shape",
                zh="每个条件是一组“键: 值”。",
                en="each condition is a mapping of keys.",
            )
            continue
        clause_id = item.text("id", required=True)
        if clause_id and not _POLICY_ID.fullmatch(clause_id):
            reader.problems.add(
                item.key_place("id"),
                "bad-name",
                zh=f"条件的 id“{clause_id}”只能用小写字母、数字和连字符，以字母开头。",
                en=f"the condition's id '{clause_id}' may only use lower-case letters, digits and hyphens, and begins with a letter.",
            )
        if clause_id in seen:
            reader.problems.add(
                item.place,
                "duplicate-clause",
                zh=f"条件“{clause_id}”在第 {seen[clause_id]} 行已有。请换一个 id。",
                en=f"condition '{clause_id}' already stands on line {seen[clause_id]}; choose another id.",
            )
        seen[clause_id] = item.place.line
        source_scalar = item.scalar("source")
        source = sources.get(source_scalar.text) if source_scalar else None
        if source_scalar is not None and source is None:
            zh, en = did_you_mean(source_scalar.text, sources)
            reader.problems.add(
                source_scalar.place,
                "unknown-source",
                zh=f"sources 里没有“{source_scalar.text}”。{zh}",
                en=f"'{source_scalar.text}' is not among the sources; {en}",
            )
        law, says, says_en = (
            item.text("law", required=True),
            item.text("says", required=True),
            item.text("says_en"),
        )
        test = reader.dated(item, "test", entity, parameters, BOOLEAN)
        item.finish()
        if test is not None:
            clauses.append(Clause(clause_id, law, source, says, says_en, test, item.place))
    if len(clauses) > MOST_CLAUSES:
        reader.problems.add(
            root.place,
            "too-many-clauses",
            zh=f"一个政策最多 {MOST_CLAUSES} 个条件。请合并或用派生事实。",
            en=f"a policy holds at most {MOST_CLAUSES} conditions; merge some, or use derived facts.",
        )
    return clauses


def _clause_ids(root: Mapping) -> list[str]:
    """The ids of all conditions as written, those with an unreadable test included."""
    node = root.entries.get("conditions", (None, None))[1]
    items = node.items if isinstance(node, Sequence) else []
    found = [item.entries.get("id", (None, None))[1] for item in items if isinstance(item, Mapping)]
    return [scalar.text.strip() for scalar in found if isinstance(scalar, Scalar)]


def _read_excludes(root: Mapping, problems: Problems) -> list[Exclusion]:
    found = []
    for item in root.sequence("excludes") or ():
        if not isinstance(item, Mapping):
            problems.add(
                item.place,
                "wrong-shape",
                zh="每条 excludes 是一组“键: 值”。",
                en="each entry of `excludes` is a mapping of keys.",
            )
            continue
        policy = item.text("policy", required=True)
        found.append(
            Exclusion(policy, item.choice("keep", KEEPS), item.text("law", required=True), item.place)
        )
        item.finish()
    return found
