"""Who holds a fact, in the reader's language: records keep the Chinese name, the pack has the English one."""

from __future__ import annotations

from django.utils.translation import get_language

from jiuye.engine.rules.holders import in_english
from jiuye.office.entitlements.rulebook import rulebook


def holder_name(text: str) -> str:
    """The holder or holders of `text` in the reader's language; one that the pack does not know stays as it was kept."""
    if not text or not (get_language() or "").startswith("en"):
        return text
    return in_english(text, rulebook().pack.vocabulary.holders)
