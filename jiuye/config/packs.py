"""Which pack a command works on: the one named, or JIUYE_PACK, or Yangzhou's."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def default_pack() -> Path:
    """The folder named by JIUYE_PACK, else `plans/yangzhou-2023-2025` of this repository."""
    return Path(os.environ.get("JIUYE_PACK") or ROOT / "plans" / "yangzhou-2023-2025")
