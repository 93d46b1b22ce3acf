"""Whoever objects to the public notice of a case and leaves a contact is told what became of it, and the recipient is not named."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

import pytest

from jiuye.exchange.sms import PretendGateway, Sms, SmsReceipt
from jiuye.office.casework import operations
from jiuye.office.casework.answering import AnswerNamesApplicantError
from jiuye.office.casework.models import Case, Objection
from jiuye.office.casework.queries import objections_to_answer as cases_to_answer
from jiuye.office.matters.queries import objections_to_answer
from jiuye.office.messages.models import Delivery, Message
from jiuye.office.messages.operations import deliver
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.counting import counted_together
from jiuye.office.staff.queries import NotPermittedError
from tests.office.casework.conftest import DAY, at, make_officer
from tests.office.casework.journey import publicised_case

BECAUSE = "社保记录里没有单位参保。"
LETTER = "扬州市广陵区文昌中路 1 号 3 幢 502 室"


def number_to_answer(actor) -> int:
    """As today's page counts them."""
    lists = {"cases": cases_to_answer, "matters": objections_to_answer}
    found = counted_together(actor, "objections", lists)
    return found["cases"] + found["matters"]


@pytest.fixture
def publicised(owner, entitlement, rules, caseworker, reviewer) -> Case:
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    return publicised_case(case, caseworker, reviewer)


def raised(case: Case, contact: str) -> Objection:
    return operations.object_in_public(
        case_id=case.pk,
        raised_by_name="",
        contact=contact,
        text="她在公司上班",
        address="203.0.113.7",
        on=DAY,
        at=at(DAY),
    )


def decided(objection: Objection, actor, *, answer: str = BECAUSE, upheld: bool = False) -> Objection:
    return operations.resolve_objection(
        actor=actor,
        objection_id=objection.pk,
        upheld=upheld,
        resolution="核对张秀兰的社保记录，无单位参保",
        answer=answer,
        on=DAY,
        at=at(DAY),
    )


class KeepingGateway(PretendGateway):
    """The pretend gateway, which also keeps what went out."""

    sent: list[Sms]

    def send(self, message: Sms) -> SmsReceipt:
        self.sent.append(message)
        return super().send(message)


def test_a_mobile_number_left_at_a_cases_notice_is_told_the_outcome_and_why(
    publicised, other_reviewer, tmp_path
):
    objection = raised(publicised, "+86 139-0000-0000")
    assert not Message.objects.filter(recipient_kind="objector").exists()
    decided(objection, other_reviewer)
    message = Message.objects.get(recipient_kind="objector")
    assert message.about == f"case:{publicised.pk}"
    gateway = KeepingGateway(tmp_path / "sms.sqlite3")
    gateway.sent = []
    noon = datetime(DAY.year, DAY.month, DAY.day, 12, tzinfo=timezone(timedelta(hours=8)))
    deliver(gateway=gateway, clock=lambda: noon)
    (told,) = [sms for sms in gateway.sent if sms.to == "13900000000"]
    for words in (publicised.number, "异议不成立", BECAUSE):
        assert words in told.text
    assert "张秀兰" not in told.text
    assert number_to_answer(other_reviewer) == 0


def test_the_recipients_name_in_the_answer_is_refused_and_the_objection_stays_open(
    publicised, other_reviewer
):
    objection = raised(publicised, "13900000000")
    with pytest.raises(AnswerNamesApplicantError):
        decided(objection, other_reviewer, answer="张秀兰没有单位参保")
    objection.refresh_from_db()
    assert objection.resolved_on is None
    assert not Message.objects.filter(recipient_kind="objector").exists()


def test_an_address_of_a_house_waits_with_that_countys_reviewer_until_it_is_answered(
    publicised, other_reviewer
):
    objection = decided(raised(publicised, LETTER), other_reviewer)
    elsewhere = make_officer("邗江审核", "reviewer", "321003")
    assert (number_to_answer(other_reviewer), number_to_answer(elsewhere)) == (1, 0)
    with pytest.raises(NotPermittedError):
        operations.look_at_objectors_contact(
            actor=elsewhere, objection_id=objection.pk, purpose="看看", at=at(DAY)
        )
    operations.note_objector_answered(
        actor=other_reviewer, objection_id=objection.pk, how="当天寄出书面答复", on=DAY, at=at(DAY)
    )
    assert number_to_answer(other_reviewer) == 0


def test_a_message_that_did_not_arrive_brings_the_cases_objection_to_the_list(publicised, other_reviewer):
    decided(raised(publicised, "13900000000"), other_reviewer, upheld=True)
    assert number_to_answer(other_reviewer) == 0
    Delivery.objects.filter(message__recipient_kind="objector").update(
        state="undeliverable", reason="refused"
    )
    assert number_to_answer(other_reviewer) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("张 秀 兰没有单位参保", "张秀兰"),
        ("证件３２１００２197803050029查过", "321****0029"),
        ("打过 138-0000-0000", "138****0000"),
        ("钱到 6217 0012 3456 7890 123", "621****"),
        ("打到 139 1111 2222 问过", "139****2222"),  # nobody's on the case, and still somebody's
        ("扬州鑫达精密机械没有用她", "扬州鑫达精密机械"),
        ("查了91321002MA1ABCDE5X", "913****DE5X"),
    ],
)
def test_no_word_that_says_who_it_is_about_goes_to_an_objector_and_the_refusal_names_the_word(
    publicised, other_reviewer, words, said
):
    """The employer too: whose worker somebody is, or was, is nothing that an objector is told."""
    Person.objects.filter(pk=publicised.person_id).update(phone="13800000000")
    firm = Employer.objects.create(
        name="扬州鑫达精密机械有限公司",
        credit_code="91321002MA1ABCDE5X",
        kind="enterprise",
        division_id=publicised.division_code,
        source="测试登记",
    )
    Case.objects.filter(pk=publicised.pk).update(employer=firm, payee_account="6217001234567890123")
    objection = raised(publicised, LETTER)
    with pytest.raises(AnswerNamesApplicantError, match=re.escape(said)):
        decided(objection, other_reviewer, answer=words)
    objection.refresh_from_db()
    assert objection.resolved_on is None


def test_whoever_objects_to_what_is_their_own_may_read_their_own_name(publicised, other_reviewer):
    Person.objects.filter(pk=publicised.person_id).update(phone="13900000000")
    told = decided(
        raised(publicised, "139 0000 0000"), other_reviewer, answer="张秀兰的社保记录里没有单位参保。"
    )
    assert told.resolved_on == DAY
