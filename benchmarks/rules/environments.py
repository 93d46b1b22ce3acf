"""Environments of their own for OpenFisca and PolicyEngine, made by the benchmark under its cache folder, pinned."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

COMMON = ("numpy==2.4.6", "pyarrow==26.0.1")
PINS = {
    "openfisca": ("openfisca-core==46.0.1", "openfisca-country-template==8.2.0", *COMMON),
    "policyengine": ("policyengine-core==3.33.12", *COMMON),
}


class NotInstalledError(RuntimeError):
    """The environment could not be made: says which package, and pip's own last words."""


def environment(name: str, cache: Path) -> Path:
    """The Python of that environment, installed if need be. Raises NotInstalledError."""
    folder = cache / f"venv-{name}"
    python, stamp = folder / "bin" / "python", folder / "pins.txt"
    wanted = "\n".join((sys.version, *PINS[name]))
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    for command in (
        [sys.executable, "-m", "venv", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINS[name]],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            errors = [
                line for line in done.stderr.splitlines() if "ERROR" in line
            ] or done.stderr.splitlines()
            why = errors[-1].strip() if errors else f"exit {done.returncode}"
            raise NotInstalledError(f"{name} ({', '.join(PINS[name][:-2])}) could not be installed: {why}")
    stamp.write_text(wanted, encoding="utf-8")
    return python
