"""`jiuye budgets`: draws up the budgets that were asked for, beside the pages. Safe to run at any time and several times at once."""

from __future__ import annotations

from typing import Any

from jiuye.config.commands._asked import AskedCommand


def _work() -> Any:
    from jiuye.office.budgeting.operations import DRAWINGS

    return DRAWINGS


def _done(drawing: Any, zh: bool) -> str:
    return f"{drawing.year} 年预算已编成。" if zh else f"The budget of {drawing.year} is drawn up."


BUDGETS = AskedCommand(
    "budgets",
    help="编制已提出的预算 / draw up the budgets that were asked for",
    trouble="预算没有编成：{error} A budget was not drawn up.",
    work=_work,
    done=_done,
)
register = BUDGETS.register
