"""`jiuye run`: everything that one person needs to see the software work, on this machine only, until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from datetime import datetime, time
from pathlib import Path
from types import FrameType

from jiuye.config.commands import nightly
from jiuye.config.commands._beside import Beside
from jiuye.config.commands._shared import this_moment
from jiuye.config.commands.budgets import BUDGETS
from jiuye.config.commands.deliver import Delivering
from jiuye.config.commands.simulations import SIMULATIONS
from jiuye.config.console import step
from jiuye.config.packs import ROOT, default_pack
from jiuye.config.preflight import (
    CannotStartError,
    night_hour,
    night_said,
    require_folder,
    require_port,
    require_proxy,
    require_room,
)
from jiuye.config.serving import Pages, PagesFailedError, processors
from jiuye.portals.common.faults import is_disk_full

HOST = "127.0.0.1"
# SIGINT is named although Python knows it: a shell that starts us in the background has it ignored.
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SMALLEST_CITY = 1000
DELIVER_SECONDS = 60
NIGHT = (
    "每天 {at}（北京时间）起做夜间工作：判定、到期复核、逾期上报、删除和账簿封存；改时刻或关掉用 JIUYE_NIGHT，见 docs/running.md。\n"
    "The night's work is done each day from {at} on (the clock in China); JIUYE_NIGHT changes that."
)
# Without the night nothing falls due: who turns it off is told what is theirs to see to.
NO_NIGHT = (
    "夜间工作已关掉（JIUYE_NIGHT=off）：判定、到期复核、逾期上报、删除和账簿封存由系统定时任务运行，例如 crontab：\n"
    "  30 1 * * *  jiuye nightly        （退出码 1 表示有没做完的；怎样设置见 docs/running.md）\n"
    "The night's work is the system's timer's (JIUYE_NIGHT=off): put “jiuye nightly” into cron (docs/running.md)."
)
ASKED_SECONDS = 2  # between looks whether something was asked for


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("run", help="准备好一切并启动（默认带演示城市）；Ctrl-C 停止")
    parser.add_argument("--port", type=int, default=8000, help="端口（默认 8000）")
    parser.add_argument("--host", default=HOST, help="地址（默认只在本机 127.0.0.1）")
    parser.add_argument("--city", type=int, default=50_000, metavar="SIZE", help="演示城市的人数；0 为不建")
    parser.add_argument(
        "--processes", type=int, default=processors(), help="回答网页的进程数（默认比处理器少一个，最多四个）"
    )
    parser.add_argument("--prepare-only", action="store_true", help="准备好就结束，不启动网站")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """0 after a clean stop, 1 with one sentence where it cannot start."""
    for number in ENDINGS:
        signal.signal(number, _stop)
    try:
        return _run(args)
    except (CannotStartError, PagesFailedError) as error:
        print(error, file=sys.stderr)
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        print(sentence, file=sys.stderr)
    return 1


def _stop(signal_number: int, frame: FrameType | None) -> None:
    """Being told to end is the same as Ctrl-C: transactions roll back, and the database server stops with us.

    Told again while that goes on, we go on with it: an impatient second Ctrl-C would leave the server running.
    """
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _sentence(error: Exception) -> str | None:
    """What to do about an error that somebody who starts the software can mend; None for our own mistakes."""
    from jiuye.config.embedded import DatabaseUnavailableError

    if isinstance(error, DatabaseUnavailableError):
        return str(error)
    if is_disk_full(error):
        from jiuye.config.postgres import data_folder

        return (
            f"磁盘写满了，没有做完的一步已经撤回；请给 {data_folder()} 腾出空间后再启动。 "
            f"The disk ran full and the step under way was taken back; make room for {data_folder()} and start again."
        )
    return None


def _run(args: argparse.Namespace) -> int:
    from jiuye.config.postgres import data_folder

    if args.city and args.city < SMALLEST_CITY:
        raise CannotStartError(
            f"演示城市至少要有 {SMALLEST_CITY} 人；请改 CITY=。 A city needs at least {SMALLEST_CITY:,} residents; change CITY=."
        )
    if args.processes < 1:
        raise CannotStartError(
            "至少要有一个进程回答网页；请改 --processes。 At least one process must answer pages; change --processes."
        )
    if not args.prepare_only:
        require_port(args.host, args.port)
        night_hour(night_said())
        require_proxy(os.environ.get("JIUYE_PROXY", "").strip(), https=os.environ.get("JIUYE_HTTPS") == "1")
    data = data_folder()
    require_folder(data)
    first_start = not (data / "postgres" / "PG_VERSION").exists() and not os.environ.get("DATABASE_URL")
    require_room(data, residents=args.city, first_start=first_start)
    if args.city:
        _fix_the_day(default_pack())
    with step("启动数据库" if not os.environ.get("DATABASE_URL") else "连接数据库"):
        from jiuye.config.django_setup import setup_django

        setup_django()
    prepare(args.city)
    if args.prepare_only:
        return 0
    return serve(args.host, args.port, demonstration=bool(args.city), processes=args.processes)


def _fix_the_day(pack: Path) -> None:
    """The demonstration works on the pack's day, since its people's dates are counted from it; JIUYE_DATE says otherwise."""
    if "JIUYE_DATE" not in os.environ:
        from jiuye.city.building import PackUnusableError, read_places

        try:
            _, _, demonstration = read_places(pack)
        except PackUnusableError as error:
            raise CannotStartError(str(error)) from error
        os.environ["JIUYE_DATE"] = demonstration.day.isoformat()


def prepare(city_size: int) -> None:
    """Whatever is not done yet, one step after the other."""
    from django.conf import settings

    from jiuye.config import preparation

    now = this_moment()
    on = datetime.fromisoformat(settings.OFFICE_DATE).date() if settings.OFFICE_DATE else now.date()
    at = datetime.combine(on, now.timetz())
    with preparation.one_at_a_time():
        preparation.migrate()
        preparation.require_keys()
        preparation.load_pack(Path(settings.PACK))
        preparation.apply_publications(on, at)
        if city_size:
            preparation.build_city(Path(settings.PACK), city_size)
            preparation.lay_budgets(on, at)
            preparation.sweep_everyone(on, at)
            preparation.play_office(on)
    preparation.compile_texts(ROOT)
    preparation.collect_static(Path(settings.STATIC_ROOT))


def serve(host: str, port: int, *, demonstration: bool, processes: int) -> int:
    """Serve until told to stop. Raises CannotStartError and PagesFailedError."""
    from django.conf import settings
    from django.db import connection

    # The port is open from within this call on: being told to end is a clean stop from here, whatever is under way.
    pages: Pages | None = None
    night_at = night_hour(settings.NIGHT)
    beside = works(night_at)
    shown = f"[{host}]" if ":" in host else host
    try:
        pages = Pages(host, port, processes=processes)
        pages.start()
        for work in beside:
            work.start()
        print(f"\n就业已启动：http://{shown}:{port}/   （Ctrl-C 停止）")
        if settings.OFFICE_DATE:
            print(f"办公日期固定为 {settings.OFFICE_DATE}（JIUYE_DATE= 可改）。")
        print(NO_NIGHT if night_at is None else NIGHT.format(at=f"{night_at:%H:%M}"))
        if demonstration:
            print_accounts()
        sys.stdout.flush()
        connection.close()  # from here on we only watch
        pages.watch()
    except KeyboardInterrupt:
        pass  # told to end
    finally:
        if pages is not None:
            pages.stop()
        for work in beside:
            work.stop()
    print("\n已停止。 Stopped.")
    return 0


def works(night_at: time | None) -> list[Beside]:
    """What goes on beside the pages; the night's work from that time of the day on, None where it is the system's timer's."""
    found = [Delivering(DELIVER_SECONDS), BUDGETS.beside(ASKED_SECONDS), SIMULATIONS.beside(ASKED_SECONDS)]
    return found if night_at is None else [*found, nightly.beside(night_at)]


def print_accounts() -> None:
    """One account for each role, and those of the stories."""
    from jiuye.city.accounts import DEMO_PASSWORD, EMPLOYERS, FOUNDER, RESIDENTS
    from jiuye.office.staff.models import Account
    from jiuye.office.staff.roles import ROLES

    accounts = Account.objects.filter(is_active=True).order_by("pk").prefetch_related("posts")
    if not accounts:
        return
    print(f"演示账号（口令都是 {DEMO_PASSWORD}）：")
    for account in accounts:
        if account.kind == "officer":
            posts = "、".join(
                f"{ROLES[post.role]}（{post.division_code}{'，待确认' if post.awaits_second else ''}）"
                for post in sorted(account.posts.all(), key=lambda found: found.pk)
            )
            print(f"  {account.username:<16}{posts}  {account.display_name}")
        elif account.username in (*RESIDENTS, FOUNDER, *EMPLOYERS):
            kind = "居民" if account.kind == "resident" else "用人单位"
            print(f"  {account.username:<16}{kind}  {account.display_name}")
