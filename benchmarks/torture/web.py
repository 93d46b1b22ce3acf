"""The web in the torture: servers of `jiuye run` that are killed, and officers who act by posting forms to them.

An office works on one day. Cases are begun on one and granted after their days of publicity, so that two offices stand on one database:
one of today, one of the payday. Each is a process that the kills take like the others; whoever asks meanwhile finds nobody at the door and
comes again.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil

from benchmarks.torture.officers import BATCH, SAID, Office

ROOT = Path(__file__).resolve().parents[2]
CSRF = "x" * 32
STARTING = 180  # seconds within which a server must answer, on a machine that is busy with other things


class WebGoneError(RuntimeError):
    """Nobody answers at the address, or the connection ended before an answer came: killed, or not yet up again."""


class WebFailedError(RuntimeError):
    """The server answered with an error page (5xx)."""


class Server:
    """`jiuye run` on one day and port, started again whenever it is killed."""

    def __init__(self, folder: Path, day: date, environment: Mapping[str, str] | None = None) -> None:
        self.folder, self.day, self.port = folder, day, _free_port()
        self.environment = os.environ if environment is None else environment
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        environment = {**self.environment, "JIUYE_DATA": str(self.folder), "JIUYE_DATE": self.day.isoformat()}
        environment["JIUYE_NIGHT"] = (
            "off"  # what the night would do is none of the acts that are held to the records here
        )
        # An office keeps what was compiled once; a machine of tests may forbid it, and each start would compile all of it anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "jiuye.config.cli", "run", "--city", "0", "--port", str(self.port)],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "web.log").open("ab"),
        )

    def kill(self) -> None:
        """Kill it as the machine does when memory runs out, and start another."""
        self.end(signal.SIGKILL)
        self.start()

    def kill_pages(self) -> None:
        """Kill one of the processes that answer pages, whichever was begun first: the server begins another by itself."""
        assert self.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            answering = [
                child
                for child in psutil.Process(self.process.pid).children()
                if "jiuye.config.answering" in child.cmdline()
            ]
            if answering:
                min(answering, key=lambda child: child.create_time()).kill()

    def end(self, number: int = signal.SIGINT) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        self.process.wait(timeout=60)

    def end_quietly(self, owner: int) -> None:
        """At the end of the process that started it: whatever became of it, it does not stay."""
        if os.getpid() == owner and self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def serves(self) -> bool:
        """Whether it answers; the port alone is open sooner."""
        try:
            return ask(self.port, "GET", "/login/", seconds=2)[0] == 200
        except WebGoneError:
            return False

    def wait(self) -> None:
        """Until it answers. Raises TimeoutError."""
        until = time.monotonic() + STARTING
        while time.monotonic() < until:
            try:
                if ask(self.port, "GET", "/login/")[0] == 200:
                    return
            except WebGoneError:
                time.sleep(0.2)
        raise TimeoutError(f"no answer on port {self.port}; see {self.folder / 'web.log'}")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def ask(
    port: int,
    method: str,
    path: str,
    *,
    session: str = "",
    fields: list[tuple[str, str]] | None = None,
    body: bytes | None = None,
    kind: str = "application/x-www-form-urlencoded",
    seconds: float = 60,
) -> tuple[int, str, dict[str, str]]:
    """One request of its own connection: status, body, headers. Raises WebGoneError."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=seconds)
    headers = {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}
    if method == "POST":
        headers["Content-Type"] = kind
        body = urlencode(fields or []).encode() if body is None else body
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace"), dict(answer.getheaders())
    except (OSError, http.client.HTTPException) as error:
        raise WebGoneError(f"{method} {path}: {error}") from error
    finally:
        connection.close()


class WebOffice(Office):
    """The acts of `Office`, each a form that is posted. What to do next is read from the database; what was done, from the answer.

    An answer does not say whether the act was done or refused in words: both may lead back to the page. The events say it afterwards.
    """

    way = "posted "

    def __init__(
        self,
        entitlements: list[int],
        on: date,
        pick: random.Random,
        *,
        today: int,
        payday: int,
        sessions: dict[str, str],
    ) -> None:
        super().__init__(entitlements, on, pick)
        self.today_port, self.payday_port, self.sessions = today, payday, sessions

    def _post(self, port: int, name: str, path: str, fields: list[tuple[str, str]] | None = None) -> None:
        status, _, _ = ask(port, "POST", path, session=self.sessions[name], fields=fields)
        if status >= 500:
            raise WebFailedError(str(status))
        # 404: a batch that somebody discarded, a case that left. 422: refused in words, on the form's own page.
        assert status in (302, 404, 422), (path, status)

    def confirm(self) -> None:
        key = self.pick.choice(self.entitlements)
        self._post(self.today_port, "caseworker", f"/desk/found/{key}/confirm/", [("note", "窗口委托")])

    def accept(self) -> None:
        from jiuye.office.casework.proofs import proofs_of

        case = self._case("confirmed")
        for proof in proofs_of(case, on=self.on):
            if not proof.settled:
                fields = [("evidence", proof.row.id), (f"said-{proof.row.id}", SAID)]
                self._post(self.today_port, "caseworker", f"/desk/cases/{case.pk}/original/", fields)
        self._act(self.today_port, "caseworker", case, "accept")

    def review(self) -> None:
        self._act(self.today_port, "reviewer", self._case("accepted"), "review")

    def publicise(self) -> None:
        self._act(self.today_port, "reviewer", self._case("reviewed"), "publicise")

    def approve(self) -> None:
        self._act(self.payday_port, self.pick.choice(self.approvers), self._case("publicised"), "approve")

    def batch(self) -> None:
        chosen = self._payable()[:BATCH]
        fields = [("case", str(key)) for key in chosen] + [("purpose", "付款")]
        self._post(self.payday_port, "cashier", "/desk/payments/make/", fields)

    def check(self) -> None:
        self._batch_act("approve_batch", "draft")

    def send(self) -> None:
        self._batch_act("send_batch", "approved", "sending")

    def settle(self) -> None:
        self._batch_act("settle_batch", "sent")

    def _batch_act(self, act: str, *states: str) -> None:
        found = self._batch(*states)
        self._post(self.payday_port, "cashier2", f"/desk/payments/batches/{found.pk}/{act}/")

    def _act(self, port: int, name: str, case: Any, act: str) -> None:
        self._post(port, name, f"/desk/cases/{case.pk}/acts/{act}/")
