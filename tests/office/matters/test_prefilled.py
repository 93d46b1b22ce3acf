"""What the city has on record is not asked again: it stands in the form, and the form says which register it comes from."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.matters import operations, queries
from jiuye.office.matters.content import service_items
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Education, EmploymentSpell, Status
from jiuye.office.staff.queries import Actor
from tests.office.matters.conftest import DAY, at, make_person, resident

GRADUATED, DISCHARGED, LEFT = date(2023, 6, 30), date(2023, 9, 1), date(2024, 5, 1)


@pytest.fixture
def veteran(divisions) -> Actor:
    """A graduate who served, worked, lost the work, is registered as unemployed for a year and draws the subsistence allowance."""
    person = make_person("周建军", number="321002200002150015", birth_date=date(2000, 2, 15), sex="male")
    Education.objects.create(
        person=person,
        level="bachelor",
        full_time=True,
        school="扬州大学",
        graduated_on=GRADUATED,
        source="学信网",
    )
    EmploymentSpell.objects.create(
        person=person, kind="flexible", start=date(2023, 10, 1), until=LEFT, source="人社就业登记"
    )
    for kind, start in (("veteran", DISCHARGED), ("subsistence_allowance", date(2024, 1, 1))):
        Status.objects.create(person=person, kind=kind, start=start, source="测试登记")
    return resident(person)


def begun(actor: Actor, item_id: str) -> dict[str, str]:
    """What stands in the form of an item that has just been begun."""
    matter = operations.start(
        actor=actor, item_id=item_id, applicant_kind="person", applicant_id=int(actor.subject_key), on=DAY,
        at=at(DAY),
    )  # fmt: skip
    return answers_of(matter)


@pytest.mark.parametrize(
    ("item", "field", "text"),
    [
        ("graduate-registration", "graduated_on", GRADUATED.isoformat()),
        ("graduate-registration", "school", "扬州大学"),
        ("veteran-service", "veteran", "yes"),
        ("veteran-service", "discharged_on", DISCHARGED.isoformat()),
        ("unemployment-registration", "left_on", LEFT.isoformat()),
        ("employment-difficulty-recognition", "category", "subsistence_allowance"),
        ("traineeship-registration", "group", "graduate"),
    ],
)
def test_what_is_on_record_stands_in_the_form(veteran, item, field, text):
    assert begun(veteran, item).get(field) == text


def test_no_field_that_a_register_can_fill_in_is_left_empty_where_it_has_the_answer(veteran):
    """Whatever the pack's files bind: a field named by a fact of ours whose value is on record is filled in, in every item."""
    facts = rulebook().pack.vocabulary.entities["person"].facts
    seen = set()
    for item in service_items().items.values():
        bound = [row for row in item.questions if row.prefill and facts[row.prefill].binding]
        if item.applicant != "person" or item.carried_by != "matter" or not bound:
            continue
        texts = begun(veteran, item.id)
        for question in bound:
            assert texts.get(question.id), f"{item.id}.{question.id}"
            seen.add(question.prefill)
    assert seen >= {"school", "graduated_on", "discharged_on", "veteran", "last_employment_ended_on"}


def test_the_form_of_a_life_event_has_it_too_and_names_the_registers(veteran):
    def told(event: str, given: queries.Given | None = None) -> dict[str, tuple[str, str]]:
        view = queries.event_form(veteran, event, given=given, on=DAY)
        rows = [row for item in view.items for row in item.questions]
        return {row.name: (row.text, row.known.register) for row in rows if row.known is not None}

    assert told("graduated")["graduate-registration.school"] == ("扬州大学", "学信网")
    assert told("left_the_service")["veteran-service.discharged_on"] == (
        DISCHARGED.isoformat(), "退役军人事务系统",
    )  # fmt: skip
    # Why the work ended is theirs to say; once it is said, the day is there.
    said = queries.Given(
        {"unemployment-registration.reason": "contract_ended"},
        ["unemployment-registration", "employment-difficulty-recognition"],
        [],
    )
    asked = told("lost_job", said)
    assert asked["unemployment-registration.left_on"] == (LEFT.isoformat(), "人社就业登记")
    assert asked["employment-difficulty-recognition.category"] == ("subsistence_allowance", "民政低保系统")


def test_who_works_again_is_not_told_when_the_earlier_work_ended(veteran):
    EmploymentSpell.objects.create(
        person_id=int(veteran.subject_key), kind="flexible", start=date(2024, 6, 1), source="人社就业登记"
    )
    assert "left_on" not in begun(veteran, "unemployment-registration")


def test_of_whom_nothing_is_on_record_every_field_is_asked(me):
    for item in ("graduate-registration", "veteran-service", "employment-difficulty-recognition"):
        filled = {name for name, text in begun(me, item).items() if text != "no"}
        assert filled == set(), item
    assert Matter.objects.count() == 3


def test_of_several_categories_the_first_of_the_file_stands_there_and_may_be_changed(veteran):
    Status.objects.create(
        person_id=int(veteran.subject_key), kind="disabled", start=date(2024, 1, 1), source="残联残疾人证系统"
    )
    assert begun(veteran, "employment-difficulty-recognition")["category"] == "subsistence_allowance"
    Status.objects.filter(kind="subsistence_allowance").delete()
    matter = Matter.objects.get(item_id="employment-difficulty-recognition")
    operations.save(actor=veteran, matter_id=matter.pk, answers={"category": "veteran"}, on=DAY, at=at(DAY))
    shown = queries.own_matter(veteran, matter.pk, on=DAY)
    category = next(row for row in shown.answers if row.question.id == "category")
    assert (category.text, category.known.value, category.known.register) == (
        "veteran", "disabled", "残联残疾人证系统",
    )  # fmt: skip
