"""Things on registers as the design system's components."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.register_words import kinds_of_things
from jiuye.office.entitlements.states import VERDICTS
from jiuye.office.registry.models import RegisteredThing
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import content, day
from jiuye.portals.common.words import period_words, policy_names
from jiuye.portals.desk.registers import language

COLUMNS = (
    Column("name", gettext_lazy("名称"), heads=True),
    Column("kind", gettext_lazy("类别")),
    Column("key", gettext_lazy("编号")),
    Column("owner", gettext_lazy("属于")),
)
DECISION_COLUMNS = (
    Column("policy", gettext_lazy("政策"), heads=True),
    Column("verdict", gettext_lazy("结论")),
    Column("amount", gettext_lazy("金额"), kind="money"),
)


def things_table(things: Iterable[RegisteredThing], *, owners: bool = True) -> Table:
    """Things with a link to each; without `owners` on the owner's own page."""
    kinds = kinds_of_things(language())
    rows = [
        {
            "name": Cell(thing.name or thing.key, url=reverse("desk:thing", args=[thing.pk])),
            "kind": kinds.get(thing.entity, thing.entity),
            "key": thing.key,
            "owner": owner_cell(thing) if owners else "",
        }
        for thing in things
    ]
    columns = COLUMNS if owners else COLUMNS[:-1]
    return Table(_("登记事项"), columns, rows, empty_title=_("没有登记事项"))


def decisions_table(found: Iterable[Entitlement]) -> Table:
    """What is decided of one thing; each opens to its proof."""
    decisions = list(found)
    names = policy_names(decision.policy_id for decision in decisions)
    rows = [
        {
            "policy": Cell(
                names[decision.policy_id],
                url=reverse("desk:found_one", args=[decision.pk]),
                note=period_words(decision),
            ),
            "verdict": _(VERDICTS[decision.verdict]),
            "amount": decision.amount_fen,
        }
        for decision in decisions
    ]
    return Table(_("政策判定"), DECISION_COLUMNS, rows, empty_title=_("没有符合或待判定的政策"))


def owner_cell(thing: RegisteredThing) -> Cell:
    """Whose it is, with a link to their page; a resident's name is masked as in every list."""
    if thing.person is not None:
        return Cell(thing.person.masked_name, url=reverse("desk:person", args=[thing.person.pk]))
    if thing.employer is not None:
        return Cell(thing.employer.name, url=reverse("desk:employer", args=[thing.employer.pk]))
    return Cell(content(thing.division))


def thing_rows(thing: RegisteredThing) -> list[tuple[str, Any]]:
    """What is on record of the thing itself."""
    rows: list[tuple[str, Any]] = [
        (_("类别"), kinds_of_things(language()).get(thing.entity, thing.entity)),
        (_("编号"), thing.key),
        (_("列入登记簿"), day(thing.start)),
        (_("来源"), thing.source),
    ]
    if thing.until is not None:
        rows.insert(3, (_("不再列入"), day(thing.until)))
    if thing.division is not None:
        rows.insert(2, (_("所在地"), content(thing.division)))
    return rows
