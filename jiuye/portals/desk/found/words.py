"""Names of policies in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable

from jiuye.office.casework.packrules import rules
from jiuye.office.casework.rules import UnknownPolicyError
from jiuye.portals.common.templatetags.jiuye import content


def policy_names(policy_ids: Iterable[str]) -> dict[str, str]:
    """The names of these policies by id, each looked up once; a policy that the pack has no more keeps its id."""
    book = rules()
    names = {}
    for policy_id in set(policy_ids):
        try:
            names[policy_id] = content(book.terms(policy_id))
        except UnknownPolicyError:
            names[policy_id] = policy_id
    return names


def policy_words(policy_id: str) -> str:
    """One policy's name."""
    return policy_names([policy_id])[policy_id]
