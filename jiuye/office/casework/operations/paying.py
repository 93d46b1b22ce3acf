"""From a granted case to the money: into a batch, and back with the bank's answer.

Funds below us holds what is true of the money; casework pulls its results. Whatever is repeated after a crash finds what
was done already: a claim key is paid once, and a case is recorded as paid in the transaction that records its benefit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.exchange.bank import Bank
from jiuye.office.casework.access import require_for
from jiuye.office.casework.accounts import cases_of_others, digest_of, recipient_key
from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.casework.checks import ChecksFailedError, run_checks
from jiuye.office.casework.findings import Finding
from jiuye.office.casework.models import Case, CaseCheck
from jiuye.office.casework.operations.collecting import Collected, collect_payment_results
from jiuye.office.casework.operations.steps import hold_in_order, locked, locked_entitlement, move, one_act
from jiuye.office.casework.procedures import require_at_level
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.rules import Rules
from jiuye.office.casework.states import OPEN_STATES, STATE_LABELS, WrongStateError, transition
from jiuye.office.casework.timeline import record
from jiuye.office.funds import operations as funds
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.policies.book import one_book
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.refusals import LINE, within
from jiuye.office.staff.rows import unscoped


class NothingChosenError(Refusal):
    """A batch of no cases."""

    def __init__(self) -> None:
        super().__init__(gettext("没有选中要付款的办件；请至少选一件。"))


class PayeeNotConfirmedError(Refusal):
    """The bank sent the payment back, and nobody has looked at the account since."""

    def __init__(self, case: Case) -> None:
        super().__init__(
            gettext("办件 %(number)s 被银行退回（%(reason)s）；请先核对并更新收款账户，再列入批次。")
            % {"number": case.number, "reason": case.rejection}
        )


class PayeeFixedError(Refusal):
    """The account is on its way to the bank, or the case has ended."""

    def __init__(self, case: Case) -> None:
        super().__init__(
            gettext("办件现在是“%(state)s”，收款账户不能再改。")
            % {"state": gettext(STATE_LABELS[case.state])}
        )


class AccountCheckNoteError(Refusal):
    """How the account was checked is said in words."""

    def __init__(self) -> None:
        super().__init__(gettext("请写明收款账户是怎样核对的（例如：本人来电确认）。"))


@dataclass(frozen=True, slots=True)
class BatchMade:
    """The draft batch, and the cases that stayed out because a check did not pass."""

    batch: PaymentBatch
    left_out: list[tuple[Case, Sequence[CaseCheck | Finding]]]


def put_into_batch(
    *,
    actor: Actor,
    case_ids: Sequence[int],
    rules: Rules,
    on: date,
    at: datetime,
    purpose: str = "",
) -> BatchMade:
    """A draft batch of granted cases of one fund. Each is checked once more; what fails stays out and is said, as does what the bank sent
    back and nobody looked at since.

    Raises NothingChosenError, CaseNotFoundError, NotPermittedError, WrongStateError, PayeeNotConfirmedError (of the only one chosen),
    ChecksFailedError where no case passes, and whatever funds' `make_batch` raises.
    """
    chosen = sorted(set(case_ids))
    if not chosen:
        raise NothingChosenError
    batch: PaymentBatch | None = None
    left_out: list[tuple[Case, Sequence[CaseCheck | Finding]]] = []
    with one_act("put_into_batch"), one_book():
        hold_in_order(chosen)
        going: list[Case] = []
        for case_id in chosen:
            case = locked(case_id)
            failed = _checked_for_payment(case, actor=actor, rules=rules, on=on, at=at)
            if failed:
                left_out.append((case, failed))
            else:
                going.append(case)
        if going:
            batch = funds.make_batch(
                actor=actor, claims=[claim_of(case) for case in going], on=on, at=at, purpose=purpose
            )
            for case in going:
                move(
                    case,
                    "put_into_batch",
                    actor=actor,
                    on=on,
                    at=at,
                    details={"batch": batch.number},
                    rejection="",
                )
    if batch is None and len(chosen) == 1 and _sent_back(left_out[0][0]):
        raise PayeeNotConfirmedError(left_out[0][0])
    # The checks are on record also where nothing could be paid: the transaction above has ended.
    if batch is None:
        raise ChecksFailedError([row for _, failed in left_out for row in failed])
    return BatchMade(batch, left_out)


def _checked_for_payment(
    case: Case, *, actor: Actor, rules: Rules, on: date, at: datetime
) -> Sequence[CaseCheck | Finding]:
    """The failed checks of a case that may otherwise be paid; of one that the bank sent back first of all that its account was not looked at."""
    row = transition("put_into_batch")
    require_for(row, actor=actor, case=case)
    if case.state not in row.sources:
        raise WrongStateError("put_into_batch", case.state)
    if _sent_back(case):
        return [Finding("payee", "payee_sent_back", False, {"number": case.number, "reason": case.rejection})]
    entitlement = locked_entitlement(case.entitlement_id)
    _, failed = run_checks(entitlement=entitlement, case=case, rules=rules, moment="payment", on=on, at=at)
    return failed


def _sent_back(case: Case) -> bool:
    """True where the bank sent the last payment back, and nobody has looked at the account since.

    Also where it was approved anew since: the account is still the one that the bank sent the money back from.
    """
    if not case.rejection:
        return False
    acts = ["record_rejected", "record_returned", "refresh_payee"]
    last = case.timeline.filter(act__in=acts).order_by("-pk").first()
    return last is None or last.act != "refresh_payee"


def claim_of(case: Case) -> funds.Claim:
    """Whom the case pays, as it was approved."""
    return funds.Claim(
        claim_key=case.claim_key,
        payee_name=case.payee_name,
        payee_account=case.payee_account,
        payee_bank=case.payee_bank,
        payee_is_person=case.recipient_kind == "person",
    )


def refresh_payee(*, actor: Actor, case_id: int, note: str, on: date, at: datetime) -> Case:
    """Copy the payee from the register again; `note` says how the account was checked.

    Raises CaseNotFoundError, NotPermittedError, PayeeFixedError, AccountCheckNoteError, TooLongError.
    """
    with one_act("refresh_payee"):
        case = locked(case_id)
        require_at_level(actor, ("casework.accept", "casework.review"), case.division_code, "street")
        require_no_relative(case.person_id, actor)
        if case.state not in OPEN_STATES or case.state == "in_payment":
            raise PayeeFixedError(case)
        if not note.strip():
            raise AccountCheckNoteError
        note = within(note, LINE, "账户是怎样核对的", "note")
        recipient: Person | Employer
        if case.recipient_kind == "person":
            recipient = Person.objects.get(pk=case.person_id)
        else:
            recipient = Employer.objects.get(pk=case.employer_id)
        changed = (case.payee_name, case.payee_account, case.payee_bank) != (
            recipient.name,
            recipient.bank_account,
            recipient.bank_name,
        )
        case.payee_name = recipient.name
        case.payee_account = recipient.bank_account
        case.payee_bank = recipient.bank_name
        case.save(update_fields=["payee_name", "payee_account", "payee_bank"])
        record(
            case,
            "refresh_payee",
            actor=actor,
            on=on,
            at=at,
            note=note,
            details={"changed": changed, "account_ends_in": recipient.bank_account[-4:]},
        )
    return case


def confirm_account(*, actor: Actor, case_id: int, note: str, on: date, at: datetime) -> Case:
    """Somebody looked at an account that several recipients use, and says why it is right to pay to it.

    It holds for this account and those recipients; another one, or another account, asks again. Who makes the payment does not confirm.
    Raises CaseNotFoundError, NotPermittedError, PayeeFixedError, AccountCheckNoteError, TooLongError.
    """
    with one_act("confirm_account"):
        case = locked(case_id)
        ways = ("casework.accept", "casework.review", "casework.approve")
        require_at_level(actor, ways, case.division_code, "street")
        require_no_relative(case.person_id, actor)
        if case.state not in OPEN_STATES or case.state == "in_payment":
            raise PayeeFixedError(case)
        if not note.strip():
            raise AccountCheckNoteError
        note = within(note, LINE, "为什么可以付到这个账户", "note")
        with unscoped("the recipients of an account are counted everywhere; none is handed out"):
            others = {recipient_key(other) for other in cases_of_others(case.payee_account, case)}
        details = {"account": digest_of(case.payee_account), "recipients": sorted(others)}
        record(case, "confirm_account", actor=actor, on=on, at=at, note=note, details=details)
    return case


def settle_batch(
    *, actor: Actor, batch: PaymentBatch, bank: Bank, on: date, at: datetime
) -> tuple[funds.Settlement, Collected]:
    """Ask the bank for its answers, and let the cases know. Safe to repeat after a crash at any point.

    Raises whatever funds' `settle_batch` raises.
    """
    settlement = funds.settle_batch(actor=actor, batch=batch, bank=bank, on=on, at=at)
    return settlement, collect_payment_results(batch=batch, on=on, at=at)


def take_return_file(
    *, actor: Actor, name: str, content: bytes, on: date, at: datetime
) -> tuple[funds.ReturnRead, Collected]:
    """Read a bank's return file, and let the cases of its batch know. The same file again changes nothing.

    Raises whatever funds' `read_return_file` raises.
    """
    read = funds.read_return_file(actor=actor, name=name, content=content, on=on, at=at)
    return read, collect_payment_results(batch=read.file.batch, on=on, at=at)


def discard_batch(*, actor: Actor, batch: PaymentBatch, on: date, at: datetime) -> Collected:
    """Give up a batch that has not gone to the bank; its cases wait for another one.

    Raises NotPermittedError, WrongFundsStateError.
    """
    with one_act("discard_batch"):
        funds.discard_batch(actor=actor, batch=batch, on=on, at=at)
        return collect_payment_results(batch=batch, on=on, at=at, in_one=True)


def give_up_batch(
    *, actor: Actor, batch: PaymentBatch, bank: Bank, reason: str, on: date, at: datetime
) -> tuple[PaymentBatch, Collected]:
    """Give up a batch that the bank refuses for good; its cases wait for another one. Raises whatever funds' `give_up_batch` raises."""
    given_up = funds.give_up_batch(actor=actor, batch=batch, bank=bank, reason=reason, on=on, at=at)
    return given_up, collect_payment_results(batch=batch, on=on, at=at)
