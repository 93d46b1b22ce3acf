"""What the office does besides clicking: the night of a day, and the file of another department's register, both by the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jiuye.config.cli import main


class Console:
    """The command line of the installation that the tests look at."""

    def __init__(self, settings: Any, folder: Path) -> None:
        self.settings = settings
        self.folder = folder

    def night(self, day: str) -> None:
        """The day has come, and its night is done: everyone decided, what needs no applying begun, borrowers reminded."""
        self.settings.OFFICE_DATE = day
        assert main(["nightly"]) == 0

    def deliver(self, register: str, entity: str, rows: list[str], *, as_of: str, by: str) -> None:
        """A register's file is taken in: a head and its rows, as of that day, in the name of that account."""
        file = self.folder / f"{entity}.csv"
        file.write_text("\n".join(rows), encoding="utf-8")
        told = ["--register", register, "--entity", entity, "--as-of", as_of, "--as", by, "--yes"]
        assert main(["registry", "deliver", str(file), *told]) == 0


@pytest.fixture
def console(settings, tmp_path, monkeypatch) -> Console:
    """Django is up already, on the tests' own database."""
    monkeypatch.setattr("jiuye.config.django_setup.setup_django", lambda: None)
    return Console(settings, tmp_path)
