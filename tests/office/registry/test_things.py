"""Things that registers list: written down with whose they are, ended by what comes next, one key each."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError

from jiuye.office.registry.deliveries import DeliveryRefusedError
from jiuye.office.registry.models import RegisterDelivery, RegisteredThing, RegisterRecord
from jiuye.office.registry.things import DeliveredThing, record_things
from jiuye.office.staff.queries import NotPermittedError
from tests.office.registry.conftest import NOW, TODAY

MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 1), TODAY


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """Deciding has its own tests; here no pack is needed. Who would have been decided again, in their order."""
    heard: list[tuple[str, int]] = []
    monkeypatch.setattr(
        "jiuye.office.entitlements.listening.redecide_people",
        lambda *, person_ids, **_: heard.extend(("person", key) for key in person_ids),
    )
    monkeypatch.setattr(
        "jiuye.office.entitlements.listening.redecide_employers",
        lambda *, employer_ids, **_: heard.extend(("employer", key) for key in employer_ids),
    )
    return heard


@pytest.fixture
def deliver(city_caseworker):
    def act(rows, *, register="berths", entity="boat", as_of=JULY, complete=False, actor=city_caseworker):
        return record_things(
            actor=actor, register=register, entity=entity, rows=rows, as_of=as_of, source="市港航中心",
            on=TODAY, at=NOW, complete=complete,
        )  # fmt: skip

    return act


def boat(key, owner=None, facts=None, **more):
    return DeliveredThing(
        key=key, facts=facts or {}, employer_id=owner.pk if owner is not None else None, **more
    )


def spans(thing):
    records = RegisterRecord.objects.filter(thing=thing).order_by("register", "start")
    return [(record.register, record.start, record.until, record.facts) for record in records]


def test_a_thing_is_written_down_once_and_what_several_registers_say_of_it_stands_beside_it(
    deliver, make_employer
):
    firm = make_employer()
    deliver([boat("扬船1", firm, {"seats": 20}, name="瘦西湖一号")], as_of=JUNE)
    deliver([boat("扬船1", facts={"insured": True})], register="insurance", as_of=JUNE)
    deliver([boat("扬船1", facts={"seats": 24})])
    (thing,) = RegisteredThing.objects.all()
    assert (thing.entity, thing.key, thing.name, thing.employer_id) == (
        "boat",
        "扬船1",
        "瘦西湖一号",
        firm.pk,
    )
    assert spans(thing) == [
        ("berths", JUNE, JULY, {"seats": 20}),
        ("berths", JULY, None, {"seats": 24}),
        ("insurance", JUNE, None, {"insured": True}),
    ]
    assert RegisterRecord.objects.filter(register="insurance").get().entity == "boat"


def test_the_same_batch_again_changes_nothing_and_nobody_is_decided_again(deliver, make_employer, told):
    firm = make_employer()
    deliver([boat("扬船1", firm, {"seats": 20})], as_of=JUNE)
    assert told == [("employer", firm.pk)]
    deliver([boat("扬船1", firm, {"seats": 20})])
    assert told == [("employer", firm.pk)]
    assert len(spans(RegisteredThing.objects.get())) == 1


def test_the_owner_of_a_thing_is_decided_again_be_it_a_person_or_an_employer(
    deliver, make_person, make_employer, told
):
    person, firm = make_person(), make_employer()
    deliver([DeliveredThing("小船", {}, person_id=person.pk), boat("大船", firm)])
    assert told == [("person", person.pk), ("employer", firm.pk)]


def test_a_complete_delivery_ends_what_its_own_list_no_longer_mentions(deliver, make_employer):
    firm = make_employer()
    deliver(
        [boat("扬船1", firm, {"seats": 20}), boat("扬船2", firm, {"seats": 30})], as_of=MAY, complete=True
    )
    deliver([boat("扬船1", facts={"insured": True})], register="insurance", as_of=JUNE, complete=True)
    assert RegisteredThing.objects.filter(until__isnull=True).count() == 2
    deliver([boat("扬船1", firm, {"seats": 20})], complete=True)
    assert RegisteredThing.objects.get(key="扬船2").until == JULY
    assert spans(RegisteredThing.objects.get(key="扬船2")) == [("berths", MAY, JULY, {"seats": 30})]
    deliver([boat("扬船2", firm, {"seats": 30})])
    assert RegisteredThing.objects.get(key="扬船2").until is None


def test_a_register_of_two_kinds_of_things_ends_only_those_of_the_kind_that_it_delivers(
    deliver, make_employer
):
    firm = make_employer()
    deliver([boat("扬船1", firm, {"seats": 20})], as_of=MAY, complete=True)
    deliver([boat("码头1", firm, {"berths": 3})], entity="pier", as_of=MAY, complete=True)
    deliver([boat("扬船1", firm, {"seats": 20})], complete=True)
    assert spans(RegisteredThing.objects.get(key="码头1")) == [("berths", MAY, None, {"berths": 3})]


def test_a_new_thing_without_an_owner_and_a_key_that_stands_twice_are_refused_and_nothing_is_kept(
    deliver, make_employer
):
    with pytest.raises(DeliveryRefusedError, match=r"没有登记过编号为扬船9的事项.*请补上"):
        deliver([boat("扬船9")])
    with pytest.raises(DeliveryRefusedError, match="例如编号扬船1"):
        deliver([boat("扬船1", make_employer()), boat("扬船1")])
    with pytest.raises(DeliveryRefusedError) as refused:
        deliver([boat(" "), boat("长" * 61)], entity="person", as_of=date(2024, 7, 2))
    assert len(refused.value.sentences) == 4
    assert not RegisterDelivery.objects.exclude(register="rows").exists()
    assert not RegisteredThing.objects.exists()


def test_an_officer_delivers_things_only_of_owners_in_their_divisions_and_takes_none_from_elsewhere(
    deliver, make_employer, caseworker
):
    here, there = make_employer(), make_employer(division_id="321003")
    deliver([boat("扬船1", here)], as_of=JUNE, actor=caseworker)
    with pytest.raises(NotPermittedError):
        deliver([boat("扬船2", there)], actor=caseworker)
    deliver([boat("扬船3", there)], as_of=JUNE)
    with pytest.raises(NotPermittedError):
        deliver([boat("扬船3", here)], actor=caseworker)
    with pytest.raises(NotPermittedError):
        deliver([boat("扬船1", here)], actor=caseworker, complete=True)


def test_a_thing_may_belong_to_a_place_alone_and_lies_there(deliver, caseworker):
    deliver([DeliveredThing("零工驿站", {"seats": 40}, division_code="321002001")], actor=caseworker)
    with pytest.raises(NotPermittedError):
        deliver([DeliveredThing("邗江驿站", {}, division_code="321003001")], actor=caseworker)


def test_who_delivered_stands_in_the_audit_trail_of_the_thing_and_of_what_is_said(
    deliver, make_employer, city_caseworker
):
    deliver([boat("扬船1", make_employer(), {"seats": 20})])
    for model in (RegisteredThing, RegisterRecord):
        event = model.pgh_event_models["insert"].objects.get()
        assert event.pgh_context.metadata["operation"] == "registry.record_delivery"
        assert event.pgh_context.metadata["account"] == city_caseworker.account_id


# ------------------------------------------------------------------------- asked of the database itself


def thing(**changes) -> RegisteredThing:
    delivery = RegisterDelivery.objects.create(
        register="berths", entity="boat", as_of=JUNE, source="测试", imported_at=NOW
    )
    values = {
        "entity": "boat", "key": "扬船1", "division_id": "321002", "start": JUNE, "register": "berths", "source": "测试",
        "delivery": delivery, "imported_at": NOW,
    }  # fmt: skip
    return RegisteredThing.objects.create(**(values | changes))


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("thing_ends_after_start", {"until": JUNE}),
        ("thing_has_source", {"source": ""}),
        ("thing_has_key_and_register", {"key": ""}),
        ("thing_has_key_and_register", {"register": ""}),
        ("thing_has_key_and_register", {"entity": "A boat"}),
        ("thing_has_owner", {"division_id": None}),
    ],
)
def test_a_thing_that_says_too_little_is_refused(city, constraint, changes):
    with pytest.raises(IntegrityError, match=constraint):
        thing(**changes)


def test_two_things_of_a_kind_do_not_share_a_key_and_things_of_two_kinds_may(city):
    thing()
    thing(entity="pier")
    with pytest.raises(IntegrityError, match="thing_once_a_key"):
        thing()


def test_two_records_of_a_thing_in_one_register_do_not_overlap(city):
    found = thing()
    values = {"register": "berths", "thing": found, "facts": {}, "source": "测试", "imported_at": NOW}
    RegisterRecord.objects.create(start=JUNE, delivery=found.delivery, **values)
    with pytest.raises(IntegrityError, match="register_no_overlap_of_thing"):
        RegisterRecord.objects.create(start=JULY, delivery=found.delivery, **values)
