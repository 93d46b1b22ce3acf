"""`jiuye partners issue|revoke|list`: the keys with which other departments' systems call the interface."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from jiuye.config.commands._shared import day, installation_ready, this_moment

if TYPE_CHECKING:
    from jiuye.office.staff.queries import Actor


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `partners` with its own subcommands."""
    parser = subparsers.add_parser("partners", help="对接系统的密钥 / keys of partner systems")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    issue = actions.add_parser("issue", help="发放密钥，只显示这一次 / give out a key, shown this once")
    issue.add_argument("account", metavar="USERNAME", help="对接系统的账号，须有“对接系统”岗位")
    issue.add_argument("--purpose", required=True, metavar="TEXT", help="用途与依据，例如数据共享协议的文号")
    issue.add_argument(
        "--until",
        type=day,
        required=True,
        metavar="DATE",
        help="止期（不含），最长一年 / end, a year at most",
    )
    issue.add_argument(
        "--registers",
        nargs="+",
        default=[],
        metavar="KEY",
        help="可以交换的登记簿（registers.yaml），不写就只能查询 / registers that it delivers",
    )
    revoke = actions.add_parser("revoke", help="停用密钥 / take a key back")
    revoke.add_argument("key", type=int, metavar="KEY", help="密钥编号")
    revoke.add_argument("--because", required=True, metavar="TEXT", help="原因")
    listing = actions.add_parser("list", help="列出密钥 / list the keys")
    for each in (issue, revoke, listing):
        each.add_argument(
            "--as", dest="username", required=True, metavar="USERNAME", help="以哪个系统管理员办理"
        )
        each.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Carry it out as that administrator; a refusal is one sentence and exit code 1."""
    if not installation_ready():
        return 1
    from jiuye.office.partners.models import ApiKey
    from jiuye.office.staff.queries import accounts_named, actor_for

    at = this_moment()
    found = accounts_named([args.username])
    if args.username not in found:
        print(f"没有登录名为“{args.username}”的在用账号；请核对 --as。", file=sys.stderr)
        return 1
    try:
        return _ACTIONS[args.action](args, actor_for(found[args.username], on=at.date()), at)
    except ApiKey.DoesNotExist:
        print(f"没有编号为 {args.key} 的密钥；用 jiuye partners list 查看。", file=sys.stderr)
    except (ValueError, PermissionError) as error:
        print(error, file=sys.stderr)
    return 1


def _issue(args: argparse.Namespace, actor: Actor, at: datetime) -> int:
    from django.conf import settings

    from jiuye.engine.registers import load_registers
    from jiuye.office.partners.operations import issue_key
    from jiuye.office.staff.queries import accounts_named

    account = accounts_named([args.account]).get(args.account)
    if account is None:
        print(f"没有登录名为“{args.account}”的在用账号。", file=sys.stderr)
        return 1
    known = load_registers(Path(settings.PACK) / "registers.yaml")[0]
    unknown = [name for name in args.registers if name not in known]
    if unknown:
        print(
            f"registers.yaml 里没有登记簿“{'、'.join(unknown)}”；有的是：{'、'.join(known)}。",
            file=sys.stderr,
        )
        return 1
    key, secret = issue_key(
        actor=actor, account=account, purpose=args.purpose, start=at.date(), until=args.until,
        registers=args.registers,
    )  # fmt: skip
    print(f"密钥 {key.pk}（{account.display_name}，至 {key.until}，不含）只显示这一次：", file=sys.stderr)
    print(secret)
    return 0


def _revoke(args: argparse.Namespace, actor: Actor, at: datetime) -> int:
    from jiuye.office.partners.operations import revoke_key

    key = revoke_key(actor=actor, key_id=args.key, because=args.because, at=at)
    print(f"密钥 {key.pk}（{key.hint}…）已停用。")
    return 0


def _list(args: argparse.Namespace, actor: Actor, at: datetime) -> int:
    from jiuye.office.partners.queries import keys

    for key in keys(actor):
        ended = key.revoked_at is not None or key.until <= at.date()
        print(
            f"{key.pk}\t{key.hint}…\t{key.account.display_name}\t{key.start} 至 {key.until}"
            f"\t{'已停用' if ended else '在用'}\t{key.purpose}\t{' '.join(key.registers) or '—'}"
        )
    return 0


_ACTIONS = {"issue": _issue, "revoke": _revoke, "list": _list}
