"""Refusals by the database, each with a sentence for people."""

from __future__ import annotations

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
