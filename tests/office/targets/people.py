"""Short ways to write down a situation: a person, a firm, an employment."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from jiuye.office.registry.models import Employer, EmploymentSpell, Person, Status
from jiuye.office.registry.secrets import blind_index

GUANGLING, HANJIANG = "321002001001", "321003001001"
_numbers = count(1)


def person(name: str = "王小明", *, lives_in: str = GUANGLING, **more: Any) -> Person:
    number = f"32100219800101{next(_numbers):04d}"
    return Person.objects.create(
        name=name,
        sex=more.pop("sex", "male"),
        birth_date=more.pop("birth_date", date(1980, 1, 1)),
        id_number=number,
        id_number_index=blind_index(number),
        residence_division_id=lives_in,
        source="测试登记",
        registered_on=date(2020, 1, 1),
        **more,
    )


def firm(name: str = "示例机械厂", *, lies_in: str = GUANGLING, **more: Any) -> Employer:
    return Employer.objects.create(
        name=name,
        credit_code=f"91321002MA{next(_numbers):08d}",
        kind="enterprise",
        division_id=lies_in,
        source="测试登记",
        **more,
    )


def day(text: str) -> date:
    return date.fromisoformat(text)


def works(
    who: Person, start: str, until: str | None = None, *, at: Employer | None = None, **more: Any
) -> EmploymentSpell:
    return EmploymentSpell.objects.create(
        person=who,
        employer=at,
        kind=more.pop("kind", "employee" if at else "flexible"),
        start=day(start),
        until=day(until) if until else None,
        source="测试登记",
        **more,
    )


def holds(who: Person, kind: str, start: str, until: str | None = None, *, category: str = "") -> Status:
    return Status.objects.create(
        person=who,
        kind=kind,
        category=category,
        start=day(start),
        until=day(until) if until else None,
        source="测试登记",
    )
