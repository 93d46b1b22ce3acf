"""Which rows a request may touch, held by the database itself: row-level security behind the application's own scoping.

A web request acts as the role `jiuye_web`, which owns nothing and may read only rows that a policy lets through: those of the places
of the actor's posts, of the resident or of the employer. A query that somebody wrote wrongly so still shows no other county's people.
The command line and the workers act as the owner of the tables, whom the policies do not bind.

It guards against our own mistakes, not against an attacker who runs SQL of his own: whoever can say SET ROLE can take it back.
Source: PostgreSQL 18 manual, 5.9 Row Security Policies. `rows_installing` writes the policies.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.backends.signals import connection_created
from psycopg.pq import TransactionStatus

from jiuye.office.staff.queries import Actor
from jiuye.office.staff.roles import PERMISSIONS

WEB_ROLE = "jiuye_web"
# Whoever holds none of these over a place has no business with the people there: an administrator sees nobody's record.
SEEING = (
    "registry.see",
    "registry.verify",
    "entitlements.see",
    "casework.see",
    "matters.see",
    "funds.see",
    "board.open_records",
)

AUDIT = "audit.see"


@dataclass(frozen=True, slots=True)
class RowScope:
    """Whose rows: division prefixes, one resident, one employer; `notice` adds what is publicised; `account` is who asks, and `auditing` are
    the division prefixes in which they may see what officers did."""

    places: tuple[str, ...] = ()
    auditing: tuple[str, ...] = ()
    person: str = ""
    employer: str = ""
    notice: bool = False
    account: str = ""


VISITOR = RowScope(notice=True)
_in_force: ContextVar[tuple[RowScope, bool] | None] = ContextVar("row_scope", default=None)


def scope_of(actor: Actor, *, notice: bool = False) -> RowScope:
    """The rows of an actor: of the places where a post lets them see people, or their own."""
    places: set[str] = set()
    for role, prefix, _ in actor.posts:
        if actor.kind == "officer" and PERMISSIONS[role] & set(SEEING):
            places.add(prefix)
    return RowScope(
        places=tuple(sorted(places)),
        auditing=tuple(actor.scopes(AUDIT)) if actor.kind == "officer" else (),
        person=actor.subject_key if actor.kind == "resident" else "",
        employer=actor.subject_key if actor.kind == "employer" else "",
        notice=notice,
        account=str(actor.account_id),
    )


@contextmanager
def reading_only(scope: RowScope | None) -> Iterator[None]:
    """Inside a transaction that only reads, until its end: the scope (None: every row), and no writing. One statement.

    The caller rolls the transaction back, which takes the scope back, in a transaction inside another one as well.
    """
    token = _in_force.set((scope, True) if scope is not None else None)
    try:
        if scope is None:
            _execute("SELECT set_config('transaction_read_only', 'on', true)", [])
        else:
            _apply(scope, local=True, read_only=True)
        yield
    finally:
        _in_force.reset(token)


@contextmanager
def scoped(scope: RowScope | None) -> Iterator[None]:
    """For a request that writes: the scope from here to the end, whatever is raised. Begins outside the request's own transactions."""
    if scope is None:
        yield
        return
    token = _in_force.set((scope, False))
    try:
        _apply(scope, local=False)
        yield
    finally:
        _in_force.reset(token)
        _back()


@contextmanager
def unscoped(reason: str) -> Iterator[None]:
    """What has to read or write beyond the actor's places, with the reason: deciding a rule on facts of a household elsewhere, counting.

    Whoever uses it has checked the permission and hands out nothing but what it names. Does nothing outside a request's scope.
    """
    assert reason, "whoever leaves the row scope says why"
    held = _in_force.get()
    if held is None:
        yield
        return
    scope, local = held
    token = _in_force.set(None)
    try:
        _execute("SELECT set_config('role', 'none', %s)", [local])
        yield
    finally:
        _in_force.reset(token)
        # In a transaction that has failed nothing can be said; its rollback takes us back to the scope.
        if not _failed():
            _apply(scope, local=local)


def _apply(scope: RowScope, *, local: bool, read_only: bool = False) -> None:
    settings = {
        "role": WEB_ROLE,
        "jiuye.places": ",".join(scope.places),
        "jiuye.lowest": min(scope.places, default=""),
        "jiuye.beyond": max(map(_after, scope.places), default=""),
        "jiuye.auditing": ",".join(scope.auditing),
        "jiuye.person": scope.person,
        "jiuye.employer": scope.employer,
        "jiuye.notice": "on" if scope.notice else "",
        "jiuye.account": scope.account,
    }
    if read_only:
        settings = {"transaction_read_only": "on", **settings}
    values: list[Any] = []
    for name, value in settings.items():
        values += [name, value, local]
    _execute("SELECT " + ", ".join(["set_config(%s, %s, %s)"] * len(settings)), values)


def _after(place: str) -> str:
    """The first code behind every code that begins so: 321002 → 321003. Digits sort alike under every collation, and before letters."""
    return str(int(place) + 1) if place.isdigit() else "z"


def _back() -> None:
    """The owner again. A connection on which that fails is closed, so that the next request never meets this one's scope."""
    if connection.connection is None or _failed():
        return
    try:
        _execute("SELECT set_config('role', 'none', false)", [])
    except Exception:
        connection.close()
        raise


def _failed() -> bool:
    raw = connection.connection
    return raw is None or raw.info.transaction_status in (
        TransactionStatus.INERROR,
        TransactionStatus.UNKNOWN,
    )


def _execute(sql: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _again(sender: Any, connection: Any, **_: Any) -> None:
    """A connection that is made anew in the middle of a request takes the request's scope."""
    held = _in_force.get()
    if held is not None and connection.alias == "default":
        _apply(held[0], local=False)


connection_created.connect(_again, dispatch_uid="jiuye.row_scope")
