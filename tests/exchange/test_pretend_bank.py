"""The pretend bank pays a key once, refuses by rules that can be foreseen, and forgets nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date

import pytest

from jiuye.exchange.bank import (
    BankUnreachableError,
    BatchAlteredError,
    BatchUnknownError,
    Instruction,
    Outcome,
    PretendBank,
    Submission,
    UnfitInstructionError,
    UnknownBankError,
    open_bank,
)

DAY = date(2024, 3, 5)
ZHANG = Instruction("case:1#1", "张秀兰", "6222021108000000017", "农业银行扬州分行", 61_728, "社保补贴")
LI = Instruction("case:2#1", "李𠮷", "6222021108000000025", "", 100_00)


def batch(*lines: Instruction, key: str = "B-1") -> Submission:
    return Submission(key, "employment-subsidy", DAY, lines or (ZHANG, LI))


@pytest.fixture
def bank(tmp_path) -> PretendBank:
    return PretendBank(tmp_path / "bank" / "pretend.sqlite3")


def test_a_batch_is_paid_and_its_lines_answer_in_order(bank):
    receipt = bank.submit(batch())
    assert (receipt.line_count, receipt.total_fen) == (2, 71_728)
    results = bank.results("B-1")
    assert [(line.line_key, line.outcome, line.amount_fen) for line in results] == [
        ("case:1#1", Outcome.PAID, 61_728),
        ("case:2#1", Outcome.PAID, 10_000),
    ]
    assert all(line.reference and line.on == DAY for line in results)


def test_the_same_batch_again_gets_the_same_receipt_and_pays_nothing(bank):
    first = bank.submit(batch())
    assert bank.submit(batch()) == first
    assert [payout.line_key for payout in bank.payouts()] == ["case:1#1", "case:2#1"]


def test_a_batch_of_the_same_key_with_another_amount_is_refused_and_pays_nothing(bank):
    bank.submit(batch())
    with pytest.raises(BatchAlteredError, match="B-1"):
        bank.submit(batch(replace(ZHANG, amount_fen=61_729), LI))
    assert len(bank.payouts()) == 2


def test_a_line_that_comes_in_a_second_batch_is_not_paid_again(bank):
    bank.submit(batch(ZHANG))
    bank.submit(batch(ZHANG, LI, key="B-2"))
    assert [payout.line_key for payout in bank.payouts()] == ["case:1#1", "case:2#1"]
    assert [line.reference for line in bank.results("B-2")] == [p.reference for p in bank.payouts()]


def test_a_known_line_with_another_payee_refuses_the_whole_second_batch(bank):
    bank.submit(batch(ZHANG))
    with pytest.raises(BatchAlteredError, match="case:1#1"):
        bank.submit(batch(LI, replace(ZHANG, payee_account=LI.payee_account), key="B-2"))
    assert [payout.line_key for payout in bank.payouts()] == ["case:1#1"]
    with pytest.raises(BatchUnknownError):
        bank.results("B-2")


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ("6222021108000004040", "ACCOUNT_CLOSED"),
        ("6222021108000004041", "NAME_MISMATCH"),
        ("无账号", "ACCOUNT_INVALID"),
        ("1234567", "ACCOUNT_INVALID"),
    ],
)
def test_what_the_bank_refuses_it_refuses_with_a_reason(bank, account, code):
    bank.submit(batch(replace(ZHANG, payee_account=account), LI))
    refused, paid = bank.results("B-1")
    assert (refused.outcome, refused.code, refused.reference) == (Outcome.REJECTED, code, "")
    assert refused.reason
    assert paid.outcome is Outcome.PAID
    assert len(bank.payouts()) == 1


def test_an_account_belongs_to_the_name_it_was_first_paid_under(bank):
    bank.submit(batch(ZHANG))
    bank.submit(batch(replace(LI, payee_account=ZHANG.payee_account), key="B-2"))
    assert bank.results("B-2")[0].code == "NAME_MISMATCH"


def test_its_memory_outlives_the_object(bank, tmp_path):
    receipt = bank.submit(batch())
    again = PretendBank(tmp_path / "bank" / "pretend.sqlite3")
    assert again.submit(batch()) == receipt
    assert len(again.payouts()) == 2


def test_its_file_holds_no_account_number_and_no_name(bank):
    bank.submit(batch())
    for path in bank.path.parent.iterdir():
        content = path.read_bytes()
        assert ZHANG.payee_account.encode() not in content
        assert ZHANG.payee_name.encode() not in content


def test_two_senders_at_once_pay_a_batch_once(bank):
    bank.submit(batch(replace(LI, line_key="warm-up"), key="B-0"))
    receipts, threads = [], []
    for _ in range(4):
        threads.append(threading.Thread(target=lambda: receipts.append(bank.submit(batch()))))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(receipts)) == 1
    assert len(receipts) == 4
    assert len(bank.payouts()) == 3


def test_a_process_killed_after_submitting_has_submitted(bank):
    script = (
        "import os, signal, sys; from datetime import date; from pathlib import Path\n"
        "from jiuye.exchange.bank import *\n"
        "line = Instruction('case:9#1', '王五', '6222021108000000090', '', 500)\n"
        "PretendBank(Path(sys.argv[1])).submit(Submission('B-9', 'f', date(2024, 3, 5), (line,)))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(bank.path)], env=os.environ, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert [payout.line_key for payout in bank.payouts()] == ["case:9#1"]


def test_a_folder_that_cannot_be_used_is_told_as_such(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BankUnreachableError, match="稍后再办"):
        PretendBank(tmp_path / "file" / "bank.sqlite3").submit(batch())


@pytest.mark.parametrize(
    "change",
    [
        {"amount_fen": 0},
        {"amount_fen": -1},
        {"payee_name": " "},
        {"payee_account": ""},
        {"line_key": ""},
        {"payee_name": "张|秀兰"},
        {"payee_bank": "农行\n扬州"},
        {"payee_name": '=HYPERLINK("http://x","y")'},
        {"payee_name": "+86张三"},
        {"payee_name": "-张三"},
        {"payee_name": "＝张三"},
        {"payee_name": " @SUM(A1)"},
        {"payee_name": "\t=1"},
        {"payee_name": "\r=1"},
        {"payee_account": "-6222021108000000017"},
        {"payee_bank": "=1+1"},
        {"purpose": "@补贴"},
    ],
)
def test_an_instruction_that_no_bank_could_carry_out_is_not_made(change):
    with pytest.raises(UnfitInstructionError):
        replace(ZHANG, **change)


@pytest.mark.parametrize("key", ["", "../outside", "有字", ".hidden"])
def test_a_batch_key_is_fit_to_name_a_file(key):
    with pytest.raises(UnfitInstructionError):
        batch(key=key)


def test_a_batch_is_neither_empty_nor_double():
    with pytest.raises(UnfitInstructionError, match="没有付款明细"):
        Submission("B-1", "f", DAY, ())
    with pytest.raises(UnfitInstructionError, match="重复"):
        batch(ZHANG, ZHANG)


def test_an_installation_that_names_no_bank_is_told_which_there_are(tmp_path):
    assert isinstance(open_bank("pretend", folder=tmp_path, key=b"k"), PretendBank)
    with pytest.raises(UnknownBankError, match="pretend"):
        open_bank("swift", folder=tmp_path, key=b"k")
