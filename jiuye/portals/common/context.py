"""What every page's frame needs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    """The demonstration flag; the frame shows the rest from `request`."""
    return {"demo": settings.DEMO}
