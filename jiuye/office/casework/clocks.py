"""The office's clocks: they stand still while an objection is open or the applicant has the thing, and run on for the workdays that were left.

For cases here and matters above; both keep `stopped_on` and what was left of the step and of the promise.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

from jiuye.engine.basis.workdays import expected_workdays_between
from jiuye.office.casework.procedures import workdays_later

RUNNING: dict[str, Any] = {"stopped_on": None, "step_workdays_left": None, "promised_workdays_left": None}


class Timed(Protocol):
    """Something with a deadline for its step and a promised day."""

    due_on: Any
    promised_on: Any
    stopped_on: Any
    step_workdays_left: Any
    promised_workdays_left: Any

    def save(self, *, update_fields: Any) -> None: ...


def stop(thing: Timed, *, on: date) -> None:
    """The clocks stand still from that day; those that stand already are left alone."""
    if thing.stopped_on is None:
        _change(
            thing,
            stopped_on=on,
            step_workdays_left=workdays_left(on, thing.due_on),
            promised_workdays_left=workdays_left(on, thing.promised_on),
        )


def run_on(thing: Timed, *, on: date) -> None:
    """The clocks run on from that day for what was left of them when they stopped."""
    if thing.stopped_on is None:
        return
    step, promised = thing.step_workdays_left, thing.promised_workdays_left
    _change(
        thing,
        due_on=thing.due_on if step is None else workdays_later(on, step),
        promised_on=thing.promised_on if promised is None else workdays_later(on, promised),
        **RUNNING,
    )


def with_applicant(thing: Timed, *, in_first_step: bool, on: date) -> dict[str, Any]:
    """What is kept on the day on which the thing goes back to its applicant. Clocks that stand already keep what was left then.

    Only the first step can be run on with: what was further begins it anew once it is put right.
    """
    if thing.stopped_on is not None:
        return {
            "stopped_on": thing.stopped_on,
            "step_workdays_left": None,
            "promised_workdays_left": thing.promised_workdays_left,
        }
    return {
        "stopped_on": on,
        "step_workdays_left": workdays_left(on, thing.due_on) if in_first_step else None,
        "promised_workdays_left": workdays_left(on, thing.promised_on),
    }


def workdays_left(on: date, until: date | None) -> int | None:
    """The workdays from that day to a deadline, none below zero; None where there is no deadline."""
    return expected_workdays_between(on, until) if until is not None else None


def _change(thing: Timed, **changes: Any) -> None:
    for field, value in changes.items():
        setattr(thing, field, value)
    thing.save(update_fields=[*changes])
