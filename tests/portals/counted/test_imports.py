"""The pages of an import: before it is accepted, after, and what it left out."""

# ruff: noqa: F811 (fixtures by name)

from __future__ import annotations

import pytest

from jiuye.office.registry.models import ImportBatch
from tests.office.registry.conftest import city  # noqa: F401 (a fixture by name)
from tests.office.registry.importing.situations import row, table
from tests.portals.counting import Walk
from tests.portals.desk.test_imports import _office, act, desk, send  # noqa: F401 (fixtures by name)

pytestmark = pytest.mark.django_db
PAGES = frozenset({"desk:import", "desk:import_rejected"})


def test_the_pages_of_an_import_hold_to_fifteen(desk):
    send(
        desk,
        table(
            *(row(sequence=200 + number, 手机号="1" if number % 2 else "13800000000") for number in range(20))
        ),
    )
    batch, walk = ImportBatch.objects.get(), Walk()
    walk.open({"before": desk}, "desk:import", batch.pk)
    walk.open({"before": desk}, "desk:import_rejected", batch.pk)
    act(desk, "import_accept", batch)
    walk.open({"after": desk}, "desk:import", batch.pk)
    walk.open({"after": desk}, "desk:import_rejected", batch.pk)
    walk.hold(PAGES)
