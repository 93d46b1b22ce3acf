"""Money is a whole number of fen. Nothing here ever touches a binary float.

A ratio is an integer with a known number of decimals (its scale): 0.3333 is 3333 at scale 4. Multiplying
money by a ratio gives fen at that scale, which must be rounded by a named rule before it is paid.
"""

from __future__ import annotations

import re

# Digits are the ASCII ones: Python's \d would take full-width ones as well, and nobody would have meant to.
_YUAN = re.compile(r"(-?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.([0-9]{1,2}))?")
_DECIMAL = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]{1,9}))?")


def fen_from_yuan(text: str) -> int:
    """`1,234.5` or `1234.50` yuan as 123450 fen.

    Raises ValueError for a third decimal, an exponent, a currency sign, or misplaced separators.
    """
    match = _YUAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not an amount in yuan with at most two decimals")
    sign, whole, part = match.groups()
    fen = int(whole.replace(",", "")) * 100 + int((part or "").ljust(2, "0"))
    return -fen if sign else fen


def yuan_text(fen: int, *, separators: bool = True) -> str:
    """123450 fen as `1,234.50`."""
    sign, whole, part = "-" if fen < 0 else "", abs(fen) // 100, abs(fen) % 100
    return f"{sign}{whole:,}.{part:02}" if separators else f"{sign}{whole}.{part:02}"


def scaled_from_text(text: str) -> tuple[int, int]:
    """`0.80` as (8, 1): the integer and the scale, trailing zeros dropped.

    Raises ValueError for what is not a plain decimal of at most nine decimals.
    """
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a plain decimal number")
    sign, whole, part = match.groups()
    part = (part or "").rstrip("0")
    value = int(whole + part)
    return (-value if sign else value), len(part)


def scaled_text(value: int, scale: int) -> str:
    """(8, 1) as `0.8`."""
    if scale == 0:
        return str(value)
    sign, digits = "-" if value < 0 else "", str(abs(value)).rjust(scale + 1, "0")
    part = digits[-scale:].rstrip("0")
    return f"{sign}{digits[:-scale]}{'.' + part if part else ''}"


def divide_half_up(value: int, divisor: int) -> int:
    """`value / divisor` rounded to the nearest integer; a half goes away from zero (四舍五入)."""
    quotient = (2 * abs(value) + divisor) // (2 * divisor)
    return quotient if value >= 0 else -quotient


def divide_down(value: int, divisor: int) -> int:
    """`value / divisor` rounded towards minus infinity."""
    return value // divisor


def divide_up(value: int, divisor: int) -> int:
    """`value / divisor` rounded towards plus infinity (见分进元 and the like)."""
    return -(-value // divisor)
