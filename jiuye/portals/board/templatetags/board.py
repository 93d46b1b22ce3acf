"""Filters of the board's templates."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django import template

from jiuye.portals.board.quantities import decimal
from jiuye.portals.board.showing import share_words

register = template.Library()


@register.filter
def share(value: Fraction) -> str:
    """A share as a percentage: 1/20 is 5%."""
    return share_words(value)


@register.filter
def plain(value: Fraction) -> str:
    """An exact figure with separators, at most four places."""
    return decimal(value, 4)


@register.filter
def exact(value: Decimal) -> str:
    """A reported value without the zeros that the column pads."""
    return decimal(Fraction(value), 4)
