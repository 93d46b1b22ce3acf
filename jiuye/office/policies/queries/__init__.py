"""Reads of the workbench: what stands and what runs out in `standing`, drafts in `drafts`, the archive in `versions`."""

from jiuye.office.policies.queries.drafts import (
    FileChange,
    all_drafts,
    draft_acts,
    draft_changes,
    draft_patch,
    last_asked,
    one_draft,
    one_publication,
    one_simulation,
    other_drafts,
    publication_patch,
    publications,
)
from jiuye.office.policies.queries.standing import (
    Ending,
    OnePolicy,
    Overview,
    PolicyRow,
    endings,
    one_policy,
    overview,
)
from jiuye.office.policies.queries.versions import ArchivedPolicy, archived_policy, versions_of

__all__ = [
    "ArchivedPolicy",
    "Ending",
    "FileChange",
    "OnePolicy",
    "Overview",
    "PolicyRow",
    "all_drafts",
    "archived_policy",
    "draft_acts",
    "draft_changes",
    "draft_patch",
    "endings",
    "last_asked",
    "one_draft",
    "one_policy",
    "one_publication",
    "one_simulation",
    "other_drafts",
    "overview",
    "publication_patch",
    "publications",
    "versions_of",
]
