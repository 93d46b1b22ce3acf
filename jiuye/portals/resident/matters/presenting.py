"""The list of what can be done, as cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from jiuye.office.matters.queries import MenuRow
from jiuye.portals.common.templatetags.jiuye import content

VERDICTS = {
    "yes": ("good", _("您符合条件")),
    "unknown": ("watch", _("填表后就能判定")),
    "near_miss": ("none", _("还差一个条件")),
    "no": ("none", _("按登记信息不符合")),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One item: what it is, what the city says of it, and where it goes on."""

    id: str
    name: str
    says: str
    level: str
    word: str
    workdays: int
    matter_id: int | None
    with_loan: bool


def menu_cards(rows: Iterable[MenuRow]) -> list[Card]:
    """The items in the language of the page."""
    cards = []
    for row in rows:
        level, word = VERDICTS.get(row.verdict, ("", ""))
        cards.append(
            Card(
                id=row.item.id,
                name=content(row.item, "name"),
                says=content(row.item, "says"),
                level=level,
                word=str(word),
                workdays=row.item.promised_workdays,
                matter_id=row.open_matter.pk if row.open_matter is not None else None,
                with_loan=row.item.carried_by == "loan",
            )
        )
    return cards
