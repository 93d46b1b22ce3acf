"""Visits and calls on the page of a resident, an employer, a case, a matter or a loan; and the list of what is to be done next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.office.casework.models import Case
from jiuye.office.conduct import queries
from jiuye.office.conduct.models import Contact
from jiuye.office.conduct.states import CONTACT_KINDS, NOT_REACHED, REACHED
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer, Person
from jiuye.office.staff.queries import Actor
from jiuye.office.ventures.models import Loan
from jiuye.portals.common.actors import CHINA
from jiuye.portals.common.components import Cell, Column, Step, Table
from jiuye.portals.common.templatetags.jiuye import day
from jiuye.portals.common.words import due_cell
from jiuye.portals.desk.contacts.forms import ContactForm

HIDDEN = "••••••"
COLUMNS = (
    Column("next", gettext_lazy("下一步"), heads=True),
    Column("who", gettext_lazy("和谁")),
    Column("about", gettext_lazy("关于")),
    Column("due", gettext_lazy("日期")),
    Column("by", gettext_lazy("经办人")),
)


NOT_REACHED_COLUMNS = (
    Column("who", gettext_lazy("谁"), heads=True),
    Column("last", gettext_lazy("最近一次")),
    Column("about", gettext_lazy("关于")),
    Column("due", gettext_lazy("下一步日期")),
    Column("by", gettext_lazy("经办人")),
)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """One visit or call as its card shows it: the words are masked until a look is recorded."""

    contact: Contact
    kind: str
    reached: str
    level: str
    about: str
    about_url: str
    reveal_url: str
    done: bool
    hidden: str = HIDDEN


@dataclass(frozen=True, slots=True)
class ContactCard:
    """The visits and calls of one page, the form for another, and where it is posted."""

    rows: Sequence[ContactRow]
    form: ContactForm | None
    url: str


def card_of(
    me: Actor, of: Person | Employer | Case | Matter | Loan, *, on: date, form: ContactForm | None = None
) -> ContactCard:
    """Everything noted with whoever it is; on the page of a case, matter or loan what was noted about that one only. One query."""
    if isinstance(of, Person | Employer):
        key = "person_id" if isinstance(of, Person) else "employer_id"
        found = queries.contacts_with(me, **{key: of.pk})
        shown, division = found, (of.residence_division_id if isinstance(of, Person) else of.division_id)
    else:
        of_person = _of_person(of)
        found = queries.contacts_with(
            me,
            person_id=of.person_id if of_person else None,
            employer_id=None if of_person else of.employer_id,
        )
        shown = [row for row in found if of in (row.case, row.matter, row.loan)]
        division = of.division_code
    kind = type(of).__name__.lower()
    open_steps = [row for row in found if is_open(row)]
    may_log = me.may("conduct.contact", str(division or ""))
    return ContactCard(
        rows=[_row(row, me, named=isinstance(of, Person | Employer)) for row in shown],
        form=(form or ContactForm(on=on, open_steps=open_steps)) if may_log else None,
        url=reverse(f"desk:contact_{kind}", args=[of.pk]),
    )


def _of_person(of: Case | Matter | Loan) -> bool:
    if isinstance(of, Loan):
        return of.person_id is not None
    return (of.recipient_kind if isinstance(of, Case) else of.applicant_kind) == "person"


def is_open(contact: Contact) -> bool:
    """True where a next step stands that nobody has done."""
    return contact.next_on is not None and getattr(contact, "followed", None) is None


def _row(contact: Contact, me: Actor, *, named: bool) -> ContactRow:
    """`named`: with the case, matter or loan that it was about, where the page is not that one's own."""
    may_look = me.may("registry.reveal", contact.division_code)
    about, url = _about(contact) if named else ("", "")
    return ContactRow(
        contact=contact,
        kind=_(CONTACT_KINDS[contact.kind]),
        reached=reached_words(contact),
        level="watch" if contact.reached in NOT_REACHED else "good",
        about=about,
        about_url=url,
        reveal_url=reverse("desk:contact_look", args=[contact.pk]) if may_look else "",
        done=contact.next_on is not None and not is_open(contact),
    )


def reached_words(contact: Contact) -> str:
    """Whether anybody was reached; empty for what was noted before that was asked."""
    return _(REACHED[contact.reached]) if contact.reached else ""


def _about(contact: Contact) -> tuple[str, str]:
    if contact.case is not None:
        return contact.case.number, reverse("desk:case", args=[contact.case.pk])
    if contact.matter is not None:
        return contact.matter.number, reverse("desk:matter", args=[contact.matter.pk])
    if contact.loan is not None:
        return contact.loan.number, reverse("desk:loan", args=[contact.loan.pk])
    return "", ""


def with_contacts(steps: list[Step], card: ContactCard) -> list[Step]:
    """The timeline of a case, matter or loan with its visits and calls between what happened; what is still to come stays last."""
    found = list(steps)
    for row in reversed(card.rows):  # the newest stands first on the card
        noted = row.contact
        earlier = noted.made_on < noted.on_date
        when = datetime.combine(noted.made_on, time(23, 59), CHINA) if earlier else noted.at
        words = _("下一步：%(day)s") % {"day": day(noted.next_on)} if noted.next_on else ""
        later = (
            place
            for place, step in enumerate(found)
            if not isinstance(step.when, datetime) or step.when > when
        )
        words = "；".join(filter(None, (row.reached, words)))
        found.insert(next(later, len(found)), Step(row.kind, when=when, who=noted.made_by_name, note=words))
    return found


def to_do_table(contacts: Iterable[Contact], *, on: date) -> Table:
    """What is to be done next, each opening to whom it is about."""
    rows: list[dict[str, Any]] = []
    for contact in contacts:
        about, url = _about(contact)
        who, who_url = _who(contact)
        rows.append(
            {
                "next": Cell(contact.next_step, url=url or who_url),
                "who": Cell(who, url=who_url, note=_last(contact)),
                "about": Cell(about, url=url) if about else Cell("—", absent=True),
                "due": due_cell(contact.next_on, on),
                "by": contact.made_by_name,
            }
        )
    return Table(_("下一步"), COLUMNS, rows, empty_title=_("没有要做的下一步"))


def _last(contact: Contact) -> str:
    return " ".join(
        filter(None, (_(CONTACT_KINDS[contact.kind]), day(contact.made_on), reached_words(contact)))
    )


def not_reached_table(contacts: Iterable[Contact], *, on: date) -> Table:
    """Whom the last visit or call did not reach, each opening to whom it is."""
    rows: list[dict[str, Any]] = []
    for contact in contacts:
        about, url = _about(contact)
        who, who_url = _who(contact)
        rows.append(
            {
                "who": Cell(who, url=who_url),
                "last": _last(contact),
                "about": Cell(about, url=url) if about else Cell("—", absent=True),
                "due": due_cell(contact.next_on, on) if is_open(contact) else Cell("—", absent=True),
                "by": contact.made_by_name,
            }
        )
    return Table(
        _("没联系上的"),
        NOT_REACHED_COLUMNS,
        rows,
        empty_title=_("没有没联系上的人"),
        empty_text=_("最近一次走访或电话没有联系上的居民和单位列在这里。"),
    )


def _who(contact: Contact) -> tuple[str, str]:
    if contact.person is not None:
        return contact.person.masked_name, reverse("desk:person", args=[contact.person.pk])
    assert contact.employer is not None  # held by a constraint
    return contact.employer.name, reverse("desk:employer", args=[contact.employer.pk])
