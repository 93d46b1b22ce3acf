"""The users: `python -m benchmarks.load.driving PLAN RESULTS`, a process of its own that knows the server by its address only.

Each user is a thread with a connection that is kept, as a browser keeps it. Two ways of arriving:

- closed: the next request as soon as the last was answered, which no officer does; it says what the server can take;
- open: every user acts after five to ten seconds, whatever the last took; a late answer delays the next, and is counted from the moment
  at which it was meant to be asked for.
"""

from __future__ import annotations

import http.client
import json
import random
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

# Of a hundred requests; a user without one of these (a cashier changes no case) does the others.
MIX = {"desk": 25, "cases": 10, "person": 25, "name": 15, "number": 10, "act": 15}
CSRF = "x" * 32
Sample = tuple[str, str, float, int]  # way of arriving, kind, milliseconds, status


class User:
    """One signed-in officer with what they may look at and do."""

    def __init__(self, plan: dict[str, Any], host: str, port: int, seed: int) -> None:
        self.plan, self.pick = plan, random.Random(seed)
        self.connection = http.client.HTTPConnection(host, port, timeout=60)
        self.headers = {"Cookie": f"sessionid={plan['session']}; csrftoken={CSRF}", "X-CSRFToken": CSRF}

    def kinds(self) -> list[str]:
        return [kind for kind in MIX if self.plan[kind] or kind in ("desk", "cases")]

    def one(self) -> tuple[str, int]:
        """One request; its kind and status. 0 where no answer came."""
        kinds = self.kinds()
        kind = self.pick.choices(kinds, weights=[MIX[kind] for kind in kinds])[0]
        method, path = "GET", "/desk/" if kind == "desk" else "/desk/cases/"
        if kind == "person":
            path = f"/desk/people/{self.pick.choice(self.plan['person'])}/"
        elif kind in ("name", "number"):
            path = f"/desk/people/?{urlencode({'q': self.pick.choice(self.plan[kind])})}"
        elif kind == "act":
            case, act = self.plan["act"].pop()
            method, path = "POST", f"/desk/cases/{case}/acts/{act}/"
        try:
            self.connection.request(method, path, headers=self.headers)
            answer = self.connection.getresponse()
            answer.read()
            return kind, answer.status
        except (OSError, http.client.HTTPException):
            self.connection.close()
            return kind, 0


def closed(user: User, until: float, found: list[Sample], way: str) -> None:
    while time.monotonic() < until:
        began = time.monotonic()
        kind, status = user.one()
        found.append((way, kind, (time.monotonic() - began) * 1000, status))


def opened(user: User, until: float, found: list[Sample], way: str) -> None:
    meant = time.monotonic() + user.pick.uniform(0, 7.5)
    while meant < until:
        time.sleep(max(0.0, meant - time.monotonic()))
        kind, status = user.one()
        found.append((way, kind, (time.monotonic() - meant) * 1000, status))
        meant += user.pick.uniform(5, 10)


def drive(plan: dict[str, Any]) -> list[Sample]:
    """Every user through every phase of the plan, all at once within a phase."""
    users = [
        User(one, plan["host"], plan["port"], seed)
        for seed, one in enumerate(plan["users"], start=plan["seed"])
    ]
    found: list[Sample] = []
    for way, seconds in plan["phases"]:
        until = time.monotonic() + seconds
        run = opened if way == "open" else closed
        parts: list[list[Sample]] = [[] for _ in users]
        threads = [
            threading.Thread(target=run, args=(user, until, part, way))
            for user, part in zip(users, parts, strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found += [sample for part in parts for sample in part]
    return found


if __name__ == "__main__":
    source, target = sys.argv[1:]
    samples = drive(json.loads(Path(source).read_text()))
    Path(target).write_text(json.dumps(samples))
