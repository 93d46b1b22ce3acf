"""How the office conducts itself over a loan: its borrower marks how the application was dealt with, and visits and calls are noted on it."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from jiuye.office.conduct import operations as conduct
from jiuye.office.conduct import queries
from jiuye.office.conduct.models import Contact, Escalation, Rating
from jiuye.office.conduct.operations import NothingToRateError, RatedBeforeError, TookPartError
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, actor_for
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.operations import LoanNotFoundError
from tests.office.ventures.conftest import APPLIED, PAID_OUT, at
from tests.portals.refused_forms import losses, walked

pytestmark = pytest.mark.django_db
VISIT = {
    "kind": "phone",
    "reached": "person",
    "made_on": PAID_OUT,
    "whom": "本人",
    "came_of": "说货款五月到账",
    "next_step": "五月再打电话",
    "next_on": date(2024, 5, 8),
    "on": PAID_OUT,
    "at": at(PAID_OUT),
}


def officer(name: str, role: str, division: str) -> Actor:
    account = Account.objects.create_account(
        username=name, display_name=name, password="demo", kind="officer"
    )
    Post.objects.create(account=account, role=role, division_code=division, start=date(2023, 1, 1))
    return actor_for(account, on=APPLIED)


@pytest.fixture
def founder(street) -> Actor:
    account = Account.objects.create_account(
        username="zxl",
        display_name="张秀兰",
        password="demo",
        kind="resident",
        subject_key=str(street.founder.pk),
    )
    return actor_for(account, on=APPLIED)


@pytest.fixture
def reviewer(street) -> Actor:
    return officer("区审核", "reviewer", "321002")


@pytest.fixture
def lent(street) -> Loan:
    return street.lend()


def rate(actor: Actor, loan: Loan, **more) -> Rating:
    given = {"level": "unsatisfied", "words": "等了三周", "on": PAID_OUT, "at": at(PAID_OUT)} | more
    return conduct.rate(actor=actor, loan_id=loan.pk, **given)


def test_an_application_under_way_and_somebody_elses_are_not_marked(street, founder):
    loan = street.apply()
    assert not queries.may_be_rated(loan)
    with pytest.raises(NothingToRateError):
        rate(founder, loan)
    loan = street.pay_out(street.guarantee(loan))
    other = Account.objects.create_account(
        username="o", display_name="别人", password="demo", kind="resident", subject_key="999999"
    )
    for wrong in (actor_for(other, on=APPLIED),):
        with pytest.raises(NothingToRateError):
            rate(wrong, loan)


def test_its_borrower_marks_it_once_when_it_was_paid_out_refused_or_withdrawn(street, founder, lent):
    assert rate(founder, lent).answer_due == date(2024, 4, 17)
    with pytest.raises(RatedBeforeError):
        rate(founder, lent)


@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_an_application_that_came_to_nothing_is_marked_as_well(street, founder, end):
    loan = street.apply()
    if end == "refuse":
        operations.refuse(
            actor=street.approver,
            loan_id=loan.pk,
            clause_id="credit",
            note="有逾期",
            against="征信报告原件",
            on=APPLIED,
            at=at(APPLIED),
        )
    else:
        operations.withdraw_own(actor=founder, loan_id=loan.pk, note="不借了", on=APPLIED, at=at(APPLIED))
    assert rate(founder, loan).rated.pk == loan.pk


def test_a_low_mark_on_a_loan_is_answered_from_page_to_page_and_goes_up_when_it_is_not(
    client, lent, founder, reviewer, settings
):
    settings.OFFICE_DATE = PAID_OUT.isoformat()
    client.force_login(Account.objects.get(pk=founder.account_id))
    address, mine = reverse("resident:loan_rate", args=[lent.pk]), reverse("resident:loans")
    assert "这件事办得怎么样" in client.get(mine).text
    assert "五档里选一档" in client.post(address, {"level": "best", "words": "想说的"}, follow=True).text
    assert (
        "我们最迟在" in client.post(address, {"level": "unsatisfied", "words": "等了三周"}, follow=True).text
    )
    rating = Rating.objects.get()
    late = date(2024, 4, 18)
    done = conduct.escalate_late(on=late, at=at(late))
    assert done.marks == 1
    assert Escalation.objects.get().thing == lent
    client.force_login(Account.objects.get(pk=reviewer.account_id))
    assert lent.number in client.get("/desk/ratings/").text
    page = client.get(f"/desk/ratings/{rating.pk}/").text
    assert "等了三周" in page
    assert f"/desk/loans/{lent.pk}/" not in page  # a reviewer sees no loans
    client.post(f"/desk/ratings/{rating.pk}/answer/", {"words": "以后先打电话"})
    client.force_login(Account.objects.get(pk=founder.account_id))
    assert "以后先打电话" in client.get(mine).text


def test_whoever_had_a_hand_in_the_loan_does_not_answer_for_it(street, lent, founder):
    rating = rate(founder, lent)
    Post.objects.create(
        account_id=street.clerk.account_id, role="reviewer", division_code="3210", start=date(2023, 1, 1)
    )
    again = actor_for(Account.objects.get(pk=street.clerk.account_id), on=PAID_OUT)
    with pytest.raises(TookPartError):
        conduct.answer(actor=again, rating_id=rating.pk, words="已核实", on=PAID_OUT, at=at(PAID_OUT))


def test_a_mark_is_on_exactly_one_thing(lent, founder):
    row = Rating.objects.filter(pk=rate(founder, lent).pk).values().get() | {"loan_id": None}
    del row["id"]
    with pytest.raises(IntegrityError, match="rating_of_one_thing"), transaction.atomic():
        Rating.objects.create(**row)


def test_a_call_about_a_loan_stands_on_its_page_in_its_timeline_and_in_the_list_of_next_steps(
    client, street, lent, settings
):
    settings.OFFICE_DATE = PAID_OUT.isoformat()
    noted = conduct.log_contact(actor=street.clerk, loan_id=lent.pk, **VISIT)
    assert (noted.person_id, noted.employer_id) == (street.founder.pk, None)
    assert noted.division_code == lent.division_code
    client.force_login(Account.objects.get(pk=street.clerk.account_id))
    page = client.get(f"/desk/loans/{lent.pk}/").text
    assert "联系到本人" in page
    assert "下一步：2024年5月8日" in page.split("办理过程")[1]
    assert lent.number in client.get("/desk/contacts/").text
    assert lent.number in client.get(f"/desk/people/{street.founder.pk}/").text
    assert "货款" not in page  # the words are read after a look


def test_a_call_is_noted_from_the_page_of_the_loan_and_nothing_typed_is_lost(client, street, lent, settings):
    settings.OFFICE_DATE = PAID_OUT.isoformat()
    client.force_login(Account.objects.get(pk=street.clerk.account_id))
    address = reverse("desk:contact_loan", args=[lent.pk])
    given = {
        "kind": "phone",
        "made_on": PAID_OUT.isoformat(),
        "reached": "",
        "whom": "",
        "came_of": "说货款五月到账",
    }
    assert "说货款五月到账" in client.post(address, given, follow=True).text
    assert not Contact.objects.exists()
    client.post(address, given | {"reached": "nobody"})
    assert Contact.objects.get().loan == lent
    with pytest.raises(LoanNotFoundError):
        conduct.log_contact(actor=street.clerk, loan_id=lent.pk + 1, **VISIT)


def test_nothing_typed_at_the_form_of_a_call_is_lost(street, lent, settings):
    settings.OFFICE_DATE = PAID_OUT.isoformat()
    clerk = Client()
    clerk.force_login(Account.objects.get(pk=street.clerk.account_id))
    walked(__file__, losses([(clerk, f"/desk/loans/{lent.pk}/")]))


def test_a_call_is_about_one_thing_at_most(street, lent):
    noted = conduct.log_contact(actor=street.clerk, loan_id=lent.pk, **VISIT)
    row = Contact.objects.filter(pk=noted.pk).values().get()
    del row["id"]
    with pytest.raises(IntegrityError, match="contact_about_one_thing_at_most"), transaction.atomic():
        Contact.objects.create(**row | {"matter_id": 1})
