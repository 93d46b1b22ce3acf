"""Columns kept from one sweep to the next: whatever changes in between, they are what a full reading would give, row by row."""

from __future__ import annotations

import random
import stat
from datetime import date, timedelta

import duckdb
import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from jiuye.city.laying import lay_city
from jiuye.engine.rules.pack import require_pack
from jiuye.office.entitlements.columns import changelog, store
from jiuye.office.entitlements.columns.collecting import Collected, collect, read_tables
from jiuye.office.entitlements.columns.reaching import reach_of
from jiuye.office.entitlements.facts.sources import FactSource
from jiuye.office.entitlements.facts.tables import sources_of
from jiuye.office.entitlements.models import Answer, Benefit, FactChange
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.models import Employer, EmploymentSpell, Person, Status
from tests.office.entitlements.conftest import AT, make_person

DAY = date(2025, 4, 9)
pytestmark = pytest.mark.django_db(transaction=True)


def read(folder, on=DAY, full=False) -> Collected:
    with store.locked(folder):
        return collect(rulebook().reader(on), folder=folder, full=full, at=AT)


def differences(collected: Collected, on, folder) -> list[str]:
    """Where the columns differ from a full reading, in words."""
    whole = folder.parent / f"{folder.name}-whole"
    with transaction.atomic():
        rulebook().reader(on).write_columns(whole)
    found = []
    for entity in sorted(rulebook().reader(on).entities()):
        files = [f"read_parquet('{place}/{entity}.parquet')" for place in (collected.folder, whole)]
        old, new = (
            {
                row["id"]: row
                for row in duckdb.sql(f"SELECT * FROM {file} ORDER BY id").to_arrow_table().to_pylist()
            }
            for file in files
        )
        for key in sorted(old.keys() | new.keys()):
            kept, now = old.get(key, {}), new.get(key, {})
            found += [
                f"{entity} {key} {name}: {kept.get(name)} should be {now.get(name)}"
                for name in sorted(kept.keys() | now.keys())
                if kept.get(name) != now.get(name)
            ]
        (count,) = duckdb.sql(f"SELECT count(*) FROM {files[0]}").fetchall()[0]
        assert count == collected.rows[entity]
    return found


@pytest.fixture
def city(db, pack_dir):
    """Some residents with everything that belongs to them."""
    lay_city(pack=pack_dir, size=1_500, progress=lambda *_: None)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


# --- random changes of every kind of record


class Disturber:
    """Changes rows of any table that facts are read from, as a clerk, a delivery or a repair by hand might."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.models = {model._meta.db_table: model for model in apps.get_models()}
        self.tables = sorted(read_tables())
        self.done: set[tuple[str, str]] = set()

    def disturb(self) -> None:
        table = self.random.choice(self.tables)
        act = self.random.choice(["date", "value", "move", "delete", "copy"])
        columns = {field.column: field for field in self.models[table]._meta.concrete_fields}
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT id FROM "{table}" ORDER BY md5(id::text || %s) LIMIT 1', [str(self.random.random())]
            )
            row = cursor.fetchone()
            if row is None:
                return
            sql = self._statement(act, table, columns)
            if sql is None:
                return
            try:
                with transaction.atomic():
                    cursor.execute(sql, [row[0]])
                    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            except DatabaseError:
                return  # a constraint forbids this one
            self.done.add((table, act))

    def _statement(self, act: str, table: str, columns) -> str | None:
        pick = self.random.choice
        kinds = {name: field.get_internal_type() for name, field in columns.items()}
        if act == "delete":
            return f'DELETE FROM "{table}" WHERE id = %s'
        if act == "date":
            dates = [name for name, kind in kinds.items() if kind == "DateField"]
            step = self.random.choice([-400, -40, -2, -1, 1, 2, 35])
            return (
                f'UPDATE "{table}" SET "{pick(dates)}" = "{pick(dates)}" + {step} WHERE id = %s'
                if dates
                else None
            )
        if act == "value":
            numbers = [name for name, kind in kinds.items() if kind in ("IntegerField", "BigIntegerField")]
            truths = [name for name, kind in kinds.items() if kind == "BooleanField"]
            if truths and (not numbers or self.random.random() < 0.5):
                return f'UPDATE "{table}" SET "{pick(truths)}" = NOT "{pick(truths)}" WHERE id = %s'
            return (
                f'UPDATE "{table}" SET "{pick(numbers)}" = "{pick(numbers)}" + 1 WHERE id = %s'
                if numbers
                else None
            )
        links = [
            name
            for name in columns
            if name in ("person_id", "employer_id", "mother_id", "household_id", "hire_id")
        ]
        if act == "move" and links:
            link = pick(links)
            target = columns[link].related_model._meta.db_table
            return (
                f'UPDATE "{table}" SET "{link}" = (SELECT id FROM "{target}" ORDER BY md5(id::text || '
                f"'{self.random.random()}') LIMIT 1) WHERE id = %s"
            )
        if act == "copy":
            others = ", ".join(f'"{name}"' for name in columns if name != "id")
            shifted = ", ".join(
                f'"{name}" + 500' if kinds[name] == "DateField" else f'"{name}"'
                for name in columns
                if name != "id"
            )
            return f'INSERT INTO "{table}" ({others}) SELECT {shifted} FROM "{table}" WHERE id = %s'
        return None


@pytest.mark.parametrize("seed", [1, 2])
def test_after_any_changes_of_any_record_the_columns_are_what_a_full_reading_gives(city, tmp_path, seed):
    folder = tmp_path / "columns"
    first = read(folder)
    assert first.sentences()[0][1].startswith("Everything was read: there are no columns of last time;")
    disturber = Disturber(seed)
    on, sparing = DAY, 0
    for night in range(5):
        for _ in range(12):
            disturber.disturb()
        if night % 4 == 3:
            on += timedelta(days=disturber.random.choice([1, 3, -2]))
        collected = read(folder, on)
        assert "" not in collected.whole
        assert differences(collected, on, folder) == []
        sparing += sum(collected.read[entity] < collected.rows[entity] for entity in collected.read)
    assert sparing > 50, "most entities were not read whole"
    assert {act for _, act in disturber.done} == {"date", "value", "move", "delete", "copy"}
    assert len({table for table, _ in disturber.done}) >= 10


def test_a_month_of_nights_on_which_nothing_happens_follows_the_calendar(city, tmp_path):
    folder = tmp_path / "columns"
    read(folder, date(2025, 4, 26))
    for step in range(1, 8):
        on = date(2025, 4, 26) + timedelta(days=step)
        collected = read(folder, on)
        assert differences(collected, on, folder) == []
        monthly = {entity for entity, (_, en) in collected.whole.items() if "another month" in en}
        assert bool(monthly) == (on == date(2025, 5, 1)), collected.sentences()


def test_a_transaction_that_was_open_at_the_last_reading_is_not_missed(city, tmp_path):
    folder = tmp_path / "columns"
    settings = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    early, late = (
        psycopg.connect(**{name: settings[name] for name in names if settings.get(name)}) for _ in range(2)
    )
    person = Person.objects.order_by("pk").first()
    other = Person.objects.order_by("pk").last()
    update = "UPDATE registry_person SET birth_date = birth_date + 1 WHERE id = %s"
    early.execute(update, [person.pk])
    late.execute(update, [other.pk])
    late.commit()  # begun after the other, finished before it
    late.close()
    read(folder)
    early.commit()
    early.close()
    collected = read(folder)
    assert collected.read["person"] == 1
    assert differences(collected, DAY, folder) == []
    assert read(folder).read["person"] == 0
    assert FactChange.objects.count() == 0


def test_only_what_changed_is_read_and_it_is_said(city, tmp_path):
    folder = tmp_path / "columns"
    read(folder)
    person = Status.objects.order_by("pk").first().person
    Status.objects.filter(person=person).order_by("pk").update(category="x")
    collected = read(folder)
    hires = EmploymentSpell.objects.filter(person=person).count()
    assert (collected.read["person"], collected.read["hire"]) == (1, hires)
    assert collected.read["certificate"] == 0
    assert collected.sentences()[0][1].startswith("Read what changed: ")
    assert not collected.whole


def test_an_answer_fills_the_column_at_the_next_reading(city, tmp_path):
    folder = tmp_path / "columns"
    read(folder)
    fact = next(
        fact
        for fact in rulebook().reader(DAY).facts("person")
        if not fact.binding and fact.type.kind == "boolean"
    )
    person = Person.objects.order_by("pk").first()
    from jiuye.office.staff.models import Account

    account = Account.objects.create_account(username="a", display_name="甲", password="x", kind="officer")
    Answer.objects.create(
        entity="person",
        subject_key=str(person.pk),
        fact=fact.name,
        value="true",
        answered_by=account,
        answered_at=AT,
    )
    collected = read(folder)
    assert collected.read["person"] == 1
    assert differences(collected, DAY, folder) == []


# --- where nothing that lies there is used


def test_everything_is_read_where_it_is_asked_for_or_the_columns_are_damaged_or_another_database_s(
    city, tmp_path
):
    folder = tmp_path / "columns"
    first = read(folder)
    assert read(folder, full=True).whole[""][1] == "as was asked"
    kept = store.opened(folder)
    file = folder / kept.folder / "hire.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    assert read(folder).whole[""][1] == "the columns of last time are damaged (hire.parquet)"
    (folder / "columns.json").write_text("{")
    assert read(folder).whole[""][1] == "the columns of last time are damaged (columns.json)"
    read(tmp_path / "elsewhere")  # the database now knows other columns as its last
    assert "not read from this database as it is now" in read(folder).whole[""][1]
    assert "" not in read(folder).whole
    assert not first.folder.exists()


def test_a_trigger_that_was_taken_out_is_noticed_and_put_back_by_the_next_migration(city, tmp_path):
    folder = tmp_path / "columns"
    read(folder)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_status DISABLE TRIGGER ALL")
    assert "changes of registry_status are not noted" in read(folder).whole[""][1]
    assert changelog.install_triggers(read_tables()) == ["registry_status"]
    read(folder)
    assert "" not in read(folder).whole


def test_a_changed_binding_reads_that_entity_whole(city, tmp_path, monkeypatch):
    folder = tmp_path / "columns"
    read(folder)
    sources = rulebook().needs.sources
    changed = sources["certificate"].columns | {"certificate.kind": "upper(c.kind)"}
    source = sources["certificate"]
    monkeypatch.setitem(
        sources, "certificate",
        FactSource(source.entity, source.table, source.key, changed, source.relations, source.laterals, source.built, source.members),
    )  # fmt: skip
    collected = read(folder)
    assert list(collected.whole) == ["certificate"]
    assert collected.whole["certificate"][1] == "the pack's vocabulary or bindings changed"


def test_a_table_emptied_or_loaded_anew_reads_whole_whom_it_concerns(city, tmp_path):
    folder = tmp_path / "columns"
    read(folder)
    Benefit.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE registry_education")
    collected = read(folder)
    assert collected.whole["person"][1] == "registry_education changed as a whole"
    assert differences(collected, DAY, folder) == []


def test_the_files_are_the_owner_s_alone_and_hold_no_name_and_no_id_number(city, tmp_path):
    folder = tmp_path / "columns"
    collected = read(folder)
    person = make_person("欧阳测试", "321002199001011234", birth_date=date(1990, 1, 1))
    Employer.objects.order_by("pk").update(name="欧阳测试有限公司")
    collected = read(folder)
    for path in [folder, *folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    words = {str(value) for entity in collected.rows for row in duckdb.sql(
        f"SELECT * FROM read_parquet('{collected.folder}/{entity}.parquet')").fetchall() for value in row}  # fmt: skip
    assert not words & {person.name, person.id_number, "欧阳测试有限公司"}


# --- what the SQL says of itself


def test_every_source_of_the_office_says_whom_a_record_concerns_and_when_a_day_turns_it(pack_dir):
    tables = {model._meta.db_table for model in apps.get_models()}
    sources = sources_of(require_pack(pack_dir))
    assert "labour_brand" in sources, "the pack's own kinds of things are among them"
    for entity, source in sources.items():
        expressions = [*source.columns.values(), *(build(["a", "b"]) for build in source.built.values())]
        joins = " ".join(source.joins([*expressions, source.where]))
        text = f"SELECT {', '.join(expressions)} FROM {source.table} {joins} WHERE {source.where or 'TRUE'}"
        reach = reach_of(source, text, tables)
        assert not reach.daily, entity
        assert [touch.table for touch in reach.touches if touch.path is None] == [], entity
        assert reach.tables <= read_tables(), entity


@pytest.mark.parametrize(
    ("expression", "path", "daily"),
    [
        ("(SELECT 1 FROM t_a x WHERE x.person_id = o.id)", True, False),
        ("(SELECT 1 FROM t_a x WHERE x.person_id = o.id OR x.kind = 'b')", False, False),
        ("(SELECT 1 FROM t_a x WHERE x.kind = 'x.person_id = o.id')", False, False),
        ("(SELECT 1 FROM t_a x WHERE x.kind = 'b' AND x.person_id = o.id AND x.until > {on})", True, False),
        ("(SELECT 1 FROM t_a x WHERE x.person_id = o.id AND x.until - 5 > {on})", True, True),
        (
            "(SELECT 1 FROM t_a x WHERE x.person_id = o.id AND age({on}, x.start) > interval '1 day')",
            True,
            True,
        ),
        ("(SELECT 1 FROM t_b o, t_a x WHERE x.person_id = o.id)", False, False),
        ("(SELECT count(*) FROM t_a x)", False, False),
        ("(SELECT 1 FROM t_a x WHERE x.size = o.id)", False, False),
    ],
)
def test_what_is_not_understood_counts_for_everyone(expression, path, daily):
    source = FactSource("own", "t_own o", "o.id", {})
    reach = reach_of(source, f"SELECT o.id, {expression} FROM t_own o", {"t_own", "t_a", "t_b"})
    assert ([touch.path is not None for touch in reach.touches if touch.table == "t_a"], reach.daily) == (
        [path],
        daily,
    )
