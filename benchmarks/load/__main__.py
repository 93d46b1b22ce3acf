"""The desk under load: `python -m benchmarks.load [--residents 500000] [--cases 100000] [--users 50] [--seconds 60]`, or `make load`.

The installation is laid once and kept under .data/bench (`laying`, `cases`); `--anew` lays it again. The server is the one of
`jiuye run`, in a process of its own; the users are another (`driving`), on the same cores, so that the figures hold what the users cost.
Exit code 1 where a request was not answered as it must be.

Target: the desk's list, one person's page, a search and a change of state each at 150 ms (p95), 50 users, two cores.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.sessions import session_of

ROOT = Path(__file__).resolve().parents[2]
ON = "2025-09-15"
TARGET_MS = 150
KINDS = {
    "desk": "the desk: today's work, with its figures",
    "cases": "the list of cases",
    "person": "one person's page",
    "name": "search by name",
    "number": "search by ID number",
    "act": "a change of state (accept, review)",
}
WAYS = {
    "open": "each user acts every 5 to 10 seconds, as an officer does",
    "closed": "each user asks again as soon as the last answer is there: what the server can take",
}
PEOPLE = 400  # residents that each user looks at


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--residents", type=int, default=500_000)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=60, help="of each of the two ways of arriving")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--anew", action="store_true", help="lay the installation again")
    parser.add_argument("--prepare-only", action="store_true", help="lay it and stop")
    asked = parser.parse_args()
    folder = ROOT / ".data" / "bench" / f"load-{asked.residents}-{asked.cases}"
    if asked.anew:
        shutil.rmtree(folder, ignore_errors=True)
    os.environ.update(JIUYE_DATA=str(folder), JIUYE_DATE=ON, JIUYE_NIGHT="off")
    os.environ.pop("DATABASE_URL", None)
    prepare(folder, asked.residents, asked.cases)
    if asked.prepare_only:
        return 0
    plan = plan_of(asked)
    server = serve(asked.port)
    try:
        samples = driven(folder, plan)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=60)
    return show(asked, plan, samples)


def prepare(folder: Path, residents: int, cases: int) -> None:
    """The installation, laid where it is not there whole."""
    from benchmarks.load.laying import hold, lay_desk, lay_residents

    decided, begun, whole = folder / "decided", folder / "begun", folder / "laid"
    if folder.exists() and not whole.exists() and (begun.exists() or not decided.exists()):
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    from jiuye.config.django_setup import setup_django

    setup_django()
    if not whole.exists():
        on = date.fromisoformat(ON)
        if not decided.exists():
            lay_residents(residents=residents, on=on, tell=_tell)
            decided.touch()
        begun.touch()
        lay_desk(cases=cases, on=on, tell=_tell)
        hold(_tell)
        whole.touch()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def plan_of(asked: argparse.Namespace) -> dict[str, Any]:
    """Who asks for what: sessions, residents of each one's places, and cases that wait for them, none handed out twice."""
    from django.db.models import Max

    from jiuye.office.casework.models import CaseEvent
    from jiuye.office.casework.queries import todays_work
    from jiuye.office.registry.models import Person
    from jiuye.office.staff.models import Account
    from jiuye.office.staff.queries import actor_for

    on, pick = date.fromisoformat(ON), random.Random(time.time_ns())
    accounts = list(Account.objects.filter(username__startswith="load-").order_by("pk"))
    pick.shuffle(accounts)
    taken: set[int] = set()
    users, people = [], {}
    for place in range(asked.users):
        account = accounts[place % len(accounts)]
        me = actor_for(account, on=on)
        division = me.posts[0][1]
        if division not in people:
            found = Person.objects.filter(residence_division__code__startswith=division).order_by("pk")
            keys = list(found.values_list("pk", flat=True))
            people[division] = pick.sample(keys, min(PEOPLE, len(keys)))
        shown = list(Person.objects.filter(pk__in=people[division]).order_by("pk"))
        acts: list[tuple[int, str]] = []
        for state, act in (("confirmed", "accept"), ("accepted", "review")):
            if me.may("casework." + act):
                waiting = todays_work(me, on=on).filter(state=state).exclude(pk__in=taken)
                acts += [(pk, act) for pk in waiting.values_list("pk", flat=True)[:300]]
        taken |= {pk for pk, _ in acts}
        users.append(
            {
                "session": session_of(account, "benchmarks.load"),
                "desk": True,
                "cases": True,
                "person": [person.pk for person in shown],
                "name": [_part(person.name, pick) for person in shown],
                "number": [person.id_number for person in shown],
                "act": acts,
            }
        )
    seconds = asked.seconds
    return {
        "host": "127.0.0.1",
        "port": asked.port,
        "seed": pick.randrange(1 << 30),
        "phases": [["warm", 8], ["open", seconds], ["closed", seconds]],
        "users": users,
        "events": CaseEvent.objects.aggregate(last=Max("pk"))["last"],
    }


def _part(name: str, pick: random.Random) -> str:
    """What an officer types: mostly the whole name, sometimes its beginning or its end."""
    return pick.choices([name, name[:2], name[-2:]], weights=[70, 15, 15])[0]


def serve(port: int) -> subprocess.Popen[bytes]:
    """`jiuye run`, answering."""
    server = subprocess.Popen(
        [sys.executable, "-m", "jiuye.config.cli", "run", "--city", "0", "--port", str(port)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    for _ in range(1200):
        time.sleep(0.1)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/login/")
            if connection.getresponse().status == 200:
                return server
        except OSError:
            if server.poll() is not None:
                raise RuntimeError(f"jiuye run ended with {server.returncode}") from None
        finally:
            connection.close()
    server.kill()
    raise TimeoutError("jiuye run does not answer within two minutes")


def driven(folder: Path, plan: dict[str, Any]) -> list[list[Any]]:
    """The users in a process of their own; what they saw."""
    source, target = folder / "plan.json", folder / "samples.json"
    source.write_text(json.dumps(plan))
    try:
        subprocess.run(
            [sys.executable, "-m", "benchmarks.load.driving", str(source), str(target)], cwd=ROOT, check=True
        )
        return json.loads(target.read_text())
    finally:
        source.unlink()  # it holds sessions


def show(asked: argparse.Namespace, plan: dict[str, Any], samples: list[list[Any]]) -> int:
    """The tables; 1 where an answer was not the one that it must be."""
    from benchmarks.rules.machine import describe
    from benchmarks.rules.tables import Printer
    from jiuye.office.casework.models import Case, CaseEvent
    from jiuye.office.registry.models import Person

    printer = Printer()
    printer.title(
        f"The desk under load: {Person.objects.count():,} residents, {Case.objects.count():,} cases, {asked.users} users"
    )
    printer.text(f"{describe()} Server, database and users share these cores.")
    wrong = [sample for sample in samples if sample[3] not in (200, 302)]
    for way, words in WAYS.items():
        by_kind: dict[str, list[float]] = defaultdict(list)
        for found, kind, milliseconds, _ in samples:
            if found == way:
                by_kind[kind].append(milliseconds)
        total = sum(map(len, by_kind.values()))
        seconds = dict(plan["phases"])[way]
        printer.text(f"\n{words[0].upper()}{words[1:]}: {total / seconds:.1f} requests a second.\n")
        printer.table(
            ["what", "requests", "p50, ms", "p95, ms", "p99, ms", "most, ms", f"target {TARGET_MS} ms"],
            [_row(KINDS[kind], by_kind[kind]) for kind in KINDS if by_kind[kind]],
        )
    posted = sum(kind == "act" for _, kind, _, _ in samples)
    moved = CaseEvent.objects.filter(pk__gt=plan["events"], act__in=("accept", "review")).count()
    printer.text(
        f"\n{posted} changes were asked for, {moved} were made; {len(wrong)} answers were not as they must be."
    )
    return 0 if not wrong and moved == posted else 1


def _row(words: str, milliseconds: list[float]) -> list[str]:
    ordered = sorted(milliseconds)

    def at(permille: int) -> str:
        return f"{ordered[min(len(ordered) - 1, len(ordered) * permille // 1000)]:.0f}"

    met = float(at(950)) <= TARGET_MS
    return [
        words,
        f"{len(ordered):,}",
        at(500),
        at(950),
        at(990),
        f"{ordered[-1]:.0f}",
        "met" if met else "missed",
    ]


if __name__ == "__main__":
    raise SystemExit(main())
