"""The rules of logging in and of keeping that this installation's pack lays down, and what a password must be."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from jiuye.engine.access import Access, load_access
from jiuye.office.staff.kept import ERASABLE
from jiuye.office.staff.roles import PERMISSIONS, ROLES


def access() -> Access:
    """The rules, read again when their file changes. A file with mistakes gives what of it can be read; `jiuye check` names them."""
    path = Path(settings.PACK) / "access.yaml"
    return _read(Path(settings.PACK), path.stat().st_mtime_ns if path.exists() else 0)


@lru_cache(maxsize=2)
def _read(folder: Path, changed: int) -> Access:
    found, _ = load_access(
        folder, roles=set(ROLES), permissions=set().union(*PERMISSIONS.values()), erasable=ERASABLE
    )
    return found


class PasswordRule:
    """Length and kinds of signs, as `access.yaml` says; one of Django's password validators."""

    def validate(self, password: str, user: Any = None) -> None:
        """Return where the password is long and mixed enough. Raises ValidationError with what is lacking."""
        rules = access()
        kinds = [str.islower, str.isupper, str.isdigit, lambda sign: not sign.isalnum()]
        found = sum(any(kind(sign) for sign in password) for kind in kinds)
        if len(password) < rules.password_length or found < rules.password_classes:
            raise ValidationError(self.get_help_text(), code="password_too_plain")

    def get_help_text(self) -> str:
        """The rule in words."""
        rules = access()
        return gettext(
            "密码至少 %(length)d 个字符，并含小写字母、大写字母、数字、其他符号中的至少 %(classes)d 种。"
        ) % {"length": rules.password_length, "classes": rules.password_classes}
