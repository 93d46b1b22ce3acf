"""What the rules of retention mean in this room: how to reach somebody who objected, once that is long settled. And how papers go, for the rooms above."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.db import transaction
from django.db.models import Model, QuerySet

from jiuye.office.casework.models.beside import PaperGiven, ReviewOfRefusal
from jiuye.office.casework.models.objections import ObjectionRaised
from jiuye.office.casework.papers import forget_papers
from jiuye.office.staff.retention import Erasing


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


def forget_in_versions(model: type[Model], keys: list[int], **fields: str) -> None:
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


ERASES = {
    "objectors_contacts": Erasing(
        lambda before: sum(rows.count() for rows in _settled(before)), _erase_contacts
    )
}
