"""Applications for loans are divided as cases and matters are: taken from the pool, handed on, given back, and a substitute's meanwhile."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.casework.authorities import HolderActsError
from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Charge
from jiuye.office.conduct.operations import (
    AlreadyYoursError,
    ColleagueAwayError,
    HeldAlreadyError,
    NobodyHasItError,
    NoSuchColleagueError,
    NotInYourHandError,
    NotWaitingError,
)
from jiuye.office.messages.queries import inbox
from jiuye.office.staff import rows
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, actor_for
from jiuye.office.ventures import operations as ventures
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.operations import LoanNotFoundError
from jiuye.office.ventures.queries import applications_to_answer
from tests.office.authorities import authority
from tests.office.ventures.conftest import APPLIED, at
from tests.office.ventures.test_late_applications import LATE, nightly, officer
from tests.office.ventures.test_sent_back import answer, send_back

WEEK = timedelta(days=7)
NEXT_DAY = date(2024, 3, 21)


@pytest.fixture
def loan(street) -> Loan:
    return street.apply()


@pytest.fixture
def others(street) -> list[str]:
    """Everybody who may answer an application in the city, by name, but the first approver."""
    return [one.name for one in (street.third, street.second, street.fourth)]


def charge(actor: Actor, loan: Loan, reason: str = "", on: date = APPLIED) -> Charge:
    return operations.take(actor=actor, loan_id=loan.pk, reason=reason, on=on, at=at(on))


def pass_on(actor: Actor, loan: Loan, to: Actor, reason: str = "下周休假", on: date = APPLIED) -> Charge:
    return operations.hand_on(
        actor=actor, loan_id=loan.pk, to_id=to.account_id, reason=reason, on=on, at=at(on)
    )


def give_back(actor: Actor, loan: Loan, reason: str = "要连续外出走访") -> Charge:
    return operations.put_back(actor=actor, loan_id=loan.pk, reason=reason, on=APPLIED, at=at(APPLIED))


def away(actor: Actor, substitute: Actor, on: date = APPLIED):
    return operations.declare_absence(
        actor=actor, substitute_id=substitute.account_id, start=on, until=on + WEEK, on=on, at=at(on)
    )


def sign(actor: Actor, loan: Loan, on: date = APPLIED) -> Loan:
    return ventures.guarantee(actor=actor, loan_id=loan.pk, amount_fen=loan.wanted_fen, on=on, at=at(on))


def fresh(actor: Actor, on: date = APPLIED) -> Actor:
    """With the posts of that day, and those that were handed on since."""
    return actor_for(Account.objects.get(pk=actor.account_id), on=on)


def listed(actor: Actor, whose: str, on: date = APPLIED) -> list[Loan]:
    return list(queries.loans_at_hand(fresh(actor, on), whose, on=on))


def offered(actor: Actor, loan: Loan, on: date = APPLIED) -> set[str]:
    """Whom the page offers to hand it on to: the same as the act takes."""
    shown = {one.display_name for one in queries.in_hand_with_colleagues(actor, loan, on=on).colleagues}
    assert shown == {one.display_name for one in queries.colleagues(actor, loan, on=on)}
    return shown


def test_what_nobody_has_is_taken_from_the_pool_and_then_stands_under_mine(street, loan):
    assert (listed(street.approver, "mine"), listed(street.approver, "nobody")) == ([], [loan])
    charge(street.approver, loan)
    assert (listed(street.approver, "mine"), listed(street.approver, "nobody")) == ([loan], [])
    seen = [listed(street.second, whose) for whose in ("mine", "nobody", "all")]
    assert seen == [[], [], [loan]]
    assert loan.timeline.order_by("pk").last().act == "take_charge"
    with pytest.raises(AlreadyYoursError):
        charge(street.approver, loan)


def test_from_a_colleagues_hand_it_is_taken_only_with_a_reason(street, loan):
    charge(street.approver, loan)
    with pytest.raises(HeldAlreadyError, match="审批"):
        charge(street.second, loan)
    charge(street.second, loan, reason="审批出差")
    assert listed(street.second, "mine") == [loan]
    assert loan.timeline.order_by("pk").last().details == {"from": "审批"}


def test_neither_another_role_nor_another_county_takes_it(street, loan):
    with pytest.raises(NotWaitingError):
        charge(street.clerk, loan)
    with pytest.raises(LoanNotFoundError):
        charge(officer("邗江审批", "approver", "321003"), loan)


def test_who_took_the_application_neither_takes_it_in_hand_nor_is_handed_it(street, others):
    moved = officer("转岗", "caseworker", "3210")
    loan = ventures.apply_for(
        actor=moved, kind="personal", employer_id=street.firm.pk, wanted_fen=20_000_000, on=APPLIED, at=at(APPLIED)
    )  # fmt: skip
    Post.objects.filter(account_id=moved.account_id).update(until=NEXT_DAY)
    Post.objects.create(account_id=moved.account_id, role="approver", division_code="3210", start=NEXT_DAY)
    with pytest.raises(NotWaitingError):
        charge(fresh(moved, NEXT_DAY), loan, on=NEXT_DAY)
    charge(street.approver, loan, on=NEXT_DAY)
    assert offered(street.approver, loan, NEXT_DAY) == set(others)
    with pytest.raises(NoSuchColleagueError):
        pass_on(street.approver, loan, moved, on=NEXT_DAY)


def test_who_put_it_right_for_the_borrower_no_longer_has_it_waiting(street, loan, others):
    moved = officer("转岗", "caseworker", "3210")
    send_back(street, loan)
    loan = answer(street, loan, who=moved, paper__licence="原件已核对", wanted="按用款计划")
    Post.objects.filter(account_id=moved.account_id).update(until=LATE)
    Post.objects.create(account_id=moved.account_id, role="approver", division_code="3210", start=LATE)
    assert not applications_to_answer(fresh(moved, LATE)).exists()
    assert offered(street.approver, loan, LATE) == set(others)


def test_it_is_handed_on_with_a_reason_to_a_colleague_who_is_told(street, loan, others):
    charge(street.approver, loan)
    assert offered(street.approver, loan) == set(others)
    with pytest.raises(WordsMissingError):
        pass_on(street.approver, loan, street.second, reason=" ")
    pass_on(street.approver, loan, street.second)
    assert (listed(street.approver, "mine"), listed(street.second, "mine")) == ([], [loan])
    (told,) = inbox(street.second)
    assert loan.number in told.body
    assert "下周休假" in told.body
    assert not inbox(street.approver).exists()
    with pytest.raises(NotInYourHandError):
        pass_on(street.clerk, loan, street.third)
    with pytest.raises(NoSuchColleagueError):
        pass_on(street.second, loan, street.clerk)


def test_the_office_above_hands_it_on_for_whoever_has_it(street, loan):
    county = officer("区审批", "approver", "321002")
    above = officer("市审核", "reviewer", "3210")
    charge(county, loan)
    with pytest.raises(LoanNotFoundError):  # who sees no loans oversees none
        pass_on(above, loan, street.second)
    pass_on(officer("市就业办", "city_office", "3210"), loan, street.second, reason="已逾期")
    assert listed(street.second, "mine") == [loan]


def test_a_signature_is_a_step_after_it_the_next_one_lies_in_the_pool(street, loan, others):
    charge(street.approver, loan)
    loan = sign(street.approver, loan)
    assert loan.state == "applied"
    assert queries.in_hand(loan) is None
    assert (listed(street.approver, "mine"), listed(street.second, "nobody")) == ([], [loan])
    with pytest.raises(NobodyHasItError):
        give_back(street.approver, loan)
    charge(street.second, loan)  # from nobody's hand, and so for no reason
    assert listed(street.second, "mine") == [loan]
    assert offered(street.second, loan) == set(others) - {street.second.name}
    with pytest.raises(NoSuchColleagueError):
        pass_on(street.second, loan, street.approver)


def test_once_it_is_answered_nobody_has_it(street, loan):
    charge(street.second, loan)
    sign(street.approver, loan)
    loan = sign(street.second, loan)
    assert loan.state == "guaranteed"
    assert queries.in_hand(loan) is None
    assert queries.in_hand_of([loan], on=APPLIED) == {}
    with pytest.raises(NotWaitingError):
        charge(street.third, loan)


def test_with_its_borrower_nobody_has_it_and_put_right_it_is_theirs_again(street, loan):
    charge(street.approver, loan)
    sign(street.approver, loan)
    loan = send_back(street, loan)
    assert queries.in_hand(loan) is None
    with pytest.raises(NotWaitingError):
        charge(street.second, loan)
    loan = answer(street, loan, paper__licence="原件已核对", wanted="按用款计划")
    # What they signed was another application; this one waits for them anew.
    assert queries.in_hand(loan).holder_id == street.approver.account_id
    assert listed(street.approver, "mine", LATE) == [loan]
    assert listed(street.second, "nobody", LATE) == []


def test_what_one_has_in_hand_is_given_back_with_a_reason_and_nobody_else_gives_it_back(street, loan):
    county, other = (officer(name, "approver", "321002") for name in ("区审批", "区审批二"))
    charge(county, loan)
    with pytest.raises(WordsMissingError, match="退回待认领的原因"):
        give_back(county, loan, reason=" ")
    with pytest.raises(NotInYourHandError):
        give_back(street.clerk, loan)
    give_back(county, loan)
    assert (listed(county, "mine"), listed(other, "nobody")) == ([], [loan])
    event = loan.timeline.order_by("pk").last()
    assert (event.act, event.actor_name, event.note) == ("put_back", "区审批", "要连续外出走访")
    with pytest.raises(NobodyHasItError):
        give_back(county, loan)
    kept = Charge.objects.get().events.order_by("pgh_id").values_list("holder_id", "step", "loan_id")
    assert list(kept) == [(county.account_id, "applied", loan.pk), (county.account_id, "", loan.pk)]


def test_what_an_absent_officer_has_is_the_substitutes_until_the_day_of_return(street, loan):
    charge(street.approver, loan)
    away(street.approver, street.second)
    assert listed(street.second, "mine") == [loan]
    assert listed(street.second, "mine", APPLIED + WEEK) == []
    assert listed(street.approver, "mine", APPLIED + WEEK) == [loan]
    held = queries.in_hand_of([loan], on=APPLIED)[loan]
    assert (held.charge.holder.display_name, held.away.substitute.display_name) == ("审批", "审批二")
    charge(street.third, loan, reason="急")
    with pytest.raises(ColleagueAwayError, match="由审批二代办"):
        pass_on(street.third, loan, street.approver)


def test_what_somebody_had_who_left_is_nobodys_and_is_taken_without_a_reason(street, loan):
    charge(street.approver, loan)
    Post.objects.filter(account_id=street.approver.account_id).update(until=NEXT_DAY)
    assert listed(street.second, "nobody", NEXT_DAY) == [loan]
    charge(street.second, loan, on=NEXT_DAY)
    assert listed(street.third, "nobody", NEXT_DAY) == []


def test_a_relative_of_the_founder_neither_takes_it_nor_is_handed_it(
    street, loan, others, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    authority(street.clerk, street.founder, on=APPLIED)
    daughter = officer("张小兰", "approver", "3210")
    with pytest.raises(HolderActsError):
        charge(daughter, loan)
    charge(street.approver, loan)
    assert offered(street.approver, loan) == set(others)
    with pytest.raises(NoSuchColleagueError):
        pass_on(street.approver, loan, daughter)
    away(street.approver, daughter)
    with pytest.raises(HolderActsError):
        pass_on(fresh(daughter), loan, street.second)
    give_back(fresh(daughter), loan, reason="亲属，回避")
    assert listed(street.second, "nobody") == [loan]


def test_late_it_is_told_to_whoever_has_it_and_to_nobody_beside_them(street, loan):
    charge(street.second, loan)
    assert nightly(LATE).loans == 1
    assert inbox(street.second).filter(occasion="loan_unanswered").count() == 1
    assert not inbox(street.approver).filter(occasion="loan_unanswered").exists()


def test_late_it_is_told_to_the_substitute_of_whoever_has_it(street, loan):
    charge(street.second, loan)
    away(street.second, street.third, on=LATE)
    nightly(LATE)
    assert inbox(street.third).filter(occasion="loan_unanswered").exists()
    assert not inbox(street.second).filter(occasion="loan_unanswered").exists()


def test_late_it_is_not_told_to_who_has_signed_but_to_those_who_still_may(street, loan):
    charge(street.approver, loan)
    sign(street.approver, loan)
    nightly(LATE)
    assert not inbox(street.approver).filter(occasion="loan_unanswered").exists()
    assert inbox(street.second).filter(occasion="loan_unanswered").exists()


def test_late_it_is_told_to_the_others_where_the_substitute_has_signed_it_already(street, loan):
    sign(street.third, loan)
    charge(street.second, loan)
    away(street.second, street.third, on=LATE)
    nightly(LATE)
    assert not inbox(street.third).filter(occasion="loan_unanswered").exists()
    assert inbox(street.approver).filter(occasion="loan_unanswered").exists()


def test_whose_several_things_are_is_one_question_and_one_more_where_somebody_is_away(
    street, loan, django_assert_num_queries
):
    charge(street.approver, loan)
    with django_assert_num_queries(1):
        held = queries.in_hand_of([loan, loan], on=APPLIED)[loan]
        assert (held.charge.holder_id, held.away) == (street.approver.account_id, None)
    away(street.approver, street.second)
    with django_assert_num_queries(2):
        held = queries.in_hand_of([loan, loan], on=APPLIED)
        assert held[loan].away.substitute.display_name == "审批二"


@pytest.mark.parametrize("about", [{}, {"case_id": 1}, {"matter_id": 1}])
def test_a_charge_is_of_one_thing(street, loan, about):
    row = {"step": "applied", "holder_id": street.approver.account_id, "since": APPLIED}
    both = {**about, "loan_id": loan.pk} if about else {}
    with pytest.raises(IntegrityError, match="charge_of_one_thing"), transaction.atomic():
        Charge.objects.create(**row, **both)


def test_who_has_a_loan_is_seen_in_its_places_and_nowhere_else(street, loan):
    charge(street.approver, loan)
    for place, seen in (("321002", 1), ("321003", 0)):
        with rows.scoped(rows.RowScope(places=(place,))):
            assert Charge.objects.count() == seen
