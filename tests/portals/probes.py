"""Addresses for tests of the frame itself, beside the real ones: independent of what the portals show."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from jiuye.config.urls import handler400, handler403, handler404, handler500, urlpatterns
from jiuye.office.staff.queries import require
from jiuye.portals.common.actors import actor, allowed

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


@allowed("desk.open")
def quiet(request: HttpRequest) -> HttpResponse:
    """A page of the frame without anything on it."""
    return render(request, "common/base.html")


@allowed("board.see")
def refused(request: HttpRequest) -> HttpResponse:
    """A page that opens, and whose operation then refuses."""
    require(actor(request), "funds.pay", "321002")
    return HttpResponse("paid")


urlpatterns = [*urlpatterns, path("probe/quiet/", quiet), path("probe/refused/", refused)]
