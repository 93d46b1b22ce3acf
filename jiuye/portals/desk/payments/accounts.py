"""The ledger's accounts by the names of their funds; their codes stand beside, for whoever compares with the books."""

from __future__ import annotations

from functools import cached_property

from django.urls import reverse
from django.utils.translation import gettext as _

from jiuye.office.funds import queries
from jiuye.office.funds.operations import GENERAL_LINE
from jiuye.office.funds.states import ACCOUNT_KINDS
from jiuye.portals.common.components import Cell
from jiuye.portals.common.templatetags.jiuye import content


class Accounts:
    """Names of accounts for one page; the funds are read once, and only where an account is named."""

    @cached_property
    def _funds(self) -> dict[str, str]:
        return {fund.code: content(fund) for fund in queries.funds()}

    def name(self, code: str) -> str:
        """`就业补助资金 · 2025 年预算（统筹）`; a code of another make as it is."""
        kind, _colon, rest = code.partition(":")
        fund, _colon, budget = rest.partition(":")
        if kind not in ACCOUNT_KINDS or fund not in self._funds:
            return code
        if not budget:
            return f"{self._funds[fund]} · {_(ACCOUNT_KINDS[kind])}"
        year, _colon, line = budget.partition(":")
        return _("%(fund)s · %(year)s 年预算（%(line)s）") % {
            "fund": self._funds[fund],
            "year": year,
            "line": _("统筹") if line == GENERAL_LINE else line,
        }

    def cell(self, code: str) -> Cell:
        """An account by its name, with its code, as a link to its entries."""
        return Cell(self.name(code), url=reverse("desk:ledger_account", args=[code]), note=code)
