"""An office with one fund, a budget of 1,000.00 yuan in 2024, an approver, two cashiers, and a pretend bank."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from jiuye.engine.basis.problems import Place
from jiuye.engine.ledger.funds_file import FundDefinition, FundSource
from jiuye.exchange.bank import PretendBank
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.operations import (
    Claim,
    appropriate,
    approve_batch,
    make_batch,
    record_funds,
    reserve,
    send_batch,
    settle_batch,
)
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor

DAY = date(2024, 3, 5)
AT = datetime(2024, 3, 5, 9, 30, tzinfo=UTC)
FUND = "employment-subsidy"
ACCOUNT_NUMBER = "62220211080000%05d"


def definition(code: str = FUND, name: str = "就业补助资金") -> FundDefinition:
    source = FundSource("就业补助资金管理办法", "财社〔2023〕181号", "", None, "", "")
    return FundDefinition(code, name, "Employment subsidy fund", "", (source,), (), Place("funds.yaml"))


def officer(username: str, role: str) -> Actor:
    """Somebody who holds that role over the whole city."""
    account = Account.objects.create_account(
        username=username, display_name=username, password="x", kind="officer"
    )
    return Actor(account.pk, username, "officer", "", ((role, "3210", ""),))


def claim(number: int, **changes) -> Claim:
    """Case `number` of a resident with an account of their own."""
    fields = {
        "claim_key": f"case:{number}",
        "payee_name": f"居民{number}",
        "payee_account": ACCOUNT_NUMBER % number,
        "payee_bank": "农业银行扬州分行",
    }
    return Claim(**fields | changes)


@dataclass
class Office:
    """The people, and the road a claim takes through them."""

    planner: Actor
    approver: Actor
    maker: Actor
    checker: Actor
    bank: PretendBank

    def reserve(self, number: int, amount_fen: int = 10_000, **changes):
        fields = {"fund": FUND, "claim_key": f"case:{number}", "amount_fen": amount_fen}
        return reserve(actor=self.approver, on=DAY, at=AT, **fields | changes)

    def make(self, *claims: Claim) -> PaymentBatch:
        return make_batch(actor=self.maker, claims=claims, on=DAY, at=AT, purpose="社保补贴")

    def approve(self, batch: PaymentBatch) -> PaymentBatch:
        return approve_batch(actor=self.checker, batch=batch, on=DAY, at=AT)

    def send(self, batch: PaymentBatch, bank=None) -> PaymentBatch:
        return send_batch(actor=self.checker, batch=batch, bank=bank or self.bank, on=DAY, at=AT)

    def settle(self, batch: PaymentBatch, bank=None):
        return settle_batch(actor=self.checker, batch=batch, bank=bank or self.bank, on=DAY, at=AT)

    def pay(self, *claims: Claim) -> PaymentBatch:
        """The whole road from reservation to the bank's answer."""
        for each in claims:
            self.reserve(int(each.claim_key.removeprefix("case:")))
        batch = self.approve(self.make(*claims))
        self.settle(self.send(batch))
        batch.refresh_from_db()
        return batch


def furnish(tmp_path) -> Office:
    """Set the office up in an empty database."""
    record_funds(funds=[definition()])
    office = Office(
        planner=officer("规划", "city_office"),
        approver=officer("审批", "approver"),
        maker=officer("制单", "cashier"),
        checker=officer("复核", "cashier"),
        bank=PretendBank(tmp_path / "bank.sqlite3"),
    )
    appropriate(
        actor=office.planner,
        fund=FUND,
        year=2024,
        amount_fen=100_000,
        document="扬财社〔2024〕1号",
        on=DAY,
        at=AT,
    )
    return office


@pytest.fixture
def office(db, tmp_path) -> Office:
    return furnish(tmp_path)


@pytest.fixture
def lasting_office(transactional_db, tmp_path) -> Office:
    """The same where commits are real: for other processes and threads."""
    return furnish(tmp_path)


@contextmanager
def triggers_off() -> Iterator[CursorWrapper]:
    """What somebody with the database's own password can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        try:
            yield cursor
        finally:
            cursor.execute("SET session_replication_role = origin")
