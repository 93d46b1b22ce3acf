"""Departments report: what is kept, what is refused and in which words, and that nothing is edited."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError

from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.targets.models import MilestoneReport, ReportedFigure
from jiuye.office.targets.operations import (
    NotYoursError,
    ReportRefusedError,
    report_figure,
    report_milestone,
)
from jiuye.office.targets.queries import departments_of, reporting_desk, reporting_periods
from tests.office.targets.conftest import TODAY, make_actor
from tests.office.targets.people import day

pytestmark = pytest.mark.django_db


def at() -> datetime:
    return datetime(2025, 9, 15, 2, 0, tzinfo=UTC)


def reports(actor, room, *, indicator="campus-recruiting", period="2025", value="11", **more):
    """A report of the events on campus, counted up to the end of August."""
    return report_figure(
        **{
            "actor": actor,
            "room": room,
            "indicator_id": indicator,
            "division_code": "3210",
            "period_key": period,
            "as_of": date(2025, 8, 31),
            "value": Decimal(value),
            "document": "就业统计月报（2025年8月）",
            "document_date": date(2025, 9, 3),
            "on": TODAY,
            "at": at(),
            **more,
        }
    )


def refused(match: str):
    return pytest.raises(ReportRefusedError, match=match)


def test_a_figure_is_kept_with_its_document_its_department_and_who_reported_it(bureau, room):
    row = reports(bureau, room).row
    assert (row.value, row.unit, row.department) == (11, "场", "hrss")
    assert (row.document, row.reported_by_id, row.supersedes) == (
        "就业统计月报（2025年8月）",
        bureau.account_id,
        None,
    )


def test_a_form_posted_twice_records_once(bureau, room):
    first, second = reports(bureau, room), reports(bureau, room)
    assert (second.again, second.row.pk) == (True, first.row.pk)
    assert ReportedFigure.objects.count() == 1


def test_another_value_for_the_same_day_is_a_correction_that_says_why(bureau, room):
    first = reports(bureau, room)
    with refused("已报过 11；要更正"):
        reports(bureau, room, value="12")
    second = reports(bureau, room, value="12", note="漏计一场")
    assert (second.corrected, second.row.supersedes) == (first.row, first.row)
    assert reports(bureau, room, value="12", note="漏计一场").again
    assert ReportedFigure.objects.count() == 2


def test_a_running_total_that_falls_is_asked_about(bureau, room):
    reports(bureau, room, as_of=day("2025-07-31"), value="12")
    with refused("累计数比 2025-07-31 报的 12 少"):
        reports(bureau, room, value="2")
    assert reports(bureau, room, value="10", note="两场取消，重新核定").row.value == 10


def test_a_rate_may_fall_without_a_word(bureau, room):
    reports(bureau, room, indicator="insurance-contribution-rate", as_of=day("2025-07-31"), value="95")
    assert reports(bureau, room, indicator="insurance-contribution-rate", value="93.5").row.value == Decimal(
        "93.5"
    )


@pytest.mark.parametrize(
    ("changes", "sentence", "field"),
    [
        ({"as_of": date(2025, 9, 16)}, "还没有到", "as_of"),
        ({"as_of": date(2024, 12, 31)}, "不在所属期内", "as_of"),
        ({"period": "2026"}, "没有要求这个时期", "period_key"),
        ({"period": "2023-2025"}, "没有要求这个时期", "period_key"),
        ({"value": "-1"}, "不能为负", "value"),
        ({"value": "11.5"}, "应当是整数", "value"),
        ({"value": "1e16"}, "数值太大", "value"),
        ({"document": "  "}, "写明来源文件", "document"),
        ({"document_date": date(2025, 9, 16)}, "文件日期在今天以后", "document_date"),
        ({"indicator": "urban-new-employment", "period": "2023-2025"}, "由系统从记录统计", ""),
        ({"indicator": "insurance-contribution-rate", "value": "93.12345"}, "四位小数", "value"),
        ({"division_code": "321002001"}, "请选区划", "division_code"),
    ],
)
def test_a_figure_that_cannot_be_is_refused_in_words_beside_its_field(
    city_office, room, changes, sentence, field
):
    with refused(sentence) as error:
        reports(city_office, room, **changes)
    assert error.value.field == field
    assert not ReportedFigure.objects.exists()


def test_a_department_reports_only_what_it_answers_for(divisions, room):
    veterans = make_actor("veterans", ("department", "3210", "veterans"))
    with pytest.raises(NotYoursError, match="市人社局"):
        reports(veterans, room)
    assert (
        reports(veterans, room, indicator="veteran-employment-rate", value="100").row.department == "veterans"
    )


def test_a_post_may_name_its_department_by_key_short_or_full_name(divisions, room):
    for index, name in enumerate(("hrss", "市人社局", "市人力资源和社会保障局")):
        actor = make_actor(f"officer{index}", ("department", "3210", name))
        assert departments_of(actor, room) == {"hrss"}
    assert departments_of(make_actor("none", ("department", "3210", "不存在的部门")), room) == frozenset()


def test_the_city_office_may_report_for_every_department(city_office, room):
    assert reports(city_office, room, indicator="veteran-employment-rate", value="99").row.department == ""


def test_whoever_holds_no_reporting_post_may_not(county_leader, room):
    with pytest.raises(NotPermittedError):
        reports(county_leader, room)


def test_a_county_s_department_reports_for_its_county_and_not_for_the_city(divisions, room):
    local = make_actor("local", ("department", "321002", "hrss"))
    assert reports(local, room, division_code="321002", value="3").row.division_code == "321002"
    with pytest.raises(NotPermittedError):
        reports(local, room)


def test_a_level_may_be_reported_in_every_year_and_a_flow_only_where_the_plan_asks(room):
    assert [key for key, _ in reporting_periods(room, "high-skilled-workers")] == ["2023", "2024", "2025"]
    assert [key for key, _ in reporting_periods(room, "skill-contests")] == ["2024"]
    assert [key for key, _ in reporting_periods(room, "ecommerce-training")] == ["2023-2025"]


def test_the_reporting_list_holds_what_is_the_department_s_own_and_nothing_measured(divisions, room):
    veterans = make_actor("veterans", ("department", "3210", "veterans"))
    desk = reporting_desk(actor=veterans, room=room, on=TODAY, year=2025)
    assert [state.commitment.id for state in desk.figures] == ["veteran-employment-rate"]
    hrss = reporting_desk(
        actor=make_actor("hrss", ("department", "3210", "hrss")), room=room, on=TODAY, year=2025
    )
    assert "urban-new-employment" not in [state.commitment.id for state in hrss.figures]


# --- The database itself ---


def test_a_reported_figure_can_be_neither_changed_nor_deleted(bureau, room):
    row = reports(bureau, room).row
    for act in (lambda: ReportedFigure.objects.update(value=99), row.delete):
        with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
            act()
    row.refresh_from_db()
    assert row.value == 11


def direct(bureau, **more):
    return ReportedFigure.objects.create(
        **{
            "indicator_id": "campus-recruiting",
            "division_code": "3210",
            "period_key": "2025",
            "as_of": day("2025-08-31"),
            "value": Decimal(1),
            "unit": "场",
            "document": "月报",
            "document_date": day("2025-09-03"),
            "reported_by_id": bureau.account_id,
            "reported_on": TODAY,
            "reported_at": at(),
            **more,
        }
    )


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"document": ""}, "figure_has_document"),
        ({"period_key": "二五年"}, "figure_period_form"),
        ({"division_code": "321002001"}, "figure_period_form"),
        ({"value": Decimal("-1")}, "figure_not_negative"),
        ({"value": Decimal("1.5")}, "figure_whole_unless_divisible"),
        ({"as_of": date(2025, 12, 31)}, "figure_known_when_reported"),
    ],
)
def test_the_database_refuses_what_can_never_be(bureau, changes, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        direct(bureau, **changes)


def test_the_database_refuses_a_second_figure_of_a_day_and_a_correction_of_another(bureau):
    first = direct(bureau)
    with pytest.raises(IntegrityError, match="figure_once_a_day"), transaction.atomic():
        direct(bureau)
    with pytest.raises(IntegrityError, match="更正的数据必须与原数据是同一指标"), transaction.atomic():
        direct(bureau, supersedes=first, as_of=day("2025-07-31"), note="错行")
    with pytest.raises(IntegrityError, match="figure_correction_says_why"), transaction.atomic():
        direct(bureau, supersedes=first, value=Decimal(2))
    direct(bureau, supersedes=first, value=Decimal(2), note="漏计")
    with pytest.raises(IntegrityError), transaction.atomic():
        direct(bureau, supersedes=first, value=Decimal(3), note="又改一次，但改的是旧的")


def test_a_difference_of_rates_may_be_negative(bureau):
    assert direct(bureau, unit="个百分点", value=Decimal("-0.8")).value == Decimal("-0.8")


# --- Milestones ---


def done(actor, room, **more):
    return report_milestone(
        **{
            "actor": actor,
            "room": room,
            "milestone_id": "fund-budgeting",
            "period_key": "2025",
            "done_on": day("2025-02-20"),
            "document": "2025年就业资金预算",
            "on": TODAY,
            "at": at(),
            **more,
        }
    )


def test_a_milestone_is_reported_done_once_and_taken_back_only_with_a_reason(bureau, room):
    first = done(bureau, room)
    assert done(bureau, room).again
    with refused("更正或撤回"):
        done(bureau, room, done=False)
    back = done(bureau, room, done=False, note="预算尚未批复")
    assert (back.corrected, back.row.done) == (first.row, False)
    assert MilestoneReport.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"milestone_id": "no-such"}, "没有这件事项"),
        ({"period_key": "2026"}, "没有这个时期"),
        ({"done_on": date(2025, 9, 16)}, "还没有到"),
        ({"document": ""}, "写明依据文件"),
        ({"done": False}, "没有报过完成"),
    ],
)
def test_a_milestone_that_cannot_be_reported_is_refused_in_words(bureau, room, changes, sentence):
    with refused(sentence):
        done(bureau, room, **changes)
    assert not MilestoneReport.objects.exists()


def test_a_milestone_of_other_departments_is_not_yours(divisions, room):
    with pytest.raises(NotYoursError):
        done(make_actor("veterans", ("department", "3210", "veterans")), room)
