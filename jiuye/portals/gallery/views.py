"""Every component in every state."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jiuye.portals.common.actors import PUBLIC, allowed


@allowed(PUBLIC)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """The gallery; made-up content, no database."""
    return render(request, "gallery/show.html")
