"""Writing a message in the transaction of the act that causes it: rolled back, nobody was told; committed, it will be sent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from jiuye.engine.messages import Template, Words, render
from jiuye.office.messages.content import template_for
from jiuye.office.messages.models import Delivery, Message

SOURCE_LENGTH = 200


class OutsideTransactionError(RuntimeError):
    """A message is written in the transaction of what causes it; there is none here."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"the message for {key!r} is written outside a transaction; write it within the act's"
        )


def write(
    *,
    occasion: str,
    key: str,
    about: str,
    recipient_kind: str,
    person_id: int | None,
    employer_id: int | None,
    account_id: int | None = None,
    division_code: str,
    values: Mapping[str, Words],
    on: date,
    at: datetime,
    by_sms: bool = True,
    number: str = "",
) -> Message | None:
    """The message of that occasion to that resident, employer, officer or objector; None where the pack tells nothing then.

    An objector is nobody on record and has no inbox: `number` is the mobile phone that they left.

    `key` names the act: written again under it, the message that stands is returned. Nothing is sent from here. `by_sms` false: whom
    no text message reaches is told in the inbox alone.
    Raises MessagesUnreadableError, FieldMissingError, OutsideTransactionError.
    """
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransactionError(key)
    template = template_for(occasion)
    if template is None:
        return None
    found = Message.objects.filter(key=key).order_by("pk").first()
    if found is not None:
        return found
    message = Message.objects.create(
        key=key,
        about=about,
        recipient_kind=recipient_kind,
        person_id=person_id if recipient_kind == "person" else None,
        employer_id=employer_id if recipient_kind == "employer" else None,
        account_id=account_id if recipient_kind == "officer" else None,
        division_code=division_code,
        written_on=on,
        written_at=at,
        **worded(template, values),
    )
    # An employer has no number on file: it is told in its inbox.
    if by_sms and "sms" in template.channels and (recipient_kind == "person" or number):
        Delivery.objects.create(message=message, channel="sms", not_before=at, receiver=number)
    return message


def worded(template: Template, values: Mapping[str, Words]) -> dict[str, str | bool]:
    """The columns of a message that its template gives, filled."""
    source = template.source
    return {
        "template_id": template.id,
        "template_version": template.version,
        "occasion": template.occasion,
        "statutory": template.statutory,
        "title": render(template.title, values, "zh"),
        "title_en": render(template.title_en, values, "en"),
        "body": render(template.says, values, "zh"),
        "body_en": render(template.says_en, values, "en"),
        "letter": "\n".join(_one_line(render(text, values, "zh")) for text in template.letter),
        "source": f"{source.document} {source.clause}".strip()[:SOURCE_LENGTH] if source is not None else "",
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
