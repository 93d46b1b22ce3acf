"""Work and households as registers deliver them: hires are found, who lives together is known, and both are taken back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jiuye.office.entitlements.delivering import withdraw_delivery
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.registry.deliveries import DeliveryRefusedError
from jiuye.office.registry.delivery_previews import DeliveryPreview
from jiuye.office.registry.models import (
    EmploymentSpell,
    Household,
    HouseholdMembership,
    Person,
    RegisterDelivery,
)
from jiuye.office.registry.signals import people_changed
from jiuye.office.staff.queries import NotPermittedError
from tests.office.entitlements.conftest import APRIL, AT, ON, decided, employ, fact, hold, make_person, pay

pytestmark = pytest.mark.usefixtures("nothing_delivered")
LATER = AT + timedelta(hours=3)
WORK = "身份证号,统一社会信用代码,就业形式,起始日期,终止日期,合同期（月）,月工资"
HOME = "身份证号,户号,起始日期,终止日期"


@pytest.fixture
def other(town) -> Person:
    return make_person("李桂芳", "321002198001010047", birth_date=date(1980, 1, 1))


def hired(person, firm, start: str = "2024-10-01", last: str = "", wage: str = "3600") -> str:
    return f"{person.id_number},{firm.credit_code},单位就业,{start},{last},24,{wage}"


@pytest.fixture
def told():
    """The residents of whom the registry says that something about them changed."""
    people: list[int] = []

    def hear(sender, person_ids, **_):
        people.extend(person_ids)

    people_changed.connect(hear)
    yield people
    people_changed.disconnect(hear)


def lives(person, number: str, start: str = "2020-03-01", last: str = "") -> str:
    return f"{person.id_number},{number},{start},{last}"


# ---------------------------------------------------------------------------------------------- silence


def test_whether_somebody_works_is_not_known_before_the_register_of_work_was_delivered_whole(
    person, other, firm, deliver
):
    assert fact("person", person.pk, "employment_kind") is None
    deliver("employment", WORK, hired(other, firm))
    assert fact("person", other.pk, "employment_kind") == "employee"
    assert fact("person", person.pk, "employment_kind") is None
    deliver("employment", WORK, hired(other, firm), complete=True)
    assert fact("person", person.pk, "employment_kind") == "not_employed"


def test_whoever_is_registered_as_unemployed_or_lost_a_job_on_record_is_not_employed(person, other, firm):
    hold(person, "registered_unemployed", date(2025, 1, 1))
    employ(other, firm, date(2024, 1, 1), date(2025, 1, 1))
    for one in (person, other):
        assert fact("person", one.pk, "employment_kind") == "not_employed"


def test_that_nobody_works_for_an_employer_is_not_known_before_the_register_was_delivered_whole(
    person, firm, deliver
):
    employ(person, firm, date(2024, 1, 1), kind="self_employed")
    names = ("employees_besides_founder", "contract_hires_last_year")
    assert [fact("employer", firm.pk, name) for name in names] == [None, None]
    founder = f"{person.id_number},{firm.credit_code},个体经营,2024-01-01,,,"
    deliver("employment", WORK, founder, complete=True)
    assert [fact("employer", firm.pk, name) for name in names] == [0, 0]


def test_that_somebody_held_no_welfare_post_is_not_known_before_the_register_was_delivered_whole(
    person, other, firm, deliver
):
    assert fact("person", person.pk, "welfare_post_placements") is None
    deliver("employment", WORK, hired(other, firm), complete=True)
    # The rows of a resident speak for that resident.
    assert [fact("person", one.pk, "welfare_post_placements") for one in (person, other)] == [0, 0]


# ---------------------------------------------------------------------------------------------- work


def test_a_hire_delivered_finds_the_subsidy_for_it(person, firm, deliver):
    hold(person, "employment_difficulty", date(2024, 9, 1), category="older")
    hold(person, "registered_unemployed", date(2024, 9, 1), date(2024, 10, 1))
    pay(person, firm, date(2024, 10, 1), unemployment_fen=2_500, injury_fen=1_000, maternity_fen=4_000)
    deliver("employment", WORK, hired(person, firm))
    kept = EmploymentSpell.objects.get()
    assert (kept.person, kept.employer, kept.kind, kept.start, kept.until) == (
        person, firm, "employee", date(2024, 10, 1), None,
    )  # fmt: skip
    assert (kept.contract_months, kept.monthly_wage_fen, kept.source) == (24, 360_000, "市社保中心")
    assert decided("difficult-person-insurance-subsidy", "hire").verdict == "yes"


def test_both_values_of_a_hire_are_shown_before_one_is_overwritten(person, firm, deliver):
    deliver("employment", WORK, hired(person, firm))
    deliver("employment", WORK, hired(person, firm))
    preview = DeliveryPreview()
    changed = hired(person, firm, last="2025-02-28", wage="4000")
    deliver("employment", WORK, changed, preview=preview)
    assert (preview.new, preview.changed, preview.values) == (0, 1, 2)
    whose = "张** 扬州试点电子有限公司 单位就业 2024-10-01"
    assert (whose, "月工资", "3,600.00", "4,000.00") in preview.things
    assert (whose, "终止日期", "（空）", "2025-02-28") in preview.things
    assert EmploymentSpell.objects.get().monthly_wage_fen == 360_000
    deliver("employment", WORK, changed)
    assert EmploymentSpell.objects.get().until == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("{id},,单位就业,2024-10-01,,,", "第2行：单位就业和公益性岗位必须有用人单位"),
        ("{id},{code},单位就业,2024-10-01,2024-09-01,,", "第2行：就业经历的结束日期必须晚于开始日期。"),
        ("{id},{code},打工,2024-10-01,,,", "第2行：就业形式：“打工”不在目录内"),
        ("{id},{code},单位就业,2025-04-02,,,", "第2行：起始日期：2025-04-02晚于数据日期2025-04-01。"),
        ("{id},{code},单位就业,2024-10-01,2025-04-01,,", "第2行：终止日期：2025-04-01不早于数据日期2025-04-01。"),
        ("{id},91321002MA0000000X,单位就业,2024-10-01,,,", "第2行：统一社会信用代码：没有登记过"),
    ],
)  # fmt: skip
def test_a_hire_that_cannot_be_is_refused_with_its_row_and_nothing_is_kept(
    person, other, firm, deliver, line, sentence
):
    wrong = line.format(id=person.id_number, code=firm.credit_code)
    with pytest.raises(DeliveryRefusedError) as refused:
        deliver("employment", WORK, wrong, hired(other, firm))
    assert any(said.startswith(sentence) for said in refused.value.sentences), refused.value.sentences
    assert not EmploymentSpell.objects.exists()
    assert not RegisterDelivery.objects.exists()


def test_what_was_found_of_a_hire_is_a_no_as_soon_as_the_hire_is_taken_back(person, firm, deliver, clerk):
    hold(person, "employment_difficulty", date(2024, 9, 1), category="older")
    hold(person, "registered_unemployed", date(2024, 9, 1), date(2024, 10, 1))
    pay(person, firm, date(2024, 10, 1))
    delivery = deliver("employment", WORK, hired(person, firm))
    hire = str(EmploymentSpell.objects.get().pk)
    assert decided("difficult-person-insurance-subsidy", "hire").verdict == "yes"
    withdraw_delivery(actor=clerk, number=delivery.pk, on=ON, at=LATER)
    assert not EmploymentSpell.objects.exists()
    found = Entitlement.objects.filter(subject_kind="hire", subject_key=hire)
    assert {row.verdict for row in found} == {"no"}
    assert fact("person", person.pk, "employment_kind") is None


def test_a_hire_for_which_was_paid_is_not_taken_back(person, firm, deliver, clerk):
    delivery = deliver("employment", WORK, hired(person, firm))
    Benefit.objects.create(
        policy_id="difficult-person-insurance-subsidy", subject_kind="hire", employer=firm, amount_fen=100, months=1,
        subject_key=str(EmploymentSpell.objects.get().pk), paid_on=ON, source="测试",
    )  # fmt: skip
    with pytest.raises(DeliveryRefusedError, match="发放过1笔待遇"):
        withdraw_delivery(actor=clerk, number=delivery.pk, on=ON, at=LATER)
    assert EmploymentSpell.objects.exists()


# ---------------------------------------------------------------------------------------------- households


def test_rows_of_one_number_are_one_household_and_everybody_in_it_is_decided_anew(
    person, other, deliver, told
):
    deliver("household_member", HOME, lives(person, "3210020001"), lives(other, "3210020001", "2021-01-01"))
    household = Household.objects.get()
    assert (household.number, household.division_id) == ("3210020001", person.residence_division_id)
    assert household.source == "市社保中心"
    assert {one.household for one in Person.objects.order_by("pk")} == {household}
    kept = HouseholdMembership.objects.get(person=other)
    assert (kept.start, kept.until, kept.source) == (date(2021, 1, 1), None, "市社保中心")
    assert told == sorted([person.pk, other.pk])


def test_a_move_is_shown_first_and_taken_back_and_whoever_stays_behind_is_decided_anew(
    person, other, deliver, clerk, told
):
    first = deliver("household_member", HOME, lives(person, "甲"), lives(other, "甲"))
    moved = lives(person, "甲", last="2025-02-28"), lives(person, "乙", "2025-03-01")
    preview = DeliveryPreview()
    deliver("household_member", HOME, *moved, preview=preview)
    assert (preview.new, preview.changed) == (1, 1)
    assert ("张** 2020-03-01", "终止日期", "（空）", "2025-02-28") in preview.things
    assert not Household.objects.filter(number="乙").exists()
    told.clear()
    second = deliver("household_member", HOME, *moved)
    assert told == sorted([person.pk, other.pk])
    person.refresh_from_db()
    assert person.household.number == "乙"
    told.clear()
    withdraw_delivery(actor=clerk, number=second.pk, on=ON, at=LATER)
    assert told == sorted([person.pk, other.pk])
    person.refresh_from_db()
    assert person.household.number == "甲"
    assert not Household.objects.filter(number="乙").exists()
    withdraw_delivery(actor=clerk, number=first.pk, on=ON, at=LATER)
    person.refresh_from_db()
    assert person.household is None
    assert not Household.objects.exists()


def test_the_number_of_a_household_is_shown_where_it_was_another(person, deliver):
    deliver("household_member", HOME, lives(person, "甲"))
    preview = DeliveryPreview()
    deliver("household_member", HOME, lives(person, "乙"), preview=preview)
    assert ("张** 2020-03-01", "户号", "甲", "乙") in preview.things


def test_whoever_a_whole_register_lists_in_no_household_belongs_to_none_from_its_day_on(
    person, other, deliver
):
    deliver("household_member", HOME, lives(person, "甲"), lives(other, "甲"), complete=True)
    deliver("household_member", HOME, lives(other, "甲"), complete=True)
    assert HouseholdMembership.objects.get(person=person).until == APRIL
    assert [one.household_id is None for one in (person, other) if one.refresh_from_db() is None] == [
        True,
        False,
    ]


def test_whoever_belongs_to_another_household_is_refused_with_the_row(person, other, town, deliver):
    home = Household.objects.create(division=town, source="窗口")
    HouseholdMembership.objects.create(person=person, household=home, start=date(2019, 1, 1), source="窗口")
    with pytest.raises(DeliveryRefusedError) as refused:
        deliver("household_member", HOME, lives(other, "甲"), lives(person, "甲"))
    (said,) = refused.value.sentences
    assert said.startswith("第3行：同一人同一时间只能在一户")
    assert Household.objects.get() == home
    with pytest.raises(DeliveryRefusedError, match="第2行：户号：最多40个字。"):
        deliver("household_member", HOME, lives(other, "甲" * 41))


def test_households_and_work_outside_the_officers_county_may_not_be_delivered(
    person, firm, deliver, officer, town
):
    person.residence_division = type(town).objects.create(
        code="321003", name="邗江区", kind="county", parent_id="3210"
    )
    person.save()
    for kind, head, line in (
        ("household_member", HOME, lives(person, "甲")),
        ("employment", WORK, hired(person, firm)),
    ):
        with pytest.raises(NotPermittedError):
            deliver(kind, head, line, actor=officer)
    assert not Household.objects.exists()
