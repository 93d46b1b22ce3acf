"""Fixtures for every test. The database server is started only where a test asks for a database."""

from __future__ import annotations

import gc
import os
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def pytest_configure(config: pytest.Config) -> None:
    """Make the compiled English texts once, before any worker reads them; give each thread one set of connections.

    Django keeps a second set where an event loop runs, and Playwright's runs in the main thread from the first browser test on:
    the connection of the tests before would stay open beside it, with its locks, and a forked child would find it again.
    """
    from django.db import connections

    connections._connections = threading.local()
    os.environ.setdefault(
        "JIUYE_CACHE", str(ROOT / ".data" / "test-cache")
    )  # machine code of the tests' rules
    if "PYTEST_XDIST_WORKER" not in os.environ:
        from jiuye.portals.common.translations import compile_catalogue

        compile_catalogue(ROOT)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays: looking through it for circles again and again takes a tenth of the tests' time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


# Minutes each, with few tests: begun last, one of them would keep one worker busy while the other has nothing left.
BEGUN_FIRST = (
    "portals/browser/test_three_hundred.py",
    "portals/browser/test_cases.py",
    "portals/browser/test_board.py",
    "office/entitlements/test_nightly.py",
    "config/test_run.py",
    "portals/browser/test_campaigns.py",
    "office/budgeting/test_deciding.py",
    "office/budgeting/test_drawing.py",
    "portals/desk/test_budget.py",
    "config/test_behind_a_proxy.py",
    "engine/rules/test_two_evaluators.py",
    "office/funds/test_recovery.py",
    "portals/browser/test_imports.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first; the others as they were collected (xdist is told to keep the order: --no-loadscope-reorder)."""
    turn = {ROOT / "tests" / name: number for number, name in enumerate(BEGUN_FIRST)}
    items.sort(key=lambda item: turn.get(item.path, len(turn)))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """Point Django at DATABASE_URL, or at an embedded server shared by all workers of this run."""
    from django.conf import settings
    from django.db import connections

    from jiuye.config.postgres import connection_settings, embedded_url

    url = os.environ.get("DATABASE_URL") or embedded_url(ROOT / ".data" / "test-postgres", "postgres")
    name = settings.DATABASES["default"].get("TEST", {}).get("NAME")
    fresh = connection_settings(url)
    database = connections["default"].settings_dict
    for key in ("USER", "PASSWORD", "HOST", "PORT", "OPTIONS"):
        database[key] = fresh[key]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    database["TEST"]["NAME"] = name or f"test_jiuye_{os.environ.get('JIUYE_TEST_DB', '')}{worker}"


# A test's town has the rows of registers that the test lays down, and no others: they count as delivered whole. What nobody
# delivered is tested in tests/office/entitlements/test_delivered_rows.py.
DELIVERED = """
INSERT INTO registry_registerdelivery (register, entity, as_of, complete, row_count, source, imported_at)
SELECT 'rows', kind, '2020-01-01', TRUE, 0, '测试', '2020-01-01'
  FROM unnest(ARRAY['contribution', 'birth', 'certificate', 'training', 'apprenticeship', 'employer_figures', 'traineeship_base',
                    'student', 'disabled', 'subsistence_allowance', 'veteran', 'pensioner', 'employment',
                    'household_member']) AS kind
 WHERE NOT EXISTS (SELECT FROM registry_registerdelivery d WHERE d.register = 'rows' AND d.entity = kind)
"""


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Registers have delivered; at the end, sessions that a thread of the live server or a killed child left open do not keep the database
    from going."""
    from django.db import connection, transaction

    with django_db_blocker.unblock(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(DELIVERED)
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )


@pytest.fixture(scope="session", autouse=True)
def committed_rows_are_cleared_quickly():
    """After a test that commits, only the tables that hold rows are emptied.

    Django truncates every table of the installation and makes its own permissions anew, which nobody here asks for: half a second a test.
    """
    from django.test import TransactionTestCase

    clear = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda case: _cleared() or clear(case)
    yield
    TransactionTestCase._fixture_teardown = clear


def _cleared() -> bool:
    """Empty what holds rows. False, with nothing done, where this user of the database may not put its triggers aside."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT usesuper FROM pg_user WHERE usename = current_user")
        if cursor.fetchone() != (True,):
            return False
        tables = [
            name for name in connection.introspection.table_names(cursor) if name != "django_migrations"
        ]
        quoted = connection.ops.quote_name
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT FROM {quoted(name)})" for name in tables
            )
        )
        held = [name for (name,) in cursor.fetchall()]
        cursor.execute("SET LOCAL session_replication_role = replica")  # neither triggers nor foreign keys
        for name in held:
            cursor.execute(f"DELETE FROM {quoted(name)}")
        cursor.execute(DELIVERED)
    return True


@pytest.fixture
def pack_dir() -> Path:
    return ROOT / "plans" / "yangzhou-2023-2025"


@pytest.fixture(autouse=True)
def lists_are_ordered(request, monkeypatch):
    """A list whose order the database may choose is a bug that shows only on another day: our own code must order it.

    Django's own look-ups (prefetching, deleting, sessions) and single rows are left alone.
    """
    from django.db.models.query import QuerySet

    fetch = QuerySet._fetch_all

    def fetch_in_order(self):
        fetch(self)
        if len(self._result_cache or ()) > 1 and not self.ordered and _asked_by_our_code():
            pytest.fail(f"unordered query of {self.model.__name__}: {str(self.query)[:300]}", pytrace=True)

    monkeypatch.setattr(QuerySet, "_fetch_all", fetch_in_order)


def _asked_by_our_code() -> bool:
    """True where the nearest frame outside Django lies in `jiuye`, and Django is not fetching for its own ends."""
    frame = sys._getframe(2)
    while frame is not None:
        name, function = frame.f_code.co_filename, frame.f_code.co_name
        if function in (
            "prefetch_related_objects",
            "collect",
            "in_bulk",
            "bulk_create",
            "iterator",
            "applied_migrations",
        ):
            return False
        if "/django/" not in name and "/conftest.py" not in name:
            return "/jiuye/" in name
        frame = frame.f_back
    return False
