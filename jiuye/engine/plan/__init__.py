"""A city's plan as data: its sections, who answers for them, its commitments and its milestones."""

from jiuye.engine.plan.loading import load_plan
from jiuye.engine.plan.model import (
    Chapter,
    Commitment,
    Department,
    Milestone,
    Plan,
    Responsibility,
    Safeguard,
    Target,
    Task,
)
from jiuye.engine.plan.room import PlanRoom, load_plan_room
from jiuye.engine.plan.rows import CommitmentRow, commitments

__all__ = [
    "Chapter",
    "Commitment",
    "CommitmentRow",
    "Department",
    "Milestone",
    "Plan",
    "PlanRoom",
    "Responsibility",
    "Safeguard",
    "Target",
    "Task",
    "commitments",
    "load_plan",
    "load_plan_room",
]
