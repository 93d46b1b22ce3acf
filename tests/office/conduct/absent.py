"""Declaring a colleague's absence, as the tests of who may and of who reads why do."""

from __future__ import annotations

from datetime import date, timedelta

from django.test import Client

from jiuye.office.conduct import operations
from jiuye.office.conduct.models import Absence
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, at

BACK = DAY + timedelta(days=7)
WHY = "突发阑尾炎住院"


def ill(head, colleague, substitute, *, start: date = DAY, until: date = BACK, reason: str = WHY) -> Absence:
    return operations.declare_absence_of(
        actor=head,
        account_id=colleague.account_id,
        substitute_id=substitute.account_id,
        start=start,
        until=until,
        reason=reason,
        on=DAY,
        at=at(DAY),
    )


def as_(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client
