"""Names of policies in the language of the page."""

from __future__ import annotations

from jiuye.office.casework.packrules import rules
from jiuye.office.casework.rules import UnknownPolicyError
from jiuye.portals.common.templatetags.jiuye import content


def policy_words(policy_id: str) -> str:
    """The policy's name; its id where the pack has it no more."""
    try:
        return content(rules().terms(policy_id))
    except UnknownPolicyError:
        return policy_id
