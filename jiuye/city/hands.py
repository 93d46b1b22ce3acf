"""Who plays the demonstration's office life, and on which days: its accounts, workdays, ten in the morning, and batches sent to the bank."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from jiuye.engine.basis.workdays import is_workday
from jiuye.office.casework import operations as casework
from jiuye.office.casework.packrules import rules
from jiuye.office.funds import operations as funds
from jiuye.office.funds.gateway import installed_bank
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor, actor_for

NAMES = ("caseworker", "reviewer", "approver", "approver2", "approver3", "cashier", "cashier2")


class Hands:
    """The demonstration accounts at work. Raises Account.DoesNotExist where one is missing."""

    def __init__(self) -> None:
        self.accounts = {name: Account.objects.get(username=name) for name in NAMES}
        self.rules = rules()

    def actor(self, name: str, day: date) -> Actor:
        return actor_for(self.accounts[name], on=day)

    @property
    def county(self) -> str:
        """The county whose desk the demonstration shows."""
        return str(self.accounts["reviewer"].posts.order_by("pk")[0].division_code)

    def settle(self, batch: PaymentBatch, day: date) -> None:
        """Approved and sent by the second cashier, and settled by the bank's answers. Raises Refusal, FundsRefusal."""
        checker, at, bank = self.actor("cashier2", day), morning(day), installed_bank()
        batch = funds.approve_batch(actor=checker, batch=batch, on=day, at=at)
        batch = casework.send_batch(actor=checker, batch=batch, bank=bank, rules=self.rules, on=day, at=at)
        casework.settle_batch(actor=checker, batch=batch, bank=bank, on=day, at=at)


def applicant(kind: str, key: int, name: str) -> Actor:
    """Whoever a case or a loan is about, as if they had an account of their own: their own page is open to them alone."""
    return Actor(0, name, kind, str(key), ((kind, "", ""),))


def workdays_before(day: date, workdays: int) -> date:
    """The workday that lies `workdays` workdays before `day`."""
    while workdays:
        day -= timedelta(days=1)
        workdays -= is_workday(day)
    return day


def workday_from(day: date) -> date:
    """The first workday from `day` on."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def morning(day: date) -> datetime:
    """Ten o'clock in China."""
    return datetime.combine(day, time(2, 0), tzinfo=UTC)
