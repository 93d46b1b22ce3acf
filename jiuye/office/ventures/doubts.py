"""A running loan that the register knows and the book does not: a doubt about an application, settled by a person before anybody signs.

No document on file says that two guaranteed loans may not run side by side, and the register is delivered once a month: it may still
list what has been paid back. So nothing is refused by itself. Somebody asks the other bank or office, and says what came of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import gettext

from jiuye.engine.basis.money import yuan_text
from jiuye.office.registry.models import EmploymentSpell, RegisterRecord
from jiuye.office.staff.rows import unscoped
from jiuye.office.ventures.models import Loan, LoanEvent
from jiuye.office.ventures.registered import (
    ISSUED,
    KIND,
    NoLoanRegisterError,
    Registered,
    current_records,
    known_in_book,
    loan_binding,
    registered_of,
    with_issued_text,
)
from jiuye.office.ventures.states import APPLYING

NOTED, SETTLED = "doubt", "settle_doubt"


@dataclass(frozen=True, slots=True)
class RunningLoan:
    """One loan that runs by the register alone: of which business, and what the register says of it."""

    employer_id: int
    employer_name: str
    said: Registered

    @property
    def key(self) -> str:
        """Which loan is meant. Its balance changes with each delivery, the business and the day of the payout do not."""
        return f"{self.employer_id}:{self.said.kind}:{self.said.issued_on or '-'}"


def doubts_of(loan: Loan, *, on: date) -> list[RunningLoan]:
    """The register's running loans of that day that nobody has looked into for this application; none once it has been answered."""
    if loan.state not in APPLYING:
        return []
    found = running_by_register(kind=loan.kind, employer_id=loan.employer_id, person_id=loan.person_id, on=on)
    if not found:
        return []
    settled = _keys(loan.timeline.filter(act=SETTLED).order_by("pk"), SETTLED)
    return [row for row in found if row.key not in settled]


def noted_doubts(loan: Loan, timeline: Iterable[LoanEvent]) -> dict[str, str]:
    """What stands in the loan's timeline as a doubt and was not settled, in words by the loan that is meant; none once it was answered.

    A page reads this; whoever signs has the register itself looked at (`doubts_of`).
    """
    if loan.state not in APPLYING:
        return {}
    events = list(timeline)
    settled = _keys(events, SETTLED)
    noted = [event.details["loans"] for event in events if event.act == NOTED]
    return {key: words for one in noted for key, words in one.items() if key not in settled}


def _keys(events: Iterable[LoanEvent], act: str) -> set[str]:
    return {key for event in events if event.act == act for key in event.details["loans"]}


@unscoped("a founder's other business may lie in another county")
def running_by_register(*, kind: str, employer_id: int, person_id: int | None, on: date) -> list[RunningLoan]:
    """The loans of that kind that run by the register and stand in no book of ours: of the business that asks, and of every business that
    the founder ran when the loan was paid out. None where the pack has no register of loans: then nobody can know."""
    try:
        of_kind, issued = loan_binding(KIND), loan_binding(ISSUED)
    except NoLoanRegisterError:
        return []
    ran = list(
        EmploymentSpell.objects.filter(person_id=person_id, kind="self_employed", start__lte=on)
        .exclude(employer_id=None)
        .order_by("start", "pk")
        if person_id is not None
        else ()
    )
    records = (
        current_records(on)
        .filter(register=of_kind.register, employer_id__in={employer_id, *(row.employer_id for row in ran)})
        .annotate(
            said_kind=KT(f"facts__{of_kind.fact}"),
            # A day that the register leaves open is equal to no payout of the book.
            said_issued=Coalesce(KT(f"facts__{issued.fact}"), Value("", output_field=TextField())),
        )
        .filter(said_kind=kind)
    )
    in_book = with_issued_text(Loan.objects.filter(employer=OuterRef("employer"))).filter(
        known_in_book(OuterRef("said_kind"), OuterRef("said_issued"))
    )
    found = []
    for record in records.filter(~Exists(in_book)).select_related("employer").order_by("employer_id", "pk"):
        said = registered_of(record)
        # Paid back by the register's own word; where it names no balance nothing shows that it was.
        if said.balance_fen == 0:
            continue
        if record.employer_id == employer_id or _ran_it(ran, record, said):
            found.append(RunningLoan(record.employer_id, record.employer.name, said))
    return found


def _ran_it(ran: Iterable[EmploymentSpell], record: RegisterRecord, said: Registered) -> bool:
    """Whether the founder ran that business when its loan was paid out; where the register names no day, at any time."""
    day = said.issued_on
    return any(
        row.employer_id == record.employer_id
        and (day is None or (row.start <= day and (row.until is None or day < row.until)))
        for row in ran
    )


def words_of(row: RunningLoan) -> str:
    """Which loan it is, in words."""
    return gettext("“%(name)s”%(issued)s发放、余额 %(balance)s 元") % {
        "name": row.employer_name,
        "issued": f" {row.said.issued_on.isoformat()} " if row.said.issued_on else gettext("（日期没有记）"),
        "balance": yuan_text(row.said.balance_fen) if row.said.balance_fen is not None else gettext("没有记"),
    }
