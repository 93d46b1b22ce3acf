"""What a plan of services still owes stands in the case worker's list, with a light, and goes to the office above once it is late."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from jiuye.config.cli import main
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.deadlines import beyond_soon_services
from jiuye.office.conduct.models import Escalation
from jiuye.office.matters.models import Matter, PromisedService
from jiuye.office.matters.operations import give_service
from jiuye.office.matters.queries import promises, services_by_county, services_to_give
from jiuye.office.messages.queries import inbox
from jiuye.office.registry.models import Person
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, VILLAGE, at, make_person, officer

STREET = "321002001"
DUE, LATE, LATER = (
    date(2024, 12, 31),
    date(2025, 1, 2),
    date(2025, 1, 9),
)  # New Year's Day is none; six workdays
SOON = date(2024, 12, 3)  # the twentieth workday before the last day


def nightly(on: date):
    return operations.escalate_late(on=on, at=at(on))


def plan_of(person, *, village: str = VILLAGE, due_on: date | None = DUE) -> Matter:
    """A graduate on the register, who is owed guidance once and recommendations three times."""
    matter = Matter.objects.create(
        item_id="graduate-registration", item_name="离校未就业高校毕业生实名登记", item_version="x", way="own",
        applicant_kind="person", person=person, applicant_name=person.name, division_code=village,
        started_on=DAY, state="granted", decided_on=DAY,
    )  # fmt: skip
    for name, times in (("职业指导", 1), ("岗位推荐", 3)):
        PromisedService.objects.create(
            matter=matter, milestone_id=name, name=name, name_en=name, times=times, due_on=due_on
        )
    return matter


@pytest.fixture
def plan(person) -> Matter:
    return plan_of(person)


def give(matter: Matter, name: str, actor, on: date = LATE, *notes: str) -> None:
    for note in notes or ("当面",):
        give_service(
            actor=actor, promised_id=matter.promised.get(name=name).pk, given_on=on, note=note, on=on, at=at(on)
        )  # fmt: skip


def page(actor, address: str) -> str:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client.get(address).text


def test_the_light_turns_twenty_workdays_before_the_last_day_as_the_pack_says(plan, station):
    day_before = date(2024, 12, 2)
    assert not services_to_give(station, until=beyond_soon_services(day_before)).exists()
    assert services_to_give(station, until=beyond_soon_services(SOON)).count() == 2


def test_todays_page_of_whoever_may_give_it_shows_what_is_due_soon(plan, station, approver, settings):
    settings.OFFICE_DATE = SOON.isoformat()
    shown = page(station, "/desk/")
    assert "快到期和逾期的服务" in shown
    assert "岗位推荐" in shown
    assert "还剩 20 个工作日" in shown
    assert f"/desk/matters/{plan.pk}/#promised" in shown
    assert "岗位推荐" not in page(approver, "/desk/")  # gives no services
    assert "岗位推荐" not in page(officer("邗江协理", "caseworker", "321003001001"), "/desk/")


def test_given_as_often_as_promised_it_leaves_the_list(plan, station):
    give(plan, "岗位推荐", station, SOON, "一", "二")
    assert services_to_give(station, until=LATE).count() == 2
    give(plan, "岗位推荐", station, SOON, "三")
    assert [row.name for row in services_to_give(station, until=LATE)] == ["职业指导"]


def test_a_late_service_goes_up_once_a_level_and_both_offices_are_told(plan, station):
    street, county = officer("街道审核", "reviewer", STREET), officer("区审核", "reviewer", "321002")
    assert nightly(DUE).services == 0
    done = nightly(LATE)
    assert (done.services, done.rises, nightly(LATE).rises) == (2, 2, 0)
    assert {(row.from_division, row.to_division, row.role) for row in Escalation.objects.all()} == {
        (VILLAGE, STREET, "caseworker")
    }
    (below,), (above,) = inbox(station), inbox(street)
    assert "有 2 项承诺的服务没有按期提供，已自动上报东关街道" in below.body
    assert "琼花观社区有 2 项" in above.body
    assert not inbox(county).exists()
    assert nightly(LATER).rises == 2
    assert inbox(county).count() == 1
    assert plan.timeline.filter(act="escalate").count() == 4


def test_what_was_given_late_leaves_the_list_of_what_went_up(plan, station, settings):
    street = officer("街道审核", "reviewer", STREET)
    nightly(LATE)
    assert queries.escalated(street, to_us=True).count() == 2
    give(plan, "职业指导", station)
    (row,) = queries.escalated(street, to_us=True)
    assert (row.promised.name, row.thing) == ("岗位推荐", plan)
    settings.OFFICE_DATE = LATE.isoformat()
    shown = page(street, "/desk/work/late/")
    assert "承诺的服务“岗位推荐”没有按期提供" in shown
    assert "逾期 1 个工作日" in shown


def test_where_nobody_near_gives_services_the_countys_office_owes_it(plan):
    officer("市经办", "caseworker", "3210")
    city = officer("市就业办", "city_office", "3210")
    nightly(LATE)
    assert {(row.from_division, row.to_division) for row in Escalation.objects.all()} == {("321002", "3210")}
    assert queries.escalated(city, to_us=True).count() == 2


def test_a_service_without_a_term_is_never_late_and_says_so(person, station, settings):
    plan_of(person, due_on=None)
    assert nightly(date(2026, 3, 2)).rises == 0
    settings.OFFICE_DATE = LATE.isoformat()
    assert page(station, "/desk/matters/owed/").count("没有规定期限") >= 2
    assert "岗位推荐" not in page(station, "/desk/")


def test_each_county_sees_how_much_of_what_it_promised_is_late(plan, station, settings):
    other = plan_of(make_person("孙玉芳", number="321003197803050027"), village="321003001001")
    PromisedService.objects.filter(matter=other, name="岗位推荐").update(due_on=None)
    give(plan, "职业指导", station, SOON)
    city = officer("市就业办", "city_office", "3210")
    rows = services_by_county(city, on=LATE)
    assert [(row.division_code, row.promised, row.owed, row.late, row.without_term) for row in rows] == [
        ("321002", 2, 1, 1, 0),
        ("321003", 2, 2, 1, 1),
    ]
    county = officer("区审核", "reviewer", "321002")
    assert [row.division_code for row in services_by_county(county, on=LATE)] == ["321002"]
    settings.OFFICE_DATE = LATE.isoformat()
    assert "逾期 1 项" in page(county, "/desk/matters/owed/")
    assert "辖区服务逾期" in page(county, "/desk/")
    late = page(county, "/desk/matters/owed/?view=late")
    assert "岗位推荐" in late
    assert [row.name for row in promises(county, until=LATE)] == ["岗位推荐"]


def test_the_leader_of_a_county_sees_on_the_board_that_its_services_are_late(plan, settings):
    settings.OFFICE_DATE = LATE.isoformat()
    shown = page(officer("区领导", "leader", "321002"), "/board/")
    assert "逾期 2 项" in shown
    assert "还欠 2 项" in shown
    assert "逾期 2 项" not in page(officer("邗江领导", "leader", "321003"), "/board/")


def test_the_command_says_how_many_were_services(plan, station, capsys, monkeypatch):
    monkeypatch.setattr("jiuye.config.commands.deadlines.installation_ready", lambda: True)
    assert main(["deadlines", "--on", LATE.isoformat()]) == 0
    assert "其中承诺的服务 2 项" in capsys.readouterr().out


def test_nothing_is_owed_to_somebody_who_has_died(person, station):
    plan_of(person)
    assert promises(station, until=LATE).exists()
    person.death_date = date(2024, 1, 1)
    person.save(update_fields=["death_date"])
    assert nightly(LATE).services == 0
    assert not promises(station, until=LATE).exists()
    # What they were given before counts as promised and given, what they were not falls away.
    first = PromisedService.objects.order_by("pk")[0]
    PromisedService.objects.filter(pk=first.pk).update(times=1)
    Person.objects.filter(pk=person.pk).update(death_date=None)
    give_service(actor=station, promised_id=first.pk, given_on=LATE, note="讲了政策", on=LATE, at=at(LATE))
    Person.objects.filter(pk=person.pk).update(death_date=date(2024, 1, 1))
    (county,) = services_by_county(station, on=LATE)
    assert (county.promised, county.owed) == (1, 0)
