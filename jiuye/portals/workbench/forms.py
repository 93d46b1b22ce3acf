"""Forms that write into the text: a parameter's value and date, the time in force, the values of a grid.

A form holds the place of an entry in the text; what is typed goes there and nowhere else. The checker judges the outcome.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jiuye.engine.basis.dates import parse_date
from jiuye.engine.rules.editing import (
    InForce,
    NoSuchPlaceError,
    ParameterValue,
    in_force_of,
    parameter_values,
    sources_of,
    with_entry,
    with_in_force,
    with_start,
    with_value,
)
from jiuye.office.policies.grids import Grid, GridAxis
from jiuye.office.policies.models import DraftFile
from jiuye.office.policies.refusals import PolicyRefusal
from jiuye.portals.common.templatetags.jiuye import english

HINTS = {
    "money": gettext_lazy("以元为单位，例如 1234.50"),
    "ratio": gettext_lazy("小数，例如 0.55"),
    "integer": gettext_lazy("整数，例如 36"),
    "boolean": gettext_lazy("true 或 false"),
    "date": gettext_lazy("例如 2025-07-01"),
    "enum": gettext_lazy("词汇里的名称"),
}


class CannotWriteError(PolicyRefusal):
    """What was typed cannot stand there, or the place has gone meanwhile."""


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """One parameter with its entries."""

    name: str
    label: str
    kind: str
    hint: str
    entries: tuple[ParameterValue, ...]

    @property
    def writable(self) -> bool:
        return self.kind in HINTS


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a grid may vary."""

    file: str
    place: str
    label: str
    value: str

    @property
    def key(self) -> str:
        return f"{self.file}|{self.place}"


def value_groups(text: str) -> list[ValueGroup]:
    """The text's parameters, each with its dated entries."""
    return [
        ValueGroup(
            name,
            _label(rows[0]),
            rows[0].kind,
            str(HINTS.get(rows[0].kind, "")),
            tuple(rows),
        )
        for name, rows in (
            (name, list(group)) for name, group in groupby(parameter_values(text), lambda row: row.name)
        )
    ]


def _label(row: ParameterValue) -> str:
    return row.label_en if english() else row.label


def force_form(text: str) -> InForce | None:
    """The policy's time in force; None for a file that is no policy."""
    return in_force_of(text)


def value_choices(files: Iterable[DraftFile]) -> list[Choice]:
    """Every value that a grid may vary, of all files of the draft."""
    return [
        Choice(file.path, row.place, f"{_label(row)} · {' · '.join([*row.keys, row.start])}", row.value)
        for file in files
        for row in parameter_values(file.text)
        if row.value is not None and row.kind in ("money", "ratio", "integer")
    ]


def grid_of(post: QueryDict) -> Grid | None:
    """The grid that was asked for; None where no values are given."""
    axes = []
    for number in ("1", "2"):
        file, _bar, place = post.get(f"grid_{number}", "").partition("|")
        typed = (
            post.get(f"values_{number}", "")
            .replace("，", ",")
            .replace("、", ",")
            .replace("；", ",")
            .replace(";", ",")
        )
        values = tuple(dict.fromkeys(value.strip() for value in typed.split(",") if value.strip()))
        if place and values:
            axes.append(GridAxis(file, place, tuple(map(plain_number, values))))
    return Grid(tuple(axes)) if axes else None


def plain_number(text: str) -> str:
    """`55%` as 0.55, as people write it; anything else as it is."""
    text = text.replace("％", "%")
    if not text.endswith("%") or not text[:-1].replace(".", "", 1).isdecimal():
        return text
    whole, _point, part = text[:-1].partition(".")
    digits = whole.rjust(3, "0") + part
    cut = len(digits) - len(part) - 2
    written = f"{digits[:cut].lstrip('0') or '0'}.{digits[cut:]}".rstrip("0").rstrip(".")
    return written or "0"


def written(text: str, post: QueryDict) -> str:
    """The text with what a form says written into it. Raises CannotWriteError."""
    try:
        return _written(text, post)
    except NoSuchPlaceError as error:
        raise CannotWriteError(_("文本已经改过，找不到这一处了。请刷新后再填。")) from error


def _written(text: str, post: QueryDict) -> str:
    what, place = post.get("what", ""), post.get("place", "")
    if what == "force":
        for key in ("from", "to"):
            typed = post.get(key, "").strip()
            if key == "from" and not typed:
                raise CannotWriteError(_("请写明开始施行的日期。"))
            text = with_in_force(text, key, _day(typed) if typed else None)
        return text
    value, source = post.get("value", "").strip(), post.get("source", "").strip()
    row = next((row for row in parameter_values(text) if row.place == place), None)
    if row is None:
        raise NoSuchPlaceError(place)
    value = plain_number(value) if row.kind == "ratio" else value
    if not row.accepts(value):
        raise CannotWriteError(
            _("“%(value)s”不能作为“%(name)s”的值（%(hint)s）。")
            % {
                "value": value,
                "name": _label(row),
                "hint": HINTS.get(row.kind, row.kind),
            }
        )
    if source and source not in dict(sources_of(text)):
        raise CannotWriteError(_("出处要从 sources 里选。"))
    if row.value is None and not source:
        raise CannotWriteError(_("每个数都要有出处：请先在 sources 里写上文件，再选它。"))
    start = _day(post.get("start", row.start))
    if what == "add":
        if not source:
            raise CannotWriteError(_("每个数都要有出处：请先在 sources 里写上文件，再选它。"))
        return with_entry(text, place, start, value, source)
    text = with_value(text, place, value, source)
    return with_start(text, place, start) if start.isoformat() != row.start else text


def _day(text: str) -> date:
    try:
        return parse_date(text.strip())
    except ValueError as error:
        raise CannotWriteError(_("“%(day)s”不是日期；请写成 2025-07-01 的样子。") % {"day": text}) from error
