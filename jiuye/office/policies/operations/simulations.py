"""Keeping what a simulation found. The run itself needs everyone's facts, and is made above, in `entitlements`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.office.policies.models import Draft, Simulation
from jiuye.office.policies.operations.drafting import texts_of_draft
from jiuye.office.policies.refusals import PolicyRefusal
from jiuye.office.policies.texts import hash_of
from jiuye.office.staff.queries import Actor, require

MOST_DRAFTS = 4


class TooManyDraftsError(PolicyRefusal):
    """More drafts than can be read side by side."""

    def __init__(self) -> None:
        super().__init__(gettext("一次最多比较 %(most)d 份草案。") % {"most": MOST_DRAFTS})


@transaction.atomic
def keep_simulation(
    *,
    actor: Actor,
    drafts: Sequence[Draft],
    base_version: str,
    columns_on: date,
    result: dict[str, Any],
    seconds: int,
    at: datetime,
) -> Simulation:
    """Keep one run under its first draft. Raises NotPermittedError and TooManyDraftsError."""
    require(actor, "policies.simulate")
    if len(drafts) > MOST_DRAFTS:
        raise TooManyDraftsError
    with pghistory.context(operation="policies.simulate", account=actor.account_id):
        return Simulation.objects.create(
            draft=drafts[0],
            beside=[draft.pk for draft in drafts[1:]],
            content_hashes={str(draft.pk): hash_of(texts_of_draft(draft)) for draft in drafts},
            base_version=base_version,
            columns_on=columns_on,
            result=result,
            seconds=seconds,
            made_by_id=actor.account_id,
            made_at=at,
        )
