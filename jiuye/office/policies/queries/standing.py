"""The rules in force as an officer looks at them: which policies, in which version, and what runs out soon."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet

from jiuye.engine.basis.problems import Problem
from jiuye.engine.rules.checks import expiring
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.office.policies.book import Book, book_in_force, overlay_in_force
from jiuye.office.policies.models import Draft, Effect, PolicyVersion, Publication
from jiuye.office.policies.states import LIVE_STATES
from jiuye.office.policies.texts import file_in
from jiuye.office.staff.queries import Actor, require

WARN_DAYS = 60


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that runs out: a policy's force, or a parameter that is on file only until `last`.

    Afterwards a policy that has ended gives a plain no; what rests on a parameter without a rule is "cannot tell".
    """

    kind: str  # policy | parameter
    name: str
    label: str
    label_en: str
    file: str
    last: date  # the last day on which it holds
    reason: str
    policies: tuple[Policy, ...]


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy in the list, with the drafts under way and whether somebody published it here."""

    policy: Policy
    drafts: tuple[Draft, ...]
    published: bool
    ending: Ending | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The workbench's first page."""

    book: Book
    policies: tuple[PolicyRow, ...]
    endings: tuple[Ending, ...]
    waiting: tuple[Publication, ...]  # published and not yet in force, by their day
    shadowed: tuple[str, ...]  # files whose text in plans/ is another than the one published

    @property
    def troubles(self) -> list[Problem]:
        """Why what stands in the files now is not what decides."""
        return self.book.problems.errors


@dataclass(frozen=True, slots=True)
class OnePolicy:
    """One policy with everything that bears on it."""

    policy: Policy
    pack: Pack
    files: tuple[str, ...]  # all that its answers depend on, its own first
    endings: tuple[Ending, ...]
    versions: QuerySet[PolicyVersion]
    drafts: tuple[Draft, ...]
    publications: tuple[Publication, ...]


def overview(*, actor: Actor, on: date) -> Overview:
    """Everything in force with its warnings. Raises NotPermittedError, and BrokenPackError where there is no sound pack."""
    require(actor, "policies.see")
    book = book_in_force()
    overlay = overlay_in_force()
    drafts = _live_drafts()
    soon = endings(book.pack, on)
    rows = tuple(
        PolicyRow(
            policy,
            tuple(draft for draft, paths in drafts if policy.file in paths),
            policy.file in overlay,
            next((item for item in soon if policy in item.policies), None),
        )
        for policy in sorted(book.pack.policies.values(), key=lambda item: (item.task or 0, item.id))
    )
    waiting = Publication.objects.filter(effect__isnull=True).select_related("draft")
    folder = Path(settings.PACK)
    shadowed = tuple(name for name, text in sorted(overlay.items()) if file_in(folder, name) != text)
    return Overview(book, rows, soon, tuple(waiting.order_by("effective_on", "pk")), shadowed)


def one_policy(*, actor: Actor, policy_id: str, on: date) -> OnePolicy:
    """One policy as it stands. Raises NotPermittedError and NoSuchPolicyError."""
    require(actor, "policies.see")
    pack = book_in_force().pack
    policy = pack.policy(policy_id)
    others = sorted(policy.dependencies - {policy.file})
    publications = Publication.objects.select_related("written_by", "reviewed_by", "effect")
    return OnePolicy(
        policy,
        pack,
        (policy.file, *others),
        tuple(item for item in endings(pack, on) if policy in item.policies),
        PolicyVersion.objects.filter(policy_id=policy_id).order_by("-pk"),
        tuple(draft for draft, paths in _live_drafts() if not paths.isdisjoint(policy.dependencies)),
        tuple(
            row
            for row in publications.order_by("-effective_on", "-pk")
            if policy_id in row.policies or policy.file in row.files
        ),
    )


def endings(pack: Pack, on: date, within_days: int = WARN_DAYS) -> tuple[Ending, ...]:
    """What runs out within so many days from `on`, the first day that it no longer holds included, and parameters that have run out
    and are not set again yet; the earliest first."""
    until = on + timedelta(days=within_days)
    found = [
        Ending(
            "policy",
            policy.id,
            policy.label,
            policy.label_en,
            policy.file,
            policy.in_force.end - timedelta(days=1),
            "",
            (policy,),
        )
        for policy in pack.policies.values()
        if policy.in_force.end is not None and on <= policy.in_force.end <= until
    ]
    for parameter, entry in expiring(pack, on, within_days):
        file = entry.place.file.partition("/")[2] or entry.place.file
        readers = tuple(policy for policy in pack.policies.values() if file in policy.dependencies)
        found.append(
            Ending(
                "parameter",
                parameter.name,
                parameter.label,
                parameter.label_en,
                file,
                entry.start - timedelta(days=1),
                entry.unset,
                readers,
            )
        )
    return tuple(sorted(found, key=lambda item: (item.last, item.kind, item.file, item.name)))


def due(on: date) -> QuerySet[Publication]:
    """Published, to hold from a day that has come, and not yet in force; in the order in which they come into force."""
    ready = Publication.objects.filter(effect__isnull=True, effective_on__lte=on)
    return ready.order_by("effective_on", "pk")


def effects() -> QuerySet[Effect]:
    """What has come into force, the latest first."""
    return Effect.objects.select_related("publication").order_by("-pk")


def _live_drafts() -> list[tuple[Draft, set[str]]]:
    drafts = (
        Draft.objects.filter(state__in=LIVE_STATES).select_related("author").order_by("-changed_at", "-pk")
    )
    return [(draft, set(draft.files.order_by("path").values_list("path", flat=True))) for draft in drafts]
