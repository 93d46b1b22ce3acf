"""The first page below /my/."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jiuye.portals.common.actors import allowed


@allowed("own.see")
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """An honest empty page until its content is built."""
    return render(request, "resident/home.html")
