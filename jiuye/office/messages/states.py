"""The life of a delivery as one table; the words for it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext

DELIVERY_STATES: dict[str, str] = {
    "waiting": "等待发送",
    "sending": "正在发送",
    "sent": "已发送",
    "undeliverable": "无法送达",
}
DELIVERY_LEVELS: dict[str, str] = {
    "waiting": "none",
    "sending": "none",
    "sent": "good",
    "undeliverable": "bad",
}
CHANNEL_WORDS: dict[str, str] = {"sms": "短信", "in_app": "站内消息", "letter": "决定书"}
# Why a message could not be delivered; a gateway's own code stands beside it.
REASONS: dict[str, str] = {
    "no_number": "没有登记手机号，或者号码不对",
    "deceased": "登记显示本人已去世",
    "refused": "短信网关拒收",
    "altered": "短信网关已有同一编号的另一内容",
    "given_up": "多次联系不上短信网关",
    "unreadable": "保存的号码或内容读不出来，请核对登记信息",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: what happened, where it starts, where it ends. Nothing else moves a delivery, and no person does."""

    act: str
    sources: tuple[str, ...]
    target: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition("take", ("waiting", "sending"), "sending"),  # again, where whoever took it before was killed
    Transition("note_sent", ("sending",), "sent"),
    Transition("put_off", ("sending",), "waiting"),
    Transition("give_up", ("waiting", "sending"), "undeliverable"),
)


class WrongDeliveryStateError(RuntimeError):
    """The delivery is not in a state in which this may happen: another process moved it meanwhile."""

    def __init__(self, act: str, state: str) -> None:
        super().__init__(
            gettext("这条发送现在是“%(state)s”，不能“%(act)s”。")
            % {"state": gettext(DELIVERY_STATES[state]), "act": act}
        )


def advance(state: str, act: str) -> str:
    """The state that the act leads to. Raises WrongDeliveryStateError, KeyError for an act that is not in the table."""
    for row in TRANSITIONS:
        if row.act == act:
            if state not in row.sources:
                raise WrongDeliveryStateError(act, state)
            return row.target
    raise KeyError(f"{act!r} is no act of a delivery; the table in {__name__} lists them")


def pairs() -> list[tuple[str, str]]:
    """Every (from, to) of the table, sorted: what the database's own trigger allows."""
    return sorted({(source, row.target) for row in TRANSITIONS for source in row.sources})
