"""Which account a key acts as, and which keys there are."""

from __future__ import annotations

import hashlib
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from jiuye.office.partners.models import ApiKey
from jiuye.office.staff.queries import Actor, actor_for, require


class KeyRefusedError(PermissionError):
    """The key opens nothing. Whether it never existed, ended or was taken back is not told to whoever holds it."""

    def __init__(self) -> None:
        super().__init__(_("密钥无效或已停用；请向市就业办申请新的密钥。"))


class AnothersRegisterError(PermissionError):
    """The key does not deliver that register."""

    def __init__(self, register: str, own: list[str]) -> None:
        super().__init__(
            _(
                "这把密钥不交换登记簿“%(register)s”；它交换的有：%(own)s。要增加登记簿，请向市就业办申请新的密钥。"
            )
            % {"register": register[:40], "own": "、".join(own) or "—"}
        )


def require_register(key: ApiKey, register: str) -> None:
    """The key may deliver that register. Raises AnothersRegisterError."""
    if register not in key.registers:
        raise AnothersRegisterError(register, key.registers)


def hash_of(secret: str) -> bytes:
    """What is kept of a key. It is random and long, so that a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode()).digest()


def behind(secret: str, *, on: date) -> tuple[ApiKey, Actor]:
    """The key and the account that it acts as on that day. Raises KeyRefusedError. Two queries."""
    key = (
        ApiKey.objects.select_related("account")
        .filter(hash=hash_of(secret), start__lte=on, until__gt=on, revoked_at__isnull=True)
        .filter(account__is_active=True)
        .first()
    )
    if key is None:
        raise KeyRefusedError
    return key, actor_for(key.account, on=on)


def keys(actor: Actor) -> QuerySet[ApiKey]:
    """Every key, the one that ends first at the top. Raises NotPermittedError."""
    require(actor, "staff.manage")
    return ApiKey.objects.select_related("account", "issued_by").order_by("revoked_at", "until", "pk")
