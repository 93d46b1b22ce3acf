"""The pack in use: loaded once, kept until its files change, shared by every request."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from jiuye.engine.basis.problems import Problems
from jiuye.engine.places.divisions import load_places
from jiuye.engine.rules.decide import Decider
from jiuye.engine.rules.explain import Explainer
from jiuye.engine.rules.pack import Pack, require_pack
from jiuye.office.entitlements.facts.reading import FactReader, Needs, needs_of


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A sound pack with its evaluators made ready."""

    pack: Pack
    decider: Decider
    explainer: Explainer
    counties: dict[str, str]  # 6-digit code → the pack's key
    needs: Needs

    def reader(self, on: date) -> FactReader:
        return FactReader(self.pack, on, self.counties, self.needs)


_lock = threading.Lock()
_kept: dict[Path, tuple[int, Rulebook]] = {}


def rulebook() -> Rulebook:
    """The rulebook of `settings.PACK`. Files that changed are read again; a pack with mistakes never replaces a sound one.

    Raises BrokenPackError where there is no sound one yet.
    """
    folder = Path(settings.PACK)
    stamp = max((path.stat().st_mtime_ns for path in folder.rglob("*.yaml")), default=0)
    with _lock:
        kept = _kept.get(folder)
        if kept is not None and kept[0] == stamp:
            return kept[1]
        try:
            fresh = _load(folder)
        except ValueError:
            if kept is None:
                raise
            _kept[folder] = (stamp, kept[1])
            return kept[1]
        _kept[folder] = (stamp, fresh)
        return fresh


def _load(folder: Path) -> Rulebook:
    pack = require_pack(folder)
    decider = Decider(pack)
    counties: dict[str, str] = {}
    places_file = folder / "places" / "divisions.yaml"
    if places_file.exists():
        places, _ = load_places(places_file, problems=Problems())
        counties = {place.code: place.key for place in places.counties} if places is not None else {}
    return Rulebook(pack, decider, Explainer(decider), counties, needs_of(pack))
