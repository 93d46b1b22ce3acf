"""What a cross-check found, before it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found, with what it looked at (masked: a check is read by auditors too)."""

    check: str
    finding: str
    passed: bool
    looked_at: dict[str, Any]
    unchecked: bool = False  # no register answers: neither passed nor failed, and shown as such

    @property
    def outcome(self) -> str:
        if self.unchecked:
            return "unchecked"
        return "passed" if self.passed else "failed"
