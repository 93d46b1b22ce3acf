"""How a visitor wants pages shown (适老化): large type and high contrast, kept in cookies, applied by the server."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

CHOICES: dict[str, tuple[str, ...]] = {"size": ("normal", "large"), "contrast": ("normal", "high")}
MAX_AGE_SECONDS = 365 * 24 * 3600


class UnknownPreferenceError(ValueError):
    """A preference that is not offered; the form was changed by hand."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(
            gettext("没有这种显示方式：%(name)s=%(value)s。请用页面上方的按钮。")
            % {"name": name, "value": value}
        )


def preferences(request: HttpRequest) -> dict[str, str]:
    """Each preference with its value; what a cookie does not say, or says wrongly, is the first choice."""
    found = {}
    for name, values in CHOICES.items():
        value = request.COOKIES.get(f"jiuye_{name}", "")
        found[name] = value if value in values else values[0]
    return found


def keep_preference(response: HttpResponse, name: str, value: str, *, secure: bool) -> None:
    """Set the cookie of one preference. Raises UnknownPreferenceError for one that is not offered."""
    if value not in CHOICES.get(name, ()):
        raise UnknownPreferenceError(name, value)
    response.set_cookie(
        f"jiuye_{name}", value, max_age=MAX_AGE_SECONDS, secure=secure, httponly=True, samesite="Lax"
    )
