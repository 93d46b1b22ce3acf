"""Telling people what happened to their matter, written with the act that they are told of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from jiuye.engine.messages import Words
from jiuye.office.casework.telling import appeals_words, day_words, sentence
from jiuye.office.matters.content import item_of, service_items
from jiuye.office.matters.models import Matter, MatterEvent
from jiuye.office.messages.operations import write
from jiuye.office.registry.models import Employer
from jiuye.office.staff.rows import unscoped

OCCASION_OF: dict[str, str] = {
    "accept": "matter_accepted",
    "request_correction": "matter_correction",
    "decide": "matter_granted",
    "refuse": "matter_refused",
    "uphold_refusal": "matter_refusal_upheld",
    "overturn": "matter_refusal_overturned",
    "review_due": "matter_review_due",
    "end": "matter_ended",
    "close_service": "matter_service_closed",
    "open_service": "matter_service_opened",
}


def tell(
    matter: Matter, event: MatterEvent, *, on: date, at: datetime, more: Mapping[str, Words] | None = None
) -> None:
    """Write the message of this act to the applicant, with what `more` it is about; other acts tell nothing. Raises MessagesUnreadableError."""
    occasion = "matter_left" if event.details.get("exit") else OCCASION_OF.get(event.act)
    if occasion is None:
        return
    write(
        occasion=occasion,
        key=f"matter:{matter.pk}:{event.pk}",
        about=matter.about,
        recipient_kind=matter.applicant_kind,
        person_id=matter.person_id,
        employer_id=matter.employer_id,
        division_code=matter.division_code,
        values=_values(matter, on) | _of_the_review(matter, event) | _of_the_end(event) | dict(more or {}),
        on=on,
        at=at,
    )


@unscoped("the employer that a resident's matter is with may lie beyond the places of who ends it")
def tell_party(matter: Matter, event: MatterEvent, party: Employer, *, on: date, at: datetime) -> None:
    """The employer that a resident's matter is with is told that it ended. Raises MessagesUnreadableError."""
    write(
        occasion="matter_left_party",
        key=f"matter:{matter.pk}:{event.pk}:{party.pk}",
        about=matter.about,
        recipient_kind="employer",
        person_id=None,
        employer_id=party.pk,
        division_code=party.division_id,
        values=_values(matter, on) | _of_the_end(event),
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
        "clause": ground_words(matter),
        "appeals": appeals_words(on),
    }


def _of_the_review(matter: Matter, event: MatterEvent) -> dict[str, Words]:
    """What was found on looking again; it moves none of the days that were told with the refusal."""
    if event.act not in ("uphold_refusal", "overturn"):
        return {}
    return {
        "because": Words(sentence(event.note)),
        "appeals": appeals_words(matter.decided_on or event.on_date),
    }


def _of_the_end(event: MatterEvent) -> dict[str, Words]:
    """From which day what was granted is no more."""
    said = event.details.get("from") if event.act == "end" else None
    return {"from": day_words(date.fromisoformat(said))} if said else {}


def ground_words(matter: Matter) -> Words:
    """What a refusal rests on: the words of the law, or said plainly that none is on file and what the item itself rests on."""
    if matter.refused_law:
        return Words(sentence(matter.refused_law))
    item = service_items().items.get(matter.item_id)
    cited = (
        [" ".join(filter(None, (row.document, row.number, row.clause))) for row in item.sources]
        if item
        else []
    )
    if cited:
        return Words(
            f"没有存档的条文原文；本事项的依据是{'、'.join(cited)}。",
            f"no wording of a rule is on file; the item rests on {', '.join(cited)}.",
        )
    return Words(
        f"没有存档的规定条文；按本机构设定的“{matter.item_name}”办事规程（{matter.item_version}）办理。",
        f"no rule is on file; decided by the office's own procedure for {matter.item_name_en or matter.item_name} ({matter.item_version}).",
    )


def _corrections(matter: Matter) -> str:
    """What is to be put right, each field or paper by its name."""
    if not matter.corrections:
        return ""
    item = item_of(matter.item_id)
    names = {question.id: question.label for question in item.questions}
    names |= {row.id: row.name for row in item.evidence}
    return "".join(sentence(f"{names.get(key, key)}：{words}") for key, words in matter.corrections.items())
