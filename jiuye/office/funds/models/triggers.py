"""What the database does by itself: it refuses, each time with a sentence for people, and names the version that an event left behind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pgtrigger


def refuse(
    name: str, sentence: str, *, operation: Any, condition: str = "", needs: str = ""
) -> pgtrigger.Trigger:
    """A trigger that refuses the operation on a row where `condition` (SQL over OLD and NEW) holds.

    `needs` is an SQL query: where it finds no row, the operation is refused. A refusal is raised as a check violation,
    so that Django reports an IntegrityError whose text is `sentence`.
    """
    refusal = f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';"
    if needs:
        func = f"PERFORM {needs}; IF NOT FOUND THEN {refusal} END IF; RETURN NEW;"
    else:
        func = refusal
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=operation,
        condition=pgtrigger.Condition(condition) if condition else None,
        func=func,
    )


def took_none(events: str, *, about: str, acts: Iterable[str], account: str) -> str:
    """The SQL of "that account took none of these acts", for `needs`: `events` is the table of the timeline, `about` the condition by which an
    event `e` is about the row, `account` the column of the row that names the account. The timeline forgets nobody, where a row names whoever
    acted last.
    """
    listed = ", ".join(f"'{act}'" for act in acts)
    return f"NOT EXISTS (SELECT 1 FROM {events} e WHERE {about} AND e.act IN ({listed}) AND e.actor_id = {account})"


def names_its_version(column: str, *, of: str, kept_in: str) -> pgtrigger.Trigger:
    """A trigger that writes into an event's `column` the newest version of the row that the event is about: the thing at any past moment is
    read through it. `of` is the event's column that names the row, `kept_in` the table of its versions. The row is saved before its event.
    """
    return pgtrigger.Trigger(
        name="names_its_version",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"SELECT max(pgh_id) INTO NEW.{column} FROM {kept_in} WHERE pgh_obj_id = NEW.{of}; RETURN NEW;",
    )
