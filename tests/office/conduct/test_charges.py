"""Taking work from the pool, handing it on, being away: whose it is, and who is told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Absence, Charge
from jiuye.office.conduct.operations import (
    AbsenceRefusedError,
    AlreadyYoursError,
    ColleagueAwayError,
    HeldAlreadyError,
    NobodyHasItError,
    NoSuchColleagueError,
    NotInYourHandError,
    NotWaitingError,
)
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.messages.queries import inbox
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.operations import IncompatiblePostsError
from jiuye.office.staff.queries import actor_for
from jiuye.office.staff.refusals import TooLongError
from tests.office.matters.conftest import DAY, VILLAGE, at, officer
from tests.office.matters.test_clocks import put_right, send_back
from tests.office.matters.test_registering import take

WEEK = timedelta(days=7)


def charge(actor, matter, reason=""):
    return operations.take(actor=actor, matter_id=matter.pk, reason=reason, on=DAY, at=at(DAY))


def pass_on(actor, matter, to, reason="下周休假"):
    return operations.hand_on(
        actor=actor, matter_id=matter.pk, to_id=to.account_id, reason=reason, on=DAY, at=at(DAY)
    )


def give_back(actor, matter, reason="要连续外出走访"):
    return operations.put_back(actor=actor, matter_id=matter.pk, reason=reason, on=DAY, at=at(DAY))


def away(actor, substitute, start=DAY, until=DAY + WEEK):
    return operations.declare_absence(
        actor=actor, substitute_id=substitute.account_id, start=start, until=until, on=DAY, at=at(DAY)
    )


def listed(actor, whose, on=DAY):
    # Asked anew, since a day and a delegation change what an officer holds.
    fresh = actor_for(Account.objects.get(pk=actor.account_id), on=on)
    return list(queries.matters_at_hand(fresh, whose, on=on))


def test_what_nobody_has_is_taken_from_the_pool_and_then_stands_under_mine(matter, station, second):
    assert (listed(station, "mine"), listed(station, "nobody")) == ([], [matter])
    charge(station, matter)
    assert (listed(station, "mine"), listed(station, "nobody")) == ([matter], [])
    assert (listed(second, "mine"), listed(second, "nobody"), listed(second, "all")) == ([], [], [matter])
    assert matter.timeline.order_by("pk").last().act == "take_charge"
    with pytest.raises(AlreadyYoursError):
        charge(station, matter)


def test_from_a_colleagues_hand_it_is_taken_only_with_a_reason(matter, station, second):
    charge(station, matter)
    with pytest.raises(HeldAlreadyError, match="社区协理员"):
        charge(second, matter)
    charge(second, matter, reason="社区协理员已调走")
    assert listed(second, "mine") == [matter]
    assert matter.timeline.order_by("pk").last().details == {"from": "社区协理员"}


def test_only_whoever_may_take_the_next_step_takes_it_in_hand(matter, reviewer):
    with pytest.raises(NotWaitingError):
        charge(reviewer, matter)
    with pytest.raises(MatterNotFoundError):
        charge(officer("邗江协理", "caseworker", "321003001001"), matter)


def test_once_the_step_is_taken_the_next_one_lies_in_the_pool_again(matter, station, reviewer):
    charge(station, matter)
    take(matter, station, "accept")
    assert listed(reviewer, "nobody") == [matter]
    assert listed(station, "mine") == []


def test_it_is_handed_on_with_a_reason_to_a_colleague_who_is_told(matter, station, second):
    charge(station, matter)
    with pytest.raises(WordsMissingError):
        pass_on(station, matter, second, reason=" ")
    pass_on(station, matter, second)
    assert (listed(station, "mine"), listed(second, "mine")) == ([], [matter])
    (told,) = inbox(second)
    assert "社区协理员" in told.body
    assert "下周休假" in told.body
    assert not inbox(station).exists()
    with pytest.raises(NotInYourHandError):
        pass_on(station, matter, second)


def test_it_is_handed_on_to_nobody_of_another_role_or_place(matter, station, reviewer):
    charge(station, matter)
    elsewhere = officer("兰庄协理", "caseworker", "321003001001")
    for other in (reviewer, elsewhere):
        with pytest.raises(NoSuchColleagueError):
            pass_on(station, matter, other)


def test_the_office_above_hands_it_on_for_whoever_has_it(matter, station, second, reviewer):
    charge(station, matter)
    pass_on(reviewer, matter, second, reason="已逾期，请协理员乙办理")
    assert listed(second, "mine") == [matter]


def test_what_one_has_in_hand_is_given_back_into_the_pool_with_a_reason_and_may_be_taken_again(
    matter, station, second
):
    charge(station, matter)
    with pytest.raises(WordsMissingError, match="退回待认领的原因"):
        give_back(station, matter, reason=" ")
    give_back(station, matter)
    assert (listed(station, "mine"), listed(second, "nobody")) == ([], [matter])
    event = matter.timeline.order_by("pk").last()
    assert (event.act, event.actor_name, event.note) == ("put_back", "社区协理员", "要连续外出走访")
    assert not inbox(station).exists()  # nobody is told of what they did themselves
    charge(second, matter)
    assert listed(second, "mine") == [matter]
    kept = Charge.objects.get().events.order_by("pgh_id").values_list("holder_id", "step")
    assert list(kept) == [
        (station.account_id, "accept"),
        (station.account_id, ""),
        (second.account_id, "accept"),
    ]


def test_what_nobody_has_is_not_given_back_and_twice_is_once(matter, station):
    with pytest.raises(NobodyHasItError):
        give_back(station, matter)
    charge(station, matter)
    give_back(station, matter)
    with pytest.raises(NobodyHasItError):
        give_back(station, matter)
    assert matter.timeline.filter(act="put_back").count() == 1


@pytest.mark.parametrize(("reason", "refusal"), [("  ", WordsMissingError), ("忙" * 201, TooLongError)])
def test_a_reason_for_giving_back_that_is_missing_or_too_long_is_refused_at_its_field(
    matter, station, reason, refusal
):
    charge(station, matter)
    with pytest.raises(refusal) as refused:
        give_back(station, matter, reason=reason)
    assert refused.value.field == "reason"
    assert listed(station, "mine") == [matter]


def test_a_colleague_gives_nothing_back_and_the_office_above_does_and_tells_who_had_it(
    matter, station, second, reviewer
):
    charge(station, matter)
    with pytest.raises(NotInYourHandError):
        give_back(second, matter)
    with pytest.raises(MatterNotFoundError):
        give_back(officer("邗江审核", "reviewer", "321003"), matter)
    give_back(reviewer, matter, reason="社区协理员借调，请大家认领")
    assert listed(second, "nobody") == [matter]
    (told,) = inbox(station)
    assert "区审核退回" in told.body
    assert "社区协理员借调" in told.body
    assert matter.timeline.order_by("pk").last().details == {"from": "社区协理员"}


def test_the_substitute_gives_back_for_whoever_is_away(matter, station, second):
    charge(station, matter)
    away(station, second)
    give_back(second, matter)
    assert listed(second, "nobody") == [matter]
    assert listed(station, "mine") == []


def test_what_was_given_back_is_nobodys_when_it_comes_back_to_the_same_step(matter, me, station):
    charge(station, matter)
    give_back(station, matter)
    send_back(matter, station, DAY)
    put_right(matter, me, DAY)
    assert listed(station, "nobody") == [matter]
    assert listed(station, "mine") == []


def test_what_an_absent_officer_has_is_the_substitutes_until_the_day_of_return(matter, station, second):
    charge(station, matter)
    away(station, second)
    assert listed(second, "mine") == [matter]
    assert listed(second, "mine", on=DAY + WEEK) == []
    # They hold the same post already: nothing is handed on twice.
    assert not Post.objects.filter(delegated_from__isnull=False).exists()


def test_a_substitute_of_another_role_holds_the_post_meanwhile(matter, station, divisions):
    charge(station, matter)
    other = officer("东关审核", "reviewer", "321002001")
    away(station, other)
    assert listed(other, "mine") == [matter]
    held = Post.objects.get(account_id=other.account_id, role="caseworker")
    assert (held.start, held.until, held.delegated_from.account_id) == (DAY, DAY + WEEK, station.account_id)
    assert listed(other, "all", on=DAY + WEEK) == []


def test_coming_back_early_takes_the_work_and_the_post_back(matter, station, divisions):
    other = officer("东关审核", "reviewer", "321002001")
    charge(station, matter)
    absence = away(station, other, until=DAY + 2 * WEEK)
    operations.come_back(
        actor=station, absence_id=absence.pk, on=DAY + timedelta(days=2), at=at(DAY + timedelta(days=2))
    )
    assert Post.objects.get(account_id=other.account_id, role="caseworker").until == DAY + timedelta(days=2)
    assert listed(other, "mine", on=DAY + timedelta(days=3)) == []
    with pytest.raises(AbsenceRefusedError):
        operations.come_back(
            actor=station, absence_id=absence.pk, on=DAY + timedelta(days=3), at=at(DAY + timedelta(days=3))
        )


def test_an_absence_called_off_before_it_begins_leaves_nothing(station, divisions):
    other = officer("东关审核", "reviewer", "321002001")
    absence = away(station, other, start=DAY + WEEK, until=DAY + 2 * WEEK)
    operations.come_back(actor=station, absence_id=absence.pk, on=DAY, at=at(DAY))
    assert not Absence.objects.exists()
    assert not Post.objects.filter(delegated_from__isnull=False).exists()


def test_nobody_stands_in_who_may_not_or_is_away(station, second, approver):
    with pytest.raises(IncompatiblePostsError):
        away(station, approver)
    assert not Absence.objects.exists()
    third = officer("协理员丙", "caseworker", VILLAGE)
    away(station, second)
    with pytest.raises(AbsenceRefusedError, match="替社区协理员代办"):
        away(second, third)
    with pytest.raises(AbsenceRefusedError, match="也外出"):
        away(third, station)
    with pytest.raises(AbsenceRefusedError, match="已经登记过"):
        away(station, third, start=DAY + timedelta(days=3))


def test_work_is_not_handed_on_to_somebody_who_is_away(matter, station, second):
    third = officer("协理员丙", "caseworker", VILLAGE)
    away(second, third)
    charge(station, matter)
    with pytest.raises(ColleagueAwayError, match="由协理员丙代办"):
        pass_on(station, matter, second)
