"""The registers of a synthetic city: filled by the pack's assumptions, with honest holes, and the same from the same seed."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from jiuye.city.building import make_city, read_places
from jiuye.city.laying import lay_city
from jiuye.city.registers import Knowledge, drawn, made_things, read_spreads, silences
from jiuye.engine.rules.pack import require_pack
from jiuye.office.entitlements.facts.registers import register_facts, thing_owners
from jiuye.office.registry.models import (
    REGISTER_SUBJECTS,
    EmploymentSpell,
    RegisterDelivery,
    RegisteredThing,
    RegisterRecord,
)

SIZE = 1500


@pytest.fixture(scope="module")
def pack():
    return require_pack(Path(__file__).resolve().parents[2] / "plans" / "yangzhou-2023-2025")


@pytest.fixture(scope="module")
def city(pack):
    return make_city(*read_places(pack.folder), size=SIZE)


def fill(pack, city, seed: int = 1) -> dict[tuple[str, str], dict[int, dict]]:
    registers, spreads = read_spreads(pack)
    known = Knowledge(city, {})
    for kind in dict.fromkeys(spread.things for spread in spreads if spread.things is not None):
        made = list(made_things(kind, known, Random(seed), first=1))
        known.kept[kind.entity] = [subject for subject, _, _, _ in made]
    return {
        (spread.register, spread.entity): dict(
            drawn(
                spread,
                silences(pack, spread, registers[spread.register]),
                known.of(spread.entity),
                Random(seed),
                city.on,
            )
        )
        for spread in spreads
    }


def test_every_fact_that_is_bound_to_a_register_is_spread_over_the_city(pack):
    _, spreads = read_spreads(pack)
    written = {(spread.register, spread.entity, name) for spread in spreads for name in spread.facts}
    bound = {(*key, name) for key, names in register_facts(pack).items() for name in names}
    assert written == bound


def test_the_same_seed_fills_the_same_and_another_another(pack, city):
    assert fill(pack, city) == fill(pack, city)
    assert fill(pack, city) != fill(pack, city, seed=2)


def test_about_three_in_a_hundred_employers_are_not_in_the_tax_register(pack, city):
    employers = len(city.firms)
    silent = employers - len(fill(pack, city)["tax", "employer"])
    assert 0.01 < silent / employers < 0.06


def test_a_list_of_holders_holds_only_those_whom_something_applies_to_and_a_few_empty_entries(pack, city):
    rural = fill(pack, city)["rural", "person"]
    assert 0 < len(rural) < SIZE / 20
    assert all(not said or any(said.values()) for said in rural.values())


def test_nothing_is_missing_about_the_people_of_the_stories(pack, city):
    stories = {person.pk for person in city.residents if person.story}
    filled = fill(pack, city)
    people = {key: records for key, records in filled.items() if key[1] == "person"}
    assert all(said for records in people.values() for key, said in records.items() if key in stories)
    student = city.people["guxinyi"].pk
    assert filled["education", "person"][student]["graduation_year"] == 2026


@pytest.mark.django_db
def test_a_city_that_is_laid_has_its_registers_with_two_deliveries_each(pack_dir: Path, pack) -> None:
    laid = lay_city(pack=pack_dir, size=SIZE, progress=lambda what, count: None)
    for (register, entity), _ in register_facts(pack).items():
        deliveries = RegisterDelivery.objects.filter(register=register, entity=entity).order_by("as_of")
        assert [(laid.on - delivery.as_of).days for delivery in deliveries] == [365, 14]
        about = {f"{entity}__isnull": False} if entity in REGISTER_SUBJECTS else {"thing__entity": entity}
        count = RegisterRecord.objects.filter(register=register, **about).count()
        assert deliveries[0].row_count == count
    for model in (RegisterRecord, RegisteredThing):
        assert model.pgh_event_models["insert"].objects.count() == model.objects.count()


@pytest.mark.django_db
def test_every_kind_of_thing_of_the_pack_is_in_a_city_that_is_laid_and_a_new_one_gets_the_next_key(
    pack_dir: Path, pack
) -> None:
    laid = lay_city(pack=pack_dir, size=SIZE, progress=lambda what, count: None)
    things = RegisteredThing.objects.order_by("pk")
    kinds = {thing.entity for thing in things}
    assert kinds <= set(thing_owners(pack))
    assert len(kinds) >= len(thing_owners(pack)) - 2  # so small a city may lack what only large firms have
    assert all(thing.name and thing.key and thing.start < laid.on for thing in things)
    last = things.last()
    assert last is not None
    again = RegisteredThing.objects.get(pk=last.pk)
    again.pk, again.key = None, "另一个"
    again.save()
    assert again.pk == last.pk + 1


@pytest.mark.django_db
def test_a_new_employment_after_the_city_gets_the_next_key(pack_dir: Path) -> None:
    laid = lay_city(pack=pack_dir, size=SIZE, progress=lambda what, count: None)
    person = laid.residents[0]
    spell = EmploymentSpell.objects.create(
        person_id=person.pk, kind="self_employed", start=laid.on, source="测试"
    )
    assert spell.pk == len(laid.spells) + 1
