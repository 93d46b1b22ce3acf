"""Reading questions.yaml: the questions of each audience, what follows from what, and what nobody of it can be asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

from jiuye.engine.basis.documents import Mapping, Scalar
from jiuye.engine.basis.problems import Place, Problems, did_you_mean
from jiuye.engine.rules.audiences import (
    ONE,
    SEVERAL,
    VALUE,
    Audience,
    Facts,
    Implication,
    ImplicationCase,
    Option,
    Question,
    Unasked,
    known_paths,
    slots_of,
    type_at,
)
from jiuye.engine.rules.policies_reading import Reader
from jiuye.engine.rules.spans import MonthsAgo, open_ended
from jiuye.engine.rules.types import BOOLEAN, Type
from jiuye.engine.rules.values import read_value

if TYPE_CHECKING:
    from jiuye.engine.rules.pack import Pack

ORDINARY_DAY = date(2025, 1, 1)  # of cases that name none
_ID = re.compile(r"[a-z][a-z0-9-]*")


def read_questions(root: Mapping, pack: Pack, problems: Problems) -> dict[str, Audience]:
    """The audiences by their entity. Whatever can be read is; every mistake is recorded."""
    found: dict[str, Audience] = {}
    audiences = root.mapping("audiences", required=True)
    root.text("notes")
    root.finish()
    for name, place, item in audiences.mappings("对象", "the audience") if audiences is not None else ():
        if name not in pack.vocabulary.entities:
            zh, en = did_you_mean(name, pack.vocabulary.entities)
            problems.add(
                place, "unknown-entity", zh=f"没有实体“{name}”。{zh}", en=f"no entity '{name}'; {en}"
            )
            continue
        found[name] = _Reading(pack, name, problems).audience(item, place)
    return found


class _Reading:
    """Reads one audience: paths are held against the facts and the slots that its policies reach."""

    def __init__(self, pack: Pack, entity: str, problems: Problems) -> None:
        self.pack, self.entity, self.problems = pack, entity, problems
        self.slots = slots_of(pack, entity)
        self.paths = known_paths(pack, entity, self.slots)
        self.reader = Reader(pack.vocabulary, pack.parameters, problems)

    def audience(self, root: Mapping, place: Place) -> Audience:
        audience = Audience(self.entity, self.slots, place=place)
        for name, key_place, thing in self._named(root, "things"):
            label, label_en = thing.text("name", required=True), thing.text("name_en", required=True)
            thing.finish()
            if self._slot(name, key_place):
                self.slots[name] = replace(self.slots[name], label=label, label_en=label_en)
        for item in root.sequence("questions") or ():
            if not isinstance(item, Mapping):
                self._not_a_mapping(item.place, "每个问题", "each question")
                continue
            question = self._question(item)
            if question is None:
                continue
            if question.id in audience.questions:
                self._twice(question.id, audience.questions[question.id].place, item.place)
                continue
            audience.questions[question.id] = question
        for item in root.sequence("follows") or ():
            if not isinstance(item, Mapping):
                self._not_a_mapping(item.place, "每条推论", "each inference")
                continue
            rule = self._implication(item)
            if rule is not None:
                audience.implications.append(rule)
        for path, key_place, entry in self._named(root, "not_asked"):
            typed = self._typed(path, key_place)
            unasked = Unasked(
                path, entry.text("why", required=True), entry.text("why_en", required=True), key_place
            )
            entry.finish()
            if typed is not None:
                audience.unasked[path] = unasked
        for item in root.sequence("wishes") or ():
            if isinstance(item, Scalar) and (typed := self._typed(item.text, item.place)) is not None:
                self._wish(audience, item, typed[0])
        root.finish()
        return audience

    def _wish(self, audience: Audience, path: Scalar, of: Type) -> None:
        if of.kind not in ("number", "money", "boolean"):
            self.problems.add(
                path.place,
                "no-wish",
                zh=f"“{path.text}”不是数或金额，也不是是或否：说不出“不要”。请去掉。",
                en=f"'{path.text}' is no number, no money and no yes or no, and cannot say that nothing is wanted; take it away.",
            )
            return
        audience.wishes = (*audience.wishes, path.text)

    # --- questions

    def _question(self, item: Mapping) -> Question | None:
        if "fact" in item:
            return self._value_question(item)
        question_id = self._id(item)
        if question_id in self.paths:
            self.problems.add(
                item.entries["id"][1].place,
                "duplicate-name",
                zh=f"“{question_id}”是一项事实的名字。请给问题另取一个。",
                en=f"'{question_id}' names a fact; choose another name for the question.",
            )
        kind = item.choice("kind", (ONE, SEVERAL), default=ONE)
        ask, ask_en = item.text("ask", required=True), item.text("ask_en", required=True)
        help_zh, help_en = self._help(item)
        options: list[Option] = []
        for entry in item.sequence("options", required=True) or ():
            if not isinstance(entry, Mapping):
                self._not_a_mapping(entry.place, "每个答案", "each answer")
                continue
            option = self._option(entry, kind)
            for other in options:
                if other.id == option.id:
                    self._twice(option.id, other.place, option.place)
                elif other.facts and other.facts == option.facts:
                    self.problems.add(
                        option.place,
                        "same-answer",
                        zh=f"答案“{option.id}”与第 {other.place.line} 行的“{other.id}”说的是同样的事实。请合并，或写出它们的差别。",
                        en=f"the answer '{option.id}' says the same facts as '{other.id}' on line {other.place.line}; merge them, or write what differs.",
                    )
            options.append(option)
        item.finish()
        if kind == ONE and len(options) < 2:
            self.problems.add(
                item.place,
                "no-choice",
                zh="单选的问题至少有两个答案。",
                en="a question with one answer to choose needs at least two.",
            )
        if not question_id or not options:
            return None
        return Question(question_id, kind, ask, ask_en, help_zh, help_en, tuple(options), place=item.place)

    def _value_question(self, item: Mapping) -> Question | None:
        """The question about one fact (or whether there is such a thing), in other words than the vocabulary's where it says so."""
        scalar = item.scalar("fact", required=True)
        ask, ask_en = item.text("ask"), item.text("ask_en")
        help_zh, help_en = self._help(item)
        item.finish()
        typed = self._typed(scalar.text, scalar.place) if scalar is not None else None
        if scalar is None or typed is None:
            return None
        kind, fact = typed
        if bool(ask) != bool(ask_en) or (fact is None and not ask):
            self.problems.add(
                item.place,
                "half-worded",
                zh=f"“{scalar.text}”的问法要写 ask 和 ask_en 两种语言。",
                en=f"word the question about '{scalar.text}' in both `ask` and `ask_en`.",
            )
            return None
        if not ask and fact is not None:
            ask, ask_en = fact.ask, fact.ask_en
        return Question(
            scalar.text, VALUE, ask, ask_en, help_zh, help_en, (), scalar.text, kind, fact, place=item.place
        )

    def _option(self, entry: Mapping, kind: str) -> Option:
        option_id = self._id(entry)
        says, says_en = entry.text("says", required=True), entry.text("says_en", required=True)
        facts = self._facts(entry.mapping("facts"))
        otherwise = self._facts(entry.mapping("otherwise"))
        if kind == SEVERAL and "otherwise" not in entry:
            # What is not ticked is not so.
            otherwise = tuple((path, False) for path, value in facts if value is True)
        if kind == ONE and otherwise:
            self.problems.add(
                entry.key_place("otherwise"),
                "otherwise-of-one",
                zh="otherwise 只用在可以多选的问题（kind: several）里。",
                en="`otherwise` is for questions with several answers (kind: several).",
            )
        entry.finish()
        return Option(option_id, says, says_en, facts, otherwise, entry.place)

    # --- what follows from what

    def _implication(self, item: Mapping) -> Implication | None:
        rule_id = self._id(item)
        scalar = item.scalar("of")
        slot = self._slot(scalar.text, scalar.place) if scalar is not None else ""
        entity = self.slots[slot].entity if slot else self.entity
        test = self.reader.dated(item, "if", entity, dict(self.pack.parameters), BOOLEAN)
        then = self._facts(item.mapping("then", required=True))
        why, why_en = item.text("why", required=True), item.text("why_en", required=True)
        cases = []
        for entry in item.sequence("cases", required=True) or ():
            if not isinstance(entry, Mapping):
                self._not_a_mapping(entry.place, "每个案例", "each case")
                continue
            given = self._facts(entry.mapping("given", required=True))
            expected = self._facts(entry.mapping("then", required=True), unknown=True)
            on = entry.date("on") or ORDINARY_DAY
            cases.append(ImplicationCase(entry.text("name"), on, given, expected, entry.place))
            entry.finish()
        item.finish()
        if test is None or not then:
            return None
        return Implication(rule_id, slot, test, then, why, why_en, tuple(cases), item.place)

    # --- parts

    def _named(self, root: Mapping, key: str) -> Iterable[tuple[str, Place, Mapping]]:
        node = root.mapping(key)
        return node.mappings("条目", "the entry") if node is not None else ()

    def _slot(self, name: str, place: Place) -> str:
        """The name where policies are counted by such a thing, else nothing with the problem recorded."""
        if name in self.slots:
            return name
        zh, en = did_you_mean(name, self.slots)
        self.problems.add(
            place,
            "unknown-slot",
            zh=f"没有按“{name}”计发的政策。{zh}",
            en=f"no policy for this audience is counted by '{name}'; {en}",
        )
        return ""

    def _facts(self, node: Mapping | None, *, unknown: bool = False) -> Facts:
        """path: value pairs; with `unknown`, the word stands for a value that is not known."""
        found: list[tuple[str, Any]] = []
        for path, place, child in node.items() if node is not None else ():
            typed = self._typed(path, place)
            if isinstance(child, Mapping) and not unknown:
                span = self._span(child, path, place, typed[0]) if typed is not None else None
                if span is not None:
                    found.append((path, span))
                continue
            if not isinstance(child, Scalar):
                self._not_a_value(child.place, path)
                continue
            if typed is None:
                continue
            if unknown and child.text == "unknown":
                found.append((path, None))
                continue
            value = read_value(child, typed[0], self.pack.vocabulary.enums, self.problems)
            if value is not None:
                found.append((path, value))
        return tuple(found)

    def _span(self, node: Mapping, path: str, place: Place, kind: Type) -> Any:
        """What is known only roughly: `least` and `most`, or, of a date, how many months ago."""
        ago = (node.whole("at_least_months_ago"), node.whole("less_than_months_ago"))
        enums = self.pack.vocabulary.enums
        low, high = (
            read_value(scalar, kind, enums, self.problems) if scalar is not None else None
            for scalar in (node.scalar("least"), node.scalar("most"))
        )
        node.finish()
        counted = ago != (None, None)
        if counted and kind.kind == "date" and (low, high) == (None, None):
            least, less_than = ago
            if least is None or less_than is None or least < less_than:
                return MonthsAgo(least, less_than)
        elif not counted and (low, high) != (None, None) and kind.kind in ("number", "money", "date"):
            span = open_ended(kind, low, high)
            if span.low <= span.high:
                return span
        self.problems.add(
            place,
            "wrong-span",
            zh=f"“{path}”的范围写不成。有大小的事实写 least、most（至少一个，小的在前）；日期也可以写 at_least_months_ago、less_than_months_ago。",
            en=f"'{path}' has no such span: a fact with an order takes `least` and `most` (one at least, the lesser first), a date also at_least_months_ago and less_than_months_ago.",
        )
        return None

    def _typed(self, path: str, place: Place) -> Any:
        typed = type_at(self.pack, self.entity, self.slots, path)
        if typed is None and not self.pack.vocabulary.is_broken("*", path):
            zh, en = did_you_mean(path, self.paths)
            self.problems.add(
                place,
                "unknown-path",
                zh=f"从“{self.entity}”出发没有“{path}”。{zh}",
                en=f"nothing called '{path}' can be reached from '{self.entity}'; {en}",
            )
        return typed

    def _help(self, item: Mapping) -> tuple[str, str]:
        zh, en = item.text("help"), item.text("help_en")
        if bool(zh) != bool(en):
            self.problems.add(
                item.place,
                "half-worded",
                zh="说明要写 help 和 help_en 两种语言。",
                en="write the explanation in both `help` and `help_en`.",
            )
        return zh, en

    def _id(self, item: Mapping) -> str:
        scalar = item.scalar("id", required=True)
        if scalar is None:
            return ""
        if not _ID.fullmatch(scalar.text):
            self.problems.add(
                scalar.place,
                "bad-name",
                zh=f"“{scalar.text}”只能用小写字母、数字和连字符，以字母开头。",
                en=f"'{scalar.text}' may only use lower-case letters, digits and hyphens, and begins with a letter.",
            )
        return scalar.text

    def _twice(self, name: str, first: Place, second: Place) -> None:
        self.problems.add(
            second,
            "duplicate-name",
            zh=f"“{name}”在第 {first.line} 行已有。请换一个。",
            en=f"'{name}' already stands on line {first.line}; choose another.",
        )

    def _not_a_mapping(self, place: Place, zh: str, en: str) -> None:
        self.problems.add(place, "wrong-shape", zh=f"{zh}是一组“键: 值”。", en=f"{en} is a mapping of keys.")

    def _not_a_value(self, place: Place, path: str) -> None:
        self.problems.add(
            place,
            "wrong-shape",
            zh=f"“{path}”这里应当是一个值。",
            en=f"'{path}' should be a single value here.",
        )
