"""One bank account under several people or firms: found by its blind index, and paid only after somebody said why that is right."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from jiuye.office.casework.findings import Finding
from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.registry.secrets import blind_index

MOST_NAMED = 3  # of the other cases


def account_index(account: str) -> bytes | None:
    """What a payee's account is found by; None where none is on record."""
    return blind_index(account) if account.strip() else None


def recipient_key(row: Case | Entitlement) -> str:
    """Who receives, as `person:12` or `employer:3`."""
    return f"{row.recipient_kind}:{row.person_id if row.recipient_kind == 'person' else row.employer_id}"


def cases_of_others(account: str, row: Case | Entitlement) -> QuerySet[Case]:
    """Cases of other recipients that are paid, or would be, to the same account; withdrawn and refused ones too: they tell as much."""
    same = Case.objects.filter(payee_index=account_index(account), payee_index__isnull=False)
    own = (
        Q(recipient_kind="person", person_id=row.person_id)
        if row.recipient_kind == "person"
        else Q(recipient_kind="employer", employer_id=row.employer_id)
    )
    return same.exclude(own).order_by("pk")


def account_shared(account: str, row: Entitlement, case: Case | None) -> Finding:
    """What the check finds. A confirmation holds for the same account and the recipients who were known when it was given."""
    others = list(cases_of_others(account, row))
    looked: dict[str, Any] = {"account_ends_in": account[-4:]}
    if not others:
        return Finding("account_shared", "account_single", True, looked)
    recipients = sorted({recipient_key(other) for other in others})
    looked |= {
        "others": len(recipients),
        "numbers": "、".join(other.number for other in others[:MOST_NAMED]),
    }
    said = _confirmation(case, account, recipients) if case is not None else None
    if said is None:
        return Finding("account_shared", "account_shared", False, looked)
    looked |= {"who": said.actor_name, "on": said.on_date.isoformat(), "reason": said.note}
    return Finding("account_shared", "account_shared_confirmed", True, looked)


def _confirmation(case: Case, account: str, recipients: list[str]) -> Any:
    said = case.timeline.filter(act="confirm_account").order_by("-pk").first()
    if said is None or said.details.get("account") != digest_of(account):
        return None
    return said if set(recipients) <= set(said.details.get("recipients", [])) else None


def digest_of(account: str) -> str:
    """The blind index as text, as an event keeps it."""
    found = account_index(account)
    return found.hex() if found is not None else ""
