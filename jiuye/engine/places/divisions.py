"""Reading `places/divisions.yaml`: the city, its counties and functional zones, streets and towns.

A code's prefix is its parent's (GB/T 2260, GB/T 10114): 3210 → 321002 → 321002001. Villages and communities are not in
a pack; they are in the registry.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, Scalar, read_yaml
from jiuye.engine.basis.problems import Place as FilePlace
from jiuye.engine.basis.problems import Problems, did_you_mean

KINDS = ("county", "zone")
CODE_BASES = {"gbt2260": "国家标准", "statistics": "统计用区划代码", "own": "本软件自编"}
WAGE_CLASSES = {"one": "一类", "two": "二类", "three": "三类"}
CONFIDENCES = ("FOUND", "KNOWN")


@dataclass(frozen=True, slots=True)
class Place:
    """One division. `key` is its name in rules (empty for streets); `wage_class` is the minimum wage's area.

    `within` is the county that a functional zone is administratively part of, by key; the two are counted apart.
    """

    code: str
    kind: str
    name: str
    name_en: str
    parent: str
    urban: bool = True
    key: str = ""
    code_basis: str = "own"
    wage_class: str = ""
    within: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """The divisions of one city, parents before children."""

    city: Place
    counties: tuple[Place, ...]  # county-level divisions and functional zones
    streets: tuple[Place, ...]

    def __iter__(self) -> Iterator[Place]:
        yield self.city
        yield from self.counties
        yield from self.streets

    def county(self, key: str) -> Place:
        """The county or zone of that key. Raises KeyError for a key that is not there."""
        for place in self.counties:
            if place.key == key:
                return place
        raise KeyError(key)

    def streets_of(self, county: Place) -> list[Place]:
        return [street for street in self.streets if street.parent == county.code]


def load_places(
    path: Path, *, problems: Problems | None = None, base: Path | None = None
) -> tuple[Places | None, Problems]:
    """The divisions in the file `path`, and what is wrong with them; None where the file cannot be read at all."""
    problems = problems if problems is not None else Problems()
    root = read_yaml(path, problems, base=base)
    if root is None:
        return None, problems
    return _PlacesReader(problems).places(root), problems


class _PlacesReader:
    """One reading of one file: the names and codes seen so far are what later ones are held against."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems
        self.sources: set[str] = set()
        self.codes: dict[str, int] = {}
        self.keys: dict[str, int] = {}

    def places(self, root: Mapping) -> Places:
        self.read_sources(root)
        city = self.city(root)
        counties: list[Place] = []
        streets: list[Place] = []
        listed = root.sequence("counties", required=True)
        withins: list[tuple[Mapping, str]] = []
        for item in listed.items if listed is not None else []:
            if not isinstance(item, Mapping):
                self.wrong_shape(item.place)
                continue
            county = self.county(item, city)
            counties.append(county)
            if county.within:
                withins.append((item, county.within))
            streets.extend(self.streets(item, county))
            item.finish()
        for item, within in withins:
            if within not in {county.key for county in counties if county.kind == "county"}:
                zh, en = did_you_mean(within, {county.key for county in counties if county.kind == "county"})
                self.problems.add(
                    item.key_place("within"),
                    "unknown-county",
                    zh=f"没有名为“{within}”的县（市、区）。{zh}",
                    en=f"there is no county '{within}'; {en}",
                )
        root.finish()
        return Places(city, tuple(counties), tuple(streets))

    def read_sources(self, root: Mapping) -> None:
        sources = root.mapping("sources", required=True)
        for key, place, node in sources.items() if sources is not None else []:
            if not isinstance(node, Mapping):
                self.wrong_shape(place)
                continue
            self.sources.add(key)
            node.text("document", required=True)
            node.text("url")
            node.choice("confidence", CONFIDENCES)
            node.finish()

    def city(self, root: Mapping) -> Place:
        mapping = root.mapping("city", required=True)
        if mapping is None:
            return Place("", "city", "", "", "")
        city = Place(
            code=self.code(mapping, 4, ""),
            kind="city",
            name=mapping.text("name", required=True),
            name_en=mapping.text("name_en", required=True),
            parent="",
            key=self.key(mapping),
            code_basis="gbt2260",
            source=self.source(mapping),
        )
        mapping.finish()
        return city

    def county(self, mapping: Mapping, city: Place) -> Place:
        return Place(
            code=self.code(mapping, 6, city.code),
            kind=mapping.choice("kind", KINDS),
            name=mapping.text("name", required=True),
            name_en=mapping.text("name_en", required=True),
            parent=city.code,
            key=self.key(mapping),
            code_basis=mapping.choice("code_basis", CODE_BASES),
            wage_class=mapping.choice("wage_class", WAGE_CLASSES),
            within=mapping.text("within"),
            source=self.source(mapping),
        )

    def streets(self, mapping: Mapping, county: Place) -> Iterator[Place]:
        listed = mapping.sequence("streets", required=True)
        for item in listed.items if listed is not None else []:
            if not isinstance(item, Mapping):
                self.wrong_shape(item.place)
                continue
            yield Place(
                code=self.code(item, 9, county.code),
                kind="street",
                name=item.text("name", required=True),
                name_en=item.text("name_en", required=True),
                parent=county.code,
                urban=item.flag("urban", default=True),
                source="towns",
            )
            item.finish()

    def code(self, mapping: Mapping, digits: int, prefix: str) -> str:
        scalar = mapping.scalar("code", required=True)
        if scalar is None:
            return ""
        if not re.fullmatch(rf"\d{{{digits}}}", scalar.text) or not scalar.text.startswith(prefix):
            self.problems.add(
                scalar.place,
                "wrong-code",
                zh=f"“{scalar.text}”不是这一级的区划代码。这里应是以 {prefix or '省码'} 开头的 {digits} 位数字。",
                en=f"'{scalar.text}' is no code of this level; write {digits} digits"
                + (f" that begin with {prefix}." if prefix else "."),
            )
            return scalar.text
        self.once(scalar, self.codes, "duplicate-division-code", "代码", "code")
        return scalar.text

    def key(self, mapping: Mapping) -> str:
        scalar = mapping.scalar("key", required=True)
        if scalar is None:
            return ""
        if not re.fullmatch(r"[a-z][a-z0-9_]*", scalar.text):
            self.problems.add(
                scalar.place,
                "wrong-key",
                zh=f"“{scalar.text}”不能作键。请用小写字母、数字和下划线。",
                en=f"'{scalar.text}' cannot be a key; use lower-case letters, digits and underscores.",
            )
        self.once(scalar, self.keys, "duplicate-division-key", "键", "key")
        return scalar.text

    def once(self, scalar: Scalar, seen: dict[str, int], code: str, zh: str, en: str) -> None:
        if scalar.text in seen:
            self.problems.add(
                scalar.place,
                code,
                zh=f"{zh}“{scalar.text}”用了两次，第一次在第 {seen[scalar.text]} 行。请改其中一个。",
                en=f"the {en} '{scalar.text}' stands here twice, first on line {seen[scalar.text]}; change one.",
            )
        seen.setdefault(scalar.text, scalar.place.line)

    def source(self, mapping: Mapping) -> str:
        scalar = mapping.scalar("source", required=True)
        if scalar is None:
            return ""
        if scalar.text not in self.sources:
            zh, en = did_you_mean(scalar.text, self.sources)
            self.problems.add(
                scalar.place,
                "unknown-source",
                zh=f"sources 里没有“{scalar.text}”。{zh}",
                en=f"'{scalar.text}' is not among the sources; {en}",
            )
        return scalar.text

    def wrong_shape(self, place: FilePlace) -> None:
        self.problems.add(
            place,
            "wrong-shape",
            zh="这里应当是一组“键: 值”。",
            en="this should be a mapping of keys to values.",
        )
