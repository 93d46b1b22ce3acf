"""When a loan is due, and what of it was put off, as the design system's components."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.money import yuan_text
from jiuye.office.ventures.extensions import EXTENSION_LEVELS, EXTENSION_STATES
from jiuye.office.ventures.models import Loan, LoanInstalment
from jiuye.office.ventures.plans import plan_of
from jiuye.portals.common.components import Cell, Column, Table
from jiuye.portals.common.templatetags.jiuye import day

DUE_COLUMNS = (
    Column("due", gettext_lazy("应还日期"), kind="date", heads=True),
    Column("amount", gettext_lazy("应还本金"), kind="money"),
)
EXTENSION_COLUMNS = (
    Column("was", gettext_lazy("原应还日期"), kind="date", heads=True),
    Column("until", gettext_lazy("展期后的应还日期"), kind="date"),
    Column("reason", gettext_lazy("展期理由")),
    Column("consent", gettext_lazy("银行同意展期的文书")),
    Column("state", gettext_lazy("状态")),
)


def due_table(loan: Loan) -> Table:
    """The plan of repayment: what was put off on its new day, with the contract's beside it."""
    # What came back before a loan was taken over was due on no day that is known: it is no part of the plan that is shown.
    plan = plan_of(loan)
    rows = [
        {"due": _due_cell(row, plan[row.pk]), "amount": row.principal_fen}
        for row in sorted(loan.instalments.all(), key=lambda row: (plan[row.pk], row.pk))
        if row.due_on != loan.disbursed_on
    ]
    return Table(_("还款计划"), DUE_COLUMNS, rows, empty_title=_("放款以后才有还款计划"))


def _due_cell(row: LoanInstalment, due_on: date) -> Cell:
    moved = due_on != row.due_on
    return Cell(due_on, note=_("展期；合同原定 %(due)s") % {"due": day(row.due_on)} if moved else "")


def instalment_words(loan: Loan, row: LoanInstalment, left_fen: int) -> str:
    """One instalment in a list to choose from: when it is due, and what of it is left."""
    return _("%(due)s 到期，还有 %(left)s 元没有还") % {
        "due": day(plan_of(loan)[row.pk]),
        "left": yuan_text(left_fen),
    }


def extension_table(loan: Loan) -> Table | None:
    """Every application to put an instalment off, with what was decided; None where there never was one."""
    rows = [
        {
            "was": row.was_due_on,
            "until": row.until,
            "reason": row.reason,
            "consent": Cell(row.consent, note=day(row.consented_on)),
            "state": Cell(
                _(EXTENSION_STATES[row.state]),
                level=EXTENSION_LEVELS[row.state],
                note=" · ".join(
                    part for part in (day(row.decided_on) if row.decided_on else "", row.words) if part
                ),
            ),
        }
        for row in sorted(loan.extensions.all(), key=lambda row: row.pk)
    ]
    return Table(_("展期申请"), EXTENSION_COLUMNS, rows) if rows else None
