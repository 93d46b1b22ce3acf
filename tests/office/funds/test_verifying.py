"""The ledger can be proved: whoever writes around it, with the triggers switched off, is found out and named."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils.translation import override

from jiuye.config.cli import main
from jiuye.office.funds.chain import entry_digest, receipt_digest, seal_signature
from jiuye.office.funds.documents import posting_document
from jiuye.office.funds.models import LedgerAccount, LedgerSeal, LedgerTransfer, PaymentLine
from jiuye.office.funds.operations import seal_ledger
from jiuye.office.funds.queries import trial_balance, verify_ledger
from tests.office.funds.conftest import AT, DAY, claim, triggers_off


def faults() -> list[str]:
    return list(verify_ledger().faults)


def test_each_entry_is_bound_to_the_one_before_it_and_python_says_the_same_as_the_database(office):
    office.pay(claim(1), claim(2))
    office.reserve(3)
    rows = list(
        LedgerTransfer.objects.select_related("debit", "credit", "pending").order_by("debit_id", "position")
    )
    assert len(rows) == 6
    previous: dict[int, str] = {}
    for row in rows:
        before = previous.get(row.debit_id, "")
        assert row.previous_digest == before
        assert row.digest == entry_digest(row, before)
        previous[row.debit_id] = row.digest
    assert {row.chain_head for row in LedgerAccount.objects.filter(chain_length__gt=0)} == set(
        previous.values()
    )
    assert faults() == []


def test_an_entry_carries_the_clause_and_the_receipt_of_its_claim_to_the_payment(office):
    receipt = receipt_digest({"facts": {"年龄": 51}, "amount_fen": 10_000})
    office.reserve(1, clause="startup-grant@abc", receipt=receipt)
    office.settle(office.send(office.approve(office.make(claim(1)))))
    kinds = {
        row.kind: (row.claim_key, row.clause, row.receipt) for row in LedgerTransfer.objects.order_by("pk")
    }
    assert kinds["pending"] == kinds["post"] == ("case:1", "startup-grant@abc", receipt)


def test_a_receipt_has_one_digest_whatever_the_order_of_its_keys():
    assert receipt_digest({"a": 1, "b": [2, 3]}) == receipt_digest({"b": [2, 3], "a": 1})
    assert receipt_digest({"a": 1}) != receipt_digest({"a": "1"})


@pytest.mark.parametrize(
    "change",
    [
        "amount_fen = amount_fen + 1",
        "claim_key = 'case:9'",
        "on_date = on_date - 1",
        "document = 'x'",
        "receipt = 'x'",
    ],
)
def test_a_changed_entry_is_named(office, change):
    office.pay(claim(1))
    with triggers_off() as cursor:
        cursor.execute(f"UPDATE funds_ledgertransfer SET {change} WHERE key = 'reserve:case:1#1'")
    assert any("reserve:case:1#1" in fault and "被改动" in fault for fault in faults())


def test_a_changed_entry_whose_digest_was_made_to_fit_betrays_itself_by_the_next_one(office):
    office.reserve(1)
    office.reserve(2)
    with triggers_off() as cursor:
        cursor.execute("UPDATE funds_ledgertransfer SET document = 'x' WHERE key = 'reserve:case:1#1'")
    forged = LedgerTransfer.objects.select_related("debit", "credit", "pending").get(key="reserve:case:1#1")
    with triggers_off() as cursor:
        cursor.execute(
            "UPDATE funds_ledgertransfer SET digest = %s WHERE id = %s",
            [entry_digest(forged, forged.previous_digest), forged.pk],
        )
    assert faults() == ["账目“reserve:case:2#1”记的前一笔摘要与前一笔不符：它前面的账目被改动。"]


def test_a_deleted_entry_leaves_a_gap_in_the_middle_and_a_short_chain_at_the_end(office):
    office.reserve(1)
    office.reserve(2)
    with triggers_off() as cursor:
        cursor.execute("DELETE FROM funds_reservation")
        cursor.execute("DELETE FROM funds_ledgertransfer WHERE key = 'reserve:case:1#1'")
    assert any("第 1 笔处断开" in fault for fault in faults())
    with triggers_off() as cursor:
        cursor.execute("DELETE FROM funds_ledgertransfer WHERE key = 'reserve:case:2#1'")
    assert any("应有 2 笔账目，一笔也没有" in fault for fault in faults())


def test_an_entry_slipped_in_with_the_triggers_off_does_not_fit_the_end_of_the_chain(office):
    office.reserve(1)
    with triggers_off() as cursor:
        cursor.execute(
            "INSERT INTO funds_ledgertransfer (key, kind, debit_id, credit_id, amount_fen, claim_key, document, clause,"
            " receipt, on_date, at, position, previous_digest, digest) SELECT 'thief', 'single', debit_id, credit_id, 1,"
            " '', '', '', '', on_date, at, 2, digest, repeat('0', 64) FROM funds_ledgertransfer WHERE kind = 'pending'"
        )
    assert any("thief" in fault for fault in faults())
    assert any("链尾的账目被删除或添加" in fault for fault in faults())


def test_whoever_rewrites_a_whole_chain_breaks_the_seal(office):
    office.reserve(1)
    assert seal_ledger(on=DAY, at=AT).entries == 2
    office.reserve(2)
    assert faults() == []
    with triggers_off() as cursor:
        cursor.execute("UPDATE funds_ledgertransfer SET document = 'x' WHERE key = 'reserve:case:1#1'")
        previous = ""
        for row in (
            LedgerTransfer.objects.select_related("debit", "credit", "pending")
            .filter(debit__kind="budget")
            .order_by("position")
        ):
            digest = entry_digest(row, previous)
            cursor.execute(
                "UPDATE funds_ledgertransfer SET previous_digest = %s, digest = %s WHERE id = %s",
                [previous, digest, row.pk],
            )
            previous = digest
        cursor.execute("UPDATE funds_ledgeraccount SET chain_head = %s WHERE kind = 'budget'", [previous])
    found = faults()
    assert len(found) == 1
    assert "封存以前的账目被改写" in found[0]


def test_a_seal_that_was_changed_is_found_and_no_seal_is_ever_edited_by_the_software(office):
    seal_ledger(on=DAY, at=AT)
    with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
        LedgerSeal.objects.update(entries=7)
    with triggers_off() as cursor:
        cursor.execute("UPDATE funds_ledgerseal SET entries = 7")
    assert any("封存签名不符" in fault for fault in faults())


def test_a_balance_written_by_hand_unbalances_the_trial_balance(office):
    office.pay(claim(1))
    rows = trial_balance(actor=office.maker)
    assert sum(row.debits_fen for row in rows) == sum(row.credits_fen for row in rows) == 110_000
    with triggers_off() as cursor:
        cursor.execute(
            "UPDATE funds_ledgeraccount SET credits_posted_fen = credits_posted_fen + 1 WHERE kind = 'budget'"
        )
    assert any("试算不平衡" in fault for fault in faults())


def test_the_end_of_a_chain_is_not_written_by_hand(office):
    with pytest.raises(IntegrityError, match="不能直接修改"), transaction.atomic():
        LedgerAccount.objects.update(chain_head="0" * 64)


def test_twenty_at_once_take_twenty_places_in_one_chain(lasting_office):
    errors = []

    def reserve(number: int) -> None:
        try:
            lasting_office.reserve(number, 100)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=reserve, args=[number]) for number in range(1, 21)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    places = (
        LedgerTransfer.objects.filter(debit__kind="budget")
        .order_by("position")
        .values_list("position", flat=True)
    )
    assert list(places) == list(range(1, 21))
    assert faults() == []


def test_the_command_says_one_sentence_a_fault_and_ends_with_1(office, capsys, monkeypatch):
    monkeypatch.setattr("jiuye.config.commands.ledger.installation_ready", lambda: True)
    office.pay(claim(1))
    assert main(["ledger", "seal"]) == 0
    assert main(["ledger", "verify"]) == 0
    assert "3 笔账目、1 次封存" in capsys.readouterr().out
    with triggers_off() as cursor:
        cursor.execute("UPDATE funds_ledgertransfer SET clause = 'x' WHERE kind = 'post'")
    assert main(["ledger", "verify", "--lang", "en"]) == 1
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert "post:reserve:case:1#1" in said.out
    with override("en"):
        assert faults()[0] + "\n" == said.out


# What somebody with the database's password may do beside the ledger, and a word of the sentence that finds it.
BESIDE = [
    ("UPDATE funds_ledgeraccount SET \"limit\" = 'none' WHERE kind = 'budget'", "余额限制"),
    ("UPDATE funds_ledgeraccount SET kind = 'recipients' WHERE kind = 'budget'", "类别"),
    ("UPDATE funds_budget SET year = 2025", "年度"),
    ("UPDATE funds_budget SET line = '别的'", "项目"),
    ("DELETE FROM funds_reservation WHERE claim_key = 'case:2'", "reserve:case:2#1"),
    ("DELETE FROM funds_reservation WHERE claim_key = 'case:1'", "reserve:case:1#1"),
    ("UPDATE funds_reservation SET state = 'held', finished_by_id = NULL, finished_on = NULL WHERE claim_key = 'case:1'", "case:1"),
    ("UPDATE funds_reservation SET county_code = '321003' WHERE claim_key = 'case:2'", "县（市、区）"),
    ("DELETE FROM funds_paymentline", "post:reserve:case:1#1"),
    ("UPDATE funds_paymentline SET state = 'rejected', posted_id = NULL, rejection_reason = 'x'", "post:reserve:case:1#1"),
    ("UPDATE funds_paymentline SET bank_reference = 'LS-other'", "流水号"),
    ("UPDATE funds_paymentline SET payee_name = '别人'", "户名"),
    ("UPDATE funds_paymentline SET payee_account_index = decode('00', 'hex')", "账号"),
    ("UPDATE funds_paymentbatch SET approved_by_id = (SELECT id FROM staff_account WHERE username = '规划')", "复核人"),
]  # fmt: skip


@pytest.mark.parametrize(("tampering", "found"), BESIDE)
def test_what_was_altered_beside_the_ledger_is_found(office, tampering, found):
    office.pay(claim(1))
    office.reserve(2, county="321002")
    assert faults() == []
    with triggers_off() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(tampering)
    assert any(found in fault for fault in faults()), faults()


@pytest.mark.parametrize("which", ["number = 2", "number = 1", "number IN (1, 2)"])
def test_a_seal_taken_out_breaks_the_row_of_seals(office, which):
    office.reserve(1)
    for _ in range(3):
        seal_ledger(on=DAY, at=AT)
    assert faults() == []
    with triggers_off() as cursor:
        cursor.execute(f"DELETE FROM funds_ledgerseal WHERE {which}")
    assert any("不相连" in fault for fault in faults())


def test_a_ledger_without_a_seal_of_the_last_night_is_at_fault(office):
    office.reserve(1)
    night, next_night = AT + timedelta(hours=14), AT + timedelta(hours=38)
    assert verify_ledger(at=AT + timedelta(hours=2)).faults == ()
    assert any("没有封存" in fault for fault in verify_ledger(at=next_night).faults)
    seal_ledger(on=DAY, at=night)
    assert verify_ledger(at=next_night).faults == ()
    assert any("早于前一晚" in fault for fault in verify_ledger(at=night + timedelta(hours=48)).faults)


def test_seals_that_were_deleted_and_made_anew_are_betrayed_by_the_one_that_was_kept_outside(office):
    office.reserve(1)
    kept = seal_ledger(on=DAY, at=AT).signature
    assert verify_ledger(kept=kept).faults == ()
    with triggers_off() as cursor:
        cursor.execute("DELETE FROM funds_ledgerseal")
    seal_ledger(on=DAY, at=AT + timedelta(hours=1))
    assert faults() == []
    assert any(kept in fault for fault in verify_ledger(kept=kept).faults)


def test_seals_made_before_they_were_bound_to_one_another_still_hold(office):
    office.reserve(1)
    seal = seal_ledger(on=DAY, at=AT)
    old = seal_signature(DAY.isoformat(), AT.isoformat(), seal.entries, seal.heads)
    with triggers_off() as cursor:
        cursor.execute("UPDATE funds_ledgerseal SET number = 0, previous = '', signature = %s", [old])
    after = seal_ledger(on=DAY, at=AT)
    assert (after.number, after.previous) == (1, old)
    assert faults() == []


def test_a_payments_entry_names_its_line_and_the_banks_reference(office):
    office.pay(claim(1))
    line = PaymentLine.objects.get()
    entry = LedgerTransfer.objects.get(kind="post")
    assert entry.document == posting_document(line.line_key, line.bank_reference)
    assert line.bank_reference in entry.document
