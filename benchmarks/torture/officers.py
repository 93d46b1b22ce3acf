"""Officers at work in a process that may be killed at any moment: one act after the other, on whatever case or batch is there.

Several processes take the same cases, so that two officers meet on one all the time; what the software refuses is counted and left.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from typing import Any

# Who works here, over the whole city, so that every entitlement can be begun from. Large amounts take up to three signatures.
STAFF = {
    "caseworker": "caseworker",
    "reviewer": "reviewer",
    "approver": "approver",
    "approver2": "approver",
    "approver3": "approver",
    "cashier": "cashier",
    "cashier2": "cashier",
}
APPROVERS = ("approver", "approver2", "approver3")
BATCH = 40  # cases paid together at most
FEWEST = 10  # with fewer waiting a cashier mostly waits: each batch is checked, sent and settled by somebody
SAID = "核对原件"


class Office:
    """The acts. `entitlements` are those that cases may begin from, `on` is the day of the first act of each case."""

    way = ""  # how the acts are taken, before their names in the log

    def __init__(self, entitlements: list[int], on: date, pick: random.Random) -> None:
        from jiuye.office.casework.packrules import rules
        from jiuye.office.staff.models import Account

        self.entitlements, self.on, self.pick, self.rules = entitlements, on, pick, rules()
        self.accounts = {name: Account.objects.get(username=f"torture-{name}") for name in STAFF}
        self.approvers = APPROVERS

    def actor(self, name: str, on: date) -> Any:
        from jiuye.office.staff.queries import actor_for

        return actor_for(self.accounts[name], on=on)

    def one_act(self) -> str:
        """Do one act at random; its name. Raises what the software refuses, LookupError where there is nothing to do."""
        acts: list[Callable[[], None]] = [
            self.confirm, self.accept, self.review, self.publicise, self.approve, self.batch, self.check, self.send,
            self.settle,
        ]  # fmt: skip
        act = self.pick.choices(acts, weights=[4, 4, 4, 4, 4, 2, 2, 2, 2])[0]
        act()
        return act.__name__

    # --- the case

    def confirm(self) -> None:
        from jiuye.office.casework import operations

        operations.confirm_on_behalf(
            actor=self.actor("caseworker", self.on), entitlement_id=self.pick.choice(self.entitlements),
            note="窗口委托", rules=self.rules, on=self.on, at=_at(self.on),
        )  # fmt: skip

    def accept(self) -> None:
        from jiuye.office.casework import operations
        from jiuye.office.casework.proofs import proofs_of

        case = self._case("confirmed")
        actor = self.actor("caseworker", self.on)
        for proof in proofs_of(case, on=self.on):
            if not proof.settled:
                operations.show_original(
                    actor=actor,
                    case_id=case.pk,
                    evidence_id=proof.row.id,
                    said=SAID,
                    on=self.on,
                    at=_at(self.on),
                )
        operations.accept(actor=actor, case_id=case.pk, on=self.on, at=_at(self.on))

    def review(self) -> None:
        self._simply("review", "accepted", "reviewer")

    def publicise(self) -> None:
        self._simply("publicise", "reviewed", "reviewer")

    def approve(self) -> None:
        """One signature. What a cross-check stops is refused by the same officer, with the clause, and is not asked for again and again."""
        from jiuye.office.casework import operations
        from jiuye.office.casework.checks import ChecksFailedError

        case = self._case("publicised")
        day = self._after_notice(case)
        act: dict[str, Any] = {
            "actor": self.actor(self.pick.choice(self.approvers), day),
            "case_id": case.pk,
            "rules": self.rules,
            "on": day,
            "at": _at(day),
        }
        try:
            operations.approve(**act)
        except ChecksFailedError as failed:
            clause = self.rules.terms(case.policy_id).clauses[0]
            operations.refuse(**act, clause_id=clause.id, note=str(failed), against="torture")

    def _simply(self, act: str, state: str, name: str) -> None:
        from jiuye.office.casework import operations

        case = self._case(state)
        getattr(operations, act)(
            actor=self.actor(name, self.on), case_id=case.pk, on=self.on, at=_at(self.on)
        )

    # --- the money

    def batch(self) -> None:
        from jiuye.office.casework import operations

        same, day = self._payable(), self.payday
        operations.put_into_batch(
            actor=self.actor("cashier", day), case_ids=sorted(self.pick.sample(same, min(BATCH, len(same)))),
            rules=self.rules, on=day, at=_at(day), purpose="付款",
        )  # fmt: skip

    def _payable(self) -> list[int]:
        """Granted cases that wait for money of one fund; of few once in ten times, so that small batches are met as well."""
        waiting = self._cases("approved")
        if not waiting or (len(waiting) < FEWEST and self.pick.random() < 0.9):
            raise LookupError("approved")
        fund = self.rules.terms(self.pick.choice(waiting)[1]).fund
        return [case_id for case_id, policy in waiting if self.rules.terms(policy).fund == fund]

    def check(self) -> None:
        from jiuye.office.funds import operations as funds

        day = self.payday
        funds.approve_batch(
            actor=self.actor("cashier2", day), batch=self._batch("draft"), on=day, at=_at(day)
        )

    def send(self) -> None:
        from jiuye.office.funds import operations as funds
        from jiuye.office.funds.gateway import installed_bank

        day = self.payday
        funds.send_batch(
            actor=self.actor("cashier2", day), batch=self._batch("approved", "sending"), bank=installed_bank(), on=day,
            at=_at(day),
        )  # fmt: skip

    def settle(self) -> None:
        from jiuye.office.casework import operations
        from jiuye.office.funds.gateway import installed_bank

        day = self.payday
        operations.settle_batch(
            actor=self.actor("cashier2", day),
            batch=self._batch("sent"),
            bank=installed_bank(),
            on=day,
            at=_at(day),
        )

    def collect(self) -> None:
        """What the bank has answered and a killed process did not carry to its cases."""
        from jiuye.office.casework import operations

        operations.collect_payment_results(on=self.payday, at=_at(self.payday))

    # --- finding something to do

    @property
    def payday(self) -> date:
        return payday(self.on)

    def _after_notice(self, case: Any) -> date:
        from jiuye.engine.basis.workdays import add_workdays

        return add_workdays(case.publicity_until - timedelta(days=1), 1)

    def _cases(self, state: str) -> list[tuple[int, str]]:
        from jiuye.office.casework.models import Case

        return list(Case.objects.filter(state=state).order_by("pk").values_list("pk", "policy_id")[:400])

    def _case(self, state: str) -> Any:
        from jiuye.office.casework.models import Case

        found = self._cases(state)
        if not found:
            raise LookupError(state)
        return Case.objects.get(pk=self.pick.choice(found)[0])

    def _batch(self, *states: str) -> Any:
        from jiuye.office.funds.models import PaymentBatch

        found = list(PaymentBatch.objects.filter(state__in=states).order_by("pk")[:50])
        if not found:
            raise LookupError(states)
        return self.pick.choice(found)


def payday(on: date) -> date:
    """A workday after every notice that began on `on` is over."""
    from jiuye.engine.basis.workdays import add_workdays

    return add_workdays(on, 30)


def open_accounts(city: str) -> None:
    """The accounts of `STAFF`, each over the whole city."""
    from jiuye.office.staff.models import Account
    from jiuye.office.staff.operations import place_in_post

    for name, role in STAFF.items():
        account = Account.objects.create(username=f"torture-{name}", display_name=name, kind="officer")
        place_in_post(account=account, role=role, division_code=city, start=date(2023, 1, 1), until=None)


def work_until_killed(office: Office, log: Path, until: float) -> None:
    """Act after act until the moment `until` (of the monotonic clock); each that was done is a line in the log."""
    from django.db import DatabaseError, InterfaceError, connection

    from benchmarks.torture.web import WebFailedError, WebGoneError
    from jiuye.office.casework.refusals import Refusal
    from jiuye.office.funds.operations import FundsRefusal
    from jiuye.office.staff.queries import NotPermittedError

    with log.open("a") as lines:
        while time.monotonic() < until:
            try:
                done = office.way + office.one_act()
            except LookupError:
                time.sleep(0.01)
                continue
            except (Refusal, FundsRefusal, NotPermittedError) as refusal:
                done = f"refused {type(refusal).__name__}"
            except (WebGoneError, WebFailedError) as error:
                done = f"web {type(error).__name__} {error if isinstance(error, WebFailedError) else ''}".rstrip()
                time.sleep(0.2)
            except (DatabaseError, InterfaceError) as error:
                connection.close()  # the server went away, or two processes met: the next act begins anew
                done = f"database {type(error).__name__}"
                time.sleep(0.05)
            lines.write(f"{os.getpid()} {done}\n")
            lines.flush()


def _at(day: date) -> datetime:
    return datetime.combine(day, hour(2, 0), tzinfo=UTC)
