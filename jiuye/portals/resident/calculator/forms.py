"""What travels with the calculator's page: the answers so far as form fields, and which button was pressed."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from jiuye.engine.rules.answers import UNSURE_WORD
from jiuye.office.entitlements.calculating import Answered, Given

MOST_ANSWERS = 120  # more than there are questions: what is longer was not sent by the page
SEPARATOR = ","
MOST_ON_A_PAGE = 20
FIELD = "value-"  # before the question's id, where a page asks several


@dataclass(frozen=True, slots=True)
class Sent:
    """A posted page: the answers in their order, those being given, and the question to go back to."""

    given: tuple[Given, ...]
    answering: tuple[Given, ...] = ()
    changing: str = ""


def read_sent(post: QueryDict) -> Sent:
    """The answers that came with the form. Anything that is not of its shape is passed over."""
    given = []
    for field in post.getlist("given")[:MOST_ANSWERS]:
        question_id, equals, value = field.partition("=")
        if equals:
            given.append((question_id, tuple(value.split(SEPARATOR))))
    if "back" in post:
        # Back is to the latest answer; its question is shown with what was said.
        return Sent(tuple(given), changing=given[-1][0] if given else "")
    if changing := post.get("change", ""):
        return Sent(tuple(given), changing=changing)
    asked = [name for name in post.getlist("question")[:MOST_ON_A_PAGE] if name]
    if not asked or "stay" in post:
        return Sent(tuple(given))
    answering = []
    for name in asked:
        field = "value" if len(asked) == 1 else f"{FIELD}{name}"
        values = (UNSURE_WORD,) if "unsure" in post else tuple(value.strip() for value in post.getlist(field))
        answering.append((name, values))
    return Sent(tuple(given), answering=tuple(answering))


def hidden_fields(answered: tuple[Answered, ...]) -> list[tuple[str, str]]:
    """The answers as (name, value) of hidden fields, in their order."""
    return [("given", f"{item.question.id}={SEPARATOR.join(item.texts)}") for item in answered]
