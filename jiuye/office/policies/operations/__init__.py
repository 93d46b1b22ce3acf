"""Changes to drafts, their reviews and publication, and the archive; each audited in one transaction."""

from jiuye.office.policies.operations.archiving import archive_pack
from jiuye.office.policies.operations.drafting import (
    add_file,
    describe_draft,
    discard_draft,
    drop_file,
    save_draft,
    start_draft,
    submit_draft,
    texts_of_draft,
)
from jiuye.office.policies.operations.reviewing import approve_draft, publish_draft, return_draft
from jiuye.office.policies.operations.simulations import keep_simulation

__all__ = [
    "add_file",
    "approve_draft",
    "archive_pack",
    "describe_draft",
    "discard_draft",
    "drop_file",
    "keep_simulation",
    "publish_draft",
    "return_draft",
    "save_draft",
    "start_draft",
    "submit_draft",
    "texts_of_draft",
]
