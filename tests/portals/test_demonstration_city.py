"""What the demonstration plays: whoever opens it finds every stage of a loan, and of what does not run smoothly, something to look at."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from jiuye.city.accounts import FOUNDER
from jiuye.office.casework.models import Case, Objection, RefusalReview
from jiuye.office.conduct.models import Rating
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.operations import explain_now
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.funds.models import Recovery, RecoveryReceipt
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.matters.models import Review
from jiuye.office.staff.models import Account
from jiuye.office.ventures.models import InterestSubsidy, Loan, LoanRefusalReview
from jiuye.office.ventures.queries import book_of
from jiuye.office.ventures.rules import loan_terms
from tests.portals.counting import client_of

pytestmark = pytest.mark.django_db


def test_a_loan_in_every_stage_is_there(small_city):
    found = Counter(Loan.objects.order_by("pk").values_list("state", flat=True))
    assert found == {
        "applied": 2, "correction_requested": 1, "guaranteed": 1, "refused": 1, "disbursed": 3, "compensated": 1, "repaid": 1,
    }  # fmt: skip
    assert LoanRefusalReview.objects.filter(decided_on=None).count() == 1


def test_one_application_is_past_the_day_promised_and_one_is_not(small_city):
    promised = Loan.objects.filter(state="applied").order_by("pk").values_list("promised_on", flat=True)
    assert sorted(day < small_city for day in promised) == [False, True]


def test_one_loan_is_late_for_longer_than_the_light_is_yellow_and_the_others_are_paid_in_time(small_city):
    terms = loan_terms()
    since = [book_of(loan).late_since(small_city) for loan in Loan.objects.filter(state="disbursed")]
    (late,) = [(small_city - day).days for day in since if day is not None]
    assert terms.late_after_days < late < terms.compensation_after_days


def test_interest_is_paid_approved_and_reckoned_each_by_another_quarter(small_city):
    rows = InterestSubsidy.objects.order_by("pk")
    assert [(row.approved_on is not None, row.drawn_on is not None) for row in rows] == [
        (True, True),
        (True, False),
        (False, False),
    ]


def test_a_compensation_is_claimed_from_the_founder_and_the_first_part_has_come(small_city):
    loan = Loan.objects.get(state="compensated")
    claim = Recovery.objects.get(claim_key=loan.compensation_key)
    assert (claim.state, claim.instalments.count()) == ("open", 6)
    first = claim.instalments.order_by("number")[0]
    assert [row.amount_fen for row in RecoveryReceipt.objects.filter(recovery=claim)] == [first.amount_fen]


def test_what_does_not_run_smoothly_is_there_as_well(small_city):
    assert sorted(Objection.objects.values_list("upheld", flat=True), key=str) == [False, None]
    assert RefusalReview.objects.filter(decided_on=None).count() == 1
    assert Case.objects.filter(state="accepted", due_on__lt=small_city).exists()
    assert Rating.objects.filter(level="unsatisfied", answer=None).count() == 1
    of_cases = Recovery.objects.filter(claim_key__startswith="case:", state="open")
    assert [row.instalments.count() for row in of_cases] == [3]


def test_what_was_granted_a_year_ago_is_due_to_be_looked_at_again(small_city):
    review = Review.objects.get(outcome="")
    assert review.due_on <= small_city
    assert review.matter.employer.traineeship_base


@pytest.mark.parametrize(
    ("who", "word", "not_theirs"), [("caseworker", "已付款", "已支付"), ("auditor", "已支付", "已付款")]
)
def test_a_case_worker_and_an_auditor_read_a_state_each_in_their_own_words(small_city, who, word, not_theirs):
    paid = Case.objects.filter(state="paid").order_by("pk")[0]
    listed = client_of(who).get(f"{reverse('desk:cases')}?state=paid").content.decode()
    assert word in listed
    assert not_theirs not in listed
    assert word in client_of(who).get(reverse("desk:case", args=[paid.pk])).content.decode()


def test_what_one_policy_reads_explains_the_same_as_what_all_of_them_read(small_city):
    book, compared = rulebook(), set()
    for entitlement in Entitlement.objects.order_by("policy_id", "verdict", "pk").distinct(
        "policy_id", "verdict"
    ):
        policy, key = book.pack.policy(entitlement.policy_id), int(entitlement.subject_key)
        row = book.reader(small_city).rows(entitlement.subject_kind, [key])[key]
        alone = explain_now(
            policy_id=policy.id,
            subject_kind=entitlement.subject_kind,
            subject_key=entitlement.subject_key,
            on=small_city,
        )
        assert alone.as_dict() == book.explainer.explain(policy, row, small_city).as_dict()
        compared.add((policy.id, entitlement.verdict))
    assert len(compared) > 50


def test_the_ledger_of_what_was_played_holds(small_city):
    assert verify_ledger().faults == ()


def test_nobody_signed_a_loan_whose_application_they_took(small_city):
    assert not Loan.objects.filter(applied_by=F("guaranteed_by")).exists()


def test_a_founder_finds_the_loan_on_their_own_page(small_city):
    founder = Account.objects.get(username=FOUNDER)
    loan = Loan.objects.get(person_id=int(founder.subject_key))
    assert loan.number in client_of(FOUNDER).get(reverse("resident:loans")).content.decode()


def test_the_log_in_page_offers_the_founder(small_city):
    assert "正在还创业贷款" in Client().get("/login/").content.decode()
