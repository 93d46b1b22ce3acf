"""What an officer may ask to be put right in an application: a paper, a condition whose facts are wrong, the amount; each by its name."""

from __future__ import annotations

from jiuye.office.casework.corrections import Point
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.rules import clauses_for, loan_item

WANTED = "wanted"


def points_of(loan: Loan) -> list[Point]:
    """Everything that can be named when an application is sent back: the amount first, then its papers, then the conditions."""
    item = loan_item(loan.kind)
    return [
        Point(WANTED, "申请金额", "amount applied for"),
        *(Point(f"paper:{row.id}", row.name, row.name_en) for row in (item.evidence if item else ())),
        *(Point(f"clause:{row.id}", row.says, row.says_en or row.says) for row in clauses_for(loan)),
    ]


def papers_since(loan: Loan) -> set[str]:
    """The points of the papers that were given since the application was last sent back; none where it never was."""
    asked = loan.timeline.filter(act="request_correction").order_by("-pk").first()
    if asked is None:
        return set()
    given = loan.evidence.filter(at__gte=asked.at).exclude(kind="register").order_by("pk")
    return {f"paper:{key}" for key in given.values_list("evidence_id", flat=True)}


def brought_since(loan: Loan) -> set[str]:
    """The points that could not be named in the last request: a paper given since, and an amount that was changed."""
    changed = loan.timeline.filter(act="correct").order_by("-pk").first()
    amount = {WANTED} if changed is not None and "wanted_fen_before" in changed.details else set()
    return papers_since(loan) | amount
