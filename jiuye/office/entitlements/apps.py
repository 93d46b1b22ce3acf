from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from jiuye.office.staff.row_rules import Rows, through


class EntitlementsConfig(AppConfig):
    name = "jiuye.office.entitlements"
    label = "entitlements"
    verbose_name = "应享待遇"
    rows_open = "which rows changed, when everyone was decided and with what totals; nobody's record"
    row_rules = {
        # An answer knows its subject by a text key. What is said of a hire or a birth names nobody.
        "Answer": Rows(
            f"CASE WHEN entity = 'person' THEN {through('subject_key::bigint', 'registry_person')} "
            f"WHEN entity = 'employer' THEN {through('subject_key::bigint', 'registry_employer')} ELSE true END"
        ),
    }

    def ready(self) -> None:
        """Listen to the registry."""
        from jiuye.office.entitlements import listening  # noqa: F401 (being imported, it listens)

        post_migrate.connect(note_changes, sender=self)


def note_changes(using: str, **_: Any) -> None:
    """After every migration: changes of the tables that facts are read from are noted, of new tables too."""
    from django.db import connection

    from jiuye.office.entitlements.columns.changelog import FUNCTION, NOTES, install_triggers
    from jiuye.office.entitlements.columns.collecting import read_tables

    tables = connection.introspection.table_names()
    if using == "default" and NOTES in tables:  # not yet there where migration stopped at an earlier step
        with connection.cursor() as cursor:
            cursor.execute(FUNCTION)
        install_triggers(read_tables() & set(tables))
