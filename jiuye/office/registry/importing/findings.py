"""The findings of the checks: one frame of reasons, one of notes; a row with a reason is sent back."""

from __future__ import annotations

import polars as pl

# rid is the row's number within the batch; `value` is masked already where it is protected.
FINDING_SCHEMA = {
    "rid": pl.UInt32,
    "field": pl.String,
    "code": pl.String,
    "value": pl.String,
    "a": pl.String,
    "b": pl.String,
}


def masked(field: str, value: pl.Expr) -> pl.Expr:
    """A value as a finding may show it: ID numbers, phones and accounts keep only their ends."""
    if field == "id_number":
        short = value.str.len_chars() <= 8
        hidden = pl.concat_str(
            value.str.head(3),
            pl.lit("*").repeat_by((value.str.len_chars().cast(pl.Int64) - 5).clip(0)).list.join(""),
            value.str.tail(2),
        )
        # What is no number at all (a name in the wrong column, 3.21E+17) is shown: it must be found again.
        return pl.when(short | ~value.str.contains(r"^[\dXx]+$")).then(value).otherwise(hidden)
    if field in ("phone", "bank_account"):
        return (
            pl.when(value.str.contains(r"^\d{7,}$"))
            .then(pl.concat_str(value.str.head(3), pl.lit("****"), value.str.tail(4)))
            .otherwise(value)
        )
    return value


class Findings:
    """Collects frames while the checks run; the order within a row is the order of the checks."""

    def __init__(self) -> None:
        self._frames: list[pl.DataFrame] = []

    def add(
        self,
        rows: pl.DataFrame,
        where: pl.Expr,
        code: str,
        field: str = "",
        *,
        value: pl.Expr | None = None,
        a: pl.Expr | None = None,
        b: pl.Expr | None = None,
    ) -> None:
        """Record `code` for every row where the condition holds (null counts as not).

        `value` is the cell as written; without it the field's own column is shown.
        """
        shown = value if value is not None else (pl.col(field) if field in rows.columns else pl.lit(None))
        nothing = pl.lit(None, dtype=pl.String)
        found = rows.filter(where.fill_null(value=False)).select(
            rid="rid",
            field=pl.lit(field),
            code=pl.lit(code),
            value=masked(field, shown.cast(pl.String)).fill_null(""),
            a=(a if a is not None else nothing).cast(pl.String).fill_null(""),
            b=(b if b is not None else nothing).cast(pl.String).fill_null(""),
        )
        if found.height:
            self._frames.append(found.cast({"rid": pl.UInt32}))

    def extend(self, found: pl.DataFrame) -> None:
        """Take over findings that were collected apart."""
        if found.height:
            self._frames.append(found.select(list(FINDING_SCHEMA)))

    def frame(self) -> pl.DataFrame:
        """All findings, by row and then in the order of the checks."""
        if not self._frames:
            return pl.DataFrame(schema=FINDING_SCHEMA)
        return pl.concat(self._frames).sort("rid", maintain_order=True)

    def rids(self) -> pl.Series:
        """The rows that have at least one finding."""
        return self.frame()["rid"].unique().sort()
