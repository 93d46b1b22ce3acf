"""Sending: one message a person a day, never at night, never twice, whatever is killed or unreachable."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from datetime import datetime, timedelta, timezone

import pytest
from django.db import connection, transaction

from jiuye.engine.messages import Words
from jiuye.exchange.sms import GatewayUnreachableError, PretendGateway, Sms
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.messages.operations import deliver, write
from jiuye.office.messages.operations.delivering import TAKEN_FOR
from jiuye.office.staff.access import access
from jiuye.office.staff.retention import erase_expired
from tests.office.casework.conftest import make_person

CHINA = timezone(timedelta(hours=8))
NOON = datetime(2025, 6, 9, 12, 0, tzinfo=CHINA)
# Taking, sending and noting commit on their own.
pytestmark = pytest.mark.django_db(transaction=True)
VALUES = {
    name: Words("某")
    for name in ("policy", "number", "promised", "due", "note", "because", "clause", "appeals")
} | {"name": Words("张秀兰"), "confirmed": Words("某日"), "day": Words("某日")}


@pytest.fixture
def gateway(tmp_path) -> PretendGateway:
    return PretendGateway(tmp_path / "sms.sqlite3")


def tell(person, key: str, occasion: str = "case_accepted", at: datetime = NOON) -> Message:
    with transaction.atomic():
        message = write(
            occasion=occasion,
            key=key,
            about="case:1",
            recipient_kind="person",
            person_id=person.pk,
            employer_id=None,
            division_code=person.residence_division_id,
            values=VALUES,
            on=at.date(),
            at=at,
        )
    assert message is not None
    return message


def run(gateway, at: datetime):
    return deliver(gateway=gateway, clock=lambda: at)


def states() -> list[str]:
    return [row.state for row in Delivery.objects.order_by("pk")]


def test_a_message_is_sent_once_with_its_reference_and_a_second_run_finds_nothing(person, gateway):
    tell(person, "a")
    assert run(gateway, NOON).sent == 1
    assert run(gateway, NOON).sent == 0
    row = Delivery.objects.get()
    assert (row.state, row.reference, row.receiver) == ("sent", "DX0000000001", "13800000000")
    assert [sent.handed_over for sent in gateway.sent()] == [1]


def test_nothing_leaves_in_the_quiet_hours_statutory_or_not(person, gateway):
    tell(person, "a", "case_refused", at=NOON.replace(hour=20))
    night = run(gateway, NOON.replace(hour=21))
    assert (night.quiet, night.sent) == (True, 0)
    assert run(gateway, NOON.replace(hour=8) + timedelta(days=1)).sent == 1


def test_the_second_ordinary_message_of_a_day_waits_for_the_next_morning_a_statutory_one_does_not(
    person, gateway
):
    tell(person, "a")
    tell(person, "b")
    tell(person, "c", "case_refused")
    done = run(gateway, NOON)
    assert (done.sent, done.waiting) == (1, 2)  # the statutory one leaves first and is the day's message
    assert states() == ["waiting", "waiting", "sent"]
    assert Delivery.objects.order_by("pk")[0].not_before == datetime(2025, 6, 10, 8, 0, tzinfo=CHINA)
    assert run(gateway, NOON + timedelta(hours=2)).sent == 0
    tomorrow = run(gateway, NOON + timedelta(days=1))
    assert (tomorrow.sent, tomorrow.waiting) == (1, 1)
    tell(person, "d", "case_refused")
    assert run(gateway, NOON + timedelta(days=1)).sent == 1


def test_two_people_do_not_wait_for_each_other(person, gateway):
    tell(person, "a")
    tell(make_person("李秀英", number="321002197803050037"), "b")
    assert run(gateway, NOON).sent == 2


class Broken:
    """A gateway that cannot be reached."""

    def send(self, message: Sms):
        raise GatewayUnreachableError("ConnectTimeout")


def test_an_unreachable_gateway_is_tried_again_after_growing_waits_and_given_up_at_the_end(person):
    tell(person, "a")
    moment, waits = NOON, []
    while run(Broken(), moment).put_off:
        row = Delivery.objects.get()
        waits.append((row.not_before - moment) // timedelta(minutes=1))
        # A wait may end at night; then it goes on in the morning.
        moment = max(row.not_before, moment)
        if not 8 <= moment.astimezone(CHINA).hour < 21:
            moment = moment.astimezone(CHINA).replace(hour=8) + timedelta(days=1)
    row = Delivery.objects.get()
    assert waits == [1, 5, 30, 120, 720]
    assert (row.state, row.reason, row.attempts) == ("undeliverable", "given_up", 6)


def test_no_number_a_number_out_of_service_and_a_death_on_record_are_undeliverable_with_the_reason(
    divisions, gateway
):
    tell(make_person("甲", number="321002197803050045", phone=""), "a")
    tell(make_person("乙", number="321002197803050053", phone="13800004040"), "b")
    tell(make_person("丙", number="321002197803050061", death_date=NOON.date()), "c")
    assert run(gateway, NOON).undeliverable == 3
    assert [row.reason for row in Delivery.objects.order_by("pk")] == ["no_number", "refused", "deceased"]
    assert gateway.sent() == []


class Killing(PretendGateway):
    """The gateway has sent it, and our process is killed before it can note so."""

    def send(self, message: Sms):
        super().send(message)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("a killed process goes nowhere")


def test_killed_between_sending_and_noting_it_is_noted_later_and_sent_once(person, gateway):
    tell(person, "a")
    connection.close()
    child = os.fork()
    if child == 0:
        run(Killing(gateway.path), NOON)
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    assert states() == ["sending"]
    assert run(gateway, NOON + timedelta(minutes=1)).sent == 0  # somebody may still be at it
    assert run(gateway, NOON + TAKEN_FOR).sent == 1
    assert states() == ["sent"]
    assert [(row.reference, row.handed_over) for row in gateway.sent()] == [("DX0000000001", 2)]


def test_several_processes_at_once_hand_each_message_over_once_and_keep_to_one_a_day(divisions, gateway):
    for number in range(12):
        owner = make_person(f"人{number}", number=f"3210021978030501{number:02d}")
        tell(owner, f"a{number}")
        tell(owner, f"b{number}")

    def work() -> None:
        try:
            run(gateway, NOON)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.handed_over for row in gateway.sent()] == [1] * 12
    assert sorted(states()) == ["sent"] * 12 + ["waiting"] * 12


def test_the_database_refuses_a_way_that_the_table_does_not_know_and_a_changed_word(person, gateway):
    from django.db.utils import IntegrityError, ProgrammingError

    message = tell(person, "a")
    run(gateway, NOON)
    with pytest.raises(ProgrammingError, match="Invalid transition"):
        Delivery.objects.update(state="waiting", sent_at=None, reference="")
    with pytest.raises(IntegrityError, match="不能修改"):
        Message.objects.filter(pk=message.pk).update(title="别的")
    assert Message.objects.filter(pk=message.pk).update(read_at=NOON) == 1


def test_a_statutory_message_whose_file_says_so_leaves_in_the_quiet_hours_and_the_others_wait(
    person, gateway, settings, pack_dir, tmp_path
):
    folder = tmp_path / "pack"
    shutil.copytree(pack_dir / "messages", folder / "messages")
    file = folder / "messages" / "case-refused.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("statutory: true\n", "statutory: true\nquiet_hours: send\n"),
        encoding="utf-8",
    )
    settings.PACK = folder
    tell(person, "a")
    tell(person, "b", "case_refused")
    night = run(gateway, NOON.replace(hour=22))
    assert (night.sent, night.quiet) == (1, True)
    assert states() == ["waiting", "sent"]


def test_old_messages_that_no_law_asks_for_go_with_their_deliveries_and_decisions_told_stay(person, gateway):
    tell(person, "case:1:accepted")
    tell(person, "case:1:refused", "case_refused")
    assert [run(gateway, NOON + timedelta(days=day)).sent for day in (0, 1)] == [1, 1]
    unsent = tell(person, "case:2:accepted", at=NOON + timedelta(days=1))
    much_later = NOON + timedelta(days=access().retention["messages"].days + 2)
    going = [row.key for row in Message.objects.filter(statutory=False).exclude(pk=unsent.pk)]
    staying = [row.key for row in Message.objects.filter(statutory=True)]
    assert going
    assert staying
    assert erase_expired(at=much_later)["messages"] == len(going)
    left = set(Message.objects.values_list("key", flat=True))
    assert left == {*staying, unsent.key}  # one still on its way stays, however old
    assert not Delivery.objects.filter(message__key__in=going).exists()


def test_one_record_that_cannot_be_read_keeps_nobody_else_from_being_told(person, gateway):
    other = make_person("刘桂兰", number="321002197803050028")
    tell(person, "case:1:accepted")
    tell(other, "case:2:accepted")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_person SET phone = '\\x0102' WHERE id = %s", [person.pk])
    done = run(gateway, NOON)
    assert (done.sent, done.undeliverable) == (1, 1)
    assert [(row.state, row.reason) for row in Delivery.objects.order_by("pk").defer("receiver")] == [
        ("undeliverable", "unreadable"),
        ("sent", ""),
    ]


def test_words_that_cannot_be_read_are_put_aside_and_the_others_sent(person, gateway):
    broken = tell(person, "case:1:accepted")
    tell(make_person("刘桂兰", number="321002197803050028"), "case:2:accepted")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE office_messages_message DISABLE TRIGGER USER")
        cursor.execute("UPDATE office_messages_message SET body = '\\x0102' WHERE id = %s", [broken.pk])
        cursor.execute("ALTER TABLE office_messages_message ENABLE TRIGGER USER")
    done = run(gateway, NOON)
    assert (done.sent, done.undeliverable) == (1, 1)


def test_a_line_that_breaks_off_puts_the_message_off_and_ends_no_run(person, gateway, monkeypatch):
    tell(person, "case:1:accepted")

    def breaks_off(message: Sms):
        raise ConnectionResetError

    monkeypatch.setattr(gateway, "send", breaks_off)
    assert run(gateway, NOON).put_off == 1
    assert states() == ["waiting"]
