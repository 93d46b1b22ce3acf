"""What a founder has borrowed counts for the founder, whichever business it was for, and the office counts its own loans."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.office.casework.authorities import HolderActsError
from jiuye.office.registry.models import Employer
from jiuye.office.staff.models import Account
from jiuye.office.ventures import operations
from jiuye.office.ventures.corrections import points_of
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.rules import clauses_for
from tests.office.authorities import authority
from tests.office.entitlements.conftest import employ, make_person
from tests.office.ventures.conftest import APPLIED, at, officer


def second_firm(street) -> Employer:
    firm = Employer.objects.create(
        name="扬州秀兰绣品二厂", credit_code="92321002MA00000002", kind="individual_business", size="micro",
        division=street.firm.division, source="测试",
    )  # fmt: skip
    employ(street.founder, firm, date(2023, 6, 1), kind="self_employed")
    for number in range(3):
        employ(make_person(f"女工{number}", f"32100219910101{number:04d}"), firm, date(2023, 7, 1))
    return firm


def test_the_fourth_loan_is_refused_though_the_register_has_heard_of_none(street):
    for number in range(3):
        loan = street.lend(plan=[(date(2025, 4, 10), 20_000_000)])
        street.repay(loan, 20_000_000, f"HK-{number}", date(2024, 4, 10))
    with pytest.raises(operations.NotEligibleError, match="三次") as refused:
        street.apply()
    assert refused.value.verdict == "no"


def test_a_second_business_brings_no_second_loan_while_the_first_is_paid_back(street):
    loan = street.lend()
    firm = second_firm(street)
    with pytest.raises(operations.LoanOpenError, match=loan.number):
        operations.apply_for(
            actor=street.clerk, kind="personal", employer_id=firm.pk, wanted_fen=30_000_000, on=APPLIED,
            at=at(APPLIED),
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="loan_one_at_a_time_of_a_founder"), transaction.atomic():
        Loan.objects.create(
            kind="personal", employer=firm, person=street.founder, division_code=loan.division_code, wanted_fen=1,
            applied_on=APPLIED, applied_by_id=street.clerk.account_id,
        )  # fmt: skip


def test_who_still_owes_the_fund_a_compensation_borrows_no_more(street):
    loan = street.lend(plan=[(date(2024, 8, 15), 20_000_000)])
    day = date(2024, 8, 15) + timedelta(days=91)
    street.compensate(loan, 20_000_000, day)
    with pytest.raises(operations.LoanOpenError, match=loan.number):
        street.apply(on=day)


def test_a_relative_of_the_founder_on_record_neither_takes_the_application_nor_guarantees_it(
    street, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    authority(street.clerk, street.founder, on=APPLIED, holder_name="审批", relation="sibling")
    authority(street.clerk, street.founder, on=APPLIED)
    with pytest.raises(HolderActsError):
        operations.apply_for(
            actor=officer("张小兰", "caseworker"), kind="personal", employer_id=street.firm.pk, wanted_fen=20_000_000,
            on=APPLIED, at=at(APPLIED),
        )  # fmt: skip
    loan = street.apply()
    sign = {"loan_id": loan.pk, "amount_fen": 20_000_000, "on": APPLIED, "at": at(APPLIED)}
    with pytest.raises(HolderActsError):
        operations.guarantee(actor=street.approver, **sign)
    operations.guarantee(actor=street.second, **sign)


def test_a_relative_of_the_founder_neither_refuses_the_loan_nor_sends_it_back_nor_settles_what_came_of_it(
    street, settings, tmp_path
):
    settings.MEDIA_ROOT, settings.OFFICE_DATE = tmp_path, APPLIED.isoformat()
    loan = street.apply()
    authority(street.clerk, street.founder, on=APPLIED, holder_name="审批", relation="sibling")
    day = {"on": APPLIED, "at": at(APPLIED)}
    point = points_of(loan)[0].key
    with pytest.raises(HolderActsError):
        operations.request_correction(
            actor=street.approver, loan_id=loan.pk, corrections={point: "不清楚"}, **day
        )
    clause = clauses_for(loan)[0].id
    refusal = {"loan_id": loan.pk, "clause_id": clause, "note": "不符合", "against": "原件", **day}
    with pytest.raises(HolderActsError):
        operations.refuse(actor=street.approver, **refusal)
    page = Client()
    page.force_login(Account.objects.get(pk=street.approver.account_id))
    shown = page.get(f"/desk/loans/{loan.pk}/").text
    assert "为回避亲属关系" in shown
    assert f"/desk/loans/{loan.pk}/refuse/" not in shown
    operations.refuse(actor=street.second, **refusal)
    asked = operations.ask_review(actor=street.clerk, loan_id=loan.pk, text="我还在经营", **day)
    with pytest.raises(HolderActsError):
        operations.decide_review(
            actor=street.approver, review_id=asked.pk, overturned=True, words="可以", **day
        )
