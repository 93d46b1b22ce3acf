"""What a board page shows, read from its address: year, day, county, filters. Whatever cannot be read is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils.translation import gettext

from jiuye.engine.basis.dates import parse_date
from jiuye.engine.plan import Plan
from jiuye.office.staff.queries import Actor
from jiuye.office.targets.states import URGENCY
from jiuye.portals.common.actors import actor, office_date
from jiuye.portals.common.templatetags.jiuye import day

COUNTY_DIGITS = 6
ORDERS = ("plan", "urgent")


@dataclass(frozen=True, slots=True)
class Choices:
    """The choices in force. `notes` are sentences about what was asked for and could not be shown."""

    year: int
    on: date
    county: str = ""
    light: str = ""
    department: str = ""
    order: str = "plan"
    usual_day: date = date.max  # the day that is shown where none is asked for
    usual_county: str = (
        ""  # the county that is shown where none is asked for: of somebody who answers for one alone
    )
    notes: tuple[str, ...] = ()

    def query(self, **changes: Any) -> str:
        """The address's query with some choices changed; what is usual is left out."""
        chosen = replace(self, **changes) if changes else self
        parts: dict[str, str] = {"year": str(chosen.year)}
        if "year" not in changes and chosen.on != chosen.usual_day:
            parts["on"] = chosen.on.isoformat()
        if chosen.county != chosen.usual_county:  # an empty one is the whole city
            parts["county"] = chosen.county
        for name in ("light", "department"):
            if getattr(chosen, name):
                parts[name] = getattr(chosen, name)
        if chosen.order != "plan":
            parts["order"] = chosen.order
        return f"?{urlencode(parts)}"

    @property
    def here(self) -> str:
        """The query of year, day and county only: for the way to another page."""
        return self.query(light="", department="", order="plan")

    @property
    def whole_city(self) -> str:
        """The query that shows this page for the whole city."""
        return self.query(county="")

    def everything(self) -> Choices:
        """The same year, day and county without filters, sentences or an order: for what stands beside them."""
        return replace(self, light="", department="", order="plan", notes=())


def usual_county(me: Actor) -> str:
    """The one county over which the visitor may see the board; empty for the city's officers, for several counties and for a street."""
    scopes = me.scopes("board.see")
    return scopes[0] if len(scopes) == 1 and len(scopes[0]) == COUNTY_DIGITS else ""


def choices_of(request: HttpRequest, plan: Plan) -> Choices:
    """The choices in the address, held against the plan; the usual ones where nothing or nonsense is asked for.

    An empty county in the address is the whole city; without the word the page opens on the county that the visitor answers for.
    """
    asked, notes = request.GET, []
    today = office_date()
    year = min(max(today.year, plan.years[0]), plan.years[-1])
    if asked.get("year"):
        if asked["year"] in {str(one) for one in plan.years}:
            year = int(asked["year"])
        else:
            notes.append(
                gettext("方案没有“%(asked)s”年，现在看的是 %(year)s 年。")
                % {"asked": asked["year"][:12], "year": year}
            )
    usual = min(today, date(year, 12, 31))
    on = usual
    if asked.get("on"):
        on, note = _day_asked(asked["on"], year, usual, plan)
        notes += [note] if note else []
    department = asked.get("department", "")
    if department and department not in plan.departments:
        notes.append(gettext("方案里没有部门“%(asked)s”，现在看的是全部部门。") % {"asked": department[:40]})
        department = ""
    own = usual_county(actor(request))
    light, order = asked.get("light", ""), asked.get("order", "plan")
    return Choices(
        year=year,
        on=on,
        county=asked.get("county", own)[:12],
        light=light if light in URGENCY else "",
        department=department,
        order=order if order in ORDERS else "plan",
        usual_day=usual,
        usual_county=own,
        notes=tuple(notes),
    )


def _day_asked(text: str, year: int, usual: date, plan: Plan) -> tuple[date, str]:
    """The day asked for where it can be shown, else the nearest that can, with a sentence."""
    try:
        asked = parse_date(text)
    except ValueError:
        return usual, gettext("“%(asked)s”不是日历上的日期，现在看的是 %(day)s。") % {
            "asked": text[:20],
            "day": day(usual),
        }
    shown = min(max(asked, date(year, 1, 1)), usual) if usual >= date(year, 1, 1) else usual
    if shown == asked:
        return shown, ""
    return shown, gettext("%(asked)s 不在 %(year)s 年可看的日期里，现在看的是 %(day)s。") % {
        "asked": day(asked),
        "year": year,
        "day": day(shown),
    }
