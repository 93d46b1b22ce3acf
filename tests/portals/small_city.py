"""A whole city in the small, with everyone decided and cases in every state: laid once a file, and taken back after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction

SIZE = 1500
ROOT = Path(__file__).resolve().parents[2]
PACK = ROOT / "plans" / "yangzhou-2023-2025"


def _as_a_test() -> transaction.Atomic:
    """A transaction that Django takes for a test's own: what must be durable may be inside it."""
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]
    return atomic


@pytest.fixture(scope="module")
def small_city(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[date]:
    """The day on which the city's office works."""
    from jiuye.city.building import read_places
    from jiuye.city.laying import lay_city
    from jiuye.config import preparation
    from jiuye.portals.common.actors import CHINA

    on = read_places(PACK)[2].day
    at = datetime.combine(on, datetime.min.time(), CHINA)
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, _as_a_test():
        patch.setattr(settings, "OFFICE_DATE", on.isoformat())
        patch.setattr(settings, "BANK_FOLDER", tmp_path_factory.mktemp("bank"))
        preparation.load_pack(PACK)
        lay_city(pack=PACK, size=SIZE, progress=lambda what, count: None)
        preparation.lay_budgets(on, at)
        preparation.sweep_everyone(on, at)
        preparation.play_office(on)
        yield on
        transaction.set_rollback(True)


@pytest.fixture
def taken_back(small_city: date) -> Iterator[date]:
    """What a test does to the city is taken back after it."""
    with _as_a_test():
        yield small_city
        transaction.set_rollback(True)
