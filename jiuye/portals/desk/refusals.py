"""The refusals of money and of the registry that a desk page shows as a sentence. Whatever else goes wrong is an error of ours."""

from __future__ import annotations

from jiuye.office.funds.operations import FundsRefusal
from jiuye.office.registry.operations import FactRefusedError
from jiuye.office.skills.refusals import SkillsRefusal

REFUSALS: tuple[type[Exception], ...] = (FundsRefusal, FactRefusedError, SkillsRefusal)
