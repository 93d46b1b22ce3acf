"""How an application says which rows of its tables a web request may touch; read by `rows_installing`. Needs no model, so that an AppConfig may import it."""

from __future__ import annotations

from dataclasses import dataclass

# Each is read once a statement, not once a row.
PLACES = "(SELECT string_to_array(current_setting('jiuye.places', true), ','))::text[]"  # the cast: else ANY takes it for rows
# All of them lie between these two, which an index understands; one post, one range.
LOWEST = "(SELECT current_setting('jiuye.lowest', true))"
BEYOND = "(SELECT current_setting('jiuye.beyond', true))"
# Where the actor administers or audits, which opens nobody's record.
AUDITING = "(SELECT string_to_array(current_setting('jiuye.auditing', true), ','))::text[]"
PERSON = "(SELECT nullif(current_setting('jiuye.person', true), '')::bigint)"
EMPLOYER = "(SELECT nullif(current_setting('jiuye.employer', true), '')::bigint)"
ACCOUNT = "(SELECT nullif(current_setting('jiuye.account', true), '')::bigint)"
NOTICE = "coalesce((SELECT current_setting('jiuye.notice', true)), '') = 'on'"
CITY_DIGITS = 4  # a division code of the city (GB/T 2260): a post there is over every county
WHOLE_CITY = f"EXISTS (SELECT 1 FROM unnest({PLACES}) AS place WHERE length(place) <= {CITY_DIGITS})"


@dataclass(frozen=True, slots=True)
class Open:
    """Everyone whom the application lets in may read these rows; `reason` says why that shows nobody's record."""

    reason: str


@dataclass(frozen=True, slots=True)
class Rows:
    """The condition, in SQL over the table's own columns, under which a row may be seen and written.

    `publicised` is the condition under which a page that is open to everyone may read it; what hangs on the row is not read there.
    """

    condition: str
    publicised: str = ""

    @property
    def whole(self) -> str:
        """Both together."""
        return (
            f"({self.condition}) OR ({NOTICE} AND {self.publicised})" if self.publicised else self.condition
        )


@dataclass(frozen=True, slots=True)
class ByKey:
    """A table that lies below those whose rows it is about, and knows them by a text key: `case:12`, `loan-interest:7`.

    Each application says in its AppConfig which beginnings of a key are its own (`row_keys`: beginning → table); that table's
    own policy then decides. A post over the whole city sees every row, whatever its key.
    """

    column: str

    def rows(self, tables: dict[str, str]) -> Rows:
        """The condition, over all the kinds that the applications know."""
        kinds = " ".join(
            f"WHEN {self.column} ~ '^{start}[0-9]+$' "
            f"THEN {through(f'substring({self.column} from {len(start) + 1})::bigint', table)}"
            for start, table in sorted(tables.items())
        )
        return Rows(f"{WHOLE_CITY} OR CASE {kinds} ELSE false END" if kinds else WHOLE_CITY)


def in_places(column: str) -> str:
    """The division code in `column` lies in a place of the actor's posts."""
    return f"({column} >= {LOWEST} AND {column} < {BEYOND} AND {column} ^@ ANY ({PLACES}))"


def in_auditing(column: str) -> str:
    """The division code in `column` lies where the actor may see what officers did."""
    return f"({column} ^@ ANY ({AUDITING}))"


def through(column: str, table: str, key: str = "id") -> str:
    """The row that `column` points at may be seen: that table's own policy decides."""
    return f"EXISTS (SELECT 1 FROM {table} parent WHERE parent.{key} = {column})"


def owned() -> str:
    """The usual: a row with a division, a resident and an employer (`division_code`, `person_id`, `employer_id`)."""
    return f"{in_places('division_code')} OR person_id = {PERSON} OR employer_id = {EMPLOYER}"
