"""Payment and return files: written once and whole, and believed only where every hash and total fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiuye.exchange.bank import (
    BankUnreachableError,
    BatchAlteredError,
    BatchUnknownError,
    FileBank,
    Instruction,
    LineResult,
    Outcome,
    ReturnFileDamagedError,
    Submission,
    UnfitInstructionError,
    open_bank,
)
from jiuye.exchange.bank.file_format import (
    Answer,
    DamagedFileError,
    decode_answer,
    decode_order,
    encode_answer,
    encode_order,
)

KEY = b"a key agreed with the bank"
DAY = date(2024, 3, 5)
ZHANG = Instruction("case:1#1", "张秀兰", "6222021108000000017", "农业银行扬州分行", 61_728, "社保补贴")
LI = Instruction("case:2#1", "李𠮷", "6222021108000000025", "", 1)
BATCH = Submission("B-1", "employment-subsidy", DAY, (ZHANG, LI))
PAID = LineResult("case:1#1", Outcome.PAID, 61_728, "LS77", on=DAY)
REJECTED = LineResult("case:2#1", Outcome.REJECTED, 1, "", "NAME_MISMATCH", "收款账号与户名不符", DAY)


@pytest.fixture
def bank(tmp_path) -> FileBank:
    return open_bank("file", folder=tmp_path, key=KEY)


def answer(bank: FileBank, *lines: LineResult, batch_key: str = "B-1", key: bytes = KEY) -> None:
    """The bank puts its return file into the inbox."""
    bank.inbox.mkdir(exist_ok=True)
    path = bank.answer_path("B-1")
    path.write_bytes(encode_answer(Answer(batch_key, "BK-1", lines), key))


def test_a_payment_file_can_be_read_by_the_bank_and_by_a_person(bank):
    receipt = bank.submit(BATCH)
    content = bank.order_path("B-1").read_bytes()
    assert decode_order(content, KEY) == BATCH
    assert (receipt.line_count, receipt.total_fen) == (2, 61_729)
    text = content.decode("gb18030")
    assert "张秀兰|6222021108000000017|农业银行扬州分行|617.28|社保补贴" in text
    assert text.startswith("JIUYE-PAY-1|B-1|employment-subsidy|2024-03-05|2|617.29|")


def test_the_same_batch_again_leaves_the_file_as_it_is(bank):
    first = bank.submit(BATCH)
    before = bank.order_path("B-1").stat()
    assert bank.submit(BATCH) == first
    after = bank.order_path("B-1").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert [path.name for path in bank.outbox.iterdir()] == ["B-1.pay"]


def test_another_batch_under_the_same_key_is_refused(bank):
    bank.submit(BATCH)
    before = bank.order_path("B-1").read_bytes()
    with pytest.raises(BatchAlteredError):
        bank.submit(replace(BATCH, lines=(ZHANG,)))
    assert bank.order_path("B-1").read_bytes() == before


def test_a_payment_file_is_readable_by_its_owner_only(bank):
    bank.submit(BATCH)
    assert bank.order_path("B-1").stat().st_mode & 0o777 == 0o600


def test_without_a_return_file_every_line_is_still_waiting(bank):
    bank.submit(BATCH)
    assert bank.results("B-1") == []


def test_a_return_file_gives_the_results_in_the_order_of_the_batch(bank):
    bank.submit(BATCH)
    answer(bank, REJECTED, PAID)
    assert bank.results("B-1") == [PAID, REJECTED]


def test_a_batch_that_was_never_sent_is_unknown(bank):
    with pytest.raises(BatchUnknownError):
        bank.results("B-1")


@pytest.mark.parametrize(
    ("lines", "batch_key", "key", "words"),
    [
        ((replace(PAID, amount_fen=61_729),), "B-1", KEY, "金额与发送的不同"),
        ((replace(PAID, line_key="case:3#1"),), "B-1", KEY, "不在发送的批次里"),
        ((PAID,), "B-2", KEY, "回答的是批次"),
        ((PAID,), "B-1", b"another key", "校验码不符"),
        ((PAID, PAID), "B-1", KEY, "出现两次"),
    ],
)
def test_a_return_file_that_answers_something_else_is_not_used(bank, lines, batch_key, key, words):
    bank.submit(BATCH)
    answer(bank, *lines, batch_key=batch_key, key=key)
    with pytest.raises(ReturnFileDamagedError, match=words):
        bank.results("B-1")


def test_a_changed_dropped_moved_or_added_line_is_found():
    content = encode_order(BATCH, KEY)
    lines = content.split(b"\r\n")
    tampered = [
        content.replace(b"617.28", b"717.28"),
        b"\r\n".join([lines[0], *lines[2:]]),
        b"\r\n".join([lines[0], lines[2], lines[1], *lines[3:]]),
        b"\r\n".join([*lines[:2], lines[1], *lines[2:]]),
        b"\r\n".join(lines[:-2]) + b"\r\n",
        content[:-3],
        b"",
        b"\xff\xff\xff",
    ]
    for changed in tampered:
        assert changed != content
        with pytest.raises(DamagedFileError):
            decode_order(changed, KEY)


@given(data=st.data())
def test_no_flipped_byte_of_a_return_file_goes_unnoticed(data):
    content = encode_answer(Answer("B-1", "BK-1", (PAID, REJECTED)), KEY)
    index = data.draw(st.integers(0, len(content) - 1))
    flipped = data.draw(st.integers(1, 255))
    changed = content[:index] + bytes([content[index] ^ flipped]) + content[index + 1 :]
    with pytest.raises(DamagedFileError):
        decode_answer(changed, KEY)


names = st.text(
    st.characters(exclude_categories=["C", "Z"], exclude_characters="|"), min_size=1, max_size=8
).filter(lambda name: name[0] not in "=+-@＝＋－＠")
instructions = st.builds(
    Instruction,
    line_key=names,
    payee_name=names,
    payee_account=st.from_regex(r"[0-9]{8,20}", fullmatch=True),
    payee_bank=st.one_of(st.just(""), names),
    amount_fen=st.integers(1, 10**12),
    purpose=st.one_of(st.just(""), names),
)


@given(lines=st.lists(instructions, min_size=1, max_size=5, unique_by=lambda line: line.line_key))
def test_whatever_can_be_instructed_survives_the_file(lines):
    batch = Submission("B-1", "f", DAY, tuple(lines))
    assert decode_order(encode_order(batch, KEY), KEY) == batch


def test_a_payment_file_is_no_return_file(bank):
    bank.submit(BATCH)
    bank.inbox.mkdir()
    bank.answer_path("B-1").write_bytes(bank.order_path("B-1").read_bytes())
    with pytest.raises(ReturnFileDamagedError, match="不是 JIUYE-RET-1"):
        bank.results("B-1")


def test_a_folder_that_cannot_be_written_is_told_as_such(tmp_path):
    (tmp_path / "outbox").write_text("a file stands where the folder should be")
    bank = open_bank("file", folder=tmp_path, key=KEY)
    with pytest.raises(BankUnreachableError, match="稍后再办"):
        bank.submit(BATCH)


def test_a_line_separator_in_a_name_never_reaches_a_file():
    for char in "\x85\u2028\u2029\x0b\x0c":
        with pytest.raises(UnfitInstructionError):
            replace(ZHANG, payee_name=f"张{char}秀兰")
