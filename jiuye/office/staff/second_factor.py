"""One-time codes of an authenticator (RFC 6238: SHA-1, six digits, thirty seconds), and codes for whoever has lost it."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.db import transaction
from django.utils.translation import gettext

from jiuye.office.staff.access import access
from jiuye.office.staff.models import Account, RecoveryCode, SecondFactor
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.sealing import seal_bytes, unseal_bytes

STEP_SECONDS, DIGITS, SECRET_BYTES = 30, 6, 20  # RFC 4226 4: a secret of 160 bits is recommended
DRIFT_STEPS = 1  # RFC 6238 5.2: one step of delay at most
RECOVERY_CODES = 8


class WrongCodeError(ValueError):
    """The code is not the one of this moment, or it was taken before."""

    def __init__(self) -> None:
        super().__init__(gettext("验证码不对，或者已经用过。请等下一个验证码，并检查手机时间是否准确。"))


class AlreadyEnrolledError(ValueError):
    """The account has a second factor already; it is ended first, by whoever holds it or by an administrator."""

    def __init__(self) -> None:
        super().__init__(gettext("这个账号已经启用第二重验证；更换设备要先停用。"))


def needed_by(actor: Actor) -> bool:
    """True where a post of the actor approves or pays (`access.yaml`)."""
    return any(actor.may(permission) for permission in access().second_factor)


def is_enrolled(account_id: int) -> bool:
    """True where the account has a second factor in use."""
    return SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False).exists()


@transaction.atomic
def begin(*, account: Account) -> SecondFactor:
    """A new secret, not in use until its first code is given; one that was begun and not confirmed goes on. Raises AlreadyEnrolledError."""
    found = SecondFactor.objects.select_for_update().filter(account=account).first()
    if found is not None and found.confirmed_at is not None:
        raise AlreadyEnrolledError
    if found is None:
        found = SecondFactor.objects.create(
            account=account, secret=seal_bytes(secrets.token_bytes(SECRET_BYTES))
        )
    return found


def begun(account_id: int) -> SecondFactor | None:
    """The secret that was begun and is not in use yet."""
    return (
        SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=True)
        .select_related("account")
        .first()
    )


def address_of(factor: SecondFactor, *, issuer: str) -> str:
    """What the authenticator reads: `otpauth://totp/…` (Key Uri Format)."""
    label = quote(f"{issuer}:{factor.account.username}")
    return f"otpauth://totp/{label}?secret={typed(factor)}&issuer={quote(issuer)}&digits={DIGITS}&period={STEP_SECONDS}"


def typed(factor: SecondFactor) -> str:
    """The secret for those who type it: base32."""
    return base64.b32encode(unseal_bytes(bytes(factor.secret))).decode()


@transaction.atomic
def confirm(*, account: Account, code: str, at: datetime) -> list[str]:
    """The first code: the second factor is in use from now on. Returns the recovery codes, shown this once. Raises WrongCodeError."""
    factor = (
        SecondFactor.objects.select_for_update().filter(account=account, confirmed_at__isnull=True).first()
    )
    if factor is None or not _take(factor, code, at):
        raise WrongCodeError
    SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=at)
    RecoveryCode.objects.filter(account=account).delete()
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(account=account, digest=_digest(code)) for code in codes)
    return codes


def check(*, account_id: int, code: str, at: datetime) -> None:
    """Return where the code, or a recovery code, is right; it is taken by that. Raises WrongCodeError."""
    factor = SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False).first()
    if factor is not None and _take(factor, code, at):
        return
    unused = RecoveryCode.objects.filter(account_id=account_id, used_at__isnull=True, digest=_digest(code))
    if factor is None or unused.update(used_at=at) != 1:
        raise WrongCodeError


@transaction.atomic
def end(*, account: Account, code: str, at: datetime) -> None:
    """Take the second factor off, with a code of it. Raises WrongCodeError."""
    check(account_id=account.pk, code=code, at=at)
    SecondFactor.objects.filter(account=account).delete()
    RecoveryCode.objects.filter(account=account).delete()


def _take(factor: SecondFactor, code: str, at: datetime) -> bool:
    """True where the code is of now or one step beside it, and newer than any taken: the database lets one of two through."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        return False
    totp = TOTP(unseal_bytes(bytes(factor.secret)), DIGITS, SHA1(), STEP_SECONDS, enforce_key_length=False)
    now = int(at.timestamp()) // STEP_SECONDS
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if secrets.compare_digest(totp.generate(step * STEP_SECONDS), digits.encode()):
            return SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step) == 1
    return False


def _digest(code: str) -> bytes:
    """Of forty random bits, taken once and behind the lock-out: one round is enough."""
    return hashlib.sha256("".join(code.split()).lower().encode()).digest()
