"""The words of the board: where a figure comes from, how a milestone stands, and what comes first when red does."""

from __future__ import annotations

ORIGINS: dict[str, str] = {
    "measured": "由系统记录统计",
    "reported": "部门填报",
    "none": "尚无数据",
}

# How a milestone stands: the light beside the word. A milestone has no number, so that it is never yellow by measure.
MILESTONE_STATES: dict[str, tuple[str, str]] = {
    "done": ("green", "已报完成"),
    "open": ("none", "尚未报告"),
    "overdue": ("red", "期满未报"),
    "not_begun": ("none", "尚未到期"),
}

# Red first; what has no figure comes before what is well, because somebody has to do something about it.
URGENCY: dict[str, int] = {"red": 0, "yellow": 1, "none": 2, "green": 3}

# A figure has to be a whole number unless its unit is one of these.
DIVISIBLE_UNITS = ("%", "个百分点", "元", "人/亿元")
# A difference of two rates may be below zero; nothing else may.
SIGNED_UNITS = ("个百分点",)
