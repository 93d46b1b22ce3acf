"""What an SMS gateway must do for us, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sms:
    """One text message. `key` is ours and never used twice: the gateway sends a key once, however often it is handed over."""

    key: str
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class SmsReceipt:
    """The gateway has taken the message: its own number for it."""

    key: str
    reference: str


class SmsError(RuntimeError):
    """The gateway did not do what was asked. `zh` and `en` are whole sentences for people."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(f"{zh} {en}")


class GatewayUnreachableError(SmsError):
    """The gateway cannot be reached now, or did not answer in time. Handing the same message over again later is safe."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            zh=f"现在联系不上短信网关（{detail}）；稍后会自动重发，不会发两遍。",
            en=f"The SMS gateway cannot be reached now ({detail}); it is tried again later, nothing is sent twice.",
        )


class SmsRefusedError(SmsError):
    """The gateway refuses this message for good: a number that is none, a text that it does not carry."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(
            zh=f"短信网关拒收（{code}）；请核对手机号码或内容。",
            en=f"The SMS gateway refuses the message ({code}); check the number and the text.",
        )


class SmsAlteredError(SmsError):
    """The gateway has a message of this key with another number or text."""

    def __init__(self, key: str) -> None:
        super().__init__(
            zh=f"短信网关已有“{key}”，内容与这次不同，未发送；请核对数据是否被改动。",
            en=f"The SMS gateway has '{key}' with other content and did not send this one; find out what was changed.",
        )


class SmsGateway(Protocol):
    """A gateway that sends text messages."""

    def send(self, message: Sms) -> SmsReceipt:
        """Hand a message over. The same key again gives the same receipt and sends nothing again.

        Raises GatewayUnreachableError, SmsRefusedError, SmsAlteredError.
        """
