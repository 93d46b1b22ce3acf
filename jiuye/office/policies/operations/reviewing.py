"""Another person reads a draft and says yes or sends it back; then it is published, as it was read, with the day it holds from."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.office.policies.checking import Checked, check_texts, current_text
from jiuye.office.policies.models import Draft, Publication, Review
from jiuye.office.policies.operations.drafting import UnsoundDraftError, locked, texts_of_draft
from jiuye.office.policies.refusals import PolicyRefusal
from jiuye.office.policies.states import advance, transition
from jiuye.office.policies.texts import hash_of
from jiuye.office.staff.queries import Actor, require


class OwnDraftError(PolicyRefusal):
    """Nobody reviews or publishes what they wrote themselves."""

    def __init__(self) -> None:
        super().__init__(gettext("这份草案是您起草的，须由另一人审核和公布。"))


class StaleDraftError(PolicyRefusal):
    """The rules that the draft builds on were published anew meanwhile: published as it is, it would undo that."""

    def __init__(self, path: str) -> None:
        super().__init__(
            gettext(
                "“%(path)s”在起草之后又有公布，照这份草案公布会把它改回去。请退回起草人，按现行内容重新起草。"
            )
            % {"path": path}
        )


class TooEarlyError(PolicyRefusal):
    """The day from which it holds lies in the past, or before that of what it builds on."""

    def __init__(self, effective_on: date, least: date) -> None:
        super().__init__(
            gettext("施行日期 %(day)s 太早；最早可以是 %(least)s。")
            % {"day": effective_on.isoformat(), "least": least.isoformat()}
        )


@transaction.atomic
def return_draft(*, actor: Actor, draft_id: int, note: str, at: datetime) -> Draft:
    """Send it back with the reason. Raises NotPermittedError, OwnDraftError, WrongDraftStateError, NoteMissingError."""
    return _review(actor, draft_id, "return", "returned", note, at)


@transaction.atomic
def approve_draft(*, actor: Actor, draft_id: int, note: str = "", at: datetime) -> Draft:
    """Say yes to exactly these texts. Raises also UnsoundDraftError, where what it builds on has changed under it."""
    return _review(actor, draft_id, "approve", "approved", note, at)


def _review(actor: Actor, draft_id: int, act: str, verdict: str, note: str, at: datetime) -> Draft:
    draft = _by_another(actor, draft_id, act)
    state = advance(draft.state, act, note=note)
    texts = texts_of_draft(draft)
    if act == "approve":
        _require_sound(texts)
    with pghistory.context(operation=f"policies.{act}", account=actor.account_id):
        Review.objects.create(
            draft=draft,
            author_id=draft.author_id,
            reviewer_id=actor.account_id,
            verdict=verdict,
            note=note.strip(),
            content_hash=hash_of(texts),
            reviewed_at=at,
        )
        draft.state, draft.changed_at = state, at
        draft.save(update_fields=["state", "changed_at"])
    return draft


@transaction.atomic
def publish_draft(*, actor: Actor, draft_id: int, effective_on: date, on: date, at: datetime) -> Publication:
    """Publish what was approved, to hold from `effective_on`. It comes into force by `entitlements.operations.publishing`.

    Raises NotPermittedError, OwnDraftError, WrongDraftStateError, TooEarlyError, StaleDraftError, UnsoundDraftError.
    """
    draft = _by_another(actor, draft_id, "publish")
    state = advance(draft.state, "publish")
    texts = texts_of_draft(draft)
    for file in draft.files.order_by("path"):
        if file.base_text != current_text(file.path):
            raise StaleDraftError(file.path)
    least = earliest_day(texts, on)
    if effective_on < least:
        raise TooEarlyError(effective_on, least)
    checked = _require_sound(texts)
    approval = draft.reviews.filter(verdict="approved", content_hash=hash_of(texts)).order_by("-pk").first()
    assert approval is not None  # the state says so, and the texts of an approved draft cannot change
    with pghistory.context(operation="policies.publish", account=actor.account_id):
        publication = Publication.objects.create(
            draft=draft,
            title=draft.title,
            files=texts,
            policies=list(checked.policies),
            content_hash=hash_of(texts),
            version=checked.pack.version,
            effective_on=effective_on,
            written_by_id=draft.author_id,
            reviewed_by_id=approval.reviewer_id,
            published_by_id=actor.account_id,
            published_on=on,
            published_at=at,
        )
        draft.state, draft.changed_at = state, at
        draft.save(update_fields=["state", "changed_at"])
    return publication


def earliest_day(texts: dict[str, str], on: date) -> date:
    """The first day from which these files may hold: not before today, nor before what they build on."""
    waiting = Publication.objects.filter(effect__isnull=True).order_by("pk")
    days = [row.effective_on for row in waiting if not texts.keys().isdisjoint(row.files)]
    return max([on, *days])


def _require_sound(texts: dict[str, str]) -> Checked:
    checked = check_texts(texts)
    if not checked.sound:
        raise UnsoundDraftError(checked)
    return checked


def _by_another(actor: Actor, draft_id: int, act: str) -> Draft:
    require(actor, transition(act).permission)
    draft = locked(draft_id)
    if draft.author_id == actor.account_id:
        raise OwnDraftError
    return draft
