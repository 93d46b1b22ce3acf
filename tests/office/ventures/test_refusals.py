"""A refused guarantee names a clause, quotes the law, says how to object, and is looked at again by another officer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.office.casework.operations.overturning import OwnRefusalError, ReviewTooLateError
from jiuye.office.conduct import operations as conduct
from jiuye.office.conduct.queries import escalated, reviews_at_hand
from jiuye.office.messages.models import Message
from jiuye.office.registry.models import Employer
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError, actor_for
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.operations import AppliedAnewError, LoanClauseError, NoLoanRefusalError
from jiuye.office.ventures.refused import refusal_view
from tests.office.entitlements.conftest import make_person
from tests.office.ventures.conftest import APPLIED, at
from tests.office.ventures.test_late_applications import officer
from tests.office.ventures.test_taking_over_pages import queries
from tests.portals.counting import client_of
from tests.portals.refused_forms import losses, walked
from tests.portals.test_query_counts import MOST

PAPER = "征信报告原件"
WHY = "征信报告里还有一笔20万元的经营贷款"
NEXT = date(2024, 3, 25)


def refuse(street, loan: Loan, clause: str = "credit", who=None) -> Loan:
    return operations.refuse(
        actor=who or street.approver,
        loan_id=loan.pk,
        clause_id=clause,
        note=WHY,
        against=PAPER,
        on=APPLIED,
        at=at(APPLIED),
    )


def account(person, name: str = "founder") -> Account:
    return Account.objects.create_account(
        username=name, display_name=person.name, password="demo", kind="resident", subject_key=str(person.pk)
    )


def ask(street, loan: Loan, on: date = NEXT, actor=None):
    return operations.ask_review(
        actor=actor or street.clerk, loan_id=loan.pk, text="那笔贷款上个月已经还清", on=on, at=at(on)
    )


def decide(street, asked, *, who=None, overturned: bool = True):
    return operations.decide_review(
        actor=who or street.second, review_id=asked.pk, overturned=overturned, words="已核对结清证明", on=NEXT, at=at(NEXT)
    )  # fmt: skip


def test_a_condition_that_the_borrower_reads_as_met_is_refused_only_with_the_paper_that_says_otherwise(
    street,
):
    """The page shows `credit` with a tick: a refusal that names it without a word on it would contradict the page."""
    loan = street.apply()
    assert {row["id"]: row["verdict"] for row in loan.receipt["clauses"]}["credit"] == "yes"
    given = {
        "actor": street.approver,
        "loan_id": loan.pk,
        "clause_id": "credit",
        "on": APPLIED,
        "at": at(APPLIED),
    }
    with pytest.raises(operations.LoanShownAsMetError, match=r"信用良好.*这一条满足.*写明据什么材料认定"):
        operations.refuse(note=WHY, **given)
    refused = operations.refuse(note=WHY, against=PAPER, **given)
    assert refused.refused_because == f"{WHY}（判定显示这一条满足；认定不满足的依据：{PAPER}）"
    assert refused.timeline.get(act="refuse").details["shown_as_met"] is True


def test_a_refusal_names_a_clause_of_the_policy_on_file_and_keeps_the_words_of_its_law(street):
    loan = street.apply()
    for nothing in ("", "no-such-clause"):
        with pytest.raises(LoanClauseError, match="必须指明"):
            refuse(street, loan, nothing)
    loan = refuse(street, loan)
    assert (loan.state, loan.refused_clause) == ("refused", "credit")
    assert loan.refused_law == "信用良好，除规定小额贷款外无其他贷款"
    assert loan.refused_because.startswith(WHY)
    told = loan.timeline.get(act="refuse").details["appeals"]
    assert {way["name"] for way in told} >= {"行政复议"}
    with transaction.atomic(), pytest.raises(IntegrityError, match="loan_refusal_names_a_clause"):
        Loan.objects.filter(pk=loan.pk).update(refused_clause="")


def test_the_borrower_sees_why_and_asks_for_a_review_on_the_page(street, settings):
    settings.OFFICE_DATE = APPLIED.isoformat()
    loan = refuse(street, street.apply())
    client = Client()
    client.force_login(account(street.founder))
    page = client.get("/my/loans/").content.decode()
    for words in (WHY, "信用良好，除规定小额贷款外无其他贷款", "行政复议", "申请复核"):
        assert words in page
    sent = {"note": "那笔贷款上个月已经还清"}
    page = client.post(f"/my/loans/{loan.pk}/ask-review/", sent, follow=True).content.decode()
    assert "复核申请已提交" in page
    assert "等待另一位审批人员复核" in page
    assert loan.refusal_reviews.get().asked_by_name == street.founder.name


def test_an_overturned_refusal_waits_for_its_guarantee_again_and_may_be_given(street):
    loan = refuse(street, street.apply())
    decide(street, ask(street, loan))
    loan.refresh_from_db()
    assert (loan.state, loan.refused_law, loan.promised_on) == ("applied", "", date(2024, 4, 9))
    assert [event.act for event in loan.timeline.exclude(act="attach").order_by("pk")] == [
        "apply",
        "refuse",
        "ask_review",
        "overturn",
    ]
    assert street.guarantee(loan, on=NEXT).state == "guaranteed"


def test_a_refusal_that_is_upheld_stands_with_the_words_of_the_review(street):
    loan = refuse(street, street.apply())
    decide(street, ask(street, loan), overturned=False)
    loan.refresh_from_db()
    assert loan.state == "refused"
    assert loan.timeline.last().act == "uphold_refusal"
    assert Message.objects.get(occasion="loan_refusal_upheld").statutory
    view = refusal_view(loan, actor=street.clerk, on=NEXT)
    assert [row.words for row in view.reviews] == ["已核对结清证明"]


def test_who_refused_does_not_decide_whether_that_was_right_and_a_stranger_does_not_ask(street):
    loan = refuse(street, street.apply())
    stranger = account(make_person("别人", "321002198505154999"), "stranger")
    with pytest.raises(NotPermittedError):
        ask(street, loan, actor=actor_for(stranger, on=NEXT))
    asked = ask(street, loan)
    with pytest.raises(OwnRefusalError):
        decide(street, asked, who=street.approver)


def test_only_a_refusal_is_looked_at_again_and_only_in_time(street):
    loan = street.apply()
    with pytest.raises(NoLoanRefusalError):
        ask(street, loan)
    refuse(street, loan)
    with pytest.raises(ReviewTooLateError):
        ask(street, loan, on=APPLIED + timedelta(days=400))


def test_a_refusal_is_not_overturned_beside_another_loan_of_the_same_founder(street):
    loan = refuse(street, street.apply())
    asked = ask(street, loan)
    street.apply(10_000_000, on=NEXT)
    with pytest.raises(AppliedAnewError, match="写明维持"):
        decide(street, asked)
    assert Employer.objects.filter(loans__state="applied").count() == 1


def test_what_is_written_into_a_refused_form_of_the_review_is_not_lost_and_the_page_stays_within_its_queries(
    street, settings
):
    settings.OFFICE_DATE = NEXT.isoformat()
    loan = refuse(street, street.apply())

    def desk(actor) -> Client:
        client = Client()
        client.force_login(Account.objects.get(pk=actor.account_id))
        return client

    page = f"/desk/loans/{loan.pk}/"
    found = losses([(desk(street.clerk), page)])
    ask(street, loan)
    found |= losses([(desk(street.second), page)])
    walked(__file__, found)
    home = Client()
    home.force_login(account(street.founder))
    counts = {
        url: queries(client, url) for client, url in ((desk(street.second), page), (home, "/my/loans/"))
    }
    assert {url: number for url, number in counts.items() if number > MOST} == {}


def test_a_refused_guarantee_waits_in_the_list_of_another_approver_and_goes_up_when_it_is_late(street):
    loan = refuse(street, street.apply())
    asked = ask(street, loan)
    assert reviews_at_hand(street.second) == [asked]
    assert reviews_at_hand(street.approver) == []  # refused it
    assert reviews_at_hand(street.clerk) == []
    late = asked.due_on + timedelta(days=4)
    assert conduct.escalate_late(on=late, at=at(late)).reviews == 1
    (row,) = escalated(street.second, to_us=False)
    assert (row.loan_review, row.thing, row.to_division) == (asked, loan, loan.division_code[:4])
    assert loan.timeline.filter(act="escalate").count() == 1
    decide(street, asked, overturned=False)
    assert not escalated(street.second, to_us=False).exists()


def test_todays_page_shows_a_refused_guarantee_to_whoever_may_decide(street, settings):
    settings.OFFICE_DATE = NEXT.isoformat()
    loan = refuse(street, street.apply())
    ask(street, loan)
    client = Client()
    client.force_login(Account.objects.get(pk=street.second.account_id))
    page = client.get("/desk/").text
    assert loan.number in page
    assert f"/desk/loans/{loan.pk}/#reviews" in page
    assert "不予担保的复核" in page


def test_the_office_hands_out_the_letter_of_a_refused_loan(street, settings):
    settings.OFFICE_DATE = NEXT.isoformat()
    loan = refuse(street, street.apply())
    decide(street, ask(street, loan), overturned=False)
    desk, elsewhere = client_of(street.approver), client_of(officer("外县", "approver", "321023"))
    received, refusal, upheld = Message.objects.order_by("pk")
    refusal.deliveries.update(state="undeliverable", reason="no_number", on_day=NEXT)
    page = desk.get(f"/desk/loans/{loan.pk}/").text
    letters = [f"/desk/loans/{loan.pk}/letters/{row.pk}/" for row in (refusal, upheld)]
    for words in (*letters, received.title, refusal.title, "没有登记手机号"):
        assert words in page
    assert page.count("请打印，当面交给当事人") == 1
    for address in letters:
        assert desk.get(address).content[:5] == b"%PDF-"
        assert elsewhere.get(address).status_code == 404
    assert desk.get(f"/desk/loans/{loan.pk}/letters/{received.pk}/").status_code == 404
    assert desk.get(f"/desk/loans/{loan.pk + 1}/letters/{refusal.pk}/").status_code == 404
    then = desk.get(f"/desk/loans/{loan.pk}/", {"at": APPLIED.isoformat()}).text
    assert letters[0] in then
    for words in (letters[1], "没有登记手机号", "请打印，当面交给当事人"):
        assert words not in then
