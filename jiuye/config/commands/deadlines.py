"""`jiuye deadlines`: what is late goes to the office above, by the pack's `deadlines.yaml`. Run again, it does nothing more; the nightly run does it too."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime

from jiuye.config.commands._shared import day, installation_ready, this_moment


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `deadlines`."""
    parser = subparsers.add_parser(
        "deadlines", help="把逾期的自动上报 / pass up what is late to the office above"
    )
    parser.add_argument("--on", type=day, metavar="DATE", help="哪一天，默认今天 / the day (today)")
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help="输出语言 / language of the output"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say what went up and who was told; 1 with a sentence where it could not be done."""
    if not installation_ready():
        return 1
    at = this_moment()
    try:
        pass_up(args.on or at.date(), at, zh=args.lang == "zh")
    except late_refusals() as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def late_refusals() -> tuple[type[Exception], ...]:
    """What `pass_up` raises that is no mistake of ours: its sentence says what to do."""
    from jiuye.engine.basis.workdays import CalendarNotPublishedError
    from jiuye.office.casework.procedures import ProceduresUnreadableError
    from jiuye.office.messages.content import MessagesUnreadableError
    from jiuye.office.ventures.rules import NoLoanTermsError

    return CalendarNotPublishedError, ProceduresUnreadableError, MessagesUnreadableError, NoLoanTermsError


def pass_up(on: date, at: datetime, *, zh: bool) -> None:
    """The same for a run that is set up already. Raises what `late_refusals` names."""
    from jiuye.office.casework.limiting import forget_addresses
    from jiuye.office.conduct.operations import escalate_late

    forget_addresses(on=on)
    done = escalate_late(on=on, at=at)
    marks = f"，其中评价未回复 {done.marks} 条" if zh else f", {done.marks} of them unanswered marks"
    reviews = f"，其中复核 {done.reviews} 件" if zh else f", {done.reviews} of them reviews of refusals"
    services = (
        f"，其中承诺的服务 {done.services} 项" if zh else f", {done.services} of them promised services"
    )
    loans = f"，其中贷款申请 {done.loans} 件" if zh else f", {done.loans} of them applications for loans"
    recognitions = (
        f"，其中到期复核 {done.recognitions} 件"
        if zh
        else f", {done.recognitions} of them grants due to be looked at again"
    )
    levels = f"{done.rises} 级次" if zh else f"{done.rises} levels"
    levels += (marks if done.marks else "") + (reviews if done.reviews else "")
    levels += (services if done.services else "") + (loans if done.loans else "")
    levels += recognitions if done.recognitions else ""
    print(
        f"{on}：{done.things} 件逾期上报（{levels}），告知工作人员 {done.told} 次。"
        if zh
        else f"{on}: {done.things} late items passed up ({levels}), {done.told} messages to officers."
    )
