"""Telling whoever objected to a public notice what became of it, as its page promises; alike for cases here and matters above.

A mobile number is told by text message through the outbox. Any other contact is answered by hand: an officer looks at it, writes or
goes there, and notes how. So is a number that the text message did not reach.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext

from jiuye.engine.basis.identity import NUMBERS_OF_SOMEBODY, clean_phone
from jiuye.engine.messages import Words
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.timeline import record
from jiuye.office.messages.models import Delivery
from jiuye.office.messages.operations import write
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import mask_phone
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LINE, SHORT, within

UPHELD = Words("异议成立，公示的这一件不予办结", "upheld; what was noticed is not granted")
LEAST_OF_A_NAME = 2  # characters: one sign alone is found in every sentence
LEAST_OF_A_FIRM = 4  # "快餐" is no name that anybody is known by
DISMISSED = Words("异议不成立，公示的这一件继续办理", "not upheld; what was noticed goes on")
# What a firm's name ends with and people leave away: "鑫达公司" is not found, "扬州鑫达精密机械" is.
_LEGAL_FORM = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|公司|厂|店|中心|合作社)$")


class AnswerNamesApplicantError(Refusal):
    """The answer goes to somebody outside: it says why, and nothing of whom or of what firm the notice is about."""

    field = "answer"

    def __init__(self, word: str) -> None:
        super().__init__(
            gettext(
                "答复里不能写“%(word)s”：答复是发给异议人的，请只写结论的理由，不写是谁、是哪家单位，也不写证件号码、电话和账号。"
            )
            % {"word": word}
        )


class NothingToAnswerError(Refusal):
    """Not decided yet, answered before, or nobody to answer to."""

    def __init__(self) -> None:
        super().__init__(gettext("这条异议现在不用人工答复：还没有处理、已经答复，或者没有留联系方式。"))


class PurposeMissingError(Refusal):
    """A contact is looked at for a purpose that is recorded."""

    def __init__(self) -> None:
        super().__init__(gettext("查看受保护的信息必须写明事由。"))


def require_answer(objection: Any, answer: str, *, parties: Sequence[Person | Employer | str]) -> str:
    """The words for whoever objected, empty where no contact was left.

    `parties`: whom the thing is about, which the words must not name; or bare words of them (the name of a payee). Whoever objected to
    what is their own, as their phone says, may read their own name. Raises WordsMissingError, TooLongError, AnswerNamesApplicantError.
    """
    if not objection.way_of_answer:
        return ""
    words = within(answer, SHORT, "答复异议人的话", "answer")
    if not words:
        raise WordsMissingError("答复异议人的话", "answer")
    number = clean_phone(objection.contact)
    others = [
        party for party in parties if not (isinstance(party, Person) and number == clean_phone(party.phone))
    ]
    own = {_bare(name) for party in parties if party not in others for name in _names_of(party)}
    read = _bare(words)
    for name in (name for party in others for name in _names_of(party)):
        if _bare(name) in read and _bare(name) not in own:
            raise AnswerNamesApplicantError(_said(name))
    found = NUMBERS_OF_SOMEBODY.search(words)
    if found is not None:
        raise AnswerNamesApplicantError(_said(found[0]))
    return words


def _names_of(party: Person | Employer | str) -> list[str]:
    """Everything that says who it is, or where its money goes."""
    if isinstance(party, str):
        found = [party]
    elif isinstance(party, Person):
        found = [party.name, party.id_number, party.phone, party.bank_account]
    else:
        core = _LEGAL_FORM.sub("", party.name)
        found = [
            party.name,
            core if len(core) >= LEAST_OF_A_FIRM else "",
            party.credit_code,
            party.bank_account,
        ]
    return [name for name in found if len(_bare(name)) >= LEAST_OF_A_NAME]


def _bare(text: str) -> str:
    """As it is compared: blanks and dashes within names and numbers, wide digits and small letters are no difference."""
    return re.sub(r"[\s\-—·]", "", unicodedata.normalize("NFKC", text)).upper()


def _said(name: str) -> str:
    """The word as the refusal says it; of a number only its ends."""
    return mask_phone(name) if any(sign.isdecimal() for sign in name) else name


def tell_objector(thing: Any, objection: Any, *, kind: str, on: date, at: datetime) -> None:
    """Write the message of the outcome, in the transaction of the decision; it is sent from outside. Other contacts wait for an officer.

    `kind` is `case` or `matter`. Raises MessagesUnreadableError.
    """
    if objection.way_of_answer != "sms":
        return
    write(
        occasion="objection_answered",
        key=message_key(kind, objection.pk),
        about=f"{kind}:{thing.pk}",
        recipient_kind="objector",
        person_id=None,
        employer_id=None,
        division_code=thing.division_code,
        values={
            "number": Words(thing.number),
            "outcome": UPHELD if objection.upheld else DISMISSED,
            "because": Words(objection.answer),
        },
        on=on,
        at=at,
        number=clean_phone(objection.contact),
    )


def message_key(kind: str, objection_id: int) -> str:
    """Under which the message about an objection is written."""
    return f"objection:{kind}:{objection_id}"


def to_be_answered(objections: QuerySet, kind: str) -> QuerySet:
    """Of these, the decided ones that an officer still has to answer by hand, the earliest decision first."""
    key = Concat(Value(f"objection:{kind}:"), Cast(OuterRef("pk"), CharField()))
    failed = Delivery.objects.filter(state="undeliverable", message__key=key)
    waiting = objections.filter(resolved_on__isnull=False, answered_on__isnull=True)
    return waiting.filter(Q(by_hand=True) | Exists(failed)).order_by("resolved_on", "pk")


def look_at_contact(objection: Any, *, kind: str, actor: Actor, purpose: str, at: datetime) -> str:
    """The contact in clear, after the look is recorded. Raises PurposeMissingError, TooLongError."""
    if not purpose.strip():
        raise PurposeMissingError
    record_look(
        actor=actor,
        subject_kind=f"{kind}_objection",
        subject_key=str(objection.pk),
        field="contact",
        purpose=within(purpose, LINE, "查看事由"),
        at=at,
    )
    return str(objection.contact)


def note_answer(thing: Any, objection: Any, *, actor: Actor, how: str, on: date, at: datetime) -> None:
    """Whoever objected was answered by hand. Raises NothingToAnswerError, WordsMissingError, TooLongError."""
    if not objection.may_be_answered_by_hand:
        raise NothingToAnswerError
    if not how.strip():
        raise WordsMissingError("怎样答复的")
    objection.by_hand, objection.answered_on, objection.answered_by_id = True, on, actor.account_id
    objection.answered_how = within(how, LINE, "怎样答复的", "how")
    objection.save(update_fields=["by_hand", "answered_on", "answered_by", "answered_how"])
    # How and where to stands with the objection alone: the applicant reads the timeline too.
    record(thing, "answer_objection", actor=actor, on=on, at=at, details={"objection": objection.pk})
