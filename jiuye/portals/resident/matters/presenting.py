"""The list of what can be done, as cards."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from jiuye.engine.services import Item
from jiuye.office.matters.models import Matter
from jiuye.office.matters.queries import MenuRow
from jiuye.office.matters.queries.menu import telling_answer
from jiuye.office.registry.secrets import mask_id_number
from jiuye.portals.common.components import Cell
from jiuye.portals.common.matters import state_of
from jiuye.portals.common.templatetags.jiuye import content

VERDICTS = {
    "yes": ("good", _("您符合条件")),
    "unknown": ("watch", _("填表后就能判定")),
    "near_miss": ("none", _("还差一个条件")),
    "no": ("none", _("按登记信息不符合")),
}


@dataclass(frozen=True, slots=True)
class Other:
    """One of several open ones of an item: what tells it from the others, its number and where it is."""

    matter_id: int
    number: str
    about: str
    state: Cell


@dataclass(frozen=True, slots=True)
class Card:
    """One item: what it is, what the city says of it, and where it goes on."""

    id: str
    name: str
    says: str
    level: str
    word: str
    workdays: int
    statutory_workdays: int | None  # None: no document on file sets a term
    matter_id: int | None
    with_loan: bool
    others: tuple[Other, ...]


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
                statutory_workdays=row.item.statutory_workdays,
                matter_id=row.open_matter.pk if row.open_matter is not None else None,
                with_loan=row.item.carried_by == "loan",
                others=tuple(_other(row.item, matter) for matter in row.others),
            )
        )
    return cards


def _other(item: Item, matter: Matter) -> Other:
    """An ID number is masked here as everywhere; other answers are the applicant's own words."""
    if not item.told_apart_by:
        return Other(matter.pk, "", matter.number, state_of(matter, "applicant"))
    text = telling_answer(item, matter)
    kind = next(row.kind for row in item.questions if row.id == item.told_apart_by)
    return Other(
        matter.pk,
        matter.number,
        mask_id_number(text) if kind == "person" else text,
        state_of(matter, "applicant"),
    )
