# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""What was paid is held against what the registers say later: a doubt is put before people, and nothing is claimed back by itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import override

from jiuye.office.casework import operations, queries
from jiuye.office.casework.afterwards import sentence
from jiuye.office.casework.models import Case, PaymentDoubt
from jiuye.office.casework.operations.looking_back import DoubtSettledError, HadAHandInPaymentError
from jiuye.office.casework.packrules import PackRules
from jiuye.office.casework.queries import own
from jiuye.office.casework.refusals import WordsMissingError
from jiuye.office.entitlements.delivering import deliver_file
from jiuye.office.entitlements.models import Benefit
from jiuye.office.registry.models import ContributionSpell, Person
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import at, make_officer
from tests.office.casework.journey import approve
from tests.office.casework.test_claiming_back import propose
from tests.office.casework.test_paying import GIVEN, pay
from tests.office.casework.test_rows_taken_back import (  # noqa: F401 (the fixtures are used by name)
    CERTIFICATES,
    NOTICE_OVER,
    POLICY,
    case,
    delivered,
)
from tests.office.casework.test_sent_back_and_begun_anew import sent_back  # noqa: F401 (a fixture by name)

pytestmark = pytest.mark.django_db(transaction=True)

LATER = date(2025, 9, 1)


@pytest.fixture
def paid(case, approver, cashier, second_cashier, bank) -> Case:
    """Two thousand yuan for a certificate, paid in June."""
    approve(case, approver, PackRules())
    made = operations.put_into_batch(
        actor=cashier, case_ids=[case.pk], rules=PackRules(), on=NOTICE_OVER, at=at(NOTICE_OVER)
    )
    pay(made.batch, second_cashier, bank)
    case.refresh_from_db()
    assert case.state == "paid"
    return case


@pytest.fixture
def other_reviewer(divisions):
    return make_officer("吴复核", "reviewer")


def look(on: date = LATER) -> tuple[int, int, int]:
    found = operations.look_back(rules=PackRules(), on=on, at=at(on))
    return found.cases, found.found, found.gone


def open_findings() -> list[str]:
    return [doubt.finding for doubt in PaymentDoubt.objects.filter(outcome="").order_by("pk")]


ALWAYS = date(2024, 1, 1)  # since when the register said she was insured when it was paid


def insured_since(start: date) -> None:
    """The insurance register says by now that the contributions began then."""
    ContributionSpell.objects.update(start=start)


def settle(doubt, actor, words="社保中心来函：缴费记录合并时误删，已恢复"):
    return operations.settle_doubt(actor=actor, doubt_id=doubt.pk, resolution=words, on=LATER, at=at(LATER))


def test_what_was_right_by_all_that_is_known_raises_no_doubt(paid):
    """Its own benefit is on record by now, and counts against it nowhere; she is older, and has moved."""
    Person.objects.filter(pk=paid.person_id).update(residence_division_id="321003")
    assert look() == (1, 0, 0)


def test_a_condition_that_fails_by_what_the_register_says_later_is_a_doubt_with_both_values(paid):
    insured_since(date(2025, 1, 1))
    assert look() == (1, 1, 0)
    doubt = PaymentDoubt.objects.get()
    assert (doubt.finding, doubt.over_fen) == ("fails", paid.amount_fen)
    words = sentence(doubt.finding, doubt.looked_at)
    assert "2025-06-17 不符合" in words
    assert "失业保险累计缴费月数原为“18”，现在登记为“6”" in words
    assert look(date(2025, 9, 2)) == (1, 0, 0)  # the same the next night is the same doubt


def test_a_register_that_was_put_right_ends_the_doubt_and_may_raise_it_again(paid):
    insured_since(date(2025, 1, 1))
    look()
    insured_since(ALWAYS)
    assert look(date(2025, 9, 2)) == (1, 0, 1)
    ended = PaymentDoubt.objects.get()
    assert (ended.outcome, ended.resolved_on, ended.resolved_by) == ("gone", date(2025, 9, 2), None)
    insured_since(date(2025, 1, 1))
    assert look(date(2025, 9, 3)) == (1, 1, 0)


@pytest.mark.parametrize(
    ("died_on", "found"),
    [(date(2025, 6, 10), ["dead"]), (date(2025, 6, 17), ["dead"]), (date(2025, 6, 18), [])],
)
def test_a_death_reported_late_is_a_doubt_where_it_came_before_the_day_of_decision(paid, died_on, found):
    Person.objects.filter(pk=paid.person_id).update(death_date=died_on)
    look()
    assert open_findings() == found


def test_what_another_register_says_was_drawn_for_the_same_is_a_doubt(paid):
    Benefit.objects.create(
        policy_id=POLICY,
        subject_kind=paid.subject_kind,
        subject_key=paid.subject_key,
        person_id=paid.person_id,
        period_start=date(2025, 3, 1),
        amount_fen=200_000,
        paid_on=date(2025, 4, 2),
        source="省职业技能平台",
    )
    look()
    doubt = PaymentDoubt.objects.get()
    assert doubt.finding == "drawn_elsewhere"
    assert "已于 2025-04-02 发放（省职业技能平台）" in sentence(doubt.finding, doubt.looked_at)


def test_what_cannot_be_had_beside_it_drawn_elsewhere_is_a_doubt_until_the_register_takes_it_back(paid):
    excluded = PackRules().terms(POLICY).exclusions[0].policy_id
    elsewhere = Benefit.objects.create(
        policy_id=excluded,
        subject_kind="training",
        subject_key="77",
        person_id=paid.person_id,
        amount_fen=120_000,
        paid_on=date(2025, 4, 2),
        source="省职业技能平台",
    )
    look()
    doubt = PaymentDoubt.objects.get()
    assert doubt.finding == "excluded"
    with override("en"):
        said = sentence(doubt.finding, doubt.looked_at)
    assert PackRules().terms(excluded).name_en in said
    assert "paid on 2025-04-02" in said
    elsewhere.delete()
    assert look(date(2025, 9, 2)) == (1, 0, 1)


def test_a_certificate_put_right_to_a_lower_level_leaves_what_was_paid_too_much(paid, delivered, person):
    clerk, _ = delivered
    line = f"{person.id_number},职业技能等级证书,Y32-1,车工,四级（中级工）,A类（生产制造）,否,否,2025-03-01"
    deliver_file(
        actor=clerk, register="skill_assessments", entity="certificate", file_name="更正.csv",
        content=f"{CERTIFICATES}\n{line}".encode(), as_of=LATER, source="市鉴定中心", on=LATER, at=at(LATER),
    )  # fmt: skip
    look()
    doubt = PaymentDoubt.objects.get()
    assert (doubt.finding, doubt.over_fen) == ("too_much", 50_000)
    assert "应发 1,500.00 元，多付 500.00 元" in sentence(doubt.finding, doubt.looked_at)


def test_a_payment_of_more_than_two_years_ago_is_looked_at_no_more(paid):
    insured_since(date(2025, 1, 1))
    assert look(date(2027, 6, 19)) == (0, 0, 0)


def test_who_had_no_hand_in_it_says_why_it_was_owed_and_it_is_not_raised_again(
    paid, approver, reviewer, cashier, other_reviewer
):
    insured_since(date(2025, 1, 1))
    look()
    doubt = PaymentDoubt.objects.get()
    for handled in (approver, reviewer):
        with pytest.raises(HadAHandInPaymentError, match="吴复核"):
            settle(doubt, handled)
    with pytest.raises(NotPermittedError):
        settle(doubt, cashier)
    with pytest.raises(WordsMissingError, match="核实情况"):
        settle(doubt, other_reviewer, "  ")
    settle(doubt, other_reviewer)
    with pytest.raises(DoubtSettledError, match="经核实应当发放"):
        settle(doubt, other_reviewer)
    assert look(date(2025, 9, 2)) == (1, 0, 0)
    insured_since(date(2025, 2, 1))  # something else is said now
    assert look(date(2025, 9, 3)) == (1, 1, 0)


def test_claiming_it_back_answers_the_doubt_and_the_case_is_left_alone_from_then_on(paid, cashier):
    insured_since(date(2025, 1, 1))
    look()
    propose(paid, cashier, paid.amount_fen)
    doubt = PaymentDoubt.objects.get()
    assert (doubt.outcome, doubt.resolved_by_id) == ("claimed_back", cashier.account_id)
    insured_since(date(2025, 2, 1))  # something else is said of what is claimed back whole
    assert look(date(2025, 9, 2)) == (1, 0, 0)


def test_a_claim_that_was_dropped_or_covers_less_leaves_the_doubt_to_be_settled(paid, cashier, approver):
    insured_since(date(2025, 1, 1))
    look()
    recovery = propose(paid, cashier, 100)
    assert open_findings() == ["fails"]  # a claim of one yuan answers nothing
    operations.drop_claim_back(actor=approver, recovery_id=recovery.pk, reason="重新提出", **GIVEN)
    recovery = propose(paid, cashier, paid.amount_fen)
    assert open_findings() == []
    operations.drop_claim_back(actor=approver, recovery_id=recovery.pk, reason="查无此事", **GIVEN)
    assert look(date(2025, 9, 2)) == (1, 1, 0)
    assert open_findings() == ["fails"]


def test_a_policy_that_reads_otherwise_by_now_raises_nothing_by_itself_and_ends_no_doubt(paid):
    """Its least months were raised since: she had eighteen then, nineteen were asked for now, and the register says what it said."""
    pack = Path(settings.PACK)
    policy = pack / "policies" / f"{POLICY}.yaml"
    before = policy.read_text()
    policy.write_text(
        before.replace("value: 12, source: province-2025, note", "value: 36, source: province-2025, note")
    )
    assert policy.read_text() != before
    assert look() == (1, 0, 0)
    policy.write_text(before.replace("name: 参保职工技能提升补贴", "name: 参保职工技能提升补贴（新）"))
    insured_since(date(2025, 1, 1))
    assert look(date(2025, 9, 2)) == (1, 1, 0)  # the register does say something else
    policy.unlink()
    assert look(date(2025, 9, 3)) == (1, 0, 0)  # nobody can look at it: no register was put right
    assert open_findings() == ["fails"]


def test_a_clause_worded_otherwise_is_the_same_doubt(paid, other_reviewer):
    insured_since(date(2025, 1, 1))
    look()
    settle(PaymentDoubt.objects.get(), other_reviewer)
    policy = Path(settings.PACK) / "policies" / f"{POLICY}.yaml"
    before = policy.read_text()
    policy.write_text(before.replace("失业保险缴满十二个月", "缴满失业保险十二个月"))
    assert policy.read_text() != before
    assert look(date(2025, 9, 2))[1] == 0


def test_money_that_the_bank_sent_back_after_all_leaves_nothing_to_settle(paid, sent_back):
    insured_since(date(2025, 1, 1))
    look()
    sent_back(LATER)
    assert PaymentDoubt.objects.get().outcome == "sent_back"


def test_the_case_and_the_list_show_it_to_officers_and_the_case_not_to_its_owner(
    paid, owner, caseworker, other_reviewer, approver
):
    insured_since(date(2025, 1, 1))
    Person.objects.filter(pk=paid.person_id).update(death_date=date(2025, 6, 10))
    look()
    assert queries.open_doubts(caseworker) == queries.DoubtTotals(2, paid.amount_fen)  # one payment
    assert queries.open_doubts(make_officer("高邮李", "caseworker", "321084")).number == 0
    view = queries.one_case(other_reviewer, paid.pk, on=LATER)
    assert ([doubt.finding for doubt in view.doubts], view.may_clear) == (["dead", "fails"], True)
    view = queries.one_case(approver, paid.pk, on=LATER)
    assert (view.may_clear, "吴复核" in view.cleared_by) == (False, True)
    assert own.own_case(owner, paid.pk, on=LATER).doubts == []


def test_the_database_keeps_doubts_whole_and_refuses_the_hand_that_paid(paid, approver, other_reviewer):
    insured_since(date(2025, 1, 1))
    look()
    doubt = PaymentDoubt.objects.get()

    def write(sentence: str, **changes) -> None:
        with pytest.raises(IntegrityError, match=sentence), transaction.atomic():
            PaymentDoubt.objects.filter(pk=doubt.pk).update(**changes)

    write(
        "没有经办过的人员核实",
        outcome="owed",
        resolved_on=LATER,
        resolved_by=approver.account_id,
        resolution="应发",
    )
    write("doubt_settled_whole", outcome="owed", resolved_on=LATER, resolved_by=other_reviewer.account_id)
    settle(doubt, other_reviewer)
    write("已经有结论", outcome="gone", resolved_by=None, resolution="")
