"""A register's delivery as a file: rows of residents, employers or things, read by the pack's own types and ranges, taken in whole or not.

The first row names the columns: whose the row is, then facts by the name or the label that the pack gives them. Everything that is
wrong with the file is said at once, with its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from jiuye.engine.basis.problems import nearest
from jiuye.engine.rules.vocabulary import Fact
from jiuye.office.entitlements.facts.registers import (
    SUBJECTS,
    WrongRegisterFactsError,
    reader_of,
    register_facts,
    thing_owners,
)
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.deliveries import Delivered, DeliveryRefusedError, record_delivery
from jiuye.office.registry.delivery_previews import DeliveryPreview
from jiuye.office.registry.importing.files import Sheet, read_file
from jiuye.office.registry.models import Division, Employer, Person, RegisterDelivery, RegisteredThing
from jiuye.office.registry.rows.delivering import deliver_rows_of
from jiuye.office.registry.rows.households import HOUSEHOLD_MEMBER
from jiuye.office.registry.rows.kinds import KINDS, RowKind
from jiuye.office.registry.rows.reading import (
    LINKS,
    employers_of,
    people_of,
    read_rows,
    read_texts,
    refuse_head,
    table_of,
    unknown_column,
)
from jiuye.office.registry.rows.reading import of_row as _row
from jiuye.office.registry.rows.reading import refuse as _refuse
from jiuye.office.registry.rows.withdrawing import withdraw_rows
from jiuye.office.registry.things import DeliveredThing, record_things
from jiuye.office.skills.delivered import SKILL_KINDS, SKILL_LINKS
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped

PERSON, EMPLOYER, PLACE, KEY, NAME = "身份证号", "统一社会信用代码", "区划代码", "编号", "名称"
ROW_KINDS = {
    **KINDS,
    HOUSEHOLD_MEMBER.name: HOUSEHOLD_MEMBER,
    **SKILL_KINDS,
}  # dated rows, which have tables of their own
OF_SUBJECTS = {"person": PERSON, "employer": EMPLOYER}  # by what a file names them


@dataclass(slots=True)
class _Row:
    """One row: its number in the file, what the columns about the subject say, and the facts as texts."""

    number: int
    about: dict[str, str] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)


@unscoped("a register's subjects are found among everyone on record")
def deliver_file(
    *,
    actor: Actor,
    register: str,
    entity: str,
    file_name: str,
    content: bytes,
    as_of: date,
    source: str,
    on: date,
    at: datetime,
    complete: bool = False,
    preview: DeliveryPreview | None = None,
) -> RegisterDelivery:
    """Take in an .xlsx or .csv that a register delivers about residents, employers or one of the pack's kinds of things.

    With `preview` that is filled, and nothing is kept (`preview_words` puts it into words).
    Raises UnreadableFileError, NotPermittedError and DeliveryRefusedError; nothing is kept then.
    """
    if entity in ROW_KINDS:
        _refuse_unlisted(register, ROW_KINDS[entity])
        read = read_rows(ROW_KINDS[entity], read_file(file_name, content), as_of, SKILL_LINKS)
        return deliver_rows_of(
            ROW_KINDS[entity], actor=actor, register=register, rows=read, as_of=as_of, source=source, on=on, at=at,
            complete=complete, preview=preview,
        )  # fmt: skip
    known, columns = _accepted(register, entity)
    return _take_in(
        _rows(read_file(file_name, content), columns, known),
        actor=actor, register=register, entity=entity, as_of=as_of, source=source, on=on, at=at, complete=complete,
        preview=preview,
    )  # fmt: skip


@unscoped("a register's subjects are found among everyone on record")
def preview_words(preview: DeliveryPreview, *, register: str, entity: str) -> list[tuple[str, str, str, str]]:
    """The first values that would be overwritten: whose, what, as it stands, as the file has it. Residents' names are masked."""
    known = _accepted(register, entity)[0] if entity not in ROW_KINDS else {}
    keys = {row.subject_id for row in preview.samples}
    if entity == "person":
        names = {row.pk: row.masked_name for row in Person.objects.filter(pk__in=keys).order_by("pk")}
    elif entity == "employer":
        names = {row.pk: row.name for row in Employer.objects.filter(pk__in=keys).order_by("pk")}
    else:
        names = {row.pk: row.key for row in RegisteredThing.objects.filter(pk__in=keys).order_by("pk")}
    nothing = _("（空）")
    return [
        *((key, what, old or nothing, new or nothing) for key, what, old, new in preview.things),
        *(
            (
                names.get(row.subject_id, str(row.subject_id)),
                known[row.fact].label if row.fact in known else row.fact,
                row.old or nothing,
                row.new or nothing,
            )
            for row in preview.samples
        ),
    ]


@unscoped("a register's subjects are found among everyone on record")
def deliver_rows(
    *,
    actor: Actor,
    register: str,
    entity: str,
    rows: Sequence[Mapping[str, str]],
    as_of: date,
    source: str,
    on: date,
    at: datetime,
    complete: bool = False,
) -> RegisterDelivery:
    """The same from rows of texts by the names of a file's columns, as another system sends them. Raises as `deliver_file`."""
    if entity in ROW_KINDS:
        _refuse_unlisted(register, ROW_KINDS[entity])
        numbered = [
            (number, {word: text.strip() for word, text in texts.items()})
            for number, texts in enumerate(rows, start=1)
        ]
        return deliver_rows_of(
            ROW_KINDS[entity], actor=actor, register=register, as_of=as_of, source=source, on=on, at=at, complete=complete,
            rows=read_texts(ROW_KINDS[entity], numbered, as_of, SKILL_LINKS),
        )  # fmt: skip
    known, columns = _accepted(register, entity)
    wrong: list[str] = []
    taken = []
    for number, texts in enumerate(rows, start=1):
        row = _Row(number)
        for word, text in texts.items():
            _put(row, word, text, columns, {name: name for name in known}, wrong)
        taken.append(row)
    if not taken:
        wrong.append(_("这一批里没有一行。"))
    _refuse(wrong)
    return _take_in(
        taken, actor=actor, register=register, entity=entity, as_of=as_of, source=source, on=on, at=at, complete=complete
    )  # fmt: skip


def withdraw_delivery(*, actor: Actor, number: int, on: date, at: datetime) -> int:
    """Take a delivery of dated rows back whole; returns how many rows it had written. Refused where a benefit was paid for one of them.

    Raises NotPermittedError and DeliveryRefusedError.
    """
    return withdraw_rows(kinds=ROW_KINDS, resting=_paid_for, actor=actor, number=number, on=on, at=at)


def _paid_for(kind: RowKind, keys: list[int]) -> str:
    paid = Benefit.objects.filter(
        subject_kind=kind.subject or kind.name, subject_key__in=[str(key) for key in keys]
    ).count()
    return (
        _("已按这一批的信息发放过%(count)d笔待遇，不能撤回；请逐条更正。") % {"count": paid} if paid else ""
    )


def _refuse_unlisted(register: str, kind: RowKind) -> None:
    """Rows come from the registers that the pack names for them: which office keeps them differs from city to city."""
    able = [key for key, listed in rulebook().needs.registers.items() if kind.name in listed.rows]
    if register not in able:
        raise DeliveryRefusedError(
            [
                _(
                    "登记簿“%(register)s”不交换%(what)s；规则包的 registers.yaml 写明（rows）交换它的有：%(able)s。"
                )
                % {"register": register, "what": _(kind.label), "able": "、".join(able) or "—"}
            ]
        )


def acceptable() -> dict[tuple[str, str], dict[str, Fact]]:
    """What registers can deliver here: by register and entity, the facts by name."""
    pack = rulebook().pack
    owners = thing_owners(pack)
    return {
        (register, entity): dict(facts)
        for (register, entity), facts in sorted(register_facts(pack).items())
        if entity in OF_SUBJECTS or entity in owners
    }


def acceptable_rows() -> dict[tuple[str, str], RowKind]:
    """Which kinds of dated rows registers can deliver here: by register and kind."""
    registers = rulebook().needs.registers
    return {
        (key, name): ROW_KINDS[name]
        for key, register in sorted(registers.items())
        for name in register.rows
        if name in ROW_KINDS
    }


def columns_of(entity: str) -> list[str]:
    """The columns that say whose a row is; the first must be filled."""
    return [OF_SUBJECTS[entity]] if entity in OF_SUBJECTS else [KEY, NAME, PERSON, EMPLOYER, PLACE]


def _accepted(register: str, entity: str) -> tuple[Mapping[str, Fact], list[str]]:
    """The facts that this register delivers of this entity, and the columns about the subject. Raises DeliveryRefusedError."""
    pack = rulebook().pack
    known = register_facts(pack).get((register, entity))
    if known is None or (entity not in thing_owners(pack) and entity not in OF_SUBJECTS):
        raise DeliveryRefusedError([_unknown(register, entity, register_facts(pack))])
    return known, columns_of(entity)


def _take_in(rows: list[_Row], *, actor: Actor, register: str, entity: str, **more: Any) -> RegisterDelivery:
    """Read the facts, find whose they are, and keep all of it; or say everything that is wrong with it."""
    pack = rulebook().pack
    owners, columns = thing_owners(pack).get(entity), columns_of(entity)
    wrong: list[str] = []
    facts = _facts(rows, reader_of(pack, register, entity), wrong)
    people, employers, places = _found(rows, wrong)
    for row in rows:
        if not row.about.get(columns[0]):
            wrong.append(_row(row.number, _("“%(column)s”是空的。") % {"column": columns[0]}))
    _refuse(wrong)
    common: dict[str, Any] = {"actor": actor, "register": register, "entity": entity, **more}
    if owners is not None:
        things = [
            DeliveredThing(
                key=row.about.get(KEY, ""),
                facts=facts[row.number],
                name=row.about.get(NAME, ""),
                person_id=people.get(row.about.get(PERSON, "")),
                employer_id=employers.get(row.about.get(EMPLOYER, "")),
                division_code=row.about.get(PLACE) if row.about.get(PLACE) in places else None,
            )
            for row in rows
        ]
        return record_things(rows=things, **common)
    keys = people if entity == "person" else employers
    said = [Delivered(keys[row.about[columns[0]]], facts[row.number]) for row in rows]
    return record_delivery(rows=said, **common)


def _unknown(register: str, entity: str, known: Mapping[tuple[str, str], Any]) -> str:
    able = [pair for pair in known if pair[1] in OF_SUBJECTS or pair[1] not in SUBJECTS]
    near = nearest(register, sorted({key for key, _ in able}))
    kinds = "、".join(sorted(kind for key, kind in able if key == register))
    if kinds:
        return _("登记簿“%(register)s”不能用文件交换“%(entity)s”的信息；可以的有：%(kinds)s。") % {
            "register": register, "entity": entity, "kinds": kinds,
        }  # fmt: skip
    return _("规则包里没有可以用文件交换的登记簿“%(register)s”。%(hint)s") % {
        "register": register,
        "hint": _("是否指“%(near)s”？") % {"near": near} if near else "",
    }


def _rows(sheets: list[Sheet], columns: list[str], known: Mapping[str, Fact]) -> list[_Row]:
    """The rows of the first sheet. Raises DeliveryRefusedError for a head that names what nobody knows."""
    numbers, head, cells = table_of(sheets[0])
    names = {fact.label: name for name, fact in known.items()} | {name: name for name in known}
    shown = [*columns, *(fact.label for fact in known.values())]
    refuse_head(head, needed=columns[:1], known=shown, also=list(known))
    rows: list[_Row] = []
    wrong: list[str] = []  # nothing: the head names every column
    for number, texts in zip(numbers, cells, strict=True):
        row = _Row(number)
        for word, text in zip(head, texts, strict=True):
            if word:
                _put(row, word, text, columns, names, wrong)
        rows.append(row)
    return rows


def _put(
    row: _Row, word: str, text: str, columns: list[str], names: Mapping[str, str], wrong: list[str]
) -> None:
    """One cell where it belongs; a word that is no column is a mistake of its row."""
    if word in columns:
        row.about[word] = text.strip().upper() if word in (PERSON, EMPLOYER) else text.strip()
    elif word in names:
        row.facts[names[word]] = text
    else:
        wrong.append(_row(row.number, unknown_column(word, [*columns, *names])))


def _facts(rows: list[_Row], read: Any, wrong: list[str]) -> dict[int, dict[str, Any]]:
    found = {}
    for row in rows:
        try:
            found[row.number] = read(row.facts)
        except WrongRegisterFactsError as error:
            wrong += [_row(row.number, sentence) for sentence in error.sentences]
    return found


def _found(rows: list[_Row], wrong: list[str]) -> tuple[dict[str, int], dict[str, int], set[str]]:
    """The residents, employers and places that the rows name, each kind by one query."""
    named = {
        column: {row.about[column] for row in rows if row.about.get(column)}
        for column in (PERSON, EMPLOYER, PLACE)
    }
    people, employers = people_of(named[PERSON]), employers_of(named[EMPLOYER])
    places = set(
        Division.objects.filter(code__in=named[PLACE]).order_by("code").values_list("code", flat=True)
    )
    for row in rows:
        for column, there, sentence in (
            (PERSON, people, _(LINKS["person"].missing)),
            (EMPLOYER, employers, _(LINKS["employer"].missing)),
            (PLACE, places, _("没有区划代码“%(value)s”。")),
        ):
            value = row.about.get(column, "")
            if value and value not in there:
                # An ID number is not repeated in a message: messages end up in logs.
                wrong.append(_row(row.number, sentence % {"value": value} if "%" in sentence else sentence))
    return people, employers, places
