"""Reading imports: the list, one preview with its first rows, and why rows were sent back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jiuye.engine.basis.money import yuan_text
from jiuye.office.registry.importing import storage
from jiuye.office.registry.importing.fields import BY_NAME, CHOICE_NAMES
from jiuye.office.registry.importing.findings import FINDING_SCHEMA
from jiuye.office.registry.importing.overwriting import ChangedResidents, changed_residents
from jiuye.office.registry.importing.reasons import SHIFTED, worded
from jiuye.office.registry.models import Division, ImportBatch
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
    example: Rejection


def batches_of(actor: Actor) -> QuerySet[ImportBatch]:
    """The actor's own imports, newest first."""
    require(actor, "registry.import")
    return ImportBatch.objects.filter(uploaded_by_id=actor.account_id).order_by("-uploaded_at", "-pk")


def batch_of(actor: Actor, pk: int) -> ImportBatch:
    """One of the actor's own imports. Raises ImportBatch.DoesNotExist for another's, which is not theirs to see."""
    return batches_of(actor).get(pk=pk)


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column of a sheet: its heading, the field it goes to and how that was found (see `tables.How`)."""

    sheet: str
    heading: str
    field: str
    how: str


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import as its page shows it. Without kept files (a discarded batch) the lists are empty."""

    batch: ImportBatch
    columns: list[MappedColumn]
    labels: list[str]
    rows: list[list[str]]
    reasons: list[ReasonCount]
    notes: list[ReasonCount]
    changed: ChangedResidents


def view_of(actor: Actor, pk: int, *, after: str = "", before: str = "") -> ImportView:
    """Everything about one of the actor's own imports; of the residents whom it changes those after (or before) a key.

    Raises ImportBatch.DoesNotExist for another's.
    """
    batch = batch_of(actor, pk)
    columns = [MappedColumn(sheet, **column) for sheet, found in batch.mapping.items() for column in found]
    labels, rows = first_rows(batch)
    changed = changed_residents(batch, after=after, before=before)
    return ImportView(batch, columns, labels, rows, reason_counts(batch), note_counts(batch), changed)


def rejections(
    batch: ImportBatch, *, code: str = "", start: int = 0, limit: int | None = 100
) -> list[Rejection]:
    """The reasons in the order of the file; `code` picks one kind. Values of protected columns are masked."""
    return list(_worded(batch, _reasons(batch, code).slice(start, limit)))


def rejection_count(batch: ImportBatch, *, code: str = "") -> int:
    """How many reasons there are; a row may have several."""
    return _reasons(batch, code).height


def reason_counts(batch: ImportBatch) -> list[ReasonCount]:
    """Every kind of reason with its number of rows, most frequent first."""
    return _counts(batch, _kept(batch, "reasons"))


def note_counts(batch: ImportBatch) -> list[ReasonCount]:
    """What is worth knowing of accepted rows, by kind."""
    return _counts(batch, _kept(batch, "notes"))


def _kept(batch: ImportBatch, name: str) -> pl.DataFrame:
    """A kept frame of findings, or an empty one where the batch was discarded."""
    if storage.has_frame(batch.pk, name):
        return storage.read_frame(batch.pk, name)
    return pl.DataFrame(schema=FINDING_SCHEMA)


def _reasons(batch: ImportBatch, code: str) -> pl.DataFrame:
    found = _kept(batch, "reasons")
    return found.filter(pl.col("code") == code) if code else found


def _counts(batch: ImportBatch, found: pl.DataFrame) -> list[ReasonCount]:
    if found.is_empty():
        return []
    firsts = found.unique("code", keep="first", maintain_order=True)
    examples = dict(zip(firsts["code"], _worded(batch, firsts), strict=True))
    counts = (
        found.group_by("code").agg(pl.col("rid").n_unique()).sort("rid", "code", descending=[True, False])
    )
    return [ReasonCount(code, rows, examples[code]) for code, rows in counts.iter_rows()]


def _worded(batch: ImportBatch, found: pl.DataFrame) -> Iterator[Rejection]:
    placed = found.join(storage.read_frame(batch.pk, "places"), on="rid", how="left", maintain_order="left")
    for row in placed.iter_rows(named=True):
        said = worded(field=row["field"], code=row["code"], value=row["value"], a=row["a"], b=row["b"])
        shown = "" if row["code"] in SHIFTED else row["value"]  # where that is the column, not a value
        yield Rejection(row["sheet"], row["row"], said.column, shown, said.says, said.do)


def first_rows(batch: ImportBatch, limit: int = FIRST_ROWS) -> tuple[list[str], list[list[str]]]:
    """Labels and masked values of the first rows that pass, as they will be registered. Empty once accepted."""
    if not storage.has_frame(batch.pk, "clean"):
        return [], []
    clean = storage.read_frame(batch.pk, "clean").head(limit)
    shown = [name for name in BY_NAME if name in clean.columns and clean[name].null_count() < clean.height]
    codes = {code for name in ("residence_division", "hukou_division") for code in clean[name].drop_nulls()}
    places = dict(Division.objects.filter(code__in=codes).order_by("code").values_list("code", "name"))
    rows = [[_shown(name, row[name], places) for name in shown] for row in clean.iter_rows(named=True)]
    return [BY_NAME[name].label for name in shown], rows


def _shown(field: str, value: Any, places: dict[str, str]) -> str:
    if value is None:
        return ""
    if field == "name":
        return mask_name(value)
    if field == "id_number":
        return mask_id_number(value)
    if field in ("phone", "bank_account"):
        return mask_phone(value)
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if field == "monthly_wage":
        return yuan_text(value)
    if field in ("residence_division", "hukou_division"):
        return places[value]
    return _(CHOICE_NAMES[field][value]) if field in CHOICE_NAMES else str(value)
