"""Which of two benefits stays where one person may have only one of them at a time (不重复享受): the one place that says so.

A case is checked by it before it is approved and paid (`office/casework`), and next year's budget is projected by it (`engine/budgets`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from jiuye.engine.basis.dates import Interval
from jiuye.engine.rules.pack import Pack

TURNED = {"this": "other", "other": "this", "higher": "higher"}


@dataclass(frozen=True, slots=True)
class Apart:
    """A policy that cannot be drawn beside the one asked about, and which of the two stays, as that one sees it."""

    policy_id: str
    keep: str  # higher | this | other
    law: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One benefit of one person for one period, in fen; `drawn` where it was granted already."""

    policy_id: str
    subject: int
    amount_fen: int
    period: Interval
    drawn: bool = False


def kept_apart(pack: Pack, policy_id: str) -> tuple[Apart, ...]:
    """What a policy excludes, whichever of the two files says so; `this` and `other` change sides with the file. By policy."""
    found: dict[str, Apart] = {}
    for policy in pack.policies.values():
        for row in policy.excludes:
            if policy.id == policy_id:
                found[row.policy] = Apart(row.policy, row.keep, row.law)
            elif row.policy == policy_id:
                found.setdefault(policy.id, Apart(policy.id, TURNED[row.keep], row.law))
    return tuple(found[key] for key in sorted(found))


def gives_way(keep: str, *, ours_fen: int, theirs_fen: int, theirs_drawn: bool, theirs_first: bool) -> bool:
    """True where our benefit gives way to the other: that one was granted already, or the rule keeps it and not ours.

    Of two equal amounts the one that came first stays.
    """
    if theirs_drawn or keep == "other":
        return True
    if keep == "higher":
        return theirs_fen > ours_fen or (theirs_fen == ours_fen and theirs_first)
    return False


def settle(claims: Iterable[Claim], apart: Mapping[str, Mapping[str, str]]) -> dict[Claim, Claim]:
    """Of one person's claims those that fall away, each with the one that stays in its place.

    `apart` says by policy what it cannot be drawn beside, and which stays (`Apart.keep`). What was drawn stays. A claim gives way only to one
    that stays itself. Where nobody knows which came first the larger amount did, then the policy whose id sorts first.
    """
    left = sorted(
        set(claims),
        key=lambda one: (not one.drawn, -one.amount_fen, one.policy_id, one.subject, str(one.period)),
    )
    rank = {claim: number for number, claim in enumerate(left)}

    def apart_from(ours: Claim, theirs: Claim) -> str | None:
        keep = apart.get(ours.policy_id, {}).get(theirs.policy_id)
        return keep if ours.period.overlaps(theirs.period) else None

    def yields(ours: Claim, theirs: Claim) -> bool:
        keep = apart_from(ours, theirs)
        return (
            keep is not None
            and not ours.drawn
            and gives_way(
                keep,
                ours_fen=ours.amount_fen,
                theirs_fen=theirs.amount_fen,
                theirs_drawn=theirs.drawn,
                theirs_first=rank[theirs] < rank[ours],
            )
        )

    stays: list[Claim] = []
    fallen: dict[Claim, Claim] = {}
    while left:
        before = len(left)
        for claim in list(left):
            instead = next((one for one in stays if apart_from(claim, one) is not None), None)
            if instead is not None and not claim.drawn:
                fallen[claim] = instead
            elif any(yields(claim, one) for one in left if one is not claim):
                continue
            else:
                stays.append(claim)
            left.remove(claim)
        if len(left) == before:  # each gives way to the next in a circle: the first of them stays
            stays.append(left.pop(0))
    return fallen
