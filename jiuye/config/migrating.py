"""Tables of a new installation in a fraction of the time: what the migrations do most of the time changes nothing, and is left out.

Migrations carry a picture of every model as it was at each step. Whenever one model changes, Django draws it and all that are
connected with it anew; in this house everything is connected with everything, and there are five hundred such changes. For
the changes below only the model itself has to be drawn: a new table, column, index or constraint is made from it and from the names
and keys of those it points to, which stay. A trigger needs no drawing at all: it is compiled into the migration, and pgtrigger asks the
database which of them stand in its way.

The picture of the relations is then behind, which Django knows as `is_delayed`: steps that work with models (`RunPython`) have it
drawn whole before they begin. Changes of a column's type or name, which must follow all who point to it, go Django's own way.
That the tables come out the same was compared by pg_dump of both; that the pictures do is held by a test.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.db.migrations.state import ProjectState
from pgtrigger import migrations as triggers

DRAWN_ALONE = ("add_model", "add_field", "_append_option", "_remove_option")


def quicken() -> None:
    """Put the shorter ways in place. Called from the settings; a second call changes nothing."""
    for name in DRAWN_ALONE:
        change = getattr(ProjectState, name)
        if not hasattr(change, "__wrapped__"):
            setattr(ProjectState, name, _drawn_alone(change))
    triggers.AddTrigger.state_forwards = _add_trigger  # type: ignore[method-assign, assignment]
    triggers.RemoveTrigger.state_forwards = _remove_trigger  # type: ignore[method-assign, assignment]


def _drawn_alone(change: Callable[..., None]) -> Callable[..., None]:
    """`change` of a project's state, at the end of which only the changed model is drawn anew."""

    @wraps(change)
    def changed(state: Any, *values: Any, **named: Any) -> None:
        state.reload_model = partial(_draw, state)
        try:
            change(state, *values, **named)
        finally:
            del state.reload_model

    return changed


def _draw(state: Any, app_label: str, model_name: str, delay: bool = True) -> None:
    if "apps" in state.__dict__:  # nothing is drawn before somebody asks for models
        state.is_delayed = True
        state._reload({(app_label, model_name)})


def _add_trigger(operation: Any, app_label: str, state: ProjectState) -> None:
    options = state.models[app_label, operation.model_name].options
    options["triggers"] = [*options.get("triggers", []), operation.trigger]


def _remove_trigger(operation: Any, app_label: str, state: ProjectState) -> None:
    options = state.models[app_label, operation.model_name].options
    options["triggers"] = [kept for kept in options.get("triggers", []) if kept.name != operation.name]
