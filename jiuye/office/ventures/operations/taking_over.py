"""Taking over a running loan of the old system: one officer enters it from the register and a document, another confirms it, and from
its day on the book carries it. Undone while nothing was paid on it here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext

from jiuye.engine.basis.dates import Interval
from jiuye.office.entitlements.recording import record_drawn
from jiuye.office.entitlements.taking_back import take_back_benefit
from jiuye.office.registry.models import Employer, Person, RegisterRecord
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import Loan, LoanInstalment, LoanRepayment, LoanTakeover
from jiuye.office.ventures.operations.lending import LoanOpenError, NoFounderError, committed_fen
from jiuye.office.ventures.operations.lending import standing_capital as guarantee_capital
from jiuye.office.ventures.operations.steps import LoanNotFoundError, locked, move, one_act, record
from jiuye.office.ventures.operations.takeover_terms import (
    InBookError,
    NotOnRegisterError,
    ProposerError,
    ReasonMissingError,
    TakeoverProposedError,
    Terms,
    UsedLoanError,
    WrongTakeoverStateError,
    check,
    check_paid_before,
)
from jiuye.office.ventures.registered import KIND as LOAN_KIND
from jiuye.office.ventures.registered import (
    current_records,
    drawn_by_register,
    founder_on_record,
    guarantee_ceiling_fen,
    known_in_book,
    loan_binding,
    paid_before,
    read_loan,
    registered_of,
    said_of,
    with_issued_text,
)
from jiuye.office.ventures.rules import loan_terms
from jiuye.office.ventures.states import APPLYING, COMMITTED, OPEN_FOR_A_FOUNDER, NoteMissingError
from jiuye.office.ventures.takeovers import OPENING


def propose_takeover(*, actor: Actor, record_id: int, terms: Terms, on: date, at: datetime) -> LoanTakeover:
    """Enter a loan that the register lists and the book does not have. Nothing counts until another officer confirms.

    Raises NotPermittedError, NotOnRegisterError, NoFounderError, InBookError, LoanOpenError, TakeoverProposedError,
    TakeoverAmountError, DifferenceUnexplainedError, TooLongError.
    """
    with one_act("propose_takeover"):
        found = (
            current_records(on)
            .filter(pk=record_id, register=loan_binding(LOAN_KIND).register, employer__isnull=False)
            .order_by("pk")
            .first()
        )
        if found is None or found.employer_id is None:
            raise NotOnRegisterError
        said = registered_of(found)
        if said.kind not in loan_terms().kinds:
            raise NotOnRegisterError
        person_id = founder_on_record(found.employer_id, said.kind, on)
        employer = _held(found.employer_id, person_id)
        require(actor, "ventures.record", employer.division_id)
        if said.kind == "personal" and person_id is None:
            raise NoFounderError(employer.name)
        _require_free(employer.pk, person_id, said.kind, terms.disbursed_on)
        if LoanTakeover.objects.filter(employer=employer, kind=said.kind, state="proposed").exists():
            raise TakeoverProposedError
        check(terms, said, employer.pk, on)
        return LoanTakeover.objects.create(
            kind=said.kind,
            employer=employer,
            person_id=person_id,
            division_code=employer.division_id,
            register_says=said_of(found),
            register_start=found.start,
            bank=terms.bank.strip(),
            bank_account=terms.bank_account.strip(),
            contract=terms.contract.strip(),
            principal_fen=terms.principal_fen,
            disbursed_on=terms.disbursed_on,
            rate=terms.rate,
            taken_from=terms.taken_from,
            balance_fen=terms.balance_fen,
            subsidised_fen=terms.subsidised_fen,
            loans_drawn=terms.loans_drawn if person_id is not None else None,
            plan=[[day.isoformat(), fen] for day, fen in sorted(terms.plan)],
            document=terms.document.strip(),
            differs_because=within(terms.differs_because, LONG, "与台账不同的原因", "differs_because"),
            proposed_on=on,
            proposed_by_id=actor.account_id,
        )


def confirm_takeover(*, actor: Actor, takeover_id: int, on: date, at: datetime) -> Loan:
    """Another officer confirms: the loan stands in the book as one that is being paid back, what was subsidised before stands as drawn, and
    the guarantee fund answers for the balance. That the fund's ceiling is then exceeded is written down and stops nothing.

    Raises NotPermittedError, WrongTakeoverStateError, ProposerError, NotOnRegisterError, InBookError, LoanOpenError, TakeoverAmountError.
    """
    with one_act("confirm_takeover"):
        takeover = _held_takeover(takeover_id)
        _held(takeover.employer_id, takeover.person_id)
        require(actor, "ventures.guarantee", takeover.division_code)
        _require_proposed(takeover)
        if takeover.proposed_by_id == actor.account_id:
            raise ProposerError
        _require_still_registered(takeover, on)
        _require_free(takeover.employer_id, takeover.person_id, takeover.kind, takeover.disbursed_on)
        check_paid_before(
            takeover.employer_id,
            takeover.kind,
            takeover.disbursed_on,
            takeover.taken_from,
            takeover.subsidised_fen,
        )
        loan = _enter(takeover, actor)
        takeover.state, takeover.loan = "confirmed", loan
        takeover.decided_on, takeover.decided_by_id = on, actor.account_id
        takeover.over_ceiling_fen = _over_ceiling_fen(on)
        takeover.earlier_loans = _earlier_loans(takeover, on)
        takeover.save(
            update_fields=["state", "loan", "decided_on", "decided_by", "over_ceiling_fen", "earlier_loans"]
        )
        record(
            loan,
            "take_over",
            "",
            actor=actor,
            on=on,
            at=at,
            note=takeover.document,
            details={
                "takeover": takeover.pk,
                "amount_fen": takeover.balance_fen,
                "over_ceiling_fen": takeover.over_ceiling_fen,
            },
        )
        _record_paid_before(takeover, loan, on=on, at=at)
    return loan


def drop_takeover(*, actor: Actor, takeover_id: int, note: str, on: date, at: datetime) -> LoanTakeover:
    """It is not taken over as entered: an approver says so, or who entered it takes it back; it may be entered anew.

    Raises NotPermittedError, WrongTakeoverStateError, ReasonMissingError, TooLongError.
    """
    with one_act("drop_takeover"):
        takeover = _held_takeover(takeover_id)
        own = takeover.proposed_by_id == actor.account_id
        require(actor, "ventures.record" if own else "ventures.guarantee", takeover.division_code)
        _require_proposed(takeover)
        if not note.strip():
            raise ReasonMissingError
        takeover.state, takeover.decided_on, takeover.decided_by_id = "dropped", on, actor.account_id
        takeover.ended_because = within(note, LONG, "理由", "note")
        takeover.save(update_fields=["state", "decided_on", "decided_by", "ended_because"])
    return takeover


def undo_takeover(*, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> Loan:
    """Take a loan out of the book that was entered wrongly: nothing was repaid, approved or paid on it here. It may be entered anew.

    Raises NotPermittedError, WrongLoanStateError, NoteMissingError, UsedLoanError, TooLongError.
    """
    with one_act("undo_takeover"):
        loan = locked(loan_id)
        require(actor, "ventures.guarantee", loan.division_code)
        takeover = (
            LoanTakeover.objects.select_for_update(of=["self"]).filter(loan=loan).order_by("pk").first()
        )
        if takeover is None:
            raise UsedLoanError(gettext("在本系统里申请和放款"))
        if not note.strip():
            raise NoteMissingError("undo_takeover")
        if loan.repayments.exclude(bank_reference=_opening_reference(takeover)).exists():
            raise UsedLoanError(gettext("登记过还款"))
        if loan.extensions.filter(state__in=["asked", "granted"]).exists():
            raise UsedLoanError(gettext("申请过展期"))
        subsidies = loan.subsidies.filter(superseded_on__isnull=True).order_by("pk")
        if subsidies.filter(approved_on__isnull=False).exists():
            raise UsedLoanError(gettext("批准过贴息（没有支付的，请先撤销批准）"))
        subsidies.update(superseded_on=on)
        move(loan, "undo_takeover", actor=actor, on=on, at=at, note=note)
        takeover.state, takeover.ended_because = "undone", within(note, LONG, "理由", "note")
        takeover.save(update_fields=["state", "ended_because"])
        drawn = takeover.subsidised_fen
        take_back_benefit(case_key=takeover.claim_key, paid_fen=drawn, back_fen=drawn, on=on, at=at)
    return loan


@unscoped("a founder's other business may lie in another county")
def _held(employer_id: int, person_id: int | None) -> Employer:
    """The business, with whoever runs it held first, as an application holds them."""
    if person_id is not None:
        Person.objects.select_for_update(no_key=True).get(pk=person_id)
    return Employer.objects.select_for_update(no_key=True).get(pk=employer_id)


def _held_takeover(takeover_id: int) -> LoanTakeover:
    with unscoped("the founder may live elsewhere; the permission is checked in the loan's own division"):
        found = (
            LoanTakeover.objects.select_for_update(of=["self"])
            .select_related("employer", "person")
            .filter(pk=takeover_id)
            .order_by("pk")
            .first()
        )
    if found is None:
        raise LoanNotFoundError
    return found


def _require_proposed(takeover: LoanTakeover) -> None:
    if takeover.state != "proposed":
        raise WrongTakeoverStateError(takeover.state)


@unscoped("a founder's other business may lie in another county")
def _require_free(employer_id: int, person_id: int | None, kind: str, disbursed_on: date) -> None:
    """Return where neither the business nor the founder has a loan in the book. Raises InBookError, LoanOpenError."""
    mine = with_issued_text(Loan.objects.filter(employer_id=employer_id))
    known = mine.filter(known_in_book(kind, disbursed_on.isoformat())).order_by("pk").first()
    if known is not None:
        raise InBookError(known)
    running = Q(employer_id=employer_id, kind=kind, state__in=(*APPLYING, *COMMITTED))
    if person_id is not None:
        running |= Q(person_id=person_id, kind="personal", state__in=OPEN_FOR_A_FOUNDER)
    open_one = Loan.objects.filter(running).order_by("pk").first()
    if open_one is not None:
        raise LoanOpenError(open_one)


def _require_still_registered(takeover: LoanTakeover, on: date) -> None:
    """Return where the register lists the loan as it did when it was entered: of the same kind, paid out on the same day."""
    records: Sequence[RegisterRecord] = current_records(on).filter(
        register=loan_binding(LOAN_KIND).register, employer_id=takeover.employer_id
    )
    then = read_loan(takeover.register_says)
    for row in records:
        now = registered_of(row)
        if (now.kind, now.issued_on) == (then.kind, then.issued_on):
            return
    raise NotOnRegisterError


def _opening_reference(takeover: LoanTakeover) -> str:
    """The reference of the repayment that stands for all that came back before the book carried the loan."""
    return f"{OPENING}{takeover.pk}"


def _enter(takeover: LoanTakeover, actor: Actor) -> Loan:
    """The loan as the book keeps it: what came back before was due and repaid in one sum."""
    policy = loan_terms().kinds[takeover.kind].policy
    loan = Loan.objects.create(
        kind=takeover.kind,
        employer_id=takeover.employer_id,
        person_id=takeover.person_id,
        division_code=takeover.division_code,
        state="disbursed",
        wanted_fen=takeover.principal_fen,
        receipt={
            "policy": policy,
            "taken_over": {
                "register": {name: str(value) for name, value in takeover.register_says.items()},
                "document": takeover.document,
            },
        },
        applied_on=takeover.proposed_on,
        applied_by_id=takeover.proposed_by_id,
        # The guarantee was given in the old system; who lets the fund answer for it here does not decide that it pays.
        guaranteed_fen=takeover.principal_fen,
        guaranteed_by_id=actor.account_id,
        bank=takeover.bank,
        bank_account=takeover.bank_account,
        contract=takeover.contract,
        disbursed_fen=takeover.principal_fen,
        disbursed_on=takeover.disbursed_on,
        rate=takeover.rate,
        taken_over_from=takeover.taken_from,
    )
    plan = [(date.fromisoformat(day), fen) for day, fen in takeover.plan]
    if takeover.repaid_fen:
        plan.append((takeover.disbursed_on, takeover.repaid_fen))
        LoanRepayment.objects.create(
            loan=loan,
            principal_fen=takeover.repaid_fen,
            paid_on=takeover.taken_from,
            bank_reference=_opening_reference(takeover),
            recorded_by_id=takeover.proposed_by_id,
        )
    LoanInstalment.objects.bulk_create(
        LoanInstalment(loan=loan, due_on=day, principal_fen=fen) for day, fen in sorted(plan)
    )
    return loan


def exceeds_ceiling_by_fen(takeover: LoanTakeover, *, on: date) -> int:
    """By how much the guarantee fund would answer for more than it may with this loan, or did when it was confirmed. Holds nothing."""
    if takeover.state != "proposed":
        return int(takeover.over_ceiling_fen or 0)
    return max(0, committed_fen() + takeover.balance_fen - guarantee_ceiling_fen(on.year))


def _over_ceiling_fen(on: date) -> int:
    """By how much the guarantee fund answers for more than it may, the loan counted."""
    terms = loan_terms()
    ceiling = guarantee_capital(terms.guarantee_fund, on.year) * terms.guarantee_multiple
    return max(0, committed_fen() - ceiling)


def _earlier_loans(takeover: LoanTakeover, on: date) -> int:
    """How many of the founder's loans the book does not count: the old system's before this one."""
    if takeover.person_id is None:
        return 0
    with unscoped("a founder's loans for businesses in every county"):
        counted = Loan.objects.filter(person_id=takeover.person_id, disbursed_on__isnull=False)
        in_book = counted.exclude(state="taken_back").count()
        known = sum(
            LoanTakeover.objects.filter(person_id=takeover.person_id, state="confirmed").values_list(
                "earlier_loans", flat=True
            )
        )
        registered = drawn_by_register(takeover.person_id, on=on) or 0
    return max(0, max(takeover.loans_drawn or 0, registered) - in_book - known)


def _record_paid_before(takeover: LoanTakeover, loan: Loan, *, on: date, at: datetime) -> None:
    """Write what was subsidised before as drawn, less what the imported history has already."""
    before = paid_before(
        employer_id=takeover.employer_id, kind=takeover.kind, disbursed_on=takeover.disbursed_on
    )
    start = before.until or takeover.disbursed_on
    amount = takeover.subsidised_fen - before.amount_fen
    if amount <= 0 or start >= takeover.taken_from:
        return
    record_drawn(
        policy_id=loan_terms().kinds[takeover.kind].interest,
        subject=("employer", str(takeover.employer_id)),
        person_id=takeover.person_id,
        employer_id=takeover.employer_id if takeover.person_id is None else None,
        period=Interval(start, takeover.taken_from),
        amount_fen=amount,
        paid_on=takeover.taken_from,
        case_key=takeover.claim_key,
        source=f"接手的贷款 {loan.number}",
        on=on,
        at=at,
    )
