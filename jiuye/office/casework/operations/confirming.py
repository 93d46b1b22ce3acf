"""Confirming: a found entitlement becomes a case, by its owner, on somebody's behalf, or by the system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from jiuye.office.casework.access import owns, require_for
from jiuye.office.casework.authorities import by_relative, held, require_no_relative
from jiuye.office.casework.checks import ChecksFailedError, run_checks
from jiuye.office.casework.models import Authority, Case, CaseCheck
from jiuye.office.casework.operations.evidencing import require_proved
from jiuye.office.casework.operations.steps import (
    locked,
    locked_entitlement,
    move,
    one_act,
)
from jiuye.office.casework.papers import EvidenceMissingError
from jiuye.office.casework.procedures import (
    carried_by_loans,
    deadline,
    procedure_of,
    promised_day,
    require_at_level,
    workdays_later,
)
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Decision, Rules, Terms
from jiuye.office.casework.states import ACT_NAMES, ENDED_STATES, transition
from jiuye.office.casework.timeline import AlreadyDoneError, record
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.queries import unpaid_policies
from jiuye.office.staff.queries import Actor, NotPermittedError, require, scope_filter
from jiuye.office.staff.refusals import MEDIUM, within


class NotYoursError(NotPermittedError):
    """Somebody confirms what another person or employer is entitled to."""

    def __init__(self, division_code: str) -> None:
        super().__init__("own.confirm", division_code)
        self.args = (gettext("这项待遇不是您本人（本单位）的，不能由您确认；如需代办，请到服务窗口办理。"),)


class NothingToPayError(Refusal):
    """A tax relief is taken with the tax, a duty is owed, a service is given: none of them is paid out through a case."""

    def __init__(self, terms: Terms) -> None:
        super().__init__(
            {
                "relief": gettext("“%(name)s”是减免，申报缴纳时直接享受，不发放资金，不用在这里确认。"),
                "duty": gettext("“%(name)s”是应尽的义务，不是待遇，不能确认领取。"),
                "service": gettext("“%(name)s”是服务事项，不发放资金；请到服务窗口办理。"),
            }[terms.effect]
            % {"name": terms.name}
        )


class CarriedByLoanError(Refusal):
    """The loan pays it, quarter by quarter: a case would pay it a second time."""

    def __init__(self, terms: Terms) -> None:
        super().__init__(
            gettext("“%(name)s”随贷款按季核算、按季支付，不另开办件；请看这笔贷款的贴息。")
            % {"name": terms.name}
        )


class NotAutomaticError(Refusal):
    """The system confirms only what is paid without applying (免申即享)."""

    def __init__(self, entitlement: Entitlement) -> None:
        super().__init__(
            gettext("“%(claim)s”的待遇要由本人确认或申请，系统不能代为确认。")
            % {"claim": gettext(entitlement.get_claim_display())}
        )


class EndedBeforeError(Refusal):
    """There was a case of this entitlement that ended; it goes on by being reopened, not by a second case."""

    def __init__(self, case: Case) -> None:
        self.case = case
        super().__init__(
            gettext("这项待遇的办件 %(number)s 是“%(state)s”；如需再办，请由经办人员重新办理原办件。")
            % {"number": case.number, "state": gettext(case.get_state_display())}
        )


def confirm_own(*, actor: Actor, entitlement_id: int, rules: Rules, on: date, at: datetime) -> Case:
    """The resident or employer confirms what was found for them.

    Raises NotYoursError, CarriedByLoanError, AlreadyDoneError, EndedBeforeError, ChecksFailedError.
    """
    return _confirm(entitlement_id, way="own", actor=actor, note="", rules=rules, on=on, at=at)


def confirm_on_behalf(
    *, actor: Actor, entitlement_id: int, note: str, rules: Rules, on: date, at: datetime
) -> Case:
    """A case worker confirms for somebody; `note` says how that person asked for it.

    Raises NotPermittedError, NoteMissingError, HolderActsError, AlreadyDoneError, EndedBeforeError, ChecksFailedError.
    """
    return _confirm(entitlement_id, way="on_behalf", actor=actor, note=note, rules=rules, on=on, at=at)


def confirm_relative(
    *,
    actor: Actor,
    entitlement_id: int,
    authority_id: int,
    note: str = "",
    rules: Rules,
    on: date,
    at: datetime,
) -> Case:
    """A relative with an authority on record asks for it at the counter; the case worker confirms it, and the case says by whom it was asked.

    Raises NotPermittedError, AuthorityNotFoundError, AuthorityEndedError, HolderActsError, AlreadyDoneError, EndedBeforeError,
    ChecksFailedError.
    """
    return _confirm(
        entitlement_id,
        way="relative",
        actor=actor,
        note=note,
        rules=rules,
        on=on,
        at=at,
        authority_id=authority_id,
    )


def confirm_automatic(*, entitlement_id: int, rules: Rules, on: date, at: datetime) -> Case:
    """The system confirms and accepts what is paid without applying (免申即享).

    Raises NotAutomaticError, AlreadyDoneError, EndedBeforeError, ChecksFailedError.
    """
    return _confirm(entitlement_id, way="automatic", actor=None, note="", rules=rules, on=on, at=at)


@dataclass(frozen=True, slots=True)
class AutomaticRun:
    """What one run over the automatic entitlements brought: cases opened, and those a check kept back."""

    opened: int
    kept_back: int


def confirm_all_automatic(
    *,
    actor: Actor | None,
    rules: Rules,
    on: date,
    at: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> AutomaticRun:
    """Confirm everything that is found, paid without applying, and not under way; each in its own transaction.

    `actor` starts the run (None: the nightly one) and needs `entitlements.sweep`; only their divisions are taken. Run again
    it takes up what is new. What a check keeps back (an account that is missing, say) stays in the found list.
    """
    found = Entitlement.objects.filter(verdict="yes", amount_fen__gt=0, claim="automatic", case__isnull=True)
    found = found.exclude(policy_id__in=[*unpaid_policies(), *carried_by_loans()])
    if actor is not None:
        require(actor, "entitlements.sweep")
        found = found.filter(scope_filter(actor, "entitlements.sweep", "division_code"))
    keys = list(found.order_by("pk").values_list("pk", flat=True))
    opened = kept_back = 0
    for done, key in enumerate(keys):
        progress(done, len(keys))
        try:
            confirm_automatic(entitlement_id=key, rules=rules, on=on, at=at)
            opened += 1
        except ChecksFailedError:
            kept_back += 1
        except (AlreadyDoneError, EndedBeforeError):
            continue  # somebody else confirmed it since the list was made, or it was decided against before
    return AutomaticRun(opened, kept_back)


class ReasonMissingError(Refusal):
    """Acting for somebody else is never done without saying why."""

    def __init__(self) -> None:
        super().__init__(gettext("代为确认要写明本人是怎样委托的（例如：本人来电、到窗口）；请填写后再办。"))


def _confirm(
    entitlement_id: int,
    *,
    way: str,
    actor: Actor | None,
    note: str,
    rules: Rules,
    on: date,
    at: datetime,
    authority_id: int | None = None,
) -> Case:
    with one_act(f"confirm_{way}"):
        entitlement = locked_entitlement(entitlement_id)
        _require_way(entitlement, way=way, actor=actor, note=note)
        authority = _authority(entitlement, authority_id, actor, on)
        terms = rules.terms(entitlement.policy_id)
        if terms.effect != "payment":
            raise NothingToPayError(terms)
        if entitlement.policy_id in carried_by_loans():
            raise CarriedByLoanError(terms)
        _refuse_second_case(entitlement)
        decision, failed = run_checks(
            entitlement=entitlement, case=None, rules=rules, moment="confirm", on=on, at=at
        )
        case = None if failed else _open(entitlement, decision, way, actor, note, rules, on, at, authority)
    # The checks stay on record also where they stop the confirmation: the transaction above has ended.
    return _case_or_stop(case, failed)


def _case_or_stop(case: Case | None, failed: list[CaseCheck]) -> Case:
    if case is None:
        raise ChecksFailedError(failed)
    return case


def _require_way(entitlement: Entitlement, *, way: str, actor: Actor | None, note: str) -> None:
    """Who may confirm in this way."""
    if way == "automatic":
        if entitlement.claim != "automatic":
            raise NotAutomaticError(entitlement)
        return
    assert actor is not None  # only the system acts without an actor, above
    if way == "own":
        mine = owns(
            actor,
            person_id=entitlement.person_id,
            employer_id=entitlement.employer_id,
            recipient_kind=entitlement.recipient_kind,
        )
        if not mine or not actor.may("own.confirm"):
            raise NotYoursError(entitlement.division_code)
        return
    require_at_level(actor, ("casework.confirm_on_behalf",), entitlement.division_code, "street")
    require_no_relative(entitlement.person_id if entitlement.recipient_kind == "person" else None, actor)
    if way == "on_behalf" and not note.strip():
        raise ReasonMissingError
    within(note, MEDIUM, "本人怎样委托", "note")


def _authority(
    entitlement: Entitlement, authority_id: int | None, actor: Actor | None, on: date
) -> Authority | None:
    """The authority by which a relative asks, in force for the resident who receives."""
    if authority_id is None or actor is None:
        return None
    person_id = entitlement.person_id if entitlement.recipient_kind == "person" else None
    return held(authority_id, person_id=person_id, actor=actor, on=on)


def _refuse_second_case(entitlement: Entitlement) -> None:
    case = Case.objects.filter(entitlement=entitlement).first()
    if case is None:
        return
    if case.state in ENDED_STATES and case.state != "paid":
        raise EndedBeforeError(case)
    first = case.timeline.order_by("pk").first()
    assert first is not None  # a case is written together with its first event
    raise AlreadyDoneError(first, ACT_NAMES)


def _open(
    entitlement: Entitlement,
    decision: Decision,
    way: str,
    actor: Actor | None,
    note: str,
    rules: Rules,
    on: date,
    at: datetime,
    authority: Authority | None = None,
) -> Case:
    """Write the case with everything it is decided on, and its first event; the system's own step follows at once."""
    recipient = entitlement.person if entitlement.recipient_kind == "person" else entitlement.employer
    assert recipient is not None  # held by a constraint
    terms = rules.terms(entitlement.policy_id)
    case = Case.objects.create(
        entitlement=entitlement,
        policy_id=entitlement.policy_id,
        policy_name=terms.name,
        policy_name_en=terms.name_en,
        rule_version=decision.rule_version,
        subject_kind=entitlement.subject_kind,
        subject_key=entitlement.subject_key,
        period_start=entitlement.period_start,
        period_until=entitlement.period_until,
        claim=entitlement.claim,
        amount_fen=decision.amount_fen,
        division_code=entitlement.division_code,
        recipient_kind=entitlement.recipient_kind,
        person=entitlement.person,
        employer=entitlement.employer,
        payee_name=recipient.name,
        payee_account=recipient.bank_account,
        payee_bank=recipient.bank_name,
        receipt=decision.explanation,
        state="confirmed",
        due_on=deadline(entitlement, "confirmed", start=on),
        promised_on=promised_day(entitlement, start=on),
        confirmed_on=on,
        confirmed_by_way=way,
        authority=authority,
    )
    act = f"confirm_{way}"
    details = by_relative(case, act, actor=actor, on=on, at=at) if authority and actor else {}
    record(case, act, actor=actor, on=on, at=at, note=note, from_state="", details=details)
    _accept_where_the_system_does(case, on, at)
    return case


def _accept_where_the_system_does(case: Case, on: date, at: datetime) -> None:
    """The system's own step follows at once; where something is proved by no register, a case worker takes the case on."""
    accept = procedure_of(case).step("accept")
    if accept is None or accept.by != "system":
        return
    with suppress(EvidenceMissingError):
        require_proved(case, actor=None, on=on, at=at)
        move(case, "accept", actor=None, on=on, at=at, accepted_on=on)


class ReviewOpenError(Refusal):
    """The refusal is being looked at again: taken up beside that, a second refusal would be answered by the request against the first."""

    def __init__(self) -> None:
        super().__init__(
            gettext(
                "这件办件的复核还没有答复：撤销原决定的，会随复核重新办理；维持的，答复以后可以再重新办理。请先等复核答复。"
            )
        )


def reopen(*, actor: Actor, case_id: int, note: str, rules: Rules, on: date, at: datetime) -> Case:
    """Take up again a case that was withdrawn or refused, on new facts or after an appeal.

    It is confirmed anew from today's decision: amount, payee and explanation are copied again. Raises
    NotPermittedError, WrongStateError, NoteMissingError, ReviewOpenError, ChecksFailedError.
    """
    with one_act("reopen"):
        case = locked(case_id)
        require_for(transition("reopen"), actor=actor, case=case)
        if case.refusal_reviews.filter(decided_on__isnull=True).exists():
            raise ReviewOpenError
        entitlement = locked_entitlement(case.entitlement_id)
        spoken = by_relative(case, "reopen", actor=actor, on=on, at=at)
        failed = confirm_anew(
            case, entitlement, "reopen", actor=actor, note=note, rules=rules, on=on, at=at, details=spoken
        )
    return _case_or_stop(None if failed else case, failed)


def _promised_anew(case: Case, act: str, on: date) -> date | None:
    """The promise of a case that was put right runs on with what was left of it; one taken up again is promised anew."""
    left = case.promised_workdays_left
    if act != "correct" or left is None:
        return promised_day(case, start=on)
    return workdays_later(on, left)


def confirm_anew(
    case: Case,
    entitlement: Entitlement,
    act: str,
    *,
    actor: Actor,
    note: str,
    rules: Rules,
    on: date,
    at: datetime,
    details: Mapping[str, Any] | None = None,
) -> list[CaseCheck]:
    """Move the case back to `confirmed` with everything copied from today's decision; nothing moves where a check fails."""
    decision, failed = run_checks(
        entitlement=entitlement, case=None, rules=rules, moment="confirm", on=on, at=at
    )
    if failed:
        return failed
    recipient = entitlement.person if entitlement.recipient_kind == "person" else entitlement.employer
    assert recipient is not None  # held by a constraint
    move(
        case,
        act,
        actor=actor,
        on=on,
        at=at,
        note=note,
        details={"amount_fen": [case.amount_fen, decision.amount_fen], **(details or {})},
        amount_fen=decision.amount_fen,
        rule_version=decision.rule_version,
        receipt=decision.explanation,
        payee_name=recipient.name,
        payee_account=recipient.bank_account,
        payee_bank=recipient.bank_name,
        division_code=entitlement.division_code,
        promised_on=_promised_anew(case, act, on),
        corrections=[],
        # What is taken up again begins anew; what was put right has been sent back once, whatever comes of it.
        corrected_before=act == "correct",
        confirmed_on=on,
        accepted_on=None,
        accepted_by_id=None,
        reviewed_on=None,
        reviewed_by_id=None,
        publicity_start=None,
        publicity_until=None,
        approved_on=None,
        approved_by_id=None,
        refused_on=None,
        refused_clause="",
        refused_law="",
        refused_because="",
        refused_by_id=None,
        signing_round=case.signing_round + 1,
    )
    _accept_where_the_system_does(case, on, at)
    return []
