"""Sending what waits, from outside any other transaction: taken in one, sent in none, noted in another.

Killed between sending and noting, a delivery stays taken; when its time is up it is handed over again under the same key, and the gateway,
which sends a key once, gives the same receipt. Several processes may deliver at once: each takes rows that no other holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from jiuye.engine.basis.identity import clean_phone, is_mobile_phone
from jiuye.engine.messages import SendingRules
from jiuye.exchange.sms import (
    GatewayUnreachableError,
    Sms,
    SmsAlteredError,
    SmsGateway,
    SmsRefusedError,
)
from jiuye.office.messages.content import occasions_in_quiet_hours, sending_rules
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.messages.states import advance
from jiuye.office.registry.models import Person
from jiuye.office.staff.sealing import UnreadableSecretError

TAKEN_FOR = timedelta(minutes=5)  # longer than a gateway may take to answer
LOCK_SPACE = 0x6D736720  # "msg ": keeps our advisory locks apart from others'
DETAIL_LENGTH = 200
SEALED = ("message__title", "message__title_en", "message__body", "message__body_en", "message__letter")


@dataclass(slots=True)
class Delivered:
    """What one run did. `quiet` where it stopped because of the quiet hours."""

    sent: int = 0
    put_off: int = 0  # the gateway could not be reached
    waiting: int = 0  # their receiver had today's message already
    undeliverable: int = 0
    quiet: bool = False


def deliver(*, gateway: SmsGateway, clock: Callable[[], datetime], most: int = 10_000) -> Delivered:
    """Send what is due, statutory messages first, until nothing is or `most` were handled. Raises MessagesUnreadableError, NoSendingRulesError.

    `clock` gives the moment, since a run may last into the quiet hours.
    """
    rules = sending_rules()
    done = Delivered()
    for _ in range(most):
        at = timezone.localtime(clock())
        quiet = rules.is_quiet(at.time())
        urgent = occasions_in_quiet_hours() if quiet else None
        if urgent is not None and not urgent:
            done.quiet = True
            break
        taken = _take(rules, at, done, urgent)
        if taken is None and quiet:
            done.quiet = True
        if taken is None:
            break
        if taken.state == "sending":
            _send(taken, gateway, rules, clock, done)
    return done


def _take(
    rules: SendingRules, at: datetime, done: Delivered, urgent: frozenset[str] | None
) -> Delivery | None:
    """The next delivery: taken for sending, or else moved to where it belongs (tomorrow, undeliverable). None where nothing is due.

    `urgent`: in the quiet hours, the occasions whose messages may leave all the same; None outside them.
    """
    with transaction.atomic():
        due = Q(state="waiting", not_before__lte=at) | Q(state="sending", taken_until__lte=at)
        if urgent is not None:
            due &= Q(message__statutory=True, message__occasion__in=sorted(urgent))
        delivery = (
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(due)
            .select_related("message")
            .defer("receiver", *SEALED)  # one that cannot be read must not keep the others from being found
            .order_by("-message__statutory", "not_before", "pk")
            .first()
        )
        if delivery is None:
            return None
        message = delivery.message
        if not _may_leave_today(delivery, message, rules, at):
            delivery.not_before = _next_morning(rules, at)
            delivery.save(update_fields=["not_before"])
            done.waiting += 1
            return delivery
        reason, number = _receiver(delivery)
        if reason:
            _give_up(delivery, reason, "", done)
            return delivery
        delivery.receiver = number
        delivery.state = advance(delivery.state, "take")
        delivery.attempts += 1
        delivery.on_day = at.date()
        delivery.taken_until = at + TAKEN_FOR
        delivery.save(update_fields=["state", "attempts", "on_day", "taken_until", "receiver"])
        return delivery


def _may_leave_today(delivery: Delivery, message: Message, rules: SendingRules, at: datetime) -> bool:
    """False where this receiver had today's messages. Two processes ask one after the other; a second attempt does not ask again."""
    with connection.cursor() as cursor:
        key = message.person_id or 0
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, key & 0x7FFFFFFF])
    if message.statutory or delivery.state == "sending":
        return True
    today = Delivery.objects.filter(message__person_id=message.person_id, on_day=at.date())
    return today.exclude(state="undeliverable").exclude(pk=delivery.pk).count() < rules.a_day


def _next_morning(rules: SendingRules, at: datetime) -> datetime:
    """When the quiet hours after this day end."""
    return at.replace(
        hour=rules.quiet_until.hour, minute=rules.quiet_until.minute, second=0, microsecond=0
    ) + timedelta(days=1)


def _receiver(delivery: Delivery) -> tuple[str, str]:
    """(why not, number): the number that was settled when it was first taken, else the one the register has now."""
    try:
        if delivery.receiver:
            return "", str(delivery.receiver)
        person = Person.objects.only("death_date", "phone").get(pk=delivery.message.person_id)
    except UnreadableSecretError:
        return "unreadable", ""
    if person.death_date is not None:
        return "deceased", ""
    number = clean_phone(person.phone)
    return ("", number) if is_mobile_phone(number) else ("no_number", "")


def _send(
    delivery: Delivery,
    gateway: SmsGateway,
    rules: SendingRules,
    clock: Callable[[], datetime],
    done: Delivered,
) -> None:
    """Hand it over and note what came of it."""
    try:
        words = rules.signature + delivery.message.body
    except UnreadableSecretError:
        _noted(delivery, lambda row: _give_up(row, "unreadable", "", done))
        return
    try:
        receipt = gateway.send(Sms(str(delivery.send_key), delivery.receiver, words))
    except (GatewayUnreachableError, OSError) as error:
        _put_off(delivery, str(getattr(error, "zh", type(error).__name__)), rules, clock(), done)
        return
    except (SmsRefusedError, SmsAlteredError) as error:
        if isinstance(error, SmsRefusedError):
            reason, detail = "refused", error.code
        else:
            reason, detail = "altered", error.zh
        _noted(delivery, lambda row: _give_up(row, reason, detail, done))
        return
    moment = clock()

    def note(row: Delivery) -> None:
        row.state = advance(row.state, "note_sent")
        row.sent_at, row.reference, row.taken_until = moment, receipt.reference, None
        row.reason = row.detail = ""
        row.save(update_fields=["state", "sent_at", "reference", "taken_until", "reason", "detail"])
        done.sent += 1

    _noted(delivery, note)


def _noted(delivery: Delivery, note: Callable[[Delivery], None]) -> None:
    """Note the outcome, unless another process, which took it over, noted it before us."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if row.state == "sending":
            note(row)


def _put_off(delivery: Delivery, detail: str, rules: SendingRules, at: datetime, done: Delivered) -> None:
    def note(row: Delivery) -> None:
        if row.attempts > len(rules.retry_minutes):
            _give_up(row, "given_up", detail, done)
            return
        row.state = advance(row.state, "put_off")
        row.not_before = at + timedelta(minutes=rules.retry_minutes[row.attempts - 1])
        row.taken_until, row.detail = None, detail[:DETAIL_LENGTH]
        row.save(update_fields=["state", "not_before", "taken_until", "detail"])
        done.put_off += 1

    _noted(delivery, note)


def _give_up(delivery: Delivery, reason: str, detail: str, done: Delivered) -> None:
    delivery.state = advance(delivery.state, "give_up")
    delivery.reason, delivery.detail, delivery.taken_until = reason, detail[:DETAIL_LENGTH], None
    delivery.save(update_fields=["state", "reason", "detail", "taken_until"])
    done.undeliverable += 1
