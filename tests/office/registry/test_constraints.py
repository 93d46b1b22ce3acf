"""What must never be false in the registry, asked of the database itself: the ORM's own checks are not called here."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from jiuye.office.registry.models import (
    Birth,
    ContributionSpell,
    Division,
    Education,
    EmploymentSpell,
    ImportBatch,
    Person,
    Status,
)
from tests.office.registry.conftest import NOW

START, MIDDLE, END = date(2024, 1, 1), date(2024, 3, 1), date(2024, 6, 1)


def refused(constraint: str):
    """The database refuses by this constraint."""
    return pytest.raises(IntegrityError, match=constraint)


def status(person: Person, **changes) -> Status:
    values = {"kind": "registered_unemployed", "start": START, "source": "测试", **changes}
    return Status.objects.create(person=person, **values)


def spell(person: Person, **changes) -> EmploymentSpell:
    values = {"kind": "flexible", "start": START, "source": "测试", **changes}
    return EmploymentSpell.objects.create(person=person, **values)


def test_two_statuses_of_a_kind_that_overlap_are_refused(make_person):
    person = make_person()
    status(person)
    with refused("status_no_overlap_of_a_kind"):
        status(person, start=MIDDLE)


def test_a_status_may_begin_on_the_day_on_which_the_last_one_ended(make_person):
    person = make_person()
    status(person, until=MIDDLE)
    status(person, start=MIDDLE)
    assert Status.objects.count() == 2


def test_two_categories_of_hardship_may_be_held_together(make_person):
    person = make_person()
    status(person, kind="employment_difficulty", category="older")
    status(person, kind="employment_difficulty", category="disabled")
    assert Status.objects.count() == 2


def test_a_hardship_status_without_a_category_is_refused(make_person):
    with refused("status_difficulty_has_category"):
        status(make_person(), kind="employment_difficulty")


@pytest.mark.parametrize("until", [START, date(2023, 12, 31)])
def test_a_status_that_ends_before_it_starts_or_lasts_no_day_is_refused(make_person, until):
    with refused("status_ends_after_start"):
        status(make_person(), until=until)


def test_employment_that_ends_before_it_starts_is_refused(make_person):
    with refused("employment_ends_after_start"):
        spell(make_person(), until=date(2023, 1, 1))


def test_two_spells_at_one_employer_that_overlap_are_refused(make_person, make_employer):
    person, employer = make_person(), make_employer()
    spell(person, kind="employee", employer=employer, until=END)
    with refused("employment_no_overlap_at_one_employer"):
        spell(person, kind="employee", employer=employer, start=MIDDLE)


def test_two_employers_at_the_same_time_are_possible(make_person, make_employer):
    person = make_person()
    spell(person, kind="employee", employer=make_employer())
    spell(person, kind="employee", employer=make_employer("另一家"))
    assert EmploymentSpell.objects.count() == 2


def test_flexible_employment_and_a_public_post_at_the_same_time_are_refused(make_person, make_employer):
    person = make_person()
    spell(person)
    with refused("employment_flexible_excludes_employee"):
        spell(person, kind="public_welfare_post", employer=make_employer(), start=MIDDLE)


def test_an_employee_without_an_employer_and_a_flexible_worker_with_one_are_refused(
    make_person, make_employer
):
    person, employer = make_person(), make_employer()
    with refused("employment_employer_fits_kind"), transaction.atomic():
        spell(person, kind="employee")
    with refused("employment_employer_fits_kind"):
        spell(person, employer=employer)


@pytest.mark.parametrize(
    ("make", "constraint"),
    [
        (lambda person: status(person, source=""), "status_has_source"),
        (lambda person: spell(person, source=""), "employment_has_source"),
        (
            lambda person: Education.objects.create(person=person, level="bachelor", source=""),
            "education_has_source",
        ),
        (
            lambda person: ContributionSpell.objects.create(
                person=person, payer="person", start=START, base_fen=1, source=""
            ),
            "contribution_has_source",
        ),
        (
            lambda person: Birth.objects.create(mother=person, child_order=1, birth_date=START, source=""),
            "birth_has_source",
        ),
    ],
)
def test_a_fact_without_a_source_is_refused(make_person, make, constraint):
    with refused(constraint):
        make(make_person())


def test_contributions_are_in_whole_months_and_do_not_overlap(make_person):
    person = make_person()
    values = {"person": person, "payer": "person", "base_fen": 450000, "source": "社保"}
    with refused("contribution_in_whole_months"), transaction.atomic():
        ContributionSpell.objects.create(start=date(2024, 1, 15), **values)
    ContributionSpell.objects.create(start=START, **values)
    with refused("contribution_no_overlap_of_a_payer"):
        ContributionSpell.objects.create(start=MIDDLE, **values)


def test_a_negative_contribution_is_refused(make_person):
    with refused("contribution_amounts_not_negative"):
        ContributionSpell.objects.create(
            person=make_person(), payer="person", start=START, base_fen=-1, source="社保"
        )


def test_nobody_graduates_before_enrolling(make_person):
    with refused("education_graduates_after_enrolling"):
        Education.objects.create(
            person=make_person(), level="bachelor", enrolled_on=END, graduated_on=START, source="测试"
        )


def test_the_same_child_is_not_born_twice(make_person):
    mother = make_person()
    Birth.objects.create(mother=mother, child_order=2, birth_date=START, source="卫健")
    with refused("birth_once_an_order"):
        Birth.objects.create(mother=mother, child_order=2, birth_date=MIDDLE, source="卫健")


def test_one_id_number_belongs_to_one_person(make_person):
    first = make_person()
    with refused("id_number_index"):
        make_person("李娜", id_number=first.id_number)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"name": ""}, "person_has_name_and_source"),
        ({"source": ""}, "person_has_name_and_source"),
        ({"sex": "other"}, "person_sex_known"),
        ({"death_date": date(1977, 3, 4)}, "person_dies_after_birth"),
    ],
)
def test_a_person_without_name_source_or_sex_or_who_dies_before_birth_is_refused(
    make_person, changes, constraint
):
    name = changes.pop("name", "张秀兰")
    with refused(constraint):
        make_person(name, **changes)


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"code": "32100", "kind": "county", "parent_id": "3210"}, "division_code_length_fits_kind"),
        ({"code": "321099", "kind": "county", "parent_id": None}, "division_has_parent_unless_city"),
    ],
)
def test_a_division_has_the_code_and_parent_of_its_level(city, values, constraint):
    with refused(constraint):
        Division.objects.create(name="某地", **values)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"row_count": 3, "accepted_count": 1, "rejected_count": 1}, "import_counts_add_up"),
        ({"state": "accepted"}, "import_state_has_its_time"),
        ({"state": "previewed", "accepted_at": NOW}, "import_state_has_its_time"),
        ({"source": ""}, "import_has_source"),
    ],
)
def test_an_import_batch_that_contradicts_itself_is_refused(caseworker, changes, constraint):
    values = {"file_name": "a.csv", "file_sha256": "0" * 64, "source": "x", "uploaded_at": NOW, **changes}
    with refused(constraint):
        ImportBatch.objects.create(uploaded_by_id=caseworker.account_id, **values)


def events_of(person: Person) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pgh_label FROM registry_personevent WHERE pgh_obj_id = %s ORDER BY pgh_id", [person.pk]
        )
        return [label for (label,) in cursor.fetchall()]


def test_every_change_leaves_an_event_bulk_changes_and_plain_sql_too(make_person):
    person = make_person()
    Person.objects.filter(pk=person.pk).update(address="东关街1号")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_person SET address = '东关街2号' WHERE id = %s", [person.pk])
        cursor.execute("UPDATE registry_person SET address = '东关街2号' WHERE id = %s", [person.pk])
    assert events_of(person) == ["insert", "update", "update"]


@pytest.mark.parametrize(
    "sql", ["UPDATE registry_personevent SET name = '改'", "DELETE FROM registry_personevent"]
)
def test_the_audit_trail_cannot_be_edited(make_person, sql):
    make_person()
    refusal = pytest.raises(ProgrammingError, match="Cannot update or delete")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_deletion_stays_in_the_audit_trail(make_person):
    person = make_person()
    key = person.pk
    person.delete()
    person.pk = key
    assert events_of(person) == ["insert", "delete"]
