"""`jiuye check`: everything in a pack, in one run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Collection
from pathlib import Path

from jiuye.config.commands._shared import print_problems
from jiuye.config.packs import default_pack
from jiuye.engine.access import load_access
from jiuye.engine.basis.problems import Problems
from jiuye.engine.budgets.content import FILE_NAME as BUDGET_FILE
from jiuye.engine.budgets.content import load_budget
from jiuye.engine.deadlines import load_deadlines
from jiuye.engine.ledger.funds_file import FILE_NAME, check_fund_uses, load_funds
from jiuye.engine.messages import load_messages
from jiuye.engine.places import load_place_room
from jiuye.engine.plan import load_plan_room
from jiuye.engine.registers import load_registers, load_spreads
from jiuye.engine.rules.groupings import load_groupings
from jiuye.engine.rules.pack import Pack, load_pack
from jiuye.engine.services import load_claims, load_items, load_subsidies
from jiuye.engine.services.loans import load_loan_terms
from jiuye.office.entitlements.facts.catalogue import check_bindings
from jiuye.office.entitlements.facts.registers import register_facts, thing_owners
from jiuye.office.messages.occasions import OCCASIONS
from jiuye.office.registry.states import STATUS_KINDS
from jiuye.office.staff.kept import ERASABLE
from jiuye.office.staff.roles import PERMISSIONS, ROLES
from jiuye.office.targets.measure_names import MEASURE_NAMES


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `check`."""
    parser = subparsers.add_parser("check", help="检查规则包 / check a pack")
    parser.add_argument("pack", type=Path, nargs="?", default=None, metavar="PACK")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="提示语言 / language of messages")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print every mistake with its caret and return 1; print one line of counts and return 0 where there is none."""
    folder = args.pack or default_pack()
    problems, counts = check(folder, args.lang)
    if problems.errors:
        print_problems(problems, args.lang)
        return 1
    for problem in problems.warnings:
        print(problem.render(args.lang), file=sys.stderr)
    print(counts)
    return 0


def check(folder: Path, lang: str = "zh") -> tuple[Problems, str]:
    """Every problem of the pack, and the line of counts. A part that a pack does not have is not asked for."""
    pack, problems = load_pack(folder)
    cases = sum(len(policy.cases) for policy in pack.policies.values())
    cases += sum(len(derived.cases) for derived in pack.derived.values())
    facts = sum(len(entity.facts) for entity in pack.vocabulary.entities.values())
    parts = [
        (len(pack.policies), "个政策", "policies"),
        (len(pack.derived), "个派生事实", "derived facts"),
        (facts, "个事实", "facts"),
        (cases, "个案例", "cases"),
    ]
    if not problems.errors:  # what a broken vocabulary makes of a grouping would be said twice
        groupings, problems = load_groupings(pack, folder, problems)
        parts += [(len(groupings), "种分组", "groupings")] if groupings else []
    registers, problems = load_registers(folder / "registers.yaml", problems=problems, base=folder)
    check_bindings(pack, registers, problems)
    if registers:
        parts.append((len(registers), "个登记簿", "registers"))
    if (folder / "places" / "registers.yaml").exists():
        load_spreads(
            folder / "places" / "registers.yaml",
            register_facts(pack),
            pack.vocabulary.enums,
            owners=thing_owners(pack),
            problems=problems,
            base=folder,
        )
    if (folder / "plan.yaml").exists():
        room, problems = load_plan_room(folder, measures=MEASURE_NAMES, problems=problems)
        if room.plan is not None:
            tasks = [task for chapter in room.plan.chapters for task in chapter.tasks]
            parts += [(len(tasks), "项任务", "tasks")]
    if (folder / FILE_NAME).exists():
        funds, problems = load_funds(folder / FILE_NAME, base=folder, problems=problems)
        uses = [(policy.fund, policy.place) for policy in pack.policies.values() if policy.fund]
        check_fund_uses(uses, funds, problems)
        parts += [(len(funds), "项资金", "funds")]
        if (folder / "startup-loans.yaml").exists():
            problems = _check_loans(folder, pack, funds, problems)
    if (folder / BUDGET_FILE).exists() and not problems.errors:
        _, problems = load_budget(folder, pack, problems=problems)
    if (folder / "access.yaml").exists():
        permissions = set().union(*PERMISSIONS.values())
        access, problems = load_access(
            folder, roles=set(ROLES), permissions=permissions, erasable=ERASABLE, problems=problems
        )
        parts += [(len(access.retention), "条保存期限", "rules of retention")]
    if (folder / "deadlines.yaml").exists():
        deadlines, problems = load_deadlines(folder, problems=problems)
        parts += [(len(deadlines.rises), "级逾期上报", "levels of escalation")]
    if (folder / "places" / "divisions.yaml").exists():
        places, problems = load_place_room(folder, problems=problems)
        if places.places is not None:
            parts += [(len(list(places.places)), "个区划", "divisions")]
    if (folder / "services" / "claims.yaml").exists():
        _, problems = load_claims(folder / "services" / "claims.yaml", base=folder, problems=problems)
        items, problems = load_items(folder, pack=pack, statuses=set(STATUS_KINDS), problems=problems)
        subsidies, problems = load_subsidies(folder, pack=pack, problems=problems)
        parts.append((len(items.items), "个服务事项", "service items"))
        parts += [(len(subsidies), "个补贴事项", "subsidies' procedures")] if subsidies else []
    if (folder / "messages").is_dir():
        messages, problems = load_messages(folder / "messages", OCCASIONS, base=folder, problems=problems)
        parts += [(len(messages.templates), "条消息", "messages")] if messages is not None else []
    if lang == "zh":
        return problems, "、".join(f"{count} {zh}" for count, zh, _ in parts) + "，没有错误。"
    return problems, ", ".join(f"{count} {en}" for count, _, en in parts) + "; no errors."


def _check_loans(folder: Path, pack: Pack, funds: Collection[str], problems: Problems) -> Problems:
    """The terms of guaranteed loans, held to the policies, the funds, the subsidies' own files and the service items."""
    own_files, _ = load_subsidies(folder)
    items, _ = load_items(folder)
    _, problems = load_loan_terms(
        folder / "startup-loans.yaml",
        policies=pack.policies,
        funds=funds,
        carried={row.id for row in own_files.values() if row.carried_by == "loan"},
        items=items.items,
        base=folder,
        problems=problems,
    )
    return problems
