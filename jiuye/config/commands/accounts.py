"""`jiuye accounts first|password|free|confirm|enrol|list`: the account with which an installation begins, and the ways back in where nobody else can open one.

Whoever may run commands on the server holds the keys of the data anyway; what is done here stands in the account's record as done there.
"""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from typing import TYPE_CHECKING

from jiuye.config.commands._shared import installation_ready, office_moment, this_moment

if TYPE_CHECKING:
    from jiuye.office.staff.models import Account


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `accounts` with its own subcommands."""
    parser = subparsers.add_parser(
        "accounts", help="第一个系统管理员和丢失的登录 / the first administrator, lost ways in"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    first = actions.add_parser(
        "first", help="开设第一个系统管理员，一次性密码只显示这一次 / open the first administrator"
    )
    first.add_argument("--name", required=True, metavar="NAME", help="姓名 / the person's name")
    password = actions.add_parser("password", help="发一次性密码 / give a one-time password")
    free = actions.add_parser("free", help="解除丢失的第二重验证 / free an account of a lost second factor")
    confirm = actions.add_parser(
        "confirm",
        help="确认等待第二名系统管理员的岗位 / put in force the posts of an account that wait for a second administrator",
    )
    enrol = actions.add_parser(
        "enrol", help="给登记码，用来启用第二重验证 / give the code that enrolling takes"
    )
    for each in (first, password, free, confirm, enrol):
        each.add_argument("username", metavar="USERNAME", help="登录名 / log-in name")
        each.set_defaults(run=run)
    for each in (password, free, confirm, enrol):
        each.add_argument("--because", required=True, metavar="TEXT", help="原因，会留在记录里 / the reason")
    actions.add_parser("list", help="列出工作人员账号 / list the officers' accounts").set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 where it is done; a refusal is one sentence and exit code 1."""
    if not installation_ready():
        return 1
    try:
        return _ACTIONS[args.action](args, this_moment())
    except ValueError as error:
        print(error, file=sys.stderr)
    return 1


def _first(args: argparse.Namespace, at: datetime) -> int:
    from jiuye.office.registry.models import Division
    from jiuye.office.staff.keeping_accounts import open_first_administrator

    city = Division.objects.filter(kind="city").order_by("code").first()
    if city is None:
        print(
            "区划还没有装入；请先运行一次 jiuye run --prepare-only --city 0。 "
            "No places are on file yet; run jiuye run --prepare-only --city 0 once.",
            file=sys.stderr,
        )
        return 1
    account, password = open_first_administrator(
        username=args.username,
        display_name=args.name,
        division_code=city.code,
        because="安装时开设第一个系统管理员",
        on=office_moment().date(),
        at=at,
    )
    print(
        f"系统管理员“{account.username}”（{city.name}）已开设。登录后先换密码，再启用第二重验证，然后在“账号”和“岗位”页开设其他人的。",
        file=sys.stderr,
    )
    return _show(password, account)


def _password(args: argparse.Namespace, at: datetime) -> int:
    from jiuye.office.staff.keeping_accounts import give_password

    account = _named(args.username)
    password = give_password(
        actor=None, account_id=account.pk, because=args.because, on=office_moment().date(), at=at
    )
    return _show(password, account)


def _free(args: argparse.Namespace, at: datetime) -> int:
    from jiuye.office.staff.keeping_accounts import free_at_server

    account = _named(args.username)
    free_at_server(account_id=account.pk, because=args.because, on=office_moment().date(), at=at)
    print(f"“{account.username}”的第二重验证已解除；下次登录时重新启用。")
    return 0


def _confirm(args: argparse.Namespace, at: datetime) -> int:
    from jiuye.office.staff.confirming_posts import confirm_at_server

    for post in confirm_at_server(account=_named(args.username), because=args.because, at=at):
        print(
            f"已确认：{args.username} · {post.get_role_display()}（{post.division_code}），{post.start:%Y-%m-%d} 起。"
        )
    return 0


def _enrol(args: argparse.Namespace, at: datetime) -> int:
    from jiuye.office.staff.enrolling import give_code

    account = _named(args.username)
    code = give_code(
        actor=None, account_id=account.pk, because=args.because, on=office_moment().date(), at=at
    )
    print("登记码（只显示这一次，用一次）：", file=sys.stderr)
    print(code)
    return 0


def _list(args: argparse.Namespace, at: datetime) -> int:
    from jiuye.office.staff.models import Account

    found = Account.objects.filter(kind="officer").order_by("username").prefetch_related("posts")
    for account in found:
        posts = "、".join(
            f"{post.get_role_display()}（{post.division_code}{'，待确认' if post.awaits_second else ''}）"
            for post in sorted(account.posts.all(), key=lambda one: one.pk)
        )
        print(
            f"{account.username}\t{account.display_name}\t{'在用' if account.is_active else '已停用'}\t{posts or '没有岗位'}"
        )
    return 0


def _named(username: str) -> Account:
    """The officer's account. Raises AccountRefusedError."""
    from jiuye.office.staff.keeping_accounts import AccountRefusedError
    from jiuye.office.staff.models import Account

    account = Account.objects.filter(username=username, kind="officer").first()
    if account is None:
        raise AccountRefusedError(f"没有登录名为“{username}”的工作人员账号；用 jiuye accounts list 查看。")
    return account


def _show(password: str, account: Account) -> int:
    """The password alone on its line; what is said about it beside it."""
    until = f"{account.one_time_until:%Y-%m-%d %H:%M}" if account.one_time_until else ""
    print(f"一次性密码（只显示这一次{'，有效至 ' + until if until else ''}）：", file=sys.stderr)
    print(password)
    return 0


_ACTIONS = {
    "first": _first,
    "password": _password,
    "free": _free,
    "confirm": _confirm,
    "enrol": _enrol,
    "list": _list,
}
