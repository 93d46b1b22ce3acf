"""Drawing by quota: shares come out as close as whole numbers allow, and the same on every machine."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from random import Random


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """`total` split in proportion to whole-number weights by largest remainders; the parts add up to `total`."""
    whole = sum(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = sorted(range(len(weights)), key=lambda index: (-(total * weights[index] % whole), index))
    for index in remainders[: total - sum(parts)]:
        parts[index] += 1
    return parts


def day_between(random: Random, start: date, until: date) -> date:
    """A day of [start, until); `start` where the interval is empty."""
    span = (until - start).days
    return start + timedelta(days=random.randrange(span)) if span > 0 else start


class Weighted:
    """Draws an index in proportion to whole-number weights."""

    def __init__(self, weights: Sequence[int]) -> None:
        self._cumulative = list(accumulate(weights))

    def draw(self, random: Random) -> int:
        return bisect_right(self._cumulative, random.randrange(self._cumulative[-1]))


def between_quantiles(random: Random, quantiles: Sequence[int]) -> int:
    """A whole number from a distribution given by its equally spaced quantiles, evenly drawn between two of them."""
    index = random.randrange(len(quantiles) - 1)
    return random.randint(quantiles[index], quantiles[index + 1])
