# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""A new service is a new file: a rich one is put beside the others, and everybody walks it by clicks from the first page to its end.

It is about a household, names an employer for which something has to hold, bounds its numbers by a document, by a parameter and by nothing
but the office, asks one thing only where another answer calls for it, passes four levels and a public notice, and gives a status to two
people, a traineeship, promised services, the next item and a review for which it may end.
"""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Page, expect

from jiuye.engine.rules.pack import load_pack
from jiuye.engine.services import load_items
from jiuye.office.matters.content import service_items
from jiuye.office.matters.models import Matter, PromisedService
from jiuye.office.registry.models import Employer, Status
from jiuye.office.registry.states import STATUS_KINDS
from jiuye.office.skills.models import Traineeship
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    divisions,
    me,
    officer,
    person,
    reviewer,
    station,
    street,
)
from tests.office.matters.test_placing import household, make_employer  # noqa: F401 (used by name)
from tests.office.packs import FEW, pack_with
from tests.papers import pdf
from tests.portals.browser.looking import Visit
from tests.portals.browser.test_matters import take
from tests.portals.browser.walking import Console, console  # noqa: F401 (the fixture is used by name)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NAME = "零就业家庭见习帮扶"
NEW = """
id: household-traineeship-help
name: 零就业家庭见习帮扶
name_en: A traineeship for a household without a job
says: 家里没有人工作的，安排申请的成员到见习基地见习，全家认定为零就业家庭。
says_en: Nobody at home works? Whoever asks is placed in a traineeship, and all of you are recognised as a household without a job.
for: person
about: household
policy: zero-job-household-recognition
source: rules
promised_workdays: 20
promised_basis: design
statutory: {workdays: 30, source: rules}
leads_to: [traineeship-subsidy]
sources:
  rules: {document: 家庭见习帮扶办法, clause: 第四条, date: 2023-01-01, says: 零就业家庭成员见习三至十二个月，本人自愿, confidence: FOUND}
clauses:
  - {id: willing, says: 本人愿意见习, says_en: You want to be trained, law: 零就业家庭成员见习，本人自愿, source: rules}
form:
  - {id: base, label: 见习基地的统一社会信用代码, label_en: Unified credit code of the base, type: employer, must: traineeship_base}
  - {id: began_on, label: 见习开始日期, label_en: First day, type: date}
  - {id: months, label: 见习几个月, label_en: Months, type: whole, least: 3, most: 12, source: rules, basis: document}
  - {id: stipend, label: 每月生活费（元）, label_en: Stipend a month (yuan), type: money, most: contribution_base_high}
  - id: lives
    label: 见习期间住在哪里
    label_en: Where you live meanwhile
    type: choice
    options:
      home: {zh: 家里, en: At home}
      rented: {zh: 租房, en: In a rented room}
  - {id: rent, label: 每月房租（元）, label_en: Rent a month (yuan), type: money, least: 1, basis: design, when: {lives: [rented]}}
  - {id: accident_insured, label: 已办人身意外伤害保险, label_en: Insured against accidents, type: yes_no}
  - {id: true_statement, label: 以上情况属实，愿意接受入户核查和公示, label_en: "This is true; I agree to a visit and to public notice", type: statement}
evidence:
  - {id: identity, name: 居民身份证, name_en: identity card, known_by: [birth_date, sex]}
  - {id: agreement, name: 见习协议, name_en: traineeship agreement}
  - {id: lease, name: 租房合同, name_en: lease, when: {lives: [rented]}}
steps:
  - {act: accept, by: caseworker, level: village, workdays: 2, basis: design}
  - {act: check, by: caseworker, level: street, workdays: 3, basis: design}
  - {act: review, by: reviewer, level: county, workdays: 3, basis: design}
  - {act: publicise, by: reviewer, level: county, workdays: 1, basis: design}
  - {act: decide, by: approver, level: city, workdays: 3, basis: design}
publicity: {workdays: 5, basis: design}
follows:
  - {do: begin_status, status: zero_job_household, to: household, who: of_working_age}
  - {do: begin_traineeship, employer: base, start: began_on, term: months, pay: stipend, insured: accident_insured}
  - do: plan
    milestones:
      - {id: visit, name: 到基地回访, name_en: visit at the base, times: 1, within_days: 60}
    closings:
      - {id: moved, says: 本人已迁出本市, says_en: The trainee has left the city, basis: design}
  - do: review
    months: 6
    basis: design
    by: caseworker
    level: street
    looks: [household.zero_job_by_facts, zero_job_household]
    reasons:
      employed: {zh: 家里有人稳定就业, en: Somebody is in stable employment, outcome: left}
      retained: {zh: 被见习基地留用, en: Taken on by the base, outcome: retained}
"""


@pytest.fixture(autouse=True)
def _one_file_more(settings, pack_dir, tmp_path, divisions) -> None:
    """The pack with one file more, which its checks accept; nothing else is changed."""
    policies = {*FEW, "zero-job-household-recognition", "traineeship-registration", "traineeship-subsidy"}
    settings.PACK = pack_with(policies, of=pack_dir, under=tmp_path)
    settings.MEDIA_ROOT = tmp_path
    settings.OFFICE_DATE = DAY.isoformat()
    (settings.PACK / "services" / "household-traineeship-help.yaml").write_text(NEW)
    found, problems = load_items(settings.PACK, pack=load_pack(pack_dir)[0], statuses={*STATUS_KINDS})
    assert [problem.render() for problem in problems] == []
    assert "household-traineeship-help" in found.items
    service_items()


@pytest.fixture
def base(divisions) -> Employer:
    return make_employer(traineeship_base=True)


def account(actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


def upload(page: Page, paper: str) -> None:
    page.set_input_files(
        f"input[name=file-{paper}]",
        {"name": f"{paper}.pdf", "mimeType": "application/pdf", "buffer": pdf(paper)},
    )
    page.locator(f"button[name=evidence][value={paper}]").click()
    expect(page.get_by_text(f"{paper}.pdf")).to_be_visible()


def filled_in(phone: Visit, base: Employer) -> Matter:
    """She begins it, is told at each field what is wrong, puts it right, uploads what no register holds, and hands it in."""
    page = phone.at((390, 844)).open("/my/services/")
    page.locator("article", has_text=NAME).first.get_by_role("button").click()
    expect(page.locator("#id_rent")).to_have_count(0)
    page.select_option("#id_lives", "rented")
    expect(page.locator("#id_rent")).to_be_visible()
    page.fill("#id_base", "91321003MA1XABCD2Y")  # nobody's
    page.fill("#id_began_on", "2024-06-03")
    page.fill("#id_months", "2")
    page.fill("#id_stipend", "30000")
    page.fill("#id_rent", "0.50")
    page.locator("[name=accident_insured][value=yes]").check()
    page.get_by_role("button", name="提交", exact=True).click()
    for field in ("base", "months", "stipend", "rent", "true_statement"):
        expect(page.locator(f".field--wrong [name={field}]").first).to_be_visible()
    phone.assert_well_made("new-item-refused")
    page.fill("#id_base", base.credit_code)
    page.fill("#id_months", "6")
    page.fill("#id_stipend", "2280")
    page.fill("#id_rent", "600")
    page.check("#id_true_statement")
    upload(page, "agreement")
    upload(page, "lease")
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".verdict")).to_contain_text("已提交，等待受理")
    return Matter.objects.get()


def put_right(phone: Visit, at_station: Visit, matter: Matter) -> None:
    """The community asks for one field and one paper to be put right, once; she does."""
    page = at_station.at((1440, 900)).open(f"/desk/matters/{matter.pk}/")
    page.get_by_role("button", name="退回补正").first.click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("每月生活费（元）").fill("与协议的 2300 元不一致")
    dialog.get_by_label("见习协议").fill("缺最后一页")
    at_station.screenshot("new-item-correction")
    at_station.at((1440, 900))
    dialog.get_by_role("button", name="退回补正").click()
    expect(page.locator(".notice", has_text="已办理").first).to_be_visible()
    page = phone.at((390, 844)).open(f"/my/services/matters/{matter.pk}/")
    expect(page.locator(".field", has=page.locator("#id_stipend"))).to_contain_text("与协议的 2300 元不一致")
    expect(page.locator("main")).to_contain_text("退回补正：缺最后一页")
    phone.assert_well_made("new-item-to-put-right")
    page = phone.at((390, 844)).open(f"/my/services/matters/{matter.pk}/")
    page.fill("#id_stipend", "2300")
    upload(page, "agreement")
    page.get_by_role("button", name="提交补正").click()
    expect(page.locator(".verdict")).to_contain_text("等待受理")


def test_a_household_is_helped_by_an_item_that_is_one_new_file_from_its_first_page_to_its_end(
    visit, console, household, base, person, me, station, street, reviewer, settings
):
    phone, at_station, at_street = (visit(account=account(who)) for who in (me, station, street))
    matter = filled_in(phone, base)
    put_right(phone, at_station, matter)
    take(at_station, matter, "受理")
    take(at_street, matter, "核查属实", "入户见到夫妻二人，都没有工作，没有别的收入。")
    county = visit(account=account(reviewer))
    take(county, matter, "审核通过")
    take(county, matter, "开始公示")
    notice = visit().open("/notice/")
    expect(notice.locator("main")).to_contain_text(NAME)
    expect(notice.locator("main")).not_to_contain_text("张秀兰")
    settings.OFFICE_DATE = "2024-06-20"
    city = visit(account=account(officer("市审批", "approver", "3210")))
    take(city, matter, "予以办结", "入户核查没有经营性收入")
    city.assert_well_made("new-item-granted")
    told_of_the_grant(phone, matter)
    kept_and_ended(console, at_street, city, phone, matter)
    firm = Account.objects.create_account(
        username="base", display_name=base.name, password="x", kind="employer", subject_key=str(base.pk)
    )
    page = visit(account=firm).open("/my/messages/")
    expect(page.locator("main")).to_contain_text("自 2024年12月3日 起结束")


def told_of_the_grant(phone: Visit, matter: Matter) -> None:
    """The statuses of two, the traineeship, what is promised: in the registers, and on her page."""
    given = Status.objects.filter(kind="zero_job_household").order_by("person__name")
    assert [(row.person.name, row.document) for row in given] == [
        ("张秀兰", matter.number),
        ("李大海", matter.number),
    ]
    trained = Traineeship.objects.get()
    assert (trained.start, trained.monthly_stipend_fen) == (date(2024, 6, 3), 230_000)
    assert PromisedService.objects.get().due_on == date(2024, 8, 19)
    page = phone.at((390, 844)).open(f"/my/services/matters/{matter.pk}/")
    expect(page.locator(".verdict")).to_contain_text("已办结")
    expect(page.locator("main")).to_contain_text("到基地回访")
    expect(page.locator("main")).to_contain_text("接下来可以享受")
    phone.assert_well_made("new-item-granted-own")
    page = phone.at((390, 844)).open("/my/messages/")
    expect(page.locator("main")).to_contain_text(NAME)


def kept_and_ended(console: Console, at_street: Visit, city: Visit, phone: Visit, matter: Matter) -> None:
    """The visit is made; half a year on the night lists the review, and the city ends it since the base took her on."""
    page = at_street.at((1440, 900)).open(f"/desk/matters/{matter.pk}/")
    row = page.locator("li", has_text="到基地回访").first
    row.get_by_label("做了什么").fill("到基地看了，带教师傅在岗")
    row.get_by_role("button", name="登记一次").click()
    expect(page.locator("main")).to_contain_text("已提供 1 次，共 1 次")
    console.night("2024-12-20")
    page = at_street.open("/desk/matters/reviews/")
    page.get_by_role("link", name=matter.number).click()
    expect(page.locator("#review")).to_contain_text("到期")
    at_street.assert_well_made("new-item-review")
    page = city.at((1440, 900)).open(f"/desk/matters/{matter.pk}/")
    page.get_by_role("button", name="终止").first.click()
    dialog = page.locator("dialog[open]")
    dialog.locator("select[name=reason]").select_option("retained")
    dialog.locator("input[name=from]").fill("2024-12-03")
    dialog.locator("input[name=retained_on]").fill("2024-12-03")
    dialog.locator("textarea").fill("基地留用，签了一年合同")
    dialog.get_by_role("button", name="终止").click()
    expect(page.locator(".notice", has_text="已办理").first).to_be_visible()
    city.assert_well_made("new-item-ended")
    assert Traineeship.objects.get().outcome == "retained"
    assert not Status.objects.filter(kind="zero_job_household", until__isnull=True).exists()
    page = phone.at((390, 844)).open(f"/my/services/matters/{matter.pk}/")
    expect(page.locator(".verdict")).to_contain_text("已终止")
    expect(page.locator("main")).to_contain_text("被见习基地留用")
    phone.assert_well_made("new-item-ended-own")
