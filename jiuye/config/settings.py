"""Django settings. What differs between installations comes from the environment; the rest is decided here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pghistory

from jiuye.config.audit import DeleteEvent, InsertEvent, UpdateEvent
from jiuye.config.migrating import quicken
from jiuye.config.postgres import connection_settings, data_folder
from jiuye.config.preflight import night_said

ROOT = Path(__file__).resolve().parents[2]
DATA = data_folder()
PACK = Path(os.environ.get("JIUYE_PACK") or ROOT / "plans" / "yangzhou-2023-2025")

# The demonstration shows its accounts on the login page; a production installation sets JIUYE_DEMO=0.
DEMO = os.environ.get("JIUYE_DEMO", "1") == "1"
DEBUG = os.environ.get("JIUYE_DEBUG", "0") == "1"


def _kept_secret(name: str, length: int) -> str:
    """A secret from the environment, or one made at the first start and kept in the data folder."""
    if value := os.environ.get(f"JIUYE_{name.upper()}"):
        return value
    path = DATA / "keys" / name
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(length))
    return path.read_text().strip()


SECRET_KEY = _kept_secret("secret_key", 32)
# Keys of the data at rest, by version: new data takes the newest, old data stays readable.
DATA_KEYS = {1: bytes.fromhex(_kept_secret("data_key_1", 16))}
INDEX_KEY = bytes.fromhex(_kept_secret("index_key", 32))

# The bank: `pretend`, or `file` for payment files in BANK_FOLDER whose lines are sealed under a key agreed with it.
BANK_KIND = os.environ.get("JIUYE_BANK", "pretend")
BANK_FOLDER = DATA / "bank"
# The facts of everyone as columns, from one nightly sweep to the next; None keeps none, and every sweep reads everything.
COLUMNS_FOLDER: Path | None = DATA / "columns"
BANK_KEY = bytes.fromhex(_kept_secret("bank_key", 32))
# Text messages: `pretend`, or `http` to a gateway at SMS_URL that knows us by SMS_TOKEN.
SMS_KIND = os.environ.get("JIUYE_SMS", "pretend")
SMS_FOLDER = DATA / "sms"
SMS_URL = os.environ.get("JIUYE_SMS_URL", "")
SMS_TOKEN = os.environ.get("JIUYE_SMS_TOKEN", "")
# The government's single sign-on by OpenID Connect; without an issuer there is none, and the log-in page does not offer it.
SIGN_ON_ISSUER = os.environ.get("JIUYE_SIGN_ON_ISSUER", "")
SIGN_ON_CLIENT = os.environ.get("JIUYE_SIGN_ON_CLIENT", "")
SIGN_ON_SECRET = os.environ.get("JIUYE_SIGN_ON_SECRET", "")
SIGN_ON_CLAIM = os.environ.get("JIUYE_SIGN_ON_CLAIM", "preferred_username")  # what names the account there
# The one for residents and firms, which vouches for who somebody is: its client, what it is asked for, the claims that hold a real name, an
# ID number and a firm's credit code, and the levels of assurance that are taken (by commas; without one nobody is let in by it).
PUBLIC_SIGN_ON_ISSUER = os.environ.get("JIUYE_PUBLIC_SIGN_ON_ISSUER", "")
PUBLIC_SIGN_ON_CLIENT = os.environ.get("JIUYE_PUBLIC_SIGN_ON_CLIENT", "")
PUBLIC_SIGN_ON_SECRET = os.environ.get("JIUYE_PUBLIC_SIGN_ON_SECRET", "")
PUBLIC_SIGN_ON_SCOPE = os.environ.get("JIUYE_PUBLIC_SIGN_ON_SCOPE", "openid profile")
PUBLIC_SIGN_ON_NAME = os.environ.get("JIUYE_PUBLIC_SIGN_ON_NAME", "name")
PUBLIC_SIGN_ON_ID_NUMBER = os.environ.get("JIUYE_PUBLIC_SIGN_ON_ID_NUMBER", "id_number")
PUBLIC_SIGN_ON_CREDIT_CODE = os.environ.get("JIUYE_PUBLIC_SIGN_ON_CREDIT_CODE", "credit_code")
PUBLIC_SIGN_ON_LEVEL = os.environ.get("JIUYE_PUBLIC_SIGN_ON_LEVEL", "acr")
PUBLIC_SIGN_ON_LEVELS = os.environ.get("JIUYE_PUBLIC_SIGN_ON_LEVELS", "")

ALLOWED_HOSTS = [
    name.strip()
    for name in os.environ.get("JIUYE_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
    if name.strip()
]
# The proxy that ends TLS, by the address from which it connects to us. Only what comes from there is believed where it says who asks and
# over which scheme (`answering`); anybody else may write anything into such headers.
PROXY = os.environ.get("JIUYE_PROXY", "").strip()
HTTPS = os.environ.get("JIUYE_HTTPS") == "1"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "pgtrigger",
    "pghistory",
    "ninja",
    "jiuye.office.staff",
    "jiuye.office.partners",
    "jiuye.office.policies",
    "jiuye.office.registry",
    "jiuye.office.funds",
    "jiuye.office.skills",
    "jiuye.office.messages",
    "jiuye.office.entitlements",
    "jiuye.office.casework",
    "jiuye.office.ventures",
    "jiuye.office.matters",
    "jiuye.office.conduct",
    "jiuye.office.budgeting",
    "jiuye.office.campaigns",
    "jiuye.office.nights",
    "jiuye.office.targets",
    "jiuye.portals.common",
    "jiuye.portals.resident",
    "jiuye.portals.desk",
    "jiuye.portals.board",
    "jiuye.portals.workbench",
    "jiuye.portals.api",
    "jiuye.portals.gallery",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "jiuye.portals.common.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jiuye.portals.common.middleware.ContentSecurityPolicyMiddleware",
    "jiuye.portals.common.middleware.CharactersMiddleware",
    "jiuye.portals.common.middleware.RefusalMiddleware",
    "jiuye.portals.common.middleware.SessionMiddleware",
    "jiuye.portals.common.middleware.AuditContextMiddleware",
]
ROOT_URLCONF = "jiuye.config.urls"
WSGI_APPLICATION = "jiuye.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "jiuye.portals.common.context.shell",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "jiuye.portals.common.templatetags.jiuye",
                "jiuye.portals.common.templatetags.components",
                "jiuye.portals.common.templatetags.tables",
            ],
        },
    }
]
FORM_RENDERER = "jiuye.portals.common.forms.FormRenderer"
CSRF_FAILURE_VIEW = "jiuye.portals.common.views.errors.csrf_failure"
DATABASES = {"default": connection_settings(os.environ.get("DATABASE_URL", "postgresql:///jiuye"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "staff.Account"
# Length and kinds of signs stand in the pack's access.yaml.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "jiuye.office.staff.access.PasswordRule"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name")},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [ROOT / "jiuye" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = DATA / "files"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"  # a picture that was handed in is shown within the page of its case, and what refuses it as well
if HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 31536000

DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
PGHISTORY_APPEND_ONLY = True
PGHISTORY_LEVEL = pghistory.Statement
PGHISTORY_DEFAULT_TRACKERS = (InsertEvent(), UpdateEvent(), DeleteEvent())
# The triggers of these trackers are most of what the migrations do.
quicken()

# The day on which the office works. Tests and the demonstration may fix it; otherwise it is today.
OFFICE_DATE = os.environ.get("JIUYE_DATE", "")
# When `jiuye run` does the night's work by itself, by the clock in China; `off` where the system's timer does it.
NIGHT = night_said()

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # It writes a line for every request that waits for a thread; how long requests take is what says whether there are too many.
    "loggers": {"waitress.queue": {"level": "ERROR"}},
}
