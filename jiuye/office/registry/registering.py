"""A resident or an employer on no register yet, put on record singly at a counter.

Values are cleaned and judged as an import does it (`judging`). Whoever is there already is left as they are: under the very number nothing is
registered again, and who is only alike must have been seen and told apart by the officer. The record, who made it on which paper, and the
first decisions on what it is entitled to are one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import pghistory
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from jiuye.office.registry.alike import Alike, employer_of_code, employers_like, people_like, person_of_number
from jiuye.office.registry.judging import Judged, judged_employer, judged_person
from jiuye.office.registry.models import CounterRegistration, Employer, Person
from jiuye.office.registry.operations import CHANGE, FactRefusedError, _saved
from jiuye.office.registry.queries import SEE
from jiuye.office.registry.secrets import blind_index, mask_name
from jiuye.office.registry.signals import employers_changed, people_changed
from jiuye.office.registry.states import EMPLOYER_PAPERS, PERSON_PAPERS
from jiuye.office.staff.queries import Actor, require
from jiuye.office.staff.refusals import LINE, NAME, plain

Record = TypeVar("Record", Person, Employer)


class NotRegisteredError(FactRefusedError):
    """What was written cannot be registered. `wrong` are the sentences, each with the field that it is about ("" for none)."""

    def __init__(self, wrong: list[tuple[str, str]]) -> None:
        self.wrong = wrong
        super().__init__([sentence for _field, sentence in wrong])


class OwnRecordError(NotRegisteredError):
    """The officer bears the resident's name, or that of whoever came for the employer."""

    def __init__(self, field: str) -> None:
        words = _("登记的人或来办理的人与您同名，为回避，不能由您登记；请由同一窗口的另一位人员办理。")
        super().__init__([(field, words)])


class AlreadyThereError(NotRegisteredError):
    """Somebody is on record under this number. `there` is who, where the actor may see them; None where they may not."""

    def __init__(self, field: str, sentence: str, there: Person | Employer | None) -> None:
        self.there = there
        super().__init__([(field, sentence)])


class AlikeError(NotRegisteredError):
    """Others on record are alike, and nobody has said of these that they are others."""

    def __init__(self, alike: Alike) -> None:
        self.alike = alike
        words = _("在册有相近的登记，还没有登记。请逐个核对；确实不是同一个的，写明依据后再登记。")
        super().__init__([("", words)])


@dataclass(frozen=True, slots=True)
class Seen:
    """What the officer looked at and says: which paper, and that it was the original; why; who came, for an employer (`agent`); and of those
    alike, which `apart` stands for (`Alike.token`), how they were told apart.
    """

    paper: str
    original: bool
    because: str
    agent: str = ""
    apart: str = ""
    apart_because: str = ""


@dataclass(frozen=True, slots=True)
class Registered(Generic[Record]):
    """The record, what is worth knowing about it, and whether the same officer had just registered it (a form sent twice)."""

    record: Record
    notes: list[str]
    again: bool = False


@dataclass(frozen=True, slots=True)
class _Plan(Generic[Record]):
    """One registration that was judged sound: who may be there, how the record is made, and whom to tell."""

    kind: str  # person or employer
    number_field: str
    name: str
    whose: str  # the name that must not be the officer's own
    there: Callable[[], Record | None]
    alike: Callable[[], Alike]
    make: Callable[[], Record]
    tell: Callable[[Record], object]
    notes: list[str]


def register_person(
    *, actor: Actor, given: Mapping[str, str], seen: Seen, source: str, on: date, at: datetime
) -> Registered[Person]:
    """Put a resident on record. `given` holds name, id_number, phone, address, residence_division, hukou_kind and hukou_division, as written.

    Sex and birth date are the number's. The same form again returns the record that it made. Raises NotPermittedError for a residence
    outside the actor's divisions, NotRegisteredError with every sentence at once, OwnRecordError, AlreadyThereError, AlikeError.
    """
    require(actor, CHANGE)
    judged = judged_person(given, paper=seen.paper, on=on)
    kept = _sound(judged, seen, PERSON_PAPERS)
    values = judged.values
    require(actor, CHANGE, values["residence_division_id"])
    number, phone = values["id_number"], values["phone"]

    def make() -> Person:
        return Person(
            **values,
            id_number_index=blind_index(number),
            phone_index=blind_index(phone) if phone else None,
            source=source,
            registered_on=on,
        )

    plan = _Plan(
        kind="person",
        number_field="id_number",
        name=values["name"],
        whose=values["name"],
        there=lambda: person_of_number(number),
        alike=lambda: people_like(actor, name=values["name"], birth_date=values["birth_date"], phone=phone),
        make=make,
        tell=lambda person: people_changed.send(sender=Person, person_ids=[person.pk], on=on, at=at),
        notes=judged.notes,
    )
    return _registered(plan, actor=actor, seen=kept, on=on, at=at)


def register_employer(
    *, actor: Actor, given: Mapping[str, Any], seen: Seen, source: str, on: date, at: datetime
) -> Registered[Employer]:
    """Put an employer on record. `given` holds name, credit_code, division, kind, size, industry, founded_on, bank_account and bank_name.

    Its kind is what the code says, where it says one. Raises as `register_person` does.
    """
    require(actor, CHANGE)
    judged = judged_employer(given, on=on)
    kept = _sound(judged, seen, EMPLOYER_PAPERS)
    values = judged.values
    require(actor, CHANGE, values["division_id"])
    plan = _Plan(
        kind="employer",
        number_field="credit_code",
        name=values["name"],
        whose=kept.agent,
        there=lambda: employer_of_code(values["credit_code"]),
        alike=lambda: employers_like(actor, name=values["name"]),
        make=lambda: Employer(**values, source=source),
        tell=lambda firm: employers_changed.send(sender=Employer, employer_ids=[firm.pk], on=on, at=at),
        notes=judged.notes,
    )
    return _registered(plan, actor=actor, seen=kept, on=on, at=at)


# ---------------------------------------------------------------------------------------------- internals


def _sound(judged: Judged, seen: Seen, papers: Mapping[str, str]) -> Seen:
    """What the officer says, as it is kept. Raises NotRegisteredError with whatever is wrong of the values and of that."""
    kept = Seen(
        paper=seen.paper,
        original=seen.original,
        because=plain(seen.because),
        agent=plain(seen.agent),
        apart=seen.apart,
        apart_because=plain(seen.apart_because),
    )
    if kept.paper not in papers:
        judged.say("paper", _("请选择核对的是哪一种证件。"))
    if not kept.original:
        judged.say("seen", _("没有核对证件原件，没有登记；请当面核对后勾选。"))
    if not kept.because:
        judged.say("because", _("请写明登记理由。"))
    if papers is EMPLOYER_PAPERS and not kept.agent:
        judged.say("agent", _("请写明来办理的人的姓名。"))
    judged.fits("because", kept.because, LINE, "登记理由")
    judged.fits("agent", kept.agent, NAME, "来办理的人")
    judged.fits("apart_because", kept.apart_because, LINE, "区分的依据")
    if judged.wrong:
        raise NotRegisteredError(judged.wrong)
    return kept


def _registered(
    plan: _Plan[Record], *, actor: Actor, seen: Seen, on: date, at: datetime
) -> Registered[Record]:
    if blind_index(actor.name) == blind_index(plan.whose):
        raise OwnRecordError("name" if plan.kind == "person" else "agent")
    trail = {"document": seen.paper, "reason": seen.because}
    with (
        transaction.atomic(),
        pghistory.context(operation=f"registry.register_{plan.kind}", account=actor.account_id, **trail),
    ):
        there = plan.there()
        if there is None:
            alike = _told_apart(plan.alike(), seen)
            try:
                record = _saved(plan.make())
            except (IntegrityError, FactRefusedError):
                # Another counter was a moment earlier: met as though they had been there before.
                if (there := plan.there()) is None:
                    raise
            else:
                _note(plan, record, actor, seen, alike, on, at)
                plan.tell(record)
                return Registered(record, plan.notes)
        return _met(plan, there, actor, on)


def _told_apart(alike: Alike, seen: Seen) -> Alike:
    """Those alike, of whom the officer has said that each is another. Raises AlikeError where they have not, or have said it of others."""
    if alike.keys and seen.apart != alike.token:
        raise AlikeError(alike)
    if alike.keys and not seen.apart_because:
        raise NotRegisteredError([("apart_because", _("请写明怎样核对、凭什么不是同一个。"))])
    return alike


def _note(
    plan: _Plan[Record], record: Record, actor: Actor, seen: Seen, alike: Alike, on: date, at: datetime
) -> None:
    CounterRegistration.objects.create(
        **{plan.kind: record},
        paper=seen.paper,
        agent=seen.agent if plan.kind == "employer" else "",
        because=seen.because,
        apart_from=list(alike.keys),
        apart_because=seen.apart_because if alike.keys else "",
        name_key=blind_index(plan.whose).hex(),
        by_id=actor.account_id,
        by_name=actor.name,
        on_date=on,
        at=at,
    )


def _met(plan: _Plan[Record], there: Record, actor: Actor, on: date) -> Registered[Record]:
    """Whoever is there under that number: the record that the same form made a moment ago, or a refusal that overwrites nothing."""
    mine = {plan.kind: there, f"{plan.kind}__name": plan.name, "by_id": actor.account_id, "on_date": on}
    own = CounterRegistration.objects.filter(**mine)
    if own.exists():
        return Registered(there, [], again=True)
    place = there.residence_division_id if isinstance(there, Person) else there.division_id
    if not actor.may(SEE, place):
        raise AlreadyThereError(plan.number_field, _elsewhere(plan.kind), None)
    raise AlreadyThereError(plan.number_field, _here(there, plan.name), there)


def _elsewhere(kind: str) -> str:
    if kind == "person":
        return _(
            "这个身份证号已经登记，登记地不在您的管辖区划内，没有再登记；请由登记地办理迁出，或由市级统一导入。"
        )
    return _("这个统一社会信用代码已经登记，登记地不在您的管辖区划内，没有再登记；请由登记地的窗口办理。")


def _here(there: Person | Employer, name: str) -> str:
    if isinstance(there, Employer):
        return _("这个统一社会信用代码已经登记（单位编号%(number)d），没有再登记；请打开在册的单位办理。") % {
            "number": there.pk
        }
    if there.name == name:
        return _("这个身份证号已经登记（居民编号%(number)d），没有再登记；请打开在册的居民办理。") % {
            "number": there.pk
        }
    return _(
        "这个身份证号在册登记的姓名是%(name)s（居民编号%(number)d），与填写的姓名不同，没有再登记；请核对号码和姓名。"
    ) % {"name": mask_name(there.name), "number": there.pk}
