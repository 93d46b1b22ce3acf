"""Reading `places/figures.yaml` (published) and `places/demonstration.yaml` (assumed): what the synthetic city is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, read_yaml
from jiuye.engine.basis.problems import Place as FilePlace
from jiuye.engine.basis.problems import Problems

CONFIDENCES = ("FOUND", "KNOWN", "COMPUTED")
PREMIUMS = ("pension", "medical", "unemployment", "injury", "maternity")
PAYERS = ("employer", "person", "flexible")


@dataclass(frozen=True, slots=True)
class Figure:
    """One published count: a whole number of `unit`, of the year `year`."""

    id: str
    name: str
    name_en: str
    year: int
    value: int
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    by_id: dict[str, Figure]
    residents_by_county: dict[str, int]

    def __getitem__(self, figure_id: str) -> int:
        return self.by_id[figure_id].value

    def scaled(self, figure_id: str, size: int) -> int:
        """The figure for a city of `size` residents instead of its own population, rounded to the nearest."""
        population = self["population"]
        return (2 * self[figure_id] * size + population) // (2 * population)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What the demonstration city assumes. Bases are yuan a month by year; premiums are thousandths of the base."""

    day: date
    contribution_bases: dict[int, tuple[int, int]]
    premium_permille: dict[str, tuple[int, int, int, int, int]]  # in the order of PREMIUMS
    village_first: dict[str, str]
    village_second: dict[str, str]
    villages_a_street: int
    attrition_per_10000: int
    paid_before: tuple[str, ...] = ()  # monthly policies of which benefits were paid in earlier months
    paid_months: int = 0
    take_up_percent: int = 0


def load_figures(
    path: Path, *, problems: Problems | None = None, base: Path | None = None
) -> tuple[Figures | None, Problems]:
    """The published figures in `path`, and what is wrong with them; None where the file cannot be read at all."""
    problems = problems if problems is not None else Problems()
    root = read_yaml(path, problems, base=base)
    if root is None:
        return None, problems
    by_id: dict[str, Figure] = {}
    figures = root.mapping("figures", required=True)
    for key, place, node in figures.items() if figures is not None else []:
        if not isinstance(node, Mapping):
            _wrong_shape(place, problems)
            continue
        by_id[key] = Figure(
            id=key,
            name=node.text("name", required=True),
            name_en=node.text("name_en", required=True),
            year=node.whole("year", required=True) or 0,
            value=node.whole("value", required=True) or 0,
            unit=node.text("unit", required=True),
            source=_source(node, problems),
        )
        node.finish()
    counties: dict[str, int] = {}
    listed = root.mapping("counties", required=True)
    for key, place, node in listed.items() if listed is not None else []:
        if not isinstance(node, Mapping):
            _wrong_shape(place, problems)
            continue
        counties[key] = node.whole("value", required=True) or 0
        node.whole("year", required=True)
        _source(node, problems)
        node.finish()
    root.finish()
    return Figures(by_id, counties), problems


def load_demonstration(
    path: Path, *, problems: Problems | None = None, base: Path | None = None
) -> tuple[Demonstration | None, Problems]:
    """The assumptions in `path`, and what is wrong with them; None where the file cannot be read at all."""
    problems = problems if problems is not None else Problems()
    root = read_yaml(path, problems, base=base)
    if root is None:
        return None, problems
    bases = _contribution_bases(root, path.parent.parent, problems, base)
    premiums: dict[str, tuple[int, int, int, int, int]] = {}
    rates = root.mapping("premium_permille", required=True)
    for payer in PAYERS:
        shares = rates.mapping(payer, required=True) if rates is not None else None
        if shares is None:
            continue
        pension, medical, unemployment, injury, maternity = (
            shares.whole(name, required=True) or 0 for name in PREMIUMS
        )
        premiums[payer] = (pension, medical, unemployment, injury, maternity)
        shares.finish()
    if rates is not None:
        rates.finish()
    syllables = root.mapping("village_syllables", required=True)
    first, second = _syllables(syllables, "first"), _syllables(syllables, "second")
    if syllables is not None:
        syllables.finish()
    paid = root.mapping("paid_before")
    policies = (
        tuple(scalar.text for scalar in paid.texts("policies", required=True)) if paid is not None else ()
    )
    paid_months = (paid.whole("months", required=True) or 0) if paid is not None else 0
    take_up = (paid.whole("take_up_percent", required=True) or 0) if paid is not None else 0
    if paid is not None:
        paid.finish()
    found = Demonstration(
        day=root.date("day", required=True) or date.min,
        contribution_bases=bases,
        premium_permille=premiums,
        village_first=first,
        village_second=second,
        villages_a_street=root.whole("villages_a_street", required=True) or 1,
        attrition_per_10000=root.whole("attrition_per_10000", required=True) or 0,
        paid_before=policies,
        paid_months=paid_months,
        take_up_percent=take_up,
    )
    root.finish()
    return found, problems


def _contribution_bases(
    root: Mapping, pack: Path, problems: Problems, base: Path | None
) -> dict[int, tuple[int, int]]:
    """Year → (lower, upper limit) in yuan, from the parameters that the file names; the rules check that file itself."""
    named = root.mapping("contribution_bases", required=True)
    if named is None:
        return {}
    file, low, high = (named.text(key, required=True) for key in ("file", "low", "high"))
    named.finish()
    document = read_yaml(pack / file, problems, base=base)
    parameters = document.mapping("parameters", required=True) if document is not None else None
    if parameters is None:
        return {}
    floors, ceilings = _yearly(parameters, low), _yearly(parameters, high)
    return {year: (floors[year], ceilings[year]) for year in sorted(floors.keys() & ceilings.keys())}


def _yearly(parameters: Mapping, name: str) -> dict[int, int]:
    """The dated values of one parameter by the year of their date; a date without a value is left out."""
    parameter = parameters.mapping(name, required=True)
    values = parameter.mapping("values", required=True) if parameter is not None else None
    found: dict[int, int] = {}
    for key, _, node in values.items() if values is not None else []:
        value = node.whole("value") if isinstance(node, Mapping) and "value" in node else None
        if value is not None:
            found[int(key[:4])] = value
    return found


def _syllables(parent: Mapping | None, key: str) -> dict[str, str]:
    mapping = parent.mapping(key, required=True) if parent is not None else None
    if mapping is None:
        return {}
    return {syllable: mapping.text(syllable, required=True) for syllable in mapping.keys()}  # noqa: SIM118 (not a dict)


def _source(node: Mapping, problems: Problems) -> str:
    """The document or address of a figure; one of the two must be there."""
    node.choice("confidence", CONFIDENCES)
    document, url = node.text("document"), node.text("url")
    if not document and not url:
        problems.add(
            node.place,
            "missing-source",
            zh="这个数字没有出处。请写 document（文件）或 url（网址）。",
            en="this figure has no source; write 'document' or 'url'.",
        )
    return document or url


def _wrong_shape(place: FilePlace, problems: Problems) -> None:
    problems.add(
        place,
        "wrong-shape",
        zh="这里应当是一组“键: 值”。",
        en="this should be a mapping of keys to values.",
    )
