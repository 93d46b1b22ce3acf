"""A list of those who go without is told together: counted first, one message a person, many only by a second person, sent from outside."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, transaction

from jiuye.engine.messages import Words
from jiuye.exchange.sms import PretendGateway
from jiuye.office.campaigns import operations, queries
from jiuye.office.campaigns.models import Addressee
from jiuye.office.campaigns.states import WrongCampaignStateError
from jiuye.office.messages.content import sending_rules
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.messages.operations import deliver, write
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer, make_person

pytestmark = pytest.mark.django_db
POLICY = "unemployment-benefit"
OTHER = "flexible-employment-insurance-subsidy"
CHINA = timezone(timedelta(hours=8))


def found(name: str, number: int, *, policy_id: str = POLICY, **more):
    """A resident who is entitled and does not receive."""
    owner = make_person(name, number=f"321002197803060{number:03d}", **more)
    return make_entitlement(owner, policy_id=policy_id)


@pytest.fixture
def caseworker(divisions):
    return make_officer("周敏", "caseworker")


@pytest.fixture
def reviewer(divisions):
    return make_officer("吴海涛", "reviewer")


def prepared(actor, **more):
    return operations.prepare(actor=actor, policy_id=POLICY, on=DAY, at=at(DAY), **more)


def released(actor, campaign, day: date = DAY):
    return operations.release(actor=actor, campaign_id=campaign.pk, on=day, at=at(day))


def told(owner, day: date = DAY) -> None:
    """The owner has had an ordinary message on that day."""
    values = {name: Words("某") for name in ("policy", "number", "name", "amount", "promised")}
    with transaction.atomic():
        write(
            occasion="case_accepted",
            key=f"told:{owner.pk}",
            about="case:1",
            recipient_kind="person",
            person_id=owner.pk,
            employer_id=None,
            division_code=owner.residence_division_id,
            values=values,
            on=day,
            at=at(day),
        )


def test_the_dry_run_counts_by_channel_and_by_why_somebody_is_left_out_and_writes_nothing(caseworker):
    reached = found("张秀兰", 1)
    told(found("李秀英", 2).person)
    found("王芳", 3, phone="")
    found("赵敏", 4, death_date=DAY)
    before = Message.objects.count()
    tally = queries.tally_of(prepared(caseworker))
    assert (tally.listed, tally.by_inbox, tally.by_sms) == (4, 2, 1)
    assert tally.left_out == {"told_today": 1, "deceased": 1}
    assert tally.no_sms == {"no_number": 1}
    assert tally.amount_fen == 2 * reached.amount_fen
    assert Message.objects.count() == before


def test_a_number_that_the_gateway_refused_last_time_is_told_in_the_inbox_alone(caseworker):
    owner = found("张秀兰", 1).person
    told(owner, DAY - timedelta(days=2))
    Delivery.objects.update(state="undeliverable", reason="refused")
    campaign = prepared(caseworker)
    assert queries.tally_of(campaign).no_sms == {"refused": 1}
    released(caseworker, campaign)
    message = Message.objects.get(about=f"campaign:{campaign.pk}")
    assert message.deliveries.count() == 0


def test_several_benefits_of_one_person_are_one_message_and_samples_are_masked(caseworker):
    entitlement = found("张秀兰", 1)
    make_entitlement(entitlement.person, policy_id=OTHER, amount_fen=60_000)
    alone = prepared(caseworker)
    assert [row.policies for row in alone.addressees.all()] == [[POLICY]]
    campaign = prepared(caseworker, fold=True)
    (row,) = campaign.addressees.all()
    assert (row.policies, row.amount_fen) == ([POLICY, OTHER], 210_000)
    ((_, words, words_en),) = queries.samples_of(campaign)
    assert "张**" in words
    assert "张秀兰" not in words
    assert "2,100.00 元" in words
    assert "2,100.00 yuan" in words_en
    released(caseworker, campaign)
    assert "张秀兰" in Message.objects.get().body


def test_more_than_a_hundred_are_released_by_a_second_person_only(caseworker, reviewer):
    for number in range(101):
        found(f"人{number}", number)
    campaign = prepared(caseworker)
    assert campaign.to_tell == 101
    assert not queries.may_release(actor=caseworker, campaign=campaign)
    with pytest.raises(operations.SecondPersonError, match="101"):
        released(caseworker, campaign)
    assert not Message.objects.exists()
    assert queries.may_release(actor=reviewer, campaign=campaign)
    assert released(reviewer, campaign).released_by_id == reviewer.account_id
    assert Message.objects.count() == 101
    with pytest.raises(WrongCampaignStateError):
        released(reviewer, campaign)
    assert Message.objects.count() == 101


def test_many_told_piece_by_piece_need_a_second_person_as_much_as_all_at_once(caseworker, reviewer):
    for number in range(60):
        found(f"人{number}", number)
    released(caseworker, prepared(caseworker))
    for number in range(60, 120):
        found(f"人{number}", number)
    rest = prepared(caseworker)
    assert rest.to_tell == 60
    with pytest.raises(operations.SecondPersonError, match="自己放行的 60 个"):
        released(caseworker, rest)
    assert Message.objects.count() == 60
    assert released(reviewer, rest).state == "released"


def test_who_was_told_of_the_same_policies_is_told_again_only_when_the_packs_days_have_passed(caseworker):
    person = found("张秀兰", 1)
    released(caseworker, prepared(caseworker))
    days = sending_rules().again_after_days
    soon = DAY + timedelta(days=days - 1)
    again = operations.prepare(actor=caseworker, policy_id=POLICY, on=soon, at=at(soon))
    assert [row.left_out for row in again.addressees.all()] == ["told_lately"]
    make_entitlement(person.person, policy_id=OTHER)
    more = operations.prepare(actor=caseworker, policy_id=OTHER, on=soon, at=at(soon))
    assert [row.left_out for row in more.addressees.all()] == [""]  # another policy is news
    later = DAY + timedelta(days=days)
    assert operations.prepare(actor=caseworker, policy_id=POLICY, on=later, at=at(later)).to_tell == 1


def test_a_few_are_released_by_who_prepared_them(caseworker):
    found("张秀兰", 1)
    assert released(caseworker, prepared(caseworker)).state == "released"


def test_at_its_release_whoever_was_told_meanwhile_or_is_settled_is_left_out(caseworker):
    first, second = found("张秀兰", 1), found("李秀英", 2)
    campaign, same = prepared(caseworker), prepared(caseworker)
    second.verdict, second.amount_fen = "near_miss", None
    second.save()
    released(caseworker, campaign)
    reasons = {row.person_id: row.left_out for row in campaign.addressees.all()}
    assert reasons == {first.person_id: "", second.person_id: "settled"}
    released(caseworker, same)
    assert {row.left_out for row in same.addressees.all()} == {"told_today", "settled"}
    assert Message.objects.count() == 1


def test_an_empty_list_a_policy_that_pays_nothing_and_another_county_are_refused(caseworker):
    with pytest.raises(operations.NothingToTellError):
        prepared(caseworker)
    found("张秀兰", 1)
    with pytest.raises(NotPermittedError):
        prepared(caseworker, division="321084")
    with pytest.raises(NotPermittedError):
        prepared(make_officer("沈国平", "approver"))


def test_a_discarded_campaign_tells_nobody_and_an_addressee_left_out_has_no_message(caseworker):
    found("张秀兰", 1)
    campaign = prepared(caseworker)
    operations.discard(actor=caseworker, campaign_id=campaign.pk)
    with pytest.raises(WrongCampaignStateError):
        released(caseworker, campaign)
    done = prepared(caseworker)
    released(caseworker, done)
    with pytest.raises(IntegrityError), transaction.atomic():
        Addressee.objects.filter(campaign=done).update(left_out="told_today")


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_by_the_release_itself_and_the_sender_keeps_the_quiet_hours(caseworker, tmp_path):
    found("张秀兰", 1)
    gateway = PretendGateway(tmp_path / "sms.sqlite3")
    released(caseworker, prepared(caseworker))
    assert gateway.sent() == []
    night = datetime(2025, 6, 9, 22, 0, tzinfo=CHINA)
    assert deliver(gateway=gateway, clock=lambda: night).quiet
    assert deliver(gateway=gateway, clock=lambda: night + timedelta(hours=10)).sent == 1
