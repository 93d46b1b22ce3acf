"""What was refused of a request's form, so that nothing typed is lost: noted by `attempt` (attempts.py), or by the view itself.

Where the view would send the browser back to a page, every view that `allowed` guards draws that page at once instead, with the
form as it was typed (drawn_again.py, refilling.py). A view need not, and cannot, remember it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from django.http import HttpRequest, QueryDict

from jiuye.office.staff.refusals import plain

TOKEN = "csrfmiddlewaretoken"
BARE = re.compile(
    r"[\w.:-]*", re.ASCII
)  # a key, a number or a day: chosen again in a moment, unlike a sentence
SECRETS = re.compile(r"password|secret|captcha|token|(?:^|[-_])code$", re.IGNORECASE)  # never shown again


@dataclass(slots=True)
class Refused:
    """One form that was posted and refused. `wrong` holds the sentences by field, those of no one field under an empty name."""

    url: str
    values: QueryDict
    wrong: dict[str, list[str]] = field(default_factory=dict)
    cause: Exception | None = None  # the refusal of the operation, where it was one
    shown: set[str] = field(default_factory=set)  # the fields that a form of the page has taken back

    def add(self, sentence: str, name: str = "") -> None:
        self.wrong.setdefault(name, []).append(sentence)

    def words(self) -> list[str]:
        """What somebody wrote and no form of the page shows again, in the order of the form."""
        return [
            text
            for name, texts in self.values.lists()
            if name not in self.shown and not SECRETS.search(name)
            for text in texts
            if not BARE.fullmatch(text.strip())
        ]


def refused_of(request: HttpRequest) -> Refused | None:
    """What was refused in this request, or None."""
    return getattr(request, "refused", None)


def refused_at(request: HttpRequest, url: str) -> Refused | None:
    """What was refused in this request, if its form is the one that posts to that address."""
    found = refused_of(request)
    return found if found is not None and found.url == url else None


def note_refusal(
    request: HttpRequest, sentence: str, name: str = "", *, cause: Exception | None = None
) -> None:
    """The form of this request is refused; `name` is the field that the sentence is about, `cause` what the operation raised."""
    found = refused_of(request)
    if found is None:
        found = request.refused = Refused(request.path, request.POST)
    found.add(sentence, name)
    found.cause = cause or found.cause


def note_other_words(request: HttpRequest, sentence: str, recorded: str) -> None:
    """Somebody did this before: what was typed here is kept unless it is what stands on record (`recorded`; empty where nobody says)."""
    typed = Refused(request.path, request.POST).words()
    if recorded and any(plain(text) not in plain(recorded) for text in typed):
        note_refusal(request, sentence)
