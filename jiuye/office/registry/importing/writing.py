"""Writing an accepted batch: COPY for what is new, one UPDATE for what changes, and the list of both for undoing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from typing import Any, TypeVar

import polars as pl
from django.db import connection

from jiuye.office.registry.importing.employers import NewEmployer
from jiuye.office.registry.importing.record import Comparison
from jiuye.office.registry.models import Division, Employer, ImportBatch, ImportChange
from jiuye.office.registry.secrets import seal

Progress = Callable[[str, float], None]
# For this transaction: the triggers' transition tables stay in memory, the name index is sorted in later, and no
# time goes into compiling statements that run once.
_LOADING = ("work_mem TO '256MB'", "gin_pending_list_limit TO '64MB'", "jit TO off")
Part = TypeVar("Part")
Made = TypeVar("Made")
_SLICE, _AHEAD = 5_000, 2
# What of a person may change, as columns of the table; sealed ones are kept in `before` as base64 of their seal.
PLAIN_COLUMNS = (
    "sex", "birth_date", "bank_name", "hukou_kind", "hukou_division_id", "residence_division_id", "address",
)  # fmt: skip
SEALED_COLUMNS = ("phone", "phone_index", "bank_account")
_PERSON_TABLE_COLUMNS = (
    "id", "name", "sex", "birth_date", "id_number", "id_number_index", "phone", "phone_index", "bank_account", "bank_name",
    "hukou_kind", "hukou_division_id", "residence_division_id", "address", "source", "registered_on",
)  # fmt: skip


def write(
    batch: ImportBatch, found: Comparison, new_employers: list[NewEmployer], on: date, progress: Progress
) -> None:
    """Write everything that `found` says is to be written. Runs inside the caller's transaction and audit context."""
    with connection.cursor() as cursor:
        # COPY does not pass through Django's cursor wrapper; this statement does, and leaves the audit context in the
        # transaction for the triggers that COPY calls.
        cursor.execute("SET LOCAL application_name TO 'jiuye import'")
        for setting in _LOADING:
            cursor.execute(f"SET LOCAL {setting}")
        writer = _Writer(batch, cursor.cursor, on, progress)
        people = writer.persons(found.rows)
        employer_ids = writer.employers(new_employers)
        writer.change_persons(found.rows)
        writer.statuses(found.statuses, people)
        writer.employment(found.employment, people, employer_ids, found.rows)
        writer.education(found.education, people)
        writer.graduations(found.graduations)
        progress("核对关联", 0.95)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


class _Writer:
    """One batch being written through one psycopg cursor."""

    def __init__(self, batch: ImportBatch, cursor: Any, on: date, progress: Progress) -> None:
        self.batch, self.cursor, self.on, self.progress = batch, cursor, on, progress

    # -- the ways of writing

    def copy(self, table: str, frame: pl.DataFrame) -> None:
        """COPY the frame's columns, named as the table's. Empty text stays empty text; null stays null."""
        columns = ", ".join(f'"{name}"' for name in frame.columns)
        with self.cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy:
            for start in range(0, frame.height, _SLICE):
                copy.write(_csv(frame.slice(start, _SLICE)))

    def new_ids(self, table: str, count: int) -> pl.Series:
        """`count` ids of the table's sequence, which belong to nobody else.

        They are consecutive unless somebody else took one meanwhile; only then are they read one by one.
        """
        self.cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table])
        ((sequence,),) = self.cursor.fetchall()
        take = f"SELECT nextval('{sequence}') AS id FROM generate_series(1, %s)"  # the catalogue's name for our table
        self.cursor.execute(f"SELECT min(id), max(id) FROM ({take}) taken", [count])
        ((first, last),) = self.cursor.fetchall()
        if count and last - first + 1 == count:
            return pl.int_range(first, last + 1, dtype=pl.Int64, eager=True).alias("id")
        self.cursor.execute(take, [count])
        return pl.Series("id", [value for (value,) in self.cursor.fetchall()], dtype=pl.Int64)

    def remember_new(self, model: str, ids: pl.Series) -> None:
        """Keep the new rows as runs of consecutive ids: one run, unless others took ids in between."""
        runs = (
            pl.DataFrame({"id": ids.sort()})
            .group_by(pl.col("id") - pl.int_range(pl.len()))
            .agg(first=pl.col("id").min(), last=pl.col("id").max())
            .sort("first")
        )
        ImportChange.objects.bulk_create(
            ImportChange(batch=self.batch, model=model, object_id=first, last_id=last)
            for first, last in runs.select("first", "last").iter_rows()
        )

    def add(self, model: str, frame: pl.DataFrame) -> None:
        """COPY new rows of a dated fact, with ids of their own and the batch's source."""
        if frame.is_empty():
            return
        table = f"registry_{model}"
        ids = self.new_ids(table, frame.height)
        self.copy(table, frame.with_columns(ids, source=pl.lit(self.batch.source)))
        self.remember_new(model, ids)

    # -- persons

    def persons(self, rows: pl.DataFrame) -> pl.DataFrame:
        """COPY the new persons; returns rid and person_id of all."""
        fresh = rows.filter(pl.col("person_id").is_null())
        ids = self.new_ids("registry_person", fresh.height)
        fresh = fresh.with_columns(person_id=ids)
        columns = ", ".join(_PERSON_TABLE_COLUMNS)
        slices = (fresh.slice(start, _SLICE) for start in range(0, fresh.height, _SLICE))
        done = 0
        with self.cursor.copy(f"COPY registry_person ({columns}) FROM STDIN (FORMAT csv)") as copy:
            for height, content in _ahead(
                slices, lambda part: (part.height, _csv(self._person_columns(part)))
            ):
                copy.write(content)
                done += height
                self.progress("写入居民", 0.45 * done / fresh.height)
        if fresh.height:
            self.remember_new("person", ids)
        known = rows.filter(pl.col("person_id").is_not_null())
        return pl.concat([fresh.select("rid", "person_id"), known.select("rid", "person_id")])

    def _person_columns(self, rows: pl.DataFrame) -> pl.DataFrame:
        empty = pl.lit("")
        return rows.select(
            id="person_id",
            name="name",
            sex="sex",
            birth_date="birth_date",
            id_number=_sealed(rows["id_number"]),
            id_number_index=_hex("id_index"),
            phone=_sealed(rows["phone"]),
            phone_index=_hex("phone_index"),
            bank_account=_sealed(rows["bank_account"]),
            bank_name=pl.col("bank_name").fill_null(empty),
            hukou_kind=pl.col("hukou_kind").fill_null(empty),
            hukou_division_id="hukou_division_id",
            residence_division_id="residence_division_id",
            address=pl.col("address").fill_null(empty),
            source=pl.lit(self.batch.source),
            registered_on=pl.col("registered_on").fill_null(pl.lit(self.on)),
        )

    def change_persons(self, rows: pl.DataFrame) -> None:
        """Update the known persons with something new, and keep what stood there."""
        changed = rows.filter(pl.col("person_id").is_not_null() & (pl.col("changes") != ""))
        if changed.is_empty():
            return
        remember_persons(self.cursor, self.batch, changed["person_id"].to_list())
        columns = (*PLAIN_COLUMNS, *SEALED_COLUMNS)
        types = ", ".join(f"{name} {_sql_type(name)}" for name in columns)
        self.cursor.execute(f"CREATE TEMP TABLE import_change (id bigint, {types}) ON COMMIT DROP")
        # Only the columns that change are filled; COALESCE leaves the others as they stand.
        plain = [pl.when(_names(name)).then(pl.col(name)).alias(name) for name in PLAIN_COLUMNS]
        moved = changed.select(
            "person_id",
            *plain,
            pl.when(_names("phone")).then(_hex("phone_index")).alias("phone_index"),
            phone=pl.when(_names("phone")).then(_sealed(changed["phone"])),
            bank_account=pl.when(_names("bank_account")).then(_sealed(changed["bank_account"])),
        ).rename({"person_id": "id"})
        self.copy("import_change", moved)
        sets = ", ".join(f"{name} = COALESCE(c.{name}, p.{name})" for name in columns)
        self.cursor.execute(f"UPDATE registry_person p SET {sets} FROM import_change c WHERE c.id = p.id")

    # -- facts

    def employers(self, new: list[NewEmployer]) -> dict[str, int]:
        """Register the new employers; returns their numbers by credit code."""
        if not new:
            return {}
        made = Employer.objects.bulk_create(
            Employer(
                name=each.name,
                credit_code=each.credit_code,
                kind=each.kind,
                division_id=each.division_code,
                source=self.batch.source,
            )
            for each in new
        )
        self.remember_new("employer", pl.Series([each.pk for each in made], dtype=pl.Int64))
        return {each.credit_code: each.pk for each in made}

    def statuses(self, frame: pl.DataFrame, people: pl.DataFrame) -> None:
        self.progress("写入身份", 0.5)
        joined = frame.drop("person_id").join(people, on="rid", maintain_order="left")
        self.add(
            "status",
            joined.select(
                "person_id", "kind", "category", "start", document=pl.lit(f"导入批次 {self.batch.pk}")
            ),
        )

    def employment(
        self, frame: pl.DataFrame, people: pl.DataFrame, employer_ids: dict[str, int], rows: pl.DataFrame
    ) -> None:
        """COPY the new spells. Urban employment is by the employer's place, without an employer by the person's."""
        self.progress("写入就业经历", 0.7)
        if frame.is_empty():
            return
        joined = frame.drop("person_id").join(people, on="rid", maintain_order="left")
        joined = joined.join(rows.select("rid", "residence_division_id"), on="rid", maintain_order="left")
        keys = joined["employer_key"].drop_nulls().unique().to_list()
        numbers = {key: int(key[1:]) if key.startswith("#") else employer_ids[key] for key in keys}
        urban_places = dict(Division.objects.order_by("code").values_list("code", "urban"))
        seats = Employer.objects.filter(pk__in=set(numbers.values())).order_by("pk")
        urban_employers = {pk: urban_places[code] for pk, code in seats.values_list("pk", "division_id")}
        number = pl.col("employer_key").replace_strict(numbers, default=None, return_dtype=pl.Int64)
        joined = joined.with_columns(employer_id=number)
        self.add(
            "employmentspell",
            joined.select(
                "person_id",
                "employer_id",
                "kind",
                "start",
                monthly_wage_fen="wage_fen",
                urban=pl.coalesce(
                    pl.col("employer_id").replace_strict(
                        urban_employers, default=None, return_dtype=pl.Boolean
                    ),
                    pl.col("residence_division_id").replace_strict(
                        urban_places, default=None, return_dtype=pl.Boolean
                    ),
                ),
                transferred_in=pl.lit(value=False),
                ended_because=pl.lit(""),
            ),
        )

    def education(self, frame: pl.DataFrame, people: pl.DataFrame) -> None:
        self.progress("写入学历", 0.9)
        joined = frame.drop("person_id").join(people, on="rid", maintain_order="left")
        self.add(
            "education",
            joined.select("person_id", "level", "school", "graduated_on", "full_time"),
        )

    def graduations(self, frame: pl.DataFrame) -> None:
        """Education on record gains its graduation date."""
        if frame.is_empty():
            return
        ids = frame["education_id"].to_list()
        self.cursor.execute(
            "INSERT INTO registry_importchange (batch_id, model, object_id, last_id, before) "
            "SELECT %s, 'education', id, id, jsonb_build_object('graduated_on', graduated_on) "
            "FROM registry_education WHERE id = ANY(%s)",
            [self.batch.pk, ids],
        )
        self.cursor.execute(
            "UPDATE registry_education e SET graduated_on = n.graduated_on "
            "FROM unnest(%s::bigint[], %s::date[]) AS n (id, graduated_on) WHERE e.id = n.id",
            [ids, frame["graduated_on"].to_list()],
        )


def remember_persons(cursor: Any, batch: ImportBatch, ids: list[int]) -> None:
    """Keep the persons as they stand, in `ImportChange.before`."""
    plain = ", ".join(f"'{name}', {name}" for name in PLAIN_COLUMNS)
    sealed = ", ".join(f"'{name}', encode({name}, 'base64')" for name in SEALED_COLUMNS)
    cursor.execute(
        "INSERT INTO registry_importchange (batch_id, model, object_id, last_id, before) "
        f"SELECT %s, 'person', id, id, jsonb_build_object({plain}, {sealed}) FROM registry_person WHERE id = ANY(%s)",
        [batch.pk, ids],
    )


def _ahead(parts: Iterable[Part], make: Callable[[Part], Made]) -> Iterator[Made]:
    """`make` of each part in order, one part ahead of the reader: sealing goes on while the database takes in rows."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        waiting: deque[Future[Made]] = deque()
        for part in parts:
            waiting.append(pool.submit(make, part))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _csv(frame: pl.DataFrame) -> bytes:
    """CSV for COPY: text in quotes, so that an empty text differs from a null."""
    return frame.write_csv(include_header=False, quote_style="non_numeric", null_value="").encode()


def _hex(column: str) -> pl.Expr:
    return pl.lit("\\x") + pl.col(column).bin.encode("hex")


def _sealed(values: pl.Series) -> pl.Series:
    """Each text sealed, as COPY reads bytea; no text is an empty bytea."""
    return pl.Series(
        ["\\x" + seal(text).hex() if text is not None else "\\x" for text in values.to_list()],
        dtype=pl.String,
    )


def _names(name: str) -> pl.Expr:
    """True where the row's changes name this column."""
    return (pl.lit(",") + pl.col("changes") + pl.lit(",")).str.contains(f",{name},", literal=True)


def _sql_type(name: str) -> str:
    if name in SEALED_COLUMNS:
        return "bytea"
    return "date" if name == "birth_date" else "text"
