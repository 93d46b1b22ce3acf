"""Writing a city to the registry by COPY, in one transaction of the caller's.

Nothing is left out for it: the audit trail gets every row, and every constraint holds when the transaction ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.apps import apps as django_apps
from django.db import connection, models

from jiuye.city.records import SOURCE, City
from jiuye.office.registry.models import (
    Birth,
    ContributionSpell,
    Division,
    Education,
    Employer,
    EmploymentSpell,
    Household,
    HouseholdMembership,
    Person,
    Status,
)
from jiuye.office.registry.secrets import blind_index, seal

Progress = Callable[[str, int], None]  # what is being written, how many rows


class RegistryNotEmptyError(RuntimeError):
    """A synthetic city is laid only into an empty registry: it must never mix with real people."""

    def __init__(self, people: int) -> None:
        super().__init__(
            f"登记库里已有 {people} 人，演示城市只能建在空库里；请换一个数据文件夹（JIUYE_DATA=…），或先执行 make clean。 "
            f"There are {people} people on record already and a demonstration city needs an empty registry; "
            "take another data folder (JIUYE_DATA=…), or run make clean first."
        )


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """COPY `rows` into the model's table; `columns` are field names. Returns how many."""
    fields = [model._meta.get_field(name) for name in columns]
    names = ", ".join(f'"{field.column}"' for field in fields)
    count = 0
    with (
        connection.cursor() as cursor,
        cursor.copy(f'copy "{model._meta.db_table}" ({names}) from stdin') as copy,
    ):
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


@contextmanager
def checked_at_the_end(tables: str) -> Iterator[None]:
    """Take off the foreign keys and exclusion constraints of the tables that match `tables`, and put them back after.

    Putting one back checks all rows by one join or one index build, which takes a third of the time that checking
    row by row does. It happens inside the caller's transaction: a row that breaks a constraint, or a process
    that is killed, leaves everything as it was.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) from pg_constraint "
            "where contype in ('f', 'x') and conrelid::regclass::text ~ %s order by 1, 2",
            [tables],
        )
        constraints = cursor.fetchall()
        cursor.execute("set constraints all immediate")  # a table with checks outstanding cannot be altered
        for table, name, _ in constraints:
            cursor.execute(f"alter table {table} drop constraint {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table, name, definition in constraints:
            cursor.execute(f"alter table {table} add constraint {name} {definition}")


def tell_the_planner(apps: Sequence[str]) -> None:
    """Figures about the new rows for PostgreSQL's planner, which would otherwise take the tables for empty."""
    with connection.cursor() as cursor:
        for model in django_apps.get_models():
            # The audit trail's own tables are written and not yet read.
            if model._meta.app_label in apps and not hasattr(model, "pgh_tracked_model"):
                cursor.execute(f'analyze "{model._meta.db_table}"')


def past_the_last_key(model: type[models.Model]) -> None:
    """Keys were given by us; the sequence goes on after the largest."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"select setval(pg_get_serial_sequence(%s, 'id'), coalesce((select max(id) from \"{table}\"), 0) + 1, false)",
            [table],
        )


def write_registry(city: City, progress: Progress) -> None:
    """Every record of the city but its skills, parents before what points at them."""
    people = Person.objects.count()
    if people:
        raise RegistryNotEmptyError(people)
    progress("社区（村）", len(city.villages))
    _villages(city)
    progress("家庭", len(city.homes))
    copy_rows(
        Household,
        ("id", "division", "monthly_income_fen", "number", "source"),
        ((home.pk, home.village.code, home.monthly_income_fen, "", SOURCE) for home in city.homes),
    )
    progress("居民", len(city.residents))
    _people(city)
    copy_rows(
        HouseholdMembership,
        ("person", "household", "start", "source"),
        ((p.pk, p.home.pk, p.registered_on, SOURCE) for p in city.residents if p.home),
    )
    progress("用人单位", len(city.firms))
    _employers(city)
    progress("就业经历", len(city.spells))
    _employment(city)
    progress("身份", len(city.statuses))
    copy_rows(
        Status,
        ("person", "kind", "category", "start", "until", "document", "source"),
        ((s.person.pk, s.kind, s.category, s.start, s.until, s.document, SOURCE) for s in city.statuses),
    )
    progress("学历", len(city.educations))
    copy_rows(
        Education,
        ("person", "level", "school", "full_time", "enrolled_on", "graduated_on", "source"),
        (
            (e.person.pk, e.level, e.school, e.full_time, e.enrolled_on, e.graduated_on, SOURCE)
            for e in city.educations
        ),
    )
    progress("参保缴费", len(city.contributions))
    _contributions(city)
    progress("生育", len(city.births))
    copy_rows(
        Birth,
        ("mother", "employer", "child_order", "birth_date", "source"),
        ((b.mother.pk, b.firm.pk if b.firm else None, b.order, b.day, SOURCE) for b in city.births),
    )
    for model in (Household, Person, Employer, EmploymentSpell):
        past_the_last_key(model)


def _villages(city: City) -> None:
    rows = [(v.code, v.name, v.name_en, "village", v.street, v.urban) for v in city.villages]
    known = set(Division.objects.filter(kind="village").order_by("code").values_list("code", flat=True))
    copy_rows(
        Division,
        ("code", "name", "name_en", "kind", "parent", "urban"),
        (row for row in rows if row[0] not in known),
    )


def _people(city: City) -> None:
    copy_rows(
        Person,
        (
            *("id", "name", "sex", "birth_date", "death_date", "id_number", "id_number_index", "phone"),
            *("phone_index", "bank_account", "bank_name", "hukou_kind", "hukou_division"),
            *("residence_division", "household", "address", "source", "registered_on"),
        ),
        (
            (
                person.pk,
                person.name,
                person.sex,
                person.birth if person.birth_recorded else None,
                person.death,
                seal(person.id_number),
                blind_index(person.id_number),
                seal(person.phone) if person.phone else b"",
                blind_index(person.phone) if person.phone else None,
                seal(person.bank_account) if person.bank_account else b"",
                person.bank_name,
                person.hukou_kind,
                person.hukou_division,
                person.village.code,
                person.home.pk if person.home else None,
                f"{person.village.name}{person.pk % 40 + 1}号{person.pk % 6 + 1}0{person.pk % 4 + 1}室"
                if person.home
                else f"{person.village.name}集体宿舍",
                SOURCE,
                person.registered_on,
            )
            for person in city.residents
        ),
    )


def _employers(city: City) -> None:
    nothing = (None,) * 8
    copy_rows(
        Employer,
        (
            *("id", "name", "credit_code", "kind", "size", "industry", "division", "founded_on", "closed_on"),
            *("bank_account", "bank_name", "dishonest", "premium_arrears", "traineeship_base", "source"),
            *("figures_year", "insured_at_year_start", "insured_at_year_end", "insured_monthly_mean"),
            *("retired_in_year", "died_in_year", "unemployment_premium_months", "unemployment_premium_fen"),
        ),
        (
            (
                firm.pk,
                firm.name,
                firm.credit_code,
                firm.kind,
                firm.size,
                firm.industry,
                firm.division,
                firm.founded_on,
                firm.closed_on,
                seal(firm.bank_account) if firm.bank_account else b"",
                firm.bank_name,
                firm.dishonest,
                firm.premium_arrears,
                firm.traineeship_base,
                SOURCE,
                *(firm.figures or nothing),
            )
            for firm in city.firms
        ),
    )


def _employment(city: City) -> None:
    copy_rows(
        EmploymentSpell,
        (
            *("id", "person", "employer", "kind", "start", "until", "contract_months", "monthly_wage_fen"),
            *("urban", "transferred_in", "ended_because", "involuntary_end", "source"),
        ),
        (
            (
                number,
                spell.person.pk,
                spell.firm.pk if spell.firm else None,
                spell.kind,
                spell.start,
                spell.until,
                spell.contract_months,
                spell.wage_fen,
                spell.urban,
                spell.transferred_in,
                spell.ended_because,
                spell.involuntary,
                SOURCE,
            )
            for number, spell in enumerate(city.spells, start=1)
        ),
    )


def _contributions(city: City) -> None:
    copy_rows(
        ContributionSpell,
        (
            *("person", "employer", "payer", "start", "until", "base_fen", "pension_fen", "medical_fen"),
            *("unemployment_fen", "injury_fen", "maternity_fen", "source"),
        ),
        (
            (
                paid.person.pk,
                paid.firm.pk if paid.firm else None,
                paid.payer,
                paid.start,
                paid.until,
                paid.base_fen,
                *paid.premiums_fen,
                SOURCE,
            )
            for paid in city.contributions
        ),
    )
