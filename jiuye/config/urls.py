"""Every address of the software. Each portal lists its own."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("jiuye.portals.common.urls")),
    path("my/", include("jiuye.portals.resident.urls")),
    path("calculator/", include("jiuye.portals.resident.calculator.urls")),
    path("desk/", include("jiuye.portals.desk.urls")),
    path("board/", include("jiuye.portals.board.urls")),
    path("policies/", include("jiuye.portals.workbench.urls")),
    path("api/v1/", include("jiuye.portals.api.urls")),
]
if settings.DEBUG or settings.DEMO:
    urlpatterns.append(path("gallery/", include("jiuye.portals.gallery.urls")))

handler400 = "jiuye.portals.common.views.errors.bad_request"
handler403 = "jiuye.portals.common.views.errors.permission_denied"
handler404 = "jiuye.portals.common.views.errors.not_found"
handler500 = "jiuye.portals.common.views.errors.server_error"
