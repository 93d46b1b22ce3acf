"""The shape of an entity's source: a table, the laterals it may join, and the expression behind every binding.

In the SQL texts `{on}` is the day of decision and `{month}` the first of its month, both as date literals that we write
ourselves; `{ids}` stands where a filter may go. Interval columns are half-open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jiuye.engine.basis.problems import nearest

Build = Callable[[list[str]], str]
_BINDING = re.compile(r"(\w+\.\w+)(?:\((.*)\))?")
_REGISTER = re.compile(r"\brg_(\w+)\.facts")


class UnknownBindingError(LookupError):
    """A fact is bound to something that our records do not hold."""

    def __init__(self, binding: str, known: list[str]) -> None:
        name = binding.split("(")[0]
        near = nearest(name, known)
        hint = f"是否想写“{near}”？" if near else f"可用的有：{'、'.join(known)}。"
        hint_en = f"did you mean '{near}'?" if near else f"known: {', '.join(known)}."
        self.zh = f"登记库里没有“{binding}”这一项。{hint}"
        self.en = f"our records hold no '{binding}'; {hint_en}"
        super().__init__(self.zh)


@dataclass(frozen=True, slots=True)
class FactSource:
    """`laterals` are joined only where a wanted expression mentions their alias."""

    entity: str
    table: str  # FROM …, with its alias
    key: str
    columns: Mapping[str, str]
    relations: Mapping[str, str] = field(default_factory=dict)
    laterals: Mapping[str, str] = field(default_factory=dict)
    built: Mapping[str, Build] = field(default_factory=dict)  # bindings that take arguments
    members: Mapping[str, str] = field(default_factory=dict)  # relation back → column, for to-many relations
    employers: tuple[str, ...] = ("employer",)  # those of `members` that lead to an employer
    where: str = ""  # which rows of the table are subjects on the day; all of them where it is empty
    record: str = ""  # the column of register records that holds the subject: `<entity>_id` where it is empty

    def expression(self, binding: str) -> str:
        """The SQL behind a binding. Raises UnknownBindingError."""
        match = _BINDING.fullmatch(binding.strip())
        if match is not None:
            name, arguments = match.groups()
            if arguments is None and name in self.columns:
                return self.columns[name]
            if arguments is not None and name in self.built:
                return self.built[name]([part.strip() for part in arguments.split(",")])
        raise UnknownBindingError(binding, sorted([*self.columns, *self.built]))

    def joins(self, expressions: list[str]) -> list[str]:
        """The laterals that these expressions need, in their order."""
        text = " ".join(expressions)
        needed: list[str] = []
        for alias, sql in reversed(list(self.laterals.items())):
            if re.search(rf"\b{alias}\.", text):
                needed.insert(0, sql)
                text += " " + sql
        return needed + register_joins(self.record or f"{self.entity}_id", self.key, text)

    @property
    def people(self) -> tuple[str, ...]:
        """Those of `members` that lead to a person."""
        return tuple(name for name in self.members if name not in (*self.employers, "household"))


def quote(text: str) -> str:
    """A text literal; the pack's own words, never a user's, and escaped all the same."""
    return "'" + text.replace("'", "''") + "'"


def quote_list(texts: list[str]) -> str:
    return "(" + ", ".join(quote(text) for text in texts) + ")"


def in_force(alias: str) -> str:
    """The half-open interval of `alias` holds the day of decision."""
    return f"{alias}.start <= {{on}} AND ({alias}.until IS NULL OR {alias}.until > {{on}})"


def register_joins(column: str, key: str, text: str) -> list[str]:
    """One join for each register that the expressions in `text` read; at most one record of a subject holds on a day."""
    return [
        f"LEFT JOIN registry_registerrecord rg_{register} ON rg_{register}.{column} = {key} "
        f"AND rg_{register}.register = {quote(register)} AND {in_force(f'rg_{register}')}"
        for register in sorted(set(_REGISTER.findall(text)))
    ]


def delivered(kind: str) -> str:
    """Rows of this kind were delivered whole: from then on their absence is an answer. One answer for everyone, found once a statement."""
    return f"EXISTS (SELECT FROM registry_registerdelivery d WHERE d.entity = {quote(kind)} AND d.complete)"


def unless_silent(value: str, nothing: str, kind: str, told: str = "FALSE") -> str:
    """The value, and `nothing` where there is none and the register answers by its silence: it was delivered whole, or speaks of the subject
    otherwise (`told`). Where no register ever told, nobody can tell either."""
    return f"coalesce({value}, CASE WHEN {told} OR {delivered(kind)} THEN {nothing} END)"


def covers_month(alias: str) -> str:
    """A contribution spell is paid for the month of the day of decision."""
    return f"{alias}.start <= {{month}} AND ({alias}.until IS NULL OR {alias}.until > {{month}})"


def months(start: str, end: str) -> str:
    """Whole months between two first days of months, never below zero."""
    return (
        f"greatest(0, (extract(year FROM {end}) - extract(year FROM {start})) * 12 "
        f"+ extract(month FROM {end}) - extract(month FROM {start}))::bigint"
    )


NEXT_MONTH = "({month} + interval '1 month')::date"
