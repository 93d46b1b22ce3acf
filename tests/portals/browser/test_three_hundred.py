# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""Three hundred cases approved in one act in a browser, paid, and the three that the bank returned put right."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from playwright.sync_api import expect

from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Benefit
from jiuye.office.registry.models import ContributionSpell, EmploymentSpell, Person, Status
from jiuye.office.registry.secrets import blind_index
from tests.office.casework.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    approver,
    caseworker,
    cashier,
    divisions,
    make_entitlement,
    reviewer,
    second_cashier,
)
from tests.office.places import VILLAGE
from tests.portals.browser.test_cases import (  # noqa: F401 (the office is used by name)
    APPROVAL_DAY,
    _office,
    account,
    pay_batch,
    press,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

REJECTED = "4040"  # the pretend bank refuses accounts that end so


@transaction.atomic
def three_hundred(caseworker, reviewer) -> list[Case]:
    """Three hundred cases whose public notice is over, written in bulk; the bank will return three of them."""
    people = Person.objects.bulk_create(
        Person(
            name=f"居民{number:03}",
            sex="female",
            birth_date=date(1978, 3, 5),
            id_number=f"3210021978030{number:05}",
            id_number_index=blind_index(f"3210021978030{number:05}"),
            phone="13800000000",
            bank_account=f"62220000{number:04}{REJECTED if number % 100 == 0 else '1234'}",
            bank_name="扬州农商银行",
            residence_division_id=VILLAGE,
            source="测试登记",
            registered_on=date(2023, 1, 1),
        )
        for number in range(300)
    )
    since, made = date(2025, 1, 1), "测试登记"
    Status.objects.bulk_create(
        Status(person=one, kind="flexible_employment", start=since, source=made) for one in people
    )
    EmploymentSpell.objects.bulk_create(
        EmploymentSpell(person=one, kind="flexible", start=since, source=made) for one in people
    )
    ContributionSpell.objects.bulk_create(
        ContributionSpell(
            person=one,
            payer="person",
            start=since,
            base_fen=500_000,
            pension_fen=80_000,
            medical_fen=40_000,
            source=made,
        )
        for one in people
    )
    Status.objects.bulk_create(
        Status(
            person=one,
            kind="employment_difficulty",
            start=date(2025, 1, 1),
            category="older",
            source="测试登记",
        )
        for one in people
    )
    cases = []
    for one in people:
        found = make_entitlement(
            one,
            policy_id="flexible-employment-insurance-subsidy",
            amount_fen=60_000,
            period_start=date(2025, 6, 1),
            period_until=date(2025, 7, 1),
        )
        cases.append(
            Case(
                entitlement=found,
                policy_id=found.policy_id,
                policy_name="灵活就业社会保险补贴",
                rule_version="v1",
                subject_kind="person",
                subject_key=found.subject_key,
                period_start=found.period_start,
                period_until=found.period_until,
                claim="confirm",
                amount_fen=60_000,
                division_code=VILLAGE,
                recipient_kind="person",
                person=one,
                payee_name=one.name,
                payee_account=one.bank_account,
                payee_bank=one.bank_name,
                state="publicised",
                confirmed_on=DAY,
                confirmed_by_way="own",
                accepted_on=DAY,
                accepted_by_id=caseworker.account_id,
                reviewed_on=DAY,
                reviewed_by_id=reviewer.account_id,
                publicity_start=DAY,
                publicity_until=date(2025, 6, 17),
            )
        )
    return Case.objects.bulk_create(cases)


def test_three_hundred_are_approved_in_one_act_paid_and_the_three_returned_are_put_right(
    visit, caseworker, reviewer, approver, cashier, second_cashier, settings
):
    cases = three_hundred(caseworker, reviewer)
    settings.OFFICE_DATE = APPROVAL_DAY
    above = visit(account=account(approver))
    above.page.set_default_timeout(300_000)
    page = above.at((1440, 900)).open("/desk/cases/together/")
    expect(page.locator("tbody tr")).to_have_count(300)
    above.assert_fits()
    above.screenshot("cases-together")
    above.at((1440, 900))
    page.keyboard.press("a")
    expect(page.locator(".card--accent")).to_contain_text("可以批准 300 件，不能批准 0 件", timeout=300_000)
    above.assert_well_made("cases-together-look")
    above.at((1440, 900))
    above.press("a")
    expect(page.locator(".notice").first).to_contain_text("批准 300 件，留下 0 件", timeout=300_000)
    above.assert_well_made("cases-together-done")
    pay_batch(visit, cashier, second_cashier)
    states = [case.state for case in Case.objects.order_by("pk")]
    assert (states.count("paid"), states.count("payment_rejected")) == (297, 3)
    desk = visit(account=account(caseworker)).at((1440, 900))
    for case in Case.objects.filter(state="payment_rejected").order_by("pk"):
        mended = Person.objects.get(pk=case.person_id)
        mended.bank_account = f"62220000{case.pk:06}99"
        mended.save()
        page = desk.open(f"/desk/cases/{case.pk}/")
        expect(page.locator("main")).to_contain_text("收款账户已销户")
        page.fill("#payee-note", "本人来电，换了新卡")
        press(page, "按登记更新收款账户")
    pay_batch(visit, cashier, second_cashier, choose_all=True)
    assert Case.objects.filter(state="paid").count() == 300
    assert Benefit.objects.filter(case_key__in=[case.claim_key for case in cases]).count() == 300
