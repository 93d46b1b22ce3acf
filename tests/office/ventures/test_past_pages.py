"""The desk's page of a loan at a past moment: plainly said to be the past, without anything that came later, without an act, for the same eyes."""

from __future__ import annotations

import re
from datetime import date, timedelta
from urllib.parse import unquote

import pytest

from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan, LoanEvent
from tests.office.ventures.conftest import APPLIED, PAID_OUT, at, officer
from tests.office.ventures.test_late_applications import officer as elsewhere
from tests.office.ventures.test_papers import account
from tests.office.ventures.test_refusals import NEXT as DECIDED
from tests.office.ventures.test_refusals import ask, decide, refuse
from tests.office.ventures.test_sent_back import ASKED, send_back
from tests.office.ventures.test_taking_over_pages import desk

JULY, NOVEMBER = date(2024, 7, 2), date(2024, 11, 20)
ACTS = re.compile(r'<form method="post" action="/desk/loans/[^"]*"')
LINKS = re.compile(r'href="/desk/loans/\d+/\?at=([^"]+)"')


@pytest.fixture
def late(street, settings) -> Loan:
    """Paid out in April, with interest in July; a repayment was entered wrongly, and since August 200,000 yuan are missing."""
    settings.OFFICE_DATE = NOVEMBER.isoformat()
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    street.approve(street.reckon(loan, date(2024, 4, 1), JULY), JULY)
    wrong = street.repay(loan, 3_000_000, "HK-77", date(2024, 7, 10))
    operations.undo_repayment(
        actor=street.second,
        loan_id=loan.pk,
        repayment_id=wrong.pk,
        note="记在别家的",
        on=NOVEMBER,
        at=at(NOVEMBER),
    )
    return Loan.objects.get(pk=loan.pk)


def page(client, loan: Loan, moment: object = "") -> str:
    return client.get(f"/desk/loans/{loan.pk}/", {"at": str(moment)} if moment else {}).text


def test_the_page_says_that_it_is_the_past_and_tells_nothing_that_came_later(street, late):
    window = desk(street.third)
    now = page(window, late)
    later = ("逾期 97 天", "2024 年第 2 季度", "HK-77", "记在别家的", "已批准，等待付款", "撤销还款登记")
    for words in later:
        assert words in now
    assert "不是现在的" not in now
    then = page(window, late, PAID_OUT)
    assert "这是 2024年4月10日 23:59 时的样子，不是现在的" in then
    assert "还款中" in then
    assert "借字2024-001" in then
    assert re.search(r"贷款余额.*200,000", then)
    for words in later:
        assert words not in then
    then = page(window, late, "2024-07-31")
    assert "HK-77" in then
    assert "170,000" in then
    assert "已撤销，不再计算" in now
    for words in ("逾期", "记在别家的", "已撤销，不再计算"):
        assert words not in then
    then = page(window, late, APPLIED)
    for words in ("借字2024-001", "2024年8月15日", "4.35%", "第 2 季度"):
        assert words in now
        assert words not in then


def test_nothing_may_be_done_with_what_is_past(street, late):
    for who in (street.clerk, street.third, street.maker):
        window = desk(who)
        if who is not street.maker:
            assert ACTS.search(page(window, late))
        for moment in (APPLIED, PAID_OUT, JULY, NOVEMBER):
            assert not ACTS.search(page(window, late, moment))


def test_each_step_leads_to_the_loan_as_that_step_left_it(street, late):
    window = desk(street.third)
    linked = LINKS.findall(page(window, late))
    assert len(linked) == LoanEvent.objects.filter(loan=late).count() > 6
    states = [
        re.search(r"page__lead[^>]*>.*?(待担保审核|待银行审批|还款中|逾期)", page(window, late, unquote(link)), re.S)[1]
        for link in linked
    ]  # fmt: skip
    assert [word for number, word in enumerate(states) if word not in states[:number]] == [
        "待银行审批",  # applied for and guaranteed at the same moment
        "还款中",
        "逾期",
    ]
    assert f'action="/desk/loans/{late.pk}/"' in page(window, late)  # the form to choose a moment


def test_a_refusal_its_reviews_and_what_was_to_be_put_right_stand_as_they_did(street, settings):
    settings.OFFICE_DATE = DECIDED.isoformat()
    window = desk(street.third)
    loan = street.apply()
    send_back(street, loan)
    sent_back = page(window, loan, ASKED)
    for words in ("看不清注册号", "还没有答复", "待补正"):
        assert words in sent_back
        assert words not in page(window, loan, APPLIED)
    operations.withdraw(
        actor=street.clerk, loan_id=loan.pk, note="改日再来", on=ASKED, at=at(ASKED) + timedelta(hours=1)
    )
    other = refuse(street, street.apply())
    decide(street, ask(street, other))
    assert "为什么不予担保" not in page(window, other)
    then = page(window, other, APPLIED)
    for words in ("为什么不予担保", "信用良好，除规定小额贷款外无其他贷款"):
        assert words in then
    for words in ("那笔贷款上个月已经还清", "已核对结清证明", "登记复核申请"):
        assert words not in then
    assert "已核对结清证明" in page(window, other, DECIDED)


def test_papers_that_were_handed_in_later_are_not_there_yet_and_registers_know_only_today(street, settings):
    settings.OFFICE_DATE = ASKED.isoformat()
    window = desk(street.third)
    loan = operations.apply_for(
        actor=street.clerk, kind="personal", employer_id=street.firm.pk, wanted_fen=20_000_000, on=APPLIED, at=at(APPLIED)
    )  # fmt: skip
    assert "登记簿已有，免提交" in page(window, loan)
    street.show_papers(loan, ASKED)
    then = page(window, loan, APPLIED)
    assert "核对原件" in page(window, loan)
    for words in ("核对原件", "登记簿已有，免提交"):
        assert words not in then
    assert "签批担保时才比对登记簿，当时还没有记录" in then
    street.guarantee(loan, on=ASKED)
    assert "登记簿已有，免提交" in page(window, loan, ASKED)
    assert "登记簿已有，免提交" not in page(window, loan, APPLIED)


def test_before_it_began_the_present_is_shown_with_the_reason(street, late):
    shown = page(desk(street.third), late, "2024-03-19")
    assert "那时还没有这笔贷款；它从 2024-03-20 开始" in shown
    assert "不是现在的" not in shown
    assert ACTS.search(shown)


def test_only_who_may_see_the_loan_sees_it_in_the_past(street, late):
    asked = {"at": APPLIED.isoformat()}
    address = f"/desk/loans/{late.pk}/"
    assert desk(street.third).get(address, asked).status_code == 200
    # An officer of its own county sees all of it, the money as well: 990.83 yuan of interest were reserved in July.
    near = desk(elsewhere("广陵审批", "approver", "321002"))
    assert page(near, late, JULY).count("已批准，等待付款") == 1
    assert desk(elsewhere("仪征审批", "approver", "321081")).get(address, asked).status_code == 404
    for who in (officer("政策", "policy_officer"), officer("系统", "administrator")):
        assert desk(who).get(address, asked).status_code == 403
    founder = desk(street.third)
    founder.force_login(account(street.founder))
    assert founder.get(address, asked).status_code == 403


def test_what_is_done_from_a_browser_names_its_version_whoever_does_it(street, settings):
    """The database names the version, also where it lets a resident or an officer of a place see less than everything."""
    settings.OFFICE_DATE = APPLIED.isoformat()
    home = desk(street.third)
    home.force_login(account(street.founder))
    home.post("/my/loans/apply/", {"employer_id": street.firm.pk, "wanted": "200000"})
    loan = Loan.objects.get()
    street.show_papers(loan)
    for who in (street.approver, street.second):
        desk(who).post(f"/desk/loans/{loan.pk}/guarantee/", {"amount": "200000"})
    assert Loan.objects.get().state == "guaranteed"
    named = list(loan.timeline.values_list("act", "loan_version").order_by("pk"))
    assert [act for act, version in named if version is None] == []
    first, last = named[0][1], named[-1][1]
    assert first < last
