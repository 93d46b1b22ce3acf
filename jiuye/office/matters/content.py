"""The service items of this installation's pack (`services/*.yaml`), read again when a file changes."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from jiuye.engine.rules.pack import Pack
from jiuye.engine.services import Item, ServiceItems, load_items
from jiuye.office.casework.procedures import LEVEL_DIGITS, workdays_later
from jiuye.office.casework.refusals import Refusal
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.states import STATUS_KINDS


class UnknownItemError(Refusal):
    """No such item is in the pack, or its file has mistakes and is left out until they are mended."""

    def __init__(self, item_id: str) -> None:
        super().__init__(
            gettext("没有事项“%(item)s”，或者它的文件有错误；请政策专员运行 jiuye check 查看。")
            % {"item": item_id}
        )


def service_items() -> ServiceItems:
    """Every sound item of the pack, and the life events. An item with mistakes takes nobody else's down."""
    pack = rulebook().pack
    return _read(Path(settings.PACK), _changed(Path(settings.PACK) / "services"), _Names(pack))


def item_of(item_id: str) -> Item:
    """The item. Raises UnknownItemError."""
    found = service_items().items.get(item_id)
    if found is None:
        raise UnknownItemError(item_id)
    return found


class _Names:
    """What items may name, equal where the pack is the same one: a key for the cache."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def __hash__(self) -> int:
        return id(self.pack)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Names) and other.pack is self.pack


def _changed(folder: Path) -> tuple[tuple[str, int], ...]:
    return tuple((path.name, path.stat().st_mtime_ns) for path in sorted(folder.glob("*.yaml")))


@lru_cache(maxsize=4)
def _read(folder: Path, changed: tuple[tuple[str, int], ...], names: _Names) -> ServiceItems:
    found, _ = load_items(folder, pack=names.pack, statuses=set(STATUS_KINDS))
    return found


NOTHING_AWAITED: dict[str, Any] = {"awaits": "", "awaits_role": "", "awaits_digits": 0, "due_on": None}


def awaited(item: Item, done: str, *, start: date) -> dict[str, Any]:
    """What a matter awaits after `done` (empty: after its submission), who takes it, at which level, until when."""
    act = item.next_act(done)
    step = item.step(act) if act else None
    if step is None:
        return NOTHING_AWAITED
    return {
        "awaits": act,
        "awaits_role": step.by,
        "awaits_digits": LEVEL_DIGITS[step.level],
        "due_on": workdays_later(start, step.workdays),
    }
