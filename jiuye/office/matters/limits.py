"""Answers held to what the item's file says beyond their kind: at least, at most, and employers for whom something has to hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext

from jiuye.engine.basis.identity import clean_number
from jiuye.engine.basis.money import fen_from_yuan, yuan_text
from jiuye.engine.services.items import Bound, Item, Question
from jiuye.office.entitlements.values import FactNow, is_parameter, parameter_now, values_now
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.rows import unscoped


@dataclass(frozen=True, slots=True)
class Limits:
    """Between which numbers an answer may lie today: whole numbers, or fen. None: no limit, or it cannot be told."""

    least: int | None = None
    most: int | None = None


NO_LIMITS = Limits()


def limits_of(item: Item, *, applicant_kind: str, applicant_id: int, on: date) -> dict[str, Limits]:
    """The limits of every field that has some, on today's facts of the applicant."""
    return limits_for([item], applicant_kind, applicant_id, on)[item.id]


def limits_in(item: Item, values: Mapping[str, FactNow], *, on: date) -> dict[str, Limits]:
    """The same on values that were read of the facts that `facts_bounding` names."""
    return _limits([item], {path: now.value for path, now in values.items()}, on)[item.id]


def facts_bounding(items: Iterable[Item]) -> set[str]:
    """The facts of the applicant by which a field has a least or a most."""
    return {
        bound.text
        for item in items
        for question in item.questions
        for bound in (question.least, question.most)
        if bound is not None and bound.named and not is_parameter(bound.text)
    }


def limits_for(
    items: Iterable[Item], applicant_kind: str, applicant_id: int, on: date
) -> dict[str, dict[str, Limits]]:
    """As `limits_of`, of several items by their id, in one reading of facts."""
    rows = list(items)
    named = facts_bounding(rows)
    facts = (
        values_now(entity=applicant_kind, keys=[applicant_id], paths=sorted(named), on=on) if named else {}
    )
    return _limits(rows, {path: now.value for path, now in facts.get(applicant_id, {}).items()}, on)


def _limits(items: Iterable[Item], values: dict[str, int | None], on: date) -> dict[str, dict[str, Limits]]:
    return {
        item.id: {
            question.id: Limits(
                _value(question, question.least, values, on), _value(question, question.most, values, on)
            )
            for question in item.questions
            if question.least or question.most
        }
        for item in items
    }


def _value(question: Question, bound: Bound | None, values: dict[str, int | None], on: date) -> int | None:
    if bound is None:
        return None
    if not bound.named:
        return fen_from_yuan(bound.text) if question.kind == "money" else int(bound.text)
    return parameter_now(bound.text, on=on) if is_parameter(bound.text) else values.get(bound.text)


def beyond(question: Question, text: str, limits: Limits) -> str | None:
    """What is wrong with a sound number that lies outside its limits; None where nothing is."""
    value = fen_from_yuan(text) if question.kind == "money" else int(text)
    if limits.least is not None and value < limits.least:
        return gettext("不能少于 %(least)s") % {"least": shown(question, limits.least)}
    if limits.most is not None and value > limits.most:
        return gettext("不能多于 %(most)s") % {"most": shown(question, limits.most)}
    return None


def shown(question: Question, value: int) -> str:
    """A limit as people read it."""
    return yuan_text(value) if question.kind == "money" else str(value)


def code_of(text: str) -> str:
    """A credit code without spaces, in upper case."""
    return re.sub(r"\s", "", text).upper()


@unscoped("a resident or an officer names an employer by its public credit code, wherever it is registered")
def party(text: str) -> Employer | None:
    """The employer of that credit code; None where there is none on record."""
    return Employer.objects.filter(credit_code=code_of(text)).first()


@unscoped("an employer names whom it hired by ID number, wherever that person lives")
def resident_of(text: str) -> Person | None:
    """The resident of that ID number; None where there is none on record."""
    return Person.objects.filter(
        id_number_index=blind_index(clean_number(text)), death_date__isnull=True
    ).first()


def unfit(question: Question, text: str, *, on: date) -> str | None:
    """What is wrong with the employer or the resident that an answer names; None where nothing is."""
    if question.kind == "person":
        known = resident_of(text)
        return gettext("没有登记过这个身份证号，请核对") if known is None else None
    employer = party(text)
    if employer is None:
        return gettext("没有登记过这个统一社会信用代码，请核对")
    if not question.must:
        return None
    found = values_now(entity="employer", keys=[employer.pk], paths=[question.must], on=on)
    fact = found[employer.pk][question.must]
    if fact.value is True:
        return None
    return gettext("登记的“%(employer)s”不是“%(fact)s”，请核对") % {
        "employer": employer.name,
        "fact": gettext(fact.fact.label),
    }
