"""`jiuye run` as a person meets it: started, stopped, killed, started again."""

from __future__ import annotations

import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.config.running import ROOT, command, environment, free_port, jiuye, processes_of, running

CITY = "1000"


@pytest.fixture(scope="module")
def empty_office() -> Iterator[Path]:
    """A data folder whose tables are made and in which nobody is on record. In /tmp: the server's user must reach it."""
    folder = Path(tempfile.mkdtemp(prefix="jiuye-run-")) / "data"
    done = jiuye(folder, "run", "--prepare-only", "--city", "0")
    assert done.returncode == 0, done.stdout + done.stderr
    yield folder
    shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture(scope="module")
def office(empty_office: Path) -> Path:
    """A data folder with a small city: what a first start leaves."""
    folder = empty_office.parent / "city"
    shutil.copytree(empty_office, folder)  # owners are put right by the next start
    done = jiuye(folder, "run", "--prepare-only", "--city", CITY)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def python(data: Path, program: str) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, on that data."""
    return subprocess.run(
        [command()[0], "-c", program],
        env=environment(data),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def people_on_record(data: Path) -> int:
    """Asked in a process of its own, so that this one never becomes a user of the server."""
    program = (
        "from jiuye.config.django_setup import setup_django; setup_django();"
        "from jiuye.office.registry.models import Person; print('people', Person.objects.count())"
    )
    asked = python(data, program)
    assert asked.returncode == 0, asked.stderr
    found = re.search(r"people (\d+)", asked.stdout)
    assert found is not None, asked.stdout
    return int(found.group(1))


def page_processes(server: int) -> list[psutil.Process]:
    """Those that answer pages for this `jiuye run`."""
    return [
        child
        for child in psutil.Process(server).children()
        if child.status() != psutil.STATUS_ZOMBIE and "jiuye.config.answering" in child.cmdline()
    ]


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_second_start_does_nothing_again_and_lists_the_accounts(office: Path, tmp_path: Path) -> None:
    with running(office, tmp_path, "--city", CITY) as site:
        assert "demo" in site.get("/login/")
        wait_until(lambda: "administrator" in site.log.read_text())
        assert site.stop() == 0
        shown = site.log.read_text()
    assert f"http://127.0.0.1:{site.port}/" in shown
    assert "caseworker" in shown
    assert "建表" not in shown
    assert "建演示城市" not in shown


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_leaves_nothing_running(office: Path, tmp_path: Path, number: int) -> None:
    with running(office, tmp_path, "--city", CITY) as site:
        assert processes_of(office)
        assert site.stop(number) == 0
    assert processes_of(office) == []
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", site.port))


def test_an_impatient_second_ctrl_c_does_not_leave_the_database_running(office: Path, tmp_path: Path) -> None:
    with running(office, tmp_path, "--city", CITY) as site:
        for _ in range(5):
            site.process.send_signal(signal.SIGINT)
            time.sleep(0.1)
        assert site.process.wait(timeout=60) == 0, site.log.read_text()
    assert processes_of(office) == []


def test_ctrl_c_while_the_accounts_are_still_printed_is_a_clean_stop(office: Path) -> None:
    """The port is open by then, so that whoever watches it may already have pressed Ctrl-C."""
    port = free_port()
    program = (
        "import signal, sys; from jiuye.config import cli; from jiuye.config.commands import run;"
        "run.print_accounts = lambda: signal.raise_signal(signal.SIGINT);"
        f"sys.exit(cli.main(['run', '--city', '{CITY}', '--port', '{port}']))"
    )
    done = python(office, program)
    assert done.returncode == 0, done.stderr
    assert "Stopped" in done.stdout
    assert processes_of(office) == []
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


def test_a_killed_page_process_is_begun_again_and_the_others_answer_meanwhile(
    office: Path, tmp_path: Path
) -> None:
    with running(office, tmp_path, "--city", CITY, "--processes", "2") as site:
        assert "demo" in site.get("/login/")
        first = page_processes(site.process.pid)
        assert len(first) == 2
        first[0].kill()
        assert "demo" in site.get("/login/")
        wait_until(lambda: len(page_processes(site.process.pid)) == 2)
        assert first[1] in page_processes(site.process.pid)
        assert site.stop() == 0
        assert "-9" in site.log.read_text(), "it is said that one ended, and how"
    assert processes_of(office) == []


def test_page_processes_end_with_a_server_that_is_killed(office: Path, tmp_path: Path) -> None:
    with running(office, tmp_path, "--city", CITY, "--processes", "2") as site:
        site.get("/login/")
        pages = page_processes(site.process.pid)
        assert len(pages) == 2
        site.process.kill()
        site.process.wait()
        wait_until(lambda: not any(psutil.pid_exists(page.pid) for page in pages))
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", site.port))
    assert jiuye(office, "run", "--prepare-only", "--city", CITY).returncode == 0
    assert processes_of(office) == []


def test_page_processes_that_cannot_begin_are_said_and_leave_nothing_running(office: Path) -> None:
    broken = "jiuye.config.answers-no-page"
    program = (
        "import sys; from jiuye.config import cli, serving;"
        f"serving.ANSWERING = '{broken}';"
        f"sys.exit(cli.main(['run', '--city', '{CITY}', '--port', '{free_port()}']))"
    )
    done = python(office, program)
    assert done.returncode == 1
    assert broken in done.stderr, "what the process said itself is shown"
    assert "does not start" in done.stderr
    assert "已启动" not in done.stdout
    assert processes_of(office) == []


def test_a_server_without_page_processes_is_refused_in_one_sentence(tmp_path: Path) -> None:
    refused = jiuye(tmp_path / "data", "run", "--processes", "0")
    assert refused.returncode == 1
    assert "--processes" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_a_night_at_no_time_of_the_day_is_refused_in_one_sentence(tmp_path: Path) -> None:
    refused = jiuye(tmp_path / "data", "run", JIUYE_NIGHT="25:00")
    assert refused.returncode == 1
    assert "JIUYE_NIGHT=25:00 不是一个时刻" in refused.stderr
    assert not (tmp_path / "data").exists()


def test_it_says_when_it_does_the_night_or_whose_that_is(empty_office: Path, tmp_path: Path) -> None:
    with running(empty_office, tmp_path, "--city", "0", JIUYE_NIGHT="02:30") as site:
        wait_until(lambda: "02:30" in site.log.read_text())
        assert site.stop() == 0
        assert "每天 02:30（北京时间）起做夜间工作" in site.log.read_text()
        assert "crontab" not in site.log.read_text()
    with running(empty_office, tmp_path, "--city", "0", JIUYE_NIGHT="off") as site:
        wait_until(lambda: "crontab" in site.log.read_text())
        assert site.stop() == 0


def test_it_listens_on_this_machine_only(office: Path, tmp_path: Path) -> None:
    with running(office, tmp_path, "--city", CITY) as site:
        whole = [psutil.Process(site.process.pid), *processes_of(office)]
        listening = {
            connection.laddr.ip
            for process in whole
            for connection in process.net_connections(kind="inet")
            if connection.status == psutil.CONN_LISTEN
        }
        site.stop()
    assert listening == {"127.0.0.1"}


def test_after_it_was_killed_the_next_start_works_and_stops_the_database(
    office: Path, tmp_path: Path
) -> None:
    with running(office, tmp_path, "--city", CITY) as site:
        site.process.kill()
        site.process.wait()
    assert processes_of(office), "the database server survives its user being killed"
    with running(office, tmp_path, "--city", CITY) as site:
        assert "demo" in site.get("/login/")
        site.stop()
    assert processes_of(office) == []


def test_a_first_start_that_was_killed_in_the_city_is_done_again_from_its_beginning(
    empty_office: Path, tmp_path: Path
) -> None:
    data = empty_office.parent / "killed"
    shutil.copytree(empty_office, data)
    log = tmp_path / "killed.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            command("run", "--prepare-only", "--city", "50000"),
            env=environment(data),
            cwd=ROOT,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        # A log file hears of a long step every five seconds: whichever table it is at then, the transaction is open.
        writing = re.compile("建演示城市.*：(居民|用人单位|就业经历|身份|学历|参保缴费|证书|核对)")
        while not writing.search(log.read_text()):
            assert process.poll() is None, log.read_text()
            time.sleep(0.02)
        process.kill()
        process.wait()
    assert people_on_record(data) == 0
    again = jiuye(data, "run", "--prepare-only", "--city", CITY)
    assert again.returncode == 0, again.stdout + again.stderr
    assert people_on_record(data) == int(CITY)
    assert processes_of(data) == []


def test_a_busy_port_is_one_sentence_that_names_another_port(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        refused = jiuye(tmp_path / "data", "run", "--port", str(port))
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert f"PORT={port + 1}" in refused.stderr


def test_a_data_folder_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    refused = jiuye(tmp_path / "file" / "data", "run", "--port", str(free_port()))
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "JIUYE_DATA" in refused.stderr


def test_a_data_folder_of_another_version_is_one_sentence(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "postgres"
    (folder / "global").mkdir(parents=True)
    (folder / "PG_VERSION").write_text("14\n")
    (folder / "global" / "pg_control").write_bytes(b"x")
    (folder / "postgresql.auto.conf").write_text("")
    refused = jiuye(tmp_path / "data", "run", "--port", str(free_port()))
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert "PostgreSQL 14" in refused.stderr


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://nobody@127.0.0.1:1/none", "DATABASE_URL"),
        ("postgresql://%zz", "DATABASE_URL"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path: Path, url: str, words: str) -> None:
    refused = jiuye(tmp_path / "data", "run", "--port", str(free_port()), DATABASE_URL=url)
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1
    assert words in refused.stderr


def test_a_city_that_is_too_small_is_one_sentence(tmp_path: Path) -> None:
    refused = jiuye(tmp_path / "data", "run", "--city", "5")
    assert refused.returncode == 1
    assert "1000" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
