"""What the components show, as plain data: a view builds these, a template tag draws them.

Levels everywhere: "good", "watch", "bad", "none". A level never stands alone: a word comes with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from jiuye.portals.common.slices import SLICE_KEYS

LEVELS = ("good", "watch", "bad", "none")
VERDICT_LEVELS = {"yes": "good", "no": "bad", "unknown": "watch"}
VERDICT_WORDS = {"yes": _("符合"), "no": _("不符合"), "unknown": _("尚不能判定")}
STEP_WORDS = {"done": _("已完成"), "current": _("进行中"), "next": _("未开始"), "failed": _("未通过")}
NO_RECORDS = _("没有记录")
COLUMN_KINDS = ("text", "number", "money", "date", "moment")

# Why somebody looks at protected data; the reason chosen is recorded with the look.
LOOK_PURPOSES = (
    _("办理本人的事项"),
    _("电话联系本人"),
    _("核验来访人员身份"),
    _("复核或审计"),
)


class UnknownLevelError(ValueError):
    """A level that the design system does not have; the template or view that names it is wrong."""

    def __init__(self, level: str) -> None:
        super().__init__(f"{level!r} is no level; use one of {', '.join(LEVELS)}.")


def known_level(level: str) -> str:
    """`level` itself. Raises UnknownLevelError for one that is not of the design system."""
    if level not in LEVELS:
        raise UnknownLevelError(level)
    return level


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a timeline. `state` is done, current, next or failed; `when` a day, a moment or words."""

    title: Any
    state: str = "done"
    when: date | datetime | str | None = None
    who: str = ""
    note: str = ""
    url: str = ""  # how it looked then

    @property
    def word(self) -> Any:
        return STEP_WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition with its verdict: what it says, the law's words, and the values that were read.

    `values` are (label, value) pairs. For an unknown verdict `question` is what to ask and `holder` the register that
    holds the missing fact.
    """

    says: str
    verdict: str
    law: str = ""
    source: str = ""
    values: Sequence[tuple[str, str]] = ()
    question: str = ""
    holder: str = ""

    @property
    def level(self) -> str:
        return VERDICT_LEVELS[self.verdict]

    @property
    def word(self) -> Any:
        return VERDICT_WORDS[self.verdict]


@dataclass(frozen=True, slots=True)
class ActButton:
    """One act of a lifecycle that the actor may take now: at once, or after a dialog, with words where it takes some."""

    act: str
    label: str
    key: str  # the letter that takes it from the keyboard
    kind: str
    url: str
    dialog: bool
    words: bool
    needs_words: bool
    question: str
    help: str


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: a link, since every tab has an address of its own."""

    label: Any
    url: str
    current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Crumb:
    """One ancestor of a page; the last one is the page itself and has no address."""

    label: Any
    url: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A table cell that is more than its value: a link, a light with its word, a second line.

    One that is `absent` is left out where each row is a card (on a phone), so that a row of dashes takes no room.
    """

    value: Any = ""
    url: str = ""
    level: str = ""
    note: Any = ""
    absent: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column. `order_by` makes it sortable: the ORM names it sorts by, a tie-breaking unique one last.

    `heads` marks the column that names the row, which is its header for screen readers and its title on a phone.
    """

    key: str
    label: Any
    kind: str = "text"
    order_by: tuple[str, ...] = ()
    heads: bool = False


@dataclass(frozen=True, slots=True)
class Sorting:
    """The column that a list is sorted by, read from the address and held against the columns that allow it."""

    key: str
    descending: bool

    @classmethod
    def of(cls, request: HttpRequest, columns: Iterable[Column], default: str) -> Sorting:
        """`?sort=name` or `?sort=-name`; anything that is not a sortable column means the default."""
        sortable = {column.key for column in columns if column.order_by}
        asked = request.GET.get("sort", "")
        if asked.removeprefix("-") not in sortable:
            asked = default
        return cls(asked.removeprefix("-"), asked.startswith("-"))

    def order_by(self, columns: Iterable[Column]) -> tuple[str, ...]:
        """The names for a queryset's `order_by`."""
        names = next((column.order_by for column in columns if column.key == self.key), ())
        if not self.descending:
            return names
        return tuple(name.removeprefix("-") if name.startswith("-") else f"-{name}" for name in names)


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's head as it is drawn: with the address that sorts by it, and how it is sorted now."""

    column: Column
    url: str = ""
    sorted: str = ""  # "ascending", "descending" or nothing

    @property
    def icon(self) -> str:
        return {"ascending": "up", "descending": "down"}.get(self.sorted, "sort")


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """A cell beside its column."""

    column: Column
    cell: Cell


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns, with a caption that says what they are and words for when there are none.

    `rows` map column keys to a value or a Cell. Without `query` (the request's GET) nothing is sortable.
    """

    caption: Any
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    sorting: Sorting | None = None
    query: QueryDict | None = None
    empty_title: Any = NO_RECORDS
    empty_text: Any = ""
    show_caption: bool = False
    headings: Sequence[Heading] = field(init=False)
    body: Sequence[Sequence[DrawnCell]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "headings", [self._heading(column) for column in self.columns])
        object.__setattr__(self, "body", [self._row(row) for row in self.rows])

    def _heading(self, column: Column) -> Heading:
        if not column.order_by or self.query is None or self.sorting is None:
            return Heading(column)
        here = self.sorting.key == column.key
        query = self.query.copy()
        query["sort"] = f"-{column.key}" if here and not self.sorting.descending else column.key
        for where in ("page", *SLICE_KEYS):
            query.pop(where, None)
        direction = "descending" if self.sorting.descending else "ascending"
        return Heading(column, f"?{query.urlencode()}", direction if here else "")

    def _row(self, row: Mapping[str, Any]) -> list[DrawnCell]:
        cells = []
        for column in self.columns:
            value = row[column.key]
            cells.append(DrawnCell(column, value if isinstance(value, Cell) else Cell(value)))
        return cells
