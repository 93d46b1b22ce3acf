"""Telling people what happened to their matter, written with the act that they are told of."""

from __future__ import annotations

from datetime import date, datetime

from jiuye.engine.messages import Words
from jiuye.office.casework.telling import appeals_words, day_words, sentence
from jiuye.office.matters.content import item_of
from jiuye.office.matters.models import Matter, MatterEvent
from jiuye.office.messages.operations import write

OCCASION_OF: dict[str, str] = {
    "accept": "matter_accepted",
    "request_correction": "matter_correction",
    "decide": "matter_granted",
    "refuse": "matter_refused",
    "review_due": "matter_review_due",
    "end": "matter_ended",
}


def tell(matter: Matter, event: MatterEvent, *, on: date, at: datetime) -> None:
    """Write the message of this act to the applicant; other acts tell nothing. Raises MessagesUnreadableError."""
    occasion = OCCASION_OF.get(event.act)
    if occasion is None:
        return
    write(
        occasion=occasion,
        key=f"matter:{matter.pk}:{event.pk}",
        about=f"matter:{matter.pk}",
        recipient_kind=matter.applicant_kind,
        person_id=matter.person_id,
        employer_id=matter.employer_id,
        division_code=matter.division_code,
        values=_values(matter, on),
        on=on,
        at=at,
    )


def _values(matter: Matter, on: date) -> dict[str, Words]:
    because = Words(sentence(matter.refused_because))
    return {
        "item": Words(matter.item_name, matter.item_name_en),
        "number": Words(matter.number),
        "name": Words(matter.applicant_name),
        "promised": day_words(matter.promised_on),
        "due": day_words(matter.due_on),
        "day": day_words(on),
        "note": Words(_corrections(matter)),
        "because": because,
        "clause": Words(sentence(matter.refused_law)) if matter.refused_law else because,
        "appeals": appeals_words(on),
    }


def _corrections(matter: Matter) -> str:
    """What is to be put right, each field or paper by its name."""
    if not matter.corrections:
        return ""
    item = item_of(matter.item_id)
    names = {question.id: question.label for question in item.questions}
    names |= {row.id: row.name for row in item.evidence}
    return "".join(sentence(f"{names.get(key, key)}：{words}") for key, words in matter.corrections.items())
