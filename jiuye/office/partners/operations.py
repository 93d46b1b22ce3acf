"""Giving out keys, taking them back, and answering the same call once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

import pghistory
from django.db import connection, transaction
from django.utils.translation import gettext as _

from jiuye.office.partners.models import ApiCall, ApiKey
from jiuye.office.partners.queries import hash_of
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.queries import Actor, NotPermittedError, actor_for, require

PREFIX = "jy_"  # so that a key that lies about somewhere is known for one
LONGEST_DAYS = 366  # a key is renewed at least once a year


class KeyNotIssuedError(ValueError):
    """The key was not made; the sentence says what is missing."""


class AnotherCallError(ValueError):
    """The idempotency key was used for a call that said something else."""

    def __init__(self, idempotency_key: str) -> None:
        super().__init__(
            _("幂等键“%(key)s”已用于另一份内容；同一份内容请原样重发，新的内容请换一个键。")
            % {"key": idempotency_key}
        )


def issue_key(
    *,
    actor: Actor,
    account: Account,
    purpose: str,
    start: date,
    until: date,
    registers: Collection[str] = (),
) -> tuple[ApiKey, str]:
    """A new key of an officer's account, and the secret, which is shown this once. Raises KeyNotIssuedError, NotPermittedError.

    The account must hold a post that may call (对接系统), in the actor's places, and the key ends within a year. It delivers the
    registers that are named and no other.
    """
    require(actor, "staff.manage")
    if not purpose.strip():
        raise KeyNotIssuedError(_("请写明用途和依据（例如数据共享协议的文号）。"))
    if not 0 < (until - start).days <= LONGEST_DAYS:
        raise KeyNotIssuedError(_("密钥的有效期最长一年，止期须晚于起期；请改日期。"))
    places = actor_for(account, on=start).scopes("api.call")
    for place in places:
        require(actor, "staff.manage", place)  # a key opens whatever its account may
    if not places:
        raise KeyNotIssuedError(
            _("账号“%(name)s”在%(day)s没有“对接系统”岗位；请先任岗。")
            % {"name": account.display_name, "day": start}
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic(), pghistory.context(operation="partners.issue_key", account=actor.account_id):
        key = ApiKey.objects.create(
            account=account,
            purpose=purpose.strip(),
            registers=sorted(set(registers)),
            hint=secret[:9],
            hash=hash_of(secret),
            start=start,
            until=until,
            issued_by_id=actor.account_id,
        )
    return key, secret


def revoke_key(*, actor: Actor, key_id: int, because: str, at: datetime) -> ApiKey:
    """The key opens nothing from now on; revoking it again changes nothing.

    Raises KeyNotIssuedError without a reason, NotPermittedError where no post of its account lies in the actor's places.
    """
    require(actor, "staff.manage")
    if not because.strip():
        raise KeyNotIssuedError(_("停用密钥请写明原因。"))
    with transaction.atomic(), pghistory.context(operation="partners.revoke_key", account=actor.account_id):
        key = ApiKey.objects.select_for_update().get(pk=key_id)
        held = (
            Post.objects.filter(account_id=key.account_id)
            .order_by("pk")
            .values_list("division_code", flat=True)
        )
        if not any(actor.may("staff.manage", place) for place in held):
            raise NotPermittedError("staff.manage", held.first())
        if key.revoked_at is None:
            key.revoked_at, key.revoked_because = at, because.strip()
            key.save(update_fields=["revoked_at", "revoked_because"])
    return key


def answered_once(
    *,
    key: ApiKey,
    path: str,
    idempotency_key: str,
    body: bytes,
    at: datetime,
    act: Callable[[], dict[str, Any]],
) -> tuple[dict[str, Any], bool]:
    """The answer of `act`, which is done once for this idempotency key; (answer, whether it had been given before).

    The act and its answer are kept in one transaction, and two calls of the same key wait for one another. What `act` raises is
    kept nowhere: a refused call may be mended and sent again under the same key. Raises AnotherCallError.
    """
    digest = hashlib.sha256(body).digest()
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [f"api {idempotency_key}", key.pk % 2**31]
            )
        known = ApiCall.objects.filter(key=key, idempotency_key=idempotency_key).first()
        if known is not None:
            if bytes(known.body_hash) != digest or known.path != path:
                raise AnotherCallError(idempotency_key)
            return known.answer, True
        answer = act()
        ApiCall.objects.create(
            key=key, at=at, path=path, idempotency_key=idempotency_key, body_hash=digest, answer=answer
        )
    return answer, False
