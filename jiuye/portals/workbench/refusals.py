"""What the workbench shows as a sentence. Whatever else goes wrong is an error of ours."""

from __future__ import annotations

from jiuye.engine.rules.sweep import SweepError
from jiuye.office.policies.refusals import PolicyRefusal

REFUSALS: tuple[type[Exception], ...] = (PolicyRefusal, SweepError)
