"""One-time codes of an authenticator (RFC 6238: SHA-1, six digits, thirty seconds), and codes for whoever has lost it."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import datetime, timedelta
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
REPLACING_MINUTES = (
    10  # from the old device's code to the new one's: who sits down later has not given the old code
)


class WrongCodeError(ValueError):
    """The code is not the one of this moment, or it was taken before."""

    def __init__(self) -> None:
        super().__init__(gettext("验证码不对，或者已经用过。请等下一个验证码，并检查手机时间是否准确。"))


class AlreadyEnrolledError(ValueError):
    """The account has a second factor already; another device takes its place after a code of it, or an administrator frees the account of it."""

    def __init__(self) -> None:
        super().__init__(gettext("这个账号已经启用第二重验证；更换设备请先输入原设备的验证码或一个恢复码。"))


class StillNeededError(ValueError):
    """A post held today needs the second factor: it is replaced, never taken off."""

    def __init__(self) -> None:
        super().__init__(
            gettext("您现在的岗位审批、支付资金或管理账号，第二重验证不能停用；要换手机，请用“更换设备”。")
        )


class NotReplacingError(ValueError):
    """No device waits to take the other's place, or its time is over."""

    def __init__(self) -> None:
        super().__init__(
            gettext("没有正在更换的设备，或者已经超过 %(minutes)d 分钟；原设备照旧有效，请重新开始更换。")
            % {"minutes": REPLACING_MINUTES}
        )


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


def address_of(factor: SecondFactor, secret: bytes, *, issuer: str) -> str:
    """What the authenticator reads: `otpauth://totp/…` (Key Uri Format)."""
    label = quote(f"{issuer}:{factor.account.username}")
    return f"otpauth://totp/{label}?secret={typed(secret)}&issuer={quote(issuer)}&digits={DIGITS}&period={STEP_SECONDS}"


def typed(secret: bytes) -> str:
    """A sealed secret for those who type it: base32."""
    return base64.b32encode(unseal_bytes(bytes(secret))).decode()


@transaction.atomic
def confirm(*, account: Account, code: str, at: datetime) -> list[str]:
    """The first code: the second factor is in use from now on. Returns the recovery codes, shown this once. Raises WrongCodeError."""
    factor = (
        SecondFactor.objects.select_for_update().filter(account=account, confirmed_at__isnull=True).first()
    )
    if factor is None or not _take(factor, code, at):
        raise WrongCodeError
    SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=at)
    return _new_recovery_codes(account)


def _new_recovery_codes(account: Account) -> list[str]:
    RecoveryCode.objects.filter(account=account).delete()
    codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(RecoveryCode(account=account, digest=digest_of(code)) for code in codes)
    return codes


def check(*, account_id: int, code: str, at: datetime) -> None:
    """Return where the code, or a recovery code, is right; it is taken by that. Raises WrongCodeError."""
    factor = SecondFactor.objects.filter(account_id=account_id, confirmed_at__isnull=False).first()
    if factor is not None and _take(factor, code, at):
        return
    unused = RecoveryCode.objects.filter(account_id=account_id, used_at__isnull=True, digest=digest_of(code))
    if factor is None or unused.update(used_at=at) != 1:
        raise WrongCodeError


@transaction.atomic
def end(*, actor: Actor, code: str, at: datetime) -> None:
    """Take one's own second factor off, with a code of it. Raises StillNeededError where a post held now needs it, WrongCodeError."""
    if needed_by(actor):
        raise StillNeededError
    check(account_id=actor.account_id, code=code, at=at)
    SecondFactor.objects.filter(account_id=actor.account_id).delete()
    RecoveryCode.objects.filter(account_id=actor.account_id).delete()


@transaction.atomic
def begin_replacing(*, account: Account, code: str, at: datetime) -> None:
    """With a code of the device in use (or a recovery code): the secret of the next one, in use from its own first code on. Raises WrongCodeError."""
    check(account_id=account.pk, code=code, at=at)
    secret = seal_bytes(secrets.token_bytes(SECRET_BYTES))
    SecondFactor.objects.filter(account=account).update(next_secret=secret, next_begun_at=at)


def replacing(account_id: int, *, at: datetime) -> SecondFactor | None:
    """The factor whose next device waits for its first code."""
    since = at - timedelta(minutes=REPLACING_MINUTES)
    return (
        SecondFactor.objects.filter(account_id=account_id, next_secret__isnull=False, next_begun_at__gt=since)
        .select_related("account")
        .first()
    )


@transaction.atomic
def replace(*, account: Account, code: str, at: datetime) -> list[str]:
    """The next device's first code: it takes the other's place. Returns new recovery codes, shown this once.

    Raises NotReplacingError, WrongCodeError.
    """
    factor = SecondFactor.objects.select_for_update().filter(account=account).first()
    if factor is None or replacing(account.pk, at=at) is None:
        raise NotReplacingError
    step = _step_of(bytes(factor.next_secret or b""), code, at)
    if step is None:
        raise WrongCodeError
    SecondFactor.objects.filter(pk=factor.pk).update(
        secret=factor.next_secret, confirmed_at=at, last_step=step, next_secret=None, next_begun_at=None
    )
    return _new_recovery_codes(account)


def stop_replacing(*, account: Account) -> None:
    """The device in use stays."""
    SecondFactor.objects.filter(account=account).update(next_secret=None, next_begun_at=None)


def _take(factor: SecondFactor, code: str, at: datetime) -> bool:
    """True where the code is of now or one step beside it, and newer than any taken: the database lets one of two through."""
    step = _step_of(bytes(factor.secret), code, at)
    if step is None:
        return False
    return SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step) == 1


def _step_of(secret: bytes, code: str, at: datetime) -> int | None:
    """The time step whose code of the sealed secret this is: now or one beside it."""
    digits = "".join(code.split())
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit():
        return None
    totp = TOTP(unseal_bytes(secret), DIGITS, SHA1(), STEP_SECONDS, enforce_key_length=False)
    now = int(at.timestamp()) // STEP_SECONDS
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if secrets.compare_digest(totp.generate(step * STEP_SECONDS), digits.encode()):
            return step
    return None


def digest_of(code: str) -> bytes:
    """Of a code as it is kept: forty random bits at the least, taken once and behind the lock-out: one round is enough."""
    return hashlib.sha256("".join(code.split()).lower().encode()).digest()
