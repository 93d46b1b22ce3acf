"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from jiuye.portals.common.actors import actor_or_none, office_date, unread_of
from jiuye.portals.common.city import city_name
from jiuye.portals.common.navigation import entries_for, in_groups, inbox_for, portal_shown, portals_of
from jiuye.portals.common.preferences import preferences


def shell(request: HttpRequest) -> dict[str, Any]:
    """The city, the actor, the portals and entries that they see, and how they want pages shown."""
    actor = actor_or_none(request)
    portal = portal_shown(request.path, actor)
    return {
        "demo": settings.DEMO,
        "login_url": settings.LOGIN_URL,
        "city": city_name(),
        "actor": actor,
        "office_day": office_date(),
        "portal": portal,
        "density": portal.density if portal else "roomy",
        "portals": portals_of(actor) if actor else [],
        "navigation": in_groups(entries_for(portal, actor, request.path)) if portal and actor else [],
        "inbox": inbox_for(actor, request.path) if actor else None,
        "inbox_unread": unread_of(request) if actor else 0,
        "preferences": preferences(request),
        # A page that keeps its state in its form has language and display changed at its own address, with these fields.
        "display_url": "",
        "display_fields": [],
    }
