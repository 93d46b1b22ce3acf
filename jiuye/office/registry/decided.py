"""What a decided matter writes into the registry: a status or an employment begins or ends.

The decision was permitted where it was made, and its number is the fact's document; so that these acts ask for no permission of their
own. They are called inside the transaction of the decision, and by nothing else.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from jiuye.office.registry.models import Employer, EmploymentSpell, Person, RegisteredThing, Status
from jiuye.office.registry.operations import _ended, _lock, _not_after, _saved, _tell
from jiuye.office.registry.signals import employers_changed

SOURCE = "事项办结"


def begin_status(
    *,
    person: Person,
    kind: str,
    start: date,
    document: str,
    on: date,
    at: datetime,
    category: str = "",
) -> Status:
    """The status begins; one of this kind that is open already stays as it is and is returned.

    Raises FactRefusedError where the fact contradicts what is on record.
    """
    _not_after(start, on, "")
    _lock(person)
    open_one = Status.objects.filter(person=person, kind=kind, category=category, until__isnull=True)
    if (same := open_one.order_by("pk").first()) is not None:
        return same
    status = _saved(
        Status(person=person, kind=kind, category=category, start=start, document=document, source=SOURCE)
    )
    _tell(person, on, at)
    return status


def end_statuses(
    *, person: Person, kind: str, until: date, on: date, at: datetime, category: str = ""
) -> int:
    """Every open status of this kind (and category, where one is named) ends: `until` is the first day without it. Returns how many."""
    _lock(person)
    found = Status.objects.filter(person=person, kind=kind, until__isnull=True)
    rows = list((found.filter(category=category) if category else found).order_by("pk"))
    for row in rows:
        if row.start < until:
            _ended(row, str(row.get_kind_display()), until, on, at)
    return len(rows)


def begin_employment(
    *,
    person: Person,
    kind: str,
    start: date,
    employer: Employer | None,
    on: date,
    at: datetime,
    contract_months: int | None = None,
    monthly_wage_fen: int | None = None,
) -> EmploymentSpell:
    """The employment begins; the very same one on record is returned. Raises FactRefusedError.

    A business of one's own that is on record since that day without its name is the same one, and from now on has it.
    """
    _not_after(start, on, "")
    _lock(person)
    same = EmploymentSpell.objects.filter(person=person, kind=kind, start=start)
    if (found := same.filter(employer=employer).order_by("pk").first()) is not None:
        return found
    if kind == "self_employed" and employer is not None:
        nameless = same.filter(employer__isnull=True, until__isnull=True).order_by("pk").first()
        if nameless is not None:
            nameless.employer = employer
            _saved(nameless)
            _tell(person, on, at)
            return nameless
    spell = _saved(
        EmploymentSpell(
            person=person,
            kind=kind,
            start=start,
            employer=employer,
            contract_months=contract_months,
            monthly_wage_fen=monthly_wage_fen,
            source=SOURCE,
        )
    )
    _tell(person, on, at)
    return spell


def end_employments(
    *, person: Person, until: date, because: str, on: date, at: datetime
) -> list[EmploymentSpell]:
    """Every open employment ends: `until` is the first day after it. Whether the person wanted it stays unknown."""
    _lock(person)
    rows = list(EmploymentSpell.objects.filter(person=person, until__isnull=True).order_by("pk"))
    for row in rows:
        row.ended_because = because[:40]
        if row.start < until:
            _ended(row, str(row.get_kind_display()), until, on, at)
    return rows


def end_employment(
    *,
    person: Person,
    kind: str,
    start: date,
    employer: Employer | None,
    until: date,
    because: str,
    on: date,
    at: datetime,
) -> EmploymentSpell | None:
    """The one employment that began like this ends: `until` is the first day after it. None where it has ended otherwise already."""
    _lock(person)
    same = EmploymentSpell.objects.filter(person=person, kind=kind, start=start, employer=employer)
    found = same.filter(until__isnull=True).select_related("person").order_by("pk").first()
    if found is None:
        return None
    found.ended_because = because[:40]
    ended: EmploymentSpell = _ended(found, str(found.get_kind_display()), until, on, at)
    if employer is not None:
        employers_changed.send(sender=Employer, employer_ids=[employer.pk], on=on, at=at)
    return ended


def end_things(
    *, owner: Person | Employer, entity: str, until: date, on: date, at: datetime
) -> list[RegisteredThing]:
    """Every thing of that kind which the owner has on record ends: `until` is the first day without it. Returns them.

    A register that lists one again brings it back, as it does with every thing.
    """
    mine = {"person" if isinstance(owner, Person) else "employer": owner}
    if isinstance(owner, Person):
        _lock(owner)
    rows = list(
        RegisteredThing.objects.select_for_update(of=("self",))
        .filter(entity=entity, until__isnull=True, **mine)
        .order_by("pk")
    )
    for row in rows:
        row.until = max(until, row.start + timedelta(days=1))  # an interval is never empty
        _saved(row)
    if rows and isinstance(owner, Person):
        _tell(owner, on, at)
    elif rows:
        employers_changed.send(sender=Employer, employer_ids=[owner.pk], on=on, at=at)
    return rows


# The lists of employers that an item may put one on, by the fact that says so.
LISTS = ("traineeship_base",)


def list_employer(*, employer: Employer, register: str, listed: bool, on: date, at: datetime) -> bool:
    """The employer is on that list, or no longer; whether anything changed. Raises KeyError for a list that the registry does not keep."""
    if register not in LISTS:
        raise KeyError(f"{register!r} is no list of employers that the registry keeps: {', '.join(LISTS)}")
    locked = Employer.objects.select_for_update(of=("self",)).get(pk=employer.pk)
    if getattr(locked, register) == listed:
        return False
    setattr(locked, register, listed)
    locked.save(update_fields=[register])
    employers_changed.send(sender=Employer, employer_ids=[locked.pk], on=on, at=at)
    return True
