"""A batch that was altered in the database after somebody answered for it is not sent, and says which line."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.operations import (
    BankDisagreesError,
    BatchAlteredError,
)
from jiuye.office.funds.queries import (
    verify_ledger,
)
from tests.office.funds.conftest import claim, triggers_off
from tests.office.funds.test_batches import ScriptedBank

ALTERED = [
    ("funds_paymentline SET amount_fen = 90000 WHERE claim_key = 'case:1'", "case:1#1"),
    ("funds_paymentline SET claim_key = 'case:3' WHERE claim_key = 'case:1'", "case:1#1"),
    ("funds_paymentline SET payee_name = '别人' WHERE claim_key = 'case:1'", "case:1#1"),
    ("funds_paymentline SET payee_bank = '别处' WHERE claim_key = 'case:1'", "case:1#1"),
    ("funds_paymentline SET line_key = 'case:1#7' WHERE claim_key = 'case:1'", "case:1#7"),
    ("funds_reservation SET amount_fen = 90000 WHERE claim_key = 'case:1'", "case:1#1"),
    ("funds_paymentbatch SET purpose = '别的'", "复核"),
    (
        "funds_paymentbatch SET approved_by_id = (SELECT id FROM staff_account WHERE username = '规划')",
        "复核",
    ),
]


@pytest.mark.parametrize(("change", "names"), ALTERED)
def test_a_batch_altered_after_its_approval_is_not_sent_and_says_which_line(office, change, names):
    office.reserve(1)
    office.reserve(2)
    batch = office.approve(office.make(claim(1), claim(2)))
    with triggers_off() as cursor:
        cursor.execute(f"UPDATE {change}")
    with pytest.raises(BatchAlteredError, match=names):
        office.send(batch)
    assert office.bank.payouts() == []
    assert PaymentBatch.objects.get().state == "approved"
    assert any(names in fault for fault in verify_ledger().faults)


def test_a_line_slipped_into_an_approved_batch_or_taken_out_of_it_stops_the_batch(office):
    for number in (1, 2, 3):
        office.reserve(number)
    first, second = office.approve(office.make(claim(1), claim(2))), office.make(claim(3))
    with triggers_off() as cursor:
        cursor.execute("UPDATE funds_paymentline SET batch_id = %s WHERE claim_key = 'case:3'", [first.pk])
    with pytest.raises(BatchAlteredError, match="case:3#1"):
        office.send(first)
    with triggers_off() as cursor:
        cursor.execute("UPDATE funds_paymentline SET batch_id = %s WHERE claim_key <> 'case:1'", [second.pk])
    with pytest.raises(BatchAlteredError, match="笔数"):
        office.send(first)
    assert office.bank.payouts() == []


def test_a_line_altered_before_the_approval_is_not_approved(office):
    office.reserve(1)
    batch = office.make(claim(1))
    with triggers_off() as cursor:
        cursor.execute("UPDATE funds_paymentline SET payee_name = '别人'")
    with pytest.raises(BatchAlteredError, match="case:1#1"):
        office.approve(batch)
    assert PaymentBatch.objects.get().state == "draft"


def test_a_batch_altered_while_it_is_being_sent_is_not_sent_again(office):
    office.reserve(1)
    batch = office.approve(office.make(claim(1)))
    with pytest.raises(BankDisagreesError):
        office.send(batch, ScriptedBank([], receipt_fen=1))
    with triggers_off() as cursor:
        cursor.execute("UPDATE funds_paymentline SET amount_fen = 90000")
    with pytest.raises(BatchAlteredError, match="case:1#1"):
        office.send(batch)
    assert office.bank.payouts() == []


def test_what_was_approved_before_batches_were_signed_gets_its_digest_and_is_sent(office):
    office.reserve(1)
    office.reserve(2)
    batch, draft = office.approve(office.make(claim(1))), office.make(claim(2))
    with triggers_off() as cursor:
        cursor.execute("ALTER TABLE funds_paymentbatch DROP CONSTRAINT batch_moves_after_approval")
        cursor.execute("UPDATE funds_paymentbatch SET approved_digest = ''")
        cursor.execute("UPDATE funds_paymentline SET digest = ''")
    with pytest.raises(BatchAlteredError):
        office.send(batch)
    migration = import_module("jiuye.office.funds.migrations.0010_what_was_approved_is_signed")
    migration.fix_what_stands(apps, None)
    office.settle(office.send(batch))
    assert [payout.line_key for payout in office.bank.payouts()] == ["case:1#1"]
    assert PaymentBatch.objects.get(pk=draft.pk).approved_digest == ""
    assert office.approve(draft).state == "approved"
    assert verify_ledger().faults == ()
