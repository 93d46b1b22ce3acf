"""Figures as they are read: exact where they fit, in 万 and 亿 where Chinese readers expect them.

Rounding: shares are rounded down to a tenth of a per cent, so that 99.96% never reads as 100%; large amounts of money are
rounded half up to two places of their multiple.
"""

from __future__ import annotations

from fractions import Fraction

from django.utils.translation import gettext

from jiuye.portals.common.templatetags.jiuye import english

COMPARATORS = {">=": "≥", "<=": "≤", "~": "≈"}
PERSONS = ("人", "人次")  # not translated: units that Chinese readers count by 万
COUNTED_WITHOUT_WORD = ("个", "家")  # not translated: units whose English is the bare number
WAN, YI, MILLION, BILLION = 10_000, 100_000_000, 1_000_000, 1_000_000_000


def quantity(value: Fraction | int | None, unit: str, *, exact: bool = False) -> tuple[str, str]:
    """A figure's number and unit as words: (3, 亿元), (1,905, 人), (5.5, %). A dash and no unit where there is none.

    `exact` keeps every digit, as a page does that explains a number.
    """
    if value is None:
        return "—", ""
    figure = Fraction(value)
    if unit == "元" and not exact:  # not translated: the pack's unit
        return _money(figure)
    if unit == "%":
        return decimal(figure, 2), "%"
    return decimal(figure, 4), unit_word(unit)


def target_quantity(value: Fraction, unit: str) -> tuple[str, str]:
    """A target as the plan writes it: 150000 people are 15 万人 in Chinese."""
    if not english() and unit in PERSONS and value >= WAN and (value / 100).denominator == 1:
        return decimal(value / WAN, 2), f"万{unit}"  # not translated: only shown in Chinese
    return quantity(value, unit)


def unit_word(unit: str) -> str:
    """A unit in the language of the page; in English 个 and 家 need no word."""
    if english() and unit in COUNTED_WITHOUT_WORD:
        return ""
    return gettext(unit) if unit else ""


def _money(yuan: Fraction) -> tuple[str, str]:
    if english():
        for size, word in ((BILLION, "billion yuan"), (MILLION, "million yuan")):
            if abs(yuan) >= size:
                return decimal(yuan / size, 2), word
        return decimal(yuan, 2), "yuan"
    for size, word in ((YI, "亿元"), (WAN, "万元")):  # not translated: only shown in Chinese
        if abs(yuan) >= size:
            return decimal(yuan / size, 2), word
    return decimal(yuan, 2), "元"  # not translated: only shown in Chinese


def decimal(value: Fraction, places: int) -> str:
    """With separators and at most that many places, rounded half up; without trailing zeros."""
    scale = 10**places
    scaled = (2 * abs(value) * scale + 1) // 2
    whole, part = divmod(int(scaled), scale)
    digits = f"{part:0{places}d}".rstrip("0") if places else ""
    return f"{'−' if value < 0 and scaled else ''}{whole:,}{f'.{digits}' if digits else ''}"


def permille(share: Fraction | None) -> int | None:
    """A share in thousandths, rounded down."""
    return None if share is None else share.numerator * 1000 // share.denominator
