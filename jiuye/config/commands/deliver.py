"""`jiuye deliver`: sends the messages that wait, from outside the acts that wrote them. Safe to run at any time and several times at once."""

from __future__ import annotations

import argparse
import sys

from jiuye.config.commands._beside import Beside
from jiuye.config.commands._shared import installation_ready, office_moment


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `deliver`."""
    parser = subparsers.add_parser("deliver", help="发送等待中的消息 / send the messages that wait")
    parser.add_argument(
        "--most", type=int, default=10_000, metavar="N", help="最多处理几条 / how many at most"
    )
    parser.add_argument(
        "--lang", choices=("zh", "en"), default="zh", help="输出语言 / language of the output"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say what was sent and what was not; 1 with a sentence where nothing could be done."""
    if not installation_ready():
        return 1
    from jiuye.exchange.sms import UnknownGatewayError
    from jiuye.office.messages.content import MessagesUnreadableError, NoSendingRulesError
    from jiuye.office.messages.gateway import installed_gateway
    from jiuye.office.messages.operations import deliver

    try:
        done = deliver(gateway=installed_gateway(), clock=office_moment, most=args.most)
    except (MessagesUnreadableError, NoSendingRulesError, UnknownGatewayError) as error:
        print(error, file=sys.stderr)
        return 1
    zh = args.lang == "zh"
    print(
        f"已发送 {done.sent}，稍后重发 {done.put_off}，改日发送 {done.waiting}，无法送达 {done.undeliverable}。"
        if zh
        else f"{done.sent} sent, {done.put_off} tried again later, {done.waiting} wait for another day, "
        f"{done.undeliverable} undeliverable."
    )
    if done.quiet:
        print(
            "现在是免打扰时段，其余的到时段结束后发送。"
            if zh
            else "Quiet hours: the rest leaves when they end."
        )
    return 0


class Delivering(Beside):
    """Sends beside the web server of `jiuye run`."""

    def __init__(self, every_seconds: float) -> None:
        super().__init__(
            "delivering", every_seconds, _deliver, "消息暂时发不出去：{error} Messages cannot be sent now."
        )


def _deliver() -> None:
    from jiuye.office.messages.gateway import installed_gateway
    from jiuye.office.messages.operations import deliver

    deliver(gateway=installed_gateway(), clock=office_moment)
