"""The night of a day begun, gone on with and ended: by one process at a time, done once, and what failed told to the administrators.

1. A row for each office day holds which steps were done; the day is unique in its table.
2. One process at a time is at a night, whichever day's, under an advisory lock that a killed process loses. What it did not note is done
   again: every step does what was not done, and nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

from django.db import connection, transaction
from django.utils.translation import gettext, override

from jiuye.engine.messages import Words
from jiuye.office.casework.telling import day_words
from jiuye.office.messages.operations import write
from jiuye.office.nights.models import Night
from jiuye.office.nights.queries import LOCK_CLASS, LOCK_NUMBER, MOST_TRIES, may_begin
from jiuye.office.nights.states import BROKEN_OFF, STEPS
from jiuye.office.staff.alone import alone_with
from jiuye.office.staff.queries import posts_in_force
from jiuye.office.staff.roles import ADMINISTRATOR


@contextmanager
def alone() -> Iterator[bool]:
    """True where no other process is at a night; held until the end of the block.

    In a session of its own: a step that broke its connection takes another one, and the lock must not go with it.
    """
    session = connection.copy()
    try:
        with alone_with(LOCK_CLASS, LOCK_NUMBER, session=session) as ours:
            yield ours
    finally:
        session.close()


def begin(*, on: date, at: datetime, owed: bool) -> Night | None:
    """Note that a try of that day's night begins, within `alone`. `owed`: only where it is, behind the steps that were done; None otherwise.

    Else every step is done anew. Raises MessagesUnreadableError where one that is given up cannot be told of.
    """
    with transaction.atomic():
        night, new = Night.objects.select_for_update().get_or_create(on_date=on, defaults={"begun_at": at})
        if owed and not new and not may_begin(night, at):
            return None
        left = [step for step in STEPS if step not in night.done]
        given_up = owed and bool(left) and night.state == "running" and night.tries >= MOST_TRIES
        if not given_up:
            night.state, night.failed, night.begun_at, night.ended_at = "running", {}, at, None
            night.done = night.done if owed else []
            night.tries += 1
            night.save()
    if given_up:
        end(night, failed={left[0]: _in_both(BROKEN_OFF, number=MOST_TRIES)}, on=on, at=at)
    return None if given_up else night


def note_step(night: Night, step: str) -> None:
    """That step is done: a try after this one was killed goes on behind it."""
    if step not in night.done:
        night.done = [*night.done, step]
        night.save(update_fields=["done"])


def end(night: Night, *, failed: Mapping[str, Words], on: date, at: datetime) -> int:
    """The try has ended; `failed` says by step why it was not done. Returns how many administrators were told of it: each once a night
    of the same steps. Raises MessagesUnreadableError, with the end noted all the same."""
    night.state, night.ended_at = ("failed" if failed else "done"), at
    night.failed = {step: [why.zh, why.en] for step, why in failed.items()}
    night.save(update_fields=["state", "ended_at", "failed"])
    with transaction.atomic():
        return _tell(night, failed, on, at) if failed else 0


def _tell(night: Night, failed: Mapping[str, Words], on: date, at: datetime) -> int:
    which = ".".join(str(number) for number, step in enumerate(STEPS) if step in failed)
    names = [_in_both(STEPS[step]) for step in failed]
    first = next(iter(failed.values()))
    told = 0
    for account, place in sorted(_administrators(on).items()):
        told += (
            write(
                occasion="night_failed",
                key=f"night_failed:{account}:{night.on_date}:{which}",
                about=f"night:{night.on_date}",
                recipient_kind="officer",
                person_id=None,
                employer_id=None,
                account_id=account,
                division_code=place,
                values={
                    "day": day_words(night.on_date),
                    "count": Words(str(len(failed))),
                    "steps": Words(
                        "、".join(name.zh for name in names), ", ".join(name.en for name in names)
                    ),
                    "reason": first,
                },
                on=on,
                at=at,
            )
            is not None
        )
    return told


def _administrators(on: date) -> dict[int, str]:
    """The administrators of the widest place that has any, with that place: the night is the whole installation's."""
    posts = posts_in_force(on=on).filter(role=ADMINISTRATOR, account__is_active=True).order_by("pk")
    held = list(posts.values_list("account_id", "division_code"))
    widest = min((len(place) for _, place in held), default=0)
    return {account: place for account, place in held if len(place) == widest}


def _in_both(text: str, **values: object) -> Words:
    with override("zh-hans"):
        chinese = gettext(text) % values
    with override("en"):
        return Words(chinese, gettext(text) % values)
