"""What an import would change of residents on record: each value as it stands beside the one from the file.

Kept with the preview, sealed as it is. What was shown is what may be accepted: where a value on record has changed since, the preview has to
be made again (`operations.accept`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db import connection
from django.utils.translation import gettext as _

from jiuye.office.registry.importing import storage
from jiuye.office.registry.importing.fields import BY_NAME, CHOICE_NAMES
from jiuye.office.registry.importing.record import PERSON_COLUMNS, Comparison
from jiuye.office.registry.models import Division, ImportBatch
from jiuye.office.registry.secrets import mask_name, mask_phone, unseal

FRAME = "overwrites"
SHOWN_AT_ONCE = 20  # residents
MONEY = ("bank_account", "bank_name")  # where money goes
PHONE = ("phone",)
FIELDS = tuple(dict.fromkeys((*MONEY, *PHONE, *PERSON_COLUMNS)))
# What tells whether a value on record is still the one that was shown. The sealed phone is another text each time it is sealed.
_COMPARED = ("person_id", "changes", "known_phone_index", "known_account", *(f"known_{name}" for name in PERSON_COLUMNS))  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """One value of one resident, protected ones masked. `overwrites` where something stood there; `kind` is money, phone or other."""

    label: str
    old: str
    new: str
    overwrites: bool
    kind: str


@dataclass(frozen=True, slots=True)
class ChangedResident:
    """One resident of whom an import changes something; `key` is the place in the list, which is fixed once it was made."""

    key: int
    person_id: int
    name: str
    values: list[ChangedValue]


@dataclass(frozen=True, slots=True)
class ChangedResidents:
    """A part of them, with the keys that lead on; empty at the ends."""

    rows: list[ChangedResident]
    before: str = ""
    after: str = ""


def changed_of(compared: Comparison) -> pl.DataFrame:
    """The residents on record whose values change: first those whose money would go elsewhere, then those with another phone."""
    rows = compared.rows.filter(pl.col("person_id").is_not_null() & (pl.col("changes") != ""))
    kept = rows.select(
        *_COMPARED, "name", *PERSON_COLUMNS, "phone", "bank_account",
        rank=pl.when(_any_of(MONEY)).then(0).when(_any_of(PHONE)).then(1).otherwise(2),
    )  # fmt: skip
    phones = kept.filter(_any_of(PHONE))["person_id"].to_list()
    return (
        kept.join(_phones_on_record(phones), on="person_id", how="left")
        .sort("rank", "person_id")
        .drop("rank")
        .with_row_index("key", offset=1)
    )


def counts_of(changed: pl.DataFrame) -> dict[str, int]:
    """Residents by what changes, and how many values that stand on record would be lost."""
    overwritten = sum(
        changed.filter(_any_of((name,)) & _stood(name)).height for name in FIELDS
    )  # a value that only fills a gap loses nothing
    return {
        "residents": changed.height,
        "money": changed.filter(_any_of(MONEY)).height,
        "money_overwritten": changed.filter(_any_of(("bank_account",)) & _stood("bank_account")).height,
        "phone": changed.filter(_any_of(PHONE)).height,
        "overwritten": overwritten,
    }


def is_as_shown(batch: ImportBatch, compared: Comparison) -> bool:
    """Whether what would change now is what the preview showed."""
    now = changed_of(compared)
    if not storage.has_frame(batch.pk, FRAME):
        return now.is_empty()  # previewed before old values were shown: shown now, by a new preview
    return storage.read_frame(batch.pk, FRAME).select(_COMPARED).equals(now.select(_COMPARED))


def changed_residents(batch: ImportBatch, *, after: str = "", before: str = "") -> ChangedResidents:
    """The residents of a preview after (or before) a key; from the beginning with what is no key. Empty once it is decided on."""
    if not storage.has_frame(batch.pk, FRAME):
        return ChangedResidents([])
    changed = storage.read_frame(batch.pk, FRAME)
    onward, back = _key(after), _key(before)
    if onward:
        part = changed.filter(pl.col("key") > onward).head(SHOWN_AT_ONCE)
    elif back:
        part = changed.filter(pl.col("key") < back).tail(SHOWN_AT_ONCE)
    else:
        part = changed.head(SHOWN_AT_ONCE)
    if part.is_empty():
        part = changed.head(SHOWN_AT_ONCE)
    rows = _worded(part)
    if not rows:
        return ChangedResidents([])
    first, last = rows[0].key, rows[-1].key
    return ChangedResidents(rows, str(first) if first > 1 else "", str(last) if last < changed.height else "")


def _key(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _worded(part: pl.DataFrame) -> list[ChangedResident]:
    codes = {
        code
        for name in PERSON_COLUMNS if name.endswith("_division_id")
        for column in (name, f"known_{name}")
        for code in part[column].drop_nulls()
    }  # fmt: skip
    places = dict(Division.objects.filter(code__in=codes).order_by("code").values_list("code", "name"))
    return [
        ChangedResident(row["key"], row["person_id"], mask_name(row["name"]), _values(row, places))
        for row in part.iter_rows(named=True)
    ]


def _values(row: dict[str, Any], places: dict[str, str]) -> list[ChangedValue]:
    changed = set(row["changes"].split(","))
    found = []
    for name in FIELDS:
        if name not in changed:
            continue
        old = _old(name, row)
        kind = "money" if name in MONEY else "phone" if name in PHONE else "other"
        label = _(BY_NAME[name.removesuffix("_id")].label)
        found.append(
            ChangedValue(label, _shown(name, old, places), _shown(name, row[name], places), bool(old), kind)
        )
    return found


def _old(name: str, row: dict[str, Any]) -> Any:
    if name == "phone":
        return unseal(row["known_phone"]) if row["known_phone"] else ""
    return row["known_account"] if name == "bank_account" else row[f"known_{name}"]


def _shown(name: str, value: Any, places: dict[str, str]) -> str:
    if value is None or value == "":
        return ""
    if name in ("phone", "bank_account"):
        return mask_phone(value)
    if name.endswith("_division_id"):
        return places.get(value, value)
    return _(CHOICE_NAMES[name][value]) if name in CHOICE_NAMES else str(value)


def _any_of(names: tuple[str, ...]) -> pl.Expr:
    changes = pl.lit(",") + pl.col("changes") + pl.lit(",")
    return pl.any_horizontal([changes.str.contains(f",{name},", literal=True) for name in names])


def _stood(name: str) -> pl.Expr:
    """Whether something stood there."""
    if name == "phone":
        return pl.col("known_phone_index").bin.size() > 0
    known = pl.col("known_account" if name == "bank_account" else f"known_{name}")
    return known.is_not_null() & (known.cast(pl.String) != "")


def _phones_on_record(persons: list[int]) -> pl.DataFrame:
    """Sealed, as they stand; only those that are shown are opened."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, phone FROM registry_person WHERE id = ANY(%s) ORDER BY id", [persons])
        rows = [(number, bytes(phone or b"")) for number, phone in cursor.fetchall()]
    return pl.DataFrame(rows, schema={"person_id": pl.Int64, "known_phone": pl.Binary}, orient="row")
