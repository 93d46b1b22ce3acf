"""Rows that registers deliver to an installation that began empty: contributions, births, certificates, an employer's insurance figures.

What nobody has delivered is not known; what was delivered whole is, also where it says nothing.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from jiuye.engine.registers.definitions import ROWS, load_registers
from jiuye.office.entitlements.delivering import ROW_KINDS, withdraw_delivery
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.entitlements.operations import redecide_people
from jiuye.office.registry.deliveries import DeliveryRefusedError
from jiuye.office.registry.delivery_previews import DeliveryPreview
from jiuye.office.registry.models import (
    Birth,
    ContributionSpell,
    DeliveredRow,
    Employer,
    RegisterDelivery,
    Status,
)
from jiuye.office.skills.models import Apprenticeship, Certificate, TrainingEnrolment
from jiuye.office.staff.queries import NotPermittedError
from tests.office.entitlements.conftest import APRIL, AT, ON, decided, employ, fact, hold, make_person

pytestmark = pytest.mark.usefixtures("nothing_delivered")
LATER = AT + timedelta(hours=3)  # when a delivery is taken back
CONTRIBUTIONS = "身份证号,统一社会信用代码,缴费方,起缴月份,末缴月份,缴费基数,基本养老,基本医疗,失业,工伤,生育"
BIRTHS = "身份证号,统一社会信用代码,孩次,出生日期"
CERTIFICATES = (
    "身份证号,证书种类,证书编号,职业（工种）,等级,职业类别,紧缺职业（工种）,已享受培训补贴,发证日期,发证机构"
)


def own(person, start: str = "2025-01", last: str = "", pension: str = "800", medical: str = "400") -> str:
    return f"{person.id_number},,个人缴纳,{start},{last},5000,{pension},{medical},,,"


def by_employer(person, firm, start: str = "2024-10", last: str = "") -> str:
    return f"{person.id_number},{firm.credit_code},单位缴纳,{start},{last},5000,800,400,25,10,40"


# ---------------------------------------------------------------------------------------------- silence


def test_what_no_register_has_delivered_is_not_known(person, firm):
    hire = employ(person, firm, date(2024, 10, 1))
    for name in ("insured_as_employee", "personal_contribution_month", "unemployment_premium_months"):
        assert fact("person", person.pk, name) is None, name
    for name in ("insured_months", "employer_contribution_month"):
        assert fact("hire", hire.pk, name) is None, name
    assert fact("employer", firm.pk, "insured_now") is None


def test_a_part_of_a_register_says_nothing_of_those_it_leaves_out(person, firm, deliver):
    other = make_person("李桂芳", "321002198001010047", birth_date=date(1980, 1, 1))
    deliver("contribution", CONTRIBUTIONS, own(other))
    assert fact("person", other.pk, "insured_as_employee") is False
    assert fact("person", person.pk, "insured_as_employee") is None


def test_a_register_that_was_delivered_whole_says_no_by_its_silence(person, firm, deliver):
    other = make_person("李桂芳", "321002198001010047", birth_date=date(1980, 1, 1))
    hire = employ(person, firm, date(2024, 10, 1))
    deliver("contribution", CONTRIBUTIONS, own(other), complete=True)
    assert fact("person", person.pk, "insured_as_employee") is False
    assert fact("person", person.pk, "personal_contribution_month") == 0
    assert fact("hire", hire.pk, "insured_months") == 0
    assert fact("employer", firm.pk, "insured_now") is False


# What registers of other departments hold: by kind, the fact that says it.
HELD = {
    "student": "student",
    "disabled": "disabled",
    "subsistence_allowance": "subsistence_allowance",
    "veteran": "veteran",
    "pensioner": "pensioner",
}
STATUS_HEAD = "身份证号,起始日期,终止日期"


@pytest.mark.parametrize(("kind", "name"), HELD.items())
def test_a_status_that_another_department_holds_is_a_no_only_once_its_register_was_delivered_whole(
    person, deliver, kind, name
):
    other = make_person("李桂芳", "321002198001010047", birth_date=date(1980, 1, 1))
    assert fact("person", person.pk, name) is None
    deliver(kind, STATUS_HEAD, f"{other.id_number},2024-01-01,")
    assert (fact("person", other.pk, name), fact("person", person.pk, name)) == (True, None)
    deliver(kind, STATUS_HEAD, f"{other.id_number},2024-01-01,", complete=True)
    assert (fact("person", other.pk, name), fact("person", person.pk, name)) == (True, False)


def test_a_status_that_a_register_says_has_ended_is_a_no_of_that_resident_alone(person, deliver):
    other = make_person("李桂芳", "321002198001010047", birth_date=date(1980, 1, 1))
    deliver("subsistence_allowance", STATUS_HEAD, f"{other.id_number},2024-01-01,2024-12-31")
    assert Status.objects.get().until == date(2025, 1, 1)
    assert fact("person", other.pk, "subsistence_allowance") is False
    assert fact("person", person.pk, "subsistence_allowance") is None


def test_whoever_a_whole_register_lists_no_longer_lost_the_status_on_the_day_of_its_data(person, deliver):
    other = make_person("李桂芳", "321002198001010047", birth_date=date(1980, 1, 1))
    hold(person, "registered_unemployed", date(2024, 1, 1))
    both = [f"{one.id_number},2024-01-01," for one in (person, other)]
    deliver("disabled", STATUS_HEAD, *both, complete=True)
    deliver("disabled", STATUS_HEAD, both[1], complete=True)
    assert Status.objects.get(person=person, kind="disabled").until == APRIL
    assert Status.objects.get(person=other, kind="disabled").until is None
    assert Status.objects.get(kind="registered_unemployed").until is None  # no register of that department


def test_whether_the_founder_drew_the_subsistence_allowance_is_not_known_before_its_register_was_delivered(
    person, firm, deliver
):
    employ(person, firm, date(2025, 1, 1), kind="self_employed")
    type(person).objects.filter(pk=person.pk).update(hukou_kind="urban")
    named = "founder_urban_subsistence_at_start"
    assert fact("employer", firm.pk, named) is None
    deliver("subsistence_allowance", STATUS_HEAD, f"{person.id_number},2025-02-01,", complete=True)
    assert fact("employer", firm.pk, named) is False  # drawn only afterwards


def test_what_this_office_registers_itself_is_a_no_where_it_did_not(person, firm, deliver):
    for name in ("unemployment_registered", "difficulty_recognised", "zero_job_household"):
        assert fact("person", person.pk, name) is False, name


def test_an_employer_is_no_traineeship_base_only_once_the_list_of_bases_was_delivered_whole(
    town, firm, deliver
):
    base = Employer.objects.create(
        name="扬州见习基地有限公司", credit_code="91321002MA00000002", kind="enterprise", division=town, source="测试"
    )  # fmt: skip
    head, line = "统一社会信用代码,就业见习基地", f"{base.credit_code},是"
    assert fact("employer", firm.pk, "traineeship_base") is None
    deliver("traineeship_base", head, line)
    bases = [fact("employer", key, "traineeship_base") for key in (base.pk, firm.pk)]
    assert bases == [True, None]
    delivery = deliver("traineeship_base", head, line, complete=True)
    bases = [fact("employer", key, "traineeship_base") for key in (base.pk, firm.pk)]
    assert bases == [True, False]
    deliver("traineeship_base", head, f"{firm.credit_code},是", complete=True)
    bases = [fact("employer", key, "traineeship_base") for key in (base.pk, firm.pk)]
    assert bases == [False, True]
    assert delivery.complete


# ---------------------------------------------------------------------------------------------- findings


def test_contributions_delivered_find_the_flexible_insurance_subsidy(person, deliver):
    hold(person, "employment_difficulty", date(2025, 1, 1), category="older")
    hold(person, "flexible_employment", date(2025, 1, 10))
    employ(person, None, date(2025, 1, 10))
    redecide_people(person_ids=[person.pk], on=ON, at=AT)
    assert decided("flexible-employment-insurance-subsidy").verdict == "unknown"
    deliver("contribution", CONTRIBUTIONS, own(person))
    found = decided("flexible-employment-insurance-subsidy")
    assert (found.verdict, found.amount_fen) == ("yes", 60_000)  # half of the 1,200 yuan that she pays


def test_contributions_delivered_find_the_subsidy_for_a_hire(person, firm, deliver):
    hold(person, "employment_difficulty", date(2024, 9, 1), category="older")
    employ(person, firm, date(2024, 10, 1), contract_months=24)
    redecide_people(person_ids=[person.pk], on=ON, at=AT)
    assert decided("difficult-person-insurance-subsidy", "hire").verdict == "unknown"
    deliver("contribution", CONTRIBUTIONS, by_employer(person, firm))
    assert decided("difficult-person-insurance-subsidy", "hire").verdict == "yes"


def test_a_birth_delivered_finds_what_her_employer_is_paid_back(person, firm, deliver):
    deliver("contribution", CONTRIBUTIONS, by_employer(person, firm, "2024-01"))
    deliver("birth", BIRTHS, f"{person.id_number},{firm.credit_code},2,2024-09-10")
    found = decided("maternity-insurance-subsidy", "birth")
    # Six months of the employer's 1,275 yuan, half of it.
    assert (found.verdict, found.amount_fen, found.employer_id) == ("yes", 382_500, firm.pk)


def test_a_certificate_delivered_finds_the_skill_upgrade_subsidy(person, firm, deliver):
    deliver("contribution", CONTRIBUTIONS, by_employer(person, firm, "2024-01"))
    line = f"{person.id_number},职业技能等级证书,Y32-1,车工,三级（高级工）,A类（生产制造）,否,否,2025-03-01,扬州技师学院"
    deliver("certificate", CERTIFICATES, line)
    found = decided("skill-upgrade-subsidy", "certificate")
    assert (found.verdict, found.amount_fen) == ("yes", 200_000)


def test_a_course_and_an_apprenticeship_are_delivered_with_the_certificate_they_ended_in(
    person, firm, deliver
):
    line = f"{person.id_number},职业技能等级证书,Y32-1,车工,四级（中级工）,A类（生产制造）,否,否,2025-03-01,"
    deliver("certificate", CERTIFICATES, line)
    deliver(
        "training",
        "身份证号,培训项目,培训类别,开课日期,结业日期,取得证书种类,证书编号",
        f"{person.id_number},车工（四级）,岗位技能提升培训,2024-12-02,2025-02-20,职业技能等级证书,Y32-1",
    )
    deliver(
        "apprenticeship",
        "身份证号,统一社会信用代码,培养等级,培养起日,培养止日,证书编号",
        f"{person.id_number},{firm.credit_code},中级工,2024-03-01,2025-02-28,Y32-1",
    )
    certificate = Certificate.objects.get()
    assert TrainingEnrolment.objects.get().certificate == certificate
    apprenticeship = Apprenticeship.objects.get()
    assert (apprenticeship.certificate, apprenticeship.until) == (certificate, date(2025, 3, 1))


def test_an_employers_insurance_figures_are_delivered_and_what_the_file_has_no_column_for_stays(
    firm, deliver
):
    Employer.objects.filter(pk=firm.pk).update(retired_in_year=3)
    deliver(
        "employer_figures",
        "统一社会信用代码,年度,月均参保人数,失业保险缴费月数,上年度缴纳失业保险费,欠缴社会保险费",
        f"{firm.credit_code},2024,42,12,12345.67,否",
    )
    firm.refresh_from_db()
    assert (firm.insured_monthly_mean, firm.unemployment_premium_fen) == (42, 1_234_567)
    assert (firm.premium_arrears, firm.retired_in_year, firm.source) == (False, 3, "测试")
    assert fact("employer", firm.pk, "premium_arrears") is False


# ---------------------------------------------------------------------------------------------- the file


def test_the_same_file_again_changes_nothing_and_a_changed_one_shows_both_values_first(person, deliver):
    deliver("contribution", CONTRIBUTIONS, own(person))
    first = ContributionSpell.objects.get()
    deliver("contribution", CONTRIBUTIONS, own(person))
    assert DeliveredRow.objects.count() == 1
    preview = DeliveryPreview()
    deliver("contribution", CONTRIBUTIONS, own(person, last="2025-03", pension="900"), preview=preview)
    assert (preview.new, preview.changed, preview.unchanged, preview.values) == (0, 1, 0, 2)
    assert ("张** 个人缴纳 2025-01", "基本养老", "800.00", "900.00") in preview.things
    assert ("张** 个人缴纳 2025-01", "末缴月份", "（空）", "2025-03") in preview.things
    assert ContributionSpell.objects.get().pension_fen == 80_000
    deliver(
        "contribution", CONTRIBUTIONS, own(person, last="2025-03", pension="900"), source="市社保中心四月"
    )
    kept = ContributionSpell.objects.get()
    assert (kept.pk, kept.pension_fen, kept.until) == (first.pk, 90_000, APRIL)
    assert kept.source == "市社保中心四月"


def test_a_new_base_stands_after_the_one_that_the_same_file_ends(person, deliver):
    deliver("contribution", CONTRIBUTIONS, own(person))
    deliver("contribution", CONTRIBUTIONS, own(person, last="2025-02"), own(person, "2025-03", pension="900"))
    assert [spell.pension_fen for spell in ContributionSpell.objects.order_by("start")] == [80_000, 90_000]


def test_everything_that_is_wrong_is_said_with_its_row_and_column_and_nothing_is_kept(person, firm, deliver):
    with pytest.raises(DeliveryRefusedError) as refused:
        deliver(
            "contribution", CONTRIBUTIONS, own(person, pension="八百"), own(person, "2025-13"),
            own(person, "2025-05"), f"{person.id_number},91321002MA0000000X,单位交,2025-01,,5000,,,,,",
        )  # fmt: skip
    said = "\n".join(refused.value.sentences)
    for shown in (
        "第2行：基本养老：“八百”不是金额；请以元为单位，最多两位小数。",
        "第3行：起缴月份：“2025-13”不是月份；请写成 2024-05 的样子。",
        "第4行：起缴月份：2025-05-01晚于数据日期2025-04-01。",
        "第5行：统一社会信用代码：没有登记过统一社会信用代码为“91321002MA0000000X”的单位",
        "第5行：缴费方：“单位交”不在目录内；可以写的有：单位缴纳、个人缴纳。",
    ):
        assert shown in said, shown
    assert not RegisterDelivery.objects.exists()


@pytest.mark.parametrize(
    ("kind", "lines", "sentence"),
    [
        ("contribution", (CONTRIBUTIONS, "{id},,个人缴纳,2025-01,2024-10,5000,800,,,,"), "第2行：参保缴费的结束日期必须晚于开始日期。"),
        ("contribution", (CONTRIBUTIONS, "{id},,个人缴纳,2025-01,,5000,800,,,,", "{id},,个人缴纳,2025-02,,5000,800,,,,"), "第3行：同一人同一缴费方的两段缴费时间重叠。"),
        ("contribution", (CONTRIBUTIONS, "{id},,个人缴纳,2025-01,,5000,800,,,,", "{id},,个人缴纳,2025-01,,6000,800,,,,"), "第3行：与第2行是同一条；请只留一行。"),
        ("birth", (BIRTHS, "{id},,0,2024-09-10"), "第2行：孩次从1起。"),
        ("certificate", ("身份证号,证书种类,证书编号,职业（工种）,发证日期", "{id},职业技能等级证书,Y1,车工,2025-03-01"), "第2行：职业技能等级证书和职业资格证书必须有等级"),
        ("birth", ("身份证号,孩次,出生日", "{id},2,2024-09-10"), "不认识“出生日”这一列；是否想写“出生日期”？"),
        ("birth", ("孩次,出生日期", "2,2024-09-10"), "没有“身份证号”这一列。"),
    ],
)  # fmt: skip
def test_what_may_never_be_is_refused_with_its_row(person, deliver, kind, lines, sentence):
    with pytest.raises(DeliveryRefusedError) as refused:
        deliver(kind, *(line.format(id=person.id_number) for line in lines))
    assert any(said.startswith(sentence) for said in refused.value.sentences), refused.value.sentences
    assert not RegisterDelivery.objects.exists()


def test_a_certificate_of_that_number_that_is_somebody_elses_is_refused(person, deliver):
    other = make_person("李桂芳", "321002198001010047", birth_date=date(1980, 1, 1))
    head, line = "身份证号,证书种类,证书编号,职业（工种）,发证日期", "{},专项职业能力证书,Y1,车工,2025-03-01"
    deliver("certificate", head, line.format(other.id_number))
    with pytest.raises(DeliveryRefusedError, match="第2行：已登记在另一名居民名下"):
        deliver("certificate", head, line.format(person.id_number))


def test_rows_come_from_the_registers_that_the_pack_names_for_them(person, deliver):
    with pytest.raises(DeliveryRefusedError, match=r"登记簿“births”不交换参保缴费；.*的有：insurance。"):
        deliver("contribution", CONTRIBUTIONS, own(person), register="births")


def test_another_countys_residents_may_not_be_delivered(person, deliver, officer, town):
    with pytest.raises(NotPermittedError):
        deliver("contribution", CONTRIBUTIONS, own(person), actor=officer, complete=True)
    deliver("contribution", CONTRIBUTIONS, own(person), actor=officer)
    assert ContributionSpell.objects.get().source == "市社保中心"


def test_what_a_whole_register_lists_no_longer_ends_with_the_month_of_its_data(person, deliver):
    other = make_person("李桂芳", "321002198001010047", birth_date=date(1980, 1, 1))
    deliver("contribution", CONTRIBUTIONS, own(person), own(other), complete=True)
    preview = DeliveryPreview()
    deliver("contribution", CONTRIBUTIONS, own(other), complete=True, preview=preview)
    assert preview.ended == 1
    deliver("contribution", CONTRIBUTIONS, own(other), complete=True)
    assert ContributionSpell.objects.get(person=person).until == APRIL
    assert ContributionSpell.objects.get(person=other).until is None


# ---------------------------------------------------------------------------------------------- taken back


def test_a_delivery_is_taken_back_whole_and_what_stood_before_stands_again(person, deliver, clerk):
    deliver("contribution", CONTRIBUTIONS, own(person), source="三月")
    second = deliver(
        "contribution", CONTRIBUTIONS, own(person, last="2025-02"), own(person, "2025-03", pension="900"), source="四月"
    )  # fmt: skip
    assert withdraw_delivery(actor=clerk, number=second.pk, on=ON, at=AT) == 2
    kept = ContributionSpell.objects.get()
    assert (kept.until, kept.pension_fen, kept.source) == (None, 80_000, "三月")
    first = RegisterDelivery.objects.get()
    withdraw_delivery(actor=clerk, number=first.pk, on=ON, at=AT)
    assert not ContributionSpell.objects.exists()
    assert fact("person", person.pk, "personal_contribution_month") is None


def test_what_was_found_of_a_birth_is_a_no_as_soon_as_the_birth_is_taken_back(person, firm, deliver, clerk):
    deliver("contribution", CONTRIBUTIONS, by_employer(person, firm, "2024-01"))
    delivery = deliver("birth", BIRTHS, f"{person.id_number},{firm.credit_code},2,2024-09-10")
    assert decided("maternity-insurance-subsidy", "birth").verdict == "yes"
    withdraw_delivery(actor=clerk, number=delivery.pk, on=ON, at=LATER)
    found = decided("maternity-insurance-subsidy", "birth")
    assert (found.verdict, found.amount_fen, found.decided_at) == ("no", None, LATER)


def test_what_was_found_of_a_certificate_is_a_no_as_soon_as_the_certificate_is_taken_back(
    person, firm, deliver, clerk
):
    deliver("contribution", CONTRIBUTIONS, by_employer(person, firm, "2024-01"))
    line = f"{person.id_number},职业技能等级证书,Y32-1,车工,三级（高级工）,A类（生产制造）,否,否,2025-03-01,"
    delivery = deliver("certificate", CERTIFICATES, line)
    assert decided("skill-upgrade-subsidy", "certificate").verdict == "yes"
    withdraw_delivery(actor=clerk, number=delivery.pk, on=ON, at=LATER)
    assert decided("skill-upgrade-subsidy", "certificate").verdict == "no"


@pytest.mark.parametrize("complete", [False, True])
def test_whoever_contributions_were_about_is_decided_anew_as_soon_as_they_are_taken_back(
    person, firm, deliver, clerk, complete
):
    hold(person, "employment_difficulty", date(2024, 9, 1), category="older")
    employ(person, firm, date(2024, 10, 1), contract_months=24)
    delivery = deliver("contribution", CONTRIBUTIONS, by_employer(person, firm), complete=complete)
    assert decided("difficult-person-insurance-subsidy", "hire").verdict == "yes"
    withdraw_delivery(actor=clerk, number=delivery.pk, on=ON, at=LATER)
    # Not a no: without the delivery nobody has said that there is nothing.
    found = decided("difficult-person-insurance-subsidy", "hire")
    assert (found.verdict, found.decided_at) == ("unknown", LATER)


def test_an_employer_is_decided_anew_as_soon_as_its_figures_are_taken_back(firm, deliver, clerk):
    Employer.objects.filter(pk=firm.pk).update(premium_arrears=True)
    head = "统一社会信用代码,年度,欠缴社会保险费"
    delivery = deliver("employer_figures", head, f"{firm.credit_code},2024,否")
    before = {row.policy_id: row.decided_at for row in Entitlement.objects.filter(subject_kind="employer")}
    assert set(before.values()) == {AT}
    withdraw_delivery(actor=clerk, number=delivery.pk, on=ON, at=LATER)
    firm.refresh_from_db()
    assert firm.premium_arrears is True
    rebate = decided("job-retention-rebate", "employer")
    assert (rebate.verdict, rebate.decided_at) == ("no", LATER)


def test_a_delivery_on_which_later_work_rests_is_not_taken_back(person, firm, deliver, clerk):
    first = deliver("birth", BIRTHS, f"{person.id_number},{firm.credit_code},2,2024-09-10")
    second = deliver("birth", BIRTHS, f"{person.id_number},{firm.credit_code},2,2024-09-12")
    with pytest.raises(DeliveryRefusedError, match="请先撤回那一批"):
        withdraw_delivery(actor=clerk, number=first.pk, on=ON, at=AT)
    Birth.objects.update(birth_date=date(2024, 9, 11))
    with pytest.raises(DeliveryRefusedError, match="入库后又改过"):
        withdraw_delivery(actor=clerk, number=second.pk, on=ON, at=AT)
    Birth.objects.update(birth_date=date(2024, 9, 12))
    withdraw_delivery(actor=clerk, number=second.pk, on=ON, at=AT)
    birth = Birth.objects.get()
    Benefit.objects.create(
        policy_id="maternity-insurance-subsidy", subject_kind="birth", subject_key=str(birth.pk), employer=firm,
        amount_fen=100, months=1, paid_on=ON, source="测试",
    )  # fmt: skip
    with pytest.raises(DeliveryRefusedError, match="发放过1笔待遇"):
        withdraw_delivery(actor=clerk, number=first.pk, on=ON, at=AT)
    assert Birth.objects.exists()


def test_a_pack_may_name_every_kind_of_rows_and_no_other(tmp_path):
    assert set(ROWS) == set(ROW_KINDS)
    path = tmp_path / "registers.yaml"
    head = "registers:\n  a: {name: 甲, name_en: a, department: 甲, department_en: a, every: month, lists: everyone, rows: [%s]}\n"
    path.write_text(head % ", ".join(ROWS), encoding="utf-8")
    assert load_registers(path)[1].errors == []
    path.write_text(head % "wages", encoding="utf-8")
    assert [problem.code for problem in load_registers(path)[1].errors] == ["unknown-rows"]


def test_the_guide_names_the_columns_of_every_kind_of_rows():
    guide = (Path(__file__).parents[3] / "docs" / "rule-language.md").read_text(encoding="utf-8")
    for kind in ROW_KINDS.values():
        (line,) = [line for line in guide.splitlines() if line.startswith(f"| `{kind.name}` |")]
        columns = line.split("|")[3].split(", ")
        named = [re.sub(r"\*\*| \(.*| of .*", "", word).strip() for word in columns]
        assert named == [column.label for column in kind.columns], kind.name
        filled = [re.sub(r"\*\*| \(.*| of .*", "", word).strip() for word in columns if "**" in word]
        assert filled == [column.label for column in kind.columns if column.required], kind.name
