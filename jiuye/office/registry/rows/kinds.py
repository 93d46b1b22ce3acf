"""What a kind of row is: its columns by the names that a file gives them, where they are kept, and what makes two rows the same.

A kind is one entry of a table; reading, comparing, keeping and taking back are the same for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models

from jiuye.office.registry.models import (
    Birth,
    ContributionSpell,
    Employer,
    EmploymentSpell,
    RegisterDelivery,
    Status,
)
from jiuye.office.registry.states import (
    CONTRIBUTION_PAYERS,
    DELIVERED_STATUSES,
    EMPLOYMENT_KINDS,
    STATUS_KINDS,
)

PERSON, EMPLOYER = "身份证号", "统一社会信用代码"
# (the kind, rows that are new, rows that changed, the fields that changed): how they are written, inside the caller's transaction.
Keep = Callable[["RowKind", Sequence[models.Model], Sequence[models.Model], Sequence[str]], None]
# (rows as they were read, the delivery): what has to be found or made before they can be compared.
Prepare = Callable[[Sequence[Any], RegisterDelivery], None]
# (whom the rows concern, keys by field; the day): what else follows; it adds whoever else is concerned.
Settle = Callable[[Mapping[str, set[int]], date], None]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `field` is the attribute of the model, `reads` how a cell is read (`reading.READERS`, or a link).

    `past` refuses a day after the delivery's own.
    """

    label: str
    field: str
    reads: str
    required: bool = False
    choices: Mapping[str, str] | None = None
    past: bool = False


@dataclass(frozen=True, slots=True)
class RowKind:
    """`key` are the fields by which a row is found again; `person` and `employer` those that say whom it concerns.

    `fixed` are attributes that all rows of the kind have in common and no column says. `adds` is false where a file only says more of what
    is on record; `sourced` is false where the row's own source stays. What a complete delivery leaves out ends with the `month` or the `day`
    of its data (`ends`), or is no longer what `listed` says; otherwise it stays: silence takes no certificate back.
    `subject` is what the rules call such a row, where they call it otherwise than the kind; `beside` are more fields that say whom it concerns.
    """

    name: str
    label: str
    model: type[models.Model]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    person: str = ""
    employer: str = ""
    adds: bool = True
    sourced: bool = True
    ends: str = ""  # "month" or "day"
    listed: str = ""  # the attribute that says yes of what is listed
    fixed: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    beside: tuple[str, ...] = ()
    keep: Keep | None = None
    prepare: Prepare | None = None
    settle: Settle | None = None

    @property
    def whose(self) -> list[str]:
        """The columns that say whose a row is, the one that must be filled first."""
        owners = [column for column in self.columns if column.field in (self.person, self.employer)]
        return [column.label for column in sorted(owners, key=lambda one: not one.required)]

    @property
    def concerns(self) -> tuple[str, ...]:
        return tuple(name for name in (self.person, self.employer, *self.beside) if name)


CONTRIBUTION = RowKind(
    name="contribution",
    label="参保缴费",
    model=ContributionSpell,
    columns=(
        Column(PERSON, "person_id", "person", required=True),
        Column(EMPLOYER, "employer_id", "employer"),
        Column("缴费方", "payer", "choice", required=True, choices=CONTRIBUTION_PAYERS),
        Column("起缴月份", "start", "month", required=True, past=True),
        Column("末缴月份", "until", "last_month"),
        Column("缴费基数", "base_fen", "money", required=True),
        Column("基本养老", "pension_fen", "money"),
        Column("基本医疗", "medical_fen", "money"),
        Column("失业", "unemployment_fen", "money"),
        Column("工伤", "injury_fen", "money"),
        Column("生育", "maternity_fen", "money"),
    ),
    key=("person_id", "payer", "start"),
    person="person_id",
    employer="employer_id",
    ends="month",
)
BIRTH = RowKind(
    name="birth",
    label="生育",
    model=Birth,
    columns=(
        Column(PERSON, "mother_id", "person", required=True),
        Column(EMPLOYER, "employer_id", "employer"),
        Column("孩次", "child_order", "number", required=True),
        Column("出生日期", "birth_date", "date", required=True, past=True),
    ),
    key=("mother_id", "child_order"),
    person="mother_id",
    employer="employer_id",
)
EMPLOYER_FIGURES = RowKind(
    name="employer_figures",
    label="单位参保年度数据",
    model=Employer,
    columns=(
        Column(EMPLOYER, "id", "employer", required=True),
        Column("年度", "figures_year", "number", required=True),
        Column("年初参保人数", "insured_at_year_start", "number"),
        Column("年末参保人数", "insured_at_year_end", "number"),
        Column("月均参保人数", "insured_monthly_mean", "number"),
        Column("年内退休人数", "retired_in_year", "number"),
        Column("年内死亡人数", "died_in_year", "number"),
        Column("失业保险缴费月数", "unemployment_premium_months", "number"),
        Column("上年度缴纳失业保险费", "unemployment_premium_fen", "money"),
        Column("欠缴社会保险费", "premium_arrears", "yes"),
    ),
    key=("id",),
    employer="id",
    adds=False,
    sourced=False,
)
TRAINEESHIP_BASE = RowKind(
    name="traineeship_base",
    label="就业见习基地",
    model=Employer,
    columns=(
        Column(EMPLOYER, "id", "employer", required=True),
        Column("就业见习基地", "traineeship_base", "yes", required=True),
    ),
    key=("id",),
    employer="id",
    adds=False,
    sourced=False,
    listed="traineeship_base",
)
STATUSES = tuple(
    RowKind(
        name=status,
        label=STATUS_KINDS[status],
        model=Status,
        columns=(
            Column(PERSON, "person_id", "person", required=True),
            Column("起始日期", "start", "date", required=True, past=True),
            Column("终止日期", "until", "last_day"),
            Column("依据", "document", "text"),
        ),
        key=("person_id", "start"),
        person="person_id",
        ends="day",
        fixed={"kind": status},
    )
    for status in DELIVERED_STATUSES
)
EMPLOYMENT = RowKind(
    name="employment",
    label="就业经历",
    model=EmploymentSpell,
    columns=(
        Column(PERSON, "person_id", "person", required=True),
        Column(EMPLOYER, "employer_id", "employer"),
        Column("就业形式", "kind", "choice", required=True, choices=EMPLOYMENT_KINDS),
        Column("起始日期", "start", "date", required=True, past=True),
        Column("终止日期", "until", "last_day", past=True),
        Column("合同期（月）", "contract_months", "number"),
        Column("月工资", "monthly_wage_fen", "money"),
        Column("终止原因", "ended_because", "text"),
        Column("非因本人意愿中断", "involuntary_end", "yes"),
    ),
    key=("person_id", "employer_id", "kind", "start"),
    person="person_id",
    employer="employer_id",
    ends="day",
    subject="hire",
)
KINDS: dict[str, RowKind] = {
    kind.name: kind
    for kind in (CONTRIBUTION, BIRTH, EMPLOYER_FIGURES, TRAINEESHIP_BASE, *STATUSES, EMPLOYMENT)
}
