"""Casework and money under kills: `python -m benchmarks.torture [--kills 100] [--minutes 5] [--crashes 2] [--residents 20000]`.

Lays a city of its own, then lets processes carry cases from confirmation to payment while they are killed (SIGKILL) at random moments:
officers who run the operations themselves, and web servers (`jiuye run`) to which others post forms. The database server itself crashes a
few times, and all of them take the same cases and batches. Afterwards what was left in the middle is carried on by one process that nobody
kills, and everything is held to the ledger, to the bank's own statement and to the events. Then come the scenes (`scenes`): the
database started again under the web server, and a disk that runs full.

Exit code 1 where anything does not hold or fewer were killed than asked, 2 where a scene could not be played on this machine. Bounded by
kills and by minutes, whichever comes first.
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
import traceback
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from benchmarks.sessions import session_of
from benchmarks.torture.scenes import play_scenes
from benchmarks.torture.web import Server

FAILED = 70  # how an officer ends by a mistake of ours (EX_SOFTWARE)
ON = "2025-09-15"
WAIT = 240  # seconds in which what was left in the middle must be done


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=5, help="at most so long under kills")
    parser.add_argument("--crashes", type=int, default=2, help="crashes of the database server")
    parser.add_argument("--residents", type=int, default=20_000)
    parser.add_argument("--officers", type=int, default=2, help="processes that run the operations")
    parser.add_argument("--posting", type=int, default=2, help="processes that post forms to the web servers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-scenes", action="store_true", help="only the kills")
    parser.add_argument("--scenes-only", action="store_true", help="only the scenes")
    asked = parser.parse_args()
    if asked.scenes_only:
        return play_scenes()
    folder = Path(tempfile.mkdtemp(prefix="jiuye-torture-"))
    owner = os.getpid()
    # Children that end by themselves run exit handlers as well: the folder is the parent's.
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == owner else None)
    os.environ.update(JIUYE_DATA=str(folder), JIUYE_DATE=ON)
    os.environ.pop("DATABASE_URL", None)
    entitlements = _prepare(asked.residents)
    told = _under_kills(asked, folder, entitlements)
    wrong = _show(asked, folder, told, entitlements)
    return wrong if asked.no_scenes else max(play_scenes(), wrong)


def _prepare(residents: int) -> list[int]:
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

    day = date.fromisoformat(ON)
    lay_city(pack=Path(settings.PACK), size=residents, progress=lambda _what, _count: None)
    from benchmarks.torture.officers import _at, open_accounts

    preparation.load_pack(Path(settings.PACK))
    preparation.lay_budgets(day, _at(day))
    run_sweep(actor=None, on=day, at=_at(day))
    open_accounts("3210")
    call_command("collectstatic", verbosity=0, interactive=False)
    rows = (
        Entitlement.objects.filter(verdict="yes", amount_fen__gt=0)
        .exclude(policy_id__in=unpaid_policies())
        .order_by("pk")
    )
    return list(rows.values_list("pk", flat=True))


class _Told:
    """What was seen while officers were killed."""

    def __init__(self) -> None:
        self.killed = self.web_killed = self.pages_killed = self.crashed = self.failed = 0
        self.lives: list[float] = []
        self.seconds = 0.0

    @property
    def kills(self) -> int:
        return self.killed + self.web_killed + self.pages_killed


def _under_kills(asked: argparse.Namespace, folder: Path, entitlements: list[int]) -> _Told:
    from django.db import connection

    pick, told = random.Random(asked.seed), _Told()
    offices, sessions = _offices(folder)
    connection.close()  # a child must not speak on the parent's connection
    began = time.monotonic()
    seconds = asked.minutes * 60
    until = began + seconds
    crash_at = sorted(pick.randrange(1, max(2, asked.kills)) for _ in range(asked.crashes))
    working = {_officer(folder, entitlements, pick, until): time.monotonic() for _ in range(asked.officers)}
    posting = [_officer(folder, entitlements, pick, until, offices, sessions) for _ in range(asked.posting)]
    while told.kills < asked.kills and time.monotonic() < until:
        time.sleep(pick.uniform(0.1, 2 * seconds * 0.8 / asked.kills))
        # One that is only starting serves nobody: to kill it would be no test.
        serving = [office for office in offices if office.serves()]
        place = pick.randrange(len(working) + len(serving))
        if place < len(serving):
            if pick.random() < 0.5:
                serving[place].kill()
                told.web_killed += 1
            else:
                serving[place].kill_pages()
                told.pages_killed += 1
        else:
            pid = sorted(working)[place - len(serving)]
            _end(pid, told)
            told.killed += 1
            told.lives.append(time.monotonic() - working.pop(pid))
            working[_officer(folder, entitlements, pick, until)] = time.monotonic()
        while crash_at and crash_at[0] <= told.kills:
            crash_at.pop(0)
            told.crashed += _crash()
    for office in offices:
        office.end(signal.SIGKILL)
        told.web_killed += 1
    for pid in [*working, *posting]:
        _end(pid, told)
        told.killed += 1
    told.seconds = time.monotonic() - began
    return told


def _offices(folder: Path) -> tuple[list[Server], dict[str, str]]:
    """The web servers of today and of the payday, serving; and a session of each account."""
    from benchmarks.torture.officers import STAFF, payday
    from benchmarks.torture.web import Server
    from jiuye.office.staff.models import Account

    today = date.fromisoformat(ON)
    sessions = {
        name: session_of(Account.objects.get(username=f"torture-{name}"), "benchmarks.torture")
        for name in STAFF
    }
    offices = [Server(folder, day) for day in (today, payday(today))]
    for office in offices:
        atexit.register(office.end_quietly, os.getpid())
        office.wait()
    return offices, sessions


def _officer(
    folder: Path,
    entitlements: list[int],
    pick: random.Random,
    until: float,
    offices: Sequence[Server] = (),
    sessions: dict[str, str] | None = None,
) -> int:
    """A new process at work, by itself or (with offices) over the web; its number."""
    from django.db import DatabaseError, InterfaceError

    seed = pick.random()
    pid = os.fork()
    if pid:
        return pid
    try:
        from benchmarks.torture.officers import Office, work_until_killed
        from benchmarks.torture.web import WebOffice

        office = (
            WebOffice(
                entitlements,
                date.fromisoformat(ON),
                random.Random(seed),
                today=offices[0].port,
                payday=offices[1].port,
                sessions=sessions,
            )
            if sessions is not None
            else Office(entitlements, date.fromisoformat(ON), random.Random(seed))
        )
        work_until_killed(office, folder / "acts.log", until)
        os._exit(0)
    except (DatabaseError, InterfaceError):
        os._exit(0)  # the crash of the database server met it between two acts
    except BaseException:  # whatever it is: a child must not go on as its parent, and must not end unnoticed
        traceback.print_exc()
        os._exit(FAILED)


def _end(pid: int, told: _Told) -> None:
    """Kill one of them; what ended before by a mistake of its own is counted, since what it did not do proves nothing."""
    os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    told.failed += os.WIFEXITED(status) and os.WEXITSTATUS(status) == FAILED


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

    begun, paid = Case.objects.count(), Case.objects.filter(state="paid").count()
    finishing = _carried_on(entitlements, asked.seed)
    log = folder / "acts.log"
    acts = Counter(line.split(" ", 1)[1] for line in log.read_text().splitlines())
    printer = Printer()
    printer.title(
        f"Casework and money under kills: {asked.officers} processes and {asked.posting} that post forms, "
        f"{asked.residents:,} residents, seed {asked.seed}"
    )
    done = sum(count for act, count in acts.items() if " " not in act)
    posted = sum(count for act, count in acts.items() if act.startswith("posted "))
    gone = sum(count for act, count in acts.items() if act.startswith("web WebGone"))
    away = sum(count for act, count in acts.items() if act == "web WebFailedError 503")
    failed = sum(count for act, count in acts.items() if act.startswith("web WebFailed")) - away
    refused = sum(count for act, count in acts.items() if act.startswith("refused"))
    lost = sum(count for act, count in acts.items() if act.startswith("database"))
    states = Counter(Case.objects.order_by("pk").values_list("state", flat=True))
    batches = Counter(PaymentBatch.objects.order_by("pk").values_list("state", flat=True))
    minutes = told.seconds / 60
    printer.table(
        ["what", "how many"],
        [
            ["officers' processes killed (SIGKILL)", f"{told.killed:,}"],
            ["web servers killed (SIGKILL)", f"{told.web_killed:,}"],
            ["of their processes that answer pages, killed alone", f"{told.pages_killed:,}"],
            ["officers' processes that ended by a mistake of ours", f"{told.failed:,}"],
            ["crashes of the database server, recovered", f"{told.crashed:,}"],
            ["seconds under kills", f"{told.seconds:,.0f}"],
            ["a process lived (median)", f"{statistics.median(told.lives or [0]):.1f} s"],
            ["acts done in a process", f"{done:,} ({done / minutes:,.0f} a minute)"],
            ["forms posted and answered", f"{posted:,} ({posted / minutes:,.0f} a minute)"],
            ["forms that found nobody, or no answer", f"{gone:,}"],
            ["forms answered in words that the database is away, or another was first (503)", f"{away:,}"],
            ["forms answered by another error page", f"{failed:,}"],
            [
                "cases begun under kills",
                f"{begun:,} ({begun / minutes:,.0f} a minute, of {len(entitlements):,} that could be)",
            ],
            ["cases paid under kills", f"{paid:,} ({paid / minutes:,.0f} a minute; 200 are aimed at)"],
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
    if failed:
        print(_what_failed(folder / "web.log"), file=sys.stderr)
    if told.kills < asked.kills:
        print(
            f"  {told.kills} kills of {asked.kills}: the minutes were over before; ask for more of them",
            file=sys.stderr,
        )
    return 0 if sound and not told.failed and not failed and told.kills >= asked.kills else 1


def _what_failed(log: Path) -> str:
    """What the servers wrote of the pages that failed, the last lines of each, so that the reason is not gone with the folder."""
    told = log.read_text(errors="replace").split("Internal Server Error: ")[1:]
    return "\n".join(
        "  failed at " + "\n    ".join([one.splitlines()[0], *one.splitlines()[-12:]]) for one in told[-5:]
    )


if __name__ == "__main__":
    raise SystemExit(main())
