"""The installation that is put under load: a city, decided, with officers in every county; kept from one run to the next.

The city is the demonstration's own, so many times as large; the cases are those of `cases`. Everything is written through the models'
constraints and triggers, in bulk.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

CHINA = timezone(timedelta(hours=8))
BUDGET_FEN = 100_000_000_000_00  # of each fund: a budget that runs out is not what is measured
# Role, how many in each county (or street, or the city), at which level.
STAFF = (
    ("caseworker", 3, "county"),
    ("caseworker", 1, "street"),
    ("reviewer", 2, "county"),
    ("approver", 4, "city"),
    ("cashier", 3, "city"),
    ("auditor", 2, "city"),
    ("city_office", 2, "city"),
)
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Officer:
    """One of the accounts that were opened for the load."""

    account: Any
    role: str
    division: str


def lay_residents(*, residents: int, on: date, tell: Told) -> None:
    """The city with its budgets, decided, on an empty database. What takes long says how long it took."""
    from django.conf import settings
    from django.core.management import call_command

    from jiuye.city.laying import lay_city
    from jiuye.config import preparation
    from jiuye.office.entitlements.operations import run_sweep
    from jiuye.office.funds.operations import appropriate_for_demonstration
    from jiuye.office.funds.queries import funds

    at, pack = morning(on), Path(settings.PACK)
    timed = _Timed(tell)
    call_command("migrate", verbosity=0)
    timed("tables")
    lay_city(pack=pack, size=residents, progress=lambda _what, _count: None)
    timed(f"city of {residents:,}")
    preparation.load_pack(pack)
    for fund in funds():
        appropriate_for_demonstration(
            fund=fund.code, year=on.year, amount_fen=BUDGET_FEN, on=date(on.year, 1, 2), at=at
        )
    run_sweep(actor=None, on=on, at=at)
    timed("everyone decided")


def lay_desk(*, cases: int, on: date, tell: Told) -> None:
    """Officers and cases upon it."""
    from django.conf import settings

    from benchmarks.load.cases import lay_cases
    from jiuye.office.funds.operations.sealing import seal_ledger

    at, timed = morning(on), _Timed(tell)
    lay_cases(open_officers(Path(settings.PACK)), cases, on=on, at=at)
    timed(f"{cases:,} cases")
    seal_ledger(on=on, at=at)
    for app in ("registry", "skills", "entitlements", "casework", "funds"):
        _analyze(app)
    timed("figures for the planner")


def morning(on: date) -> datetime:
    """When the office opens on that day."""
    return datetime.combine(on, datetime.min.time(), CHINA) + timedelta(hours=8)


def hold(tell: Told) -> None:
    """The ledger recomputed, cases beside events and money, payments beside the bank's statement. Raises AssertionError."""
    from benchmarks.torture.checks import CHECKS

    timed = _Timed(tell)
    for what, check in CHECKS.items():
        wrong = check()
        assert not wrong, (what, wrong[:5])
    timed("held to its events, its money, its chains and the bank")


def open_officers(pack: Path) -> list[Officer]:
    """The accounts, in every county."""
    from jiuye.city.building import read_places
    from jiuye.office.staff.models import Account
    from jiuye.office.staff.operations import place_in_post

    places, _, _ = read_places(pack)
    codes = {
        "county": [county.code for county in places.counties],
        "street": [places.streets_of(county)[0].code for county in places.counties],
        "city": [places.city.code],
    }
    opened: list[Officer] = []
    for role, number, level in STAFF:
        for code in codes[level]:
            for _ in range(number):
                account, fresh = Account.objects.get_or_create(
                    username=f"load-{len(opened) + 1}",
                    defaults={"display_name": f"压测{len(opened) + 1}", "kind": "officer"},
                )
                if fresh:
                    place_in_post(
                        account=account, role=role, division_code=code, start=date(2023, 1, 1), until=None
                    )
                opened.append(Officer(account, role, code))
    return opened


def _analyze(app: str) -> None:
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        for model in apps.get_app_config(app).get_models():
            cursor.execute(f'vacuum analyze "{model._meta.db_table}"')


class _Timed:
    """Says what was done and how long it took since the last time."""

    def __init__(self, tell: Told) -> None:
        self.tell, self.last = tell, time.monotonic()

    def __call__(self, what: str) -> None:
        now = time.monotonic()
        self.tell(f"{what}: {now - self.last:.0f} s")
        self.last = now
