"""How many queries a page makes: what is counted, and a walk over pages that forgets none.

Counted is each statement that asks or tells the database something, whether rows come back or not. BEGIN and COMMIT of a request do not
stand among the statements that Django records; inside a test their place is taken by SAVEPOINT and RELEASE, which are therefore left
out. So is the savepoint of an `atomic` block inside a request: it is a way there and back, but asks nothing and grows with nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor
from tests.house.who_may import named

MOST = 15
KEPT_OUT = ("SAVEPOINT", "RELEASE", "ROLLBACK")


def client_of(who: Actor | Account | str) -> Client:
    """A client in which somebody is logged in: an actor, an account, or an account by its name."""
    if isinstance(who, str):
        who = Account.objects.get(username=who)
    elif isinstance(who, Actor):
        who = Account.objects.get(pk=who.account_id)
    client = Client(raise_request_exception=False)
    client.force_login(who)
    return client


def queries_of(client: Client, address: str) -> int | None:
    """How many queries an address makes when it is opened again; None where it does not answer with a page.

    The first opening may read content that stays in the process (the pack, compiled texts) and is not counted.
    """
    if client.get(address).status_code != 200:
        return None
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return sum(not query["sql"].startswith(KEPT_OUT) for query in asked.captured_queries)


class Walk:
    """Pages that were opened, by their names, by whom, and with how many queries."""

    def __init__(self) -> None:
        self.counts: dict[tuple[str, str], int] = {}

    def open(
        self, who: Mapping[str, Client], name: str, *args: object, asking: str = "", **parts: object
    ) -> None:
        """Each of these people opens the page; who may not is no matter here, as long as somebody may."""
        address = reverse(name, args=args, kwargs=parts) + asking
        for whose, client in who.items():
            found = queries_of(client, address)
            if found is not None:
                self.counts[name + asking, whose] = max(found, self.counts.get((name + asking, whose), 0))

    def hold(self, pages: frozenset[str]) -> None:
        """Every one of these pages was walked, and none makes more than fifteen queries."""
        missed = sorted(pages - {name.partition("?")[0] for name, _ in self.counts})
        assert not missed, f"nobody opened {missed}"
        above = {page: number for page, number in sorted(self.counts.items()) if number > MOST}
        assert not above, f"more than {MOST} queries: {above}"


@cache
def pages_to_get() -> dict[str, tuple[str, ...]]:
    """Every address that can be opened (GET), with the names of its parts; a view that says nothing of methods takes them all."""
    found = {}
    for name, _, pattern in named():
        methods = _methods(pattern.callback)
        if methods is None or "GET" in methods:
            found[name] = tuple(pattern.pattern.converters)
    return found


def _methods(view: Callable[..., Any] | None) -> list[str] | None:
    """The methods that `require_http_methods` and its kin hold a view to, under whatever else decorates it."""
    while view is not None:
        named_in = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if "request_method_list" in named_in:
            said: list[str] = view.__closure__[named_in.index("request_method_list")].cell_contents
            return said
        view = getattr(view, "__wrapped__", None)
    return None
