"""What is past its time is erased, to the day, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from jiuye.office.staff.access import access
from jiuye.office.staff.kept import ERASABLE
from jiuye.office.staff.models import Account, FailedLogIn, LookRecord
from jiuye.office.staff.retention import erase_expired, erasings, expired

NOW = datetime(2025, 6, 10, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_what_lies_one_moment_past_its_time_goes_and_what_is_just_in_it_stays():
    account = Account.objects.create_account(username="a", display_name="a", password="x", kind="officer")
    days = {key: timedelta(days=rule.days) for key, rule in access().retention.items()}
    for late in (timedelta(0), timedelta(seconds=1)):
        FailedLogIn.objects.create(username="a", address="::1", at=NOW - days["log_in_attempts"] - late)
        LookRecord.objects.create(
            account=account, subject_kind="person", subject_key="1", field="phone", purpose="核验", looked_at=NOW - days["looks"] - late
        )  # fmt: skip
    gone = dict.fromkeys(ERASABLE, 0) | {"log_in_attempts": 1, "looks": 1}
    assert expired(at=NOW) == gone
    assert erase_expired(at=NOW) == gone
    assert (FailedLogIn.objects.count(), LookRecord.objects.count()) == (1, 1)
    with pytest.raises(Exception, match="delete"), transaction.atomic():
        LookRecord.objects.all().delete()


def test_what_a_pack_may_ask_to_be_erased_is_what_the_rooms_erase_and_the_city_asks_for_all_of_it():
    assert set(erasings()) == ERASABLE
    assert {key for key, rule in access().retention.items() if rule.then == "erase"} == ERASABLE


def test_no_rule_of_the_pack_lets_the_ledger_or_decided_cases_go(settings):
    rules = access().retention
    assert {rules[key].then for key in ("ledger", "decided_cases")} == {"keep"}
    assert all(rule.law and rule.days > 0 for rule in rules.values())
