"""Publications come into force: they join the rules and everyone whom they concern is decided anew, in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pghistory
from django.conf import settings
from django.db import transaction

from jiuye.engine.rules.ready import ready_pack
from jiuye.engine.rules.simulate import changed_policies
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import run_sweep
from jiuye.office.policies.book import book_in_force, overlay_in_force
from jiuye.office.policies.models import Effect, Publication
from jiuye.office.policies.operations import publish_draft
from jiuye.office.policies.queries.standing import due
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.rows import unscoped

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class CameIntoForce:
    """What one run brought into force, and what it could not, since it does not load over what stands."""

    effects: tuple[Effect, ...]
    refused: tuple[Publication, ...]


def publish_and_apply(
    *, actor: Actor, draft_id: int, effective_on: date, on: date, at: datetime
) -> Publication:
    """Publish an approved draft; where it holds from today, it comes into force at once. Raises what `publish_draft` raises."""
    publication = publish_draft(actor=actor, draft_id=draft_id, effective_on=effective_on, on=on, at=at)
    if effective_on <= on:
        bring_into_force(actor=None, on=on, at=at)
    return publication


@unscoped("what comes into force decides everyone")
def bring_into_force(
    *, actor: Actor | None, on: date, at: datetime, progress: Progress = lambda name: None
) -> CameIntoForce:
    """Every publication whose day has come joins the rules, the earliest first; `actor` is None for the nightly run.

    Each is one transaction with the sweep of the policies that it changes, so that nobody sees a decision of one version beside
    rules of another. One that does not load over what stands is left out, and stays due. Raises NotPermittedError.
    """
    if actor is not None:
        require(actor, "policies.publish")
    effects, refused = [], []
    for publication in list(due(on)):
        effect = _bring(publication, on, at, progress)
        if effect is None:
            refused.append(publication)
        else:
            effects.append(effect)
    return CameIntoForce(tuple(effects), tuple(refused))


def _bring(publication: Publication, on: date, at: datetime, progress: Progress) -> Effect | None:
    with transaction.atomic(), pghistory.context(operation="entitlements.bring_into_force"):
        # Two at once, the night's run and a publisher: the second waits here, and then finds it done.
        Publication.objects.select_for_update().get(pk=publication.pk)
        if Effect.objects.filter(publication=publication).exists():
            return None
        pack, problems = ready_pack(Path(settings.PACK), {**overlay_in_force(), **publication.files})
        if problems.errors:
            return None
        before = book_in_force().pack
        changed = [name for name in changed_policies(before, pack) if name in pack.policies]
        effect = Effect.objects.create(
            publication=publication, on_date=on, at=at, version=pack.version, policies=changed
        )
        if changed and Entitlement.objects.exists():
            run_sweep(actor=None, on=on, at=at, policies=changed, progress=progress)
        return effect
