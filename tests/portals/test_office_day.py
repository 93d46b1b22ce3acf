"""Which day it is at the office."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from jiuye.portals.common import actors


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2024, 12, 31, 15, 59, 59, tzinfo=UTC), date(2024, 12, 31)),
        (datetime(2024, 12, 31, 16, 0, tzinfo=UTC), date(2025, 1, 1)),  # midnight in China
        (datetime(2025, 1, 1, 0, 0, tzinfo=UTC), date(2025, 1, 1)),
    ],
)
def test_the_offices_day_turns_at_midnight_in_china_wherever_the_machine_stands(
    settings, monkeypatch, moment, day
):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return moment.astimezone(tz)

    settings.OFFICE_DATE = ""
    monkeypatch.setattr(actors, "datetime", Clock)
    assert actors.office_date() == day
    assert actors.now().date() == day
