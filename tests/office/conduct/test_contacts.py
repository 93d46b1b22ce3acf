"""Visits and calls: noted once and for good, read after a look, and their next steps on the list of whoever owes them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Contact
from jiuye.office.conduct.operations import ContactNotFoundError, ContactRefusedError
from jiuye.office.staff.models import Account, LookRecord
from jiuye.office.staff.queries import NotPermittedError
from tests.office.matters.conftest import DAY, VILLAGE, at, officer
from tests.office.matters.test_registering import hand_in

NEXT = DAY + timedelta(days=3)


def visit(actor, person, **more) -> Contact:
    given = {
        "person_id": person.pk,
        "kind": "visit",
        "reached": "person",
        "made_on": DAY,
        "whom": "本人",
        "came_of": "还在找工作，想学电工",
        "next_step": "送培训班目录",
        "next_on": NEXT,
        "on": DAY,
        "at": at(DAY),
    }
    return operations.log_contact(actor=actor, **(given | more))


def as_(client, actor):
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def test_a_visit_keeps_who_was_met_and_its_words_are_sealed(person, station):
    noted = visit(station, person)
    assert (noted.division_code, noted.made_by_name) == (VILLAGE, "社区协理员")
    with connection.cursor() as cursor:
        cursor.execute("SELECT came_of FROM conduct_contact")
        assert "电工".encode() not in bytes(cursor.fetchone()[0])
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Contact.objects.update(made_on=DAY - timedelta(days=1))


def test_a_next_step_stands_on_the_list_until_a_later_contact_does_it(person, station):
    first = visit(station, person)
    assert list(queries.to_do_next(station, whose="mine", on=DAY)) == [first]
    visit(
        station,
        person,
        kind="phone",
        made_on=NEXT,
        came_of="已报名",
        next_step="",
        next_on=None,
        follows_id=first.pk,
        on=NEXT,
        at=at(NEXT),
    )
    assert not queries.to_do_next(station, whose="mine", on=NEXT).exists()
    with pytest.raises(ContactRefusedError, match="已经有人做了"):
        visit(station, person, follows_id=first.pk)


def test_the_next_steps_of_an_absent_officer_are_the_substitutes(person, station):
    other = officer("协理员乙", "caseworker", VILLAGE)
    noted = visit(station, person)
    assert not queries.to_do_next(other, whose="mine", on=DAY).exists()
    assert list(queries.to_do_next(other, whose="all", on=DAY)) == [noted]
    operations.declare_absence(
        actor=station,
        substitute_id=other.account_id,
        start=DAY,
        until=DAY + timedelta(days=7),
        on=DAY,
        at=at(DAY),
    )
    assert list(queries.to_do_next(other, whose="mine", on=DAY)) == [noted]


def test_what_is_not_whole_is_not_noted(person, station):
    with pytest.raises(ContactRefusedError, match="一起写"):
        visit(station, person, next_on=None)
    with pytest.raises(ContactRefusedError, match="已经做过"):
        visit(station, person, made_on=DAY + timedelta(days=1))
    with pytest.raises(ContactRefusedError, match="不能早于"):
        visit(station, person, next_on=date(2024, 6, 1))
    for field in ("whom", "came_of"):
        with pytest.raises(WordsMissingError):
            visit(station, person, **{field: " "})
    assert not Contact.objects.exists()


def test_another_countys_officer_neither_notes_nor_reads(person, station):
    elsewhere = officer("兰庄协理", "caseworker", "321003001001")
    noted = visit(station, person)
    with pytest.raises(NotPermittedError):
        visit(elsewhere, person)
    with pytest.raises(ContactNotFoundError):
        operations.look_at_contact(actor=elsewhere, contact_id=noted.pk, purpose="办理本人的事项", at=at(DAY))
    assert queries.contacts_with(elsewhere, person_id=person.pk) == []


def test_a_look_is_recorded_before_the_words_are_shown_and_needs_a_purpose(person, station):
    noted = visit(station, person)
    with pytest.raises(ContactRefusedError):
        operations.look_at_contact(actor=station, contact_id=noted.pk, purpose=" ", at=at(DAY))
    assert not LookRecord.objects.exists()
    seen = operations.look_at_contact(actor=station, contact_id=noted.pk, purpose="电话联系本人", at=at(DAY))
    look = LookRecord.objects.get()
    assert (seen.came_of, look.subject_key, look.field) == ("还在找工作，想学电工", str(person.pk), "contact")


def test_a_call_is_noted_on_the_page_of_a_matter_and_stands_in_its_timeline(
    client, person, me, station, settings
):
    settings.OFFICE_DATE = DAY.isoformat()
    matter = hand_in(person, me)
    as_(client, station)
    given = {
        "kind": "phone",
        "reached": "person",
        "made_on": DAY.isoformat(),
        "whom": "本人",
        "came_of": "材料下周送来",
        "next_step": "核对合同原件",
        "next_on": NEXT.isoformat(),
    }
    page = client.post(f"/desk/contacts/matters/{matter.pk}/", given, follow=True).text
    assert "已登记" in page
    assert "下一步：2024年6月14日" in page
    assert "材料下周送来" not in page
    assert "核对合同原件" in client.get("/desk/contacts/").text
    noted = Contact.objects.get()
    assert (noted.matter, noted.person) == (matter, person)
    assert matter.number in client.get(f"/desk/people/{person.pk}/").text
    shown = client.post(f"/desk/contacts/{noted.pk}/look/", {"purpose": "办理本人的事项"}).text
    assert "材料下周送来" in shown
    as_(client, me)
    assert "材料下周送来" not in client.get(f"/my/services/matters/{matter.pk}/").text
    assert "走访和电话的记录" in client.get("/my/looks/").text


def test_the_form_offers_today_in_the_way_that_a_browser_reads(client, person, station, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    page = as_(client, station).get(f"/desk/people/{person.pk}/").text
    assert 'name="made_on" value="2024-06-11"' in page


def test_a_form_that_lacks_something_says_what(client, person, station, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    as_(client, station)
    said = client.post(
        f"/desk/contacts/people/{person.pk}/", {"kind": "visit", "whom": "本人"}, follow=True
    ).text
    assert "没有登记" in said
    assert not Contact.objects.exists()


def test_it_says_whether_anybody_was_reached_and_names_nobody_where_nobody_was(person, station):
    noted = visit(station, person, kind="phone", reached="nobody", whom="", came_of="响了没有人接")
    assert (noted.reached, noted.whom) == ("nobody", "")
    for wrong, words in (
        ({"reached": ""}, "联系上没有"),
        ({"reached": "maybe"}, "联系上没有"),
        ({"kind": "counter", "reached": "nobody"}, "来访的"),
    ):
        with pytest.raises(ContactRefusedError, match=words) as refused:
            visit(station, person, **wrong)
        assert refused.value.field == "reached"
    with pytest.raises(WordsMissingError):
        visit(station, person, whom=" ")
    with pytest.raises(IntegrityError, match="contact_names_whom_it_reached"), transaction.atomic():
        Contact.objects.create(
            person=person, division_code=VILLAGE, kind="phone", reached="other", made_on=DAY, whom="", came_of="x",
            next_step="", made_by_id=station.account_id, made_by_name="x", on_date=DAY, at=at(DAY),
        )  # fmt: skip


def test_whom_the_last_call_did_not_reach_stands_on_a_list_until_reached(client, person, station, settings):
    settings.OFFICE_DATE = NEXT.isoformat()
    missed = visit(station, person, kind="phone", reached="wrong", whom="", next_step="", next_on=None)
    as_(client, station)
    page = client.get("/desk/contacts/?whose=unreached").text
    assert "最近一次走访或电话没有联系上的" in page
    assert "号码或地址不对" in page
    assert f"/desk/people/{person.pk}/" in page
    assert "号码或地址不对" in client.get(f"/desk/people/{person.pk}/").text
    elsewhere = officer("别处", "caseworker", "321003")
    assert list(queries.not_reached(station)) == [missed]
    assert not queries.not_reached(elsewhere).exists()
    visit(station, person, made_on=DAY, next_step="", next_on=None)
    assert not queries.not_reached(station).exists()
    assert "没有没联系上的人" in client.get("/desk/contacts/?whose=unreached").text
