"""The archive: a policy as it stood when something was decided by it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from jiuye.engine.rules.pack import load_texts
from jiuye.engine.rules.policies import Policy
from jiuye.office.policies.book import texts_of
from jiuye.office.policies.models import PolicyVersion
from jiuye.office.staff.queries import Actor, require


@dataclass(frozen=True, slots=True)
class ArchivedPolicy:
    """A kept version: the texts by name, and the policy read from them again."""

    row: PolicyVersion
    policy: Policy | None
    texts: dict[str, str]

    @property
    def intact(self) -> bool:
        """The texts still make the version that they were kept under."""
        return self.policy is not None and self.policy.version == self.row.version


def versions_of(*, actor: Actor, policy_id: str) -> QuerySet[PolicyVersion]:
    """The kept versions of a policy, the latest first. Raises NotPermittedError."""
    require(actor, "policies.see")
    return PolicyVersion.objects.filter(policy_id=policy_id).order_by("-pk")


def archived_policy(*, actor: Actor, policy_id: str, version: str) -> ArchivedPolicy | None:
    """One kept version, read again from its texts; None where none is kept under that name.

    For everybody who sees decisions: raises NotPermittedError.
    """
    require(actor, "entitlements.see")
    row = PolicyVersion.objects.filter(policy_id=policy_id, version=version).order_by("pk").first()
    if row is None:
        return None
    texts = texts_of(row.files)
    # Other policies that this one excludes are not among its texts; what is said of that does not matter here.
    pack, _ = load_texts(texts, row.version)
    return ArchivedPolicy(row, pack.policies.get(policy_id), texts)
