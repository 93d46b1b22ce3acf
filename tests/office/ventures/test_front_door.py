"""A guaranteed loan has one door: wherever the service is listed, it leads to the application, and no matter is begun of it."""

from __future__ import annotations

import pytest
from django.test import Client

from jiuye.office.matters import operations as matters
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.starting import CarriedByLoanError
from jiuye.office.matters.queries import event_form
from jiuye.office.registry.models import Employer
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError, actor_for
from jiuye.office.ventures import operations
from jiuye.office.ventures.models import Loan
from tests.office.ventures.conftest import APPLIED, at


def signed_in(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


@pytest.fixture(autouse=True)
def _that_day(settings):
    settings.OFFICE_DATE = APPLIED.isoformat()


@pytest.fixture
def founder(street) -> Account:
    return Account.objects.create_account(
        username="founder",
        display_name="张秀兰",
        password="demo",
        kind="resident",
        subject_key=str(street.founder.pk),
    )


@pytest.fixture
def firm(street) -> Account:
    return Account.objects.create_account(
        username="firm",
        display_name=street.firm.name,
        password="demo",
        kind="employer",
        subject_key=str(street.firm.pk),
    )


def test_no_matter_is_begun_of_an_item_that_a_loan_carries(street, founder):
    items = [item for item in service_items().items.values() if item.carried_by == "loan"]
    assert {item.applicant for item in items} == {"person", "employer"}
    with pytest.raises(CarriedByLoanError, match="创业贷款"):
        matters.start(
            actor=actor_for(founder, on=APPLIED), item_id="startup-guaranteed-loan", applicant_kind="person",
            applicant_id=street.founder.pk, on=APPLIED, at=at(APPLIED),
        )  # fmt: skip
    assert not Matter.objects.exists()


def test_the_list_of_services_leads_a_founder_and_a_firm_to_the_application(founder, firm):
    for account in (founder, firm):
        page = signed_in(account).get("/my/services/").content.decode()
        assert "富民创业担保贷款" in page
        assert 'href="/my/loans/"' in page
        assert "/my/services/start/startup-guaranteed-loan" not in page


def test_the_life_event_leads_to_the_application_and_has_nothing_of_the_loan_to_send(founder, firm):
    for account, event in ((founder, "working_for_myself"), (firm, "opened_a_firm")):
        actor = actor_for(account, on=APPLIED)
        view = event_form(actor, event, on=APPLIED)
        assert view is not None
        assert [item.carried_by for item, _ in view.carried] == ["loan"]
        assert all(row.item.carried_by == "matter" for row in view.items)
        page = signed_in(account).get(f"/my/services/events/{event}/").content.decode()
        assert "去申请贷款" in page


def test_the_counter_goes_from_a_residents_page_to_the_application_for_her_business(street):
    clerk = signed_in(Account.objects.get(pk=street.clerk.account_id))
    sent = clerk.post(f"/desk/matters/start/{street.founder.pk}/", {"item": "startup-guaranteed-loan"})
    assert sent.headers["Location"] == f"/desk/loans/new/?person={street.founder.pk}"
    assert street.firm.name in clerk.get(sent.headers["Location"]).content.decode()
    asked = {"employer_id": street.firm.pk, "wanted": "200000"}
    clerk.post(sent.headers["Location"], asked)
    assert Loan.objects.get().person_id == street.founder.pk


def test_the_counter_goes_from_a_firms_page_to_the_firms_own_application(street):
    clerk = signed_in(Account.objects.get(pk=street.clerk.account_id))
    item = {"item": "startup-guaranteed-loan-enterprise"}
    sent = clerk.post(f"/desk/matters/start/employers/{street.firm.pk}/", item)
    assert sent.headers["Location"] == f"/desk/loans/new/?employer={street.firm.pk}&kind=enterprise"


def test_a_firm_applies_by_itself_and_the_policy_for_firms_decides(street, firm):
    client = signed_in(firm)
    told = client.post("/my/loans/apply/", {"employer_id": street.firm.pk, "wanted": "200000"}, follow=True)
    assert (
        "不能受理" in told.content.decode()
    )  # nobody was hired within the year, and the policy for firms says so
    assert not Loan.objects.exists()


def test_a_firm_applies_for_no_other_firm_and_for_no_founder(street, firm, town):
    other = Employer.objects.create(
        name="别人的厂",
        credit_code="92321002MA00000009",
        kind="enterprise",
        size="micro",
        division=town,
        source="测试",
    )
    me = actor_for(firm, on=APPLIED)
    for kind, employer in (("enterprise", other), ("personal", street.firm)):
        with pytest.raises(NotPermittedError):
            operations.apply_for(
                actor=me, kind=kind, employer_id=employer.pk, wanted_fen=100, on=APPLIED, at=at(APPLIED)
            )
