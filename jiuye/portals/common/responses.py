"""Answers that are no pages."""

from __future__ import annotations

from django.http import HttpResponse

# The browser itself lays out a picture that stands alone, by a style of its own; nothing else of it is to act.
OF_A_PICTURE = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def file_response(name: str, kind: str, body: bytes) -> HttpResponse:
    """A file that the browser shows as what it is and never guesses at; of its name only the ending is told."""
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'inline; filename="paper.{name.rsplit(".", 1)[-1]}"'
    response["X-Content-Type-Options"] = "nosniff"
    if kind.startswith("image/"):
        response["Content-Security-Policy"] = OF_A_PICTURE
    return response
