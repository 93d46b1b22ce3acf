"""A pretend gateway with a memory of its own: it survives our process, sends a key once, and refuses by rules anyone can foresee.

It keeps no number and no text, only their digests under a salt of its own file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jiuye.exchange.memory import digest_of, remembering, salt_of
from jiuye.exchange.sms.protocol import (
    GatewayUnreachableError,
    Sms,
    SmsAlteredError,
    SmsReceipt,
    SmsRefusedError,
)

# A number that ends so is one that the carrier has taken out of service; everything else is sent.
CLOSED_SUFFIX = "4040"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    key TEXT PRIMARY KEY, digest TEXT NOT NULL, receiver TEXT NOT NULL, reference TEXT NOT NULL, handed_over INTEGER NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Received:
    """One message that was really sent; `handed_over` is how often we handed it over."""

    key: str
    reference: str
    handed_over: int


class PretendGateway:
    """`path` is its SQLite file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def send(self, message: Sms) -> SmsReceipt:
        """Send it once. Raises SmsRefusedError, SmsAlteredError, GatewayUnreachableError where the file cannot be used."""
        if message.to.endswith(CLOSED_SUFFIX):
            raise SmsRefusedError("NUMBER_CLOSED")
        with remembering(self.path, _SCHEMA, GatewayUnreachableError) as connection:
            salt = salt_of(connection)
            digest = digest_of(salt, message.key, message.to, message.text)
            known = connection.execute(
                "SELECT digest, reference FROM messages WHERE key = ?", [message.key]
            ).fetchone()
            if known is not None:
                if known[0] != digest:
                    raise SmsAlteredError(message.key)
                connection.execute(
                    "UPDATE messages SET handed_over = handed_over + 1 WHERE key = ?", [message.key]
                )
                return SmsReceipt(message.key, known[1])
            number = connection.execute("SELECT count(*) FROM messages").fetchone()[0] + 1
            reference = f"DX{number:010}"
            connection.execute(
                "INSERT INTO messages VALUES (?, ?, ?, ?, 1)",
                [message.key, digest, digest_of(salt, message.to), reference],
            )
            return SmsReceipt(message.key, reference)

    def sent(self) -> list[Received]:
        """Every message sent, in the order in which it was sent: the gateway's own record."""
        with remembering(self.path, _SCHEMA, GatewayUnreachableError) as connection:
            rows = connection.execute(
                "SELECT key, reference, handed_over FROM messages ORDER BY rowid"
            ).fetchall()
        return [Received(*row) for row in rows]
