# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""A case's papers in a browser: handed in at home, an original seen at the counter, a picture and a PDF shown within the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.staff.models import LookRecord
from tests.office.casework.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    at,
    caseworker,
    cashier,
    divisions,
    employer,
    make_entitlement,
    make_officer,
    owner,
    person,
)
from tests.office.places import VILLAGE
from tests.papers import pdf, png
from tests.portals.browser.test_cases import _office, account, own_account  # noqa: F401 (the office is used by name)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_an_applicant_uploads_what_no_register_holds_and_the_counter_sees_it(
    visit, employer, caseworker, cashier
):
    found = make_entitlement(
        None,
        policy_id="startup-loan-enterprise-interest",
        subject_kind="employer",
        subject_key=str(employer.pk),
        recipient_kind="employer",
        employer=employer,
        claim="apply",
    )
    case = Case.objects.create(
        entitlement=found,
        policy_id=found.policy_id,
        policy_name="富民创业担保贷款（小微企业）财政贴息",
        rule_version="v1",
        subject_kind="employer",
        subject_key=found.subject_key,
        claim="apply",
        amount_fen=150_000,
        division_code=VILLAGE,
        recipient_kind="employer",
        employer=employer,
        payee_name=employer.name,
        payee_account=employer.bank_account,
        payee_bank=employer.bank_name,
        confirmed_on=DAY,
        confirmed_by_way="own",
    )
    firm = visit(account=own_account("employer", employer.pk, employer.name))
    page = firm.at((390, 844)).open(f"/my/cases/{case.pk}/")
    firm.assert_well_made("case-papers-own")
    firm.at((390, 844))
    page.set_input_files(
        "input[name=file-accounts]",
        {"name": "报表.pdf", "mimeType": "application/pdf", "buffer": pdf("accounts")},
    )
    page.locator("form", has=page.locator("input[name=file-accounts]")).locator("button").click()
    expect(page.locator("main")).to_contain_text("报表.pdf")
    desk = visit(account=account(caseworker)).at((1440, 900))
    page = desk.open(f"/desk/cases/{case.pk}/")
    page.keyboard.press("a")
    expect(page.locator(".notice").first).to_contain_text("还缺材料")
    page.fill("[name=said-loan]", "借款合同原件 2025-018 号")
    page.locator("form", has=page.locator("[name=said-loan]")).get_by_role("button").click()
    expect(page.locator("#papers")).to_contain_text("借款合同原件 2025-018 号")
    desk.assert_well_made("case-papers-desk")
    assert operations.read_file(
        actor=caseworker, evidence_id=case.evidence.get(kind="file").pk, purpose="受理", at=at(DAY)
    )[2].startswith(b"%PDF")
    # A picture is shown within the page; the look is recorded all the same.
    page = firm.at((390, 844)).open(f"/my/cases/{case.pk}/")
    page.set_input_files(
        "input[name=file-accounts]", {"name": "报表.png", "mimeType": "image/png", "buffer": png()}
    )
    page.locator("form", has=page.locator("input[name=file-accounts]")).locator("button").click()
    expect(page.locator("main")).to_contain_text("报表.png")
    page = desk.at((1440, 900)).open(f"/desk/cases/{case.pk}/")
    shown = page.locator("iframe[name=paper-shown]")
    expect(shown).to_be_hidden()
    page.fill("#look-purpose", "与报表核对")
    page.get_by_role("button", name="报表.png").click()
    expect(shown).to_be_visible()
    expect(page.frame_locator("iframe[name=paper-shown]").locator("img")).to_be_visible()
    desk.assert_well_made("case-papers-shown")
    assert len(page.context.pages) == 1
    # The next one as well: the page has not gone away, and the form does not wait for an answer that went elsewhere.
    page.fill("#look-purpose", "再看一次")
    page.get_by_role("button", name="报表.png").click()
    expect(page.frame_locator("iframe[name=paper-shown]").locator("img")).to_be_visible()
    # A PDF is shown there too, where the browser has a viewer of its own; without one it opens in a tab.
    with page.expect_response(lambda answer: "pdf" in answer.headers["content-type"]) as told:
        page.get_by_role("button", name="报表.pdf").click()
    assert told.value.frame.name == "paper-shown"
    expect(shown).to_be_visible()
    desk.screenshot("case-papers-pdf")
    assert len(page.context.pages) == 1
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', {get: () => false})")
    page = desk.open(f"/desk/cases/{case.pk}/")
    page.fill("#look-purpose", "在新的标签页里看")
    with page.context.expect_page():
        page.get_by_role("button", name="报表.pdf").click()
    looks = LookRecord.objects.filter(purpose__in=("与报表核对", "再看一次")).order_by("pk")
    assert list(looks.values_list("purpose", flat=True)) == ["与报表核对", "再看一次", "再看一次"]
