"""A promised service that nobody needs any more is closed with a reason; it leaves the lists, never counts as given, and can be opened again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from jiuye.engine.basis.dates import Interval
from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.conduct import operations
from jiuye.office.conduct.models import Escalation
from jiuye.office.conduct.operations import log_contact
from jiuye.office.matters import queries
from jiuye.office.matters.models import PromisedService, ServiceClosing, ServiceGiven
from jiuye.office.matters.operations import give_service, open_service_again
from jiuye.office.matters.operations.closing import (
    GivenInFullError,
    NoSuchClosingError,
    NotClosedError,
    NoWorkOnRecordError,
    TooFewTriesError,
)
from jiuye.office.matters.operations.following import ServiceClosedError
from jiuye.office.messages.models import Message
from jiuye.office.registry.models import EmploymentSpell, Status
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.targets.measures import MEASURES
from tests.office.conduct.test_late_services import plan_of
from tests.office.matters.conftest import DAY, at, officer
from tests.office.places import OTHER_VILLAGE
from tests.portals.refused_forms import losses, walked

LATE = date(2025, 1, 2)


@pytest.fixture
def plan(person):
    return plan_of(person)


def one(plan, name: str = "职业指导") -> PromisedService:
    return plan.promised.get(name=name)


def close(
    plan, actor, reason: str = "declined", *, name: str = "职业指导", note: str = "本人来电说不用了", on=DAY
):
    return operations.close_service(
        actor=actor, promised_id=one(plan, name).pk, reason=reason, note=note, on=on, at=at(on)
    )


def reopen(plan, actor, note: str = "本人又想要了", on=DAY):
    return open_service_again(actor=actor, promised_id=one(plan).pk, note=note, on=on, at=at(on))


def called(plan, actor, day: date, *, reached: str = "nobody") -> None:
    log_contact(
        actor=actor, person_id=plan.person_id, kind="phone", reached=reached, made_on=day,
        whom="" if reached == "nobody" else "本人", came_of="记录",
        on=day, at=at(day),
    )  # fmt: skip


def page(actor, address: str) -> str:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client.get(address).text


def test_a_declined_service_leaves_the_lists_and_stays_on_record_with_who_and_why(plan, station):
    closing = close(plan, station)
    assert (closing.says, closing.closed_by_name) == ("本人谢绝这项服务", "社区协理员")
    assert [row.name for row in queries.promises(station)] == ["岗位推荐"]
    assert [row.name for row in queries.services_to_give(station, until=date(2026, 1, 1))] == ["岗位推荐"]
    event = plan.timeline.get(act="close_service")
    assert event.note == "职业指导：本人谢绝这项服务；本人来电说不用了"


def test_what_was_closed_is_counted_apart_from_what_was_given(plan, station):
    close(plan, station)
    (county,) = queries.services_by_county(station, on=LATE)
    assert (county.promised, county.given, county.closed, county.owed, county.late) == (2, 0, 1, 1, 1)


def test_the_service_rate_does_not_rise_by_closing(plan, station):
    Status.objects.create(person=plan.person, kind="unemployed_graduate", start=DAY, source="测试")
    year = Interval(date(2024, 1, 1), date(2025, 1, 1))
    measure = MEASURES["graduates_served"]

    def parts(period=year):
        return {part.key: part.records(period).count() for part in measure.parts}

    close(plan, station)
    assert parts() == {"served": 0, "still_owed": 1, "closed_unserved": 0}
    for number in range(3):
        give_service(
            actor=station, promised_id=one(plan, "岗位推荐").pk, given_on=DAY, note=f"岗位{number}", on=DAY, at=at(DAY)
        )  # fmt: skip
    assert parts() == {"served": 0, "still_owed": 0, "closed_unserved": 1}
    assert {part.sign for part in measure.parts if part.key != "served"} == {2}
    reopen(plan, station)
    assert parts() == {"served": 0, "still_owed": 1, "closed_unserved": 0}


def test_opened_again_it_is_owed_by_the_same_day_and_may_be_given(plan, station):
    close(plan, station)
    with pytest.raises(ServiceClosedError, match="请先重新打开"):
        give_service(
            actor=station, promised_id=one(plan).pk, given_on=DAY, note="谈了一次", on=DAY, at=at(DAY)
        )
    with pytest.raises(WordsMissingError):
        reopen(plan, station, note=" ")
    reopen(plan, station)
    assert "职业指导" in {row.name for row in queries.promises(station, until=LATE)}
    give_service(actor=station, promised_id=one(plan).pk, given_on=DAY, note="谈了一次", on=DAY, at=at(DAY))
    with pytest.raises(NotClosedError):
        reopen(plan, station)
    with pytest.raises(GivenInFullError):
        close(plan, station)


def test_opened_again_after_more_than_a_year_it_is_owed_within_the_days_that_were_left_when_it_was_closed(
    plan, station
):
    closed, opened = date(2024, 12, 1), date(2026, 3, 2)
    close(plan, station, on=closed)
    reopen(plan, station, on=opened)
    again = one(plan)
    assert again.due_on == opened + (date(2024, 12, 31) - closed)
    # Nobody who makes good a mistake of last year is late by a year that night, and two levels up.
    operations.escalate_late(on=opened + timedelta(days=1), at=at(opened))
    assert not Escalation.objects.filter(promised=again).exists()
    assert "重新起算，2026-04-01 到期" in plan.timeline.get(act="open_service").note
    give_service(
        actor=station, promised_id=again.pk, given_on=opened, note="谈了一次", on=opened, at=at(opened)
    )


def test_what_was_late_already_when_it_was_closed_is_as_late_when_it_is_opened_again(plan, station):
    close(plan, station, on=date(2025, 2, 3))
    reopen(plan, station, on=date(2025, 6, 3))
    assert one(plan).due_on == date(2024, 12, 31)


def test_a_reason_is_one_of_the_file_and_wants_words_and_is_given_once(plan, station):
    with pytest.raises(NoSuchClosingError):
        close(plan, station, "tired")
    with pytest.raises(WordsMissingError):
        close(plan, station, note=" ")
    close(plan, station)
    with pytest.raises(ServiceClosedError, match="社区协理员于 2024-06-11 了结"):
        close(plan, station)


def test_found_work_rests_on_the_record_that_says_so(plan, station):
    with pytest.raises(NoWorkOnRecordError, match="请先登记就业"):
        close(plan, station, "found_work")
    # What had begun before the plan, or is over, is not why nobody needs it.
    later = DAY + timedelta(days=30)
    job = {"person": plan.person, "kind": "flexible", "source": "就业登记"}
    earlier = EmploymentSpell.objects.create(start=DAY - timedelta(days=9), **job)
    with pytest.raises(NoWorkOnRecordError):
        close(plan, station, "found_work", on=later)
    EmploymentSpell.objects.filter(pk=earlier.pk).update(until=DAY)
    EmploymentSpell.objects.create(start=DAY, until=DAY + timedelta(days=2), **job)
    with pytest.raises(NoWorkOnRecordError):
        close(plan, station, "found_work", on=later)
    EmploymentSpell.objects.create(
        person=plan.person, kind="self_employed", start=DAY + timedelta(days=20), source="社会保险登记"
    )
    closing = close(plan, station, "found_work", note="", on=later)
    assert closing.record == "个体经营，自 2024-07-01 起（社会保险登记）"


def test_who_has_found_work_is_proposed_for_closing_in_the_list_and_on_the_page(plan, station, settings):
    settings.OFFICE_DATE = LATE.isoformat()
    assert "登记显示" not in page(station, "/desk/matters/owed/")
    EmploymentSpell.objects.create(person=plan.person, kind="flexible", start=DAY, source="就业登记")
    assert "登记显示 2024年6月11日 起已就业（就业登记）" in page(station, "/desk/matters/owed/")
    seen = page(station, f"/desk/matters/{plan.pk}/")
    assert "登记显示本人已就业：灵活就业，自 2024-06-11 起（就业登记）" in seen
    assert '<option value="found_work" selected>' in seen


def test_out_of_reach_counts_only_after_three_days_with_a_visit_or_call(plan, station):
    for number in range(2):
        called(plan, station, DAY + timedelta(days=number))
    called(plan, station, DAY)  # twice on one day is one day
    later = DAY + timedelta(days=9)
    with pytest.raises(TooFewTriesError, match="现在只有 2 天"):
        close(plan, station, "unreachable", on=later)
    # Whoever was reached is not out of reach: the days count anew from then on.
    called(plan, station, DAY + timedelta(days=4), reached="person")
    for number in range(5, 7):
        called(plan, station, DAY + timedelta(days=number))
    with pytest.raises(TooFewTriesError, match="现在只有 2 天"):
        close(plan, station, "unreachable", on=later)
    called(plan, station, DAY + timedelta(days=8))
    assert close(plan, station, "unreachable", on=later).reason == "unreachable"


def test_whom_it_was_promised_to_is_told_that_it_is_closed_and_why_and_that_it_is_given_again(plan, station):
    close(plan, station, note="电话里说不想来")
    told = Message.objects.get(occasion="matter_service_closed")
    assert (told.person_id, told.about) == (plan.person_id, plan.about)
    assert f"“{one(plan).name}”" in told.body
    assert "原因：本人谢绝这项服务。" in told.body
    assert "电话里" not in told.body  # the officer's words are for the record
    reopen(plan, station)
    again = Message.objects.get(occasion="matter_service_opened")
    assert again.title == f"重新提供：{one(plan).name}"


def test_a_closed_service_is_not_passed_up_and_what_went_up_is_not_open_any_more(plan, station, reviewer):
    close(plan, station, on=LATE)
    operations.escalate_late(on=date(2025, 1, 9), at=at(date(2025, 1, 9)))
    assert {row.promised.name for row in Escalation.objects.all()} <= {"岗位推荐"}


def test_nobody_closes_for_another_county(plan, divisions):
    with pytest.raises(NotPermittedError):
        close(plan, officer("外区协理员", "caseworker", OTHER_VILLAGE))


def test_the_database_holds_that_what_is_closed_is_closed_once_with_a_reason_and_not_given(plan, station):
    closing = close(plan, station)
    with pytest.raises(IntegrityError, match="service_closed_once"), transaction.atomic():
        ServiceClosing.objects.create(
            promised=one(plan), reason="declined", says="谢绝", note="又一次", closed_by_id=station.account_id,
            closed_by_name="社区协理员", on_date=DAY, at=at(DAY),
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="closing_opened_whole"), transaction.atomic():
        ServiceClosing.objects.filter(pk=closing.pk).update(opened_on=DAY)
    with pytest.raises(IntegrityError, match="请先重新打开"), transaction.atomic():
        ServiceGiven.objects.create(
            promised=one(plan), on_date=DAY, note="悄悄登记", given_by_id=station.account_id, at=at(DAY)
        )


def test_the_pages_close_and_open_and_lose_nothing_that_was_typed(plan, station, me, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    client = Client()
    client.force_login(Account.objects.get(pk=station.account_id))
    matter = f"/desk/matters/{plan.pk}/"
    address = f"{matter}promised/{one(plan).pk}/"
    refused = client.post(f"{address}close/", {"reason": "unreachable", "note": "打过一次"}, follow=True).text
    assert "至少 3 天没有联系上的走访或电话" in refused
    assert 'value="打过一次"' in refused
    assert '<option value="unreachable" selected>' in refused
    done = client.post(f"{address}close/", {"reason": "declined", "note": "本人来电"}, follow=True).text
    assert "已了结，不再提供" in done
    assert "2024年6月11日 由社区协理员了结：本人谢绝这项服务" in done
    own = page(me, reverse("resident:matter", args=[plan.pk]))
    assert "起不再提供：本人谢绝这项服务" in own
    assert "又列为还欠" in client.post(f"{address}open/", {"note": "又想要了"}, follow=True).text


def test_nothing_typed_at_the_forms_of_promised_services_is_lost(plan, station, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    close(plan, station)
    client = Client()
    client.force_login(Account.objects.get(pk=station.account_id))
    found = losses([(client, f"/desk/matters/{plan.pk}/")])
    walked(__file__, {name: lost for name, lost in found.items() if "service" in name})
