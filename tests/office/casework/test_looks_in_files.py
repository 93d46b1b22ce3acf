"""Whoever stands in a file that leaves the system reads of it: one line a file, with its purpose and day."""

from __future__ import annotations

import pytest

from jiuye.office.funds import operations as funds
from jiuye.office.staff.looks import looks_at
from jiuye.office.staff.models import LookedAt, LookRecord
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.retention import erase_expired, expired
from tests.office.casework.conftest import at
from tests.office.casework.test_paying import (  # noqa: F401 (the fixtures are used by name)
    GIVEN,
    PAY_DAY,
    approved,
    batch_of,
    other,
    send,
)

pytestmark = pytest.mark.django_db(transaction=True)


def resident(person_id: int) -> Actor:
    return Actor(0, "本人", "resident", str(person_id), (("resident", "", ""),))


@pytest.fixture
def sent(approved, cashier, second_cashier, bank, rules):  # noqa: F811
    return send(batch_of([approved], cashier, rules), second_cashier, bank)


def test_a_payment_file_is_one_line_to_each_whom_it_pays_and_none_to_anybody_else(
    sent,
    approved,  # noqa: F811
    other,  # noqa: F811
    second_cashier,
):
    assert looks_at(resident(approved.person_id)) == []
    for kind in ("csv", "xlsx"):
        funds.payment_file(actor=second_cashier, batch=sent, kind=kind, at=at(PAY_DAY))
    seen = looks_at(resident(approved.person_id))
    assert [(look.subject_kind, look.purpose, look.at) for look in seen] == [
        ("payment_batch", "下载代发文件", at(PAY_DAY))
    ] * 2
    assert looks_at(resident(other.person_id)) == []


def test_the_page_asks_twice_however_many_files_and_people_there_are(
    sent,
    approved,  # noqa: F811
    second_cashier,
    django_assert_num_queries,
):
    for _ in range(3):
        funds.payment_file(actor=second_cashier, batch=sent, kind="csv", at=at(PAY_DAY))
    with django_assert_num_queries(2):
        assert len(looks_at(resident(approved.person_id))) == 3


def test_what_a_file_showed_goes_with_the_look_when_its_time_is_over(sent, second_cashier):
    funds.payment_file(actor=second_cashier, batch=sent, kind="csv", at=at(PAY_DAY))
    assert LookedAt.objects.count() == 1
    long_after = at(PAY_DAY.replace(year=PAY_DAY.year + 20))
    assert expired(at=long_after)["looks"] == 1
    assert erase_expired(at=long_after)["looks"] == 1
    assert (LookRecord.objects.count(), LookedAt.objects.count()) == (0, 0)
