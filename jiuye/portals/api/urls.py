"""The addresses under /api/v1/, each with the permission that the frame's own test asks of every address."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

from jiuye.portals.api.guard import CALL
from jiuye.portals.api.refusals import characters_refused
from jiuye.portals.api.views import api
from jiuye.portals.common.actors import PUBLIC

OPEN = ("openapi-json", "api-root")  # the description of the interface, and its root, which holds nothing

urlpatterns: list[URLPattern | URLResolver] = api.urls[0]
app_name = api.urls[1]
for pattern in urlpatterns:
    if isinstance(pattern, URLPattern):
        pattern.callback.required_permission = PUBLIC if pattern.name in OPEN else CALL
        pattern.callback.refuses_in = characters_refused
