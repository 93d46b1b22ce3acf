"""`jiuye nightly`: what is done once a night: the ledger is sealed, publications whose day has come join the rules, everyone is decided, what is
paid without applying is begun, what is late goes up, borrowers are reminded, and what is past its time is erased."""

from __future__ import annotations

import argparse
import sys
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
    """Say what was read and why, and how many are entitled; 1 with a sentence where it could not be done."""
    if not installation_ready():
        return 1
    from jiuye.config import preparation
    from jiuye.engine.rules.sweep import SweepError
    from jiuye.office.entitlements.operations import run_sweep
    from jiuye.office.matters.operations import open_due_reviews
    from jiuye.office.staff.retention import erase_expired
    from jiuye.office.ventures.operations import remind_borrowers

    zh = args.lang == "zh"
    at = this_moment()
    on = args.on or at.date()
    _seal(at, zh=zh)
    _settle_calendars(at, zh=zh)
    preparation.apply_publications(on, at)
    try:
        run = run_sweep(actor=None, on=on, at=at, full=args.full)
    except SweepError as error:
        print(error.zh if zh else error.en, file=sys.stderr)
        return 1
    for sentence in run.reading.get("sentences", []):
        print(sentence[0 if zh else 1])
    due = open_due_reviews(on=on, at=at)
    if due:
        print(f"列入到期复核 {due} 件。" if zh else f"{due} reviews fell due.")
    begun = _begin_automatic(on, at, zh=zh)
    reminded = remind_borrowers(on=on, at=at)
    if reminded:
        print(
            f"提醒贷款到期、逾期 {reminded} 条。"
            if zh
            else f"{reminded} borrowers told of what is due or late."
        )
    entitled = sum(totals["yes"] for totals in run.totals.values())
    print(f"{on}：{entitled} 项符合。" if zh else f"{on}: {entitled} entitlements.")
    erased = sum(erase_expired(at=at).values())
    if erased:
        print(f"删除保存期满的记录 {erased} 条。" if zh else f"{erased} records past their time were erased.")
    return max(pass_up(on, at, zh=zh), 0 if begun else 1)


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
