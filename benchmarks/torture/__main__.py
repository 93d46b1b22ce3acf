"""Casework and money under kills: `python -m benchmarks.torture [--kills 100] [--seconds 300] [--crashes 2] [--officers 3]`.

Lays a city of its own, then lets several processes carry cases from confirmation to payment while they are killed (SIGKILL) at random
moments, the database server itself crashes a few times, and all of them take the same cases and batches. Afterwards what was left in the
middle is carried on by one process that nobody kills, and everything is held to the ledger, to the bank's own statement and to the events.

What is killed are processes that run the operations which the pages and the workers run; the web server around them is not in it.
Exit code 1 where anything does not hold. Bounded by kills and by seconds, whichever comes first.
"""

from __future__ import annotations

import argparse
import atexit
import os
import random
import shutil
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

ON = "2025-09-15"
CITY = 4_000
WAIT = 240  # seconds in which what was left in the middle must be done


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=300, help="at most so long under kills")
    parser.add_argument("--crashes", type=int, default=2, help="crashes of the database server")
    parser.add_argument("--officers", type=int, default=3, help="processes at work")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="jiuye-torture-"))
    owner = os.getpid()
    # Children that end by themselves run exit handlers as well: the folder is the parent's.
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == owner else None)
    os.environ.update(JIUYE_DATA=str(folder), JIUYE_DATE=ON)
    os.environ.pop("DATABASE_URL", None)
    entitlements = _prepare()
    told = _under_kills(asked, folder, entitlements)
    return _show(asked, folder, told, entitlements)


def _prepare() -> list[int]:
    """A laid city that is decided; the entitlements that cases may begin from."""
    from jiuye.config.django_setup import setup_django

    setup_django()
    from django.conf import settings
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from jiuye.city.laying import lay_city
    from jiuye.config import preparation
    from jiuye.office.entitlements.models import Entitlement
    from jiuye.office.entitlements.operations import run_sweep
    from jiuye.office.entitlements.queries import unpaid_policies
    from jiuye.office.staff.models import Account

    day = date.fromisoformat(ON)
    lay_city(pack=Path(settings.PACK), size=CITY, progress=lambda _what, _count: None)
    from benchmarks.torture.officers import _at

    preparation.load_pack(Path(settings.PACK))
    preparation.lay_budgets(day, _at(day))
    run_sweep(actor=None, on=day, at=_at(day))
    county = Account.objects.get(username="reviewer").posts.order_by("pk")[0].division_code
    rows = (
        Entitlement.objects.filter(verdict="yes", amount_fen__gt=0, division_code__startswith=county)
        .exclude(policy_id__in=unpaid_policies())
        .order_by("pk")
    )
    return list(rows.values_list("pk", flat=True))


class _Told:
    """What was seen while officers were killed."""

    def __init__(self) -> None:
        self.killed = self.crashed = 0
        self.lives: list[float] = []
        self.seconds = 0.0


def _under_kills(asked: argparse.Namespace, folder: Path, entitlements: list[int]) -> _Told:
    from django.db import connection

    pick, told = random.Random(asked.seed), _Told()
    connection.close()  # a child must not speak on the parent's connection
    began = time.monotonic()
    until = began + asked.seconds
    crash_at = sorted(pick.randrange(1, max(2, asked.kills)) for _ in range(asked.crashes))
    working = {_officer(folder, entitlements, pick, until): time.monotonic() for _ in range(asked.officers)}
    while told.killed < asked.kills and time.monotonic() < until:
        time.sleep(pick.uniform(0.1, 2 * asked.seconds * 0.8 / asked.kills))
        pid = pick.choice(sorted(working))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        told.killed += 1
        told.lives.append(time.monotonic() - working.pop(pid))
        while crash_at and crash_at[0] <= told.killed:
            crash_at.pop(0)
            told.crashed += _crash()
        working[_officer(folder, entitlements, pick, until)] = time.monotonic()
    for pid in working:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        told.killed += 1
    told.seconds = time.monotonic() - began
    return told


def _officer(folder: Path, entitlements: list[int], pick: random.Random, until: float) -> int:
    """A new process at work; its number."""
    seed = pick.random()
    pid = os.fork()
    if pid:
        return pid
    try:
        from benchmarks.torture.officers import Office, work_until_killed

        office = Office(entitlements, date.fromisoformat(ON), random.Random(seed))
        work_until_killed(office, folder / "acts.log", until)
    finally:
        os._exit(0)


def _crash() -> int:
    """Kill one of the server's own processes: it takes every session down and recovers from its log."""
    from django.db import DatabaseError, connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        os.kill(cursor.fetchone()[0], signal.SIGKILL)
    connection.close()
    for _ in range(600):
        time.sleep(0.1)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.close()
            return 1
        except DatabaseError:
            connection.close()
    raise TimeoutError("the database has not come back within a minute")


def _carried_on(entitlements: list[int], seed: int) -> int:
    """Everything that money was under way for is finished by somebody whom nobody kills; acts that took."""
    from benchmarks.torture.officers import Office
    from jiuye.office.casework.refusals import Refusal
    from jiuye.office.funds.models import PaymentBatch
    from jiuye.office.funds.operations import FundsRefusal

    office, done = Office(entitlements, date.fromisoformat(ON), random.Random(seed)), 0
    open_states = ("draft", "approved", "sending", "sent")
    until = time.monotonic() + WAIT
    while PaymentBatch.objects.filter(state__in=open_states).exists() and time.monotonic() < until:
        for act in (office.check, office.send, office.settle):
            try:
                act()
                done += 1
            except (LookupError, Refusal, FundsRefusal):
                continue
    office.collect()
    return done


def _show(asked: argparse.Namespace, folder: Path, told: _Told, entitlements: list[int]) -> int:
    from benchmarks.rules.tables import Printer
    from benchmarks.torture.checks import CHECKS
    from jiuye.office.casework.models import Case
    from jiuye.office.funds.models import PaymentBatch, PaymentLine

    finishing = _carried_on(entitlements, asked.seed)
    log = folder / "acts.log"
    acts = Counter(line.split(" ", 1)[1] for line in log.read_text().splitlines())
    printer = Printer()
    printer.title(
        f"Casework and money under kills: {asked.officers} processes, {CITY:,} residents, seed {asked.seed}"
    )
    done = sum(count for act, count in acts.items() if not act.startswith(("refused", "database")))
    refused = sum(count for act, count in acts.items() if act.startswith("refused"))
    lost = sum(count for act, count in acts.items() if act.startswith("database"))
    states = Counter(Case.objects.order_by("pk").values_list("state", flat=True))
    batches = Counter(PaymentBatch.objects.order_by("pk").values_list("state", flat=True))
    minutes = told.seconds / 60
    printer.table(
        ["what", "how many"],
        [
            ["processes killed (SIGKILL)", f"{told.killed:,}"],
            ["crashes of the database server, recovered", f"{told.crashed:,}"],
            ["seconds under kills", f"{told.seconds:,.0f}"],
            ["a process lived (median)", f"{statistics.median(told.lives or [0]):.1f} s"],
            ["acts done", f"{done:,} ({done / minutes:,.0f} a minute)"],
            ["acts refused in words", f"{refused:,}"],
            ["acts that lost the database", f"{lost:,}"],
            ["acts that finished what was left in the middle", f"{finishing:,}"],
            ["cases", ", ".join(f"{state} {count:,}" for state, count in sorted(states.items()))],
            ["batches", ", ".join(f"{state} {count:,}" for state, count in sorted(batches.items()))],
            ["payments made", f"{PaymentLine.objects.filter(state='paid').count():,}"],
        ],
    )
    rows, sound = [], True
    for what, check in CHECKS.items():
        wrong = check()
        sound &= not wrong
        rows.append([what, "holds" if not wrong else f"{len(wrong)} do not hold: {wrong[0]}"])
        for sentence in wrong[:20]:
            print(f"  {what}: {sentence}", file=sys.stderr)
    printer.table(["afterwards", "found"], rows)
    return 0 if sound else 1


if __name__ == "__main__":
    raise SystemExit(main())
