"""What every refusal of funds has in common, so that whoever called can show its sentence."""

from __future__ import annotations

from django.utils.translation import get_language


class FundsRefusal(ValueError):
    """An act that was not done. Its text is a sentence in the user's language: what is wrong, why, and what to do."""


def in_language(*, zh: str, en: str) -> str:
    """The sentence of a layer below us, which carries both languages, in that of the user."""
    return en if (get_language() or "zh").startswith("en") else zh
