"""A small town: one village, a firm, and people whose dated facts each test lays down."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest

from jiuye.office.entitlements.delivering import deliver_file
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.models import (
    ContributionSpell,
    Division,
    Employer,
    EmploymentSpell,
    Person,
    RegisterDelivery,
    Status,
)
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.queries import actor_for
from tests.office.packs import FEW, pack_with

ON = date(2025, 4, 15)
AT = datetime(2025, 4, 15, 10, tzinfo=timezone(timedelta(hours=8)))
VILLAGE = "321002001001"
APRIL = date(2025, 4, 1)  # the day of the data that registers deliver


@pytest.fixture(autouse=True)
def _pack(settings, pack_dir):
    settings.PACK = pack_dir


@pytest.fixture
def few_policies(settings, pack_dir, tmp_path):
    """For what does not depend on how many policies are swept."""
    settings.PACK = pack_with(FEW, of=pack_dir, under=tmp_path)


@pytest.fixture
def whole_pack(few_policies, settings, pack_dir):
    """All of them again, with their questions, in a file whose other tests use few."""
    settings.PACK = pack_dir


@pytest.fixture
def town(db) -> Division:
    """The city, a county, a street and a village."""
    parent = None
    for code, name, kind in (
        ("3210", "扬州市", "city"),
        ("321002", "广陵区", "county"),
        ("321002001", "东关街道", "street"),
        (VILLAGE, "试点社区", "village"),
    ):
        parent = Division.objects.create(code=code, name=name, kind=kind, parent=parent)
    return parent


@pytest.fixture
def person(town) -> Person:
    return make_person("张秀兰", "321002197805154321", birth_date=date(1978, 5, 15))


def make_person(name: str, number: str, **more) -> Person:
    values = {
        "sex": "female", "id_number": number, "id_number_index": blind_index(number), "residence_division_id": VILLAGE,
        "source": "测试", "registered_on": date(2023, 1, 1),
    }  # fmt: skip
    return Person.objects.create(name=name, **(values | more))


@pytest.fixture
def firm(town) -> Employer:
    return Employer.objects.create(
        name="扬州试点电子有限公司",
        credit_code="91321002MA00000001",
        kind="enterprise",
        size="small",
        division=town,
        source="测试",
    )


def hold(person: Person, kind: str, start: date, until: date | None = None, category: str = "") -> Status:
    return Status.objects.create(
        person=person, kind=kind, start=start, until=until, category=category, source="测试"
    )


def employ(
    person: Person, firm: Employer | None, start: date, until: date | None = None, **more
) -> EmploymentSpell:
    kind = more.pop("kind", "employee" if firm is not None else "flexible")
    return EmploymentSpell.objects.create(
        person=person, employer=firm, kind=kind, start=start, until=until, source="测试", **more
    )


def pay(
    person: Person, firm: Employer | None, start: date, until: date | None = None, **fen
) -> ContributionSpell:
    values = {"base_fen": 500_000, "pension_fen": 80_000, "medical_fen": 40_000} | fen
    return ContributionSpell.objects.create(
        person=person,
        employer=firm,
        payer="employer" if firm else "person",
        start=start,
        until=until,
        source="测试",
        **values,
    )


@pytest.fixture
def flexible_worker(person) -> Person:
    """Recognised as hard to employ, registered flexible, paying 1,200 yuan a month herself."""
    hold(person, "employment_difficulty", date(2025, 1, 1), category="older")
    hold(person, "flexible_employment", date(2025, 1, 10))
    employ(person, None, date(2025, 1, 10))
    pay(person, None, date(2025, 1, 1))
    return person


@pytest.fixture
def officer(town):
    account = Account.objects.create_account(
        username="zhou", display_name="周敏", password="x", kind="officer"
    )
    place_in_post(
        account=account, role="caseworker", division_code="321002", start=date(2023, 1, 1), until=None
    )
    return actor_for(account, on=ON)


def own_actor(person: Person):
    account = Account.objects.create_account(
        username=f"p{person.pk}",
        display_name=person.name,
        password="x",
        kind="resident",
        subject_key=str(person.pk),
    )
    return actor_for(account, on=ON)


@pytest.fixture
def nothing_delivered(db):
    """No register has delivered anything yet."""
    RegisterDelivery.objects.all().delete()


@pytest.fixture
def clerk(town):
    """An officer of the whole city, who may deliver whole registers."""
    account = Account.objects.create_account(
        username="gao", display_name="高文", password="x", kind="officer"
    )
    place_in_post(
        account=account, role="caseworker", division_code="3210", start=date(2023, 1, 1), until=None
    )
    return actor_for(account, on=ON)


@pytest.fixture
def deliver(clerk):
    """A delivery of these lines, and what is kept of it."""

    def act(kind: str, *lines: str, register: str = "", as_of: date = APRIL, **more) -> RegisterDelivery:
        registers = rulebook().needs.registers.values()
        register = register or next(one.key for one in registers if kind in one.rows)
        given = {"actor": clerk, "source": "市社保中心", "complete": False} | more
        return deliver_file(
            register=register, entity=kind, file_name="明细.csv", content="\n".join(lines).encode(), as_of=as_of,
            on=ON, at=AT, **given,
        )  # fmt: skip

    return act


def decided(policy: str, subject: str = "person") -> Entitlement:
    return Entitlement.objects.get(policy_id=policy, subject_kind=subject)


def fact(entity: str, key: int, name: str):
    return rulebook().reader(ON).rows(entity, [key])[key].values.get(name)
