"""What is planned once a connection says the same as what is planned each time."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from jiuye.office.entitlements.facts import prepared
from jiuye.office.entitlements.facts.prepared import fetch

SQL = "SELECT p.id, p.name FROM registry_person p WHERE p.id = ANY(%s) ORDER BY 1"


@pytest.fixture(autouse=True)
def _nothing_prepared(db, monkeypatch):
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    prepared._prepared.clear()
    yield
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    prepared._prepared.clear()


def statements() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        return cursor.fetchone()[0]


def test_a_statement_is_prepared_once_and_reads_the_same(person, django_assert_num_queries):
    with django_assert_num_queries(3):  # prepared, and asked twice
        assert fetch(SQL, [person.pk]) == fetch(SQL, [person.pk]) == [(person.pk, person.name)]
    assert fetch(SQL, []) == []
    assert statements() == 1


def test_a_general_plan_is_kept(person):
    for _ in range(3):
        fetch(SQL, [person.pk])
    with connection.cursor() as cursor:
        cursor.execute("SELECT generic_plans, custom_plans FROM pg_prepared_statements")
        assert cursor.fetchone() == (3, 0)


def test_many_keys_get_a_plan_of_their_own(person, monkeypatch):
    monkeypatch.setattr(prepared, "MOST_KEYS", 1)
    assert fetch(SQL, [person.pk, person.pk + 1]) == [(person.pk, person.name)]
    assert statements() == 0


def test_behind_a_pooler_nothing_is_prepared(person, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    assert fetch(SQL, [person.pk]) == [(person.pk, person.name)]
    assert statements() == 0


def test_a_statement_outlives_what_was_taken_back(person):
    with transaction.atomic():
        fetch(SQL, [person.pk])
        transaction.set_rollback(True)
    assert fetch(SQL, [person.pk]) == [(person.pk, person.name)]


def test_a_connection_keeps_only_so_many(person, monkeypatch):
    monkeypatch.setattr(prepared, "MOST_KEPT", 3)
    for number in range(6):
        fetch(f"{SQL} LIMIT {number + 1}", [person.pk])
    assert statements() == 3
