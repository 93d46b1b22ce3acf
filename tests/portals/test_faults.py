"""What a person reads when the database is away or the disk is full."""

from __future__ import annotations

import errno

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client

from jiuye.portals.common.faults import is_database_gone, is_disk_full

pytestmark = pytest.mark.django_db


def wrapped(cause: BaseException) -> OperationalError:
    error = OperationalError("the connection is lost")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (wrapped(psycopg.OperationalError("server closed the connection unexpectedly")), "数据库暂时连不上"),
        (wrapped(psycopg.errors.AdminShutdown("terminating connection")), "数据库暂时连不上"),
        (wrapped(psycopg.errors.CannotConnectNow("the database system is starting up")), "数据库暂时连不上"),
        (wrapped(psycopg.errors.DiskFull("could not extend file")), "磁盘写满了"),
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘写满了"),
        (wrapped(psycopg.errors.DeadlockDetected("deadlock detected")), "系统出错了"),
        (RuntimeError("a mistake of ours"), "系统出错了"),
    ],
)
def test_an_error_below_us_is_said_in_words_and_with_what_to_do(monkeypatch, error, title):
    def fails(*args, **kwargs):
        raise error

    monkeypatch.setattr("jiuye.portals.common.views.notice.counties_with_notices", fails)
    answer = Client(raise_request_exception=False).get("/notice/")
    assert title in answer.content.decode()
    known = title != "系统出错了"
    assert answer.status_code == (503 if known else 500)
    assert answer.headers.get("Retry-After") == ("10" if known else None)


def test_a_lost_connection_is_not_called_untouched():
    """Whether a commit arrived before the connection ended, nobody on this side knows."""
    error = wrapped(psycopg.OperationalError("server closed the connection unexpectedly"))
    assert is_database_gone(error)
    assert not is_disk_full(error)
    assert not is_database_gone(wrapped(psycopg.errors.LockNotAvailable("lock")))
