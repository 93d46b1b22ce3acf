"""The rules in force made ready to decide: one for a pack, kept as long as that pack is, shared by every request."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings

from jiuye.engine.basis.problems import Problems
from jiuye.engine.places.divisions import load_places
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.horizon import timely_clauses
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.policies import Policy
from jiuye.office.entitlements.facts.reading import FactReader, Needs, needs_of
from jiuye.office.policies.book import book_in_force

MOST_KEPT = 3
MOST_DAYS = 16  # days whose readers a rulebook keeps
MOST_NARROW = 512  # readers of one policy on one day that it keeps


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A sound pack with its evaluators made ready."""

    pack: Pack
    decider: Decider
    explainer: Explainer
    counties: dict[str, str]  # 6-digit code → the pack's key
    needs: Needs
    readers: dict[date, FactReader] = field(default_factory=dict)
    narrow: dict[str, Needs] = field(default_factory=dict)  # by policy
    narrow_readers: dict[tuple[str, date], FactReader] = field(default_factory=dict)
    timely: dict[tuple[str, date, date], int] = field(default_factory=dict)  # by policy and window

    def reader(self, on: date) -> FactReader:
        """The reader of a day; its texts are made once."""
        found = self.readers.get(on)
        if found is None:
            if len(self.readers) >= MOST_DAYS:
                self.readers.clear()
            found = self.readers[on] = FactReader(self.pack, on, self.counties, self.needs)
        return found

    def reader_of(self, policy: Policy, on: date) -> FactReader:
        """A reader of what this one policy reads: a tenth of the work, where no other policy is asked about."""
        found = self.narrow_readers.get((policy.id, on))
        if found is None:
            needs = self.narrow.get(policy.id)
            if needs is None:
                needs = self.narrow[policy.id] = needs_of(self.pack, [policy])
            if len(self.narrow_readers) >= MOST_NARROW:
                self.narrow_readers.clear()
            found = self.narrow_readers[policy.id, on] = FactReader(self.pack, on, self.counties, needs)
        return found

    def timely_clauses(self, policy: Policy, window: tuple[date, date]) -> int:
        """The conditions of a policy that time alone may turn between two days, one bit each; worked out once."""
        key = (policy.id, *window)
        found = self.timely.get(key)
        if found is None:
            if len(self.timely) >= MOST_DAYS * len(self.pack.policies):
                self.timely.clear()
            found = self.timely[key] = timely_clauses(self.pack, policy, window)
        return found


_lock = threading.Lock()
_made: dict[int, Rulebook] = {}  # by the pack's identity, which lives as long as its rulebook does


def rulebook() -> Rulebook:
    """The rulebook of what is in force: the pack's files, and the publications that have come into force.

    Files that changed are read again; a pack with mistakes never replaces a sound one. Raises BrokenPackError where there is no
    sound one yet, neither here nor in the archive.
    """
    pack = book_in_force().pack
    with _lock:
        found = _made.pop(id(pack), None) or _ready(pack)
        _made[id(pack)] = found
        while len(_made) > MOST_KEPT:
            del _made[next(iter(_made))]
        return found


def _ready(pack: Pack) -> Rulebook:
    decider = Decider(pack)
    return Rulebook(pack, decider, Explainer(decider), counties_of(Path(settings.PACK)), needs_of(pack))


def counties_of(folder: Path) -> dict[str, str]:
    """6-digit codes of the counties to the pack's keys for them; empty where the pack has no places."""
    places_file = folder / "places" / "divisions.yaml"
    if not places_file.exists():
        return {}
    places, _ = load_places(places_file, problems=Problems())
    return {place.code: place.key for place in places.counties} if places is not None else {}
