"""Two counties in one city: whoever sits in one neither approves nor sends nor downloads what is paid in the other."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.funds.models import PaymentBatch, PaymentLine
from jiuye.office.funds.operations import (
    approve_batch,
    discard_batch,
    make_batch,
    payment_file,
    resume_batches,
    send_batch,
    settle_batch,
)
from jiuye.office.funds.queries import batch_acts, may_over, reconciliation
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor, NotPermittedError
from tests.office.funds.conftest import AT, DAY, claim

HERE, THERE = "321002", "321084"


def cashier_of(division: str, name: str) -> Actor:
    account = Account.objects.create_account(username=name, display_name=name, password="x", kind="officer")
    return Actor(account.pk, name, "officer", "", (("cashier", division, ""),))


@pytest.fixture
def here(office) -> Actor:
    return cashier_of(HERE, "本县")


@pytest.fixture
def there(office) -> Actor:
    return cashier_of(THERE, "外县")


def test_a_batch_lies_in_the_one_county_that_it_pays_or_in_the_city(office):
    for number, county in ((1, HERE), (2, HERE), (3, THERE), (4, "")):
        office.reserve(number, county=county)
    assert office.make(claim(1), claim(2)).division_code == HERE
    assert office.make(claim(3), claim(4)).division_code == "3210"


@pytest.mark.parametrize("counties", [(HERE, THERE), (THERE,), (HERE, ""), ("",)])
def test_somebody_of_a_county_batches_only_what_lies_in_it(office, here, counties):
    for number, county in enumerate(counties):
        office.reserve(number, county=county)
    claims = [claim(number) for number in range(len(counties))]
    with pytest.raises(NotPermittedError):
        make_batch(actor=here, claims=claims, on=DAY, at=AT)
    assert not PaymentBatch.objects.exists()


def test_another_county_takes_no_step_with_a_batch(office, there):
    office.reserve(1, county=HERE)
    made = office.make(claim(1))
    for act in (
        lambda: approve_batch(actor=there, batch=made, on=DAY, at=AT),
        lambda: discard_batch(actor=there, batch=made, on=DAY, at=AT),
    ):
        with pytest.raises(NotPermittedError):
            act()
    approved = office.approve(made)
    with pytest.raises(NotPermittedError):
        send_batch(actor=there, batch=approved, bank=office.bank, on=DAY, at=AT)
    sent = office.send(approved)
    for act in (
        lambda: settle_batch(actor=there, batch=sent, bank=office.bank, on=DAY, at=AT),
        lambda: payment_file(actor=there, batch=sent, kind="csv", at=AT),
        lambda: reconciliation(actor=there, batch=sent),
    ):
        with pytest.raises(NotPermittedError):
            act()
    assert batch_acts(actor=there, batch=sent) == []
    assert not may_over(actor=there, permission="funds.pay", batch=sent)
    assert resume_batches(actor=there, bank=office.bank, on=DAY, at=AT) == {}
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_the_county_itself_takes_every_step(office, here):
    office.reserve(1, county=HERE)
    made = make_batch(actor=here, claims=[claim(1)], on=DAY, at=AT)
    second = cashier_of(HERE, "本县二")
    sent = send_batch(
        actor=second,
        batch=approve_batch(actor=second, batch=made, on=DAY, at=AT),
        bank=office.bank,
        on=DAY,
        at=AT,
    )
    assert settle_batch(actor=second, batch=sent, bank=office.bank, on=DAY, at=AT).paid == 1


def test_a_line_from_elsewhere_is_refused_by_the_database_itself(office):
    office.reserve(1, county=HERE)
    office.reserve(2, county=THERE)
    made = office.make(claim(1))
    other = office.make(claim(2)).lines.get()
    with pytest.raises(IntegrityError, match="不在付款批次的区划里"), transaction.atomic():
        PaymentLine.objects.create(
            batch=made, reservation=other.reservation, claim_key=other.claim_key, line_key="case:2#9",
            amount_fen=other.amount_fen, payee_name="居民2", payee_account=other.payee_account,
            payee_account_index=other.payee_account_index, state="discarded",
        )  # fmt: skip


def test_a_batch_stays_in_its_place(office):
    office.reserve(1, county=HERE)
    made = office.make(claim(1))
    made.division_code = THERE
    with pytest.raises(IntegrityError, match="区划不能修改"), transaction.atomic():
        made.save()
