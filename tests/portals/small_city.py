"""A whole city in the small, with everyone decided and cases in every state: laid once a file, and taken back after it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import transaction

if TYPE_CHECKING:
    from jiuye.office.casework.models import PaymentDoubt

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


def doubt_about_what_was_paid() -> PaymentDoubt:
    """A doubt about the city's one payment, of which something is claimed back already; what the night would put beside it."""
    from jiuye.office.casework.models import Case, PaymentDoubt

    paid = Case.objects.filter(state="paid").order_by("pk")[0]
    return PaymentDoubt.objects.create(
        case=paid,
        finding="off_record",
        key="0" * 64,
        looked_at={"on": str(paid.approved_on), "over_fen": paid.amount_fen},
        over_fen=paid.amount_fen,
        found_on=date(2025, 9, 12),
        found_at=datetime(2025, 9, 12, tzinfo=UTC),
    )


@pytest.fixture
def taken_back(small_city: date) -> Iterator[date]:
    """What a test does to the city is taken back after it."""
    with _as_a_test():
        yield small_city
        transaction.set_rollback(True)
