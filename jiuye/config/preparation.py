"""Making an installation ready to serve: tables, the pack, the demonstration city, a first sweep, texts and static files.

Every part looks first whether it is done already, so that a second start is quick and a start that was killed goes on
where it stopped. Each is all or nothing: what was killed half-way has left nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from jiuye.config.console import step
from jiuye.config.preflight import CannotStartError

_LOCK = 0x4A697579  # "Jiuy": one process at a time prepares a database


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait while another process prepares the same database."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_lock(%s)", [_LOCK])
        row = cursor.fetchone()
        if row is not None and not row[0]:
            with step("等另一个 jiuye run 准备完同一个数据库"):
                cursor.execute("select pg_advisory_lock(%s)", [_LOCK])
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("select pg_advisory_unlock(%s)", [_LOCK])


def migrate() -> None:
    """Bring the tables up to this version. Raises CannotStartError for a database of a newer one."""
    from django.core.management import call_command
    from django.core.management.commands.migrate import Command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    ours = {key for key in executor.loader.applied_migrations if key[0] in executor.loader.migrated_apps}
    unknown = sorted(ours - set(executor.loader.disk_migrations))
    if unknown:
        app, name = unknown[-1]
        raise CannotStartError(
            f"这个数据库是更新版本的软件建的（{app}.{name}）；请用那个版本启动，或把 JIUYE_DATA 指到新的文件夹。 "
            f"This database was made by a newer version of the software ({app}.{name}); start that version, "
            "or point JIUYE_DATA at a new folder."
        )
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        return

    with step(f"建表（{len(plan)} 步）") as current:
        done = 0

        class ShownMigrate(Command):
            def migration_progress_callback(
                self, action: str, migration: Any = None, fake: bool = False
            ) -> None:
                nonlocal done
                if action == "apply_start":
                    done += 1
                    current.say(f"{done}/{len(plan)} {migration}")

        call_command(ShownMigrate(), verbosity=0, interactive=False)


def require_keys() -> None:
    """Return where what is sealed in the database opens under this installation's keys. Raises CannotStartError."""
    from jiuye.office.registry.models import Person
    from jiuye.office.registry.secrets import UnreadableSecretError

    try:
        Person.objects.order_by("pk").first()
    except UnreadableSecretError as error:
        raise CannotStartError(
            f"{error}数据库和数据文件夹里的 keys 不是一套；请放回原来的 keys，或把 JIUYE_DATA 指到新的文件夹。 "
            "The database was sealed under other keys than those in the data folder; put the right keys back, "
            "or point JIUYE_DATA at a new folder."
        ) from error


def load_pack(pack: Path) -> None:
    """Divisions and funds of the pack into the registry and the ledger; repeated at every start, since packs change."""
    from jiuye.city.building import read_places
    from jiuye.engine.ledger.funds_file import load_funds
    from jiuye.office.funds.operations.budgets import record_funds
    from jiuye.office.registry.places import load_divisions

    places, _, _ = read_places(pack)
    load_divisions(places)
    funds, problems = load_funds(pack / "funds.yaml", base=pack)
    if problems.errors:
        raise CannotStartError("\n".join(problem.render() for problem in problems))
    record_funds(funds=funds.values())


def build_city(pack: Path, size: int) -> None:
    """The synthetic city, where nobody is on record yet."""
    from jiuye.city.laying import lay_city
    from jiuye.office.registry.models import Person

    if Person.objects.exists():
        return
    with step(f"建演示城市（{size:,} 人）") as current:
        lay_city(
            pack=pack,
            size=size,
            progress=lambda what, count: current.say(f"{what} {count:,}" if count else what),
        )


def lay_budgets(on: date, at: datetime) -> None:
    """Demonstration budgets of this year, for the funds that have none."""
    from jiuye.city.budgets import lay_budgets

    lay_budgets(on=on, at=at)


def sweep_everyone(on: date, at: datetime) -> None:
    """The first sweep; later ones are the nightly run's and the office's."""
    from jiuye.office.entitlements.models import Sweep
    from jiuye.office.entitlements.operations import run_sweep
    from jiuye.office.registry.models import Person

    if Sweep.objects.filter(state="done").exists() or not Person.objects.exists():
        return
    with step("全量判定：谁能享受什么") as current:
        run_sweep(actor=None, on=on, at=at, progress=current.say)


def apply_publications(on: date, at: datetime) -> None:
    """Whatever was published to hold from a day that has come joins the rules; what does not load is said and left out."""
    from jiuye.office.entitlements.publishing import bring_into_force
    from jiuye.office.policies.queries.standing import due

    if not due(on).exists():
        return
    with step("公布的政策施行") as current:
        came = bring_into_force(actor=None, on=on, at=at, progress=current.say)
    for publication in came.refused:
        print(f"公布“{publication.title}”和现在的规则包放在一起不能读，没有施行；请看政策工作台。")


def play_office(on: date) -> None:
    """Cases in every state, so that the desk of a demonstration is not empty; once."""
    from jiuye.city.incidents import play_incidents
    from jiuye.city.loan_life import play_loans
    from jiuye.city.office_life import play_office as play
    from jiuye.office.casework.models import Case
    from jiuye.office.funds.operations import seal_ledger
    from jiuye.office.staff.models import Account

    if Case.objects.exists() or not Account.objects.filter(username="caseworker").exists():
        return
    with step("演示办件") as current:
        play(on=on, progress=lambda what, count: current.say(f"{what} {count}"))
        play_incidents(on=on)
        play_loans(on=on, progress=lambda what, count: current.say(f"{what} {count}"))
    seal_ledger(on=on, at=datetime.now(UTC))  # what was played has had its first night


def compile_texts(root: Path) -> None:
    """The English texts, where the catalogue is newer than what was compiled from it."""
    from jiuye.portals.common.translations import compile_catalogue

    source = root / "jiuye" / "locale" / "en" / "LC_MESSAGES" / "django.po"
    compiled = source.with_suffix(".mo")
    if source.exists() and (not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime):
        compile_catalogue(root)


def collect_static(folder: Path) -> None:
    """Static files into the data folder, compressed and named by their content, where one of them changed."""
    from django.core.management import call_command

    mark = folder.parent / "static.fingerprint"
    fingerprint = _static_fingerprint()
    if folder.exists() and mark.exists() and mark.read_text() == fingerprint:
        return
    with step("收集静态文件"):
        folder.mkdir(parents=True, exist_ok=True)
        call_command("collectstatic", interactive=False, verbosity=0)
        mark.write_text(fingerprint)


def _static_fingerprint() -> str:
    from django.contrib.staticfiles.finders import get_finders

    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            digest.update(f"{path}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()
