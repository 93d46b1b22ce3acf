"""A message's file is checked before anybody is told anything: fields, channels, the law behind a statutory one, the quiet hours."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from jiuye.engine.messages import Words, load_messages, render

OCCASIONS = {"case_paid": frozenset({"policy", "amount"})}
SENDING = """id: sending
signature: 【扬州就业】
quiet_hours: {from: "21:00", until: "08:00", basis: design}
a_day: {messages: 1, basis: design}
retries: {minutes: [1, 5, 30], basis: design}
"""
PAID = """id: paid
occasion: case_paid
channels: [sms, in_app]
title: 已付款
title_en: Paid
says: 您的“{policy}”{amount} 元已付款。
says_en: "{amount} yuan for {policy} were paid."
"""


def load(folder: Path, paid: str = PAID, sending: str = SENDING):
    (folder / "paid.yaml").write_text(paid, encoding="utf-8")
    if sending:
        (folder / "sending.yaml").write_text(sending, encoding="utf-8")
    return load_messages(folder, OCCASIONS)


def test_a_sound_message_is_read_with_its_rules_and_filled_in_both_languages(tmp_path):
    room, problems = load(tmp_path)
    assert problems.sorted() == []
    template = room.templates["case_paid"]
    values = {"policy": Words("社保补贴", "Subsidy"), "amount": Words("1,500.00")}
    assert render(template.says, values, "zh") == "您的“社保补贴”1,500.00 元已付款。"
    assert render(template.says_en, values, "en") == "1,500.00 yuan for Subsidy were paid."
    assert room.rules.retry_minutes == (1, 5, 30)


def test_what_a_field_holds_is_never_read_for_fields_again():
    assert render("{note}", {"note": Words("{amount}"), "amount": Words("9")}, "zh") == "{amount}"


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        (time(20, 59), False),
        (time(21, 0), True),
        (time(3, 0), True),
        (time(7, 59), True),
        (time(8, 0), False),
    ],
)
def test_quiet_hours_run_over_midnight_and_their_end_is_not_quiet(tmp_path, moment, quiet):
    room, _ = load(tmp_path)
    assert room.rules.is_quiet(moment) is quiet


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("{amount} 元", "{ammount} 元", "unknown-field"),
        ("{amount} 元", "{ amount 元", "stray-brace"),
        ("case_paid", "case_payed", "unknown-word"),
        ("[sms, in_app]", "[sms, pigeon]", "unknown-channel"),
        ("title: 已付款", "title: 已付款\nstatutory: true", "missing-source"),
        ("id: paid", "id: other", "wrong-name"),
        ("says_en:", "says_fr: x\nsays_en:", "unknown-key"),
    ],
)
def test_a_mistake_is_reported_in_its_line_and_nothing_of_the_folder_is_used(tmp_path, old, new, code):
    assert old in PAID
    room, problems = load(tmp_path, PAID.replace(old, new))
    assert room is None
    assert [problem.code for problem in problems.sorted()] == [code]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('"21:00"', '"25:00"', "wrong-clock"),
        ("[1, 5, 30]", "[1, 5, 5]", "retries-not-growing"),
        ("messages: 1", "messages: 0", "out-of-range"),
    ],
)
def test_rules_of_sending_that_make_no_sense_are_refused(tmp_path, old, new, code):
    room, problems = load(tmp_path, sending=SENDING.replace(old, new))
    assert room is None
    assert [problem.code for problem in problems.sorted()] == [code]


def test_messages_without_rules_of_sending_and_two_for_one_occasion_are_refused(tmp_path):
    _, problems = load(tmp_path, sending="")
    assert [problem.code for problem in problems.sorted()] == ["no-sending-rules"]
    (tmp_path / "again.yaml").write_text(PAID.replace("id: paid", "id: again"), encoding="utf-8")
    _, problems = load(tmp_path)
    assert [problem.code for problem in problems.sorted()] == ["occasion-twice"]
