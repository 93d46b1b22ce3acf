"""The refusals of matters share casework's base, so that a page shows either in the same way."""

from __future__ import annotations

from jiuye.office.casework.refusals import Refusal

__all__ = ["Refusal"]
