"""What goes in and comes out. Nothing that is not named is taken; decimals travel as text, never as floats."""

from __future__ import annotations

import datetime

from ninja import Field, Schema
from pydantic import ConfigDict, StrictBool, StrictInt, StrictStr

MOST_ROWS = 10_000


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class Problem(Schema):
    """Why nothing was done."""

    status: int
    title: str
    errors: list[dict[str, str]] = []


class Me(Schema):
    """The key that calls."""

    account: str
    purpose: str
    start: datetime.date
    until: datetime.date = Field(description="the first day on which the key opens nothing any more")
    registers: list[str] = Field(description="the registers that the key delivers, by their keys")
    divisions: list[str] = Field(description="division codes (GB/T 2260 prefixes) in which the account acts")


class FactOfRegister(Schema):
    name: str
    label: str
    type: str


class ColumnOfRows(Schema):
    """One column of a kind of dated rows. `reads` is how its text is written: date, month, last_day (the last day that belongs to it)…"""

    label: str
    required: bool
    reads: str
    choices: list[str] = Field(description="the words that may stand in it; empty where any may")


class AcceptedRegister(Schema):
    """What one register may deliver of one kind of subject, or of one kind of dated rows, and when it last did."""

    register_key: str
    entity: str
    name: str
    department: str
    every: str
    subject_columns: list[str] = Field(
        description="the columns that say whose a row is; the first is required"
    )
    facts: list[FactOfRegister] = Field(description="what is said of the subject; empty of dated rows")
    columns: list[ColumnOfRows] = Field(
        description="the columns of dated rows; empty where facts are delivered"
    )
    last_as_of: datetime.date | None


class Delivery(Strict):
    """One batch, taken in whole or not at all."""

    entity: str = Field(
        min_length=1,
        max_length=40,
        description="a kind of subject or of dated rows: see entity of /registers",
    )
    as_of: datetime.date = Field(description="the day of the data")
    source: str = Field(min_length=1, max_length=60)
    complete: StrictBool = Field(False, description="this is everything: what is not listed is no more")
    rows: list[dict[str, StrictStr | StrictBool | StrictInt | None]] = Field(
        min_length=1,
        max_length=MOST_ROWS,
        description="columns by name: whose the row is (see subject_columns of /registers), then facts, or the columns of dated rows; decimals and yuan as text",
    )


class Delivered(Schema):
    delivery: int
    rows: int
    as_of: datetime.date
    repeated: bool = Field(description="the same call was answered before; nothing was written now")


class StatusQuestion(Strict):
    """Whether a resident holds statuses; the question is recorded, and the resident sees it."""

    id_number: str = Field(min_length=15, max_length=24)
    kinds: list[str] = Field(min_length=1, max_length=20)
    purpose: str = Field(min_length=2, max_length=200)


class HeldStatus(Schema):
    kind: str
    name: str
    category: str
    since: datetime.date
    until: datetime.date | None


class StatusAnswer(Schema):
    on: datetime.date
    held: list[HeldStatus]


class ServiceStep(Schema):
    act: str
    by: str
    level: str
    workdays: int


class ServiceItem(Schema):
    """One service item as the city carries it out."""

    id: str
    name: str
    name_en: str
    applicant: str
    carried_by: str  # matter, or loan: then it is asked for as a guaranteed loan and no matter is begun
    promised_workdays: int
    statutory_workdays: int | None  # none where no document on file sets a term
    publicity_workdays: int
    evidence: list[str]
    steps: list[ServiceStep]


class TargetFigure(Schema):
    """One target of the plan with its figure; numbers as text, exactly."""

    section: str
    commitment: str
    indicator: str
    unit: str
    comparator: str
    target: str
    value: str | None
    as_of: datetime.date | None
    light: str
