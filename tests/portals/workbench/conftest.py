"""The town, the pack and the officers of the workbench's tests, for its pages."""

from __future__ import annotations

import pytest

from tests.office.policies.conftest import (  # noqa: F401 (the fixtures are used by name)
    ON,
    firm,
    flexible_worker,
    pack,
    person,
    reviewer,
    town,
    writer,
)


@pytest.fixture(autouse=True)
def _office(settings, pack):  # noqa: F811 (a fixture by name)
    """The office works on the day of the town."""
    settings.OFFICE_DATE = ON.isoformat()
