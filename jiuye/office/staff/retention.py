"""What is kept only for a time (`access.yaml`), and erasing it. How long and why is the pack's to say; which rows and files a rule
means is said by the room that keeps them: its AppConfig names a module in `erasing`, whose `ERASES` holds an `Erasing` for each key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module

from django.apps import apps
from django.db import transaction

from jiuye.office.staff.access import access


@dataclass(frozen=True, slots=True)
class Erasing:
    """What one rule means: how many there are from before a moment, and erasing them (before, now), which returns how many went."""

    count: Callable[[datetime], int]
    erase: Callable[[datetime, datetime], int]


def erasings() -> dict[str, list[Erasing]]:
    """Everything that some room can erase, by the key of its rule; several rooms may keep what one rule means."""
    found: dict[str, list[Erasing]] = {}
    for config in apps.get_app_configs():
        module = getattr(config, "erasing", "")
        for key, erasing in (import_module(module).ERASES if module else {}).items():
            found.setdefault(key, []).append(erasing)
    return found


def expired(*, at: datetime) -> dict[str, int]:
    """How many of each are past their time; a rule that says `keep`, or that the pack does not have, erases nothing."""
    return {key: sum(each.count(before) for each in parts) for key, parts, before in _rules(at)}


def erase_expired(*, at: datetime) -> dict[str, int]:
    """Erase them, each rule in a transaction of its own; returns how many of each went."""
    erased = {}
    for key, parts, before in _rules(at):
        with transaction.atomic():
            erased[key] = sum(each.erase(before, at) for each in parts)
    return erased


def _rules(at: datetime) -> Iterator[tuple[str, list[Erasing], datetime]]:
    rules = access().retention
    for key, parts in erasings().items():
        rule = rules.get(key)
        if rule is not None and rule.then == "erase":
            yield key, parts, at - timedelta(days=rule.days)
