"""Approving: as many signatures as the band of the amount takes, the last of which grants the case; and taking it back while unpaid."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.casework.access import require_for
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.checks import ChecksFailedError, run_checks
from jiuye.office.casework.models import Case, Signature
from jiuye.office.casework.objections import require_no_objection
from jiuye.office.casework.operations.steps import (
    locked,
    locked_entitlement,
    move,
    one_act,
    refuse_repetition,
)
from jiuye.office.casework.procedures import signatures_needed
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.states import NOT_TO_APPROVE, WrongStateError, transition
from jiuye.office.casework.timeline import record
from jiuye.office.funds.chain import receipt_digest
from jiuye.office.funds.operations import release, reserve
from jiuye.office.registry.places import county_of
from jiuye.office.staff.queries import Actor

TAKEN_BEFORE = {"accept": "受理", "review": "审核"}


class SamePersonError(Refusal):
    """The approver accepted or reviewed the case, asked for it on the applicant's behalf or certified its papers: two pairs of eyes are two people (不相容岗位分离)."""

    def __init__(self, did: str) -> None:
        super().__init__(
            gettext("这件办件是您本人%(did)s的，不能再由您审批；请由另一位审批人员办理。")
            % {"did": gettext(did)}
        )


class AlreadySignedError(Refusal):
    """The band asks for several signatures, each of another person."""

    def __init__(self, signed: int, needed: int) -> None:
        super().__init__(
            gettext(
                "您已经签批过这件办件；共需 %(needed)d 人签批，已签 %(signed)d 人，请由其他审批人员签批。"
            )
            % {"needed": needed, "signed": signed}
        )


class PublicityNotOverError(Refusal):
    """The public has not yet had its days."""

    def __init__(self, until: date) -> None:
        super().__init__(gettext("公示还没有结束，%(until)s 起才能审批。") % {"until": until.isoformat()})


def approve(*, actor: Actor, case_id: int, rules: Rules, on: date, at: datetime) -> Case:
    """Sign the case after its publicity, by somebody who neither accepted nor reviewed nor signed it.

    The last signature that the amount's band takes grants it, and money is reserved. Raises NotPermittedError, WrongStateError,
    AlreadyDoneError, SamePersonError, AlreadySignedError, PublicityNotOverError, ObjectionOpenError, ChecksFailedError, and what
    funds raises where the budget does not suffice.
    """
    with one_act("approve"):
        case = locked(case_id)
        refuse_repetition(case, "approve")
        require_approvable(case, actor, on)
        entitlement = locked_entitlement(case.entitlement_id)
        _, failed = run_checks(
            entitlement=entitlement, case=case, rules=rules, moment="approve", on=on, at=at
        )
        if not failed:
            _sign(case, actor=actor, rules=rules, on=on, at=at)
    if failed:
        raise ChecksFailedError(failed)
    return case


def require_approvable(case: Case, actor: Actor, on: date) -> None:
    """Return where this actor may sign this case on that day, the cross-checks apart. Raises as `approve`."""
    require_for(transition("approve"), actor=actor, case=case)
    require_no_relative(case.person_id, actor)
    if case.state not in transition("approve").sources:
        raise WrongStateError("approve", case.state)
    _require_another_person(case, actor)
    _require_publicity_over(case, on)


def undo_approval(*, actor: Actor, case_id: int, note: str, on: date, at: datetime) -> Case:
    """Take an approval back while nothing was paid: the reservation is released and every signature is asked for again.

    So does one whose payment the bank sent back; that its account still has to be checked stays on record. The applicant is told.
    Raises NotPermittedError, WrongStateError, NoteMissingError, AlreadyDoneError.
    """
    with one_act("undo_approval"):
        case = locked(case_id)
        require_for(transition("undo_approval"), actor=actor, case=case)
        require_no_relative(case.person_id, actor)
        refuse_repetition(case, "undo_approval")
        if case.state not in transition("undo_approval").sources:
            raise WrongStateError("undo_approval", case.state)
        release(actor=actor, claim_key=case.claim_key, on=on, at=at)
        move(
            case,
            "undo_approval",
            actor=actor,
            on=on,
            at=at,
            note=note,
            details={"amount_fen": case.amount_fen, "approved_on": str(case.approved_on)},
            approved_on=None,
            approved_by_id=None,
            signing_round=case.signing_round + 1,
        )
    return case


def _sign(case: Case, *, actor: Actor, rules: Rules, on: date, at: datetime) -> None:
    """One more signature; the last one reserves the money and moves the case."""
    needed = signatures_needed(case, case.amount_fen)
    ordinal = case.signatures.filter(round=case.signing_round).count() + 1
    needed = max(needed, ordinal)  # where the bands were lowered meanwhile, this signature is the last
    Signature.objects.create(
        case=case,
        round=case.signing_round,
        ordinal=ordinal,
        needed=needed,
        amount_fen=case.amount_fen,
        signed_by_id=actor.account_id,
        signed_by_name=actor.name,
        on_date=on,
        at=at,
    )
    details = {"amount_fen": case.amount_fen, "signature": ordinal, "needed": needed}
    if ordinal < needed:
        record(case, "sign", actor=actor, on=on, at=at, details=details)
        return
    fund = rules.terms(case.policy_id).fund
    reserve(
        actor=actor,
        fund=fund,
        claim_key=case.claim_key,
        amount_fen=case.amount_fen,
        on=on,
        at=at,
        clause=f"{case.policy_id}@{case.rule_version}",
        receipt=receipt_digest(case.receipt),
        county=county_of(case.division_code),
    )
    move(
        case,
        "approve",
        actor=actor,
        on=on,
        at=at,
        details=details | {"fund": fund},
        approved_on=on,
        approved_by_id=actor.account_id,
    )


def _require_another_person(case: Case, actor: Actor) -> None:
    if actor.account_id == case.accepted_by_id:
        raise SamePersonError("受理")
    if actor.account_id == case.reviewed_by_id:
        raise SamePersonError("审核")
    # A post may have changed in between, and a case that went back is accepted and reviewed anew: the timeline forgets nobody.
    took = case.timeline.filter(act__in=NOT_TO_APPROVE, actor_id=actor.account_id).order_by("pk")
    if (act := took.values_list("act", flat=True).first()) is not None:
        raise SamePersonError(TAKEN_BEFORE.get(act) or gettext("代为申请或核对材料"))
    signed = list(case.signatures.filter(round=case.signing_round).order_by("pk"))
    if any(row.signed_by_id == actor.account_id for row in signed):
        raise AlreadySignedError(len(signed), signed[-1].needed)


def _require_publicity_over(case: Case, on: date) -> None:
    assert case.publicity_until is not None  # a publicised case has its days
    if on < case.publicity_until:
        raise PublicityNotOverError(case.publicity_until)
    require_no_objection(case)
