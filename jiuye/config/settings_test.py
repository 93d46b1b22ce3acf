"""Settings of the tests: keys that are no secret, templates that fail on what is undefined."""

from __future__ import annotations

import os

os.environ.setdefault("JIUYE_SECRET_KEY", "a key for tests only")
os.environ.setdefault("JIUYE_DATA_KEY_1", "00112233445566778899aabbccddeeff")
os.environ.setdefault("JIUYE_INDEX_KEY", "ff" * 32)

from jiuye.config.settings import *  # noqa: F403 (the test settings are the settings, with a few changes)

DEBUG = False
DEMO = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
