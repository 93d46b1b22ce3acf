"""What every refusal of casework has in common, so that whoever called can show its sentence."""

from __future__ import annotations


class Refusal(ValueError):
    """An act that was not done. Its text is a sentence for the person who tried: what is wrong, and what to do."""
