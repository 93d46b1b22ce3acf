"""`jiuye nightly`: what is done once a night: the ledger is sealed, publications whose day has come join the rules, everyone is decided, what is
paid without applying is begun, what is late goes up, borrowers are reminded, and what is past its time is erased."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable
from datetime import date, datetime

from jiuye.config.commands._shared import day, installation_ready, this_moment
from jiuye.config.commands.deadlines import pass_up


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
        "--lang", choices=("zh", "en"), default="zh", help="输出语言 / language of the output"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Try every step of the night, whatever became of those before it; say what each did, and at the end which failed: 1 then."""
    if not installation_ready():
        return 1
    from jiuye.config import preparation

    zh = args.lang == "zh"
    at = this_moment()
    on = args.on or at.date()
    steps: tuple[tuple[str, str, Callable[[], object]], ...] = (
        ("封存账簿", "sealing the ledger", lambda: _seal(at, zh=zh)),
        ("校正期限", "setting deadlines right", lambda: _settle_calendars(at, zh=zh)),
        ("生效已公布的规则", "applying publications", lambda: preparation.apply_publications(on, at)),
        ("全量判定", "deciding everyone", lambda: _decide(on, at, full=args.full, zh=zh)),
        ("列入到期复核", "listing what is due to be looked at again", lambda: _open_reviews(on, at, zh=zh)),
        (
            "建立免申即享办件",
            "beginning what is paid without applying",
            lambda: _begin_automatic(on, at, zh=zh),
        ),
        ("提醒借款人", "reminding borrowers", lambda: _remind(on, at, zh=zh)),
        ("删除保存期满的记录", "erasing what is past its time", lambda: _erase(at, zh=zh)),
        ("逾期上报", "passing up what is late", lambda: pass_up(on, at, zh=zh) == 0),
    )
    failed = [(name if zh else name_en) for name, name_en, act in steps if not _done(act, zh=zh)]
    if failed:
        print(
            f"这一夜没有做完的：{'、'.join(failed)}；原因见上面，改正后再运行一次，已做完的不会重做。"
            if zh
            else f"Not done this night: {', '.join(failed)}. See the reasons above; run it again once they are mended, what was done is not "
            "done twice.",
            file=sys.stderr,
        )
    return 1 if failed else 0


def _done(act: Callable[[], object], *, zh: bool) -> bool:
    """Whether a step was done; where it was not the reason has been printed, of a mistake of ours where it came from."""
    from django.db import close_old_connections

    from jiuye.engine.rules.sweep import SweepError

    try:
        return act() is not False
    except SweepError as error:
        print(error.zh if zh else error.en, file=sys.stderr)
    except Exception:  # the steps after it are as much owed as this one
        traceback.print_exc()
        close_old_connections()  # a broken one would take them down with it
    return False


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
    from jiuye.office.ventures.operations import remind_borrowers

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


def _begin_automatic(on: date, at: datetime, *, zh: bool) -> bool:
    """A case for each subsidy that is paid without applying (免申即享), and how many a check kept back. False where the calendar ended."""
    from jiuye.engine.basis.workdays import CalendarNotPublishedError
    from jiuye.office.casework.operations import confirm_all_automatic
    from jiuye.office.casework.packrules import rules

    try:
        run = confirm_all_automatic(actor=None, rules=rules(), on=on, at=at)
    except CalendarNotPublishedError as error:  # what else the night has to do is done all the same
        print(error, file=sys.stderr)
        return False
    if run.opened or run.kept_back:
        print(
            f"免申即享：已建立办件 {run.opened} 件，核验未通过而保留 {run.kept_back} 件。"
            if zh
            else f"Paid without applying: {run.opened} cases begun, {run.kept_back} kept back by a check."
        )
    return True


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
