"""One form for a life event: asked once, sent once, begun everywhere, and each says how it went."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction

from jiuye.engine.rules.pack import load_pack
from jiuye.engine.services import load_items
from jiuye.office.casework.models import Case
from jiuye.office.casework.packrules import rules
from jiuye.office.entitlements.operations import redecide_employer
from jiuye.office.matters import operations, queries
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.together import NoSuchEventError, NothingTickedError
from jiuye.office.registry.models import (
    Birth,
    ContributionSpell,
    Education,
    Employer,
    EmploymentSpell,
    Status,
)
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import actor_for
from tests.office.matters.conftest import DAY, at, make_person, resident
from tests.office.places import VILLAGE
from tests.papers import pdf

GRADUATE = {
    "graduate-registration.graduated_on": "2024-06-01",
    "graduate-registration.school": "扬州大学",  # as it stands in the form
    "graduate-registration.seeking_work": "yes",
    "unemployment-registration.reason": "never_worked",
    "unemployment-registration.able_to_work": "yes",
}
BOTH = ["graduate-registration", "unemployment-registration"]


def send(actor, *, event="graduated", items=tuple(BOTH), benefits=(), answers=GRADUATE, papers=()):
    outcomes = operations.begin_event(
        actor=actor,
        event_id=event,
        items=items,
        benefits=benefits,
        answers=answers,
        papers=papers,
        rules=rules(),
        on=DAY,
        at=at(DAY),
    )
    return {row.name: row for row in outcomes}


@pytest.fixture
def graduate(divisions):
    person = make_person("王小禾", number="321002200108050028", birth_date=date(2001, 8, 5))
    Education.objects.create(
        person=person, level="bachelor", school="扬州大学", graduated_on=date(2024, 6, 1), source="学信网"
    )
    return resident(person)


def test_every_event_of_the_pack_starts_at_least_one_thing(pack_dir):
    pack, _ = load_pack(pack_dir)
    found, problems = load_items(pack_dir, pack=pack)
    assert [problem.render() for problem in problems] == []
    for event in found.life_events.values():
        paid = [name for name in event.policies if pack.policies[name].effect == "payment"]
        assert event.all_items or paid, event.id


def test_one_send_begins_both_registrations_of_a_graduate(graduate):
    told = send(graduate)
    assert {row.kind for row in told.values()} == {"handed_in"}, told
    matters = Matter.objects.order_by("pk")
    assert [(matter.item_id, matter.state, matter.life_event) for matter in matters] == [
        ("graduate-registration", "submitted", "graduated"),
        ("unemployment-registration", "submitted", "graduated"),
    ]
    # Asked once, under the first one's name, and answered in both.
    assert answers_of(matters[1])["seeking_work"] == "yes"
    assert told["失业登记"].number == matters[1].number


def test_what_the_city_knows_stands_in_the_form_and_says_where_it_comes_from(graduate):
    view = queries.event_form(graduate, "graduated", on=DAY)
    asked = {row.name: row for item in view.items for row in item.questions} | {
        row.name: row for row in view.shared
    }
    assert asked["graduate-registration.graduated_on"].text == "2024-06-01"
    assert asked["graduate-registration.graduated_on"].known.register
    assert asked["graduate-registration.school"].text == "扬州大学"
    assert asked["unemployment-registration.reason"].text == "never_worked"
    assert "我毕业了" in asked["unemployment-registration.reason"].known.register
    assert [row.name for row in view.shared] == ["graduate-registration.seeking_work"]
    assert "unemployment-registration.seeking_work" not in asked
    ticked = {row.item.id for row in view.items if row.ticked}
    assert ticked == set(BOTH)


def test_what_was_ticked_off_is_not_begun_and_its_questions_are_not_asked(graduate):
    view = queries.event_form(
        graduate, "graduated", given=queries.Given({}, ["unemployment-registration"], []), on=DAY
    )
    assert view.shared == ()
    assert [row.name for row in view.items[0].questions] == []
    send(graduate, items=["unemployment-registration"])
    assert list(Matter.objects.order_by("pk").values_list("item_id", flat=True)) == [
        "unemployment-registration"
    ]


def test_a_missing_paper_keeps_a_draft_and_none_of_the_others_back(graduate):
    told = send(
        graduate,
        items=[*BOTH, "personnel-file-transfer"],
        answers=GRADUATE
        | {
            "personnel-file-transfer.to_name": "苏州人才市场",
            "personnel-file-transfer.to_address": "苏州市姑苏区",
            "personnel-file-transfer.why": "moved",
        },
    )
    kept = told["流动人员人事档案转递"]
    assert (kept.kind, kept.papers) == ("draft", (("调档函或接收函", "letter of the receiver"),))
    assert told["失业登记"].kind == "handed_in"
    draft = Matter.objects.get(item_id="personnel-file-transfer")
    assert (draft.state, answers_of(draft)["to_name"]) == ("draft", "苏州人才市场")
    # The draft stands in the form when it is opened again.
    again = queries.event_form(graduate, "graduated", on=DAY)
    texts = {row.name: row.text for item in again.items for row in item.questions}
    assert texts["personnel-file-transfer.to_name"] == "苏州人才市场"


def test_a_paper_that_comes_with_the_form_hands_the_matter_in(graduate):
    paper = operations.Paper("personnel-file-transfer", "call", "调档函.pdf", pdf("letter"))
    told = send(
        graduate,
        items=["personnel-file-transfer"],
        answers={
            "personnel-file-transfer.to_name": "苏州人才市场",
            "personnel-file-transfer.to_address": "苏州市姑苏区",
            "personnel-file-transfer.why": "moved",
        },
        papers=[paper],
    )
    assert told["流动人员人事档案转递"].kind == "handed_in", told


def test_a_form_with_gaps_says_which_and_keeps_what_was_typed(graduate):
    told = send(graduate, answers={"graduate-registration.school": "扬州大学"})
    assert told["失业登记"].kind == "draft"
    assert any("失业原因" in words for words in told["失业登记"].left)
    assert answers_of(Matter.objects.get(item_id="graduate-registration"))["school"] == "扬州大学"


def test_sent_twice_it_begins_nothing_twice(graduate):
    send(graduate)
    told = send(graduate)
    assert {row.kind for row in told.values()} == {"there"}
    assert Matter.objects.count() == 2


def test_nothing_ticked_is_refused_in_words_and_an_event_of_employers_is_none_of_a_residents(graduate):
    with pytest.raises(NothingTickedError):
        send(graduate, items=[])
    with pytest.raises(NoSuchEventError):
        send(graduate, event="second_child")
    assert queries.event_form(graduate, "second_child", on=DAY) is None


def test_somebody_elses_benefit_is_not_confirmed_and_not_told(graduate, person):
    told = send(graduate, items=[], benefits=[987654])
    assert [row.kind for row in told.values()] == ["refused"]


@pytest.fixture
def firm(divisions):
    return Employer.objects.create(
        name="广陵机械厂",
        credit_code="91321002MA1XXXXX7Q",
        kind="enterprise",
        division_id=VILLAGE,
        source="测试登记",
    )


@pytest.fixture
def firms_own(firm):
    account = Account.objects.create(
        username="firm", display_name=firm.name, kind="employer", subject_key=str(firm.pk)
    )
    return actor_for(account, on=DAY)


def test_a_firm_confirms_what_its_employees_second_child_entitles_it_to_by_the_one_form(
    firm, firms_own, person
):
    """The event begins no item at all: what is owed is found already, and confirming it is all there is to do."""
    Employer.objects.filter(pk=firm.pk).update(bank_account="3205000000009876", bank_name="扬州农商银行")
    EmploymentSpell.objects.create(
        person=person, employer=firm, kind="employee", start=date(2022, 1, 1), source="测试登记"
    )
    Birth.objects.create(
        mother=person, employer=firm, child_order=2, birth_date=date(2023, 7, 20), source="测试登记"
    )
    ContributionSpell.objects.create(
        person=person,
        employer=firm,
        payer="employer",
        start=date(2023, 7, 1),
        base_fen=500_000,
        pension_fen=80_000,
        medical_fen=40_000,
        source="测试登记",
    )
    with transaction.atomic():
        redecide_employer(employer_id=firm.pk, on=DAY, at=at(DAY))
    (owed,) = queries.event_form(firms_own, "second_child", on=DAY).benefits
    told = send(firms_own, event="second_child", items=[], answers={}, benefits=[owed.entitlement.pk])
    assert [row.kind for row in told.values()] == ["confirmed"]
    case = Case.objects.get(entitlement=owed.entitlement.pk)
    assert (case.policy_id, case.confirmed_by_way, case.amount_fen) == (
        "maternity-insurance-subsidy",
        "own",
        360_000,
    )
    again = send(firms_own, event="second_child", items=[], answers={}, benefits=[owed.entitlement.pk])
    assert ([row.kind for row in again.values()], Case.objects.count()) == (["there"], 1)


HIRED = {
    "hire-registration.worker": "321002197803050029",
    "hire-registration.began_on": "2024-06-03",
    "hire-registration.contract_months": "24",
    "hire-registration.wage": "5200.50",
    "hire-registration.true_statement": "yes",
}
CONTRACT = operations.Paper("hire-registration", "contract", "合同.pdf", pdf("contract"))


def test_an_employer_that_hired_somebody_registers_it_and_the_registry_knows_the_employment(
    firm, firms_own, person, street, reviewer
):
    told = send(
        firms_own, event="hired_somebody", items=["hire-registration"], answers=HIRED, papers=[CONTRACT]
    )
    assert told["就业登记（单位招用）"].kind == "handed_in", told
    matter = Matter.objects.get()
    operations.take(actor=street, matter_id=matter.pk, act="accept", on=DAY, at=at(DAY))
    operations.take(actor=reviewer, matter_id=matter.pk, act="decide", on=DAY, at=at(DAY))
    spell = EmploymentSpell.objects.get(person=person)
    assert (spell.employer, spell.kind, spell.start, spell.monthly_wage_fen) == (
        firm, "employee", date(2024, 6, 3), 520050,
    )  # fmt: skip


def test_an_id_number_that_nobody_on_record_has_is_said_at_its_field(firms_own):
    told = send(
        firms_own,
        event="hired_somebody",
        items=["hire-registration"],
        answers=HIRED | {"hire-registration.worker": "321002199001010012"},
        papers=[CONTRACT],
    )
    kept = told["就业登记（单位招用）"]
    assert kept.kind == "draft"
    assert any("没有登记过这个身份证号" in words for words in kept.left)


def test_somebody_whose_registration_is_on_record_already_is_not_asked_to_register_again(graduate):
    def registration():
        form = queries.event_form(graduate, "graduated", on=DAY)
        return next(row for row in form.items if row.item.id == "unemployment-registration")

    assert (registration().held, registration().ticked) == (False, True)
    status = Status.objects.create(
        person_id=int(graduate.subject_key),
        kind="registered_unemployed",
        start=date(2024, 6, 3),
        source="测试登记",
    )
    assert (registration().held, registration().ticked) == (True, False)
    status.until = DAY  # half-open: from that day on it is over
    status.save()
    assert (registration().held, registration().ticked) == (False, True)
