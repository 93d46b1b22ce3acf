"""A loan that runs by the register alone is named when another one is asked for, and a person settles it before anybody signs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client

from jiuye.office.registry.deliveries import Delivered, record_delivery
from jiuye.office.registry.models import EmploymentSpell
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import LoanEvent
from tests.office.ventures.conftest import APPLIED, PAID_OUT, RATE, at
from tests.office.ventures.test_one_borrower import second_firm
from tests.portals.refused_forms import losses

ISSUED = date(2023, 8, 1)


def list_running(street, firm, on: date = APPLIED, **more: object) -> None:
    """The loan office delivers its register: that firm has a loan that runs."""
    said = {
        "startup_loan": "personal",
        "startup_loan_issued_on": ISSUED.isoformat(),
        "startup_loan_balance": Decimal(80000),
        "startup_loan_rate": RATE,
        "startup_loan_lpr": Decimal("0.0345"),
        "startup_loan_overdue": False,
        "startup_loan_extended": False,
    }
    record_delivery(
        actor=street.clerk, register="startup_loans", entity="employer", source="贷款台账",
        rows=[Delivered(firm.pk, said | more)], as_of=on, on=on, at=at(on),
    )  # fmt: skip


def settle(street, loan, note: str = "农行来函：2024年2月已还清，台账下月更新", on: date = APPLIED):
    return operations.settle_doubt(actor=street.clerk, loan_id=loan.pk, note=note, on=on, at=at(on))


def desk(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def test_a_loan_of_the_founders_other_business_is_named_and_settled_before_a_guarantee(street):
    list_running(street, second_firm(street))
    loan = street.apply()
    noted = LoanEvent.objects.get(act="doubt")
    assert noted.note == "“扬州秀兰绣品二厂” 2023-08-01 发放、余额 80,000.00 元"
    with pytest.raises(operations.RunningLoanDoubtError, match="绣品二厂"):
        street.guarantee(loan)
    with pytest.raises(operations.DoubtReasonError):
        settle(street, loan, note="  ")
    with pytest.raises(NotPermittedError):
        operations.settle_doubt(
            actor=street.approver, loan_id=loan.pk, note="可以", on=APPLIED, at=at(APPLIED)
        )
    assert "绣品二厂" in "".join(settle(street, loan).details["loans"].values())
    assert street.guarantee(loan).state == "guaranteed"
    with pytest.raises(operations.NothingDoubtedError):
        settle(street, loan)


def test_what_the_register_lists_after_it_was_settled_is_a_new_doubt_and_a_new_balance_is_none(street):
    firm = second_firm(street)
    list_running(street, firm)
    loan = street.apply()
    settle(street, loan)
    later = date(2024, 3, 25)
    list_running(street, firm, on=later, startup_loan_balance=Decimal(70000))
    list_running(street, street.firm, on=later)
    with pytest.raises(operations.RunningLoanDoubtError) as doubted:
        street.guarantee(loan, on=later)
    assert "“扬州秀兰绣品厂”" in str(doubted.value)
    assert "二厂" not in str(doubted.value)
    with pytest.raises(operations.RunningLoanDoubtError):
        street.guarantee(loan, on=later)
    assert (
        LoanEvent.objects.filter(act="doubt").count() == 2
    )  # each is noted once, and stays though nobody could sign


@pytest.mark.parametrize(
    "said",
    [
        {"startup_loan": "no_loan"},
        {"startup_loan": "enterprise"},  # the firm's own, not the founder's
        {"startup_loan_balance": Decimal(0)},
        {"startup_loan_issued_on": "2023-05-31"},  # before she ran that business
    ],
)
def test_what_is_no_running_loan_of_hers_raises_no_doubt(street, said):
    list_running(street, second_firm(street), **said)
    assert street.guarantee(street.apply()).state == "guaranteed"
    assert not LoanEvent.objects.filter(act="doubt").exists()


def test_a_business_that_she_has_left_still_has_her_loan_and_a_day_that_is_not_named_is_no_excuse(street):
    firm = second_firm(street)
    EmploymentSpell.objects.filter(employer=firm, kind="self_employed").update(until=date(2024, 1, 1))
    list_running(street, firm, startup_loan_issued_on=None)
    loan = street.apply()
    assert (
        LoanEvent.objects.get(act="doubt").note == "“扬州秀兰绣品二厂”（日期没有记）发放、余额 80,000.00 元"
    )
    with pytest.raises(operations.RunningLoanDoubtError):
        street.guarantee(loan)


def test_the_register_still_lists_what_this_book_was_paid_back(street):
    first = street.lend(plan=[(date(2025, 4, 10), 20_000_000)])
    done = date(2024, 9, 1)
    street.repay(first, 20_000_000, "HK-1", done)
    list_running(street, street.firm, on=done, startup_loan_issued_on=PAID_OUT.isoformat())
    assert street.guarantee(street.apply(on=done), on=done).state == "guaranteed"


def test_the_page_names_the_doubt_to_whoever_settles_it_and_keeps_what_was_typed(street, settings):
    settings.OFFICE_DATE = APPLIED.isoformat()
    list_running(street, second_firm(street))
    loan = street.apply()
    url = f"/desk/loans/{loan.pk}/"
    page = desk(street.clerk).get(url).text
    assert "台账上还有在还的贷款" in page
    assert "80,000.00" in page
    seen = desk(street.approver).get(url).text
    assert "台账上还有在还的贷款" in seen
    assert f"{url}settle_doubt/" not in seen
    assert losses([(desk(street.clerk), url)])["desk:loan_act settle_doubt"] == ""
    desk(street.clerk).post(f"{url}settle_doubt/", {"note": "农行来函：已还清"})
    assert "台账上还有在还的贷款" not in desk(street.clerk).get(url).text
