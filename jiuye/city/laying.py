"""From the pack to a filled registry: the whole city or nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

import pghistory
from django.db import transaction

from jiuye.city.accounts import open_accounts
from jiuye.city.benefits import lay_benefits
from jiuye.city.building import SEED, make_city, read_places
from jiuye.city.loading import checked_at_the_end, tell_the_planner, write_registry
from jiuye.city.records import City
from jiuye.city.registers import mark_rows_delivered, write_registers
from jiuye.city.skills_loading import write_skills
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.places import load_divisions

CHINA = timezone(timedelta(hours=8))


def lay_city(
    *,
    pack: Path,
    size: int,
    seed: int = SEED,
    on: date | None = None,
    progress: Callable[[str, int], None],
) -> City:
    """Make a city of `size` residents and write it in one transaction: killed in the middle, it leaves nothing.

    Raises PackUnusableError for a pack with mistakes and RegistryNotEmptyError where people are on record.
    """
    places, figures, demonstration = read_places(pack)
    progress("生成居民与履历", size)
    city = make_city(places, figures, demonstration, size=size, seed=seed, on=on)
    with transaction.atomic(), pghistory.context(operation="city.lay", seed=seed, size=size):
        load_divisions(places)
        with checked_at_the_end("^(registry|skills)_"):
            write_registry(city, progress)
            write_skills(city, progress)
            book, at = rulebook(), datetime.combine(city.on, time(9), CHINA)
            mark_rows_delivered(city, at)
            write_registers(city, book.pack, book.counties, seed=seed, at=at, progress=progress)
            progress("核对约束与关联", 0)
        tell_the_planner(("registry", "skills"))
        progress("以前各月已发放的待遇", 0)
        lay_benefits(city, demonstration)
        open_accounts(city, places)
    return city
