"""Roles, what each may do, and which must not meet in one person: data, walked by `queries.require`.

A permission is `application.act`. Incompatible pairs are the separation of duties (不相容岗位分离): who accepts a
case never approves it, who approves a payment never sends it.
"""

from __future__ import annotations

ROLES: dict[str, str] = {
    "resident": "居民",
    "employer": "用人单位",
    "caseworker": "经办人员",
    "reviewer": "审核人员",
    "approver": "审批人员",
    "cashier": "资金支付人员",
    "leader": "县区领导",
    "department": "部门联络员",
    "statistician": "统计查看人员",
    "city_office": "市就业办",
    "budget_officer": "预算审核人员",
    "policy_officer": "政策专员",
    "policy_reviewer": "政策审核人员",
    "auditor": "审计人员",
    "administrator": "系统管理员",
    "partner_system": "对接系统",
}

PERMISSIONS: dict[str, frozenset[str]] = {
    "resident": frozenset({"own.see", "own.confirm"}),
    "employer": frozenset({"own.see", "own.confirm"}),
    "caseworker": frozenset(
        {
            "messages.read",
            "desk.open",
            "campaigns.see",
            "campaigns.prepare",
            "registry.see",
            "registry.reveal",
            "registry.change",
            "registry.import",
            "registry.deliver",
            "entitlements.see",
            "entitlements.decide",
            "casework.see",
            "casework.confirm_on_behalf",
            "casework.accept",
            "casework.publicise",
            "ventures.see",
            "ventures.record",
            "matters.see",
            "matters.start_on_behalf",
            # For a resident or a firm that has come to the counter with their papers.
            "accounts.open_for_others",
            "matters.accept",
            "matters.check",
            "matters.serve",
            "conduct.contact",
            "board.see",
        }
    ),
    "reviewer": frozenset(
        {
            "messages.read",
            "desk.open",
            "campaigns.see",
            "campaigns.release",
            "registry.see",
            "registry.reveal",
            "entitlements.see",
            "casework.see",
            "casework.review",
            "casework.settle",
            "casework.publicise",
            "matters.see",
            "matters.check",
            "matters.review",
            "matters.decide",
            "conduct.answer",
            "conduct.contact",
            "conduct.oversee",
            "board.see",
        }
    ),
    "approver": frozenset(
        {
            "messages.read",
            "desk.open",
            "registry.see",
            "entitlements.see",
            "casework.see",
            "casework.approve",
            "casework.settle",
            "matters.see",
            "matters.decide",
            "conduct.oversee",
            "funds.see",
            "funds.waive",
            "ventures.see",
            "ventures.guarantee",
            "budgeting.see",
            "board.see",
        }
    ),
    "cashier": frozenset(
        {
            "messages.read",
            "desk.open",
            "registry.see",
            "casework.see",
            "funds.see",
            "funds.batch",
            "funds.pay",
            "funds.recover",
            "ventures.see",
            "board.see",
        }
    ),
    "leader": frozenset({"messages.read", "board.see", "board.open_records"}),
    "department": frozenset({"messages.read", "board.see", "board.open_records", "targets.report"}),
    # Figures, and nothing that stands behind them.
    "statistician": frozenset({"messages.read", "board.see"}),
    "city_office": frozenset(
        {
            "messages.read",
            "desk.open",
            "campaigns.see",
            "campaigns.prepare",
            "campaigns.release",
            "registry.see",
            "entitlements.see",
            "casework.see",
            "matters.see",
            "conduct.answer",
            "conduct.oversee",
            "ventures.see",
            "funds.see",
            "funds.budget",
            "budgeting.see",
            "budgeting.draw",
            "board.see",
            "board.open_records",
            "targets.report",
            "entitlements.sweep",
            "policies.see",
        }
    ),
    # Of the finance bureau: decides the budget that the city office draws up.
    "budget_officer": frozenset(
        {"messages.read", "desk.open", "funds.see", "budgeting.see", "budgeting.approve", "board.see"}
    ),
    "policy_officer": frozenset(
        {
            "messages.read",
            "desk.open",
            "entitlements.see",
            "entitlements.sweep",
            "board.see",
            "policies.see",
            "policies.write",
            "policies.simulate",
        }
    ),
    "policy_reviewer": frozenset(
        {
            "messages.read",
            "desk.open",
            "entitlements.see",
            "board.see",
            "policies.see",
            "policies.simulate",
            "policies.review",
            "policies.publish",
        }
    ),
    "auditor": frozenset(
        {
            "messages.read",
            "desk.open",
            "campaigns.see",
            "registry.see",
            "registry.reveal",
            "entitlements.see",
            "casework.see",
            "matters.see",
            "ventures.see",
            "funds.see",
            "budgeting.see",
            "board.see",
            "board.open_records",
            "audit.see",
            "policies.see",
        }
    ),
    "administrator": frozenset({"messages.read", "desk.open", "staff.manage", "audit.see", "board.see"}),
    # Another department's system; it calls the interface and opens no page.
    "partner_system": frozenset({"api.call", "registry.deliver", "registry.verify", "board.see"}),
}

OFFICES = tuple(
    role for role in ROLES if role not in ("resident", "employer")
)  # what an officer can be given

ADMINISTRATOR = "administrator"

# Who approves, pays, publishes, audits or administers: a post of these given by one administrator is in force once a second confirms it.
CONFIRMED_ROLES = (
    "approver",
    "cashier",
    "budget_officer",
    "policy_reviewer",
    "auditor",
    "administrator",
)

INCOMPATIBLE: tuple[tuple[str, str], ...] = (
    ("caseworker", "approver"),
    ("reviewer", "approver"),
    ("approver", "cashier"),
    # Whoever takes a case in, or may change the account that it is paid to, does not pay it.
    ("caseworker", "cashier"),
    ("reviewer", "cashier"),
    ("administrator", "approver"),
    ("administrator", "cashier"),
    ("auditor", "caseworker"),
    ("auditor", "reviewer"),
    ("auditor", "approver"),
    ("auditor", "cashier"),
    ("city_office", "budget_officer"),
    ("auditor", "budget_officer"),
    ("budget_officer", "approver"),
    ("budget_officer", "cashier"),
)
