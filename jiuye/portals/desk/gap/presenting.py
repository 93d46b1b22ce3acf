"""Those behind a number as a table: whom, where, how much, which condition, by when, and what would settle it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.office.casework.queries.gap import TIMED_GROUPS, GapItem, Place, clause_words
from jiuye.office.registry.places import COUNTY_DIGITS, division_names
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import content, count, english, holder_name


def clause_text(policy_id: str, clause_id: str) -> str:
    """What a condition says, in the language of the page; nothing for no condition."""
    if not clause_id:
        return ""
    says, says_en = clause_words(policy_id, clause_id)
    return says_en if english() else says


def columns_of(group: str) -> list[Column]:
    """The columns of a group: a day where time turns it, a condition where one fails, a question where one is open."""
    found = [Column("recipient", _("受益方"), heads=True), Column("place", _("社区（村）"))]
    if group in ("unclaimed", "receiving") or group in TIMED_GROUPS:
        found.append(Column("amount", _("金额"), kind="money"))
    if group == "unknown":
        found.append(Column("question", _("问什么就能判定")))
        found.append(Column("register", _("谁掌握")))
    if group == "near_miss":
        found.append(Column("clause", _("差哪一条")))
    if group in TIMED_GROUPS:
        words = {"soon": _("从哪天起"), "ending": _("到哪天止"), "lost": _("哪天起不符合")}
        found.append(Column("day", words[group], kind="date"))
        found.append(Column("clause", _("哪一条起变化")))
    return found


def row_of(item: GapItem, group: str) -> dict[str, Any]:
    """One item as plain values by column."""
    missing = item.missing
    question = register = ""
    if missing is not None:
        question = content(missing, "ask") or content(missing, "label")
        register = holder_name(missing.register)
        if missing.kind == "rule":  # no answer settles it; why there is none stands where the register would
            question = _("没有查到标准：%(name)s") % {"name": content(missing, "label")}
    return {
        "recipient": item.recipient,
        "place": item.division_name,
        "amount": item.amount_fen,
        "question": question,
        "register": register,
        "clause": clause_text(item.policy_id, item.clause),
        "day": item.day,
    }


def item_table(items: Sequence[GapItem], group: str, *, may_open: bool) -> Table:
    """One page of those behind a number; each opens to its proof and, for residents, to their page."""
    rows = []
    for item in items:
        row = row_of(item, group)
        proof = "desk:gap_prospect" if group in TIMED_GROUPS else "desk:found_one"
        row["recipient"] = Cell(item.recipient, url=reverse(proof, args=[item.key]))
        row["person"] = (
            Cell(_("打开"), url=reverse("desk:person", args=[item.person_id]))
            if may_open and item.person_id is not None and item.recipient_kind == "person"
            else ""
        )
        rows.append(row)
    columns = columns_of(group)
    if any(row["person"] for row in rows):
        columns.append(Column("person", _("本人页面")))
    return Table(_("名单"), columns, rows, empty_title=_("这一组没有人"))


@dataclass(frozen=True, slots=True)
class PlaceChoice:
    """One line of the list of places: a county, or below it a street."""

    code: str
    words: str


def place_choices(streets: Sequence[Place]) -> list[PlaceChoice]:
    """The streets with their numbers; where there are several counties, each before its streets."""
    counties: Counter[str] = Counter()
    for street in streets:
        counties[street.code[:COUNTY_DIGITS]] += street.number
    names = division_names(set(counties)) if len(counties) > 1 else {}
    found, last = [], ""
    for street in streets:
        county = street.code[:COUNTY_DIGITS]
        if len(counties) > 1 and county != last:
            found.append(PlaceChoice(county, f"{names.get(county, county)} · {count(counties[county])}"))
            last = county
        if len(street.code) > COUNTY_DIGITS:
            inset = "　" if len(counties) > 1 else ""
            found.append(PlaceChoice(street.code, f"{inset}{street.name} · {count(street.number)}"))
    return found


def settling(items: Sequence[GapItem]) -> list[tuple[str, str, int]]:
    """The questions of this page, the one that settles most first: (question, who holds it, how many)."""
    found: Counter[tuple[str, str]] = Counter()
    for item in items:
        row = row_of(item, "unknown")
        if item.missing is not None and item.missing.kind != "rule":
            found[row["question"], row["register"]] += 1
    return [(question, register, number) for (question, register), number in found.most_common(3)]
