"""Changes to one resident: statuses, employment, corrections; corrections of an employer; and the recorded look at a protected value.

Each act checks the permission in the division of the resident or employer, changes, and is audited with its name, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from jiuye.engine.basis.identity import (
    IdNumberError,
    account_fault,
    clean_account,
    clean_phone,
    is_mobile_phone,
    parse_id_number,
)
from jiuye.office.registry.models import Employer, EmploymentSpell, Person, Status
from jiuye.office.registry.secrets import blind_index
from jiuye.office.registry.signals import employers_changed, people_changed
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, within

CHANGE, REVEAL = "registry.change", "registry.reveal"
REVEALABLE = {"id_number": "身份证号", "phone": "手机号", "bank_account": "银行账号"}
CORRECTABLE = frozenset(
    {
        "name",
        "sex",
        "birth_date",
        "death_date",
        "id_number",
        "phone",
        "bank_account",
        "bank_name",
        "hukou_kind",
        "hukou_division_id",
        "residence_division_id",
        "address",
        "household_id",
    }
)
EMPLOYER_CORRECTABLE = frozenset({"name", "bank_account", "bank_name"})


class FactRefusedError(ValueError):
    """The fact contradicts itself or what is on record. `sentences` say why, one each."""

    def __init__(self, sentences: list[str]) -> None:
        self.sentences = sentences
        super().__init__("".join(sentences))


class NotCorrectableError(ValueError):
    """A field that is not a resident's or an employer's own, or does not exist."""

    def __init__(self, field: str, among: frozenset[str] = CORRECTABLE) -> None:
        super().__init__(
            _("“%(field)s”不能这样更正；可以更正的有：%(fields)s。")
            % {"field": field, "fields": "、".join(sorted(among))}
        )


class AlreadyEndedError(ValueError):
    """The status or employment has another end on record."""

    def __init__(self, what: str, until: date) -> None:
        super().__init__(
            _("“%(what)s”已于%(until)s结束，不能再次结束；日期有误的，请更正。")
            % {"what": what, "until": until}
        )


def reveal(*, actor: Actor, person: Person, field: str, purpose: str, at: datetime) -> str:
    """The clear value of one protected field, after the look is recorded.

    Raises NotPermittedError outside the actor's divisions, FactRefusedError without a purpose, and
    NotCorrectableError for a field that is not protected.
    """
    if field not in REVEALABLE:
        raise NotCorrectableError(field)
    require(actor, REVEAL, person.residence_division_id)
    if not purpose.strip():
        raise FactRefusedError([_("查看受保护的信息必须写明事由。")])
    with transaction.atomic():
        record_look(
            actor=actor,
            subject_kind="person",
            subject_key=str(person.pk),
            field=field,
            purpose=within(purpose, LINE, "查看事由"),
            at=at,
        )
    return str(getattr(person, field))


def reveal_account(*, actor: Actor, employer: Employer, purpose: str, at: datetime) -> str:
    """An employer's bank account in clear, after the look is recorded.

    Raises NotPermittedError outside the actor's divisions, FactRefusedError without a purpose, TooLongError.
    """
    require(actor, REVEAL, employer.division_id)
    if not purpose.strip():
        raise FactRefusedError([_("查看受保护的信息必须写明事由。")])
    with transaction.atomic():
        record_look(
            actor=actor,
            subject_kind="employer",
            subject_key=str(employer.pk),
            field="bank_account",
            purpose=within(purpose, LINE, "查看事由"),
            at=at,
        )
    return str(employer.bank_account)


def add_status(
    *,
    actor: Actor,
    person: Person,
    kind: str,
    start: date,
    source: str,
    on: date,
    at: datetime,
    until: date | None = None,
    category: str = "",
    document: str = "",
) -> Status:
    """A status from `start`, until `until` (the first day without it) or open.

    Recording the very same status again returns the one on record. Raises NotPermittedError, FactRefusedError.
    """
    require(actor, CHANGE, person.residence_division_id)
    _not_after(start, on, _("开始日期"))
    wanted = {"kind": kind, "category": category, "start": start, "until": until}
    with transaction.atomic(), _audited("registry.add_status", actor):
        _lock(person)
        if (same := Status.objects.filter(person=person, **wanted).order_by("pk").first()) is not None:
            return same
        status = _saved(Status(person=person, document=document, source=source, **wanted))
        _tell(person, on, at)
    return status


def end_status(*, actor: Actor, status: Status, until: date, on: date, at: datetime) -> Status:
    """The status ends: `until` is the first day without it. Ending it the same way twice changes nothing."""
    require(actor, CHANGE, status.person.residence_division_id)
    with transaction.atomic(), _audited("registry.end_status", actor):
        locked = Status.objects.select_for_update().get(pk=status.pk)
        return _ended(locked, str(locked.get_kind_display()), until, on, at)


def add_employment(
    *,
    actor: Actor,
    person: Person,
    kind: str,
    start: date,
    source: str,
    on: date,
    at: datetime,
    employer: Employer | None = None,
    until: date | None = None,
    contract_months: int | None = None,
    monthly_wage_fen: int | None = None,
    urban: bool = True,
    transferred_in: bool = False,
) -> EmploymentSpell:
    """A spell of employment from `start`. The same spell again returns the one on record.

    Raises NotPermittedError, FactRefusedError (overlaps, an employer missing or too many).
    """
    require(actor, CHANGE, person.residence_division_id)
    _not_after(start, on, _("就业起始日期"))
    wanted = {"employer": employer, "kind": kind, "start": start}
    with transaction.atomic(), _audited("registry.add_employment", actor):
        _lock(person)
        if (
            same := EmploymentSpell.objects.filter(person=person, **wanted).order_by("pk").first()
        ) is not None:
            return same
        spell = _saved(
            EmploymentSpell(
                person=person,
                until=until,
                contract_months=contract_months,
                monthly_wage_fen=monthly_wage_fen,
                urban=urban,
                transferred_in=transferred_in,
                source=source,
                **wanted,
            )
        )
        _tell(person, on, at)
    return spell


def end_employment(
    *,
    actor: Actor,
    spell: EmploymentSpell,
    until: date,
    on: date,
    at: datetime,
    ended_because: str = "",
    involuntary: bool | None = None,
) -> EmploymentSpell:
    """The employment ends: `until` is the first day after it. `involuntary` stays unknown unless somebody says it.

    Ending it the same way twice changes nothing; another end than the one on record is refused.
    """
    require(actor, CHANGE, spell.person.residence_division_id)
    with transaction.atomic(), _audited("registry.end_employment", actor):
        locked = EmploymentSpell.objects.select_for_update().get(pk=spell.pk)
        locked.ended_because, locked.involuntary_end = ended_because, involuntary
        return _ended(locked, str(locked.get_kind_display()), until, on, at)


def correct_person(
    *, actor: Actor, person: Person, changes: Mapping[str, Any], reason: str, on: date, at: datetime
) -> Person:
    """Correct what is on record of a resident; `reason` goes into the audit trail.

    The birth date and sex must agree with the ID number. Nothing is written where nothing differs. Raises
    NotPermittedError, NotCorrectableError, FactRefusedError.
    """
    require(actor, CHANGE, person.residence_division_id)
    for field in changes:
        if field not in CORRECTABLE:
            raise NotCorrectableError(field)
    if not reason.strip():
        raise FactRefusedError([_("更正必须写明理由。")])
    with (
        transaction.atomic(),
        _audited("registry.correct_person", actor, reason=within(reason, LINE, "更正理由", "reason")),
    ):
        locked = Person.objects.select_for_update().get(pk=person.pk)
        changed = {field: value for field, value in changes.items() if getattr(locked, field) != value}
        if not changed:
            return locked
        for field, value in changed.items():
            setattr(locked, field, value)
        _check_numbers(locked, changed, on)
        _check_account(locked, changed)
        _saved(locked)
        _tell(locked, on, at)
    return locked


def correct_employer(
    *,
    actor: Actor,
    employer: Employer,
    changes: Mapping[str, Any],
    document: str,
    reason: str,
    on: date,
    at: datetime,
) -> Employer:
    """Correct an employer's name, bank account or bank; `document` (what shows it) and `reason` go into the audit trail.

    An account and its bank stand together. Nothing is written where nothing differs. A case under way keeps the payee that it has
    until somebody takes over the new one (`casework.refresh_payee`).

    Raises NotPermittedError, NotCorrectableError, FactRefusedError, TooLongError.
    """
    require(actor, CHANGE, employer.division_id)
    for field in changes:
        if field not in EMPLOYER_CORRECTABLE:
            raise NotCorrectableError(field, EMPLOYER_CORRECTABLE)
    if not reason.strip():
        raise FactRefusedError([_("更正必须写明理由。")])
    if not document.strip():
        raise FactRefusedError([_("更正单位信息必须写明依据的材料。")])
    trail = {
        "document": within(document, LINE, "依据的材料", "document"),
        "reason": within(reason, LINE, "更正理由", "reason"),
    }
    with transaction.atomic(), _audited("registry.correct_employer", actor, **trail):
        locked = Employer.objects.select_for_update().get(pk=employer.pk)
        changed = {field: value for field, value in changes.items() if getattr(locked, field) != value}
        if not changed:
            return locked
        for field, value in changed.items():
            setattr(locked, field, value)
        _check_account(locked, changed)
        if locked.bank_account and not locked.bank_name:
            raise FactRefusedError([_("登记收款账号，也要写明开户行；两样齐全才能付款。")])
        _saved(locked)
        employers_changed.send(sender=Employer, employer_ids=[locked.pk], on=on, at=at)
    return locked


# ---------------------------------------------------------------------------------------------- internals


def _audited(operation: str, actor: Actor, **more: str) -> pghistory.context:
    return pghistory.context(operation=operation, account=actor.account_id, **more)


def _lock(person: Person) -> None:
    """Facts of one person are written one after another, so that a form posted twice finds its first copy."""
    Person.objects.select_for_update().only("pk").get(pk=person.pk)


def _tell(person: Person, on: date, at: datetime) -> None:
    people_changed.send(sender=Person, person_ids=[person.pk], on=on, at=at)


def _not_after(day: date, on: date, what: str) -> None:
    if day > on:
        raise FactRefusedError([_("%(what)s%(day)s晚于今天。") % {"what": what, "day": day}])


def _saved(fact: Any) -> Any:
    """Save, and where that is refused, say every sentence that the model has for it.

    The database holds the constraints itself; asking it about each beforehand would cost a dozen queries for every fact that is sound.
    """
    try:
        fact.full_clean(validate_constraints=False, validate_unique=False, exclude=_links(fact))
        with transaction.atomic():
            fact.save()
    except ValidationError as error:
        raise FactRefusedError(_sentences(fact, _everything(fact) or error)) from error
    except IntegrityError as error:
        if (found := _everything(fact)) is None:
            raise
        raise FactRefusedError(_sentences(fact, found)) from error
    return fact


def _links(fact: models.Model) -> set[str]:
    """Its relations to rows that the caller holds already: looking each up again would tell nothing."""
    return {field.name for field in fact._meta.concrete_fields if field.is_relation}


def _everything(fact: models.Model) -> ValidationError | None:
    """All that is wrong with it, by asking the database about every constraint; None where it is sound after all."""
    try:
        fact.full_clean()
    except ValidationError as error:
        return error
    return None


def _sentences(fact: models.Model, error: ValidationError) -> list[str]:
    """One sentence a mistake; a mistake of one field names the field."""
    found = []
    for field, messages in error.message_dict.items():
        label = "" if field == "__all__" else f"{fact._meta.get_field(field).verbose_name}："
        found += [f"{label}{message}" for message in messages]
    return found


def _ended(fact: Any, what: str, until: date, on: date, at: datetime) -> Any:
    if fact.until == until:
        return fact
    if fact.until is not None:
        raise AlreadyEndedError(what, fact.until)
    fact.until = until
    _saved(fact)
    _tell(fact.person, on, at)
    return fact


def _check_account(owner: Person | Employer, changed: dict[str, Any]) -> None:
    """A bank account that is written is one by its form, as an import takes it."""
    if not (account := changed.get("bank_account")):
        return
    if fault := account_fault(account):
        raise FactRefusedError(
            [
                _("银行账号应为10至30位数字；请照银行卡或开户证明填写。")
                if fault == "shape"
                else _("银行卡号的校验位不对，有数字输错；请照银行卡核对。")
            ]
        )
    owner.bank_account = clean_account(account)


def _check_numbers(person: Person, changed: dict[str, Any], on: date) -> None:
    """Numbers in their own form with their indexes; birth date and sex as the ID number says."""
    try:
        identity = parse_id_number(person.id_number, on=on)
    except IdNumberError as error:
        raise FactRefusedError([str(error)]) from error
    numbers: dict[str, Any] = {"id_number": identity.text, "id_number_index": blind_index(identity.text)}
    if "id_number" in changed:
        same_number = Person.objects.filter(id_number_index=numbers["id_number_index"]).exclude(pk=person.pk)
        if (twin := same_number.order_by("pk").first()) is not None:
            raise FactRefusedError(
                [_("这个身份证号已登记在另一名居民名下（编号%(number)d）。") % {"number": twin.pk}]
            )
    if person.birth_date not in (None, identity.birth_date) or person.sex != identity.sex:
        raise FactRefusedError([_("出生日期、性别与身份证号不一致；请以身份证原件为准。")])
    if "phone" in changed:
        phone = clean_phone(person.phone) if person.phone else ""
        if phone and not is_mobile_phone(phone):
            raise FactRefusedError([_("手机号应为11位，以13至19开头。")])
        numbers |= {"phone": phone, "phone_index": blind_index(phone) if phone else None}
    for field, value in numbers.items():
        setattr(person, field, value)
