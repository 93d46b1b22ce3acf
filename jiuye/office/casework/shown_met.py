"""Refusing on a condition that the decision shows as met: taken only with words on what it is found otherwise by. For cases, and for loans above."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext


def shown_as_met(receipt: Mapping[str, Any], clause_id: str) -> bool:
    """Whether the explanation that is kept says yes to the condition; False where it says nothing of it."""
    return clause_id in met_clauses(receipt)


def met_clauses(receipt: Mapping[str, Any]) -> set[str]:
    """The conditions to which the explanation says yes."""
    return {row["id"] for row in receipt.get("clauses", ()) if row.get("verdict") == "yes"}


def met_sentence(says: str) -> str:
    """What an officer is told who refuses on such a condition without a word on it."""
    return gettext(
        "判定显示“%(says)s”这一条满足，本人的页面上也这样写。选错了条件的请改选；确实不满足的，写明据什么材料认定。"
    ) % {"says": says}


def with_ground(note: str, against: str) -> str:
    """The reason of the refusal, with what it rests on where the decision says otherwise."""
    if not against.strip():
        return note.strip()
    return gettext("%(note)s（判定显示这一条满足；认定不满足的依据：%(against)s）") % {
        "note": note.strip(),
        "against": against.strip(),
    }
