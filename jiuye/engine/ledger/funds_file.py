"""The pack's `funds.yaml`: which funds there are, on what documents they stand, and which floors a document sets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, Sequence, read_yaml, whole_number
from jiuye.engine.basis.money import fen_from_yuan
from jiuye.engine.basis.problems import Place, Problems, did_you_mean

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
FILE_NAME = "funds.yaml"
# What a floor is held against: all that is arranged, the municipality's own share, each county's own share.
FLOORS_OF = ("all", "municipality", "each-county")
# Where money that was claimed back goes: back into the capital of a fund that revolves, or aside until it is appropriated anew.
RECOVERED_TO = ("appropriation", "capital")
CONTRIBUTORS = ("higher", "municipality", "counties", "pool")


@dataclass(frozen=True, slots=True)
class FundSource:
    """A document that a fund stands on."""

    document: str
    number: str
    article: str
    date: date | None
    url: str
    note: str

    @property
    def citation(self) -> str:
        """Name and number in one line, as people quote it."""
        return f"{self.document}（{self.number}）" if self.number else self.document


@dataclass(frozen=True, slots=True)
class Floor:
    """The least that a document wants budgeted in each of its years, or in every year from `since` on, in fen."""

    id: str
    name: str
    name_en: str
    years: tuple[int, ...]
    at_least_fen: int
    text: str  # the document's own words
    source: str
    of: str = "all"
    since: int | None = None

    def holds_in(self, year: int) -> bool:
        """True where a document sets the floor for that year."""
        return year in self.years or (self.since is not None and year >= self.since)


@dataclass(frozen=True, slots=True)
class FundDefinition:
    """One fund of the pack. `sources` is never empty: the first is the one that rules its use."""

    id: str
    name: str
    name_en: str
    about: str
    sources: tuple[FundSource, ...]
    floors: tuple[Floor, ...]
    place: Place
    contributors: tuple[str, ...] = CONTRIBUTORS[:3]  # who gives: of CONTRIBUTORS
    recovered_to: str = RECOVERED_TO[0]


def load_funds(
    path: Path, *, base: Path | None = None, problems: Problems | None = None
) -> tuple[dict[str, FundDefinition], Problems]:
    """The funds of the file by id, in file order, and everything that is wrong with it (added to `problems`)."""
    problems = Problems() if problems is None else problems
    found: dict[str, FundDefinition] = {}
    root = read_yaml(path, problems, base=base)
    if root is None:
        return found, problems
    for node in _mappings(root.sequence("funds", required=True), problems):
        fund = _fund(node, problems)
        if fund.id and _is_new(node, fund.id, found, problems):
            found[fund.id] = fund
    root.finish()
    return found, problems


def check_fund_uses(
    uses: Iterable[tuple[str, Place]], funds: dict[str, FundDefinition], problems: Problems
) -> None:
    """Report every use of a fund (its id, and where it is named) that is not on file."""
    for fund_id, place in uses:
        if fund_id not in funds:
            zh, en = did_you_mean(fund_id, funds)
            problems.add(
                place,
                "unknown-fund",
                zh=f"{FILE_NAME} 里没有资金“{fund_id}”。{zh}",
                en=f"there is no fund '{fund_id}' in {FILE_NAME}; {en}",
            )


def _fund(node: Mapping, problems: Problems) -> FundDefinition:
    fund = FundDefinition(
        id=node.text("id", required=True),
        name=node.text("name", required=True),
        name_en=node.text("name_en", required=True),
        about=node.text("about"),
        sources=tuple(_source(item) for item in _mappings(node.sequence("sources", required=True), problems)),
        floors=tuple(_floor(item, problems) for item in _mappings(node.sequence("floors"), problems)),
        place=node.place,
        contributors=_contributors(node, problems),
        recovered_to=node.choice("recovered_to", RECOVERED_TO, default=RECOVERED_TO[0]),
    )
    if "sources" in node and not fund.sources:
        problems.add(
            node.key_place("sources"),
            "no-source",
            zh="没有来源。请至少写一个管理办法或文件。",
            en="there is no source; name at least one document that rules the fund.",
        )
    seen: set[str] = set()
    for floor in fund.floors:
        if floor.id in seen:
            problems.add(
                node.key_place("floors"),
                "duplicate-id",
                zh=f"下限“{floor.id}”写了两次。请只留一个。",
                en=f"the floor '{floor.id}' stands here twice; keep one.",
            )
        seen.add(floor.id)
    node.finish()
    return fund


def _source(node: Mapping) -> FundSource:
    source = FundSource(
        document=node.text("document", required=True),
        number=node.text("number"),
        article=node.text("article"),
        date=node.date("date"),
        url=node.text("url"),
        note=node.text("note"),
    )
    node.finish()
    return source


def _floor(node: Mapping, problems: Problems) -> Floor:
    floor = Floor(
        id=node.text("id", required=True),
        name=node.text("name", required=True),
        name_en=node.text("name_en", required=True),
        years=_years(node, problems) if "since" not in node else (),
        at_least_fen=_amount(node, "at_least_yuan", problems),
        text=node.text("text", required=True),
        source=node.text("source", required=True),
        of=node.choice("of", FLOORS_OF, default="all"),
        since=node.whole("since"),
    )
    node.finish()
    return floor


def _contributors(node: Mapping, problems: Problems) -> tuple[str, ...]:
    if "contributors" not in node:
        return CONTRIBUTORS[:3]
    found = []
    for scalar in node.texts("contributors"):
        if scalar.text in CONTRIBUTORS:
            found.append(scalar.text)
            continue
        zh, en = did_you_mean(scalar.text, CONTRIBUTORS)
        problems.add(
            scalar.place,
            "unknown-contributor",
            zh=f"出资方没有“{scalar.text}”。{zh}",
            en=f"there is no contributor '{scalar.text}'; {en}",
        )
    return tuple(found)


def _years(node: Mapping, problems: Problems) -> tuple[int, ...]:
    found: list[int] = []
    for scalar in node.texts("years", required=True):
        year = whole_number(scalar, problems)
        if year is None:
            continue
        if not 2000 <= year <= 2100 or year in found:
            problems.add(
                scalar.place,
                "bad-year",
                zh=f"年份“{year}”重复或不在2000至2100之间。请核对。",
                en=f"the year {year} is repeated or outside 2000 to 2100; check it.",
            )
            continue
        found.append(year)
    return tuple(found)


def _amount(node: Mapping, key: str, problems: Problems) -> int:
    scalar = node.scalar(key, required=True)
    if scalar is None:
        return 0
    try:
        fen = fen_from_yuan(scalar.text)
    except ValueError:
        fen = 0
    if fen <= 0:
        problems.add(
            scalar.place,
            "not-an-amount",
            zh=f"“{scalar.text}”不是大于零的金额。请用元写，最多两位小数，例如 300000000.00。",
            en=f"'{scalar.text}' is no amount above zero; write yuan with at most two decimals, "
            "for example 300000000.00.",
        )
    return fen


def _mappings(sequence: Sequence | None, problems: Problems) -> list[Mapping]:
    found = []
    for item in sequence or ():
        if isinstance(item, Mapping):
            found.append(item)
        else:
            problems.add(
                item.place,
                "wrong-shape",
                zh="这里应当是一组“键: 值”。",
                en="a mapping of keys to values should stand here.",
            )
    return found


def _is_new(node: Mapping, fund_id: str, found: dict[str, FundDefinition], problems: Problems) -> bool:
    scalar = node.scalar("id")
    assert scalar is not None
    if not _ID.fullmatch(fund_id):
        problems.add(
            scalar.place,
            "bad-id",
            zh=f"“{fund_id}”不能作编号。请用小写拉丁字母、数字和连字符。",
            en=f"'{fund_id}' is no id; use lower-case Latin letters, digits and hyphens.",
        )
        return False
    if fund_id in found:
        line = found[fund_id].place.line
        problems.add(
            scalar.place,
            "duplicate-id",
            zh=f"资金“{fund_id}”在第 {line} 行已经有了。请只留一个。",
            en=f"the fund '{fund_id}' already stands on line {line}; keep one.",
        )
        return False
    return True
