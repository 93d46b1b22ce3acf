"""An application is sent back point by point and once; its clock stands still, and its borrower answers each point."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.office.casework.corrections import PointsMissingError
from jiuye.office.conduct.deadlines import light
from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError, actor_for
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan, LoanSignature
from jiuye.office.ventures.operations import proving
from jiuye.office.ventures.states import WrongLoanStateError
from jiuye.portals.desk.loans.presenting import answer_cell
from tests.office.entitlements.conftest import make_person
from tests.office.ventures.conftest import APPLIED, at
from tests.office.ventures.test_papers import account, pdf
from tests.office.ventures.test_taking_over_pages import queries
from tests.portals.refused_forms import losses, walked
from tests.portals.test_query_counts import MOST

ASKED, ANSWERED = date(2024, 3, 22), date(2024, 4, 2)  # two workdays after the application, and seven later
WHAT = {"paper:licence": "看不清注册号", "wanted": "超过用款计划"}


def send_back(street, loan: Loan, what=None, who=None, on=ASKED) -> Loan:
    return operations.request_correction(
        actor=who or street.clerk, loan_id=loan.pk, corrections=what or WHAT, on=on, at=at(on)
    )


def answer(street, loan: Loan, who=None, wanted_fen: int | None = None, on=ANSWERED, **answers: str) -> Loan:
    named = {key.replace("__", ":"): words for key, words in answers.items()}
    return operations.correct(
        actor=who or street.clerk, loan_id=loan.pk, answers=named, wanted_fen=wanted_fen, on=on, at=at(on)
    )


def upload(street, loan: Loan, on=ANSWERED, content: bytes | None = None):
    return proving.attach(
        actor=street.clerk, loan_id=loan.pk, evidence_id="licence", file_name="执照.pdf",
        content=content or pdf("a licence that can be read"), on=on, at=at(on),
    )  # fmt: skip


@pytest.fixture
def home(street) -> Client:
    client = Client()
    client.force_login(account(street.founder))
    return client


def test_the_promised_day_stands_still_while_the_borrower_has_it_and_runs_on_with_the_days_that_were_left(
    street,
):
    loan = street.apply()
    assert loan.promised_on == date(2024, 4, 3)  # ten workdays
    loan = send_back(street, loan)
    assert (loan.state, loan.stopped_on, loan.promised_workdays_left) == ("correction_requested", ASKED, 8)
    assert answer_cell(loan, date(2024, 5, 30)).level == "none"  # late for nobody's fault but the borrower's
    upload(street, loan)
    loan = answer(street, loan, wanted_fen=10_000_000)
    assert (loan.state, loan.stopped_on, loan.due_on) == ("applied", None, None)
    assert loan.promised_on == date(2024, 4, 15)  # eight workdays after the answer, Qingming left out
    assert (
        answer_cell(loan, date(2024, 4, 16)).level
        == light(loan.promised_on, date(2024, 4, 16)).level
        == "bad"
    )


def test_each_point_has_its_answer_and_the_policy_decides_the_changed_amount_anew(street):
    loan = send_back(street, street.apply())
    upload(street, loan)
    loan = answer(street, loan, wanted_fen=10_000_000, paper__licence="已换成原件扫描")
    assert loan.wanted_fen == 10_000_000
    assert {row["point"]: row["answer"] for row in loan.corrections} == {
        "wanted": "改为 100,000.00 元",
        "paper:licence": "已换成原件扫描；已重新提交材料",
    }
    assert street.guarantee(loan, 10_000_000, on=ANSWERED).state == "guaranteed"


def test_an_answer_that_leaves_a_point_out_or_changes_what_nobody_asked_about_is_refused_in_words(street):
    loan = send_back(street, street.apply(), {"paper:licence": "看不清注册号"})
    with pytest.raises(operations.UnansweredPointsError, match="营业执照"):
        answer(street, loan, clause__credit="没有问我这个")
    with pytest.raises(operations.NotAskedError, match="撤回后重新申请"):
        answer(street, loan, wanted_fen=10_000_000, paper__licence="已换")
    loan.refresh_from_db()
    assert loan.state == "correction_requested"


def test_an_amount_that_the_policy_does_not_allow_is_no_answer(street):
    loan = send_back(street, street.apply(), {"wanted": "请核对"})
    with pytest.raises(operations.WantedAmountError):
        answer(street, loan, wanted_fen=0)
    with pytest.raises(operations.NotEligibleError):
        answer(street, loan, wanted_fen=900_000_000)


def test_a_second_time_is_refused_but_for_what_the_correction_itself_brought(street):
    loan = send_back(street, street.apply())
    upload(street, loan)
    loan = answer(street, loan, wanted="用款计划是两倍")
    with pytest.raises(operations.LoanCorrectedBeforeError, match="身份证"):
        send_back(street, loan, {"paper:identity": "过期"}, on=ANSWERED)
    with pytest.raises(operations.LoanCorrectedBeforeError, match="申请金额"):
        send_back(street, loan, {"wanted": "还是太多"}, on=ANSWERED)  # nothing of it was changed
    assert (
        send_back(street, loan, {"paper:licence": "新的也看不清"}, on=ANSWERED).state
        == "correction_requested"
    )


def test_nothing_is_sent_back_without_a_point_nor_by_a_cashier_nor_after_the_guarantee(street):
    loan = street.apply()
    with pytest.raises(PointsMissingError):
        send_back(street, loan, {"paper:licence": "  ", "weather": "下雨"})
    with pytest.raises(NotPermittedError):
        send_back(street, loan, who=street.maker)
    street.guarantee(loan)
    with pytest.raises(WrongLoanStateError, match="待担保审核"):
        send_back(street, loan, who=street.approver)
    with transaction.atomic(), pytest.raises(IntegrityError, match="loan_clock_stands_only_with_borrower"):
        Loan.objects.filter(pk=loan.pk).update(stopped_on=ASKED)


def test_who_signed_before_it_was_sent_back_signs_anew_and_who_answered_for_the_borrower_does_not_sign(
    street,
):
    loan = street.apply(20_000_000)
    operations.guarantee(
        actor=street.approver, loan_id=loan.pk, amount_fen=20_000_000, on=APPLIED, at=at(APPLIED)
    )
    loan = send_back(street, loan, {"paper:licence": "看不清"}, who=street.second)
    loan = answer(street, loan, paper__licence="原件已带来")
    for who in (street.second, street.approver):
        loan = operations.guarantee(
            actor=who, loan_id=loan.pk, amount_fen=20_000_000, on=ANSWERED, at=at(ANSWERED)
        )
    assert loan.state == "guaranteed"
    assert list(LoanSignature.objects.order_by("pk").values_list("round", "ordinal")) == [
        (1, 1),
        (2, 1),
        (2, 2),
    ]


def test_a_message_tells_the_borrower_what_is_wrong_and_until_when_it_is_to_be_put_right(street):
    send_back(street, street.apply())
    said = Message.objects.get(occasion="loan_correction")
    assert "营业执照：看不清注册号" in said.body
    assert "2024年4月8日" in said.body


def test_what_is_with_its_borrower_can_be_taken_back_or_refused_and_nobody_applies_beside_it(
    street, home, settings
):
    settings.OFFICE_DATE = ASKED.isoformat()
    loan = send_back(street, street.apply())
    with pytest.raises(operations.LoanOpenError):
        street.apply()
    assert (
        "已撤回"
        in home.post(f"/my/loans/{loan.pk}/withdraw/", {"note": "不借了"}, follow=True).content.decode()
    )
    loan.refresh_from_db()
    assert (loan.state, loan.stopped_on, loan.due_on) == ("withdrawn", None, None)


def test_the_borrower_answers_on_the_page_and_what_was_typed_is_there_again(street, home, settings):
    settings.OFFICE_DATE = ANSWERED.isoformat()
    loan = send_back(street, street.apply())
    page = home.get("/my/loans/").content.decode()
    assert "看不清注册号" in page
    assert "2024年4月8日" in page
    url, typed = (
        f"/my/loans/{loan.pk}/correct/",
        {"wanted": "一百", "a-paper:licence": "已经换成清楚的", "a-wanted": ""},
    )
    page = home.post(url, typed, headers={"Referer": "http://testserver/my/loans/"}).content.decode()
    assert "已经换成清楚的" in page
    assert "请用元填写金额" in page
    page = home.post(url, typed | {"wanted": "100000"}, follow=True).content.decode()
    assert "补正已提交" in page
    loan.refresh_from_db()
    assert (loan.state, loan.wanted_fen) == ("applied", 10_000_000)


def test_a_stranger_answers_nothing(street, home):
    loan = send_back(street, street.apply())
    stranger = Client()
    stranger.force_login(account(make_person("别人", "321002198505154999"), "stranger"))
    assert stranger.post(f"/my/loans/{loan.pk}/correct/", {"a-wanted": "好"}).status_code == 404
    other = actor_for(Account.objects.get(username="stranger"), on=ANSWERED)
    with pytest.raises(NotPermittedError):
        answer(street, loan, who=other, wanted="好", paper__licence="好")


def test_the_desk_sends_back_and_answers_at_the_counter_and_loses_nothing_that_was_typed(
    street, settings, home
):
    settings.OFFICE_DATE = ASKED.isoformat()
    loan = street.apply()
    desk = Client()
    desk.force_login(Account.objects.get(pk=street.clerk.account_id))
    page = f"/desk/loans/{loan.pk}/"
    found = losses([(desk, page)])
    sent = {"c-paper:licence": "看不清注册号"}
    shown = desk.post(f"{page}request_correction/", sent, follow=True).content.decode()
    assert "看不清注册号" in shown
    assert "等本人补正" in desk.get("/desk/loans/").content.decode()
    walked(__file__, found | losses([(desk, page)]))
    assert max(queries(desk, page), queries(desk, "/desk/loans/"), queries(home, "/my/loans/")) <= MOST
    desk.post(f"{page}correct/", {"a-paper:licence": "原件已核对"}, follow=True)
    loan.refresh_from_db()
    assert loan.state == "applied"
    assert "原件已核对" in desk.get(page).content.decode()


def test_a_paper_that_a_register_holds_can_be_given_again_once_it_was_sent_back(street, home, settings):
    settings.OFFICE_DATE = ASKED.isoformat()
    loan = street.apply()
    desk = Client()
    desk.force_login(Account.objects.get(pk=street.clerk.account_id))
    assert 'name="file-identity"' not in home.get("/my/loans/").content.decode()
    send_back(street, loan, {"paper:identity": "姓名与登记不符"})
    assert 'name="file-identity"' in home.get("/my/loans/").content.decode()
    assert 'name="said-identity"' in desk.get(f"/desk/loans/{loan.pk}/").content.decode()


def test_the_facts_of_an_application_say_in_words_by_when_it_is_answered(street, settings):
    settings.OFFICE_DATE = ASKED.isoformat()
    loan = street.apply()
    desk = Client()
    desk.force_login(Account.objects.get(pk=street.clerk.account_id))
    page = desk.get(f"/desk/loans/{loan.pk}/").content.decode()
    assert "按期 · 2024年4月3日" in page
    assert "Cell(" not in page
    send_back(street, loan)
    assert "等本人补正 · 2024年4月8日" in desk.get(f"/desk/loans/{loan.pk}/").content.decode()
