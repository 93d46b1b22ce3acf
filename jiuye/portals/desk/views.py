"""The first page below /desk/."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jiuye.portals.common.actors import allowed


@allowed("desk.open")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """An honest empty page until its content is built."""
    return render(request, "desk/home.html")
