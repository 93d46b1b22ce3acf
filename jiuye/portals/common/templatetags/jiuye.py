"""Template filters that every page may use."""

from __future__ import annotations

from django import template

from jiuye.engine.basis.money import yuan_text

register = template.Library()


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan with separators; a dash where there is no amount."""
    return "—" if fen is None else yuan_text(fen)
