"""The web server of `jiuye run`: one socket, and one process or several that answer on it.

Python answers one request at a time in a process, whatever its number of threads: an office of fifty waits for a page of a
second unless another process takes the next request. The socket is opened once, by the process that looks after the others,
and handed down; whoever is free accepts. Nothing is shared in memory: sessions, limits and what a policy says today are
in the database.

A worker lives as long as its end of a pair of sockets: it says there that it is ready, and when the other end is gone (a
clean stop, or the parent killed) it ends by itself, so that none is left behind with the port. A worker that dies is
replaced. `python -m jiuye.config.serving FD` is one worker; nobody types that.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from jiuye.config.preflight import CannotStartError

# Answers that wait for the database or the disk let others run; more threads than these only wait for Python.
THREADS = 8
READY_SECONDS = 120
LOOK_SECONDS = 0.25
# So often in a row a worker may die before it was ready until we say that it will never be.
FUTILE_STARTS = 3
READY = b"."


def listening(host: str, port: int) -> socket.socket:
    """The socket on which this installation answers. Raises OSError where the address cannot be had."""
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(1024)
    except BaseException:
        sock.close()
        raise
    return sock


def answer(sock: socket.socket) -> None:
    """Answer on `sock` in this process until KeyboardInterrupt; requests under way are answered to their end."""
    import waitress

    from jiuye.config.wsgi import application

    server: Any = waitress.create_server(application, sockets=[sock], threads=THREADS, ident="jiuye")
    try:
        server.run()  # takes the KeyboardInterrupt, and waits for the threads
    finally:
        server.close()


class Workers:
    """Processes that answer on one socket, started, replaced when they die, and ended together."""

    def __init__(self, sock: socket.socket, number: int) -> None:
        self.sock, self.number = sock, number
        self._running: list[_Worker] = []
        self._futile = 0

    def start(self) -> None:
        """Start all; returns when each has said that it is ready. Raises CannotStartError where one ends before."""
        self._running = [_Worker(self.sock) for _ in range(self.number)]
        for worker in self._running:
            if not worker.ready(READY_SECONDS):
                raise CannotStartError(
                    "网页服务进程一启动就退出了；请看上面的出错信息，或用 --processes 1 启动。 "
                    "A web process ends as soon as it starts; see the error above, or start with --processes 1."
                )

    def look_after(self) -> None:
        """Replace whoever dies, until KeyboardInterrupt.

        Raises CannotStartError where the new ones die again before they are ready.
        """
        while True:
            time.sleep(LOOK_SECONDS)
            for place, worker in enumerate(self._running):
                code = worker.process.poll()
                if code is None:
                    continue
                worker.end()
                print(
                    f"一个网页服务进程意外退出（{code}），已另起一个。 A web process ended ({code}); another takes its place.",
                    file=sys.stderr,
                    flush=True,
                )
                self._running[place] = _Worker(self.sock)
                self._futile = 0 if worker.was_ready else self._futile + 1
                if self._futile >= FUTILE_STARTS:
                    raise CannotStartError(
                        "网页服务进程反复退出，已停止；请看上面的出错信息。 "
                        "The web processes keep ending and were given up; see the errors above."
                    )

    def stop(self) -> None:
        """End all, each after the requests under way."""
        for worker in self._running:
            worker.end()
        for worker in self._running:
            worker.wait()
        self._running = []


class _Worker:
    """One process, seen from its parent."""

    def __init__(self, sock: socket.socket) -> None:
        self.ours, theirs = socket.socketpair()
        self.was_ready = False
        os.set_inheritable(sock.fileno(), True)
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jiuye.config.serving", str(sock.fileno())],
                stdin=theirs.fileno(),
                pass_fds=[sock.fileno()],
                start_new_session=True,  # Ctrl-C is for the parent, which then ends its workers
            )
        finally:
            theirs.close()
        self._said = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            self.was_ready = self.ours.recv(1) == READY
        self._said.set()

    def ready(self, seconds: float) -> bool:
        """Whether it said so within that time; False at once where it ended before."""
        self._said.wait(seconds)
        return self.was_ready

    def end(self) -> None:
        """Let go of it, at which it ends."""
        with contextlib.suppress(OSError):
            self.ours.shutdown(socket.SHUT_RDWR)
        self.ours.close()

    def wait(self) -> None:
        """Until it ended; one that does not within ten seconds is killed."""
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def _work(descriptor: int) -> None:
    """One worker: say that it is ready, answer until the parent lets go."""
    parent = socket.socket(fileno=os.dup(sys.stdin.fileno()))
    signal.signal(signal.SIGTERM, _interrupted)

    def until_let_go() -> None:
        parent.recv(1)  # nothing is ever sent: this returns when the other end is closed
        os.kill(os.getpid(), signal.SIGTERM)

    _warm()
    with contextlib.suppress(KeyboardInterrupt):
        parent.sendall(READY)
        threading.Thread(target=until_let_go, daemon=True).start()
        answer(socket.socket(fileno=descriptor))


def _warm() -> None:
    """What a first request would otherwise wait for: the applications, and every module behind an address."""
    from django.urls import get_resolver

    from jiuye.config import wsgi  # noqa: F401  it brings the applications up

    assert get_resolver().url_patterns


def _interrupted(_number: int, _frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


if __name__ == "__main__":
    _work(int(sys.argv[1]))
