"""Keeping every text that something was decided by, so that each past decision can be shown with the version that made it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from jiuye.engine.rules.pack import Pack
from jiuye.office.policies.models import ArchivedText, BookVersion, PolicyVersion
from jiuye.office.policies.texts import digest_of


def archive_pack(*, pack: Pack, at: datetime) -> None:
    """Keep the pack's texts and the versions of its policies where they are not kept yet.

    Called inside the transaction that decides by them: no decision is kept whose version is not.
    """
    if BookVersion.objects.filter(version=pack.version).exists():
        return
    digests = {name: digest_of(text) for name, text in pack.texts.items()}
    with transaction.atomic():
        ArchivedText.objects.bulk_create(
            [ArchivedText(digest=digests[name], text=pack.texts[name]) for name in sorted(digests)],
            ignore_conflicts=True,
        )
        PolicyVersion.objects.bulk_create(
            [
                PolicyVersion(
                    policy_id=policy.id,
                    version=policy.version,
                    name=policy.label,
                    name_en=policy.label_en,
                    files={name: digests[name] for name in sorted(policy.dependencies)},
                    kept_at=at,
                )
                for policy in sorted(pack.policies.values(), key=lambda item: item.id)
            ],
            ignore_conflicts=True,
        )
        BookVersion.objects.bulk_create(
            [BookVersion(version=pack.version, files=digests, kept_at=at)], ignore_conflicts=True
        )
