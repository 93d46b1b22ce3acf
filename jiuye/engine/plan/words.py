"""The numbers that stand in a sentence of a plan, so that a target can be held against its own words."""

from __future__ import annotations

import re
from fractions import Fraction

_SCALES = {"": 1, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:-(\d+(?:\.\d+)?))?([百千万亿]?)")
_BARE_SCALE = re.compile(r"(?<![\d一二三四五六七八九十百千万亿数])([百千万])(?=[名个家人场])")
_WORDS = {"全覆盖": Fraction(100), "零": Fraction(0)}


def numbers_in(text: str) -> set[Fraction]:
    """Every number that `text` states, in the base unit.

    15万 is 150000 and 3.6亿 is 360000000; both ends of 2-3 count; 千名 is 1000; 全覆盖 is 100 (per cent) and
    零 is 0. Numbers written out in Chinese characters otherwise are not read.
    """
    found = {value for word, value in _WORDS.items() if word in text}
    for match in _NUMBER.finditer(text):
        low, high, scale = match.groups()
        found.update(Fraction(part) * _SCALES[scale] for part in (low, high) if part is not None)
    found.update(Fraction(_SCALES[match.group(1)]) for match in _BARE_SCALE.finditer(text))
    return found


def matching_prefix(text: str, words: str) -> int:
    """How many leading characters of `text` occur together in `words`: where a quotation goes astray."""
    length = 0
    while length < len(text) and text[: length + 1] in words:
        length += 1
    return length
