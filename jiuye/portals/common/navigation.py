"""The portals and their entries, declared by each portal in its AppConfig as `portal = Portal(...)`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.urls import reverse

if TYPE_CHECKING:  # an AppConfig is read before any model may be
    from jiuye.office.staff.queries import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a portal's navigation. `label` is a (lazy) msgid, `icon` a symbol of `icons.svg`.

    An entry whose address begins the current path is the current one; with `exact`, only the address itself is. Entries of one `group`
    lie under its word, where the group's first stands, so that the navigation keeps to one line.
    """

    label: Any
    url_name: str
    permission: str
    icon: str = ""
    exact: bool = False
    group: Any = ""

    @property
    def url(self) -> str:
        return reverse(self.url_name)


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal: who may open it, where it begins, what it offers. `density` is "roomy" or "dense"."""

    name: Any
    prefix: str
    permission: str
    entries: tuple[Entry, ...] = field(default=())
    density: str = "roomy"
    order: int = 0
    first_for: frozenset[str] = frozenset()  # roles whose work begins here, whatever else they may open
    inbox: Entry | None = None  # where officers read what they were told; the frame of every page leads there


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry as one actor sees it on one page."""

    label: Any
    url: str
    icon: str
    current: bool
    group: Any = ""


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """Entries under one word, opened by it; two at least."""

    label: Any
    entries: tuple[ShownEntry, ...]

    @property
    def current(self) -> bool:
        """The page lies under one of them."""
        return any(entry.current for entry in self.entries)


def portals() -> list[Portal]:
    """Every portal, in their order."""
    found = [config.portal for config in apps.get_app_configs() if hasattr(config, "portal")]
    return sorted(found, key=lambda portal: portal.order)


def portal_at(path: str) -> Portal | None:
    """The portal that a path lies in."""
    return next((portal for portal in portals() if path.startswith(portal.prefix)), None)


def portals_of(actor: Actor) -> list[Portal]:
    """The portals that an actor may open."""
    return [portal for portal in portals() if actor.may(portal.permission)]


def entries_for(portal: Portal, actor: Actor, path: str) -> list[ShownEntry]:
    """What `actor` sees of a portal's navigation; the longest address that begins `path` is the current one."""
    visible = [(entry, entry.url) for entry in portal.entries if actor.may(entry.permission)]
    matching = [url for entry, url in visible if path == url or (path.startswith(url) and not entry.exact)]
    current = max(matching, key=len, default="")
    return [ShownEntry(entry.label, url, entry.icon, url == current, entry.group) for entry, url in visible]


def in_groups(entries: list[ShownEntry]) -> list[ShownEntry | ShownGroup]:
    """The entries with those of a group under its word; an entry that is left alone in its group stands for itself."""
    groups: dict[str, list[ShownEntry]] = {}
    for entry in entries:
        groups.setdefault(str(entry.group), []).append(entry)
    shown: list[ShownEntry | ShownGroup] = []
    for entry in entries:
        together = groups[str(entry.group)]
        if not entry.group or len(together) == 1:
            shown.append(entry)
        elif together[0] is entry:
            shown.append(ShownGroup(entry.group, tuple(together)))
    return shown


def portal_shown(path: str, actor: Actor | None) -> Portal | None:
    """The portal that a page is framed in: the one that its path lies in, or the actor's own first one where that is closed to them."""
    found = portal_at(path)
    if found is None or actor is None or actor.may(found.permission):
        return found
    return next(iter(portals_of(actor)), found)


def inbox_for(actor: Actor, path: str) -> ShownEntry | None:
    """Where this officer reads their own messages; None for residents and employers, whose portal has an entry for it."""
    entry = next((portal.inbox for portal in portals() if portal.inbox is not None), None)
    if entry is None or actor.kind != "officer" or not actor.may(entry.permission):
        return None
    return ShownEntry(entry.label, entry.url, entry.icon, path.startswith(entry.url))


def landing_for(actor: Actor) -> str | None:
    """Where `/` sends an actor: the portal that is their role's own, else their first, or None without a post on this day."""
    own = portals_of(actor)
    begins = [portal for portal in own if actor.roles & portal.first_for]
    return (begins or own)[0].prefix if own else None
