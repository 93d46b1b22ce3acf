"""Lists that leave the system as a file: recorded with their purpose, and with whom they show, before they are handed out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.office.casework.queries import gap as queries
from jiuye.office.casework.refusals import Refusal
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LINE, within

MOST_HANDED_OUT = 5_000
KEY_LENGTH, FIELD_LENGTH, PURPOSE_LENGTH = 40, 40, 200


class PurposeMissingError(Refusal):
    """A list of people leaves the system only for a stated purpose."""

    def __init__(self) -> None:
        super().__init__(gettext("请写明下载名单的事由。"))


@dataclass(frozen=True, slots=True)
class HandedOut:
    """The first rows of a list, masked, and how many there are in all."""

    items: list[queries.GapItem]
    total: int


@transaction.atomic
def hand_out_gap(
    *, actor: Actor, policy_id: str, group: str, division: str, purpose: str, on: date, at: datetime
) -> HandedOut:
    """Those behind one number of the gap, for a file. Raises NotPermittedError, PurposeMissingError, NoSuchGroupError."""
    found = queries.behind(actor, policy_id, group, on=on, division=division)
    if not purpose.strip():
        raise PurposeMissingError
    rows = list(found[:MOST_HANDED_OUT])
    with pghistory.context(operation="casework.hand_out_gap", account=actor.account_id):
        record_look(
            actor=actor,
            subject_kind="gap",
            subject_key=policy_id[:KEY_LENGTH],
            field=f"{group} {division}".strip()[:FIELD_LENGTH],
            purpose=within(purpose, LINE, "查看事由"),
            at=at,
            showing=_shown(rows),
        )
    items = queries.as_gap_items(rows, group, on=on)
    return HandedOut(items, found.count())


def _shown(rows: Sequence[Any]) -> list[tuple[str, str]]:
    """Whom the file names, masked."""
    return [
        (row.recipient_kind, str(row.person_id if row.recipient_kind == "person" else row.employer_id))
        for row in rows
    ]
