"""What the rules of retention mean in this room: how to reach somebody who objected, once that is long settled, relatives' authorities that are
over, and the papers of what was taken back. And how papers go, for the rooms above."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pgtrigger
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from jiuye.office.casework.models.authorities import Authority
from jiuye.office.casework.models.beside import CaseEvidence, PaperGiven, ReviewOfRefusal
from jiuye.office.casework.models.cases import Case, CaseEvent
from jiuye.office.casework.models.objections import ObjectionRaised
from jiuye.office.casework.papers import forget_papers
from jiuye.office.casework.timeline import record
from jiuye.office.staff.retention import Erasing

HOLDER_ERASED = "（已按保存期限删除）"  # that there was one stays on record


def _settled(before: datetime) -> list[QuerySet]:
    """Objections and requests for review, of cases and of whatever the rooms above have, settled before that moment with a contact left."""
    day = before.date()
    found = [model._default_manager.filter(resolved_on__lt=day) for model in ObjectionRaised.__subclasses__()]
    found += [model._default_manager.filter(decided_on__lt=day) for model in ReviewOfRefusal.__subclasses__()]
    return [rows.exclude(contact=b"") for rows in found]


def _erase_contacts(before: datetime, at: datetime) -> int:
    """Telephone numbers and addresses go; the words and the decision stay on the file."""
    number = 0
    for rows in _settled(before):
        keys = list(rows.select_for_update().order_by("pk").values_list("pk", flat=True))
        number += rows.model._default_manager.filter(pk__in=keys).update(contact="")
        forget_in_versions(rows.model, keys, contact="")
    return number


def forget_in_versions(model: type[Model], keys: list[int], **fields: Any) -> None:
    """Write these over what the history of the rows holds: what is erased stands nowhere, not even as it once was."""
    versions = model.pgh_event_model
    with pgtrigger.ignore(f"{versions._meta.label}:append_only"):
        versions.objects.filter(pgh_obj_id__in=keys).update(**fields)


def erase_papers(papers: QuerySet[PaperGiven], *, at: datetime) -> None:
    """Delete the rows in the caller's transaction, and after it the files that nothing else names."""
    digests = set(papers.exclude(file_digest="").order_by("pk").values_list("file_digest", flat=True))
    with pgtrigger.ignore(f"{papers.model._meta.label}:append_only"):
        papers.delete()
    transaction.on_commit(lambda: forget_papers(digests, at=at))


def _over(before: datetime) -> QuerySet[Authority]:
    """Authorities that ended before that moment and by which no subsidy was asked for: with a subsidy they prove who asked, as long as it is kept."""
    day = before.date()
    ended = Q(withdrawn_on__lt=day) | Q(until__lt=day)
    return Authority.objects.filter(ended, erased_on__isnull=True).exclude(uses__about__startswith="case:")


def _erase_authorities(before: datetime, at: datetime) -> int:
    """Who the holder was and the file go, from the history too; that there was an authority, from when until when, and what was done by it, stay."""
    found = list(
        Authority.objects.select_for_update(of=("self",)).filter(pk__in=_over(before)).order_by("pk")
    )
    # Which officers bore the name tells it as well, and so does its key.
    gone = {
        "holder_name": HOLDER_ERASED,
        "holder_id_number": "",
        "holder_key": "",
        "holder_accounts": [],
        "file_name": "",
        "file_digest": "",
    }
    digests = {authority.file_digest for authority in found}
    for authority in found:
        for name, value in gone.items():
            setattr(authority, name, value)
        authority.file_bytes, authority.erased_on = 0, at.date()
        authority.save(update_fields=[*gone, "file_bytes", "erased_on"])
    forget_in_versions(Authority, [authority.pk for authority in found], **gone)
    transaction.on_commit(lambda: forget_papers(digests, at=at))
    return len(found)


def _withdrawn(before: datetime) -> QuerySet[Case]:
    """Taken back before that moment, with papers still there. What was once approved is a voucher of the books, and kept with them."""
    found = Case.objects.filter(state="withdrawn", timeline__act="withdraw", evidence__isnull=False)
    late = CaseEvent.objects.filter(case=OuterRef("pk"), act="withdraw", at__gte=before)
    return found.exclude(Exists(late)).exclude(timeline__act="approve").distinct()


def erase_papers_of(withdrawn: QuerySet[Any], papers: type[PaperGiven], of: str, *, at: datetime) -> int:
    """The papers of cases or loans that were taken back; `of` is their field of these. That somebody asked, for what and when stays."""
    things = list(withdrawn.model.objects.select_for_update().filter(pk__in=withdrawn).order_by("pk"))
    for thing in things:
        record(thing, "erase", actor=None, on=at.date(), at=at, note="材料已按保存期限删除")
    erase_papers(papers._default_manager.filter(**{f"{of}__in": [thing.pk for thing in things]}), at=at)
    return len(things)


def _erase_withdrawn(before: datetime, at: datetime) -> int:
    return erase_papers_of(_withdrawn(before), CaseEvidence, "case", at=at)


ERASES = {
    "withdrawn_matters": Erasing(lambda before: _withdrawn(before).count(), _erase_withdrawn),
    "ended_authorities": Erasing(lambda before: _over(before).count(), _erase_authorities),
    "objectors_contacts": Erasing(
        lambda before: sum(rows.count() for rows in _settled(before)), _erase_contacts
    ),
}
