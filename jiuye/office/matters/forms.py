"""Answers of a form: read, checked against the item's fields, and filled in where the city knows them already."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.basis.money import fen_from_yuan
from jiuye.engine.rules.types import Type
from jiuye.engine.rules.values import plain_value
from jiuye.engine.services.items import Item, Question
from jiuye.office.casework.refusals import Refusal
from jiuye.office.entitlements.values import FactNow, own_values_now
from jiuye.office.matters.content import item_of
from jiuye.office.matters.limits import beyond, limits_of, unfit
from jiuye.office.matters.models import Matter
from jiuye.office.staff.refusals import MEDIUM, plain, too_long


@dataclass(frozen=True, slots=True)
class Known:
    """A fact that a register holds: its value as text for the form, and the register's name."""

    value: str
    register: str


class FormRefusedError(Refusal):
    """Some fields are missing or wrong. `fields` has a sentence for each."""

    def __init__(self, fields: dict[str, str]) -> None:
        self.fields = fields
        super().__init__(
            gettext("表单还有 %(count)d 处要改：") % {"count": len(fields)} + "".join(fields.values())
        )


def answers_of(matter: Matter) -> dict[str, str]:
    """What the form holds now."""
    return json.loads(matter.answers) if matter.answers else {}


def packed(answers: dict[str, str]) -> str:
    """The answers as they are sealed."""
    return json.dumps(answers, ensure_ascii=False, sort_keys=True)


def kept(item: Item, given: dict[str, str]) -> dict[str, str]:
    """What the form's own fields were given, trimmed and never cut; anything else in `given` is left out."""
    return {
        question.id: plain(given[question.id])
        for question in item.questions
        if given.get(question.id, "").strip()
    }


def differs(given: dict[str, str], *, matter: Matter) -> bool:
    """Whether the form's own fields were given anything else than what is kept of the matter."""
    there = answers_of(matter)
    return any(there.get(name) != text for name, text in kept(item_of(matter.item_id), given).items())


def check_answers(
    item: Item, answers: dict[str, str], *, applicant_kind: str, applicant_id: int, on: date
) -> None:
    """Raise FormRefusedError unless every field that is asked is answered in its kind and within its limits."""
    wrong: dict[str, str] = {}
    limits = limits_of(item, applicant_kind=applicant_kind, applicant_id=applicant_id, on=on)
    for question in item.asked(answers):
        text = answers.get(question.id, "")
        if not text:
            if question.required:
                wrong[question.id] = gettext("“%(label)s”还没有填。") % {"label": question.label}
            continue
        over = len(text) - MEDIUM
        if over > 0:
            wrong[question.id] = too_long(question.label, most=MEDIUM, over=over)
            continue
        reason = _wrong(question, text, on)
        if reason is None and question.id in limits:
            reason = beyond(question, text, limits[question.id])
        if reason is not None:
            wrong[question.id] = gettext("“%(label)s”%(reason)s。") % {
                "label": question.label,
                "reason": reason,
            }
    if wrong:
        raise FormRefusedError(wrong)


def _wrong(question: Question, text: str, on: date) -> str | None:
    if question.kind == "choice" and text not in [value for value, _, _ in question.options]:
        return gettext("不在选项里")
    if question.kind == "yes_no" and text not in ("yes", "no"):
        return gettext("要选“是”或“否”")
    if question.kind == "statement" and text != "yes":
        return gettext("要本人承诺")
    if question.kind == "whole" and not text.isdecimal():
        return gettext("要填整数")
    if question.kind == "date":
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return gettext("要填日期，例如 2024-03-15")
        if day > on:
            return gettext("不能晚于今天")
    if question.kind == "money":
        try:
            fen_from_yuan(text)
        except ValueError:
            return gettext("要填金额（元，至多两位小数）")
    return unfit(question, text, on=on) if question.kind in ("employer", "person") else None


def known_facts(item: Item, *, applicant_kind: str, applicant_id: int, on: date) -> dict[str, Known]:
    """What the registers know of the facts that the item's form or evidence names."""
    return known_for([item], applicant_kind=applicant_kind, applicant_id=applicant_id, on=on)


def known_for(items: Iterable[Item], *, applicant_kind: str, applicant_id: int, on: date) -> dict[str, Known]:
    """As `known_facts`, of several items in one reading."""
    rows = list(items)
    found = own_values_now(entity=applicant_kind, key=applicant_id, names=sorted(facts_named(rows)), on=on)
    return known_in(found)


def facts_named(items: Iterable[Item]) -> set[str]:
    """The facts by which the city fills in the form itself, or spares a paper."""
    rows = list(items)
    names = {fact for item in rows for question in item.questions for fact in question.filled_by}
    return names | {fact for item in rows for row in item.evidence for fact in row.known_by}


def known_in(found: Mapping[str, FactNow]) -> dict[str, Known]:
    """Of facts that were read, those that the city has on record."""
    return {
        name: Known(_text(now.value, now.fact.type), now.fact.register or gettext("登记信息"))
        for name, now in found.items()
        if now.value is not None
    }


def _text(value: Any, of: Type) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(plain_value(value, of))


def known_answer(question: Question, known: Mapping[str, Known]) -> Known | None:
    """What the city knows of one answer: by the fact that fills it in, or by the first option whose fact holds."""
    if question.prefill in known:
        return known[question.prefill]
    for value, fact in question.shown_by:
        if fact in known and known[fact].value == "yes":
            return Known(value, known[fact].register)
    return None


def prefilled(item: Item, known: Mapping[str, Known]) -> dict[str, str]:
    """The form's fields that the city can fill in itself."""
    found = {question.id: known_answer(question, known) for question in item.questions}
    return {name: answer.value for name, answer in found.items() if answer is not None}
