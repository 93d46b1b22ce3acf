"""The dated thresholds that turn a figure into a light, from a pack's `assessment.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

from jiuye.engine.basis.documents import Mapping, Scalar, is_plain_number, read_yaml
from jiuye.engine.basis.problems import Place, Problems


class NoThresholdsError(ValueError):
    """No thresholds are on file for the day: an assessment of that day would be a guess."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"{day} 没有可用的评价阈值；请在 assessment.yaml 中补上这一天有效的版本。 "
            f"No thresholds are on file for {day}; add a version to assessment.yaml that holds on that day."
        )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """One version. The three shares are fractions of the target (5 per cent is 1/20).

    `yellow_shortfall`: how far a flow may lag the share of its period gone and still be yellow.
    `level_shortfall`: how far a level may miss its target before its period ends and still be yellow.
    `about_tolerance`: what "about" allows on the wrong side. `official` is False for a choice of our own.
    """

    start: date
    official: bool
    document: str
    url: str
    yellow_shortfall: Fraction
    level_shortfall: Fraction
    about_tolerance: Fraction


@dataclass(frozen=True, slots=True)
class Assessment:
    """All versions, oldest first; each holds until the next begins."""

    versions: tuple[Thresholds, ...]

    def on(self, day: date) -> Thresholds:
        """The version that holds on `day`. Raises NoThresholdsError before the first."""
        for version in reversed(self.versions):
            if version.start <= day:
                return version
        raise NoThresholdsError(day)


def load_assessment(
    path: Path, *, problems: Problems | None = None, base: Path | None = None
) -> tuple[Assessment | None, Problems]:
    """The thresholds in the file, and what is wrong with it; None where nothing usable is in it."""
    problems = problems if problems is not None else Problems()
    root = read_yaml(path, problems, base=base)
    if root is None:
        return None, problems
    versions: list[Thresholds] = []
    for node in root.sequence("versions", required=True) or ():
        if not isinstance(node, Mapping):
            _misshapen(node.place, problems)
            continue
        version = _version(node, problems)
        if version is None:
            continue
        if versions and version.start <= versions[-1].start:
            problems.add(
                node.place,
                "dates-out-of-order",
                zh=f"{version.start} 的版本应当排在 {versions[-1].start} 之前，且日期不能相同。请按日期从早到晚写。",
                en=f"the version of {version.start} does not follow that of {versions[-1].start}; "
                "write the versions oldest first, each with its own date.",
            )
            continue
        versions.append(version)
    root.finish()
    return (Assessment(tuple(versions)) if versions else None), problems


def _version(node: Mapping, problems: Problems) -> Thresholds | None:
    start = node.date("from", required=True)
    source = node.mapping("source", required=True)
    document = source.text("document", required=True) if source is not None else ""
    url = source.text("url") if source is not None else ""
    if source is not None:
        source.finish()
    shares = [
        _share(node, key, problems) for key in ("yellow_shortfall", "level_shortfall", "about_tolerance")
    ]
    official = node.flag("official")
    node.finish()
    yellow, level, about = shares
    if start is None or yellow is None or level is None or about is None:
        return None
    return Thresholds(start, official, document, url, yellow, level, about)


def _share(node: Mapping, key: str, problems: Problems) -> Fraction | None:
    """A percentage from 0 to 100, as a fraction of one."""
    scalar = node.scalar(key, required=True)
    if scalar is None:
        return None
    if is_plain_number(scalar.text) and 0 <= Fraction(scalar.text) <= 100:
        return Fraction(scalar.text) / 100
    _bad_share(scalar, problems)
    return None


def _bad_share(scalar: Scalar, problems: Problems) -> None:
    problems.add(
        scalar.place,
        "not-a-percentage",
        zh=f"“{scalar.text}”不是 0 到 100 的百分数。请只写数字，例如 5。",
        en=f"'{scalar.text}' is no percentage from 0 to 100; write the number only, for example 5.",
    )


def _misshapen(place: Place, problems: Problems) -> None:
    problems.add(
        place,
        "wrong-shape",
        zh="这里应当是一组“键: 值”。",
        en="a mapping of keys to values should stand here.",
    )
