"""What every refusal of the policy workbench has in common, so that whoever called can show its sentence."""

from __future__ import annotations


class PolicyRefusal(ValueError):
    """An act that was not done. Its text is a sentence in the user's language: what is wrong, why, and what to do."""
