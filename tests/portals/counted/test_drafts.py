"""The workbench's pages of a draft in every state, of what it would bring, and of its publication."""

# ruff: noqa: F811 (fixtures by name)

from __future__ import annotations

from datetime import timedelta

import pytest

from jiuye.office.entitlements import operations as entitlements
from jiuye.office.entitlements.simulating import simulate_drafts
from jiuye.office.policies import operations
from jiuye.office.policies.models import Publication
from tests.office.policies.conftest import AT, ON, drafted, with_share
from tests.portals.counting import Walk, client_of
from tests.portals.workbench.conftest import (  # noqa: F401 (the fixtures are used by name)
    _office,
    flexible_worker,
    pack,
    person,
    reviewer,
    town,
    writer,
)

pytestmark = pytest.mark.django_db
OF_A_DRAFT = ("draft", "values", "boundaries", "simulate", "review", "patch")
PAGES = frozenset(
    {
        *(f"workbench:{page}" for page in OF_A_DRAFT),
        "workbench:publication",
        "workbench:publication_patch",
        "workbench:simulation",
        "workbench:workbook",
    }
)


def test_the_pages_of_a_draft_hold_to_fifteen_from_its_first_word_to_its_publication(
    pack,
    writer,
    reviewer,
    flexible_worker,
):
    entitlements.run_sweep(actor=None, on=ON, at=AT)
    walk, clients = Walk(), {"writer": client_of(writer), "reviewer": client_of(reviewer)}

    def look(draft) -> None:
        draft.refresh_from_db()
        for page in OF_A_DRAFT:
            walk.open(
                {f"{who} ({draft.state})": one for who, one in clients.items()}, f"workbench:{page}", draft.pk
            )

    draft = drafted(writer, with_share(pack))
    look(draft)
    run = simulate_drafts(actor=writer, draft_ids=[draft.pk], on=ON, at=AT)
    look(draft)
    for page in ("simulation", "workbook"):
        walk.open(clients, f"workbench:{page}", run.pk)
    operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)
    look(draft)
    operations.approve_draft(actor=reviewer, draft_id=draft.pk, note="", at=AT)
    look(draft)
    operations.publish_draft(
        actor=reviewer, draft_id=draft.pk, effective_on=ON + timedelta(days=5), on=ON, at=AT
    )
    look(draft)
    for page in ("publication", "publication_patch"):
        walk.open(clients, f"workbench:{page}", Publication.objects.get().pk)
    walk.hold(PAGES)
