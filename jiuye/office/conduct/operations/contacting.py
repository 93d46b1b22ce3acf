"""Noting a visit or call, and reading what was noted: the words of people are read after the look is recorded."""

from __future__ import annotations

from datetime import date, datetime

import pghistory
from django.db import transaction
from django.utils.translation import gettext

from jiuye.office.casework.access import CaseNotFoundError
from jiuye.office.casework.models import Case
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.conduct.models import Contact
from jiuye.office.conduct.states import CONTACT_KINDS, NOT_REACHED, REACHED
from jiuye.office.matters.access import MatterNotFoundError
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, LONG, SHORT, within
from jiuye.office.ventures.models import Loan
from jiuye.office.ventures.operations import LoanNotFoundError

LOG = "conduct.contact"
WHOM_LENGTH = 100


class ContactRefusedError(Refusal):
    """A visit or call that cannot be noted so; the sentence says why, and `field` which of its fields is wrong."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class ContactNotFoundError(Refusal):
    """There is no such contact, or it lies outside what the actor may see: the two are not told apart."""

    def __init__(self) -> None:
        super().__init__(gettext("没有这次走访或电话，或者它不在您的管辖范围内。"))


def log_contact(
    *,
    actor: Actor,
    person_id: int | None = None,
    employer_id: int | None = None,
    case_id: int | None = None,
    matter_id: int | None = None,
    loan_id: int | None = None,
    kind: str,
    reached: str,
    made_on: date,
    whom: str,
    came_of: str,
    next_step: str = "",
    next_on: date | None = None,
    follows_id: int | None = None,
    on: date,
    at: datetime,
) -> Contact:
    """Note a visit or call about a resident, an employer, a case, a matter or a loan; one of the five is named. `reached` says whether anybody was
    (`REACHED`); where nobody was, nobody needs to be named, and who came to the counter was.

    `follows_id` is the contact whose next step this was. Raises NotPermittedError, ContactRefusedError, WordsMissingError, TooLongError,
    CaseNotFoundError, MatterNotFoundError, LoanNotFoundError, Person.DoesNotExist, Employer.DoesNotExist.
    """
    with transaction.atomic(), pghistory.context(operation="conduct.log_contact", account=actor.account_id):
        contact = _about(person_id, employer_id, case_id, matter_id, loan_id)
        require(actor, LOG, contact.division_code)
        require(actor, _seen_with(contact), contact.division_code)
        _require_whole(kind, reached, made_on, whom, came_of, next_step, next_on, on)
        whom = within(whom, WHOM_LENGTH, "见到或联系到谁", "whom")
        came_of = within(came_of, LONG, "情况和结果", "came_of")
        next_step = within(next_step, SHORT, "下一步", "next_step")
        if follows_id is not None:
            contact.follows = _open_step(contact, follows_id)
        contact.kind, contact.reached, contact.made_on = kind, reached, made_on
        contact.whom, contact.came_of = whom, came_of
        contact.next_step, contact.next_on = next_step, next_on
        contact.made_by_id, contact.made_by_name = actor.account_id, actor.name
        contact.on_date, contact.at = on, at
        contact.save()
    return contact


def look_at_contact(*, actor: Actor, contact_id: int, purpose: str, at: datetime) -> Contact:
    """What was noted, in clear, after the look is recorded; whoever was visited sees it among the looks at their record.

    Raises ContactNotFoundError, NotPermittedError, ContactRefusedError without a purpose.
    """
    with transaction.atomic():
        contact = Contact.objects.filter(pk=contact_id).first()
        if contact is None or not actor.may("registry.see", contact.division_code):
            raise ContactNotFoundError
        require(actor, "registry.reveal", contact.division_code)
        if not purpose.strip():
            raise ContactRefusedError(gettext("查看受保护的信息必须写明事由。"))
        record_look(
            actor=actor,
            subject_kind="person" if contact.person_id is not None else "employer",
            subject_key=str(contact.person_id or contact.employer_id),
            field="contact",
            purpose=within(purpose, LINE, "查看事由"),
            at=at,
        )
    return contact


def _seen_with(contact: Contact) -> str:
    """The permission with which the thing is seen that it is about: nothing is noted on what one may not open."""
    if contact.case is not None:
        return "casework.see"
    if contact.matter is not None:
        return "matters.see"
    return "ventures.see" if contact.loan is not None else "registry.see"


def _about(
    person_id: int | None,
    employer_id: int | None,
    case_id: int | None,
    matter_id: int | None,
    loan_id: int | None,
) -> Contact:
    """The row with whom and what it is about, and in which division."""
    if case_id is not None:
        case = Case.objects.filter(pk=case_id).first()
        if case is None:
            raise CaseNotFoundError
        of_person = case.recipient_kind == "person"
        return Contact(
            case=case,
            person_id=case.person_id if of_person else None,
            employer_id=None if of_person else case.employer_id,
            division_code=case.division_code,
        )
    if matter_id is not None:
        matter = Matter.objects.filter(pk=matter_id).exclude(state="draft").first()
        if matter is None:
            raise MatterNotFoundError
        return Contact(
            matter=matter,
            person_id=matter.person_id,
            employer_id=matter.employer_id,
            division_code=matter.division_code,
        )
    if loan_id is not None:
        loan = Loan.objects.filter(pk=loan_id).first()
        if loan is None:
            raise LoanNotFoundError
        return Contact(
            loan=loan,
            person_id=loan.person_id,
            employer_id=loan.employer_id if loan.person_id is None else None,
            division_code=loan.division_code,
        )
    if person_id is not None:
        person = Person.objects.get(pk=person_id)
        return Contact(person=person, division_code=str(person.residence_division_id or ""))
    employer = Employer.objects.get(pk=employer_id)
    return Contact(employer=employer, division_code=str(employer.division_id or ""))


def _require_whole(
    kind: str,
    reached: str,
    made_on: date,
    whom: str,
    came_of: str,
    next_step: str,
    next_on: date | None,
    on: date,
) -> None:
    if kind not in CONTACT_KINDS:
        raise ContactRefusedError(gettext("请选走访、电话或来访。"), "kind")
    if reached not in REACHED or (kind == "counter" and reached in NOT_REACHED):
        raise ContactRefusedError(gettext("请写明联系上没有；来访的，来的人就是联系到的人。"), "reached")
    if made_on > on:
        raise ContactRefusedError(gettext("只登记已经做过的走访和电话；以后要做的写在下一步里。"), "made_on")
    if not whom.strip() and reached not in NOT_REACHED:
        raise WordsMissingError("见到或联系到谁", "whom")
    if not came_of.strip():
        raise WordsMissingError("情况和结果", "came_of")
    if bool(next_step.strip()) != (next_on is not None):
        raise ContactRefusedError(
            gettext("下一步和它的日期要一起写；没有下一步的，两样都不写。"), "next_step"
        )
    if next_on is not None and next_on < made_on:
        raise ContactRefusedError(gettext("下一步的日期不能早于这次走访或电话。"), "next_on")


def _open_step(contact: Contact, follows_id: int) -> Contact:
    """The earlier contact with the same one, whose next step nobody has done yet."""
    earlier = (
        Contact.objects.select_for_update(of=("self",))
        .filter(pk=follows_id, person_id=contact.person_id, employer_id=contact.employer_id)
        .first()
    )
    done = Contact.objects.filter(follows_id=follows_id).exists()
    if earlier is None or earlier.next_on is None or done:
        raise ContactRefusedError(
            gettext("那次的下一步已经有人做了，或者没有写下一步；请刷新后再登记。"), "follows_id"
        )
    return earlier
