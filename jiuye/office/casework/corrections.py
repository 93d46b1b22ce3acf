"""What an officer may ask to be put right: a paper, a condition whose facts are wrong, the account, the amount; each by its name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from jiuye.office.casework.models import Case, CaseCheck
from jiuye.office.casework.procedures import subsidy_of
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.staff.refusals import LINE, within

PAYEE, AMOUNT = "payee", "amount"
POINT_NAMES: dict[str, tuple[str, str]] = {
    PAYEE: ("收款账户", "account for payment"),
    AMOUNT: ("金额", "amount"),
}


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that can be wrong: `paper:…` by the evidence, `clause:…` by the condition, `payee` or `amount`."""

    key: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A point with what is wrong with it."""

    point: Point
    words: str


class PointsMissingError(Refusal):
    """A request for correction says which point is meant, and what is wrong with it."""

    def __init__(self) -> None:
        super().__init__(gettext("请逐项写明哪一项有什么问题；不写明不能退回。"))


def points_of(case: Case, rules: Rules) -> list[Point]:
    """Everything that can be named when a case is sent back: its papers first, then the conditions, the account, the amount."""
    subsidy = subsidy_of(case)
    papers = subsidy.evidence if subsidy is not None else ()
    return [
        *(Point(f"paper:{row.id}", row.name, row.name_en) for row in papers),
        *(
            Point(f"clause:{row.id}", row.says, row.says_en or row.says)
            for row in rules.terms(case.policy_id).clauses
        ),
        *(Point(key, *names) for key, names in POINT_NAMES.items()),
    ]


def brought_since(case: Case) -> set[str]:
    """The points that could not be named in the last request: a paper given since, and what a check has found since.

    A check that stops at the payee opens the account, a changed amount the amount, a verdict that is yes no more every condition
    (`clause:`), as does an objection that was upheld.
    """
    asked = case.timeline.filter(act="request_correction").order_by("-pk").first()
    if asked is None:
        return set()
    papers = case.evidence.filter(at__gte=asked.at).exclude(kind="register").order_by("pk")
    found = {f"paper:{key}" for key in papers.values_list("evidence_id", flat=True)}
    failed = CaseCheck.objects.filter(entitlement_id=case.entitlement_id, at__gt=asked.at, outcome="failed")
    for check in failed.order_by("pk"):
        if check.check_name == "payee":
            found.add(PAYEE)
        elif check.finding == "amount_changed":
            found.add(AMOUNT)
        elif check.finding == "no_longer_entitled":
            found.add("clause:")
    if case.objections.filter(upheld=True, resolved_on__gte=asked.on_date).exists():
        found.add("clause:")
    return found


def asked_for(points: Sequence[Point], typed: Mapping[str, str]) -> list[Asked]:
    """The points that something was written for, by their keys, in their order. Raises PointsMissingError, TooLongError."""
    asked = [
        Asked(point, within(typed[point.key], LINE, "退回补正", f"c-{point.key}"))
        for point in points
        if typed.get(point.key, "").strip()
    ]
    if not asked:
        raise PointsMissingError
    return asked


def known_before(asked: Sequence[Asked], since: set[str]) -> list[Point]:
    """Those that the request before could have named: they are not asked a second time."""
    return [one.point for one in asked if not _is_new(one.point.key, since)]


def written(asked: Sequence[Asked]) -> dict[str, Any]:
    """What a request keeps: the words of its event, the keys of its points, and each point with what is wrong with it."""
    return {
        "note": "；".join(f"{one.point.name}：{one.words}" for one in asked),
        "details": {"points": [one.point.key for one in asked]},
        "corrections": [
            {
                "point": one.point.key,
                "name": one.point.name,
                "name_en": one.point.name_en,
                "words": one.words,
            }
            for one in asked
        ],
    }


def _is_new(key: str, since: set[str]) -> bool:
    return key in since or (key.startswith("clause:") and "clause:" in since)
