"""Items that write more than a status: a household recognised, a post taken, a traineeship begun, an insurance base chosen."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import explain_now
from jiuye.office.matters import operations, queries
from jiuye.office.matters.forms import FormRefusedError, answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.deciding import NotMetError
from jiuye.office.matters.operations.drafting import HouseholdUnderWayError, NoHouseholdError
from jiuye.office.registry.models import (
    ContributionSpell,
    Education,
    Employer,
    EmploymentSpell,
    Household,
    Status,
)
from jiuye.office.skills.models import Traineeship
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, at, make_person, officer, resident
from tests.office.places import OTHER_VILLAGE, VILLAGE
from tests.papers import pdf

CODE = "91321002MA1XABCD1X"
NOTICE_OVER = date(2024, 6, 20)
YES = {"members_statement": "yes", "income_statement": "yes", "true_statement": "yes"}


def begin(item: str, person, actor, **more) -> Matter:
    return operations.start(
        actor=actor, item_id=item, applicant_kind="person", applicant_id=person.pk, on=DAY, at=at(DAY), **more
    )


def hand_in(matter: Matter, actor, answers: dict[str, str], papers: tuple[str, ...] = ()) -> Matter:
    for paper in papers:
        operations.attach(
            actor=actor, matter_id=matter.pk, evidence_id=paper, file_name=f"{paper}.pdf",
            content=pdf(paper), on=DAY, at=at(DAY),
        )  # fmt: skip
    return operations.hand_in(actor=actor, matter_id=matter.pk, answers=answers, on=DAY, at=at(DAY))


def take(matter: Matter, actor, act: str, on: date = DAY, note: str = "") -> Matter:
    return operations.take(actor=actor, matter_id=matter.pk, act=act, note=note, on=on, at=at(on))


def unemployed(person, since: date = date(2024, 1, 10)) -> None:
    Status.objects.create(person=person, kind="registered_unemployed", start=since, source="测试登记")


def make_employer(division: str = VILLAGE, **more) -> Employer:
    return Employer.objects.create(
        **{
            "credit_code": CODE, "name": "扬州公益服务中心", "kind": "enterprise", "division_id": division,
            "founded_on": date(2015, 1, 1), "source": "测试登记", **more,
        }
    )  # fmt: skip


@pytest.fixture
def household(person) -> Household:
    """The applicant, her husband registered elsewhere in the city, and a child of twelve; the street found no other income."""
    home = Household.objects.create(division_id=VILLAGE, source="测试登记")
    person.household, person.hukou_kind = home, "urban"
    person.save()
    make_person(
        "李大海", number="321003197501010013", village=OTHER_VILLAGE, sex="male",
        birth_date=date(1975, 1, 1), household=home, hukou_kind="urban",
    )  # fmt: skip
    make_person(
        "李小海", number="321002201203050016", sex="male", birth_date=date(2012, 3, 5), household=home,
        hukou_kind="urban",
    )  # fmt: skip
    for member in home.members.all():
        if member.birth_date.year < 2000:
            unemployed(member)
    return home


def test_a_household_is_recognised_once_for_all_of_working_age_wherever_they_live(
    person, me, household, station, street, reviewer, approver
):
    matter = hand_in(begin("zero-job-household-recognition", person, me), me, YES)
    assert matter.household_id == household.pk
    take(matter, station, "accept")
    take(matter, street, "check", note="入户核实，夫妻都没有工作，没有别的收入")
    take(matter, reviewer, "review")
    take(matter, reviewer, "publicise")
    granted = take(matter, approver, "decide", NOTICE_OVER, note="入户核查没有经营性收入")
    found = Status.objects.filter(kind="zero_job_household").order_by("person__name")
    assert [(row.person.name, row.document, row.start) for row in found] == [
        ("张秀兰", granted.number, NOTICE_OVER), ("李大海", granted.number, NOTICE_OVER),
    ]  # fmt: skip
    assert granted.review_on == date(2025, 6, 20)


def test_another_member_finds_that_the_household_is_under_way(person, me, household):
    matter = begin("zero-job-household-recognition", person, me)
    husband = household.members.get(name="李大海")
    with pytest.raises(HouseholdUnderWayError, match=matter.number):
        begin("zero-job-household-recognition", husband, resident(husband))


def test_who_has_no_household_on_record_is_told_where_to_register_it(person, me):
    with pytest.raises(NoHouseholdError, match="到社区登记"):
        begin("zero-job-household-recognition", person, me)


def test_a_household_in_which_somebody_works_is_not_recognised_without_a_ground(
    person, me, household, station, street, reviewer, approver
):
    husband = household.members.get(name="李大海")
    Status.objects.filter(person=husband).delete()
    EmploymentSpell.objects.create(person=husband, kind="flexible", start=date(2024, 2, 1), source="测试登记")
    matter = hand_in(begin("zero-job-household-recognition", person, me), me, YES)
    take(matter, station, "accept")
    take(matter, street, "check", note="丈夫在跑外卖")
    take(matter, reviewer, "review")
    take(matter, reviewer, "publicise")
    with pytest.raises(NotMetError):
        take(matter, approver, "decide", NOTICE_OVER)
    assert not Status.objects.filter(kind="zero_job_household").exists()


POST = {
    "employer": CODE,
    "post": "社区保洁",
    "began_on": "2024-06-03",
    "contract_months": "24",
    "wage": "2490",
}


@pytest.fixture
def difficult(person):
    unemployed(person)
    Status.objects.create(
        person=person,
        kind="employment_difficulty",
        category="older",
        start=date(2024, 2, 1),
        source="测试登记",
    )
    return person


def placed(difficult, me, street, reviewer, approver, **changes) -> Matter:
    matter = begin("public-welfare-post-placement", difficult, me)
    hand_in(matter, me, POST | changes, ("post-recognition", "contract"))
    take(matter, street, "accept")
    take(matter, reviewer, "review")
    return take(matter, approver, "decide")


def test_a_placement_is_an_employment_at_that_employer_and_opens_its_subsidy(
    difficult, me, street, reviewer, approver
):
    centre = make_employer(OTHER_VILLAGE)  # in another county than the officers
    matter = placed(difficult, me, street, reviewer, approver)
    spell = EmploymentSpell.objects.get(person=difficult)
    assert (spell.kind, spell.employer, spell.start) == ("public_welfare_post", centre, date(2024, 6, 3))
    assert (spell.contract_months, spell.monthly_wage_fen) == (24, 249000)
    registered = Status.objects.get(person=difficult, kind="registered_unemployed")
    assert registered.until == date(2024, 6, 3)
    ContributionSpell.objects.create(
        person=difficult, employer=centre, payer="employer", start=date(2024, 6, 1), base_fen=249000,
        pension_fen=39840, medical_fen=19920, source="测试登记",
    )  # fmt: skip
    paid = explain_now(
        policy_id="public-welfare-post-subsidy", subject_kind="hire", subject_key=str(spell.pk), on=DAY
    )
    assert (paid.verdict, paid.amount_fen) == (
        "yes",
        149400 + 59760,
    )  # 2,490 × 60 %, and what the employer paid
    view = queries.own_matter(me, matter.pk, on=DAY)
    assert [policy.id for policy in view.leads] == ["public-welfare-post-subsidy"]
    assert view.answers[0].named == "扬州公益服务中心"


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"contract_months": "11"}, "contract_months", "不能少于 12"),
        ({"contract_months": "61"}, "contract_months", "不能多于 60"),
        ({"employer": "91321002MA1XABCD2X"}, "employer", "没有登记过"),
    ],
)
def test_a_term_beyond_the_months_left_and_an_unknown_employer_are_said_at_their_fields(
    difficult, me, changes, field, words
):
    make_employer()
    matter = begin("public-welfare-post-placement", difficult, me)
    with pytest.raises(FormRefusedError) as refused:
        hand_in(matter, me, POST | changes, ("post-recognition", "contract"))
    assert list(refused.value.fields) == [field]
    assert words in refused.value.fields[field]


def test_the_form_says_how_long_the_contract_may_be_for_a_woman_of_46_near_retirement(difficult, me):
    view = queries.own_matter(me, begin("public-welfare-post-placement", difficult, me).pk, on=DAY)
    months = next(row for row in view.answers if row.question.id == "contract_months")
    assert (months.limits.least, months.limits.most) == (12, 60)


def test_who_is_not_recognised_is_not_placed(person, me, street, reviewer, approver):
    unemployed(person)
    make_employer()
    Status.objects.create(
        person=person, kind="employment_difficulty", category="older", start=date(2022, 2, 1),
        until=date(2024, 2, 1), source="测试登记",
    )  # fmt: skip
    with pytest.raises(NotMetError):
        placed(person, me, street, reviewer, approver)


TRAINING = {
    "base": CODE, "post": "软件测试", "began_on": "2024-06-03", "months": "6", "stipend": "2000",
    "accident_insured": "yes", "group": "graduate",
}  # fmt: skip


@pytest.fixture
def graduate(person):
    Education.objects.create(
        person=person, level="bachelor", full_time=True, graduated_on=date(2023, 6, 30), source="测试登记"
    )
    return person


def test_a_traineeship_is_registered_at_a_recognised_base_and_opens_the_subsidy(
    graduate, me, street, reviewer
):
    base = make_employer(traineeship_base=True)
    matter = begin("traineeship-registration", graduate, me)
    hand_in(matter, me, TRAINING, ("agreement", "accident"))
    take(matter, street, "accept")
    take(matter, reviewer, "decide")
    kept = Traineeship.objects.get(person=graduate)
    assert (kept.employer, kept.start, kept.until) == (base, date(2024, 6, 3), date(2024, 12, 3))
    assert (kept.monthly_stipend_fen, kept.accident_insured, kept.position) == (200000, True, "软件测试")
    found = Entitlement.objects.get(policy_id="traineeship-subsidy", subject_key=str(kept.pk))
    told = explain_now(
        policy_id=found.policy_id,
        subject_kind="traineeship",
        subject_key=found.subject_key,
        on=found.period_start,
    )
    # Everything that the law asks is known and met; the share that Yangzhou pays since 2023 is on no document.
    assert (found.verdict, told.verdict, found.amount_fen) == ("unknown", "unknown", None)
    assert {item.path for item in told.missing} == {"share"}
    assert {row.verdict for row in told.clauses} == {"yes"}


def test_a_traineeship_elsewhere_than_at_a_base_or_too_short_is_refused(graduate, me):
    make_employer(traineeship_base=False)
    matter = begin("traineeship-registration", graduate, me)
    with pytest.raises(FormRefusedError) as refused:
        hand_in(matter, me, TRAINING | {"months": "2"}, ("agreement", "accident"))
    assert set(refused.value.fields) == {"base", "months"}
    assert "不是“就业见习基地”" in refused.value.fields["base"]
    assert not Traineeship.objects.exists()


def test_a_base_that_is_recognised_may_take_trainees_from_that_day(divisions, graduate, me, approver):
    firm = make_employer()
    desk = officer("区受理", "caseworker", "321002")
    checker = officer("区核查", "reviewer", "321002")
    matter = operations.start(
        actor=desk, item_id="traineeship-base-recognition", applicant_kind="employer", applicant_id=firm.pk,
        way="on_behalf", on=DAY, at=at(DAY),
    )  # fmt: skip
    for paper in ("licence", "posts-plan"):
        operations.show_original(
            actor=desk, matter_id=matter.pk, evidence_id=paper, said="原件", on=DAY, at=at(DAY)
        )
    answers = {"posts": "20", "rounds": "2", "skills": "软件", "contact": "王工", "promise": "yes"}
    operations.hand_in(actor=desk, matter_id=matter.pk, answers=answers, on=DAY, at=at(DAY))
    take(matter, desk, "accept")
    take(matter, checker, "check", note="看过岗位")
    take(matter, checker, "publicise")
    take(matter, approver, "decide", NOTICE_OVER)
    firm.refresh_from_db()
    assert firm.traineeship_base is True


def test_a_firms_matter_opens_to_the_firms_page(divisions, graduate, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    firm, desk = make_employer(), officer("区受理", "caseworker", "321002")
    matter = operations.start(
        actor=desk, item_id="traineeship-base-recognition", applicant_kind="employer", applicant_id=firm.pk,
        way="on_behalf", on=DAY, at=at(DAY),
    )  # fmt: skip
    for paper in ("licence", "posts-plan"):
        operations.show_original(
            actor=desk, matter_id=matter.pk, evidence_id=paper, said="原件", on=DAY, at=at(DAY)
        )
    answers = {"posts": "20", "rounds": "2", "skills": "软件", "contact": "王工", "promise": "yes"}
    operations.hand_in(actor=desk, matter_id=matter.pk, answers=answers, on=DAY, at=at(DAY))
    client = Client()
    client.force_login(Account.objects.get(pk=desk.account_id))
    assert f'href="/desk/employers/{firm.pk}/"' in client.get(f"/desk/matters/{matter.pk}/").text


def test_the_base_that_somebody_chose_is_known_and_held_to_the_limits_of_the_year(
    person, me, street, reviewer
):
    EmploymentSpell.objects.create(person=person, kind="flexible", start=date(2024, 2, 1), source="测试登记")
    matter = begin("flexible-insurance-registration", person, me)
    answers = {"insurances": "pension", "base": "4878.99", "true_statement": "yes"}
    with pytest.raises(FormRefusedError, match=r"不能少于 4,879\.00"):
        hand_in(matter, me, answers)
    hand_in(matter, me, answers | {"base": "5000"})
    take(matter, street, "accept")
    granted = take(matter, reviewer, "decide")
    assert granted.receipt["verdict"] == "yes"
    again = begin("flexible-insurance-registration", person, me)
    assert answers_of(again)["base"] == "5000.00"  # not asked anew
