"""What a bank must do for us, and how it fails."""

from __future__ import annotations

from typing import Protocol

from jiuye.exchange.bank.records import LineResult, Receipt, Submission


class BankError(RuntimeError):
    """The bank did not do what was asked; nothing is known to have been paid by this call.

    `zh` and `en` are whole sentences for people.
    """

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(f"{zh} {en}")


class BankUnreachableError(BankError):
    """The bank cannot be reached now. Doing the same again later is safe."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            zh=f"现在联系不上银行（{detail}）；稍后再办一次即可，不会重复付款。",
            en=f"The bank cannot be reached now ({detail}); do the same again later, nothing is paid twice.",
        )


class BatchAlteredError(BankError):
    """The bank has a batch or line of this key with other content."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            zh=f"银行已有“{key}”，内容与这次不同，未受理；请核对数据是否被改动，不要换号重发。",
            en=f"The bank already has '{key}' with other content and did not take this one; find out what was "
            "changed, do not send it under another key.",
        )


class BatchUnknownError(BankError):
    """The bank has no batch of this key."""

    def __init__(self, batch_key: str) -> None:
        super().__init__(
            zh=f"银行没有批次“{batch_key}”；请先发送。",
            en=f"The bank has no batch '{batch_key}'; send it first.",
        )


class Bank(Protocol):
    """A bank that pays on behalf of the office (代发)."""

    def submit(self, batch: Submission) -> Receipt:
        """Hand a batch over. The same batch again gives the same receipt and pays nothing again.

        Raises BankUnreachableError, BatchAlteredError.
        """

    def results(self, batch_key: str) -> list[LineResult]:
        """What is known of the batch's lines now, in the order of the batch; a line left out is still waiting.

        Raises BankUnreachableError, BatchUnknownError, and for files ReturnFileDamagedError.
        """
