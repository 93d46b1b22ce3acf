"""An instalment that is to be due later: asked for with the bank's consent before its day, decided by another officer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, LONG, within
from jiuye.office.ventures.extensions import EXTENDING, LoanExtension
from jiuye.office.ventures.models import Loan, LoanInstalment
from jiuye.office.ventures.operations.steps import locked, one_act, require_for, walk
from jiuye.office.ventures.plans import left_of, plan_of
from jiuye.office.ventures.states import LoanRefusal, NoteMissingError, advance


class NoInstalmentError(LoanRefusal):
    """The plan has no such instalment, or nothing of it is left to be paid back."""

    field = "instalment"

    def __init__(self) -> None:
        super().__init__(gettext("这笔贷款没有这一期本金，或者这一期已经还清；请选还没有还的一期。"))


class DueAlreadyError(LoanRefusal):
    """What was due is late, and stays so: the office's rule; no document on file names another last day."""

    field = "instalment"

    def __init__(self, due_on: date) -> None:
        super().__init__(
            gettext("这一期本金应在 %(due)s 归还，日期已过；展期要在到期以前申请，已经逾期的按逾期办理。")
            % {"due": due_on.isoformat()}
        )


class NotLaterError(LoanRefusal):
    """The new day is after the old one."""

    field = "until"

    def __init__(self, due_on: date) -> None:
        super().__init__(
            gettext("展期后的应还日期要在原应还日期 %(due)s 以后；请核对。") % {"due": due_on.isoformat()}
        )


class ConsentError(LoanRefusal):
    """The bank agreed after it had paid out, and not in the future."""

    field = "consented_on"

    def __init__(self, disbursed_on: date) -> None:
        super().__init__(
            gettext("银行同意展期的日期不能早于放款日期 %(day)s，也不能晚于今天；请核对。")
            % {"day": disbursed_on.isoformat()}
        )


class ExtensionWordsError(LoanRefusal):
    """Why, and by which paper of the bank."""

    field = "consent"

    def __init__(self) -> None:
        super().__init__(gettext("请写明展期的理由，和银行同意展期的文书（名称、编号）。"))


class ExtensionAskedError(LoanRefusal):
    """One at a time."""

    def __init__(self) -> None:
        super().__init__(gettext("这笔贷款已有一个展期申请，等待决定；请先决定或撤回那一个。"))


class NoExtensionError(LoanRefusal):
    """Nothing waits to be decided."""

    def __init__(self) -> None:
        super().__init__(gettext("这笔贷款没有等待决定的展期申请；可能刚刚决定过，请看最新状态。"))


class ExtensionAskerError(LoanRefusal):
    """Who took the application does not decide it (不相容岗位分离)."""

    def __init__(self) -> None:
        super().__init__(gettext("这个展期申请是您受理的，不能由您决定；请由另一位审批人员决定。"))


def ask_extension(
    *,
    actor: Actor,
    loan_id: int,
    instalment_id: int,
    until: date,
    reason: str,
    consent: str,
    consented_on: date,
    on: date,
    at: datetime,
) -> LoanExtension:
    """Take the borrower's application to pay an instalment back later, with the paper by which the bank agrees.

    Raises NotPermittedError, HolderActsError, WrongLoanStateError, ExtensionAskedError, NoInstalmentError, DueAlreadyError,
    NotLaterError, ConsentError, ExtensionWordsError, TooLongError.
    """
    with one_act("ask_extension"):
        loan = locked(loan_id)
        require(actor, "ventures.record", loan.division_code)
        require_no_relative(loan.person_id, actor)
        advance(loan.state, "ask_extension")
        if loan.extensions.filter(state="asked").exists():
            raise ExtensionAskedError
        instalment = _still_owed(loan, instalment_id)
        due_on = plan_of(loan)[instalment.pk]
        if due_on < on:
            raise DueAlreadyError(due_on)
        if until <= due_on:
            raise NotLaterError(due_on)
        assert loan.disbursed_on is not None  # its state was asked above
        if not loan.disbursed_on <= consented_on <= on:
            raise ConsentError(loan.disbursed_on)
        reason, consent = (
            within(reason, LONG, "理由", "reason"),
            within(consent, LINE, "银行同意展期的文书", "consent"),
        )
        if not reason or not consent:
            raise ExtensionWordsError
        extension = LoanExtension.objects.create(
            loan=loan,
            instalment=instalment,
            was_due_on=due_on,
            until=until,
            reason=reason,
            consent=consent,
            consented_on=consented_on,
            asked_on=on,
            asked_by_id=actor.account_id,
        )
        walk(loan, "ask_extension", actor=actor, on=on, at=at, note=reason, details=_details(extension))
    return extension


def grant_extension(*, actor: Actor, loan_id: int, note: str = "", on: date, at: datetime) -> LoanExtension:
    """Agree: from now on the instalment is due on the new day.

    Raises NotPermittedError, HolderActsError, WrongLoanStateError, NoExtensionError, ExtensionAskerError, NoInstalmentError, TooLongError.
    """
    return _end("grant_extension", actor=actor, loan_id=loan_id, note=note, on=on, at=at)


def refuse_extension(*, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> LoanExtension:
    """Say no, with the reason: the instalment is due as before.

    Raises NotPermittedError, HolderActsError, WrongLoanStateError, NoExtensionError, ExtensionAskerError, NoteMissingError, TooLongError.
    """
    return _end("refuse_extension", actor=actor, loan_id=loan_id, note=note, on=on, at=at)


def drop_extension(*, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> LoanExtension:
    """Take an application back before it is decided.

    Raises NotPermittedError, HolderActsError, WrongLoanStateError, NoExtensionError, NoteMissingError, TooLongError.
    """
    return _end("drop_extension", actor=actor, loan_id=loan_id, note=note, on=on, at=at)


def _end(act: str, *, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> LoanExtension:
    with one_act(act):
        loan = locked(loan_id)
        require_for(act, actor=actor, loan=loan)
        require_no_relative(loan.person_id, actor)
        advance(loan.state, act, note=note.strip() or "-")
        waiting = loan.extensions.select_for_update(of=["self"]).filter(state="asked").order_by("pk")
        extension: LoanExtension | None = waiting.first()
        if extension is None:
            raise NoExtensionError
        if act != "drop_extension" and extension.asked_by_id == actor.account_id:
            raise ExtensionAskerError
        if act != "grant_extension" and not note.strip():
            raise NoteMissingError(act)
        if act == "grant_extension":
            _still_owed(loan, extension.instalment_id)
        extension.state = EXTENDING[act]
        extension.decided_on, extension.decided_by_id = on, actor.account_id
        extension.words = within(note, LONG, "理由", "note")
        extension.save(update_fields=["state", "decided_on", "decided_by", "words"])
        walk(loan, act, actor=actor, on=on, at=at, note=note, details=_details(extension))
    return extension


def _still_owed(loan: Loan, instalment_id: int) -> LoanInstalment:
    """The instalment, something of which is still to be paid back. Raises NoInstalmentError."""
    found = next((row for row, left_fen in left_of(loan) if row.pk == instalment_id and left_fen), None)
    if found is None:
        raise NoInstalmentError
    return found


def _details(extension: LoanExtension) -> dict[str, Any]:
    return {
        "extension": extension.pk,
        "due": extension.was_due_on.isoformat(),
        "until": extension.until.isoformat(),
        "principal_fen": extension.instalment.principal_fen,
    }
