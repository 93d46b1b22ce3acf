"""What can be erased when its time is over, by the key of its rule in `access.yaml`. Needs no model, so that a pack is checked without a database."""

from __future__ import annotations

ERASABLE = frozenset(
    {
        "log_in_attempts",
        "ended_sessions",
        "looks",
        "unsubmitted_matters",
        "withdrawn_matters",
        "ended_authorities",
        "absence_reasons",
        "objectors_contacts",
        "messages",
        "import_files",
    }
)
