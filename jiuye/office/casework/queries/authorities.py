"""Relatives' authorities as pages show them: one resident's for the desk, one's own with everything done by them."""

from __future__ import annotations

from jiuye.office.casework.authorities import MayBeHolder, SpokenFor
from jiuye.office.casework.models import Authority
from jiuye.office.staff.queries import Actor, require

NEWEST_FIRST = ("-recorded_on", "-pk")


def authorities_of_person(person_id: int, *, seen_by: Actor) -> list[Authority]:
    """One resident's, the newest first, for a desk page that has checked its scope; each says whether the officer `may_be_holder`."""
    found = Authority.objects.filter(person_id=person_id).select_related("person")
    asked = found.annotate(may_be_holder=MayBeHolder(seen_by.account_id, authority="pk"))
    return list(asked.order_by(*NEWEST_FIRST))


def own_authorities(actor: Actor) -> list[Authority]:
    """One's own, the newest first, each with what was done by it (`uses`). Raises NotPermittedError; an employer gives none."""
    require(actor, "own.see")
    if actor.kind != "resident":
        return []
    found = Authority.objects.filter(person_id=int(actor.subject_key)).select_related("person")
    return list(found.prefetch_related("uses").order_by(*NEWEST_FIRST))


def speaker_of(thing: SpokenFor) -> Authority | None:
    """By whose authority a case's or a matter's applicant is spoken for; None where they come themselves, or where it lies in another place."""
    if thing.authority_id is None:
        return None
    return Authority.objects.select_related("person").filter(pk=thing.authority_id).first()
