"""What our records say, in the pack's words: the same for one person and for everyone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from django.db import connection

from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.types import BOOLEAN, MONEY
from jiuye.engine.rules.vocabulary import Entity, Fact, Vocabulary
from jiuye.office.entitlements.facts.catalogue import unbound
from jiuye.office.entitlements.facts.people import PERSON
from jiuye.office.entitlements.facts.registers import (
    WrongRegisterFactsError,
    reader_of,
    register_binding,
    register_expression,
)
from jiuye.office.entitlements.models import Answer, Benefit
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.models import Birth, RegisterDelivery, RegisterRecord
from tests.office.entitlements.conftest import AT, ON, employ, hold, make_person, own_actor, pay

pytestmark = pytest.mark.django_db


def facts(entity: str, key: int, on: date = ON) -> dict:
    return rulebook().reader(on).rows(entity, [key])[key].values


def test_every_binding_of_the_pack_is_known_to_our_records():
    book = rulebook()
    wrong = unbound(book.pack, book.needs.registers)
    assert [(entity.name, fact.name, str(why)) for entity, fact, why in wrong] == []


def test_a_status_holds_from_its_first_day_until_the_day_before_its_end(person):
    hold(person, "employment_difficulty", date(2025, 3, 1), date(2025, 4, 1), category="older")
    held = [
        facts("person", person.pk, day)["difficulty_recognised"]
        for day in (date(2025, 2, 28), date(2025, 3, 1), date(2025, 3, 31), date(2025, 4, 1))
    ]
    assert held == [False, True, True, False]


def test_who_has_no_spell_is_not_employed_and_who_has_is_employed_in_that_way(person, firm):
    assert facts("person", person.pk)["employment_kind"] == "not_employed"
    employ(person, firm, date(2025, 4, 15))
    assert facts("person", person.pk)["employment_kind"] == "employee"


def test_what_she_pays_herself_this_month_is_pension_and_medical_without_an_employer(person, firm):
    pay(person, None, date(2025, 4, 1), date(2025, 5, 1))
    assert facts("person", person.pk, date(2025, 4, 30))["personal_contribution_month"] == 120_000
    assert facts("person", person.pk, date(2025, 5, 1))["personal_contribution_month"] == 0


def test_months_of_unemployment_premium_are_counted_up_to_this_month_included(person, firm):
    pay(person, firm, date(2024, 1, 1), date(2025, 1, 1), unemployment_fen=2_500)
    pay(person, firm, date(2025, 3, 1), None, unemployment_fen=2_500)
    assert facts("person", person.pk)["unemployment_premium_months"] == 14


def test_the_mean_base_is_that_of_the_twelve_months_before_the_last_job_ended(person, firm):
    employ(person, firm, date(2023, 1, 1), date(2025, 4, 1), involuntary_end=True)
    pay(person, firm, date(2023, 1, 1), date(2024, 10, 1), base_fen=400_000)
    pay(person, firm, date(2024, 10, 1), date(2025, 4, 1), base_fen=500_001)
    assert facts("person", person.pk)["contribution_base_mean_12m"] == 450_001  # 450,000.5 fen, half up


def test_the_six_months_of_a_birth_sum_the_employers_share_of_five_insurances(person, firm):
    birth = Birth.objects.create(
        mother=person, employer=firm, child_order=2, birth_date=date(2024, 7, 20), source="测试"
    )
    pay(
        person,
        firm,
        date(2024, 6, 1),
        date(2024, 10, 1),
        unemployment_fen=2_500,
        injury_fen=1_000,
        maternity_fen=500,
    )
    assert facts("birth", birth.pk)["employer_contributions_six_months"] == 3 * (80_000 + 40_000 + 4_000)


@pytest.mark.parametrize(("ended", "out_of_work"), [(date(2024, 5, 1), False), (date(2024, 4, 30), True)])
def test_a_hire_knows_whether_the_worker_was_out_of_work_the_day_before(person, firm, ended, out_of_work):
    """A spell until 1 May still holds 30 April, the day before the hire."""
    employ(person, firm, date(2024, 1, 1), ended)
    hire = employ(person, firm, date(2024, 5, 1))
    known = facts("hire", hire.pk)
    assert known["worker_unemployed_at_start"] is out_of_work
    assert known["worked_here_before"] is True


def test_months_drawn_as_hard_to_employ_are_counted_apart_from_those_as_a_graduate(person):
    hold(person, "employment_difficulty", date(2025, 2, 1), category="older")
    for month in (1, 2, 3):
        Benefit.objects.create(
            policy_id="flexible-employment-insurance-subsidy", subject_kind="person", subject_key=str(person.pk), person=person,
            period_start=date(2025, month, 1), period_until=date(2025, month + 1, 1), months=1, amount_fen=60_000,
            paid_on=date(2025, month, 28), source="测试",
        )  # fmt: skip
    known = facts("person", person.pk)
    assert (known["subsidy_months_drawn"], known["graduate_subsidy_months_drawn"]) == (2, 1)


def test_an_answer_fills_a_hole_and_a_register_overrules_it(town):
    silent = make_person("黄家明", "321002199001011234", birth_date=None)
    actor = own_actor(silent)
    Answer.objects.create(
        entity="person",
        subject_key=str(silent.pk),
        fact="birth_date",
        value="1990-01-01",
        answered_by_id=actor.account_id,
        answered_at=AT,
    )
    assert facts("person", silent.pk)["birth_date"] == date(1990, 1, 1)
    silent.birth_date = date(1990, 2, 2)
    silent.save()
    assert facts("person", silent.pk)["birth_date"] == date(1990, 2, 2)


def test_the_columns_for_everyone_say_the_same_as_the_rows_for_one(flexible_worker, firm, tmp_path):
    other = make_person("黄家明", "321002199001011234", birth_date=None)
    employ(other, firm, date(2025, 1, 1), contract_months=12)
    reader = rulebook().reader(ON)
    reader.write_columns(tmp_path)
    for entity in ("person", "employer", "hire"):
        table = duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path / entity}.parquet')")
        names = table.columns
        swept = {record[0]: dict(zip(names, record, strict=True)) for record in table.fetchall()}
        assert swept
        for key, row in reader.rows(entity, list(swept)).items():
            plain = {
                name: value for name, value in swept[key].items() if value is not None and name in row.values
            }
            assert plain == row.values


# ------------------------------------------------------------------------------- other departments' registers

EDUCATION, RURAL = (
    "education",
    "rural",
)  # one that lists everyone, and one that lists those whom something applies to


def deliver(
    register: str, day: date, facts: dict[int, dict], *, entity: str = "person", complete: bool = True
):
    delivery = RegisterDelivery.objects.create(
        register=register, entity=entity, as_of=day, complete=complete, source="测试", imported_at=AT
    )
    for key, said in facts.items():
        RegisterRecord.objects.create(
            register=register, start=day, facts=said, source="测试", delivery=delivery, imported_at=AT, **{f"{entity}_id": key}
        )  # fmt: skip
    return delivery


def test_what_a_register_says_holds_from_its_day_until_it_says_otherwise(person):
    deliver(RURAL, date(2025, 3, 1), {person.pk: {"low_income_rural": True}})
    RegisterRecord.objects.update(until=date(2025, 4, 1))
    said = [
        facts("person", person.pk, day).get("low_income_rural")
        for day in (date(2025, 2, 28), date(2025, 3, 1), date(2025, 3, 31), date(2025, 4, 1))
    ]
    assert said == [None, True, True, False]


def test_silence_of_a_list_of_holders_is_a_no_once_it_was_delivered_whole(person):
    assert "low_income_rural" not in facts("person", person.pk)
    deliver(RURAL, date(2025, 3, 1), {}, complete=False)
    assert "low_income_rural" not in facts("person", person.pk)
    deliver(RURAL, date(2025, 3, 2), {})
    assert facts("person", person.pk)["low_income_rural"] is False


def test_silence_of_a_register_of_everyone_is_not_known(person):
    deliver(EDUCATION, date(2025, 3, 1), {})
    assert "school_in_province" not in facts("person", person.pk)


def test_an_entry_that_leaves_a_fact_out_is_not_known_even_in_a_list_of_holders(person):
    deliver(RURAL, date(2025, 3, 1), {person.pk: {"poverty_monitored": True}})
    known = facts("person", person.pk)
    assert known["poverty_monitored"] is True
    assert "low_income_rural" not in known


def test_a_value_of_another_shape_than_its_fact_is_not_known_and_stops_nothing(person):
    deliver(EDUCATION, date(2025, 3, 1), {person.pk: {"school_in_province": 1, "graduation_year": "2026"}})
    known = facts("person", person.pk)
    assert "school_in_province" not in known
    assert "graduation_year" not in known


def test_registers_say_the_same_of_everyone_as_of_one(person, firm, tmp_path):
    deliver(EDUCATION, date(2025, 3, 1), {person.pk: {"school_in_province": True, "graduation_year": 2026}})
    deliver(RURAL, date(2025, 3, 1), {})
    deliver("tax", date(2025, 3, 1), {firm.pk: {"taxes_declared": True}}, entity="employer")
    reader = rulebook().reader(ON)
    reader.write_columns(tmp_path)
    for entity, key in (("person", person.pk), ("employer", firm.pk)):
        table = duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path / entity}.parquet') WHERE id = {key}")
        swept = dict(zip(table.columns, table.fetchall()[0], strict=True))
        values = reader.rows(entity, [key])[key].values
        assert values
        assert {name: swept[name] for name in values} == values


@pytest.mark.parametrize(
    ("written", "fen"), [(Decimal("50000001.10"), 5_000_000_110), (Decimal("0.01"), 1), (7, 700)]
)
def test_yuan_of_a_register_are_fen_to_the_last(person, written, fen):
    deliver("bank", date(2025, 3, 1), {person.pk: {"lent": written}})
    binding = register_binding("person.register(bank, lent)")
    sql = register_expression(binding, MONEY, {}, {})
    joins = " ".join(PERSON.joins([sql]))
    with connection.cursor() as cursor:
        cursor.execute(rulebook().reader(ON).filled(f"SELECT ({sql})::bigint FROM registry_person p {joins}"))
        assert cursor.fetchall() == [(fen,)]


def test_a_delivered_row_is_read_as_the_pack_writes_its_values():
    read = reader_of(rulebook().pack, EDUCATION, "person")
    row = {"school_in_province": "是", "graduation_year": "2026", "graduated_in_city": " "}
    assert read(row) == {"school_in_province": True, "graduation_year": 2026}


def test_a_delivered_row_that_does_not_fit_says_everything_that_is_wrong():
    read = reader_of(rulebook().pack, EDUCATION, "person")
    with pytest.raises(WrongRegisterFactsError) as wrong:
        read({"school_in_province": "perhaps", "graduation_year": "1492", "grade": "a"})
    assert len(wrong.value.sentences) == 3


@pytest.mark.parametrize(
    ("binding", "says"),
    [
        ("person.register(taxes, x)", "是否想写“tax”"),
        ("employer.register(tax, x)", "person.register"),
        ("person.birthdate", "是否想写“person.birth_date”"),
    ],
)
def test_a_binding_that_our_records_do_not_know_names_the_nearest(binding, says):
    fact = Fact("person", "x", BOOLEAN, "某事", "x", binding=binding)
    pack = Pack(Path(), Vocabulary(entities={"person": Entity("person", "居民", "resident", {"x": fact})}))
    ((_, _, error),) = unbound(pack, rulebook().needs.registers)
    assert says in str(error)
