"""Whose the work is, on lists and on the page of a case, a matter or a loan; what was late."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.casework.models import Case
from jiuye.office.casework.models.beside import ReviewOfRefusal
from jiuye.office.casework.procedures import AWAITED_STEP
from jiuye.office.casework.states import Transition
from jiuye.office.conduct import queries
from jiuye.office.conduct.models import Absence, AbsenceReason, Charge, Escalation
from jiuye.office.conduct.states import LEVELS, WHOSE
from jiuye.office.conduct.work import COLUMNS, Work, awaited_of, step_of, title_of, waits_for
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.roles import ROLES
from jiuye.office.ventures.models import Loan
from jiuye.portals.common.components import Cell, Column, Tab, Table
from jiuye.portals.common.templatetags.jiuye import content, day, english, label
from jiuye.portals.common.words import due_cell

EMPTY = {
    "mine": gettext_lazy("您手里没有要办的"),
    "nobody": gettext_lazy("没有待认领的"),
    "all": gettext_lazy("今天没有等您办理的办件"),
}
WHOSE_COLUMN = Column("whose", gettext_lazy("承办人"))
LATE_COLUMNS = (
    Column("number", gettext_lazy("办件编号"), heads=True),
    Column("what", gettext_lazy("办什么")),
    Column("office", gettext_lazy("由谁办")),
    Column("due", gettext_lazy("本环节期限")),
    Column("up", gettext_lazy("上报到")),
    WHOSE_COLUMN,
)
REVIEW_COLUMNS = (
    Column("number", gettext_lazy("办件编号"), heads=True),
    Column("applicant", gettext_lazy("申请人")),
    Column("what", gettext_lazy("复核什么")),
    Column("asked", gettext_lazy("提出日期"), kind="date"),
    Column("due", gettext_lazy("复核期限")),
)
DECLARED_COLUMNS = (
    Column("who", gettext_lazy("外出的同事"), heads=True),
    Column("time", gettext_lazy("起止")),
    Column("substitute", gettext_lazy("代办人")),
    Column("by", gettext_lazy("登记人")),
    Column("reason", gettext_lazy("原因")),
)
REVIEWED = {
    "case": gettext_lazy("不予支付的复核"),
    "matter": gettext_lazy("不予办理的复核"),
    "loan": gettext_lazy("不予担保的复核"),
}


@dataclass(frozen=True, slots=True)
class AwayRow:
    """An absence, whether posts handed on for it still wait for an administrator, and why it was declared, where the reader may know."""

    absence: Absence
    waiting: bool
    reason: str


@dataclass(frozen=True, slots=True)
class WorkView:
    """Who has a thing in hand, and what this actor may do about it."""

    charge: Charge | None
    away: Absence | None
    mine: bool
    may_take: bool
    may_hand_on: bool
    may_put_back: bool
    colleagues: Sequence[Account]
    take_url: str
    hand_on_url: str
    put_back_url: str


def whose_asked(request: HttpRequest) -> str:
    """Whose work the address asks for; everyone's where it asks for nothing we know."""
    asked = request.GET.get("whose", "")
    return asked if asked in WHOSE else "all"


def whose_tabs(current: str) -> list[Tab]:
    """Mine, unassigned, everyone's."""
    return [Tab(_(words), f"?whose={key}", current=key == current) for key, words in WHOSE.items()]


def holder_cells(things: Iterable[Work], *, on: date) -> dict[Work, Cell]:
    """Whose each of these things is that waits for an office; one query, whatever their number."""
    waiting = [thing for thing in things if step_of(thing)]
    held = queries.in_hand_of(waiting, on=on)
    return {thing: _holder_cell(held.get(thing)) for thing in waiting}


def _holder_cell(held: queries.InHand | None) -> Cell:
    if held is None or held.charge is None:
        return Cell(_("待认领"))
    note = _("外出，由%(name)s代办") % {"name": held.away.substitute.display_name} if held.away else ""
    return Cell(held.charge.holder.display_name, note=note)


def work_of(
    me: Actor, thing: Work, acts: Collection[Transition], *, on: date, theirs: bool = True
) -> WorkView | None:
    """The card of a thing that waits for an office, with the acts that its page offers; None where it waits for none. Where it is not `theirs`
    to take (a relative of the applicant), they may only give it back.
    """
    if awaited_of(thing) is None:
        return None
    held = queries.in_hand_with_colleagues(me, thing, on=on)
    charge, away = held.charge, held.away
    mine = charge is not None and charge.holder_id == me.account_id
    stands_in = away is not None and away.substitute_id == me.account_id
    has_it = mine or stands_in or me.may("conduct.oversee", thing.division_code)
    may_hand_on = has_it and theirs
    kind = COLUMNS[type(thing)]
    return WorkView(
        charge=charge,
        away=away,
        mine=mine,
        may_take=theirs and not mine and not stands_in and _waits(me, thing, acts, on),
        may_hand_on=may_hand_on,
        may_put_back=has_it and charge is not None,
        colleagues=held.colleagues if may_hand_on else (),
        take_url=reverse(f"desk:take_{kind}", args=[thing.pk]),
        hand_on_url=reverse(f"desk:hand_on_{kind}", args=[thing.pk]),
        put_back_url=reverse(f"desk:put_back_{kind}", args=[thing.pk]),
    )


def _waits(me: Actor, thing: Work, acts: Collection[Transition], on: date) -> bool:
    """Told by the acts of the page. A batch is made on another page, and a loan's acts do not say who signed: both are asked for."""
    if isinstance(thing, Loan):
        return waits_for(me, thing, on=on)
    act = AWAITED_STEP.get(thing.state, "") if isinstance(thing, Case) else thing.awaits
    return waits_for(me, thing, on=on) if act == "put_into_batch" else any(row.act == act for row in acts)


def reviews_table(rows: Iterable[ReviewOfRefusal], *, on: date) -> Table:
    """Reviews of refusals that wait for this officer, each opening to where it is answered."""
    shown = [
        {
            "number": Cell(row.refused.number, url=f"{_url(row.refused)}#reviews"),
            "applicant": _applicant(row.refused),
            "what": Cell(_title(row.refused), note=REVIEWED[row.of]),
            "asked": row.asked_on,
            "due": due_cell(row.due_on, on),
        }
        for row in rows
    ]
    return Table(_("等我复核"), REVIEW_COLUMNS, shown, empty_title=_("没有等您复核的"))


def _applicant(thing: Work) -> str:
    if isinstance(thing, Case):
        return thing.masked_recipient
    return thing.masked_borrower if isinstance(thing, Loan) else thing.masked_applicant


def _title(thing: Work) -> str:
    title, title_en = title_of(thing)
    return title_en if english() and title_en else title


def _url(thing: Work) -> str:
    return reverse(f"desk:{COLUMNS[type(thing)]}", args=[thing.pk])


def away_rows(me: Actor, absences: Sequence[Absence]) -> dict[int, AwayRow]:
    """By the key of each absence how its page shows it to this actor."""
    waiting, reasons = queries.posts_waiting(absences), queries.reasons_of(absences, actor=me)
    return {
        row.pk: AwayRow(row, row.pk in waiting, reasons[row.pk].reason if row.pk in reasons else "")
        for row in absences
    }


def declared_table(reasons: Iterable[AbsenceReason]) -> Table:
    """Absences that heads and administrators declared for their colleagues, for whoever audits them."""
    shown: list[dict[str, Any]] = [
        {
            "who": row.absence.account.display_name,
            "time": f"{day(row.absence.start)} – {day(row.absence.until)}",
            "substitute": row.absence.substitute.display_name,
            "by": Cell(
                row.absence.declared_by.display_name if row.absence.declared_by else "—",
                note=day(row.absence.declared_on),
            ),
            "reason": row.reason,
        }
        for row in reasons
    ]
    return Table(
        _("替同事登记的外出"),
        DECLARED_COLUMNS,
        shown,
        empty_title=_("没有替同事登记的外出"),
        show_caption=True,
    )


def late_table(rows: Sequence[Escalation], names: dict[str, str], *, on: date) -> Table:
    """What went up, each opening to its case, matter, loan or mark."""
    steps = {row.pk: step for row in rows if (step := row.case or row.matter or row.loan) is not None}
    whose = holder_cells(set(steps.values()), on=on)
    shown: list[dict[str, Any]] = [
        {
            "number": Cell(row.thing.number, url=_late_url(row)),
            "what": Cell(_title(row.thing), note=_late_why(row)),
            "office": Cell(names.get(row.from_division, row.from_division), note=label(ROLES[row.role])),
            "due": due_cell(row.due_on, on),
            "up": _up(row, names),
            "whose": whose[steps[row.pk]] if row.pk in steps else Cell(_awaited(row)),
        }
        for row in rows
    ]
    return Table(_("逾期上报"), LATE_COLUMNS, shown, empty_title=_("没有逾期上报的"))


def _up(row: Escalation, names: dict[str, str]) -> Cell:
    """Where it went up to; what the city's own office owes has only the city's leader above it."""
    top = row.to_division == row.from_division
    name = _("市领导（上面再没有机构）") if top else names.get(row.to_division, row.to_division)
    return Cell(name, note=day(row.on_date))


def _late_url(row: Escalation) -> str:
    if row.rating_id is not None:
        return reverse("desk:rating", args=[row.rating_id])
    if row.due_review_id is not None:
        return f"{_url(row.thing)}#review"
    at = "#promised" if row.promised_id is not None else "#reviews" if row.review is not None else ""
    return f"{_url(row.thing)}{at}"


def _late_why(row: Escalation) -> str:
    """What beside a step was late."""
    if row.rating is not None:
        return _("评价“%(level)s”没有按期回复") % {"level": _(LEVELS[row.rating.level])}
    if row.review is not None:
        return _("%(what)s没有按期办理") % {"what": REVIEWED[row.review.of]}
    if row.loan_id is not None:
        return _("贷款申请没有按期答复")
    if row.due_review_id is not None:
        return _("到期复核没有按期办理")
    if row.promised is not None:
        return _("承诺的服务“%(service)s”没有按期提供") % {"service": content(row.promised)}
    return ""


def _awaited(row: Escalation) -> str:
    """What it waits for, where nobody can have it in hand."""
    if row.promised_id is not None:
        return _("待提供")
    return _("待回复") if row.rating_id is not None else _("待复核")
