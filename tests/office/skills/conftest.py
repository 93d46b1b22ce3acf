"""Two residents of one village, a firm beside them, and a case worker of their county."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from jiuye.office.registry.models import Division, Employer, Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor

DAY = date(2024, 9, 2)
AT = datetime(2024, 9, 2, 2, 0, tzinfo=UTC)
VILLAGE = "321002001001"


def person(name: str, number: str) -> Person:
    return Person.objects.create(
        name=name,
        sex="female",
        birth_date=date(2001, 5, 6),
        id_number=number,
        id_number_index=blind_index(number),
        residence_division_id=VILLAGE,
        source="公安人口信息",
        registered_on=date(2023, 1, 1),
    )


def officer(username: str, role: str, division_code: str) -> Actor:
    account = Account.objects.create_account(
        username=username, display_name=username, password="x", kind="officer"
    )
    return Actor(account.pk, username, "officer", "", ((role, division_code, ""),))


@dataclass
class Village:
    zhang: Person
    li: Person
    firm: Employer
    caseworker: Actor
    stranger: Actor  # the case worker of another county
    auditor: Actor


@pytest.fixture
def village(db) -> Village:
    rows = [
        ("3210", "扬州市", "city", None),
        ("321002", "广陵区", "county", "3210"),
        ("321002001", "东关街道", "street", "321002"),
        (VILLAGE, "琼花观社区", "village", "321002001"),
    ]
    for code, name, kind, parent in rows:
        Division.objects.create(code=code, name=name, kind=kind, parent_id=parent)
    firm = Employer.objects.create(
        name="扬州某机械厂",
        credit_code="91321000MA1TEST000",
        kind="enterprise",
        division_id="321002",
        source="市场监管登记",
    )
    return Village(
        zhang=person("张小雨", "321002200105060021"),
        li=person("李静", "321002200105060048"),
        firm=firm,
        caseworker=officer("经办", "caseworker", "321002"),
        stranger=officer("外县", "caseworker", "321003"),
        auditor=officer("审计", "auditor", "3210"),
    )
