"""What the register says of another running loan: noted with the application, looked into by a person, and settled before a signature."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext

from jiuye.office.casework.authorities import require_no_relative
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LONG, within
from jiuye.office.ventures.doubts import NOTED, SETTLED, doubts_of, noted_doubts, words_of
from jiuye.office.ventures.models import Loan, LoanEvent
from jiuye.office.ventures.operations.steps import locked, one_act, record
from jiuye.office.ventures.states import LoanRefusal


class RunningLoanDoubtError(LoanRefusal):
    """The register lists another loan that runs, and nobody has said what it is about."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(
            gettext(
                "贷款台账上还有在还的同类贷款，本系统没有：%(what)s。没有核实以前不签批担保；请经办人员向放款银行或担保机构核实，"
                "在这笔贷款的页面上写明结果。确实在还的，请借款人撤回，还清那一笔再申请。"
            )
            % {"what": "；".join(found)}
        )


class NothingDoubtedError(LoanRefusal):
    """The register lists no other running loan that waits to be looked into."""

    def __init__(self) -> None:
        super().__init__(gettext("台账上没有等待核实的其他在贷贷款；不用登记。"))


class DoubtReasonError(LoanRefusal):
    """How it was looked into is said in words."""

    field = "note"

    def __init__(self) -> None:
        super().__init__(gettext("请写明向谁核实、结果是什么（例如：某银行来函，已于某日还清）。"))


def note_doubts(loan: Loan, *, actor: Actor, on: date, at: datetime) -> list[str]:
    """Which other running loans the register of that day lists that nobody has looked into, in words; those that were not noted before are
    written into the loan's timeline. The caller refuses to go on after its transaction, so that the note stays."""
    found = {row.key: words_of(row) for row in doubts_of(loan, on=on)}
    noted = noted_doubts(loan, loan.timeline.filter(act__in=[NOTED, SETTLED]).order_by("pk")) if found else {}
    fresh = {key: words for key, words in found.items() if key not in noted}
    if fresh:
        note = "；".join(fresh.values())
        record(loan, NOTED, loan.state, actor=actor, on=on, at=at, note=note, details={"loans": fresh})
    return list(found.values())


def settle_doubt(*, actor: Actor, loan_id: int, note: str, on: date, at: datetime) -> LoanEvent:
    """Say what came of asking about the loans that the register lists; what it lists later is a new doubt.

    Raises NotPermittedError, HolderActsError, NothingDoubtedError, DoubtReasonError, TooLongError.
    """
    with one_act(SETTLED):
        loan = locked(loan_id)
        require(actor, "ventures.record", loan.division_code)
        require_no_relative(loan.person_id, actor)
        found = noted_doubts(loan, loan.timeline.filter(act__in=[NOTED, SETTLED]).order_by("pk"))
        found |= {row.key: words_of(row) for row in doubts_of(loan, on=on)}
        if not found:
            raise NothingDoubtedError
        if not note.strip():
            raise DoubtReasonError
        note = within(note, LONG, "向谁核实、结果是什么", "note")
        return record(
            loan, SETTLED, loan.state, actor=actor, on=on, at=at, note=note, details={"loans": found}
        )
