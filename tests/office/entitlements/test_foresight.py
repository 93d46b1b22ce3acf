"""What time alone will change is kept with each sweep and worked out anew when a fact changes."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.entitlements import operations
from jiuye.office.entitlements.calculating import calculate, inquiry_of, measured_shares, shares_of
from jiuye.office.entitlements.models import Entitlement, Prospect, Sweep
from jiuye.office.skills.models import Certificate
from tests.office.entitlements.conftest import AT, ON, employ, make_person, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_policies")]
SKILL = "skill-upgrade-subsidy"


def certificate(person, issued_on: date) -> Certificate:
    return Certificate.objects.create(
        person=person, kind="skill_level", level="level_4", category="a", shortage=False, issued_on=issued_on, training_subsidised=False,
        occupation_name="电工", number="C1", issuer="扬州技师学院", source="测试",
    )  # fmt: skip


@pytest.fixture
def skilled_worker(person, firm):
    """A worker insured for years whose certificate of 30 May 2024 can be claimed until 30 May 2025."""
    employ(person, firm, date(2020, 1, 1))
    pay(person, firm, date(2020, 1, 1), unemployment_fen=2_500, injury_fen=2_000)
    certificate(person, date(2024, 5, 30))
    return person


def foreseen(policy_id: str = SKILL) -> list[tuple[str, date, str, int | None]]:
    rows = Prospect.objects.filter(policy_id=policy_id).order_by("pk")
    return [(row.kind, row.day, row.clause, row.amount_fen) for row in rows]


def test_a_sweep_keeps_whose_entitlement_ends_with_its_day_condition_and_receipt(skilled_worker):
    operations.run_sweep(actor=None, on=ON, at=AT)
    assert foreseen() == [("ending", date(2025, 5, 31), "in-time", 150_000)]
    kept = Prospect.objects.get(policy_id=SKILL)
    assert (kept.person_id, kept.recipient_kind, kept.decided_on) == (skilled_worker.pk, "person", ON)
    assert kept.division_code == skilled_worker.residence_division_id
    assert kept.facts["issued_on"] == "2024-05-30"
    assert kept.rule_version


def test_a_second_sweep_replaces_what_the_first_foresaw(skilled_worker):
    operations.run_sweep(actor=None, on=ON, at=AT)
    operations.run_sweep(actor=None, on=date(2025, 6, 10), at=AT)
    assert foreseen() == [("lost", date(2025, 5, 31), "in-time", 150_000)]


def test_a_changed_fact_changes_what_is_foreseen_at_once(skilled_worker):
    operations.run_sweep(actor=None, on=ON, at=AT)
    Certificate.objects.update(issued_on=date(2024, 8, 2))
    operations.redecide_person(person_id=skilled_worker.pk, on=ON, at=AT)
    assert foreseen() == [("ending", date(2025, 8, 3), "in-time", 150_000)]
    Certificate.objects.update(training_subsidised=True)
    operations.redecide_person(person_id=skilled_worker.pk, on=ON, at=AT)
    assert foreseen() == []


def test_the_sweep_and_the_decision_for_one_person_foresee_the_same(skilled_worker):
    operations.run_sweep(actor=None, on=ON, at=AT)
    columns = ("policy_id", "subject_key", "kind", "day", "clause", "amount_fen", "facts", "division_code")
    swept = list(Prospect.objects.order_by("policy_id", "subject_key").values(*columns))
    Prospect.objects.all().delete()
    operations.redecide_person(person_id=skilled_worker.pk, on=ON, at=AT)
    again = list(Prospect.objects.order_by("policy_id", "subject_key").values(*columns))
    assert [row for row in again if row["policy_id"] == SKILL] == [
        row for row in swept if row["policy_id"] == SKILL
    ]


def test_an_employers_narrow_misses_by_its_hires_are_not_kept_and_its_own_are(person, firm):
    """A hire does not become one of somebody hard to employ; that a firm misses its own subsidy narrowly is worth a look."""
    employ(person, firm, date(2025, 1, 6), contract_months=24, monthly_wage_fen=500_000)
    pay(person, firm, date(2025, 1, 1), unemployment_fen=2_500, injury_fen=2_000)
    operations.run_sweep(actor=None, on=ON, at=AT)
    assert not Entitlement.objects.filter(verdict="near_miss", subject_kind="hire").exists()
    operations.redecide_person(person_id=person.pk, on=ON, at=AT)
    assert not Entitlement.objects.filter(verdict="near_miss", subject_kind="hire").exists()


@pytest.mark.usefixtures("whole_pack")
def test_a_sweep_measures_how_common_each_answer_is(skilled_worker):
    make_person("李四", "321002199001010011", birth_date=date(1990, 1, 1))
    run = operations.run_sweep(actor=None, on=ON, at=AT)
    assert {tuple(texts): weight for texts, weight in run.shares["person"]["situation"]} == {
        ("employed",): 1,
        ("unemployed",): 1,
    }
    shares = shares_of("person")
    assert sorted(shares["situation"]) == [("employed", 1), ("unemployed", 1)]
    # What the pack asks no more, or asks otherwise, is passed over.
    Sweep.objects.filter(pk=run.pk).update(
        shares={"person": {"gone": [[["x"], 1]], "situation": [[["king"], 3]]}}
    )
    Sweep.objects.create(on_date=ON, state="done", pack_version="x", started_at=AT, shares=run.shares)
    assert "gone" not in shares_of("person")


def test_nothing_measured_can_name_anybody(skilled_worker):
    text = str(measured_shares(ON))
    assert skilled_worker.name not in text
    assert skilled_worker.id_number not in text


@pytest.mark.usefixtures("whole_pack")
def test_calculating_stores_nothing(person):
    question = inquiry_of("person").questions["situation"]
    found = calculate(entity="person", given=[], on=ON, answering=[(question.id, ("retired",))])
    assert found.state.certain > 0
    assert (Entitlement.objects.count(), Prospect.objects.count()) == (0, 0)
