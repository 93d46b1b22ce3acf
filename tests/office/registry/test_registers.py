"""What other departments' registers deliver: taken in whole or not at all, ended by what comes next, told to those who decide."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError

from jiuye.office.registry.deliveries import Delivered, DeliveryRefusedError, record_delivery
from jiuye.office.registry.models import EmploymentSpell, RegisterDelivery, RegisterRecord
from jiuye.office.registry.signals import employers_changed, many_people_changed, people_changed
from jiuye.office.staff.queries import NotPermittedError
from tests.office.registry.conftest import NOW, TODAY

JUNE, JULY = date(2024, 6, 1), TODAY


@pytest.fixture
def deliver(city_caseworker):
    def act(rows, *, entity="person", as_of=JULY, complete=False, actor=city_caseworker, register="housing"):
        return record_delivery(
            actor=actor, register=register, entity=entity, rows=[Delivered(key, facts) for key, facts in rows],
            as_of=as_of, source="市住建局", on=TODAY, at=NOW, complete=complete,
        )  # fmt: skip

    return act


@pytest.fixture
def heard():
    """What the registry told, as (signal, keys)."""
    told: list[tuple[str, list[int]]] = []

    def hear_people(person_ids, **_):
        told.append(("people", person_ids))

    def hear_employers(employer_ids, **_):
        told.append(("employers", employer_ids))

    def hear_many(batch, **_):
        told.append(("many", [batch.pk]))

    people_changed.connect(hear_people)
    employers_changed.connect(hear_employers)
    many_people_changed.connect(hear_many)
    yield told
    people_changed.disconnect(hear_people)
    employers_changed.disconnect(hear_employers)
    many_people_changed.disconnect(hear_many)


@pytest.fixture(autouse=True)
def nobody_decides(monkeypatch):
    """Deciding has its own tests; here no pack is needed."""
    monkeypatch.setattr("jiuye.office.entitlements.listening.redecide_people", lambda **_: 0)
    monkeypatch.setattr("jiuye.office.entitlements.listening.redecide_employers", lambda **_: 0)


def spans(**subject):
    records = RegisterRecord.objects.filter(**subject).order_by("start")
    return [(record.start, record.until, record.facts) for record in records]


def test_what_a_register_says_anew_ends_what_it_said_before(deliver, make_person):
    person = make_person()
    deliver([(person.pk, {"rents": False})], as_of=JUNE)
    deliver([(person.pk, {"rents": True})])
    assert spans(person=person) == [(JUNE, JULY, {"rents": False}), (JULY, None, {"rents": True})]


def test_what_a_register_repeats_stays_as_it_is_and_nobody_is_decided_again(deliver, make_person, heard):
    person = make_person()
    deliver([(person.pk, {"rents": True})], as_of=JUNE)
    heard.clear()
    deliver([(person.pk, {"rents": True})])
    assert spans(person=person) == [(JUNE, None, {"rents": True})]
    assert heard == [("people", [])]


def test_a_later_batch_of_the_same_day_takes_the_place_of_the_first(deliver, make_person):
    person = make_person()
    deliver([(person.pk, {"rents": False})])
    deliver([(person.pk, {"rents": True})])
    assert spans(person=person) == [(JULY, None, {"rents": True})]


def test_a_part_leaves_everyone_else_alone_and_a_complete_delivery_ends_what_it_does_not_mention(
    deliver, make_person
):
    named, silent = make_person("张秀兰"), make_person("李桂花")
    deliver([(named.pk, {"rents": True}), (silent.pk, {"rents": True})], as_of=JUNE)
    deliver([(named.pk, {"rents": False})])
    assert spans(person=silent) == [(JUNE, None, {"rents": True})]
    deliver([(named.pk, {"rents": False})], complete=True)
    assert spans(person=silent) == [(JUNE, JULY, {"rents": True})]


def test_money_comes_back_to_the_fen_and_a_float_is_refused(deliver, make_person):
    person = make_person()
    deliver([(person.pk, {"rent": Decimal("50000001.10"), "floors": 3})])
    assert RegisterRecord.objects.get().facts == {"rent": Decimal("50000001.10"), "floors": 3}
    with pytest.raises(TypeError, match="float"):
        deliver([(person.pk, {"rent": 0.1})])


def test_a_batch_is_written_whole_or_not_at_all(deliver, make_person):
    person = make_person()
    with pytest.raises(DeliveryRefusedError, match="有1个对象没有登记（例如编号999999）"):
        deliver([(person.pk, {"rents": True}), (999999, {"rents": True})])
    assert not RegisterRecord.objects.exists()
    assert not RegisterDelivery.objects.exclude(register="rows").exists()


def test_everything_wrong_with_a_batch_is_said_at_once(deliver, make_person):
    person = make_person()
    with pytest.raises(DeliveryRefusedError) as refused:
        deliver([(person.pk, {}), (person.pk, {})], register=" ", as_of=TODAY + timedelta(days=1))
    assert len(refused.value.sentences) == 3


def test_an_unknown_kind_of_subject_is_refused_with_those_that_are_known(deliver):
    with pytest.raises(DeliveryRefusedError, match=r"“boat”.*person、household、employer、hire"):
        deliver([], entity="boat")


def test_an_older_delivery_than_the_last_is_refused(deliver, make_person):
    person = make_person()
    deliver([(person.pk, {"rents": True})])
    with pytest.raises(DeliveryRefusedError, match="已有2024-07-01的数据"):
        deliver([(person.pk, {"rents": False})], as_of=JUNE)


def test_an_officer_delivers_only_about_subjects_of_their_own_divisions(deliver, make_person, caseworker):
    outside = make_person(residence_division_id="321003001001")
    with pytest.raises(NotPermittedError):
        deliver([(outside.pk, {"rents": True})], actor=caseworker)
    assert not RegisterRecord.objects.exists()


def test_a_complete_delivery_needs_a_post_for_the_whole_city(deliver, make_person, caseworker):
    person = make_person()
    with pytest.raises(NotPermittedError):
        deliver([(person.pk, {"rents": True})], actor=caseworker, complete=True)


def test_the_members_of_a_household_and_the_worker_of_a_hire_are_told_of(
    deliver, make_person, make_employer, heard
):
    from jiuye.office.registry.models import Household

    home = Household.objects.create(division_id="321002001001", source="测试")
    wife, husband = make_person("张秀兰", household=home), make_person("王建国", household=home)
    firm = make_employer()
    hire = EmploymentSpell.objects.create(
        person=husband, employer=firm, kind="employee", start=JUNE, source="测试"
    )
    deliver([(home.pk, {"rents": True})], entity="household")
    deliver([(hire.pk, {"filed": True})], entity="hire")
    deliver([(firm.pk, {"filed": True})], entity="employer")
    assert heard == [("people", [wife.pk, husband.pk]), ("people", [husband.pk]), ("employers", [firm.pk])]


def test_the_first_complete_delivery_is_told_as_a_change_of_many(
    deliver, make_person, heard, django_capture_on_commit_callbacks
):
    """Silence about everyone else has become an answer."""
    person = make_person()
    with django_capture_on_commit_callbacks(execute=True):
        delivery = deliver([(person.pk, {"rents": True})], complete=True)
    assert heard == [("many", [delivery.pk])]


def test_who_delivered_stands_in_the_audit_trail(deliver, make_person, city_caseworker):
    deliver([(make_person().pk, {"rents": True})])
    event = RegisterRecord.pgh_event_models["insert"].objects.get()
    assert event.pgh_context.metadata["operation"] == "registry.record_delivery"
    assert event.pgh_context.metadata["account"] == city_caseworker.account_id


# ------------------------------------------------------------------------- asked of the database itself


def record(**changes) -> RegisterRecord:
    delivery = changes.pop("delivery", None) or RegisterDelivery.objects.create(
        register="housing", entity="person", as_of=JUNE, source="测试", imported_at=NOW
    )
    values = {
        "register": "housing", "start": JUNE, "facts": {}, "source": "测试", "imported_at": NOW, "delivery": delivery,
    }  # fmt: skip
    return RegisterRecord.objects.create(**(values | changes))


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("register_ends_after_start", {"until": JUNE}),
        ("register_has_source", {"source": ""}),
        ("register_is_named", {"register": ""}),
        ("register_facts_have_names", {"facts": [1]}),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(make_person, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint):
        record(person=make_person(), **changes)


def test_a_record_belongs_to_one_subject(make_person, make_employer):
    with pytest.raises(IntegrityError, match="register_has_one_subject"):
        record(person=make_person(), employer=make_employer())


def test_a_record_of_nobody_is_refused(city):
    with pytest.raises(IntegrityError, match="register_has_one_subject"):
        record()


def test_two_records_of_a_subject_in_one_register_that_overlap_are_refused(make_person):
    person = make_person()
    record(person=person)
    record(person=person, register="tax")
    with pytest.raises(IntegrityError, match="register_no_overlap_of_person"):
        record(person=person, start=JULY)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("register_delivery_has_source", {"source": ""}),
        ("register_delivery_entity_known", {"entity": "Boat 1"}),
        ("register_delivery_names_its_register", {"register": ""}),
    ],
)
def test_a_delivery_that_says_too_little_is_refused(city, constraint, changes):
    values = {"register": "housing", "entity": "person", "as_of": JUNE, "source": "测试", "imported_at": NOW}
    with pytest.raises(IntegrityError, match=constraint):
        RegisterDelivery.objects.create(**(values | changes))
