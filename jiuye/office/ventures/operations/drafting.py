"""An application is kept as it is filled in, so that a lost session or a refusal loses nothing of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, within
from jiuye.office.ventures.drafts import FIELDS, LoanDraft
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.states import APPLYING


def draft_of(*, actor: Actor, about: str = "") -> dict[str, str]:
    """What this account has filled in of that form and not handed in; empty where there is nothing."""
    found = LoanDraft.objects.filter(account_id=actor.account_id, about=about).order_by("pk").first()
    return json.loads(found.answers) if found is not None else {}


def save_draft(*, actor: Actor, about: str = "", answers: Mapping[str, str], at: datetime) -> None:
    """Keep the form as it stands, in place of what was kept of it. An application that has arrived meanwhile is not brought back by
    a save that was on its way.

    Raises NotPermittedError, TooLongError.
    """
    require(actor, "own.confirm" if actor.may("own.confirm") else "ventures.record")
    given = {
        name: within(answers[name], LINE, "表单", name) for name in FIELDS if answers.get(name, "").strip()
    }
    if _arrived(actor, given.get("employer_id", "")):
        return
    LoanDraft.objects.update_or_create(
        account_id=actor.account_id,
        about=about,
        defaults={"answers": json.dumps(given, ensure_ascii=False, sort_keys=True), "saved_at": at},
    )


def forget_draft(*, actor: Actor, employer_id: int) -> None:
    """What this account has kept of an application for that business goes, in the transaction in which it is applied for."""
    for draft in LoanDraft.objects.filter(account_id=actor.account_id).order_by("pk"):
        if json.loads(draft.answers).get("employer_id") == str(employer_id):
            draft.delete()


def _arrived(actor: Actor, employer_id: str) -> bool:
    if not employer_id.isdecimal():
        return False
    return Loan.objects.filter(
        employer_id=int(employer_id), applied_by_id=actor.account_id, state__in=APPLYING
    ).exists()
