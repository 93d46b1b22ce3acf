"""Letters as files, for the receiver's inbox and the desk alike."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from jiuye.office.messages.letters import NoLetterError, letter_pdf
from jiuye.office.messages.models import Message


def letter_response(message: Message) -> HttpResponse:
    """The message's letter as a PDF that no cache keeps; 404 with a sentence where there is none."""
    try:
        content = letter_pdf(message)
    except NoLetterError as error:
        raise Http404(str(error)) from error
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="letter-{message.pk}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
