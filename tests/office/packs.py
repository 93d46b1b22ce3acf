"""The pack with some of its policies, for tests in which the others would only be read and swept again and again."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

# Of persons and of firms, by month and once, confirmed and applied for, with what they exclude.
FEW = frozenset(
    {
        "flexible-employment-insurance-subsidy",
        "flexible-pension-insurance",
        "job-retention-rebate",
        "job-expansion-grant",
        "hiring-one-off-grant",
        "traineeship-retention-grant",
        "skill-upgrade-subsidy",
        "vocational-training-subsidy",
        "unemployment-benefit",
    }
)


def pack_with(policies: Collection[str], *, of: Path, under: Path) -> Path:
    """A copy of that pack with these policies alone, in a folder of its name; without its questions, which ask for what the others read."""
    folder = under / of.name
    shutil.copytree(of, folder)
    for file in (folder / "policies").iterdir():
        if file.stem not in policies:
            file.unlink()
    (folder / "questions.yaml").unlink(missing_ok=True)
    return folder
