"""Reading imports: the list, one preview with its first rows, and why rows were sent back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import QuerySet

from jiuye.office.registry.importing import storage
from jiuye.office.registry.importing.fields import BY_NAME, CHOICE_NAMES
from jiuye.office.registry.importing.reasons import advice, column_of, sentence
from jiuye.office.registry.models import ImportBatch
from jiuye.office.registry.secrets import mask_id_number, mask_name, mask_phone
from jiuye.office.staff.queries import Actor, require

FIRST_ROWS = 10


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason against one row, in words."""

    sheet: str
    row: int
    column: str
    value: str
    says: str
    do: str


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many rows one reason sends back, with one example."""

    code: str
    rows: int
    example: Rejection | None


def batches_of(actor: Actor) -> QuerySet[ImportBatch]:
    """The actor's own imports, newest first."""
    require(actor, "registry.import")
    return ImportBatch.objects.filter(uploaded_by_id=actor.account_id).order_by("-uploaded_at", "-pk")


def batch_of(actor: Actor, pk: int) -> ImportBatch:
    """One of the actor's own imports. Raises ImportBatch.DoesNotExist for another's, which is not theirs to see."""
    return batches_of(actor).get(pk=pk)


def rejections(
    batch: ImportBatch, *, code: str = "", start: int = 0, limit: int | None = 100
) -> list[Rejection]:
    """The reasons in the order of the file; `code` picks one kind. Values of protected columns are masked."""
    return list(iter_rejections(batch, code=code, start=start, limit=limit))


def iter_rejections(
    batch: ImportBatch, *, code: str = "", start: int = 0, limit: int | None = None
) -> Iterator[Rejection]:
    """The same one by one, for long lists."""
    found = storage.read_frame(batch.pk, "reasons")
    if code:
        found = found.filter(pl.col("code") == code)
    yield from _worded(batch, found.slice(start, limit))


def reason_counts(batch: ImportBatch) -> list[ReasonCount]:
    """Every kind of reason with its number of rows, most frequent first."""
    found = storage.read_frame(batch.pk, "reasons")
    firsts = found.unique("code", keep="first", maintain_order=True)
    examples = {
        row["code"]: said
        for row, said in zip(firsts.iter_rows(named=True), _worded(batch, firsts), strict=True)
    }
    counts = (
        found.group_by("code").agg(pl.col("rid").n_unique()).sort("rid", "code", descending=[True, False])
    )
    return [ReasonCount(code, rows, examples.get(code)) for code, rows in counts.iter_rows()]


def note_counts(batch: ImportBatch) -> list[ReasonCount]:
    """What is worth knowing of accepted rows, by kind."""
    found = storage.read_frame(batch.pk, "notes")
    firsts = found.unique("code", keep="first", maintain_order=True)
    examples = {
        row["code"]: said
        for row, said in zip(firsts.iter_rows(named=True), _worded(batch, firsts), strict=True)
    }
    counts = (
        found.group_by("code").agg(pl.col("rid").n_unique()).sort("rid", "code", descending=[True, False])
    )
    return [ReasonCount(code, rows, examples.get(code)) for code, rows in counts.iter_rows()]


def _worded(batch: ImportBatch, found: pl.DataFrame) -> Iterator[Rejection]:
    placed = found.join(storage.read_frame(batch.pk, "places"), on="rid", how="left", maintain_order="left")
    for row in placed.iter_rows(named=True):
        column = column_of(row["code"], row["field"], row["value"])
        words = {"column": column, "value": row["value"], "a": row["a"], "b": row["b"]}
        yield Rejection(
            row["sheet"],
            row["row"],
            column,
            row["value"],
            sentence(row["code"], **words),
            advice(row["code"], **words),
        )


def first_rows(batch: ImportBatch, limit: int = FIRST_ROWS) -> tuple[list[str], list[list[str]]]:
    """Labels and masked values of the first rows that pass, as they will be registered. Empty once accepted."""
    if not storage.has_frame(batch.pk, "clean"):
        return [], []
    clean = storage.read_frame(batch.pk, "clean").head(limit)
    shown = [name for name in BY_NAME if name in clean.columns and clean[name].null_count() < clean.height]
    rows = [[_shown(name, row[name]) for name in shown] for row in clean.iter_rows(named=True)]
    return [BY_NAME[name].label for name in shown], rows


def _shown(field: str, value: Any) -> str:
    if value is None:
        return ""
    if field == "name":
        return mask_name(value)
    if field == "id_number":
        return mask_id_number(value)
    if field in ("phone", "bank_account"):
        return mask_phone(value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if field == "monthly_wage":
        return f"{value // 100}.{value % 100:02}"
    return CHOICE_NAMES.get(field, {}).get(str(value), str(value))
