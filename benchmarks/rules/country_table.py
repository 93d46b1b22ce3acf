"""The ten formulas of OpenFisca's country template: every contender on one population, in one table."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.rules import population as made_by
from benchmarks.rules.agreement import Agreement, hold
from benchmarks.rules.environments import NotInstalledError, environment
from benchmarks.rules.running import IN_MEMORY, WHOLE, Measured, module, run, script
from benchmarks.rules.tables import Printer, megabytes, seconds, spread, times
from jiuye.engine.rules.sweep import ENGINES

WARM_UP = 1_000  # persons; compiles what is compiled and cached
FOREIGN = {"openfisca": "OpenFisca", "policyengine": "PolicyEngine"}


@dataclass(frozen=True, slots=True)
class Setting:
    """What one run of the benchmark was asked for."""

    cache: Path
    month: date
    engines: list[str]
    runs: int
    memory: str
    shuffled: bool
    without: set[str]


def engines_here() -> list[str]:
    """The evaluators of this tree, without the cluster's, which needs one."""
    return [name for name in ENGINES if name != "spark"]


def population(setting: Setting, persons: int) -> Path:
    """The folder of that population, made unless it is there."""
    stamp = hashlib.sha256(Path(made_by.__file__).read_bytes()).hexdigest()[:12]
    order = "-shuffled" if setting.shuffled else ""
    folder = setting.cache / f"persons-{persons}-{setting.month.year}{order}-{stamp}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        made_by.write_population(folder, persons, shuffled=setting.shuffled, year=setting.month.year)
        (folder / "done").touch()
    return folder


def measure(setting: Setting, persons: int) -> list[tuple[Measured, Agreement]]:
    """Every contender, held to the amounts that numpy computed by hand in whole numbers."""
    data, out = population(setting, persons), setting.cache / "out"
    small = population(setting, WARM_UP)
    month = setting.month.isoformat()
    reference = out / "numpy"
    commands = {
        "numpy by hand, whole numbers": ("numpy", "numpy_by_hand", []),
        "one fused pass (numba, one core)": ("fused", "fused", []),
        "DuckDB, SQL by hand": ("sql", "sql", [f"memory={setting.memory}"]),
    }
    for engine in setting.engines:
        commands[f"Jiuye, {engine}"] = (engine, "engine", [f"engine={engine}", f"memory={setting.memory}"])
    found = []
    for name, (key, contender, more) in commands.items():
        command = [*module(f"contenders.{contender}"), str(data), str(out / key), month, *more]
        if contender in ("fused", "engine"):
            run(
                name,
                [*module(f"contenders.{contender}"), str(small), str(out / "warm-up"), month, *more],
                out / "warm-up",
                1,
            )
        found.append(_held(run(name, command, out / key, setting.runs), out / key, reference))
    for key, label in FOREIGN.items():
        if key in setting.without:
            continue
        try:
            python = environment(key, setting.cache)
            measured = run(
                label, script(python, key, str(data), str(out / key), month), out / key, setting.runs
            )
        except NotInstalledError as error:
            measured = Measured(label, refusal=str(error))
        found.append(_held(measured, out / key, reference))
    shutil.rmtree(out, ignore_errors=True)
    return found


def _held(measured: Measured, out: Path, reference: Path) -> tuple[Measured, Agreement]:
    agreement = Agreement() if measured.refusal else hold(out, reference)
    if out != reference:
        shutil.rmtree(out, ignore_errors=True)
    return measured, agreement


HEAD = [
    "contender", "in memory, s", "files to files, s", "processor, s", "peak, MB", "OpenFisca's build + calculate takes",
    "OpenFisca files to files takes", "of the fused pass", "amounts",
]  # fmt: skip


def show(setting: Setting, persons: int, printer: Printer) -> None:
    """Measure and print."""
    printer.title(
        f"Country template, ten formulas, {persons:,} persons, {setting.month:%B %Y}, median of {setting.runs}"
    )
    found = measure(setting, persons)
    by_name = {measured.name: measured for measured, _ in found if measured.runs}
    openfisca = by_name.get("OpenFisca")
    fused = by_name.get("one fused pass (numba, one core)")
    rows, notes = [], []
    for measured, agreement in found:
        if measured.refusal:
            notes.append(f"Not in the table: {measured.name}. {measured.refusal}")
            continue
        if agreement.sentence:
            notes.append(f"{measured.name}: {agreement.sentence}")
        beside = measured.in_memory
        own = beside or WHOLE
        in_memory = spread(measured.seconds(beside), measured.median(beside)) if beside else ""
        faster = times(openfisca.median(IN_MEMORY) / measured.median(own)) if openfisca else ""
        faster_whole = times(openfisca.median(WHOLE) / measured.median(WHOLE)) if openfisca else ""
        slower = times(measured.median(own) / fused.median(IN_MEMORY if beside else WHOLE)) if fused else ""
        rows.append([
            measured.name, in_memory, spread(measured.seconds(WHOLE), measured.median(WHOLE)), seconds(measured.processor()),
            megabytes(measured.peak), faster, faster_whole, slower, agreement.short,
        ])  # fmt: skip
    printer.table(HEAD, rows)
    printer.text("")
    for note in notes:
        printer.text(f"- {note}")
