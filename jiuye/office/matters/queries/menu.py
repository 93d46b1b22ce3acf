"""What can be done: every item for this applicant with what the city already says of it, and the life events that bundle them."""

from __future__ import annotations

from dataclasses import dataclass

from jiuye.engine.services import Item, LifeEvent
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.matters.content import service_items
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.queries.lists import own_matters
from jiuye.office.matters.states import OPEN_STATES
from jiuye.office.matters.telling_apart import first_to_go_on_with
from jiuye.office.staff.queries import Actor

KIND_OF_ACCOUNT = {"resident": "person", "employer": "employer"}
# What the city found comes first; what does not apply comes last.
ORDER = {"yes": 0, "unknown": 1, "near_miss": 2, "": 3, "no": 4}


@dataclass(frozen=True, slots=True)
class MenuRow:
    """One item, what the sweep says of this applicant (empty: the item has no conditions), and the matter that is open.

    Of an item whose file tells several apart `open_matter` is the draft that says nothing yet; `others` are those under way or begun, the newest
    first. Of another item `others` are what an earlier text of its file allowed beside it.
    """

    item: Item
    verdict: str
    open_matter: Matter | None
    others: tuple[Matter, ...] = ()


def menu(actor: Actor) -> list[MenuRow]:
    """The items for this account, what the city found first. Two queries."""
    kind = KIND_OF_ACCOUNT[actor.kind]
    items = items_for(kind)
    wanted = [item.id for item in items]
    policies = {item.policy for item in items if item.policy}
    rows = Entitlement.objects.filter(
        policy_id__in=policies, subject_kind=kind, subject_key=actor.subject_key
    ).order_by("pk")
    verdicts = dict(rows.values_list("policy_id", "verdict"))
    under_way: dict[str, list[Matter]] = {}
    for matter in own_matters(actor).filter(state__in=OPEN_STATES):
        under_way.setdefault(matter.item_id, []).append(matter)
    menu_rows = [
        MenuRow(
            item,
            verdicts.get(item.policy, "") if item.policy else "",
            *_open(item, under_way.get(item.id, [])),
        )
        for item in items
    ]
    return sorted(menu_rows, key=lambda row: (ORDER[row.verdict], wanted.index(row.item.id)))


def _open(item: Item, there: list[Matter]) -> tuple[Matter | None, tuple[Matter, ...]]:
    """The one to go on with, and the others."""
    if not item.told_apart_by:
        # Several are open only where an earlier text of the file told them apart: none of them is hidden for it.
        chosen = first_to_go_on_with(sorted(there, key=lambda matter: matter.pk))
        return chosen, tuple(matter for matter in there if matter is not chosen)
    filled_in = [matter for matter in there if matter.state != "draft" or telling_answer(item, matter)]
    empty = [matter for matter in there if matter not in filled_in]
    return (empty[0] if empty else None), tuple(filled_in)


def telling_answer(item: Item, matter: Matter) -> str:
    """What tells the matter from the applicant's others, as it was filled in; empty where the file names no field that does."""
    return answers_of(matter).get(item.told_apart_by, "") if item.told_apart_by else ""


def life_events_for(actor: Actor) -> list[LifeEvent]:
    """The life events of this kind of account, in the order of the file."""
    kind = KIND_OF_ACCOUNT[actor.kind]
    return [event for event in service_items().life_events.values() if event.applicant == kind]


def items_for(kind: str) -> list[Item]:
    """Every item of a kind of applicant (person, employer), for the counter."""
    return [item for item in service_items().items.values() if item.applicant == kind]
