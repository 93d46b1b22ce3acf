"""The reporting forms as an officer uses them."""

from __future__ import annotations

import pytest

from jiuye.office.targets.models import MilestoneReport, ReportedFigure

pytestmark = pytest.mark.django_db
LOANS = "/board/reporting/figures/startup-loans/"
BUDGET = "/board/reporting/milestones/fund-budgeting/"


def figure(**more) -> dict[str, str]:
    return {
        "period_key": "2025",
        "division_code": "3210",
        "as_of": "2025-08-31",
        "value": "2.62",
        "multiple": "亿元",
        "document": "创业担保贷款月报（2025年8月）",
        "document_date": "2025-09-03",
        "note": "",
        **more,
    }


def test_the_list_holds_what_the_department_answers_for(officer):
    page = officer("department", department="veterans").get("/board/reporting/")
    assert [row.state.indicator.id for row in page.context["figures"]] == ["veteran-employment-rate"]
    assert "市退役军人事务局" in page.text


def test_a_post_without_a_department_is_told_what_is_wrong(officer):
    page = officer("department", department="").get("/board/reporting/")
    assert "您的岗位没有写明部门" in page.text


def test_the_city_office_may_choose_a_department(officer):
    page = officer("city_office").get("/board/reporting/?department=veterans")
    assert [row.state.indicator.id for row in page.context["figures"]] == ["veteran-employment-rate"]


def test_a_figure_in_yi_yuan_is_kept_exactly_in_yuan_and_shown_on_the_board(officer):
    client = officer("department", department="hrss")
    answer = client.post(LOANS, figure(), follow=True)
    assert answer.redirect_chain[0][0] == "/board/indicators/startup-loans/?year=2025"
    assert "已登记" in answer.text
    assert ReportedFigure.objects.get().value == 262_000_000
    assert "2.62" in client.get("/board/tasks/task-17/").text


def test_the_same_form_posted_twice_says_so_and_records_once(officer):
    client = officer("department", department="hrss")
    client.post(LOANS, figure())
    answer = client.post(LOANS, figure(), follow=True)
    assert "没有重复登记" in answer.text
    assert ReportedFigure.objects.count() == 1


def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(officer):
    client = officer("department", department="hrss")
    answer = client.post(LOANS, figure(as_of="2024-08-31"))
    assert answer.status_code == 422
    assert "不在所属期内" in str(answer.context["form"].errors["as_of"])
    assert "创业担保贷款月报" in answer.text
    assert not ReportedFigure.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "很多"}, "value"),
        ({"value": ""}, "value"),
        ({"as_of": "2025-02-30"}, "as_of"),
        ({"period_key": "2031"}, "period_key"),
        ({"multiple": "美元"}, "multiple"),
        ({"document": ""}, "document"),
    ],
)
def test_nonsense_is_refused_beside_its_field(officer, changes, field):
    answer = officer("department", department="hrss").post(LOANS, figure(**changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not ReportedFigure.objects.exists()


def test_a_correction_asks_for_a_reason_and_keeps_both(officer):
    client = officer("department", department="hrss")
    client.post(LOANS, figure())
    assert "要更正" in client.post(LOANS, figure(value="2.65")).text
    answer = client.post(LOANS, figure(value="2.65", note="补录一笔"), follow=True)
    assert "已更正" in answer.text
    assert ReportedFigure.objects.count() == 2


def test_another_department_s_figure_is_refused_and_the_page_says_whose_it_is(officer):
    answer = officer("department", department="veterans").get(LOANS)
    assert answer.status_code == 403
    assert "由牵头部门" in answer.text


def test_a_measured_indicator_has_no_form(officer):
    client = officer("city_office")
    assert "/reporting/figures/" not in client.get("/board/indicators/urban-new-employment/").text
    assert client.get("/board/reporting/figures/urban-new-employment/").status_code == 403


def test_a_leader_may_not_report(officer):
    client = officer("leader", "321002")
    assert client.get(LOANS).status_code == 403
    assert client.post(LOANS, figure()).status_code == 403
    assert not ReportedFigure.objects.exists()


def test_a_milestone_is_reported_done_shown_and_taken_back(officer):
    client = officer("department", department="finance")
    done = {
        "period_key": "2025",
        "done": "yes",
        "done_on": "2025-02-20",
        "document": "2025年就业资金预算",
        "note": "",
    }
    answer = client.post(BUDGET, done, follow=True)
    assert answer.redirect_chain[0][0] == "/board/tasks/task-4/"
    assert "2025年2月20日 完成，依据：2025年就业资金预算" in answer.text
    assert "没有重复登记" in client.post(BUDGET, done, follow=True).text
    back = client.post(BUDGET, {**done, "done": "no", "note": "尚未批复"}, follow=True)
    assert "尚未报告" in back.text
    assert MilestoneReport.objects.count() == 2


def test_a_milestone_of_the_future_is_refused_beside_its_field(officer):
    answer = officer("department", department="finance").post(
        BUDGET,
        {"period_key": "2025", "done": "yes", "done_on": "2025-10-01", "document": "预算", "note": ""},
    )
    assert answer.status_code == 422
    assert "还没有到" in str(answer.context["form"].errors["done_on"])
