"""Fixtures for every test. The database server is started only where a test asks for a database."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


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


@pytest.fixture
def pack_dir() -> Path:
    return ROOT / "plans" / "yangzhou-2023-2025"
