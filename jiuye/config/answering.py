"""One process that answers pages: `python -m jiuye.config.answering LISTENING LIFELINE`, begun by `serving` and by nobody else.

LISTENING is the number of a socket that listens already, which several such processes share: whichever is free takes the next
connection. LIFELINE is one end of a pair of sockets. A byte through it says that pages are answered from now on; where the other end
closes, whoever began us is gone, and we go too.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import Any
from wsgiref.types import WSGIApplication as Application
from wsgiref.util import setup_testing_defaults

# Python computes one page at a time, and a page that asks the database fifteen times queues for the interpreter after each answer. Of
# many at once all become slow: few threads answer more a second than many do, and each sooner (benchmarks/README.md).
THREADS = 3
READY = b"\n"


def answer(listening: socket.socket, lifeline: socket.socket) -> None:
    """Answer until SIGTERM; requests under way then have five seconds."""
    from jiuye.config.django_setup import setup_django

    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever began us
    setup_django()
    import waitress
    from django.conf import settings

    from jiuye.config.wsgi import application

    server = waitress.create_server(
        application,
        sockets=[listening],
        threads=THREADS,
        ident="jiuye",
        **believed(settings.PROXY),
    )
    threading.Thread(target=_end_with, args=(lifeline,), name="lifeline", daemon=True).start()
    _warm(application, host=_own_name(settings.ALLOWED_HOSTS))
    # What is there now stays for good. Looked through for circles again and again it would hold up every page that is being answered,
    # each time for a quarter of a second.
    gc.collect()
    gc.freeze()
    lifeline.sendall(READY)
    server.run()


def believed(proxy: str) -> dict[str, Any]:
    """What `waitress` is told of the proxy: believe it, and nobody else, about who asks and whether over TLS.

    It names the scheme and the client's address, of several the last, which is the one that it saw itself. The host it hands on as it
    came; another one in a header is not believed, since links would lead there.
    """
    named = {"trusted_proxy": proxy, "trusted_proxy_count": 1} if proxy else {}
    headers = {"trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"}} if proxy else {}
    return {**named, **headers, "clear_untrusted_proxy_headers": True}


def _own_name(hosts: Sequence[str]) -> str:
    """A name under which we may be asked; of `.example` the name itself, where every name is allowed any."""
    named = [host.removeprefix(".") for host in hosts if host != "*"]
    return named[0] if named else "localhost"


def _warm(application: Application, *, host: str) -> None:
    """Ask for one page ourselves, so that reading the pack and the templates is not what the first visitor waits for."""
    environ: dict[str, object] = {"HTTP_HOST": host, "PATH_INFO": "/login/"}
    setup_testing_defaults(environ)
    for _ in application(environ, lambda status, headers, exc_info=None: lambda data: None):
        pass


def _stop(signal_number: int, frame: FrameType | None) -> None:
    """What `waitress` takes for the wish that it end. Told again, it goes on ending."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def _end_with(lifeline: socket.socket) -> None:
    """Nobody would end us any more: at once, as whoever began us was ended. Transactions under way roll back."""
    try:
        lifeline.recv(1)
    finally:
        os._exit(1)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):  # told to end before the server ran
        answer(*(socket.socket(fileno=int(number)) for number in sys.argv[1:]))
    # Every request was answered and nothing is left to write. Were the interpreter taken down piece by piece, DuckDB's binding would tell
    # whoever pressed Ctrl-C on forty lines which of its types were still known to it.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
