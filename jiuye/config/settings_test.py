"""Settings of the tests: keys that are no secret, templates that fail on what is undefined."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("JIUYE_SECRET_KEY", "a key for tests only")
os.environ.setdefault("JIUYE_DATA_KEY_1", "00112233445566778899aabbccddeeff")
os.environ.setdefault("JIUYE_INDEX_KEY", "ff" * 32)
os.environ.setdefault("JIUYE_BANK_KEY", "ee" * 32)

from jiuye.config.settings import *  # noqa: F403 (the test settings are the settings, with a few changes)

DEBUG = False
DEMO = True
COLUMNS_FOLDER = None


class UndefinedTemplateVariableError(LookupError):
    """A template shows a variable that its view does not give; on a page it would be an empty place."""

    def __init__(self, variable: Any) -> None:
        super().__init__(
            f"模板用了没有给出的变量 {{{{ {variable} }}}}。请在视图里给出，或在模板里用 {{% if %}} 判断。 "
            f"The template shows {{{{ {variable} }}}}, which its view does not give."
        )


class _FailOnUndefined(str):
    """Django formats `string_if_invalid` with the variable where it holds %s; this one raises instead."""

    def __contains__(self, part: object) -> bool:
        return True

    def __mod__(self, variable: Any) -> str:
        raise UndefinedTemplateVariableError(variable)


# Django's own templates of forms are rendered by the form renderer's engine and not concerned.
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = _FailOnUndefined("undefined")  # type: ignore[index]  # noqa: F405
# Tests serve static files by Django's own finders; nothing is collected for whitenoise.
MIDDLEWARE = [one for one in MIDDLEWARE if not one.startswith("whitenoise.")]  # noqa: F405
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
