"""What somebody asked for and receives, on their page at the desk: cases and matters with the state of each."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from jiuye.office.casework import queries as cases
from jiuye.office.matters import queries as matters
from jiuye.office.staff.queries import Actor
from jiuye.portals.common.components import Table
from jiuye.portals.common.words import audience_of
from jiuye.portals.desk.cases.presenting import case_table
from jiuye.portals.desk.matters.presenting import matter_table


def asked_for(me: Actor, *, kind: str, key: int, on: date) -> dict[str, Table | None]:
    """The cases and the matters of a person or an employer (`kind`), each where the actor may see such things."""
    theirs = cases.cases_of_person if kind == "person" else cases.cases_of_employer
    audience = audience_of(me)
    return {
        "cases": case_table(theirs(key), on=on, caption=_("办件"), audience=audience)
        if me.may("casework.see")
        else None,
        "matters": matter_table(
            matters.matters_of(kind=kind, key=key),
            on=on,
            caption=_("事项"),
            empty=_("没有办过事项"),
            audience=audience,
        )
        if me.may("matters.see")
        else None,
    }
