"""The city in the registry: every constraint holds, it is laid whole or not at all, and never among real people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from jiuye.city.accounts import OFFICERS
from jiuye.city.building import read_places
from jiuye.city.laying import lay_city
from jiuye.city.loading import RegistryNotEmptyError
from jiuye.city.report import calibration
from jiuye.office.entitlements.models import Benefit
from jiuye.office.registry.models import ContributionSpell, Division, Employer, EmploymentSpell, Person
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import actor_for
from jiuye.office.staff.roles import ROLES

SIZE = 1500


def quiet(what: str, count: int) -> None:
    """Nobody is watching."""


def constraint_names() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select conname from pg_constraint where conrelid::regclass::text ~ '^(registry|skills)_' order by 1"
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
def test_a_city_fills_the_registry_with_all_constraints_in_place_afterwards(pack_dir: Path) -> None:
    before = constraint_names()
    city = lay_city(pack=pack_dir, size=SIZE, progress=quiet)
    assert constraint_names() == before
    assert Person.objects.count() == SIZE
    assert Employer.objects.count() == len(city.firms)
    assert EmploymentSpell.objects.count() == len(city.spells)
    assert ContributionSpell.objects.count() == len(city.contributions)
    assert Division.objects.filter(kind="village").count() == len(city.villages)


@pytest.mark.django_db
def test_the_audit_trail_has_an_event_for_every_person_of_the_city(pack_dir: Path) -> None:
    lay_city(pack=pack_dir, size=SIZE, progress=quiet)
    events = Person.pgh_event_models["insert"].objects  # type: ignore[attr-defined]
    assert events.filter(pgh_context__metadata__operation="city.lay").count() == SIZE


@pytest.mark.django_db
def test_numbers_are_sealed_and_open_again(pack_dir: Path) -> None:
    city = lay_city(pack=pack_dir, size=SIZE, progress=quiet)
    person = Person.objects.get(pk=city.people["zhangxiulan"].pk)
    assert person.id_number == city.people["zhangxiulan"].id_number
    with connection.cursor() as cursor:
        cursor.execute("select id_number from registry_person where id = %s", [person.pk])
        stored = bytes(cursor.fetchone()[0])
    assert person.id_number.encode() not in stored


@pytest.mark.django_db
def test_a_new_person_after_the_city_gets_the_next_key(pack_dir: Path) -> None:
    city = lay_city(pack=pack_dir, size=SIZE, progress=quiet)
    person = Person.objects.create(
        name="新来的",
        sex="male",
        id_number="A1",
        id_number_index=b"a" * 32,
        residence_division_id=city.villages[0].code,
        source="测试",
        registered_on=date(2025, 1, 1),
    )
    assert person.pk == SIZE + 1


@pytest.mark.django_db
def test_a_city_is_refused_where_people_are_on_record(pack_dir: Path) -> None:
    lay_city(pack=pack_dir, size=SIZE, progress=quiet)
    with pytest.raises(RegistryNotEmptyError, match="1500"):
        lay_city(pack=pack_dir, size=SIZE, progress=quiet)
    assert Person.objects.count() == SIZE


@pytest.mark.django_db
def test_a_build_that_breaks_in_the_middle_leaves_nothing(pack_dir: Path) -> None:
    before = constraint_names()

    def break_at_contributions(what: str, count: int) -> None:
        if what == "参保缴费":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        lay_city(pack=pack_dir, size=SIZE, progress=break_at_contributions)
    assert not Person.objects.exists()
    assert not Account.objects.exists()
    assert constraint_names() == before


@pytest.mark.django_db
def test_there_is_an_officer_for_every_role_and_each_may_act(pack_dir: Path) -> None:
    lay_city(pack=pack_dir, size=SIZE, progress=quiet)
    roles = set()
    for officer in OFFICERS:
        account = Account.objects.get(username=officer.username)
        assert account.check_password("demo")
        roles |= actor_for(account, on=date(2025, 9, 15)).roles
    residents = {"resident", "employer"}
    assert roles == set(ROLES) - {*residents, "partner_system"}  # a system of another department is nobody
    assert set(Account.objects.order_by("kind").values_list("kind", flat=True)) == {"officer", *residents}


@pytest.mark.django_db
def test_the_report_finds_the_city_close_to_the_published_figures(pack_dir: Path) -> None:
    city = lay_city(pack=pack_dir, size=8000, progress=quiet)
    places, figures, _ = read_places(pack_dir)
    lines = {line.name: line for line in calibration(places, figures, city.on)}
    for name in ("男性", "0-14岁", "15-59岁", "65岁及以上", "平均家庭户规模", "大专及以上文化程度"):
        assert abs(lines[name].per_mille_off) <= 20, lines[name]
    assert abs(lines["城镇新增就业"].per_mille_off) <= 150, lines["城镇新增就业"]
    assert all(line.source for line in lines.values())


@pytest.mark.django_db
def test_what_was_paid_in_earlier_months_is_what_the_rules_grant_month_by_month(pack_dir: Path) -> None:
    city = lay_city(pack=pack_dir, size=3000, progress=quiet)
    paid = Benefit.objects.filter(policy_id="unemployment-benefit").order_by("person_id", "period_start")
    assert paid.exists()
    stories = {person.pk for person in city.residents if person.story}
    assert not stories & set(paid.values_list("person_id", flat=True))
    # The limits of 2025: one and a half times 800 yuan, and the minimum wage of the higher class.
    amounts = set(paid.values_list("amount_fen", flat=True))
    assert min(amounts) >= 120000
    assert max(amounts) <= 249000
    assert all(benefit.period_until <= date(2025, 9, 1) for benefit in paid)
