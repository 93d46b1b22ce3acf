"""Run by test_recovery in a process of its own: sends and settles one batch, and dies by SIGKILL where DIE_AT says.

Arguments: the batch, the account that sends it, the pretend bank's file. RUNNER_DATABASE holds the database's settings.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import django

from jiuye.exchange.bank import PretendBank


class BankThatKills(PretendBank):
    """The pretend bank, behind a line on which our own process dies."""

    def _die(self, point: str) -> None:
        if os.environ["DIE_AT"] == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def submit(self, batch):
        self._die("before-submit")
        receipt = super().submit(batch)
        self._die("after-submit")
        return receipt

    def results(self, batch_key):
        self._die("before-results")
        results = super().results(batch_key)
        self._die("after-results")
        return results


def main(batch_id: int, account_id: int, bank_file: str) -> None:
    from django.conf import settings

    settings.DATABASES["default"] |= json.loads(os.environ["RUNNER_DATABASE"])
    django.setup()
    from jiuye.office.funds.models import PaymentBatch
    from jiuye.office.funds.operations import send_batch, settle_batch
    from jiuye.office.staff.queries import Actor

    actor = Actor(account_id, "复核", "officer", "", (("cashier", "3210", ""),))
    bank = BankThatKills(Path(bank_file))
    batch = PaymentBatch.objects.get(pk=batch_id)
    on, at = date(2024, 3, 5), datetime(2024, 3, 5, 9, 30, tzinfo=UTC)
    sent = send_batch(actor=actor, batch=batch, bank=bank, on=on, at=at)
    settle_batch(actor=actor, batch=sent, bank=bank, on=on, at=at)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
