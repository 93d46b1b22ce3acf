# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""Three hundred firms at once in a browser: what the insurance register reports of them, what the night begins, each step in one act, the payment
file down and the bank's return file up, and three that came back put right."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as installation
from playwright.sync_api import expect

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.exchange.bank import LineResult, Outcome
from jiuye.exchange.bank.file_format import Answer
from jiuye.exchange.bank.tables import answer_table, read_order_table
from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Benefit
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from jiuye.office.funds.queries import verify_ledger
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.secrets import blind_index
from tests.office.casework.conftest import (  # noqa: F401 (the fixtures are used by name)
    _pack,
    approver,
    at,
    caseworker,
    cashier,
    divisions,
    make_officer,
    reviewer,
    second_cashier,
)
from tests.office.places import VILLAGE
from tests.portals.browser.looking import Visit
from tests.portals.browser.test_cases import account
from tests.portals.browser.walking import Console, console  # noqa: F401 (the fixture is used by name)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MANY = 300
FOUND_ON, APPROVED_ON, PAID_ON = "2023-08-21", "2023-08-29", "2023-08-30"
LONG = 300_000  # milliseconds: three hundred cases are moved by one click
FIGURES = (
    "统一社会信用代码,年度,年初参保人数,年末参保人数,月均参保人数,年内退休人数,年内死亡人数,"
    "失业保险缴费月数,上年度缴纳失业保险费,欠缴社会保险费"
)

INSURED = "身份证号,统一社会信用代码,缴费方,起缴月份,缴费基数"


@pytest.fixture(autouse=True)
def _office(settings, divisions, pack_dir, tmp_path):
    """A bank that takes files, and a million yuan of the unemployment insurance fund."""
    settings.OFFICE_DATE = FOUND_ON
    settings.BANK_KIND = "file"
    settings.BANK_FOLDER = tmp_path / "bank"
    settings.MEDIA_ROOT = tmp_path
    definitions, _ = load_funds(pack_dir / "funds.yaml")
    record_funds(funds=definitions.values())
    appropriate_for_demonstration(
        fund="unemployment-insurance",
        year=2023,
        amount_fen=100_000_000,
        on=date(2023, 8, 21),
        at=at(date(2023, 8, 21)),
    )
    make_officer("数据交换", "caseworker", "3210", username="exchange")


def code(number: int) -> str:
    return f"91321002MA1X{number:05}X"


def worker(number: int) -> str:
    return f"3210021978030{number:05}"


def delivered(console: Console) -> None:
    """Three hundred medium firms on record; the insurance register reports that each kept its two hundred people all last year, and still
    pays for somebody."""
    Employer.objects.bulk_create(
        Employer(
            name=f"扬州第{number}电子有限公司",
            credit_code=code(number),
            kind="enterprise",
            size="medium",
            division_id=VILLAGE,
            dishonest=False,
            bank_account=f"32100000{number:08}",
            bank_name="工商银行",
            source="测试登记",
        )
        for number in range(MANY)
    )
    Person.objects.bulk_create(
        Person(
            name=f"职工{number:03}",
            sex="female",
            birth_date=date(1978, 3, 5),
            id_number=worker(number),
            id_number_index=blind_index(worker(number)),
            residence_division_id=VILLAGE,
            source="测试登记",
            registered_on=date(2023, 1, 1),
        )
        for number in range(MANY)
    )
    figures = [f"{code(number)},2022,200,200,200,0,0,12,1000,否" for number in range(MANY)]
    insured = [f"{worker(number)},{code(number)},单位缴纳,2022-01,6000" for number in range(MANY)]
    for entity, rows in (("employer_figures", [FIGURES, *figures]), ("contribution", [INSURED, *insured])):
        console.deliver("insurance", entity, rows, as_of="2023-08-18", by="exchange")


def all_at_once(window: Visit, title: str, words: str) -> None:
    """From the list of cases to the screen of many, and everything that waits there in one act."""
    page = window.at((1440, 900)).open("/desk/cases/")
    page.get_by_role("link", name=title).click()
    expect(page.locator("tbody tr")).to_have_count(MANY)
    window.press("a")
    expect(page.locator(".notice").first).to_contain_text(words, timeout=LONG)


def approved(window: Visit) -> None:
    """The totals and what stays out are seen first; then all are signed."""
    page = window.at((1440, 900)).open("/desk/cases/together/")
    expect(page.locator("tbody tr")).to_have_count(MANY)
    window.screenshot("cases-together")
    window.at((1440, 900))
    window.press("a")
    expect(page.locator(".card--accent")).to_contain_text("可以批准 300 件，不能批准 0 件", timeout=LONG)
    window.assert_well_made("cases-together-look")
    window.at((1440, 900))
    window.press("a")
    expect(page.locator(".notice").first).to_contain_text("批准 300 件，留下 0 件", timeout=LONG)
    window.assert_well_made("cases-together-done")


def paid_by_files(maker: Visit, checker: Visit, folder: Path, refused: tuple[int, ...] = ()) -> None:
    """One cashier makes the batch; the other approves and sends it, takes the payment file, and uploads what the bank answered."""
    page = maker.at((1440, 900)).open("/desk/payments/")
    page.locator("[data-check-all]").first.check()
    page.get_by_role("button", name="列入付款批次").first.click()
    expect(page).not_to_have_url(f"{maker.address}/desk/payments/", timeout=LONG)
    batch = PaymentBatch.objects.order_by("-pk")[0]
    page = checker.at((1440, 900)).open(f"/desk/payments/batches/{batch.pk}/")
    for words in ("已复核", "已发送"):
        checker.press("a")
        expect(page.locator(".notice").first).to_contain_text(words, timeout=LONG)
    with page.expect_download(timeout=LONG) as download:
        page.get_by_role("button", name="下载代发文件（XLSX）").click()
    order = read_order_table(Path(download.value.path()).read_bytes(), installation.BANK_KEY)
    answer = folder / f"回盘{batch.pk}.xlsx"
    answer.write_bytes(
        answer_table(
            Answer(order.batch_key, f"YH{batch.pk}", answered(batch.pk, order.lines, refused)),
            installation.BANK_KEY,
            "xlsx",
        )
    )
    page = checker.open("/desk/payments/")
    page.set_input_files("input[type=file]", answer)
    page.get_by_role("button", name="读入并对账").click()
    told = f"到账 {len(order.lines) - len(refused)} 笔，退回 {len(refused)} 笔"
    expect(page.get_by_text(told).first).to_be_visible(timeout=LONG)


def answered(batch: int, lines, refused: tuple[int, ...]) -> tuple[LineResult, ...]:
    """What the bank says of each line: paid, but for those by their place whose account is closed."""
    day = date(2023, 8, 30)
    return tuple(
        LineResult(
            line.line_key, Outcome.REJECTED, line.amount_fen, "", "ACCOUNT_CLOSED", "收款账户已销户", day
        )
        if place in refused
        else LineResult(line.line_key, Outcome.PAID, line.amount_fen, f"LS{batch}-{place}", on=day)
        for place, line in enumerate(lines)
    )


def put_right(desk: Visit, case: Case, number: int) -> None:
    """The firm brings its new account to the counter; the case takes it over."""
    page = desk.at((1440, 900)).open(f"/desk/employers/{case.employer_id}/")
    page.locator("summary", has_text="更正信息").click()
    page.get_by_label("对公账号").fill(f"32100099{number:08}")
    page.get_by_label("依据的材料").fill("开户许可证")
    page.get_by_label("更正理由").fill("原账户已销户")
    page.get_by_role("button", name="更正信息").click()
    expect(page.get_by_text("信息已更正。")).to_be_visible()
    page = desk.open(f"/desk/cases/{case.pk}/")
    expect(page.locator("main")).to_contain_text("收款账户已销户")
    page.fill("#payee-note", "单位来窗口，换了账户")
    page.get_by_role("button", name="按登记更新收款账户").click()
    expect(page.locator(".notice").first).to_be_visible()


def test_three_hundred_are_begun_by_the_night_approved_in_one_act_paid_and_the_three_returned_are_put_right(
    visit, console, caseworker, reviewer, approver, cashier, second_cashier, settings, tmp_path
):
    delivered(console)
    console.night(FOUND_ON)
    assert Case.objects.filter(state="accepted", confirmed_by_way="automatic").count() == MANY
    county, above, maker, checker, desk = (
        visit(account=account(who)) for who in (reviewer, approver, cashier, second_cashier, caseworker)
    )
    for window in (county, above, maker, checker):
        window.page.set_default_timeout(LONG)
    all_at_once(county, "批量审核", "“审核通过”已办理 300 件，留下 0 件")
    all_at_once(county, "批量公示", "“开始公示”已办理 300 件，留下 0 件")
    county.assert_well_made("cases-together-publicised")
    settings.OFFICE_DATE = APPROVED_ON
    approved(above)
    settings.OFFICE_DATE = PAID_ON
    paid_by_files(maker, checker, tmp_path, refused=(0, 100, 200))
    checker.assert_well_made("payments-returned")
    returned = list(Case.objects.filter(state="payment_rejected").order_by("pk"))
    assert (Case.objects.filter(state="paid").count(), len(returned)) == (MANY - 3, 3)
    page = maker.at((1440, 900)).open("/desk/payments/")
    expect(page.get_by_text("银行退回：收款账户已销户")).to_have_count(3)
    for number, case in enumerate(returned):
        put_right(desk, case, number)
    paid_by_files(maker, checker, tmp_path)
    assert Case.objects.filter(state="paid").count() == MANY
    assert Benefit.objects.filter(policy_id="job-retention-rebate").count() == MANY
    assert verify_ledger().faults == ()
