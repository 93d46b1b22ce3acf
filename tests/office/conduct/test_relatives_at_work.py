"""A relative of the applicant has nothing in hand of theirs: neither taken, nor handed to them, nor by standing in for somebody who is away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from jiuye.office.casework.authorities import HolderActsError
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.operations import AbsenceRefusedError, NoSuchColleagueError
from jiuye.office.matters import operations as matters
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import end_post
from jiuye.office.staff.queries import Actor, actor_for
from tests.office.authorities import authority
from tests.office.matters.conftest import DAY, VILLAGE, at, officer

WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def _papers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.OFFICE_DATE = DAY.isoformat()


@pytest.fixture
def daughter(matter, station, person) -> Actor:
    authority(station, person, on=DAY)
    return officer("张小兰", "caseworker", VILLAGE)


def again(actor: Actor) -> Actor:
    """With the posts that were handed on since."""
    return actor_for(Account.objects.get(pk=actor.account_id), on=DAY)


def away(actor: Actor, substitute: Actor):
    return operations.declare_absence(
        actor=actor, substitute_id=substitute.account_id, start=DAY, until=DAY + WEEK, on=DAY, at=at(DAY)
    )


def accept(actor: Actor, matter):
    return matters.take(actor=actor, matter_id=matter.pk, act="accept", on=DAY, at=at(DAY))


def page(actor: Actor, matter) -> str:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client.get(f"/desk/matters/{matter.pk}/").text


def pass_on(actor: Actor, matter, to: Actor):
    return operations.hand_on(
        actor=actor, matter_id=matter.pk, to_id=to.account_id, reason="下周休假", on=DAY, at=at(DAY)
    )


def test_a_relative_takes_it_neither_from_the_pool_nor_from_a_colleague(matter, station, daughter):
    with pytest.raises(HolderActsError):
        operations.take(actor=daughter, matter_id=matter.pk, on=DAY, at=at(DAY))
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    with pytest.raises(HolderActsError):
        operations.take(actor=daughter, matter_id=matter.pk, reason="我来办", on=DAY, at=at(DAY))


def test_nobody_is_offered_a_relative_to_hand_it_on_to_nor_hands_it_on_to_one(
    matter, station, second, daughter
):
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    assert [one.display_name for one in queries.colleagues(station, matter, on=DAY)] == ["协理员乙"]
    shown = queries.in_hand_with_colleagues(station, matter, on=DAY).colleagues  # what the page offers
    assert [one.display_name for one in shown] == ["协理员乙"]
    with pytest.raises(NoSuchColleagueError):
        pass_on(station, matter, daughter)
    assert pass_on(station, matter, second).holder_id == second.account_id


def test_a_relative_who_stands_in_does_nothing_in_it_and_gives_it_back_without_choosing_who_goes_on(
    matter, station, second, daughter
):
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    away(station, daughter)
    stand_in = again(daughter)
    with pytest.raises(HolderActsError):
        accept(stand_in, matter)
    with pytest.raises(HolderActsError):
        pass_on(stand_in, matter, second)
    shown = page(stand_in, matter)
    assert ("退回待认领" in shown, "转交给同事" in shown, "为回避亲属关系" in shown) == (True, False, True)
    operations.put_back(actor=stand_in, matter_id=matter.pk, reason="亲属，回避", on=DAY, at=at(DAY))
    assert list(queries.matters_at_hand(second, "nobody", on=DAY)) == [matter]
    operations.take(actor=second, matter_id=matter.pk, on=DAY, at=at(DAY))
    assert accept(second, matter).accepted_by_id == second.account_id


def test_who_stands_in_for_a_relative_is_none_themselves(matter, second, daughter):
    away(daughter, second)
    done = accept(again(second), matter)
    assert done.accepted_by_id == second.account_id


def test_a_chain_of_absences_is_refused_until_the_first_has_another_substitute(
    matter, station, second, reviewer
):
    third = officer("协理员丙", "caseworker", VILLAGE)
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    first = away(station, second)
    with pytest.raises(AbsenceRefusedError, match="替社区协理员代办"):
        away(again(second), third)
    with pytest.raises(AbsenceRefusedError, match="外出；请另选"):
        away(third, station)
    ill = {
        "account_id": second.account_id, "substitute_id": third.account_id, "start": DAY, "until": DAY + WEEK,
        "reason": "住院", "on": DAY, "at": at(DAY),
    }  # fmt: skip
    with pytest.raises(AbsenceRefusedError, match="请先给社区协理员另选代办人"):
        operations.declare_absence_of(actor=reviewer, **ill)
    # The head gives the first another substitute, on the same day, and then declares the second's.
    operations.come_back(actor=reviewer, absence_id=first.pk, on=DAY, at=at(DAY))
    operations.declare_absence_of(
        actor=reviewer, **ill | {"account_id": station.account_id, "reason": "原代办人住院"}
    )
    operations.declare_absence_of(actor=reviewer, **ill)
    assert list(queries.matters_at_hand(again(third), "mine", on=DAY)) == [matter]
    assert list(queries.matters_at_hand(again(second), "mine", on=DAY)) == []


def test_a_substitute_who_leaves_whole_leaves_the_work_of_whoever_is_away_in_the_pool(
    matter, station, second, divisions
):
    third = officer("协理员丙", "caseworker", VILLAGE)
    head = officer("管理员", "administrator", "3210")
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    away(station, second)
    for post in Account.objects.get(pk=second.account_id).posts.order_by("pk"):
        end_post(actor=head, post=post, until=DAY + timedelta(days=1), at=at(DAY))
    tomorrow = DAY + timedelta(days=1)
    assert actor_for(Account.objects.get(pk=second.account_id), on=tomorrow).posts == ()
    assert list(queries.matters_at_hand(third, "nobody", on=tomorrow)) == [matter]
