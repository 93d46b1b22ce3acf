"""Telling people what happened to their case: the message is written with the act, in its transaction, and sent later from outside."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import translation
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.engine.messages import Words
from jiuye.office.casework.models import Authority, Case, CaseEvent
from jiuye.office.casework.procedures import procedures
from jiuye.office.casework.states import RELATIONS
from jiuye.office.funds.models import Recovery
from jiuye.office.messages.models import Message
from jiuye.office.messages.operations import write

# Which acts somebody is told of; the words stand in the pack's `messages/`.
OCCASION_OF: dict[str, str] = {
    "accept": "case_accepted",
    "request_correction": "case_correction",
    "approve": "case_approved",
    "undo_approval": "case_approval_undone",
    "record_paid": "case_paid",
    "record_rejected": "case_returned",
    "record_returned": "case_returned",
    "refuse": "case_refused",
    "uphold_refusal": "case_refusal_upheld",
    "overturn": "case_refusal_overturned",
}


def tell(case: Case, event: CaseEvent, *, on: date, at: datetime) -> None:
    """Write the message of this act to whoever the case is for; other acts tell nothing. Raises MessagesUnreadableError."""
    occasion = OCCASION_OF.get(event.act)
    if occasion is None or (occasion == "case_approval_undone" and not _told_of(case, "case_approved")):
        return
    _write(case, occasion, f"case:{case.pk}:{event.pk}", _values(case, event, on), on=on, at=at)


def tell_claimed_back(case: Case, recovery: Recovery, *, on: date, at: datetime) -> None:
    """Write the decision that money is claimed back, with its letter, to whoever received it. Raises MessagesUnreadableError."""
    more = {
        "paid": day_words(case.paid_on),
        "claimed": Words(yuan_text(recovery.amount_fen)),
        "ground": Words(sentence(recovery.ground)),
        "document": Words(recovery.document),
        "instalments": instalment_words(recovery),
        "appeals": appeals_words(on),
        "day": day_words(on),
    }
    _write(case, "case_claimed_back", f"recovery:{recovery.pk}", _named(case) | more, on=on, at=at)


def tell_claim_withdrawn(case: Case, recovery: Recovery, *, on: date, at: datetime) -> None:
    """Write to whoever was told to pay back that the decision was withdrawn. Raises MessagesUnreadableError."""
    more = {
        "amount": Words(yuan_text(recovery.amount_fen)),
        "document": Words(recovery.document),
        "because": Words(sentence(recovery.dropped_because)),
    }
    key = f"recovery:{recovery.pk}:withdrawn"
    _write(case, "case_claim_withdrawn", key, _named(case) | more, on=on, at=at)


def tell_authority_recorded(authority: Authority, *, on: date, at: datetime) -> None:
    """Write to the resident whose relative may act for them from now on. Raises MessagesUnreadableError."""
    last_day = authority.until - timedelta(days=1)
    relation = RELATIONS[authority.relation]
    with translation.override("en"):
        relation_en = gettext(relation)
    write(
        occasion="authority_recorded",
        key=f"authority:{authority.pk}",
        about=f"authority:{authority.pk}",
        recipient_kind="person",
        person_id=authority.person_id,
        employer_id=None,
        division_code=authority.person.residence_division_id,
        values={
            "relation": Words(relation, relation_en),
            "holder": Words(authority.masked_holder),
            "start": day_words(authority.start),
            "last": day_words(last_day),
            "day": day_words(on),
        },
        on=on,
        at=at,
    )


def instalment_words(recovery: Recovery) -> Words:
    """Which sum of a claim for money back is due by which day."""
    dues = list(recovery.instalments.order_by("number").values_list("due_on", "amount_fen"))
    return Words(
        "；".join(f"{day_words(due).zh} {yuan_text(fen)} 元" for due, fen in dues),
        "; ".join(f"{yuan_text(fen)} yuan by {due.isoformat()}" for due, fen in dues),
    )


def _write(case: Case, occasion: str, key: str, values: dict[str, Words], *, on: date, at: datetime) -> None:
    """One message to whoever the case is for."""
    write(
        occasion=occasion,
        key=key,
        about=case.about,
        recipient_kind=case.recipient_kind,
        person_id=case.person_id,
        employer_id=case.employer_id,
        division_code=case.division_code,
        values=values,
        on=on,
        at=at,
    )


def _named(case: Case) -> dict[str, Words]:
    """What every message of a case says: the policy, the number, whom it pays and how much."""
    return {
        "policy": Words(*case.names),
        "number": Words(case.number),
        "name": Words(case.payee_name),
        "amount": Words(yuan_text(case.amount_fen)),
    }


def _told_of(case: Case, occasion: str) -> bool:
    return Message.objects.filter(about=case.about, occasion=occasion).exists()


def _values(case: Case, event: CaseEvent, on: date) -> dict[str, Words]:
    note = Words(sentence(event.note))
    return _named(case) | {
        "promised": day_words(case.promised_on),
        "due": day_words(case.due_on),
        "confirmed": day_words(case.confirmed_on),
        "day": day_words(on),
        "note": note,
        "because": note,
        "reason": Words(event.note or "银行没有写明原因", event.note or "the bank gave no reason"),
        "clause": Words(sentence(case.refused_law)),
        # Looking again inside the office moves none of the days that were told with the refusal.
        "appeals": appeals_words(case.refused_on or on),
    }


def sentence(text: str) -> str:
    """What an officer or a law wrote, ended as a sentence, so that what follows stands apart."""
    text = " ".join(text.split())
    return text if not text or text[-1] in "。．.！？!?；;" else f"{text}。"


def day_words(day: date | None) -> Words:
    """A day in full; where none is set, words that say whom to ask."""
    if day is None:
        return Words("规定期限", "the time limit set")
    return Words(f"{day.year}年{day.month}月{day.day}日", day.isoformat())


def appeals_words(on: date) -> Words:
    """The ways of appeal in force on the day of the refusal, each with whom to turn to and the last day."""
    rows = [(row, row.last_day(on)) for row in procedures().appeals_on(on)]
    return Words(
        "；或者".join(
            f"最迟{day_words(last).zh}向{row.to}{'申请' if row.name.endswith('复议') else '提起'}{row.name}"
            for row, last in rows
        ),
        "; or ".join(f"{row.name_en} ({row.to_en}) by {last.isoformat()}" for row, last in rows),
    )
