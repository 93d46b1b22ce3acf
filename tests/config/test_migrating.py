"""What is left out of the migrations of a new installation changes nothing that anybody reads."""

from __future__ import annotations

import pgtrigger
from django.db import migrations, models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState, ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

from jiuye.config.migrating import quicken


def household() -> ProjectState:
    """Two drawn models, one pointing at the other."""
    state = ProjectState()
    state.add_model(ModelState("home", "Street", [("id", models.BigAutoField(primary_key=True))]))
    assert state.apps.get_model("home", "Street")
    street = models.ForeignKey("home.Street", models.PROTECT)
    state.add_model(
        ModelState("home", "House", [("id", models.BigAutoField(primary_key=True)), ("street", street)])
    )
    return state


def test_a_new_model_is_drawn_without_drawing_anew_those_that_it_points_to() -> None:
    state = household()
    street = state.apps.get_model("home", "Street")
    state.add_field("home", "house", "number", models.IntegerField(default=1), preserve_default=True)
    state.add_constraint(
        "home", "house", models.CheckConstraint(condition=models.Q(number__gt=0), name="house_numbered")
    )
    house = state.apps.get_model("home", "House")
    assert house._meta.get_field("number").default == 1
    assert [held.name for held in house._meta.constraints] == ["house_numbered"]
    assert house._meta.get_field("street").remote_field.model is street
    assert state.is_delayed


def test_a_step_that_works_with_models_finds_their_relations_whole() -> None:
    state, seen = household(), []
    before = state.clone()

    def look(apps, _editor) -> None:
        seen.extend(relation.name for relation in apps.get_model("home", "Street")._meta.related_objects)

    class Editor:
        class connection:
            alias = "default"
            features = None

    migrations.RunPython(look).database_forwards("home", Editor(), before, state)
    assert seen == ["house"]


def test_a_column_that_changes_its_type_is_followed_by_all_who_point_to_it() -> None:
    state = household()
    state.alter_field(
        "home", "street", "id", models.CharField(max_length=9, primary_key=True), preserve_default=True
    )
    house = state.apps.get_model("home", "House")
    assert isinstance(house._meta.get_field("street").target_field, models.CharField)


def test_triggers_stay_in_the_picture_that_makemigrations_compares() -> None:
    state = household()
    protect = pgtrigger.Protect(name="kept", operation=pgtrigger.Delete)
    AddTrigger("house", protect).state_forwards("home", state)
    assert state.models["home", "house"].options["triggers"] == [protect]
    RemoveTrigger("house", "kept").state_forwards("home", state)
    assert state.models["home", "house"].options["triggers"] == []


def test_a_second_call_changes_nothing() -> None:
    before = ProjectState.add_model
    quicken()
    assert ProjectState.add_model is before


def test_the_pictures_of_all_migrations_are_the_same_drawn_and_undrawn() -> None:
    loader = MigrationLoader(None)
    undrawn, drawn = loader.project_state(), ProjectState(real_apps=loader.unmigrated_apps)
    assert drawn.apps
    done: set[tuple[str, str]] = set()
    for leaf in sorted(loader.graph.leaf_nodes()):
        for key in loader.graph.forwards_plan(leaf):
            if key not in done:
                done.add(key)
                drawn = loader.graph.nodes[key].mutate_state(drawn, preserve=False)
    assert drawn.models.keys() == undrawn.models.keys()
    # As makemigrations compares them: fields within fields (of lists) are otherwise told apart by when they were made.
    plain = MigrationAutodetector(undrawn, drawn).deep_deconstruct
    for key, model in drawn.models.items():
        other = undrawn.models[key]
        assert plain(model.fields) == plain(other.fields), key
        assert (model.options, model.bases, model.managers) == (
            other.options,
            other.bases,
            other.managers,
        ), key
        assert {field.name for field in drawn.apps.get_model(*key)._meta.local_fields} == {
            name for name, field in model.fields.items() if not field.many_to_many
        }, key
