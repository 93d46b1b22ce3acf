"""What stands in a pack and does nothing: reported as warnings, since a draft may still come to use it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.parameters import Parameter, Source
from jiuye.engine.rules.tree import Dated, Lookup, Marginal, walk

if TYPE_CHECKING:
    from jiuye.engine.rules.pack import Pack


def check_use(pack: Pack, problems: Problems) -> None:
    """Warn of parameters that no expression reads, and of sources that no number and no condition rests on."""
    used = {id(parameter) for parameter in _read(_all_expressions(pack))}
    for parameter in pack.all_parameters():
        if id(parameter) not in used and not parameter.read_by:
            problems.add(
                parameter.place,
                "unused-parameter",
                zh=f"没有表达式用到参数“{parameter.name}”。不需要的请删去；别处要用的写 read_by: 谁。",
                en=f"no expression reads the parameter '{parameter.name}'; remove it, or say `read_by` whom it is kept for.",
                warning=True,
            )
    for sources, parameters, clause_sources in _by_file(pack):
        cited = {source.key for source in clause_sources}
        for parameter in parameters:
            cited |= {entry.source.key for entry in parameter.all_entries() if entry.source is not None}
        for source in sources:
            if source.key not in cited and not source.supports:
                problems.add(
                    source.place,
                    "unused-source",
                    zh=f"没有数值或条件以出处“{source.key}”为据。请在条件里写 source: {source.key}，或写 supports: 它印证什么，或删去。",
                    en=f"no number and no condition rests on the source '{source.key}'; name it in a condition (source: {source.key}), say what it `supports`, or remove it.",
                    warning=True,
                )


def _all_expressions(pack: Pack) -> list[Dated]:
    found = [derived.value for derived in pack.derived.values()]
    for policy in pack.policies.values():
        found += [clause.test for clause in policy.clauses] + ([policy.amount] if policy.amount else [])
    return found


def _read(expressions: Iterable[Dated]) -> Iterator[Parameter]:
    for dated in expressions:
        for _, node in dated.versions:
            for part in walk(node):
                if isinstance(part, Lookup):
                    yield part.parameter
                elif isinstance(part, Marginal):
                    yield part.scale


def _by_file(pack: Pack) -> Iterator[tuple[Iterable[Source], Iterable[Parameter], list[Source]]]:
    """(sources, parameters, sources of conditions) of each policy and each file of shared parameters.

    Derived files are left out: there a source may stand for the law's words alone.
    """
    for policy in pack.policies.values():
        clause_sources = [clause.source for clause in policy.clauses if clause.source is not None]
        yield policy.sources.values(), policy.parameters.values(), clause_sources
    by_file: dict[str, list[Source]] = {}
    for source in pack.shared_sources:
        by_file.setdefault(source.place.file, []).append(source)
    for file, sources in by_file.items():
        yield sources, [item for item in pack.parameters.values() if item.place.file == file], []
