"""Every address says who may open it."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from jiuye.office.staff.roles import PERMISSIONS
from jiuye.portals.common.actors import PUBLIC, SIGNED_IN

KNOWN = frozenset().union(*PERMISSIONS.values()) | {PUBLIC, SIGNED_IN}


def addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in resolver.url_patterns:
        where = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from addresses(one, where)
        else:
            yield where, one


def test_every_address_names_the_permission_it_needs():
    found = list(addresses(get_resolver()))
    assert len(found) > 5
    without = [where for where, one in found if not hasattr(one.callback, "required_permission")]
    assert without == []


def test_every_permission_that_an_address_needs_is_held_by_some_role():
    unknown = {
        where: one.callback.required_permission
        for where, one in addresses(get_resolver())
        if one.callback.required_permission not in KNOWN
    }
    assert unknown == {}


def test_what_is_open_to_everyone_is_a_short_list_that_somebody_thought_about():
    public = {where for where, one in addresses(get_resolver()) if one.callback.required_permission == PUBLIC}
    thought_about = {
        "login/",
        "login/code/",
        "login/government/",
        "login/government/back/",
        "login/public/",
        "login/public/back/",
        "logout/",
        "logout/government/",
        "logout/government/back/",
        "language/",
        "display/",
        "gallery/",
        "gallery/reveal/",
    }
    thought_about |= {"api/v1/", "api/v1/openapi.json"}  # the description of the interface; it holds no data
    rooms = ("notice/", "calculator/")
    assert public - thought_about <= {where for where in public if where.startswith(rooms)}
