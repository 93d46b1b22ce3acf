"""ID numbers and phones at rest: SM4-GCM ciphertext, and a keyed blind index for exact look-up.

Sealing and the index are `staff.sealing`, which accounts use as well.
Source: GB/T 32907-2016 (SM4), GB/T 32905-2016 (SM3), GB/T 17964-2021 (modes), GM/T 0054 as practice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from jiuye.office.staff.sealing import (
    UnreadableSecretError,
    blind_index,
    seal,
    seal_bytes,
    unseal,
    unseal_bytes,
)

__all__ = [
    "SealedField",
    "UnreadableSecretError",
    "blind_index",
    "mask_id_number",
    "mask_name",
    "mask_phone",
    "seal",
    "seal_bytes",
    "unseal",
    "unseal_bytes",
]


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
