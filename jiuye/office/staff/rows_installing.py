"""The policies behind `rows`: what each table's rows belong to, worked out from its columns, written after every migration.

An application declares what is not plain from the columns in its AppConfig (`row_rules`): a model's name with the condition under
which a row may be seen, or with `Open` and why everyone may. The rest is told from the foreign keys: a table that points at a
resident, an employer, a household, or at another protected table, is protected through it. What holds nobody's data is open, for the
reason that the application gives (`rows_open`); a house test refuses a table that is open without one.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import ProgrammingError, connection, models, transaction
from psycopg.errors import UndefinedColumn, UndefinedTable

from jiuye.office.staff.row_rules import EMPLOYER, NOTICE, PERSON, ByKey, Open, Rows, in_places, through
from jiuye.office.staff.rows import WEB_ROLE

logger = logging.getLogger(__name__)
POLICY = "jiuye_rows"
MARK_TABLE = "registry_person"


class RoleMissingError(RuntimeError):
    """The database role that web requests act as is not there and may not be made by us."""

    def __init__(self) -> None:
        super().__init__(
            f"数据库里没有角色 {WEB_ROLE}，现用的账号也无权建立；请由数据库管理员执行 "
            f"CREATE ROLE {WEB_ROLE} NOLOGIN; GRANT {WEB_ROLE} TO 现用账号; 然后再启动。 "
            f"The database role {WEB_ROLE} is missing and cannot be made by this user; let the database's administrator run the two."
        )


@dataclass(frozen=True, slots=True)
class Protection:
    """What is written for one table: the condition, and whether it is a history that triggers write."""

    table: str
    condition: str
    history: bool


def protections() -> list[Protection]:
    """Every protected table, parents first."""
    rules = _rules()
    return [
        Protection(model._meta.db_table, rule.whole, _tracked(model) is not None)
        for model, rule in rules.items()
        if isinstance(rule, Rows)
    ]


def open_tables() -> dict[str, str]:
    """The office's tables that no policy covers, with the reason; an empty reason where nothing said so."""
    return {model._meta.db_table: rule.reason for model, rule in _rules().items() if isinstance(rule, Open)}


def _rules() -> dict[type[models.Model], Open | Rows]:
    declared: dict[str, Open | Rows] = {}
    keys: dict[str, str] = {}
    for config in apps.get_app_configs():
        keys |= getattr(config, "row_keys", {})
    ours: list[type[models.Model]] = []
    for config in apps.get_app_configs():
        if not config.name.startswith("jiuye."):
            continue
        for name, rule in getattr(config, "row_rules", {}).items():
            declared[name if "." in name else f"{config.label}.{name}"] = (
                rule.rows(keys) if isinstance(rule, ByKey) else rule
            )
        ours += [model for model in config.get_models(include_auto_created=True) if model._meta.managed]
    found: dict[type[models.Model], Open | Rows] = {}
    waiting = list(ours)
    while waiting:  # a table is settled when those that it points at are; a circle is broken by leaving it open, which the test shows
        ready = [model for model in waiting if not (_parents(model) & (set(waiting) - {model}))] or waiting
        for model in ready:
            found[model] = declared.get(model._meta.label) or _told_by_columns(model, found)
        waiting = [model for model in waiting if model not in found]
    return found


def _parents(model: type[models.Model]) -> set[Any]:
    return {
        field.related_model for field in model._meta.concrete_fields if field.many_to_one or field.one_to_one
    }


def _tracked(model: type[models.Model]) -> type[models.Model] | None:
    """The model whose history this one is."""
    found = getattr(model, "pgh_tracked_model", None)
    return found if found is not model else None


def _told_by_columns(model: type[models.Model], known: dict[type[models.Model], Open | Rows]) -> Open | Rows:
    tracked = _tracked(model)
    if tracked is not None:
        parent = known.get(tracked)
        if isinstance(parent, Rows):
            return Rows(_behind("pgh_obj_id", tracked._meta.db_table, parent))
        return Open("the history of a table that is open")
    links = {
        field.name: field
        for field in model._meta.concrete_fields
        if (field.many_to_one or field.one_to_one)
        and isinstance(known.get(field.related_model), Rows)
        # Who did something says nothing of whose record it is.
        and field.related_model is not get_user_model()
    }
    columns = {field.name: field.column for field in model._meta.concrete_fields}
    if "division_code" in columns and {"person", "employer"} & set(links):
        own = [in_places("division_code")]
        own += [f"person_id = {PERSON}"] if "person" in links else []
        own += [f"employer_id = {EMPLOYER}"] if "employer" in links else []
        return Rows(" OR ".join(own))
    if "person" in links:
        # Whose it is decides, not where they work: an employer elsewhere does not open its workers' records to its county.
        links = {"person": links["person"], **({} if not links["person"].null else links)}
    required = [field for field in links.values() if not field.null]
    chosen = required[:1] or list(links.values())
    if not chosen:
        return Open(getattr(apps.get_app_config(model._meta.app_label), "rows_open", ""))
    return Rows(
        " OR ".join(
            _behind(field.column, field.related_model._meta.db_table, known[field.related_model])
            for field in chosen
        )
    )


def _behind(column: str, table: str, parent: Open | Rows) -> str:
    """Through the parent; but what the parent shows to everyone while it is publicised opens nothing that hangs on it."""
    condition = through(column, table)
    return f"({condition} AND NOT {NOTICE})" if isinstance(parent, Rows) and parent.publicised else condition


def install() -> bool:
    """Make the role and write the policies; False where they stand already. Raises RoleMissingError."""
    present = set(connection.introspection.table_names())
    wanted = [one for one in protections() if one.table in present]
    if MARK_TABLE not in present:
        return False
    statements = _statements(wanted, present)
    policies = [line for one in wanted for line in _policy(one)]
    mark = hashlib.sha256("\n".join([*statements, *policies, *sorted(present)]).encode()).hexdigest()[:32]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(oid, 'pg_policy'), (SELECT count(*) FROM pg_policy WHERE polname = %s) "
            "FROM pg_policy WHERE polname = %s AND polrelid = %s::regclass",
            [POLICY, POLICY, MARK_TABLE],
        )
        # A table that went and came again, by a migration taken back, has lost its policy though the mark is the same.
        if cursor.fetchone() == (mark, len(wanted)):
            return False
        _make_role(cursor)
        cursor.execute(";\n".join(statements))
        closed = [one.table for one in wanted if not _written(cursor, one)]
        if MARK_TABLE not in closed:
            # What could not be written yet is tried again after the next migration.
            cursor.execute(f"COMMENT ON POLICY {POLICY} ON {MARK_TABLE} IS '{'' if closed else mark}'")
    if closed:
        logger.warning(
            "these tables rest on others that a migration took away, and are shut to requests until it is taken again: %s",
            ", ".join(closed),
        )
    return True


def _written(cursor: Any, one: Protection) -> bool:
    """Write the table's policy. Where a migration was taken back the tables or columns that it rests on may be gone: the table is then shut to
    every request, which is what row-level security without a policy means.
    """
    try:
        with transaction.atomic():
            cursor.execute(";\n".join(_policy(one)))
    except ProgrammingError as error:
        if not isinstance(error.__cause__, UndefinedTable | UndefinedColumn):
            raise
        return False
    return True


def _make_role(cursor: Any) -> None:
    cursor.execute(
        "SELECT r.rolsuper OR r.rolcreaterole, r.rolsuper, "
        "EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %s) FROM pg_roles r WHERE r.rolname = current_user",
        [WEB_ROLE],
    )
    may_make, superuser, there = cursor.fetchone()
    if not there:
        if not may_make:
            raise RoleMissingError
        # Databases of one server share their roles, and may be set up in the same moment.
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {WEB_ROLE} NOLOGIN; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    if not superuser and may_make:
        cursor.execute(f"GRANT {WEB_ROLE} TO CURRENT_USER")


def _statements(wanted: list[Protection], present: set[str]) -> list[str]:
    statements: list[str] = []
    for one in wanted:
        statements += [
            f"ALTER TABLE {one.table} ENABLE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {POLICY} ON {one.table}",
            f"DROP POLICY IF EXISTS {POLICY}_written ON {one.table}",
        ]
    # Last, when every table whose policy is written is held: a vacuum at work on one waits for whoever granted, and would keep it from being held.
    return [
        *statements,
        f"GRANT USAGE ON SCHEMA public TO {WEB_ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {WEB_ROLE}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {WEB_ROLE}",
    ]


def _policy(one: Protection) -> list[str]:
    if not one.history:
        return [f"CREATE POLICY {POLICY} ON {one.table} TO {WEB_ROLE} USING ({one.condition})"]
    # Triggers write the history of whatever may be written, also of a row that is being deleted.
    return [
        f"CREATE POLICY {POLICY} ON {one.table} FOR SELECT TO {WEB_ROLE} USING ({one.condition})",
        f"CREATE POLICY {POLICY}_written ON {one.table} FOR INSERT TO {WEB_ROLE} WITH CHECK (true)",
    ]
