"""Text messages: the protocol, a gateway reached by HTTP, and a pretend one for demonstrations and tests."""

from __future__ import annotations

from pathlib import Path

from jiuye.exchange.sms.http import HttpGateway
from jiuye.exchange.sms.pretend import PretendGateway, Received
from jiuye.exchange.sms.protocol import (
    GatewayUnreachableError,
    Sms,
    SmsAlteredError,
    SmsError,
    SmsGateway,
    SmsReceipt,
    SmsRefusedError,
)

__all__ = [
    "GatewayUnreachableError",
    "HttpGateway",
    "PretendGateway",
    "Received",
    "Sms",
    "SmsAlteredError",
    "SmsError",
    "SmsGateway",
    "SmsReceipt",
    "SmsRefusedError",
    "UnknownGatewayError",
    "open_gateway",
]


class UnknownGatewayError(ValueError):
    """The installation names a kind of gateway that there is not, or an HTTP one without its address."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"短信网关“{kind}”不可用；请写 pretend（演示），或写 http 并给出 JIUYE_SMS_URL。 "
            f"The SMS gateway '{kind}' cannot be used; write 'pretend', or 'http' together with JIUYE_SMS_URL."
        )


def open_gateway(kind: str, *, folder: Path, url: str = "", token: str = "") -> SmsGateway:
    """The gateway of that kind; a pretend one keeps its memory below `folder`. Raises UnknownGatewayError."""
    if kind == "pretend":
        return PretendGateway(folder / "pretend.sqlite3")
    if kind == "http" and url:
        return HttpGateway(url, token=token)
    raise UnknownGatewayError(kind)
