"""What several commands share: a date argument, the moment, an installation that is ready, a sound pack or its problems printed."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from jiuye.config.packs import default_pack
from jiuye.engine.basis.dates import parse_date
from jiuye.engine.basis.problems import Problems
from jiuye.engine.rules.pack import Pack
from jiuye.engine.rules.ready import ready_pack

_CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")


def this_moment() -> datetime:
    """Now, by the clock in China: what a command hands to the operations that it runs."""
    return datetime.now(_CHINA)


def office_moment() -> datetime:
    """The office's moment: on a fixed office date, that day at the clock's present time."""
    from django.conf import settings

    moment = this_moment()
    if settings.OFFICE_DATE:
        day = datetime.fromisoformat(str(settings.OFFICE_DATE)).date()
        moment = datetime.combine(day, moment.timetz())
    return moment


def installation_ready() -> bool:
    """True with Django up on this installation's database and its tables of this version; otherwise the reason has been printed."""
    from jiuye.config.django_setup import setup_django
    from jiuye.config.postgres import DatabaseUnavailableError

    try:
        setup_django()
    except DatabaseUnavailableError as error:
        print(error, file=sys.stderr)
        return False
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        print(
            "数据库的表还是旧版本的；请先运行一次 jiuye run 升级。 "
            "The database's tables are of an older version; run jiuye run once to bring them up.",
            file=sys.stderr,
        )
        return False
    return True


def add_pack(parser: argparse.ArgumentParser) -> None:
    """`--pack DIR` and `--lang zh|en`."""
    parser.add_argument(
        "--pack", type=Path, default=None, metavar="DIR", help="规则包目录 / the pack's folder"
    )
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="提示语言 / language of messages")


def day(text: str) -> date:
    """A date argument; argparse shows the sentence where it is none."""
    try:
        return parse_date(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"“{text}”不是日历上的日期，请写成 2023-07-01 的样子 / not a date of the calendar, write it like 2023-07-01"
        ) from None


def sound_pack(folder: Path | None, lang: str) -> Pack | None:
    """The pack, or None after every problem in it has been printed."""
    pack, problems = ready_pack(folder or default_pack())
    if problems.errors:
        print_problems(problems, lang)
        return None
    return pack


def print_problems(problems: Problems, lang: str) -> None:
    """Every problem with its caret, then how many there are."""
    for problem in problems:
        print(problem.render(lang), file=sys.stderr)
    errors, warnings = len(problems.errors), len(problems.warnings)
    if lang == "zh":
        print(f"{errors} 处错误，{warnings} 处提醒。", file=sys.stderr)
    else:
        print(f"{errors} error(s), {warnings} warning(s).", file=sys.stderr)
