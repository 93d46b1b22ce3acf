"""Drafts and publications: lists, one of each, what they change, and what this person may do with them now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Prefetch, Q, QuerySet, Value
from django.utils.translation import gettext

from jiuye.office.policies.book import overlay_published
from jiuye.office.policies.checking import current_text
from jiuye.office.policies.models import Draft, DraftFile, Publication, Simulation, SimulationRequest
from jiuye.office.policies.operations.drafting import NoSuchDraftError, files_of, texts_of_draft
from jiuye.office.policies.refusals import PolicyRefusal
from jiuye.office.policies.states import LIVE_STATES, TRANSITIONS, Transition
from jiuye.office.policies.texts import file_in, file_patch, patch
from jiuye.office.staff.queries import Actor, require


class NoSuchPublicationError(PolicyRefusal, LookupError):
    """No publication of that number."""

    def __init__(self, number: int) -> None:
        super().__init__(
            gettext("没有编号为 %(number)d 的公布；用 jiuye policy list 查看。") % {"number": number}
        )


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a draft beside what stands now. `lines` are those of the diff, each with its kind: add, drop, same, head."""

    path: str
    new: bool
    lines: tuple[tuple[str, str], ...]


def all_drafts(*, actor: Actor, live: bool = True) -> QuerySet[Draft]:
    """Drafts with the `paths` of their files, the last changed first; with `live` those that may still become rules.

    Raises NotPermittedError.
    """
    require(actor, "policies.see")
    paths = ArrayAgg("files__path", order_by="files__path", filter=Q(files__isnull=False), default=Value([]))
    found = Draft.objects.select_related("author").annotate(paths=paths)
    return (found.filter(state__in=LIVE_STATES) if live else found).order_by("-changed_at", "-pk")


def one_draft(*, actor: Actor, draft_id: int) -> Draft:
    """One draft with its files, which its page asks for several times. Raises NotPermittedError and NoSuchDraftError."""
    require(actor, "policies.see")
    rows = Draft.objects.select_related("author").prefetch_related(
        Prefetch("files", DraftFile.objects.order_by("path"))
    )
    found = rows.filter(pk=draft_id).order_by("pk").first()
    if found is None:
        raise NoSuchDraftError(draft_id)
    return found


def other_drafts(*, actor: Actor, draft: Draft) -> QuerySet[Draft]:
    """The live drafts that may be simulated beside this one. Raises NotPermittedError."""
    return all_drafts(actor=actor).exclude(pk=draft.pk)


def one_simulation(*, actor: Actor, simulation_id: int) -> Simulation | None:
    """One run with its draft; None where there is none. Raises NotPermittedError."""
    require(actor, "policies.see")
    found = Simulation.objects.select_related("draft__author", "made_by").filter(pk=simulation_id)
    return found.order_by("pk").first()


def last_asked(*, actor: Actor, draft: Draft) -> SimulationRequest | None:
    """The newest simulation asked for of the draft, by whom; None before the first. Raises NotPermittedError."""
    require(actor, "policies.see")
    rows = SimulationRequest.objects.select_related("asked_by").filter(draft=draft)
    return rows.order_by("-pk").first()


def one_publication(*, actor: Actor, publication_id: int) -> Publication | None:
    """One publication; None where there is none. Raises NotPermittedError."""
    require(actor, "policies.see")
    rows = Publication.objects.select_related("draft", "written_by", "reviewed_by", "published_by", "effect")
    return rows.filter(pk=publication_id).order_by("pk").first()


def publications(*, actor: Actor) -> QuerySet[Publication]:
    """Everything published, the latest day first. Raises NotPermittedError."""
    require(actor, "policies.see")
    rows = Publication.objects.select_related("written_by", "reviewed_by", "published_by", "effect")
    return rows.order_by("-effective_on", "-pk")


def draft_acts(*, actor: Actor, draft: Draft) -> list[Transition]:
    """What this person may do with the draft now, in the order of the table."""
    own = draft.author_id == actor.account_id
    return [
        row
        for row in TRANSITIONS
        if draft.state in row.sources
        and actor.may(row.permission)
        and not (row.author_only and not own)
        and not (row.other_person and own)
    ]


def draft_changes(*, actor: Actor, draft: Draft) -> list[FileChange]:
    """What the draft changes, file by file, against what it began from. Raises NotPermittedError."""
    require(actor, "policies.see")
    changes = []
    for file in files_of(draft):
        lines = file_patch(file.base_text, file.text, file.path).splitlines()
        kinds = tuple(
            (_kind(line), line) for line in lines if not line.startswith(("diff ", "---", "+++", "new file"))
        )
        changes.append(FileChange(file.path, file.base_text is None, kinds))
    return changes


def _kind(line: str) -> str:
    return {"+": "add", "-": "drop", "@": "head"}.get(line[:1], "same")


def draft_patch(*, actor: Actor, draft: Draft) -> str:
    """The draft as a patch to the pack's files. Raises NotPermittedError."""
    require(actor, "policies.see")
    return _against_files(texts_of_draft(draft))


def publication_patch(*, actor: Actor, publication: Publication) -> str:
    """What was published as a patch to the pack's files; empty where they say it already. Raises NotPermittedError."""
    require(actor, "policies.see")
    return _against_files(publication.files)


def patch_of(number: int, *, draft: bool) -> str:
    """The patch of a publication, or of a draft, by its number: for whoever has the machine. Raises LookupError."""
    if draft:
        found = Draft.objects.filter(pk=number).order_by("pk").first()
        if found is None:
            raise NoSuchDraftError(number)
        return _against_files(texts_of_draft(found))
    publication = Publication.objects.filter(pk=number).order_by("pk").first()
    if publication is None:
        raise NoSuchPublicationError(number)
    return _against_files(publication.files)


def _against_files(texts: dict[str, str]) -> str:
    folder = Path(settings.PACK)
    before = {name: file_in(folder, name) for name in texts}
    return patch(before, texts, f"plans/{folder.name}")


def stale_files(draft: Draft) -> list[str]:
    """Files that were published anew since the draft took them up."""
    published = overlay_published()
    return [file.path for file in files_of(draft) if file.base_text != current_text(file.path, published)]
