"""A changed fact until its result is seen: `python -m benchmarks.redecide [--size 2000] [--people 60]`. Lays a city of its own first.

For each of some residents a case worker records that they are a veteran, which decides them again in the same transaction, and
then the resident's own page is asked for. Measured: the change (the operation with its commit), and the page (the whole answer of
`/my/`, middleware and templates included), against a PostgreSQL of its own, in this process.

Beside it the same residents, as the register holds them, are explained under every policy for residents, with their rows at hand.

Targets (median): a changed fact decided again and seen in 50 ms, one person explained in 2 ms.
"""

from __future__ import annotations

import argparse
import atexit
import os
import shutil
import statistics
import tempfile
import time
from contextlib import nullcontext
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jiuye.office.registry.models import Person
    from jiuye.office.staff.queries import Actor

ON = "2025-09-15"
PAGE = "/my/"
WARMING = 5  # residents whose turn is not counted: the rules' closures and the database's plans are made then
CHINA = timezone(timedelta(hours=8))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", type=int, default=2_000, help="residents of the city")
    parser.add_argument("--people", type=int, default=60, help="residents whose fact changes")
    asked = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="jiuye-bench-")
    # Exit handlers run in reverse: the database server stops first, then its folder goes.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["JIUYE_DATA"] = folder
    os.environ["JIUYE_DATE"] = ON
    os.environ.pop("DATABASE_URL", None)
    from jiuye.config.django_setup import setup_django

    setup_django()
    from django.conf import settings
    from django.core.management import call_command

    from jiuye.city.laying import lay_city

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    lay_city(pack=Path(settings.PACK), size=asked.size, progress=lambda _what, _count: None)
    measure(asked.people)


def measure(count: int) -> None:
    """Change a fact of each of `count` residents with decisions, ask for their page, and print the table."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from benchmarks.rules.tables import Printer
    from jiuye.office.entitlements.operations import run_sweep
    from jiuye.office.registry.models import Person
    from jiuye.office.registry.operations import add_status
    from jiuye.office.staff.models import Account
    from jiuye.office.staff.queries import actor_for

    on, at = date.fromisoformat(ON), datetime.combine(date.fromisoformat(ON), datetime.min.time(), CHINA)
    run_sweep(actor=None, on=on, at=at)
    officer = actor_for(Account.objects.get(username="caseworker"), on=on)
    changes, pages, queries, differing = [], [], [], 0
    for number, person in enumerate(people(officer, count + WARMING)):
        account = Account.objects.create(
            username=f"resident-{person.pk}",
            display_name=person.name,
            kind="resident",
            subject_key=str(person.pk),
        )
        client = Client()
        client.force_login(account)
        before = client.get(PAGE).content
        counting = (
            number < WARMING
        )  # looking at the queries takes time itself, so that those turns are not measured
        with CaptureQueriesContext(connection) if counting else nullcontext() as captured:
            began = time.perf_counter()
            add_status(
                actor=officer,
                person=person,
                kind="veteran",
                start=on - timedelta(days=100),
                source="退役军人事务局",
                on=on,
                at=at + timedelta(seconds=number + 1),
            )
            changed = time.perf_counter()
            answer = client.get(PAGE)
            seen = time.perf_counter()
        assert answer.status_code == 200, answer.status_code
        if counting:
            queries.append(len(captured or ()))
            continue
        changes.append(changed - began)
        pages.append(seen - changed)
        differing += answer.content != before
    told, policies = explained(officer, count, on)
    together = [first + second for first, second in zip(changes, pages, strict=True)]
    printer = Printer()
    printer.title(
        f"A changed fact decided again and seen: {len(changes)} of {Person.objects.count():,} residents"
    )
    printer.table(
        ["what", "median", "p95", "most"],
        [
            row("the fact changed, decided again, committed", changes),
            row("the resident's page with the new result", pages),
            row("together", together),
            row(f"a resident of the city explained under {policies} policies for residents", told),
        ],
    )
    printer.text(
        f"\n{statistics.median(queries):.0f} queries (median); {differing} of the {len(changes)} pages say something else than before."
    )


def explained(officer: Actor, count: int, on: date) -> tuple[list[float], int]:
    """Seconds in which each of the residents is explained under every policy for residents, and how many policies these are."""
    from jiuye.engine.rules.decide import Sitting
    from jiuye.office.entitlements.rulebook import rulebook

    book = rulebook()
    policies = [policy for policy in book.pack.policies.values() if policy.entity == "person"]
    keys = [person.pk for person in people(officer, count + WARMING)]
    rows, seconds = book.reader(on).rows("person", keys), []
    for key in keys:
        began = time.perf_counter()
        sitting = Sitting(on)
        for policy in policies:
            book.explainer.explain_within(policy, rows[key], sitting.under(policy))
        seconds.append(time.perf_counter() - began)
    return seconds[WARMING:], len(policies)


def people(officer: Actor, count: int) -> list[Person]:
    """So many residents whom the officer may change, who have decisions and are no veterans; in a fixed order, spread over all."""
    from jiuye.office.registry.models import Person

    found = [
        person
        for person in Person.objects.filter(entitlements__isnull=False)
        .exclude(statuses__kind="veteran")
        .distinct()
        .order_by("pk")
        if officer.may("registry.change", person.residence_division_id)
    ]
    step = max(1, len(found) // count)
    return found[::step][:count]


def row(what: str, seconds: list[float]) -> list[str]:
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, len(ordered) * 95 // 100)]
    return [what, *(f"{value * 1000:.1f} ms" for value in (statistics.median(ordered), p95, ordered[-1]))]


if __name__ == "__main__":
    main()
