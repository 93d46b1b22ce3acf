"""Who is let in where: asked of every named address as every role and as a visitor, in a form that people can read.

`python -m tests.house.who_may` is not needed: the test that compares prints the lines that differ, ready to be copied after somebody has
thought about them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

TABLE = Path(__file__).with_name("who_may.txt")
VISITOR, EVERYONE = "visitor", "everyone"


def named(
    resolver: URLResolver | None = None, before: str = "", space: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Every named address: its name with its namespace, an address that fits it, and the pattern."""
    for one in (resolver or get_resolver()).url_patterns:
        pattern = str(one.pattern)
        if isinstance(one, URLResolver):
            yield from named(one, before + pattern, f"{space}{one.namespace}:" if one.namespace else space)
        elif one.name and not before.startswith(
            "api/"
        ):  # systems come with keys, not sessions: tests/portals/api
            yield f"{space}{one.name}", _filled(before + pattern), one


def _filled(pattern: str) -> str:
    """An address of the pattern; the things that it names need not exist."""
    parts = []
    for part in pattern.replace("^", "").replace("$", "").split("<"):
        if ">" in part:
            kind, rest = part.split(">", 1)
            part = ("1" if kind.startswith("int:") else "a") + rest
        parts.append(part)
    return "/" + "".join(parts)


def is_let_in(client: Client, address: str) -> bool:
    """True where the guard lets the client in. Asked by OPTIONS, which passes the guard and then does nothing."""
    answer = client.options(address)
    if answer.status_code in (401, 403):
        return False
    return not (answer.status_code == 302 and answer.headers["Location"].startswith("/login/?"))


def read_table() -> dict[str, frozenset[str]]:
    """The table as it was written down: name → the roles that are let in."""
    found = {}
    for line in TABLE.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, roles = line.partition(" = ")
            found[name.strip()] = frozenset(roles.split())
    return found
