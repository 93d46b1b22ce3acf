"""What the database keeps true, in words: a constraint's sentence, or a trigger's; nothing where two people merely met.

Each operation checks before it writes, with words of its own. What still reaches the database and is refused there is said with the
sentence that stands beside the constraint, not with a guess.
"""

from __future__ import annotations

from functools import cache

from django.apps import apps
from django.db import IntegrityError
from psycopg import errors

# One of two who acted at once was first, or what the other one wrote was in the way.
MET = (errors.UniqueViolation, errors.ExclusionViolation)


def sentence_of(error: IntegrityError) -> str | None:
    """The sentence (Chinese) of what was kept. None where somebody else was first. Raises the error itself where nothing has words for it: that is
    a mistake of ours, to be found.
    """
    cause = error.__cause__
    if isinstance(cause, MET):
        return None
    if not isinstance(cause, errors.CheckViolation):
        raise error
    said = cause.diag.message_primary or ""
    # A trigger says its sentence; of a constraint the database knows only the name.
    sentence = _sentences().get(cause.diag.constraint_name or "") or ("" if said.isascii() else said)
    if not sentence:
        raise error
    return sentence


@cache
def _sentences() -> dict[str, str]:
    """By the name of each constraint of every model: its sentence for people."""
    return {
        constraint.name: str(constraint.violation_error_message)
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if constraint.violation_error_message != constraint.default_violation_error_message
    }
