"""`jiuye nightly`: what is done once a night: the ledger is sealed, publications whose day has come join the rules, everyone is decided, what is
paid without applying is begun, what is late goes up, borrowers are reminded, and what is past its time is erased."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable
from datetime import date, datetime, time
from typing import TYPE_CHECKING

from jiuye.config.commands._beside import BesideInAProcess
from jiuye.config.commands._shared import day, installation_ready, office_moment
from jiuye.config.commands.deadlines import late_refusals, pass_up

if TYPE_CHECKING:
    from jiuye.engine.messages import Words
    from jiuye.office.nights.models import Night

LOOK_SECONDS = 60  # between looks whether the day's night is owed


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `nightly`."""
    parser = subparsers.add_parser(
        "nightly", help="每晚的全量判定：只读有变动的 / the nightly sweep, which reads only what changed"
    )
    parser.add_argument(
        "--on", type=day, metavar="DATE", help="判定日，默认今天 / the day of decision (today)"
    )
    parser.add_argument("--full", action="store_true", help="全部重新读 / read everything anew")
    parser.add_argument(
        "--owed",
        action="store_true",
        help="只做当天还没做完的 / only what of the day's night was not done yet",
    )
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help="输出语言 / language of the output"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Try every step of the night, whatever became of those before it; say what each did, and at the end which failed: 1 then.

    0 as well where another process is at it, and with `--owed` where nothing is.
    """
    if not installation_ready():
        return 1
    from jiuye.office.messages.content import MessagesUnreadableError
    from jiuye.office.nights.operations import alone, begin, end

    zh = args.lang == "zh"
    at = office_moment()
    on = args.on or at.date()
    with alone() as ours:
        if not ours:
            print("另一个进程正在做夜间工作。" if zh else "Another process is at the night's work.")
            return 0
        try:
            night = begin(on=on, at=at, owed=args.owed)
            if night is None:
                print(f"{on}：没有还要做的夜间工作。" if zh else f"{on}: nothing of the night is owed now.")
                return 0
            failed = _try(night, on, at, full=args.full, zh=zh)
            end(night, failed=failed, on=on, at=office_moment())
        except (
            MessagesUnreadableError
        ) as error:  # the administrators cannot be told; the night's page shows it
            print(error, file=sys.stderr)
            return 1
    if failed:
        names = [step_name(step, zh=zh) for step in failed]
        print(
            f"这一夜没有做完的：{'、'.join(names)}；原因见上面，改正后再运行一次，已做完的不会重做。"
            if zh
            else f"Not done this night: {', '.join(names)}. See the reasons above; run it again once they are mended, what was done is not "
            "done twice.",
            file=sys.stderr,
        )
    return 1 if failed else 0


def _try(night: Night, on: date, at: datetime, *, full: bool, zh: bool) -> dict[str, Words]:
    """Each step that the night has not noted as done; why those that failed did."""
    from jiuye.office.nights.operations import note_step

    steps = _steps(on, at, full=full, zh=zh)
    failed = {}
    for step, act in steps.items():
        if step in night.done:
            continue
        reason = _why_not(act, zh=zh)
        if reason is None:
            note_step(night, step)
        else:
            failed[step] = reason
    return failed


def _steps(on: date, at: datetime, *, full: bool, zh: bool) -> dict[str, Callable[[], object]]:
    """What each step of `nights.states.STEPS` does."""
    from jiuye.config import preparation

    return {
        "seal": lambda: _seal(at, zh=zh),
        "calendars": lambda: _settle_calendars(at, zh=zh),
        "publications": lambda: preparation.apply_publications(on, at),
        "decide": lambda: _decide(on, at, full=full, zh=zh),
        "reviews": lambda: _open_reviews(on, at, zh=zh),
        "automatic": lambda: _begin_automatic(on, at, zh=zh),
        "look_back": lambda: _look_back(on, at, zh=zh),
        "remind": lambda: _remind(on, at, zh=zh),
        "erase": lambda: _erase(at, zh=zh),
        "deadlines": lambda: pass_up(on, at, zh=zh),
    }


def step_name(step: str, *, zh: bool) -> str:
    """The step's name in the language of the output."""
    from django.utils.translation import gettext, override

    from jiuye.office.nights.states import STEPS

    with override("zh-hans" if zh else "en"):
        return gettext(STEPS[step])


def _why_not(act: Callable[[], object], *, zh: bool) -> Words | None:
    """Why a step was not done, printed too: of a mistake of ours with where it came from. None where it was done."""
    from django.db import close_old_connections

    from jiuye.engine.messages import Words
    from jiuye.engine.rules.sweep import SweepError

    try:
        act()
        return None
    except SweepError as error:
        print(error.zh if zh else error.en, file=sys.stderr)
        return Words(error.zh, error.en)
    except late_refusals() as error:
        print(error, file=sys.stderr)
        return Words(str(error))
    except Exception as error:  # the steps after it are as much owed as this one
        traceback.print_exc()
        close_old_connections()  # a broken one would take them down with it
        name = type(error).__name__
        return Words(
            f"程序出错（{name}），详见服务器的日志。", f"The program failed ({name}); see the server's log."
        )


def _decide(on: date, at: datetime, *, full: bool, zh: bool) -> None:
    """Decide everyone; say what was read and why, and how many are entitled. Raises SweepError."""
    from jiuye.office.entitlements.operations import run_sweep

    run = run_sweep(actor=None, on=on, at=at, full=full)
    for sentence in run.reading.get("sentences", []):
        print(sentence[0 if zh else 1])
    entitled = sum(totals["yes"] for totals in run.totals.values())
    print(f"{on}：{entitled} 项符合。" if zh else f"{on}: {entitled} entitlements.")


def _open_reviews(on: date, at: datetime, *, zh: bool) -> None:
    from jiuye.office.matters.operations import open_due_reviews

    due = open_due_reviews(on=on, at=at)
    if due:
        print(f"列入到期复核 {due} 件。" if zh else f"{due} reviews fell due.")


def _remind(on: date, at: datetime, *, zh: bool) -> None:
    from jiuye.office.ventures.operations import end_empty_interest, remind_borrowers

    ended = end_empty_interest(on=on, at=at)
    if ended:
        print(
            f"没有要付的贴息作废 {ended} 笔。"
            if zh
            else f"{ended} quarters of interest came to nothing and ended."
        )
    reminded = remind_borrowers(on=on, at=at)
    if reminded:
        print(
            f"提醒贷款到期、逾期 {reminded} 条。"
            if zh
            else f"{reminded} borrowers told of what is due or late."
        )


def _erase(at: datetime, *, zh: bool) -> None:
    from jiuye.office.staff.retention import erase_expired

    erased = sum(erase_expired(at=at).values())
    if erased:
        print(f"删除保存期满的记录 {erased} 条。" if zh else f"{erased} records past their time were erased.")


def _begin_automatic(on: date, at: datetime, *, zh: bool) -> None:
    """A case for each subsidy that is paid without applying (免申即享), and how many a check kept back. Raises CalendarNotPublishedError."""
    from jiuye.office.casework.operations import confirm_all_automatic
    from jiuye.office.casework.packrules import rules

    run = confirm_all_automatic(actor=None, rules=rules(), on=on, at=at)
    if run.opened or run.kept_back:
        print(
            f"免申即享：已建立办件 {run.opened} 件，核验未通过而保留 {run.kept_back} 件。"
            if zh
            else f"Paid without applying: {run.opened} cases begun, {run.kept_back} kept back by a check."
        )


def _look_back(on: date, at: datetime, *, zh: bool) -> None:
    """What was paid in the last two years, held against what the registers say by now."""
    from jiuye.office.casework.operations import look_back
    from jiuye.office.casework.packrules import rules

    looked = look_back(rules=rules(), on=on, at=at)
    if looked.found or looked.gone:
        print(
            f"发放后核查：看了 {looked.cases} 件，新列疑点 {looked.found} 个，登记更正后消除 {looked.gone} 个。"
            if zh
            else f"Looked back at {looked.cases} paid cases: {looked.found} new doubts, {looked.gone} gone since the registers were put right."
        )


def _seal(at: datetime, *, zh: bool) -> None:
    """Sign the ledger, and print the signature, so that it can be kept outside the database."""
    from jiuye.office.funds.operations import seal_ledger

    seal = seal_ledger(on=at.date(), at=at)
    print(
        f"账簿已封存（第 {seal.number} 次，{seal.entries} 笔）；请把签名另行保管：{seal.signature}"
        if zh
        else f"The ledger is sealed (seal {seal.number}, {seal.entries} entries); keep its signature elsewhere: {seal.signature}"
    )


def _settle_calendars(at: datetime, *, zh: bool) -> None:
    """Deadlines in a year whose holidays have come on file are set right; a year still without them is named every night."""
    from jiuye.office.conduct.operations import settle_calendars, still_provisional

    for year, moved in settle_calendars(at=at).items():
        print(
            f"{year} 年的节假日安排已收录，按预计工作日算的期限改动 {moved} 个。"
            if zh
            else f"The holidays of {year} are on file: {moved} deadlines counted by expected workdays were set right."
        )
    for year in still_provisional():
        print(
            f"{year} 年的节假日安排还没有收录，期限暂按预计工作日计算，公示暂不能跨到该年；请升级 chinesecalendar。"
            if zh
            else f"The holidays of {year} are not on file: deadlines are counted by expected workdays, and no public notice can "
            "reach into that year. Upgrade chinesecalendar.",
            file=sys.stderr,
        )


def beside(at: time) -> BesideInAProcess:
    """What does the night of each day beside the web server, from that hour of the day on."""

    def waits() -> bool:
        from jiuye.office.nights.queries import owed

        moment = office_moment()
        return moment.time() >= at and owed(on=moment.date(), at=moment)

    return BesideInAProcess(
        "nightly",
        LOOK_SECONDS,
        waits=waits,
        command="nightly",
        arguments=("--owed",),
        shown=True,  # the seal's signature is to be kept, and who reads the log wants to know what the night did
        trouble="夜间工作没有做完：{error} The night is not done.",
    )
