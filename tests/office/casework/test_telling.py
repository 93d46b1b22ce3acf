"""Who has a case is told what happened to it: in the same transaction, in sealed words, once."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from jiuye.engine.messages import Words
from jiuye.office.casework import operations
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.messages.operations.writing import OutsideTransactionError, write
from tests.office.casework.conftest import DAY, at
from tests.office.casework.journey import approve, publicised_case


@pytest.fixture
def case(owner, entitlement, rules):
    return operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


def test_accepting_and_approving_are_told_in_both_languages(
    case, caseworker, reviewer, approver, rules, budget
):
    approve(publicised_case(case, caseworker, reviewer), approver, rules)
    accepted, approved = Message.objects.order_by("pk")
    assert [accepted.occasion, approved.occasion] == ["case_accepted", "case_approved"]
    assert "已受理" in accepted.title
    assert case.number in accepted.body
    assert "1,500.00" in approved.body
    assert "approved for 1,500.00 yuan" in approved.body_en
    assert [row.state for row in Delivery.objects.order_by("pk")] == ["waiting", "waiting"]


def test_a_correction_is_told_with_its_reason_and_day(case, caseworker, rules):
    operations.request_correction(
        actor=caseworker,
        case_id=case.pk,
        corrections={"clause:insured": "缺少缴费凭证"},
        rules=rules,
        on=DAY,
        at=at(DAY),
    )
    message = Message.objects.get()
    case.refresh_from_db()
    assert "缺少缴费凭证。" in message.body
    assert f"{case.due_on.month}月{case.due_on.day}日" in message.body


def test_a_refusal_is_statutory_and_its_letter_names_clause_reason_and_appeals(
    case, caseworker, reviewer, rules
):
    publicised_case(case, caseworker, reviewer)
    operations.refuse(
        actor=reviewer,
        case_id=case.pk,
        clause_id="insured",
        note="没有缴费记录",
        rules=rules,
        on=DAY,
        at=at(DAY),
    )
    message = Message.objects.get(occasion="case_refused")
    assert message.statutory
    assert "行政复议法" in message.source
    assert message.letter.startswith("张秀兰：\n")
    assert "缴纳社会保险费的" in message.letter
    assert "没有缴费记录" in message.letter
    assert "2025年8月8日向作出决定机关的同级人民政府申请行政复议" in message.letter
    assert "2025年12月9日向有管辖权的人民法院提起行政诉讼" in message.letter


def test_what_is_rolled_back_told_nobody(case, caseworker):
    with transaction.atomic():
        operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY))
        assert Message.objects.count() == 1
        transaction.set_rollback(True)
    assert Message.objects.count() == 0


def test_the_words_are_sealed_at_rest(case, caseworker):
    operations.accept(actor=caseworker, case_id=case.pk, on=DAY, at=at(DAY))
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM office_messages_message")
        assert case.number.encode() not in bytes(cursor.fetchone()[0])


def told_of(person, key: str) -> dict:
    return {
        "occasion": "case_accepted",
        "key": key,
        "about": "case:1",
        "recipient_kind": "person",
        "person_id": person.pk,
        "employer_id": None,
        "division_code": person.residence_division_id,
        "on": DAY,
        "at": at(DAY),
    }


def test_one_act_is_told_once_and_the_second_time_is_the_first(person):
    values = {key: Words("x") for key in ("policy", "number", "promised")}
    assert write(values=values, **told_of(person, "case:1:1")) == write(
        values=values, **told_of(person, "case:1:1")
    )
    assert Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_message_outside_any_transaction_is_refused(person):
    with pytest.raises(OutsideTransactionError):
        write(values={}, **told_of(person, "case:1:2"))
