"""An application is kept as it is filled in, so that a lost session or a refusal loses nothing of it.

One's own form belongs to one's account. What is filled in at a counter is gone on with by whoever may take applications there: the place of
the business that it names, or the officer's own as long as it names none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext

from jiuye.office.registry.models import Employer
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, Refusal, within
from jiuye.office.ventures.drafts import FIELDS, LoanDraft
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.queries import counter_drafts
from jiuye.office.ventures.states import APPLYING

RECORD = "ventures.record"


class DraftGoneError(Refusal):
    """A colleague has handed the draft in, or its time was over: a save that was on its way does not bring it back."""

    def __init__(self) -> None:
        super().__init__(gettext("这份草稿已经提交或者删除，刚才填的没有保存；请回到“窗口草稿”再看。"))


def draft_of(*, actor: Actor, about: str = "", draft_id: int | None = None) -> LoanDraft | None:
    """What was filled in of that form and not handed in: this account's, else, at the counter, the one that a colleague began for the same
    founder. `draft_id` asks for one of the counter's itself. None where there is nothing that the actor may go on with.
    """
    if draft_id is not None:
        return counter_drafts(actor).filter(pk=draft_id).first()
    own = LoanDraft.objects.filter(account_id=actor.account_id, about=about).order_by("pk").first()
    if own is not None or not about:
        return own
    return counter_drafts(actor).filter(about=about).first()


def save_draft(
    *,
    actor: Actor,
    about: str = "",
    draft_id: int | None = None,
    answers: Mapping[str, str],
    at: datetime,
) -> None:
    """Keep the form as it stands, in place of what was kept of it. An application that has arrived meanwhile is not brought back by
    a save that was on its way.

    Raises NotPermittedError, TooLongError, DraftGoneError.
    """
    own = actor.may("own.confirm")
    require(actor, "own.confirm" if own else RECORD)
    given = {
        name: within(answers[name], LINE, "表单", name) for name in FIELDS if answers.get(name, "").strip()
    }
    if _arrived(actor, given.get("employer_id", "")):
        return
    kept = draft_of(actor=actor, about=about, draft_id=draft_id)
    if kept is None and draft_id is not None:
        raise DraftGoneError
    values = {
        "answers": json.dumps(given, ensure_ascii=False, sort_keys=True),
        "saved_at": at,
        "division_code": "" if own else _counter(actor, given.get("employer_id", "")),
    }
    if kept is None:
        LoanDraft.objects.update_or_create(account_id=actor.account_id, about=about, defaults=values)
    elif not LoanDraft.objects.filter(pk=kept.pk).update(**values):
        raise DraftGoneError


def forget_draft(*, actor: Actor, employer: Employer, draft_id: int | None = None) -> None:
    """What was kept of an application for that business goes, in the transaction in which it is applied for: this account's, and where it
    is taken at the counter the counter's, and the very draft that it was filled in from."""
    kept = Q(account_id=actor.account_id)
    if actor.may(RECORD):
        kept |= Q(division_code=employer.division_id)
        if draft_id is not None:
            counter_drafts(actor).filter(pk=draft_id).delete()
    for draft in LoanDraft.objects.filter(kept).order_by("pk"):
        if draft.given.get("employer_id") == str(employer.pk):
            draft.delete()


def _counter(actor: Actor, employer_id: str) -> str:
    """Whose officers may go on with what this one fills in."""
    places = actor.scopes(RECORD)
    if employer_id.isdecimal():
        found = Employer.objects.filter(pk=int(employer_id)).order_by("pk")
        division = found.values_list("division_id", flat=True).first()
        if division and any(division.startswith(place) for place in places):
            return str(division)
    return places[0]


def _arrived(actor: Actor, employer_id: str) -> bool:
    """At the counter it may have been a colleague who handed it in."""
    if not employer_id.isdecimal():
        return False
    arrived = Loan.objects.filter(employer_id=int(employer_id), state__in=APPLYING)
    return (arrived if actor.may(RECORD) else arrived.filter(applied_by_id=actor.account_id)).exists()
