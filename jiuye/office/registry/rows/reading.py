"""Reading a file of rows of one kind: every cell by its column, every link to what is on record, every mistake with its row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, pgettext

from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.money import fen_from_yuan
from jiuye.engine.basis.problems import nearest
from jiuye.office.registry.deliveries import DeliveryRefusedError
from jiuye.office.registry.importing.fields import YES_WORDS
from jiuye.office.registry.importing.files import Sheet
from jiuye.office.registry.models import Employer, Person
from jiuye.office.registry.rows.kinds import Column, RowKind
from jiuye.office.registry.secrets import blind_index

MOST_SHOWN = 20  # sentences about rows
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?: 00:00:00)?")
_MONTH = re.compile(r"(\d{4})[-/.年]?(\d{1,2})月?")
LARGEST = 10**15  # more than any sum of fen or number of people


@dataclass(slots=True)
class ReadRow:
    """One row: its number in the file, and the values by the model's attributes, of the columns that the file has."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Link:
    """How texts lead to what is on record: `find` takes all of a file at once; `missing` is the sentence where one does not."""

    find: Callable[[set[str]], dict[str, int]]
    missing: str
    told: bool  # the text may be repeated in a message


def of_row(number: int, sentence: str) -> str:
    return pgettext("file row", "第%(number)d行：%(sentence)s") % {"number": number, "sentence": sentence}


def refuse(wrong: list[str]) -> None:
    """Raise DeliveryRefusedError with the first of these sentences, where there are any."""
    if not wrong:
        return
    if len(wrong) > MOST_SHOWN:
        rest = len(wrong) - MOST_SHOWN
        wrong = [*wrong[:MOST_SHOWN], _("另有%(count)d处错误没有列出。") % {"count": rest}]
    raise DeliveryRefusedError(wrong)


def read_rows(
    kind: RowKind, sheets: Sequence[Sheet], as_of: date, links: Mapping[str, Link] | None = None
) -> list[ReadRow]:
    """The rows of the first sheet. Raises DeliveryRefusedError with everything that is wrong, each with its row and column."""
    numbers, head, cells = table_of(sheets[0])
    needed = [column.label for column in kind.columns if column.required]
    refuse_head(head, needed=needed, known=[column.label for column in kind.columns])
    rows = [{label: text for label, text in zip(head, texts, strict=True) if label} for texts in cells]
    return read_texts(kind, list(zip(numbers, rows, strict=True)), as_of, links)


def read_texts(
    kind: RowKind,
    numbered: Sequence[tuple[int, Mapping[str, str]]],
    as_of: date,
    links: Mapping[str, Link] | None = None,
) -> list[ReadRow]:
    """The same of rows of texts by column, each with its number: what a row does not name stays as it is. Raises DeliveryRefusedError."""
    columns = {column.label: column for column in kind.columns}
    wrong: list[str] = []
    known = {**LINKS, **(links or {})}
    found = {}
    for reads in {column.reads for column in kind.columns} & set(known):
        labels = [label for label, column in columns.items() if column.reads == reads]
        found[reads] = known[reads].find(
            {row[label] for _number, row in numbered for label in labels if row.get(label)}
        )
    rows = []
    for number, texts in numbered:
        row = ReadRow(number)
        wrong += [
            of_row(number, unknown_column(word, list(columns))) for word in texts if word not in columns
        ]
        for label, column in columns.items():
            if label in texts or column.required:
                try:
                    text = texts.get(label, "")
                    row.values[column.field] = _value(kind, column, text, as_of, known, found)
                except _UnreadableCellError as error:
                    wrong.append(of_row(number, f"{label}：{error}"))
        rows.append(row)
    refuse(wrong or _twice(kind, rows))
    return rows


def table_of(sheet: Sheet) -> tuple[list[int], list[str], list[list[str]]]:
    """(numbers of the rows, the head, their cells), empty rows left out. Raises DeliveryRefusedError where there are none."""
    place = sheet.frame.columns.index("row")
    table = [
        (int(row[place]), [str(cell or "").strip() for at, cell in enumerate(row) if at != place])
        for row in sheet.frame.rows()
    ]
    filled = [(number, cells) for number, cells in table if any(cells)]
    if len(filled) < 2:
        raise DeliveryRefusedError([_("文件里没有数据行；第一行写列名，下面每行一个对象。")])
    return [number for number, _cells in filled[1:]], filled[0][1], [cells for _number, cells in filled[1:]]


def refuse_head(
    head: Sequence[str], *, needed: Sequence[str], known: Sequence[str], also: Sequence[str] = ()
) -> None:
    """Raise DeliveryRefusedError for columns that are missing, stand twice or that nobody knows. `also` are names that are taken and not
    proposed."""
    wrong = [_("没有“%(column)s”这一列。") % {"column": label} for label in needed if label not in head]
    for word in head:
        if word and word not in known and word not in also:
            wrong.append(unknown_column(word, known, also))
    twice = sorted({word for word in head if word and head.count(word) > 1})
    if twice:
        wrong.append(_("列名重复：%(words)s。") % {"words": "、".join(twice)})
    if wrong:
        raise DeliveryRefusedError(wrong)


def unknown_column(word: str, known: Sequence[str], also: Sequence[str] = ()) -> str:
    """That nobody knows the column, and which may have been meant."""
    hint = _hint(word, [*known, *also], known)
    return _("不认识“%(word)s”这一列；%(hint)s") % {"word": word[:40], "hint": hint}


def _hint(word: str, near_to: Sequence[str], known: Sequence[str]) -> str:
    """Which word may have been meant; where none is near, which there are."""
    near = nearest(word, near_to)
    if near:
        return _("是否想写“%(near)s”？") % {"near": near}
    return _("可以写的有：%(known)s。") % {"known": "、".join(known)}


def key_of(kind: RowKind, row: ReadRow) -> tuple[Any, ...]:
    """By what the row is found again; a column that the file lacks says nothing, as an empty cell does."""
    return tuple(row.values.get(name) for name in kind.key)


def _twice(kind: RowKind, rows: Sequence[ReadRow]) -> list[str]:
    seen: dict[tuple[Any, ...], int] = {}
    wrong = []
    for row in rows:
        key = key_of(kind, row)
        if key in seen:
            wrong.append(
                of_row(row.number, _("与第%(first)d行是同一条；请只留一行。") % {"first": seen[key]})
            )
        seen.setdefault(key, row.number)
    return wrong


# ---------------------------------------------------------------------------------------------- cells


class _UnreadableCellError(ValueError):
    """A cell that cannot be kept: its text is the sentence, what it is and how it is written."""


def _value(
    kind: RowKind,
    column: Column,
    text: str,
    as_of: date,
    links: Mapping[str, Link],
    found: Mapping[str, Mapping[str, int]],
) -> Any:
    if not text:
        if column.required:
            raise _UnreadableCellError(_("不能为空。"))
        return kind.model._meta.get_field(column.field).get_default()
    if column.reads in links:
        link = links[column.reads]
        key = found[column.reads].get(text.upper())
        if key is None:
            # An ID number is not repeated in a message: messages end up in logs.
            raise _UnreadableCellError(
                _(link.missing) % {"value": text[:40]} if link.told else _(link.missing)
            )
        return key
    if column.reads == "choice":
        return _choice(column.choices or {}, text)
    reader, sentence = READERS[column.reads]
    try:
        value = reader(text)
    except (ValueError, OverflowError):
        raise _UnreadableCellError(
            _("“%(text)s”%(sentence)s") % {"text": text[:40], "sentence": _(sentence)}
        ) from None
    most = getattr(kind.model._meta.get_field(column.field), "max_length", None)
    if isinstance(value, str) and most is not None and len(value) > most:
        raise _UnreadableCellError(_("最多%(most)d个字。") % {"most": most})
    if column.past and column.reads == "last_day" and value > as_of:
        raise _UnreadableCellError(
            _("%(text)s不早于数据日期%(as_of)s。") % {"text": text[:40], "as_of": as_of}
        )
    if column.past and value > as_of:
        raise _UnreadableCellError(_("%(day)s晚于数据日期%(as_of)s。") % {"day": value, "as_of": as_of})
    return value


def _choice(choices: Mapping[str, str], text: str) -> str:
    words = {label: code for code, label in choices.items()} | {code: code for code in choices}
    if text not in words:
        labels = list(choices.values())
        hint = _hint(text, labels, labels)
        raise _UnreadableCellError(_("“%(text)s”不在目录内；%(hint)s") % {"text": text[:40], "hint": hint})
    return words[text]


def _date(text: str) -> date:
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return date(*(int(part) for part in match.groups()))


def _month(text: str) -> date:
    match = _MONTH.fullmatch(text)
    if match is not None:
        return date(int(match.group(1)), int(match.group(2)), 1)
    return _date(text).replace(day=1)


def _whole(text: str) -> int:
    value = int(text.removesuffix(".0"))
    if abs(value) > LARGEST:
        raise ValueError(text)
    return value


def _fen(text: str) -> int:
    value = fen_from_yuan(text)
    if abs(value) > LARGEST:
        raise ValueError(text)
    return value


def _yes(text: str) -> bool:
    if text.lower() not in YES_WORDS:
        raise ValueError(text)
    return YES_WORDS[text.lower()]


# How a cell is read, and how it should be written. `last_…` name the last day or month, where we keep the first one after.
READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "date": (_date, gettext_noop("不是日期；请写成 2024-05-01 的样子。")),
    "last_day": (
        lambda text: _date(text) + timedelta(days=1),
        gettext_noop("不是日期；请写成 2024-05-01 的样子。"),
    ),
    "month": (_month, gettext_noop("不是月份；请写成 2024-05 的样子。")),
    "last_month": (
        lambda text: add_months(_month(text), 1),
        gettext_noop("不是月份；请写成 2024-05 的样子。"),
    ),
    "money": (_fen, gettext_noop("不是金额；请以元为单位，最多两位小数。")),
    "number": (_whole, gettext_noop("不是整数。")),
    "yes": (_yes, gettext_noop("请写“是”或“否”。")),
    "text": (str, ""),
    "household": (str, ""),  # its number; which household that is, is found when the delivery is under way
}


# ---------------------------------------------------------------------------------------------- links


def people_of(numbers: set[str]) -> dict[str, int]:
    """The residents on record by these ID numbers, in capitals."""
    indexes = {blind_index(number.upper()): number.upper() for number in numbers}
    rows = Person.objects.filter(id_number_index__in=list(indexes)).order_by("pk")
    return {indexes[bytes(index)]: key for key, index in rows.values_list("pk", "id_number_index")}


def employers_of(codes: set[str]) -> dict[str, int]:
    """The employers on record by these credit codes, in capitals."""
    rows = Employer.objects.filter(credit_code__in={code.upper() for code in codes}).order_by("pk")
    return dict(rows.values_list("credit_code", "pk"))


LINKS: dict[str, Link] = {
    "person": Link(
        people_of, gettext_noop("没有登记过这个身份证号的居民；请先登记，或核对号码。"), told=False
    ),
    "employer": Link(
        employers_of,
        gettext_noop("没有登记过统一社会信用代码为“%(value)s”的单位；请先登记，或核对代码。"),
        told=True,
    ),
}
