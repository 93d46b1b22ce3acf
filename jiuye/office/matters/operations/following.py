"""What follows by itself once a matter is granted: statuses, employment, a plan of promised services, the next matter."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext

from jiuye.engine.basis.dates import add_months, days_later
from jiuye.engine.basis.money import fen_from_yuan
from jiuye.engine.services import Item
from jiuye.engine.services.items import Follow, Milestone
from jiuye.office.casework.refusals import Refusal
from jiuye.office.casework.timeline import record
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.entitlements.values import values_now
from jiuye.office.matters.content import item_of
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.limits import party, resident_of
from jiuye.office.matters.models import Matter, PromisedService, ServiceClosing, ServiceGiven
from jiuye.office.matters.operations.drafting import open_draft
from jiuye.office.matters.operations.steps import locked, one_act
from jiuye.office.matters.telling_apart import open_of
from jiuye.office.registry import decided
from jiuye.office.registry.models import Employer, Person, Status
from jiuye.office.skills.decided import begin_traineeship
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import SHORT, within
from jiuye.office.staff.rows import unscoped


class NothingPromisedError(Refusal):
    """The matter promised no such service."""

    def __init__(self) -> None:
        super().__init__(gettext("这件事项没有承诺这项服务；请核对。"))


class ServiceClosedError(Refusal):
    """What was closed without being given is neither given nor closed again before it is opened again."""

    def __init__(self, closing: ServiceClosing) -> None:
        super().__init__(
            gettext("这项服务已由%(who)s于 %(day)s 了结（%(why)s）；要继续提供的，请先重新打开。")
            % {"who": closing.closed_by_name, "day": closing.on_date.isoformat(), "why": closing.says}
        )


class SayWhatError(Refusal):
    """A service is put on record with what was done."""

    def __init__(self) -> None:
        super().__init__(gettext("请写明提供了什么服务、推荐了哪个岗位。"))


class NotYetError(Refusal):
    """A service that lies in the future, or before the plan began."""

    def __init__(self, begun: date) -> None:
        super().__init__(gettext("提供日期应在 %(begun)s 到今天之间。") % {"begun": begun.isoformat()})


ENDS = ("end_status", "end_employment")


def end_what_is_over(matter: Matter, item: Item, *, on: date, at: datetime) -> list[str]:
    """What the applicant says is over (the job that was lost) ends first, so that the conditions are decided on what is true now.

    In the transaction of the decision: a matter that is not granted ends nothing.
    """
    return _all(matter, item, [row for row in item.follows if _comes_first(row)], on, at)


def _comes_first(row: Follow) -> bool:
    return row.do in ENDS and not row.last


def follow(matter: Matter, item: Item, ended: list[str], *, on: date, at: datetime) -> None:
    """Do the rest, in the transaction of the decision, and write down all of it. Raises FactRefusedError where the registry refuses."""
    done = ended + _all(matter, item, [row for row in item.follows if not _comes_first(row)], on, at)
    if done:
        record(matter, "follow", actor=None, on=on, at=at, note="；".join(done))


def _all(matter: Matter, item: Item, rows: list[Follow], on: date, at: datetime) -> list[str]:
    answers = answers_of(matter)
    found = [_one(matter, row, answers, on, at) for row in rows if row.applies(answers)]
    return [words for words in found if words]


def _one(matter: Matter, row: Follow, answers: dict[str, str], on: date, at: datetime) -> str:
    start = start_of(row, answers, on)
    if row.do == "open":
        return _open_next(matter, row, on, at)
    if row.do == "plan":
        return _promise(matter, row, on)
    if row.do == "list_employer":
        return _list_employer(matter, row, on, at)
    if row.do in ("review", "exit"):
        return ""
    written = [
        _write(person, row, answers, start, matter, on, at) for person in people_of(matter, row, answers, on)
    ]
    return "；".join(words for words in written if words)


@unscoped(
    "a household's matter concerns its members wherever they live; it was decided where its applicant lives"
)
def people_of(matter: Matter, row: Follow, answers: dict[str, str], on: date) -> list[Person]:
    """Whom a row concerns: the applicant, whom an answer names, or everybody alive in the household for whom its fact holds today."""
    if row.person:
        named = resident_of(answers.get(row.person, ""))
        return [named] if named is not None else []
    if row.to == "applicant" or matter.household_id is None:
        return [matter.person] if matter.person is not None else []
    found = Person.objects.filter(household_id=matter.household_id, death_date__isnull=True).order_by("pk")
    people = list(found)
    if not row.who:
        return people
    keys = [person.pk for person in people]
    values = values_now(entity="person", keys=keys, paths=[row.who], on=on)
    return [person for person in people if values[person.pk][row.who].value is True]


def _list_employer(matter: Matter, row: Follow, on: date, at: datetime) -> str:
    if matter.employer is None:
        return ""
    changed = decided.list_employer(
        employer=matter.employer, register=row.register, listed=True, on=on, at=at
    )
    return gettext("列入“%(list)s”名录") % {"list": list_name(row.register)} if changed else ""


def list_name(register: str) -> str:
    """What a list of employers is called."""
    return gettext(str(Employer._meta.get_field(register).verbose_name))


@unscoped("whom a matter concerns may live, and the employer lie, beyond the places of who decides it")
def _write(
    person: Person, row: Follow, answers: dict[str, str], start: date, matter: Matter, on: date, at: datetime
) -> str:
    """A status, an employment or a traineeship begins or ends; the words say which."""
    if row.do == "begin_status":
        status = decided.begin_status(
            person=person,
            kind=row.status,
            category=answers.get(row.category, "") if row.category else "",
            start=start,
            document=matter.number,
            on=on,
            at=at,
        )
        words = {"status": status.get_kind_display(), "start": status.start.isoformat()}
        if row.to == "household":
            return gettext("%(name)s登记“%(status)s”，自 %(start)s 起") % (
                {"name": person.masked_name} | words
            )
        return gettext("登记“%(status)s”，自 %(start)s 起") % words
    if row.do == "end_status":
        count = decided.end_statuses(person=person, kind=row.status, until=start, on=on, at=at)
        return gettext("终止原有身份 %(count)d 条") % {"count": count} if count else ""
    if row.do == "begin_employment":
        return _begin_employment(person, row, answers, start, matter, on, at)
    if row.do == "begin_traineeship":
        return _begin_traineeship(person, row, answers, start, on, at)
    ended = decided.end_employments(
        person=person, until=start, because=answers.get("reason", ""), on=on, at=at
    )
    return gettext("终止就业 %(count)d 条") % {"count": len(ended)} if ended else ""


def _begin_employment(
    person: Person, row: Follow, answers: dict[str, str], start: date, matter: Matter, on: date, at: datetime
) -> str:
    spell = decided.begin_employment(
        person=person,
        kind=row.employment,
        start=start,
        employer=party(answers[row.employer]) if answers.get(row.employer) else matter.employer,
        contract_months=int(answers[row.term]) if answers.get(row.term) else None,
        monthly_wage_fen=fen_from_yuan(answers[row.pay]) if answers.get(row.pay) else None,
        on=on,
        at=at,
    )
    if spell.employer is None:
        return gettext("登记就业（%(kind)s），自 %(start)s 起") % {
            "kind": spell.get_kind_display(),
            "start": spell.start.isoformat(),
        }
    return gettext("登记就业（%(kind)s，%(employer)s），自 %(start)s 起") % {
        "kind": spell.get_kind_display(),
        "employer": spell.employer.name,
        "start": spell.start.isoformat(),
    }


def _begin_traineeship(
    person: Person, row: Follow, answers: dict[str, str], start: date, on: date, at: datetime
) -> str:
    employer = party(answers[row.employer])
    assert employer is not None  # the form was checked when it was handed in, and employers are never removed
    insured = answers.get(row.insured, "")
    kept = begin_traineeship(
        person=person,
        employer=employer,
        start=start,
        until=add_months(start, int(answers[row.term])),
        monthly_stipend_fen=fen_from_yuan(answers[row.pay]),
        position=answers.get(row.post, ""),
        accident_insured=insured == "yes" if insured else None,
        on=on,
        at=at,
    )
    return gettext("登记见习（%(employer)s），%(start)s 至 %(until)s") % {
        "employer": employer.name,
        "start": kept.start.isoformat(),
        "until": days_later(kept.until, -1).isoformat(),
    }


def start_of(row: Follow, answers: dict[str, str], on: date) -> date:
    """The day on which what the row writes begins: what the form says, or the day of the decision."""
    text = answers.get(row.start, "") if row.start != "decided_on" else ""
    return date.fromisoformat(text) if text else on


def _open_next(matter: Matter, row: Follow, on: date, at: datetime) -> str:
    """A draft of the next matter, filled in; the applicant finds it among their own. One that is open stays, and nothing is begun for whom
    `who` does not hold today, or who has already what it gives.
    """
    item = item_of(row.item)
    applicant: Person | Employer = getattr(matter, matter.applicant_kind)
    if open_of(item, applicant, {}) is not None or _holds(applicant, item, on):
        return ""
    if row.who:
        values = values_now(entity=matter.applicant_kind, keys=[applicant.pk], paths=[row.who], on=on)
        if values[applicant.pk][row.who].value is not True:
            return ""
    opened = open_draft(
        item,
        applicant,
        division=matter.division_code,
        way="system",
        life_event=matter.life_event,
        actor=None,
        on=on,
        at=at,
    )
    return gettext("接着办“%(item)s”（%(number)s）") % {"item": item.name, "number": opened.number}


def _holds(applicant: Person | Employer, item: Item, on: date) -> bool:
    """Whether the resident has a status today that the item gives to everybody."""
    kinds = {row.status for row in item.follows if row.do == "begin_status" and row.when is None}
    if not kinds or not isinstance(applicant, Person):
        return False
    now = Q(until__isnull=True) | Q(until__gt=on)
    return Status.objects.filter(now, person=applicant, start__lte=on, kind__in=kinds).exists()


def _promise(matter: Matter, row: Follow, on: date) -> str:
    for milestone in row.milestones:
        PromisedService.objects.create(
            matter=matter,
            milestone_id=milestone.id,
            name=milestone.name,
            name_en=milestone.name_en,
            times=milestone.times,
            due_on=_due(milestone, on),
        )
    return gettext("承诺服务：%(services)s") % {
        "services": "、".join(f"{one.name} {one.times} 次" for one in row.milestones)
    }


def _due(milestone: Milestone, on: date) -> date | None:
    """The last day by which a service is owed; None where the plan names none."""
    if milestone.by_year_end:
        return date(on.year, 12, 31)
    return on + timedelta(days=milestone.within_days) if milestone.within_days is not None else None


@unscoped("what the applicant keeps with us may be listed where they lived before")
def _let_go(matter: Matter, milestone_id: str, given_on: date, on: date, at: datetime) -> list[str]:
    """What a given service takes from our keeping, in words; that none was on record is said as well."""
    plans = [row for row in item_of(matter.item_id).follows if row.do == "plan"]
    milestone = next((one for row in plans for one in row.milestones if one.id == milestone_id), None)
    if milestone is None or not milestone.ends:
        return []
    owner: Person | Employer = getattr(matter, matter.applicant_kind)
    ended = decided.end_things(owner=owner, entity=milestone.ends, until=given_on, on=on, at=at)
    name = rulebook().pack.vocabulary.entities[milestone.ends].label
    if not ended:
        return [gettext("登记里没有在我们这里的%(thing)s，没有可以转出的") % {"thing": name}]
    keys = "、".join(row.key for row in ended)
    return [
        gettext("%(thing)s（%(keys)s）自 %(day)s 起不在我们这里")
        % {"thing": name, "keys": keys, "day": given_on.isoformat()}
    ]


def give_service(
    *, actor: Actor, promised_id: int, given_on: date, note: str, on: date, at: datetime
) -> ServiceGiven:
    """Put one service of the plan on record. The very same one of the day is returned, not written twice.

    Raises NothingPromisedError, NotPermittedError, ServiceClosedError, SayWhatError, TooLongError, NotYetError.
    """
    with one_act("milestone"):
        promised = PromisedService.objects.select_related("matter").filter(pk=promised_id).first()
        if promised is None:
            raise NothingPromisedError
        matter = locked(promised.matter_id)
        require(actor, "matters.serve", matter.division_code)
        if promised.closing is not None:
            raise ServiceClosedError(promised.closing)
        if not note.strip():
            raise SayWhatError
        note = within(note, SHORT, "做了什么", "note")
        begun = matter.decided_on or matter.started_on
        if not begun <= given_on <= on:
            raise NotYetError(begun)
        given, is_new = ServiceGiven.objects.get_or_create(
            promised=promised,
            on_date=given_on,
            note=note,
            defaults={"given_by_id": actor.account_id, "at": at},
        )
        if is_new:
            left = _let_go(matter, promised.milestone_id, given_on, on, at)
            record(
                matter,
                "milestone",
                actor=actor,
                on=on,
                at=at,
                note="；".join([f"{promised.name}：{note}", *left]),
                details={"promised": promised.pk, "on": given_on.isoformat()},
            )
    return given
