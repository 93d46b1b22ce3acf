"""Which PostgreSQL we run on: `DATABASE_URL`, or an embedded server in the data folder.

The embedded server (`embedded.py`) listens on a unix socket only, and needs nothing installed. It stops when the
last process that asked for it ends.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from jiuye.config.embedded import DatabaseUnavailableError, embedded_url

__all__ = [
    "DatabaseUnavailableError",
    "connection_settings",
    "data_folder",
    "embedded_url",
    "ensure_database",
    "require_server",
]

OLDEST_MAJOR = 15

# How every connection works, whatever its server is set to.
SESSION = {
    "timezone": "UTC",
    # What is prepared (the facts of a few subjects) is planned once a connection, and not anew for each subject.
    "plan_cache_mode": "force_generic_plan",
    # Disks have no arms any more: at the old cost of jumping, the figures of a city were read from the whole table and not from their index.
    "random_page_cost": "1.1",
    # Machine code for a question takes longer to make than a page may take.
    "jit": "off",
}


def data_folder() -> Path:
    """Where this installation keeps its database, keys and files: `JIUYE_DATA`, or `.data` below the checkout."""
    return Path(os.environ.get("JIUYE_DATA") or Path(__file__).resolve().parents[2] / ".data")


def connection_settings(url: str) -> dict[str, Any]:
    """A libpq URL (`postgresql://user@host/name`) as Django's database settings.

    Raises DatabaseUnavailableError where the URL cannot be read.
    """
    try:
        parts = conninfo_to_dict(url)
    except Exception as error:
        raise DatabaseUnavailableError(
            "DATABASE_URL 写法不对，应形如 postgresql://用户:口令@主机:5432/库名。 "
            "DATABASE_URL cannot be read; write it like postgresql://user:password@host:5432/name."
        ) from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname") or "jiuye",
        "USER": parts.get("user") or "",
        "PASSWORD": parts.get("password") or "",
        "HOST": parts.get("host") or "",
        "PORT": str(parts.get("port") or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,  # a server that was restarted costs one reconnection, not one error page
        "OPTIONS": {"options": " ".join(f"-c {name}={value}" for name, value in SESSION.items())},
    }


def require_server(url: str) -> None:
    """Return where the server behind `url` answers and is new enough. Raises DatabaseUnavailableError otherwise."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            major = connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        reason = " ".join(str(error).split())
        raise DatabaseUnavailableError(
            f"DATABASE_URL 指的数据库连不上（{reason}）；请检查地址、口令和网络，或去掉 DATABASE_URL 用内置数据库。 "
            f"The database of DATABASE_URL cannot be reached ({reason}); check address, password and network, "
            "or unset DATABASE_URL to use the embedded one."
        ) from error
    if major < OLDEST_MAJOR:
        raise DatabaseUnavailableError(
            f"DATABASE_URL 指的是 PostgreSQL {major}，至少要 {OLDEST_MAJOR}；请升级，或去掉 DATABASE_URL 用内置数据库。 "
            f"DATABASE_URL names a PostgreSQL {major} and at least {OLDEST_MAJOR} is needed; upgrade it, "
            "or unset DATABASE_URL to use the embedded one."
        )


def ensure_database() -> str:
    """The URL to use: `DATABASE_URL` as given, else the embedded server's, which is then put into the environment."""
    url = os.environ.get("DATABASE_URL")
    if url:
        connection_settings(url)  # says what is wrong with a URL that cannot be read
        require_server(url)
    else:
        url = embedded_url(data_folder() / "postgres", "jiuye")
        os.environ["DATABASE_URL"] = url
        os.environ["JIUYE_EMBEDDED"] = "1"
    return url
