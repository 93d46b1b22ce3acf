"""The whole plan measured on a day: targets, lights, milestones, counties, and in how many queries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.targets.operations import report_figure, report_milestone
from jiuye.office.targets.queries import (
    NoRecordsError,
    NoSuchIndicatorError,
    NoSuchYearError,
    indicator_on,
    plan_on,
    records_behind,
)
from tests.office.targets.conftest import TODAY, make_actor
from tests.office.targets.people import GUANGLING, HANJIANG, day, firm, holds, person, works
from tests.office.targets.test_reporting import at, reports

pytestmark = pytest.mark.django_db
# One for the divisions, one for all measures, one for reports, one for milestones.
QUERIES = 5  # the tallies, the reported figures, the milestones, the divisions, and which book is in force


def states(plan) -> dict[str, object]:
    return {state.commitment.id: state for section in plan.sections for state in section.targets}


def test_without_any_record_nothing_has_a_figure(city_office, room):
    plan = plan_on(actor=city_office, room=room, on=TODAY, year=2025)
    assert {state.standing.state for state in states(plan).values()} == {"no_figure"}
    assert plan.lights == {"none": 47}
    assert set(plan.milestones) == {"open"}


def test_every_part_of_the_plan_is_there(city_office, room):
    plan = plan_on(actor=city_office, room=room, on=TODAY, year=2024)
    names = [section.section for section in plan.sections]
    assert names == [
        "goals",
        *(f"task-{number}" for number in range(1, 34)),
        *(f"safeguard-{number}" for number in (1, 2, 3)),
    ]


def test_the_whole_board_takes_a_fixed_number_of_queries(city_office, room, django_assert_num_queries):
    for index in range(3):
        who = person(f"张{index}")
        holds(who, "employment_difficulty", "2024-01-01", category="older")
        works(who, f"2025-0{index + 1}-01", at=firm())
    reports(city_office, room, value="11")
    plan_on(
        actor=city_office, room=room, on=TODAY, year=2025
    )  # the book is read the first time that it is asked for
    with django_assert_num_queries(QUERIES):
        plan_on(actor=city_office, room=room, on=TODAY, year=2025, county="321002")


def test_a_total_over_three_years_counts_all_of_them(city_office, room):
    works(person("张一"), "2023-05-01", at=firm())
    works(person("张二"), "2024-05-01", at=firm())
    works(person("张三"), "2025-09-15", at=firm())
    works(person("张四"), "2025-09-16", at=firm())  # tomorrow
    plan = plan_on(actor=city_office, room=room, on=TODAY, year=2024)
    assert states(plan)["urban-new-employment"].reading.value == 3


def test_seen_from_the_end_of_a_past_year_later_records_do_not_count(city_office, room):
    works(person("张一"), "2023-05-01", at=firm())
    works(person("张二"), "2024-05-01", at=firm())
    plan = plan_on(actor=city_office, room=room, on=date(2023, 12, 31), year=2023)
    assert states(plan)["urban-new-employment"].reading.value == 1
    assert plan.elapsed == 1


def test_a_measured_zero_is_a_figure_where_such_records_exist(city_office, room):
    who = person()
    holds(who, "employment_difficulty", "2023-01-01", category="older")
    works(who, "2024-05-01", at=firm())
    plan = plan_on(actor=city_office, room=room, on=TODAY, year=2025)
    state = states(plan)["hardship-placements"]
    assert (state.reading.value, state.light) == (0, "red")


def test_a_measured_figure_is_compared_with_the_same_day_a_year_before(city_office, room):
    for start in ("2024-09-15", "2024-09-16", "2025-01-02", "2025-01-03"):
        who = person()
        holds(who, "employment_difficulty", "2023-01-01", category="older")
        works(who, start, at=firm())
    plan = plan_on(actor=city_office, room=room, on=TODAY, year=2025)
    state = states(plan)["hardship-placements"]
    assert (state.reading.value, state.known.earlier.value, state.change) == (2, 1, 1)


def test_a_reported_total_is_held_against_the_time_gone_when_it_was_counted(city_office, room):
    reports(city_office, room, as_of=day("2025-06-30"), value="7.5", indicator="insurance-contribution-rate")
    reports(city_office, room, as_of=day("2025-06-30"), value="8")
    state = states(plan_on(actor=city_office, room=room, on=TODAY, year=2025))["campus-recruiting"]
    # Eight of fifteen on 30 June is on schedule, though 15 September asks for ten.
    assert (state.standing.state, state.standing.elapsed) == ("on_pace", Fraction(1, 2))
    assert state.stale


def test_the_figure_of_last_month_is_fresh_for_a_monthly_indicator(city_office, room):
    reports(city_office, room, as_of=day("2025-08-31"), value="10")
    state = states(plan_on(actor=city_office, room=room, on=TODAY, year=2025))["campus-recruiting"]
    assert not state.stale


def test_a_report_counts_from_the_day_it_covers(city_office, room):
    reports(city_office, room, as_of=day("2025-06-30"), value="8")
    plan = plan_on(actor=city_office, room=room, on=day("2025-06-29"), year=2025)
    assert states(plan)["campus-recruiting"].reading is None


def test_a_stock_reported_before_the_year_of_its_target_is_shown_and_not_judged(city_office, room):
    reports(
        city_office,
        room,
        indicator="high-skilled-workers",
        period="2024",
        as_of=day("2024-12-31"),
        value="291000",
    )
    plan = plan_on(actor=city_office, room=room, on=day("2024-12-31"), year=2024)
    goal = next(state for state in plan.headline if state.commitment.id == "high-skilled-workers")
    assert (goal.reading.value, goal.standing.state, goal.light) == (291_000, "not_begun", "none")


def test_a_sample_is_held_against_its_share_of_the_target_and_reports_are_not(city_office, room):
    who = person()
    holds(who, "employment_difficulty", "2023-01-01", category="older")
    works(who, "2025-01-02", at=firm())
    reports(city_office, room, value="11")
    found = states(plan_on(actor=city_office, room=room, on=TODAY, year=2025, share=Fraction(1, 8000)))
    assert (found["hardship-placements"].compared_with, found["hardship-placements"].light) == (1, "green")
    assert found["hardship-placements"].target.value == 8000
    assert found["campus-recruiting"].compared_with == 15


def test_a_county_s_part_stands_beside_the_city_s_figure(city_office, room):
    works(person("张一"), "2025-03-01", at=firm(lies_in=GUANGLING))
    works(person("张二"), "2025-03-01", at=firm(lies_in=HANJIANG))
    works(person("张三"), "2025-03-01", at=firm(lies_in=HANJIANG))
    plan = plan_on(actor=city_office, room=room, on=TODAY, year=2025, county="321003")
    known = states(plan)["urban-new-employment"].known
    assert (known.reading.value, known.local) == (3, 2)
    assert [place.code for place in plan.counties] == ["321002", "321003"]


def test_a_county_leader_sees_the_city_and_only_the_own_county_s_part(county_leader, room):
    plan = plan_on(actor=county_leader, room=room, on=TODAY, year=2025, county="321002")
    assert [place.code for place in plan.counties] == ["321002"]
    with pytest.raises(NotPermittedError):
        plan_on(actor=county_leader, room=room, on=TODAY, year=2025, county="321003")


def test_somebody_without_a_post_sees_no_board(divisions, room):
    with pytest.raises(NotPermittedError):
        plan_on(actor=make_actor("nobody"), room=room, on=TODAY, year=2025)


def test_a_year_outside_the_plan_is_refused_in_words(city_office, room):
    with pytest.raises(NoSuchYearError, match="方案没有 2031 年"):
        plan_on(actor=city_office, room=room, on=TODAY, year=2031)


def milestones(plan) -> dict[tuple[str, str], str]:
    return {(one.milestone.id, one.key): one.state for s in plan.sections for one in s.milestones}


def test_a_milestone_is_open_then_done_and_overdue_only_once_its_period_is_over(city_office, room):
    key = ("fund-budgeting", "2024")
    before = milestones(plan_on(actor=city_office, room=room, on=day("2024-12-30"), year=2024))
    after = milestones(plan_on(actor=city_office, room=room, on=day("2024-12-31"), year=2024))
    assert (before[key], after[key]) == ("open", "overdue")
    report_milestone(
        actor=city_office,
        room=room,
        milestone_id="fund-budgeting",
        period_key="2024",
        done_on=day("2024-03-01"),
        document="2024年就业资金预算",
        on=TODAY,
        at=at(),
    )
    early = milestones(plan_on(actor=city_office, room=room, on=day("2024-02-29"), year=2024))
    late = milestones(plan_on(actor=city_office, room=room, on=day("2024-12-31"), year=2024))
    assert (early[key], late[key]) == ("open", "done")


# --- One indicator ---


def test_the_parts_of_a_number_add_up_to_it(city_office, room):
    works(person("张一"), "2025-03-01", at=firm())
    works(person("张二"), "2024-03-01", at=firm())
    works(person("张三"), "2000-01-01", "2025-06-01", at=firm(), ended_because="退休")
    works(person("张四"), "2025-03-01", at=firm(), transferred_in=True)
    state = indicator_on(
        actor=city_office, room=room, indicator_id="urban-new-employment", on=TODAY, year=2025
    )
    parts = {one.part.key: (one.total, one.plan_total) for one in state.parts}
    assert parts == {
        "hired": (1, 2),
        "attrition": (1, 1),
        "moved": (1, 1),
        "again": (0, 0),
        "not_urban": (0, 0),
    }
    assert (state.figure, state.plan_figure) == (0, 1)
    assert state.points[-1].value == 1
    assert [one.day for one in state.points][:2] == [day("2023-01-31"), day("2023-02-28")]


def test_the_counties_of_an_indicator_add_up_to_the_city(city_office, room):
    works(person("张一"), "2025-03-01", at=firm(lies_in=GUANGLING))
    works(person("张二"), "2025-03-01", at=firm(lies_in=HANJIANG))
    state = indicator_on(
        actor=city_office, room=room, indicator_id="urban-new-employment", on=TODAY, year=2025
    )
    assert {one.division.code: one.value for one in state.counties} == {"321002": 1, "321003": 1}
    assert sum(one.value for one in state.counties) == state.figure


def test_an_indicator_that_is_not_in_the_pack_is_refused(city_office, room):
    with pytest.raises(NoSuchIndicatorError):
        indicator_on(actor=city_office, room=room, indicator_id="no-such", on=TODAY, year=2025)


# --- The records behind a number ---


def behind(actor, room, **more):
    return records_behind(
        **{
            "actor": actor,
            "room": room,
            "indicator_id": "urban-new-employment",
            "part": "hired",
            "on": TODAY,
            "year": 2025,
            **more,
        }
    )


def test_the_records_are_as_many_as_the_number_counts_and_are_masked(city_office, room):
    works(person("欧阳修"), "2025-03-01", at=firm("示例机械厂"))
    works(person("王安石"), "2024-03-01", at=firm())
    found = behind(city_office, room)
    assert (found.total, found.visible) == (1, 1)
    (line,) = found.lines(found.records)
    assert (line.who, line.what, line.place) == ("欧**", "示例机械厂", "广陵区 东关街道 琼花观社区")
    assert behind(city_office, room, year=None).total == 2


def test_a_county_leader_opens_only_the_own_county_s_records_and_is_told_how_many_there_are(
    county_leader, room
):
    works(person("张一"), "2025-03-01", at=firm(lies_in=GUANGLING))
    works(person("张二"), "2025-03-01", at=firm(lies_in=HANJIANG))
    found = behind(county_leader, room)
    assert (found.total, found.visible, len(found.records)) == (2, 1, 1)
    with pytest.raises(NotPermittedError):
        behind(county_leader, room, county="321003")


def test_whoever_may_only_see_the_board_opens_no_records(divisions, room):
    with pytest.raises(NotPermittedError):
        behind(make_actor("desk", ("caseworker", "3210", "")), room)


def test_a_reported_figure_has_no_records_to_open(city_office, room):
    with pytest.raises(NoRecordsError, match="由部门填报"):
        behind(city_office, room, indicator_id="campus-recruiting", part="hired")
    with pytest.raises(NoRecordsError, match="没有“nonsense”这一部分"):
        behind(city_office, room, part="nonsense")


def test_a_list_of_records_takes_a_fixed_number_of_queries(city_office, room, django_assert_num_queries):
    for index in range(5):
        works(person(f"张{index}"), "2025-03-01", at=firm())
    with django_assert_num_queries(4):  # divisions, count, the page, the names of its places
        found = behind(city_office, room)
        found.lines(found.records[:50])


def test_a_figure_keeps_its_exact_value(city_office, room):
    row = report_figure(
        actor=city_office,
        room=room,
        indicator_id="surveyed-unemployment-rate",
        division_code="3210",
        period_key="2025",
        as_of=day("2025-06-30"),
        value=Decimal("5.15"),
        document="统计公报",
        document_date=day("2025-07-20"),
        on=TODAY,
        at=at(),
    ).row
    row.refresh_from_db()
    assert Fraction(row.value) == Fraction(515, 100)
