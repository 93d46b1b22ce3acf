"""A relative's authority put on record with its proof, looked at, ended; and by whom an applicant is spoken for from now on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from jiuye.engine.basis.identity import IdNumberError, parse_id_number
from jiuye.office.casework.access import owns
from jiuye.office.casework.answering import PurposeMissingError
from jiuye.office.casework.authorities import (
    AcceptedByHolderError,
    AuthorityNotFoundError,
    HolderActsError,
    held,
    mark_use,
    may_be_holder,
    require_no_relative,
)
from jiuye.office.casework.models import Authority, Case
from jiuye.office.casework.operations.steps import locked, one_act
from jiuye.office.casework.papers import CONTENT_TYPES, keep_paper, kind_of, plain_name, read_paper
from jiuye.office.casework.procedures import require_at_level
from jiuye.office.casework.refusals import Refusal, WordsMissingError
from jiuye.office.casework.states import OPEN_STATES, RELATIONS
from jiuye.office.casework.telling import tell_authority_recorded
from jiuye.office.casework.timeline import record
from jiuye.office.registry.models import Person
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, NAME, within
from jiuye.office.staff.rows import unscoped

PERMISSION = "matters.start_on_behalf"  # of whoever takes applications in at the counter


class AuthorityRefusedError(Refusal):
    """What is written of an authority does not hold together; `field` is the one of the form."""

    def __init__(self, words: str, field: str) -> None:
        super().__init__(words)
        self.field = field


class AlreadyWithdrawnError(Refusal):
    """An authority ends once."""

    def __init__(self, authority: Authority) -> None:
        day = authority.withdrawn_on.isoformat() if authority.withdrawn_on is not None else ""
        super().__init__(
            gettext("这份授权已由%(who)s于 %(day)s 终止，没有重复办理。")
            % {"who": authority.withdrawn_by_name, "day": day}
        )


class NotSpokenForError(Refusal):
    """Who speaks for the applicant is settled at the counter while the applicant still has something to do."""

    def __init__(self) -> None:
        super().__init__(gettext("这一件已经办结，不用再改由谁代办；如需再办，请先重新办理。"))


def record_authority(
    *,
    actor: Actor,
    person_id: int,
    holder_name: str,
    holder_id_number: str,
    relation: str,
    start: date,
    until: date,
    file_name: str,
    content: bytes,
    on: date,
    at: datetime,
) -> Authority:
    """Put on record that a relative may act for a resident from `start` to the day before `until`, with the file that proves it. The
    resident is told at once, so that an authority that they never gave does not stand unseen.

    Raises NotPermittedError, AuthorityNotFoundError where there is no such resident, AuthorityRefusedError, HolderActsError,
    FileRefusedError, TooLongError, MessagesUnreadableError.
    """
    name = within(holder_name, NAME, "代办人姓名", "holder_name")
    with one_act("record_authority"):
        person = Person.objects.select_for_update(no_key=True).filter(pk=person_id).first()
        if person is None:
            raise AuthorityNotFoundError
        require(actor, PERMISSION, person.residence_division_id)
        number = _id_number(holder_id_number, person, on)
        if not name:
            raise AuthorityRefusedError(gettext("请写明代办人姓名。"), "holder_name")
        if relation not in RELATIONS:
            raise AuthorityRefusedError(gettext("请选代办人与本人的关系。"), "relation")
        if until <= start:
            raise AuthorityRefusedError(gettext("授权的截止日期不能早于开始日期；请核对授权书。"), "last_day")
        if until <= on:
            raise AuthorityRefusedError(
                gettext("这份授权已经到期，登记了也不能用；请让本人重新出具。"), "last_day"
            )
        key = blind_index(name).hex()
        if key == blind_index(actor.name).hex():
            raise HolderActsError
        require_no_relative(person_id, actor)
        kind = kind_of(content)
        authority = Authority.objects.create(
            person=person,
            holder_name=name,
            holder_id_number=number,
            holder_key=key,
            holder_accounts=_officers_of(key),
            relation=relation,
            start=start,
            until=until,
            file_name=plain_name(file_name, kind),
            file_digest=keep_paper(content),
            file_kind=kind,
            file_bytes=len(content),
            recorded_by_id=actor.account_id,
            recorded_by_name=actor.name,
            recorded_on=on,
            at=at,
        )
        tell_authority_recorded(authority, on=on, at=at)
    return authority


def withdraw_authority(
    *, actor: Actor, authority_id: int, note: str = "", on: date, at: datetime
) -> Authority:
    """End an authority: by the resident at any time and without a reason, or at the counter for them with one.

    What was done by it before stays done. Raises AuthorityNotFoundError, NotPermittedError, AlreadyWithdrawnError, WordsMissingError,
    TooLongError.
    """
    with one_act("withdraw_authority"):
        authority = Authority.objects.select_for_update(of=("self",)).filter(pk=authority_id).first()
        if authority is None:
            raise AuthorityNotFoundError
        if not _is_own(authority, actor):
            if actor.kind != "officer":
                raise AuthorityNotFoundError
            require(actor, PERMISSION, authority.person.residence_division_id)
            if not note.strip():
                raise WordsMissingError("终止授权的原因", "note")
        if authority.withdrawn_on is not None:
            raise AlreadyWithdrawnError(authority)
        authority.withdrawn_on = on
        authority.withdrawn_by_id = actor.account_id
        authority.withdrawn_by_name = actor.name
        authority.withdrawn_because = within(note, LINE, "终止授权的原因", "note")
        authority.save(
            update_fields=["withdrawn_on", "withdrawn_by", "withdrawn_by_name", "withdrawn_because"]
        )
    return authority


def read_authority_file(
    *, actor: Actor, authority_id: int, purpose: str, at: datetime
) -> tuple[str, str, bytes]:
    """(name, content type, content) of the file that proves an authority; an officer's look is recorded with its purpose.

    Raises AuthorityNotFoundError, NotPermittedError, PurposeMissingError, TooLongError, FileGoneError.
    """
    authority = Authority.objects.select_related("person").filter(pk=authority_id).first()
    if authority is None or not authority.file_digest:
        raise AuthorityNotFoundError
    if not _is_own(authority, actor):
        if actor.kind != "officer":
            raise AuthorityNotFoundError
        require(actor, "casework.see", authority.person.residence_division_id)
        if not purpose.strip():
            raise PurposeMissingError
        with one_act("read_authority_file"):
            record_look(
                actor=actor,
                subject_kind="person",
                subject_key=str(authority.person_id),
                field="authority",
                purpose=within(purpose, LINE, "查看事由"),
                at=at,
            )
    return authority.file_name, CONTENT_TYPES[authority.file_kind], read_paper(authority.file_digest)


def change_speaker(*, actor: Actor, case_id: int, authority_id: int | None, on: date, at: datetime) -> Case:
    """From now on the relative of that authority speaks for a case's applicant at the counter; without one, they come themselves.

    Raises CaseNotFoundError, NotPermittedError, NotSpokenForError, AuthorityNotFoundError, AuthorityEndedError, HolderActsError,
    AcceptedByHolderError.
    """
    with one_act("change_speaker"):
        case = locked(case_id)
        require_at_level(actor, ("casework.confirm_on_behalf",), case.division_code, "street")
        if case.recipient_kind != "person" or case.state not in (*OPEN_STATES, "refused"):
            raise NotSpokenForError
        put_speaker(case, authority_id, actor=actor, on=on, at=at)
    return case


def put_speaker(
    thing: Any,
    authority_id: int | None,
    *,
    actor: Actor,
    on: date,
    at: datetime,
    more: tuple[str, ...] = (),
) -> None:
    """Write who speaks for the applicant of a case here, of a matter above, in the caller's transaction; nothing where it is so already.

    `more` are fields of the thing that the caller has changed with it. Raises as `held`, and AcceptedByHolderError.
    """
    if authority_id == thing.authority_id:
        return
    details: dict[str, Any] = {}
    if authority_id is None:
        require_no_relative(thing.person_id, actor)
    else:
        authority = held(authority_id, person_id=thing.person_id, actor=actor, on=on)
        if thing.accepted_by_id and may_be_holder(thing.accepted_by_id, authority_id=authority.pk):
            raise AcceptedByHolderError
        details = mark_use(authority, thing, "change_speaker", actor=actor, on=on, at=at)
    thing.authority_id = authority_id
    thing.save(update_fields=["authority", *more])
    words = "" if details else "本人到场，不再由亲属代办"
    record(thing, "change_speaker", actor=actor, on=on, at=at, note=words, details=details)


# ---------------------------------------------------------------------------------------------- internals


def _is_own(authority: Authority, actor: Actor) -> bool:
    return owns(actor, person_id=authority.person_id, employer_id=None, recipient_kind="person")


def _id_number(text: str, person: Person, on: date) -> str:
    try:
        number = parse_id_number(text, on=on).text
    except IdNumberError as error:
        raise AuthorityRefusedError(gettext(str(error)), "holder_id_number") from error
    if number == person.id_number.strip().upper():
        raise AuthorityRefusedError(
            gettext("代办人的身份证号就是本人的；本人到场的不用授权。"), "holder_id_number"
        )
    return number


@unscoped("officers of one name, wherever they work; only their keys are kept")
def _officers_of(key: str) -> list[int]:
    found = Account.objects.filter(kind=Account.Kind.OFFICER, name_key=key)
    return list(found.order_by("pk").values_list("pk", flat=True))
