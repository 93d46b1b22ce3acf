"""The web server of `jiuye run`: one open port, and the processes that answer behind it (`answering`).

Python computes one page at a time in each process, so that with one alone further processors stand idle while people wait.
A process that ends by itself is begun again; all of them end with the one that began them, however that ends.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import subprocess
import sys
import time

from jiuye.config.preflight import CannotStartError, require_port

ANSWERING = "jiuye.config.answering"
MOST_PROCESSES = 4  # by default: each takes some 250 MB once it has read the pack
STARTING_SECONDS = 120
ENDING_SECONDS = 10  # `waitress` gives requests under way five
PAUSE_SECONDS = 1.0  # before a process that ended is begun again; doubled each time while they end at once
AT_ONCE_SECONDS = 15.0
MOST_PAUSE_SECONDS = 60.0
BACKLOG = 1024


class PagesFailedError(RuntimeError):
    """A process that answers pages ended before it could; what it said stands above on this console."""


def processors() -> int:
    """How many processes answer where nobody says how many: one for each processor that we may use but one, which the database needs.

    On two processors two processes answered no more than one and were no quicker (benchmarks/README.md, the desk under load).
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(allowed - 1, MOST_PROCESSES))


class Pages:
    """The port and the processes behind it.

    The port is open from the beginning on: whoever asks before a process answers waits for it.

    Raises CannotStartError where the port cannot be listened on.
    """

    def __init__(self, host: str, port: int, *, processes: int) -> None:
        try:
            self._listening = _listen(host, port)
        except OSError as error:
            require_port(host, port)  # says what is wrong; somebody else was quicker
            raise CannotStartError(f"{host}:{port}：{error}") from error
        self._answering: dict[socket.socket, subprocess.Popen[bytes]] = {}
        self._processes = processes
        self._last_begun = 0.0

    def start(self) -> None:
        """Begin the processes; back when all answer. Raises PagesFailedError where one of them cannot."""
        for lifeline in [self._begin() for _ in range(self._processes)]:
            lifeline.settimeout(STARTING_SECONDS)
            try:
                answers = bool(lifeline.recv(1))
            except TimeoutError:
                answers = False
            if not answers:
                code = self._forget(lifeline)
                raise PagesFailedError(
                    f"回答网页的进程起不来（以 {code} 结束）；原因见上。 "
                    f"A process that answers pages does not start (it ended with {code}); the reason stands above."
                )

    def watch(self) -> None:
        """Whoever ends is begun again, until a signal ends this (as KeyboardInterrupt)."""
        pause = PAUSE_SECONDS
        while True:
            heard, _, _ = select.select(list(self._answering), [], [])
            if time.monotonic() - self._last_begun > AT_ONCE_SECONDS:
                pause = PAUSE_SECONDS
            ended = [lifeline for lifeline in heard if not lifeline.recv(1)]  # else it says that it answers
            for code in map(self._forget, ended):
                _say(
                    f"一个回答网页的进程以 {code} 结束，{pause:.0f} 秒后重新启动。 "
                    f"A process that answers pages ended with {code}; another begins in {pause:.0f} s."
                )
            while len(self._answering) < self._processes:
                time.sleep(pause)
                pause = min(2 * pause, MOST_PAUSE_SECONDS)
                try:
                    self._begin()
                except OSError as error:  # no memory for it, say: the others answer meanwhile
                    _say(f"还起不来（{error}）。 It cannot begin yet ({error}).")

    def stop(self) -> None:
        """Close the port and end all processes; requests under way have ENDING_SECONDS."""
        self._listening.close()
        for process in self._answering.values():
            process.terminate()
        until = time.monotonic() + ENDING_SECONDS
        for process in self._answering.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, until - time.monotonic()))
        for lifeline in list(self._answering):
            self._forget(lifeline)

    def _begin(self) -> socket.socket:
        """One process more; our end of its lifeline."""
        self._last_begun = time.monotonic()
        ours, theirs = socket.socketpair()
        with theirs:
            numbers = (self._listening.fileno(), theirs.fileno())
            self._answering[ours] = subprocess.Popen(
                [sys.executable, "-m", ANSWERING, *map(str, numbers)],
                pass_fds=numbers,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C at the terminal is for us, who then end it
            )
        return ours

    def _forget(self, lifeline: socket.socket) -> int:
        """The process behind it is gone, or goes now; how it ended."""
        process = self._answering.pop(lifeline)
        lifeline.close()
        process.kill()
        return process.wait()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _listen(host: str, port: int) -> socket.socket:
    """The open port. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        raise OSError(*error.args) from error
    return listening
