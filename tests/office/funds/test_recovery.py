"""The process is killed anywhere between the draft and the last entry; whoever comes next pays each claim exactly once.

The child is a real process, ended by SIGKILL: no handler, no rollback of its own, no goodbye to the database. It is
killed before its n-th statement, for every n that there is, and at every step of the talk with the bank.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection, connections

from jiuye.office.funds.models import LedgerTransfer, PaymentBatch, PaymentLine
from jiuye.office.funds.operations import (
    BatchBusyError,
    BudgetExceededError,
    ClaimInBatchError,
    discard_batch,
    release,
    sending,
)
from jiuye.office.funds.queries import budget_positions, find_ledger_faults
from jiuye.office.funds.states import WrongFundsStateError
from tests.office.funds.conftest import AT, DAY, claim

RUNNER = Path(__file__).with_name("runner_that_dies.py")
REJECTED = {"payee_account": "6222021108000004040"}


def drive(office, claims) -> None:
    """What an officer does who finds the claims in whatever state: one step after the other, to the end."""
    lines = PaymentLine.objects.filter(claim_key__in=[each.claim_key for each in claims])
    found = lines.select_related("batch").order_by("pk").last()
    batch = found.batch if found else office.make(*claims)
    if batch.state == "draft":
        batch = office.approve(batch)
    office.settle(office.send(batch))


def wait_until_the_killed_are_gone() -> None:
    """The server ends the session of a killed process, and lets its locks go, when it gets to it: on a busy machine not at once."""
    until = time.monotonic() + 60
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
            assert time.monotonic() < until, "the session of a killed process is still there"
            time.sleep(0.01)


def drive_and_die(office, claims, *, before_statement: int) -> bool:
    """Drive in a child that is killed before its n-th statement; True where it was, False where it came to the end."""
    connection.close()
    child = os.fork()
    if child == 0:  # pragma: no cover (the child ends here, whatever happens)
        count = 0

        def kill(execute, sql, params, many, context):
            nonlocal count
            count += 1
            if count == before_statement:
                os.kill(os.getpid(), signal.SIGKILL)
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(kill):
                drive(office, claims)
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, (
        "the child failed instead of dying or finishing"
    )
    wait_until_the_killed_are_gone()
    return os.WIFSIGNALED(status)


def assert_paid_once(office, claim_keys, *, rejected=()) -> None:
    """At the bank and in the ledger: each claim once, the rejected ones not at all."""
    wanted = Counter(key for key in claim_keys if key not in rejected)
    at_bank = Counter(payout.line_key.split("#")[0] for payout in office.bank.payouts())
    posted = Counter(
        LedgerTransfer.objects.filter(kind="post").order_by("pk").values_list("claim_key", flat=True)
    )
    assert at_bank == wanted
    assert posted == wanted
    assert find_ledger_faults() == []


def test_killed_before_any_statement_and_run_again_each_claim_is_paid_once(lasting_office, monkeypatch):
    office = lasting_office
    monkeypatch.setattr(
        sending, "LINES_A_TRANSACTION", 1
    )  # as many commits in the middle of settling as there can be
    keys, rejected = [], []
    statement, killed = 0, True
    while killed:
        statement += 1
        claims = [claim(10 * statement), claim(10 * statement + 1, **REJECTED)]
        for each in claims:
            office.reserve(int(each.claim_key.removeprefix("case:")), 100)
            keys.append(each.claim_key)
        rejected.append(claims[1].claim_key)
        killed = drive_and_die(office, claims, before_statement=statement)
        drive(office, claims)
        batch = PaymentBatch.objects.order_by("pk").last()
        assert batch.state == "partly_rejected"
    assert statement > 30, "so few statements cannot be the whole road"
    assert_paid_once(office, keys, rejected=rejected)
    (position,) = budget_positions(actor=office.maker)
    assert position.spent_fen == 100 * statement
    assert position.reserved_fen == 100 * statement  # the rejected ones still stand


@pytest.mark.parametrize("point", ["before-submit", "after-submit", "before-results", "after-results"])
def test_killed_in_the_talk_with_the_bank_and_run_again_each_claim_is_paid_once(lasting_office, point):
    office = lasting_office
    claims = [claim(1), claim(2)]
    for number in (1, 2):
        office.reserve(number)
    batch = office.approve(office.make(*claims))
    database = connection.settings_dict
    ended = subprocess.run(
        [sys.executable, str(RUNNER), str(batch.pk), str(office.checker.account_id), str(office.bank.path)],
        env=os.environ
        | {
            "DIE_AT": point,
            "DJANGO_SETTINGS_MODULE": "jiuye.config.settings_test",
            "RUNNER_DATABASE": json.dumps(
                {key: database[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
            ),
        },
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    wait_until_the_killed_are_gone()
    batch.refresh_from_db()
    assert batch.state == ("sending" if "submit" in point else "sent")
    # The bank may have it: giving the batch up now, to pay the claims by another, would pay them twice.
    with pytest.raises(WrongFundsStateError):
        discard_batch(actor=office.maker, batch=batch, on=DAY, at=AT)
    with pytest.raises(ClaimInBatchError):
        office.make(*claims)
    drive(office, claims)
    assert_paid_once(office, ["case:1", "case:2"])
    batch.refresh_from_db()
    assert batch.state == "settled"


def at_once(*works) -> list[object]:
    """Run the works at the same moment, each on its own connection; what each returned or raised, in order."""
    results: list[object] = [None] * len(works)
    ready = threading.Barrier(len(works))

    def run(index: int) -> None:
        try:
            ready.wait(timeout=600)
            results[index] = works[index]()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[index]) for index in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=600)
    return results


def test_two_who_send_and_settle_at_once_pay_once(lasting_office):
    office = lasting_office
    for number in range(1, 6):
        office.reserve(number)
    claims = [claim(number) for number in range(1, 6)]
    batch = office.approve(office.make(*claims))
    results = at_once(*[lambda: office.settle(office.send(batch))] * 4)
    assert all(isinstance(result, sending.Settlement | BatchBusyError) for result in results), results
    drive(office, claims)
    assert_paid_once(office, [each.claim_key for each in claims])


def test_of_two_who_batch_the_same_claim_at_once_one_is_refused(lasting_office):
    office = lasting_office
    office.reserve(1)
    office.reserve(2)
    results = at_once(lambda: office.make(claim(1), claim(2)), lambda: office.make(claim(2), claim(1)))
    assert sorted(type(result).__name__ for result in results) == ["ClaimInBatchError", "PaymentBatch"]
    refused = next(result for result in results if isinstance(result, ClaimInBatchError))
    assert refused.number == PaymentBatch.objects.get().number


def test_many_who_reserve_at_once_do_not_overdraw_the_budget(lasting_office):
    office = lasting_office
    results = at_once(*[lambda number=number: office.reserve(number, 30_000) for number in range(1, 7)])
    assert sum(isinstance(result, BudgetExceededError) for result in results) == 3, results
    (position,) = budget_positions(actor=office.maker)
    assert (position.reserved_fen, position.available_fen) == (90_000, 10_000)
    assert find_ledger_faults() == []


def test_the_same_claim_reserved_by_many_at_once_is_reserved_once(lasting_office):
    office = lasting_office
    results = at_once(*[lambda: office.reserve(1, 30_000)] * 4)
    assert len({result.pk for result in results}) == 1
    (position,) = budget_positions(actor=office.maker)
    assert position.reserved_fen == 30_000


def test_releasing_and_batching_at_once_does_only_one_of_them(lasting_office):
    office = lasting_office
    office.reserve(1)
    at_once(
        lambda: release(actor=office.approver, claim_key="case:1", on=DAY, at=AT),
        lambda: office.make(claim(1)),
    )
    (position,) = budget_positions(actor=office.maker)
    assert (position.reserved_fen > 0) == PaymentLine.objects.exists()
    assert find_ledger_faults() == []
