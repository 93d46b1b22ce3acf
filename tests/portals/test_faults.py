"""What a person reads when the database is away or the disk is full."""

from __future__ import annotations

import errno

import psycopg
import pytest
from django.db import OperationalError
from django.test import Client, RequestFactory

from jiuye.portals.common.faults import is_database_gone, is_disk_full
from jiuye.portals.common.views import errors
from jiuye.portals.desk.cases.views import ACTS

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
        (wrapped(psycopg.errors.DeadlockDetected("deadlock detected")), "刚才有人同时在办"),
        (wrapped(psycopg.errors.SerializationFailure("could not serialize access")), "刚才有人同时在办"),
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


WRITTEN = "缺二〇二五年四月的缴费凭证，请补来。"
HERE = {"Origin": "http://testserver", "Referer": "http://testserver/desk/cases/7/"}


@pytest.fixture
def failing(client_of, monkeypatch):
    """A case worker's browser, and what posts a form whose operation ends in that error."""
    client = client_of("caseworker")
    client.raise_request_exception = False

    def post(error: Exception, given: dict[str, str], headers=HERE):
        def fails(*args, **named):
            raise error

        monkeypatch.setitem(ACTS, "request_correction", fails)
        return client.post("/desk/cases/7/acts/request_correction/", given, headers=headers)

    return post


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError("a mistake of ours"), 500),
        (wrapped(psycopg.OperationalError("server closed the connection unexpectedly")), 503),
        (wrapped(psycopg.errors.DiskFull("could not extend file")), 503),
    ],
)
def test_a_form_that_failed_gives_its_words_back_and_can_be_sent_again(failing, error, status):
    answer = failing(error, {"note": WRITTEN})
    assert answer.status_code == status
    assert f'<blockquote class="given">{WRITTEN}</blockquote>' in answer.text
    again = answer.text.split("data-again")[1]
    assert f'name="note" value="{WRITTEN}"' in again
    assert 'name="csrfmiddlewaretoken" value="' in again
    assert "no-store" in answer.headers["Cache-Control"]


def test_numbers_accounts_and_passwords_are_not_given_back_by_a_page_of_failure(failing):
    given = {
        "note": WRITTEN,
        "said": "身份证 321003199001011234",
        "bank_account": "6222021234567890123",
        "password": "Vorher1",
    }
    answer = failing(RuntimeError("a mistake of ours"), given)
    assert WRITTEN in answer.text
    for secret in ("321003199001011234", "6222021234567890123", "Vorher1", "data-again"):
        assert secret not in answer.text


def test_what_another_site_posted_is_not_given_back_where_it_failed(failing):
    answer = failing(RuntimeError("a mistake of ours"), {"note": WRITTEN}, {"Origin": "https://evil.example"})
    assert answer.status_code == 500
    assert WRITTEN not in answer.text


def test_the_words_are_given_back_without_the_database_and_where_the_form_cannot_be_read_the_page_stands(
    django_assert_num_queries,
):
    request = RequestFactory().post("/desk/cases/7/", {"note": WRITTEN}, headers=HERE)
    with django_assert_num_queries(0):
        assert WRITTEN in errors.server_error(request).content.decode()
    cut = RequestFactory().post("/desk/cases/7/", {"note": WRITTEN}, headers=HERE)
    cut.read(1)  # a body that was begun is not there a second time
    answer = errors.server_error(cut)
    assert answer.status_code == 500
    assert "系统出错了" in answer.content.decode()
