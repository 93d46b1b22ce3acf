"""The office's clocks: they stand still while a matter is with its applicant, and run on for the workdays that were left."""

from __future__ import annotations

from datetime import date
from typing import Any

from jiuye.engine.services import Item
from jiuye.office.casework.clocks import with_applicant
from jiuye.office.casework.procedures import workdays_later
from jiuye.office.matters.models import Matter


def stopped(matter: Matter, *, on: date) -> dict[str, Any]:
    """What a matter keeps on the day on which it goes back to its applicant: the workdays left, none below zero."""
    return with_applicant(matter, in_first_step=matter.state == "submitted", on=on)


def promised_after(matter: Matter, item: Item, *, on: date) -> date | None:
    """The promised day of a matter that is handed in: the item's workdays, or what was left of them when the clock stopped."""
    left = matter.promised_workdays_left
    return workdays_later(on, item.promised_workdays if left is None else left)


def due_after(matter: Matter, due_on: date | None, *, on: date) -> date | None:
    """The first step's deadline after a correction: what was left of it; `due_on` where it begins anew."""
    left = matter.step_workdays_left
    return due_on if left is None else workdays_later(on, left)
