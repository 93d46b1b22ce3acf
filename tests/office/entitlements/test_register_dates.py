"""A register's dates are read as dates only where they are days of the calendar, on every PostgreSQL from version 15 on."""

from __future__ import annotations

import pytest
from django.db import connection

from jiuye.office.entitlements.facts.registers import _day


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2023-02-28", "2023-02-28"),
        ("2023-02-29", None),
        ("2024-02-29", "2024-02-29"),
        ("2023-04-31", None),
        ("2023-12-31", "2023-12-31"),
        ("2023-13-01", None),
        ("0000-01-01", None),
        ("2023-1-1", None),
        ("去年", None),
        (None, None),
    ],
)
def test_only_a_day_of_the_calendar_is_a_date(text, day):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({_day('v')})::text FROM (SELECT %s::text AS v) t", [text])
        assert cursor.fetchone() == (day,)
