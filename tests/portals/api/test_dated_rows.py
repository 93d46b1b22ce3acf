"""Another department's system delivers dated rows: by the same door as a file, of its own registers, of its own division."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.entitlements.delivering import ROW_KINDS
from jiuye.office.partners.models import ApiCall
from jiuye.office.registry.models import (
    DeliveredRow,
    Employer,
    EmploymentSpell,
    RegisterDelivery,
    Status,
)
from tests.office.places import VILLAGE
from tests.portals.api.conftest import FAR_NUMBER, NUMBER, Caller
from tests.portals.api.test_interface import batch

FIRM = "91321002MA1ABCDE0X"
ROWS = {  # by kind: the register, and one row of her
    "contribution": ("insurance", {"统一社会信用代码": FIRM, "缴费方": "单位缴纳", "起缴月份": "2024-01", "缴费基数": "5000", "基本养老": "800"}),
    "birth": ("births", {"孩次": 2, "出生日期": "2024-05-01"}),
    "employer_figures": ("insurance", {"身份证号": None, "统一社会信用代码": FIRM, "年度": 2023, "月均参保人数": 12}),
    "traineeship_base": ("traineeship_bases", {"身份证号": None, "统一社会信用代码": FIRM, "就业见习基地": True}),
    "certificate": ("skill_assessments", {
        "证书种类": "专项职业能力证书", "证书编号": "Y1", "职业（工种）": "车工", "发证日期": "2024-05-01"}),
    "training": ("employment_services", {"培训项目": "车工", "培训类别": "岗位技能提升培训", "开课日期": "2024-05-01"}),
    "apprenticeship": ("labour_filings", {
        "统一社会信用代码": FIRM, "培养等级": "中级工", "培养起日": "2024-03-01", "培养止日": "2025-02-28"}),
    "student": ("education", {"起始日期": "2023-09-01"}),
    "disabled": ("disability", {"起始日期": "2023-09-01"}),
    "subsistence_allowance": ("civil_affairs", {"起始日期": "2023-09-01"}),
    "veteran": ("veterans", {"起始日期": "2023-09-01"}),
    "pensioner": ("insurance", {"起始日期": "2023-09-01"}),
    "employment": ("employment_register", {"统一社会信用代码": FIRM, "就业形式": "单位就业", "起始日期": "2024-03-01"}),
    "household_member": ("police", {"户号": "3210020001", "起始日期": "2020-03-01"}),
}  # fmt: skip


def rows_of(kind: str, **more) -> dict:
    row = {"身份证号": NUMBER, **ROWS[kind][1]}
    return {
        "entity": kind,
        "as_of": "2024-06-10",
        "source": "交换平台",
        "rows": [{word: cell for word, cell in row.items() if cell is not None}],
        **more,
    }


@pytest.fixture
def employer(city) -> Employer:
    return Employer.objects.create(
        name="扬州琼花电子有限公司",
        credit_code=FIRM,
        kind="enterprise",
        division_id=VILLAGE,
        source="测试登记",
    )


@pytest.mark.parametrize("kind", ROW_KINDS)
def test_a_row_of_each_kind_is_taken_in_by_the_same_door_and_once(system, person, employer, kind):
    address = f"/registers/{ROWS[kind][0]}/deliveries"
    first, again = (
        system.post(address, rows_of(kind), **{"Idempotency-Key": "pt-2024-06-10"}) for _ in range(2)
    )
    assert (first.status_code, again.json()) == (200, {**first.json(), "repeated": True}), first.content
    written = DeliveredRow.objects.get(delivery_id=first.json()["delivery"])
    assert ROW_KINDS[kind].model.objects.filter(pk=written.object_id).exists()
    assert written.delivery.source == "交换平台"


def test_the_registers_say_which_columns_dated_rows_have_and_which_words_may_stand_in_them(system, person):
    found = {(row["register_key"], row["entity"]): row for row in system.get("/registers").json()}
    assert {entity for _register, entity in found} >= set(ROW_KINDS)
    work = found["employment_register", "employment"]
    assert work["subject_columns"] == ["身份证号", "统一社会信用代码"]
    columns = {column["label"]: column for column in work["columns"]}
    assert columns["就业形式"]["required"] is True
    assert columns["就业形式"]["choices"] == ["单位就业", "个体经营", "灵活就业", "公益性岗位"]
    assert (columns["终止日期"]["required"], columns["终止日期"]["reads"]) == (False, "last_day")
    assert work["facts"] == []


def test_dated_rows_with_mistakes_are_refused_whole_each_with_its_row_and_column(system, person, employer):
    good = rows_of("employment")["rows"][0]
    wrong = [
        good,
        {**good, "起始日期": "去年"},
        {"身份证号": NUMBER, "就业形式": "打工", "起始日期": "2024-03-01"},
        {**good, "工资": "3000"},
        {"就业形式": "灵活就业", "起始日期": "2024-03-01"},
    ]
    answer = system.post(
        "/registers/employment_register/deliveries", rows_of("employment", rows=wrong), **{"Idempotency-Key": "pt-00000001"}
    )  # fmt: skip
    assert answer.status_code == 422
    said = "\n".join(row["says"] for row in answer.json()["errors"])
    for shown in (
        "第2行：起始日期：“去年”不是日期",
        "第3行：就业形式：“打工”不在目录内",
        "第4行：不认识“工资”这一列",
        "第5行：身份证号：不能为空。",
    ):
        assert shown in said, said
    assert not EmploymentSpell.objects.exists()
    assert not ApiCall.objects.exists()


def test_a_row_leaves_as_it_is_what_it_does_not_name(system, person, employer):
    address = "/registers/employment_register/deliveries"
    row = rows_of("employment")["rows"][0]
    full = rows_of("employment", rows=[{**row, "月工资": "3600"}])
    system.post(address, full, **{"Idempotency-Key": "pt-00000001"})
    system.post(
        address,
        rows_of("employment", rows=[{**row, "终止日期": "2024-05-31"}]),
        **{"Idempotency-Key": "pt-00000002"},
    )
    kept = EmploymentSpell.objects.get()
    assert (kept.monthly_wage_fen, kept.until) == (360_000, date(2024, 6, 1))


def test_a_register_delivers_the_kinds_of_rows_that_the_pack_names_for_it_and_no_others(system, person):
    answer = system.post(
        "/registers/births/deliveries", rows_of("disabled"), **{"Idempotency-Key": "pt-00000003"}
    )
    assert answer.status_code == 422
    assert "登记簿“births”不交换残疾人" in answer.json()["errors"][0]["says"]


@pytest.mark.parametrize("body", [batch(), rows_of("disabled")], ids=["facts", "rows"])
def test_a_key_delivers_its_own_registers_and_no_other(key_for, person, body):
    system = Caller(key_for(registers=["disability"])[1])
    assert system.get("/me").json()["registers"] == ["disability"]
    assert {row["register_key"] for row in system.get("/registers").json()} == {"disability"}
    answer = system.post("/registers/credit/deliveries", body, **{"Idempotency-Key": "pt-00000004"})
    assert answer.status_code == 403
    assert answer.json()["title"].startswith("这把密钥不交换登记簿“credit”；它交换的有：disability。")
    assert not RegisterDelivery.objects.exclude(register="rows").exists()
    own = system.post(
        "/registers/disability/deliveries", rows_of("disabled"), **{"Idempotency-Key": "pt-00000005"}
    )
    assert own.status_code == 200


def test_a_system_of_one_district_delivers_no_rows_of_another(key_for, far_person):
    system = Caller(key_for("广陵残联", "321002")[1])
    rows = [{"身份证号": FAR_NUMBER, "起始日期": "2023-09-01"}]
    answer = system.post(
        "/registers/disability/deliveries", rows_of("disabled", rows=rows), **{"Idempotency-Key": "pt-00000006"}
    )  # fmt: skip
    assert answer.status_code == 403
    assert not Status.objects.exists()
    whole = rows_of("disabled", rows=rows, complete=True)
    refused = system.post("/registers/disability/deliveries", whole, **{"Idempotency-Key": "pt-00000007"})
    assert refused.status_code == 403
