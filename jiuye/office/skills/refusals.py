"""What every refusal of skills has in common, so that whoever called can show its sentence."""

from __future__ import annotations


class SkillsRefusal(ValueError):
    """A record that was not made. Its text is a sentence in the user's language: what is wrong, and what to do."""
