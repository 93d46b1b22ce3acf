"""A gateway reached by HTTP: one POST a message, JSON in and out, our key in the header `Idempotency-Key`.

    POST URL   {"key": …, "to": …, "text": …}   Authorization: Bearer TOKEN
    2xx {"reference": …}   taken, now or before        409   the key with other content
    other 4xx {"code": …}  refused for good            429, 5xx, no answer   tried again later

Carriers' own interfaces differ; an installation puts one that speaks this before them (a city's messaging platform does).
"""

from __future__ import annotations

import requests

from jiuye.exchange.sms.protocol import (
    GatewayUnreachableError,
    Sms,
    SmsAlteredError,
    SmsReceipt,
    SmsRefusedError,
)

TIMEOUT_SECONDS = (5, 20)  # to connect, to answer
# Nothing is wrong with the message where our own credentials or the pace are: it waits.
NOT_THE_MESSAGE = (401, 403, 404, 405, 408, 425, 429)
CODE_LENGTH = 60


class HttpGateway:
    """`url` takes the messages, `token` says who we are."""

    def __init__(self, url: str, *, token: str = "") -> None:
        self.url, self._token = url, token

    def send(self, message: Sms) -> SmsReceipt:
        """Hand the message over. Raises GatewayUnreachableError, SmsRefusedError, SmsAlteredError."""
        headers = {"Idempotency-Key": message.key}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        body = {"key": message.key, "to": message.to, "text": message.text}
        try:
            answer = requests.post(
                self.url, json=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False
            )
        except requests.RequestException as error:
            # Its text may hold the address with what stands in it; the class says enough.
            raise GatewayUnreachableError(type(error).__name__) from error
        status = answer.status_code
        if status == 409:
            raise SmsAlteredError(message.key)
        if 400 <= status < 500 and status not in NOT_THE_MESSAGE:
            raise SmsRefusedError(_said(answer, "code") or f"HTTP {status}")
        reference = _said(answer, "reference")
        if not 200 <= status < 300 or not reference:
            raise GatewayUnreachableError(f"HTTP {status}")
        return SmsReceipt(message.key, reference)


def _said(answer: requests.Response, key: str) -> str:
    """One text of the answer, or nothing where it is no JSON or lacks it."""
    try:
        found = answer.json()
    except ValueError:
        return ""
    return str(found.get(key) or "")[:CODE_LENGTH] if isinstance(found, dict) else ""
