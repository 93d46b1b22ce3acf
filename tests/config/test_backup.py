"""A backup while somebody writes, and the way back: verified before it takes the place of what is there."""

from __future__ import annotations

import json
import tarfile
import threading
import time
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from jiuye.config.backup import BackupError, back_up, restore
from jiuye.config.commands.backup import NUMBERED, SKIPPED, note_restore, numbers_given
from jiuye.office.staff.models import Account, Post

pytestmark = pytest.mark.django_db
COMMITTED = pytest.mark.django_db(transaction=True)  # what the test writes is there for other connections
AT = datetime(2024, 6, 11, 2, 0, tzinfo=UTC)
KEYS = {"data_key_1": b"1" * 16, "index_key": b"2" * 32}


def url_of(database: str) -> str:
    parts = connection.get_connection_params()
    return make_conninfo(
        host=parts.get("host", ""), port=parts.get("port"), user=parts.get("user"), password=parts.get("password") or None,
        dbname=database,
    )  # fmt: skip


@pytest.fixture
def here() -> str:
    return url_of(connection.settings_dict["NAME"])


@pytest.fixture
def there():
    """A database beside that of the test, gone afterwards with everything that a restore left under its name."""
    name = f"back_{connection.settings_dict['NAME']}"
    yield url_of(name)
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        for (left,) in server.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name]
        ).fetchall():
            server.execute(f'DROP DATABASE "{left}" WITH (FORCE)')


@pytest.fixture
def files(tmp_path) -> Path:
    folder = tmp_path / "files"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "ab12").write_bytes(b"sealed")
    (folder / "evidence" / ".writing-x").write_bytes(b"half")
    return folder


def officers(count: int, begin: int = 0) -> None:
    for number in range(begin, begin + count):
        account = Account.objects.create(username=f"o{number}", display_name=f"甲{number}", kind="officer")
        Post.objects.create(account=account, role="caseworker", division_code="3210", start=date(2023, 1, 1))


def made(here, files, target, keys=KEYS):
    return back_up(url=here, files=files, keys=keys, target=target, at=AT)


def restored(there, files, source, *, keys=KEYS, replace=False, verify=None, record=None):
    return restore(
        url=there, files=files, keys=keys, source=source, replace=replace, at=AT, verify=verify, record=record
    )


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as other:
        return other.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


@COMMITTED
def test_a_restored_database_knows_that_it_is_one_and_from_when(here, there, files, tmp_path):
    made(here, files, tmp_path / "one.tar")
    later = datetime(2024, 6, 12, 9, 0, tzinfo=UTC)
    restored(
        there,
        files,
        tmp_path / "one.tar",
        record=lambda url, held: note_restore(url, made_at=held.made_at, at=later),
    )
    assert (count(here, "funds_restore"), count(there, "funds_restore")) == (0, 1)
    with psycopg.connect(there) as other:
        assert other.execute("SELECT backup_made_at, restored_at FROM funds_restore").fetchone() == (
            AT,
            later,
        )
        for table in NUMBERED:
            (next_key,) = other.execute(f"SELECT nextval('{table}_id_seq')").fetchone()
            assert next_key > SKIPPED


@COMMITTED
def test_the_same_backup_brought_back_twice_gives_no_number_of_the_time_between(here, there, files, tmp_path):
    made(here, files, tmp_path / "one.tar")

    def again() -> None:
        given = numbers_given(there)
        restored(
            there, files, tmp_path / "one.tar", replace=True,
            record=lambda url, held: note_restore(url, made_at=held.made_at, at=AT, given=given),
        )  # fmt: skip

    def given_then(table: str) -> int:
        with psycopg.connect(there) as other:
            (key,) = other.execute(f"SELECT nextval('{table}_id_seq')").fetchone()
        return key

    assert numbers_given(there) == {}  # nothing stands there yet
    again()
    between = {table: given_then(table) for table in NUMBERED}
    again()
    assert all(given_then(table) > between[table] + SKIPPED for table in NUMBERED)


@COMMITTED
def test_everything_comes_back_and_the_database_before_is_kept(here, there, files, tmp_path):
    officers(3)
    manifest = made(here, files, tmp_path / "one.tar")
    assert manifest.rows["staff_account"] == manifest.rows["staff_post"] == 3
    again = tmp_path / "again"
    assert restored(there, again, tmp_path / "one.tar")[1] == ""
    assert count(there, "staff_post") == 3
    assert [path.name for path in again.rglob("*") if path.is_file()] == ["ab12"]
    with pytest.raises(BackupError, match="--replace"):
        restored(there, again, tmp_path / "one.tar")
    with psycopg.connect(there) as at_work:  # somebody is still connected, and is sent away
        before = restored(there, again, tmp_path / "one.tar", replace=True)[1]
        with pytest.raises(psycopg.OperationalError):
            at_work.execute("SELECT 1")
    assert before.startswith(f"back_{connection.settings_dict['NAME']}_before_")
    assert count(url_of(before), "staff_account") == count(there, "staff_account") == 3


@COMMITTED
def test_rules_of_the_database_come_back_with_it(here, there, files, tmp_path):
    officers(1)
    made(here, files, tmp_path / "one.tar")
    restored(there, files, tmp_path / "one.tar")
    with psycopg.connect(there) as other, pytest.raises(psycopg.errors.CheckViolation):
        other.execute("UPDATE staff_account SET kind = 'king'")


@COMMITTED
def test_a_backup_taken_while_somebody_writes_is_of_one_moment(here, there, files, tmp_path):
    officers(5)
    stop, written = threading.Event(), []

    def write():
        with psycopg.connect(here, autocommit=True) as other:
            while not stop.is_set():
                name = f"w{len(written)}"
                with other.transaction():
                    key = other.execute(
                        "INSERT INTO staff_account (username, display_name, name_key, kind, subject_key, division_code, is_active, password) "
                        "VALUES (%s, '乙', 'key', 'officer', '', '3210', true, '') RETURNING id", [name],
                    ).fetchone()[0]  # fmt: skip
                    other.execute(
                        "INSERT INTO staff_post (account_id, role, division_code, department, start, awaits_second, void) "
                        "VALUES (%s, 'caseworker', '3210', '', '2023-01-01', false, false)", [key],
                    )  # fmt: skip
                written.append(name)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not written and writer.is_alive():
            time.sleep(0.01)
        assert written  # a writer that died has written nothing, and nothing is waited for
        manifest = made(here, files, tmp_path / "one.tar")
    finally:
        stop.set()
        writer.join()
    assert manifest.rows["staff_account"] == manifest.rows["staff_post"]
    restored(there, files, tmp_path / "one.tar")
    assert count(there, "staff_account") == count(there, "staff_post") == manifest.rows["staff_account"]


@COMMITTED
def test_what_does_not_pass_the_verification_is_not_put_in_place(here, there, files, tmp_path):
    officers(1)
    made(here, files, tmp_path / "one.tar")
    seen = []

    def verify(url):
        seen.append(count(url, "staff_account"))
        raise BackupError("账簿不符")

    with pytest.raises(BackupError, match="账簿不符"):
        restored(there, files, tmp_path / "one.tar", verify=verify)
    assert seen == [1]
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(there)


def test_other_keys_than_those_of_the_backup_are_refused_before_anything_is_done(
    here, there, files, tmp_path
):
    made(here, files, tmp_path / "one.tar")
    with pytest.raises(BackupError, match="密钥（index_key）"):
        restored(there, files, tmp_path / "one.tar", keys={**KEYS, "index_key": b"3" * 32})


def test_the_keys_themselves_are_not_in_the_backup(here, files, tmp_path):
    made(here, files, tmp_path / "one.tar")
    content = (tmp_path / "one.tar").read_bytes()
    assert not any(key in content or key.hex().encode() in content for key in KEYS.values())
    assert (tmp_path / "one.tar").stat().st_mode & 0o077 == 0


def _changed(source: Path, target: Path, part: str) -> Path:
    """The same backup with one byte of a part changed."""
    with tarfile.open(source) as tar, tarfile.open(target, "w") as out:
        for member in tar.getmembers():
            content = bytearray(tar.extractfile(member).read())
            if member.name == part:
                content[-1] ^= 1
            (target.parent / "part").write_bytes(content)
            out.add(target.parent / "part", member.name)
    return target


@pytest.mark.parametrize("part", ["database.dump", "files/evidence/ab12"])
def test_a_changed_byte_is_noticed(here, there, files, tmp_path, part):
    made(here, files, tmp_path / "one.tar")
    with pytest.raises(BackupError, match="与清单不符"):
        restored(there, files, _changed(tmp_path / "one.tar", tmp_path / "two.tar", part))


def test_what_is_no_backup_is_refused_with_a_sentence(there, files, tmp_path):
    with pytest.raises(BackupError, match="没有"):
        restored(there, files, tmp_path / "none.tar")
    (tmp_path / "text.tar").write_text("hello")
    with pytest.raises(BackupError, match="不是完整的备份"):
        restored(there, files, tmp_path / "text.tar")
    with tarfile.open(tmp_path / "other.tar", "w") as tar:
        (tmp_path / "manifest.json").write_text(json.dumps({"format": 99}))
        tar.add(tmp_path / "manifest.json", "manifest.json")
    with pytest.raises(BackupError, match="不是完整的备份"):
        restored(there, files, tmp_path / "other.tar")


def test_a_backup_never_overwrites_another(here, files, tmp_path):
    made(here, files, tmp_path / "one.tar")
    with pytest.raises(BackupError, match="已存在"):
        made(here, files, tmp_path / "one.tar")
    assert [path.name for path in tmp_path.glob(".backup-*")] == []
