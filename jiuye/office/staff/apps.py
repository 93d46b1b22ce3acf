from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class StaffConfig(AppConfig):
    name = "jiuye.office.staff"
    label = "staff"
    verbose_name = "人员与权限"
    erasing = "jiuye.office.staff.erasing"
    rows_open = "accounts, posts, sessions and who looked: read to find out who asks; no register is in them"

    def ready(self) -> None:
        """After every migration the policies of all tables are written anew where they differ."""
        from jiuye.office.staff import lookups  # noqa: F401 - importing registers them

        post_migrate.connect(protect_rows, sender=self)


def protect_rows(using: str, **_: Any) -> None:
    """Role, grants and policies, in the database that was migrated."""
    from jiuye.office.staff.rows_installing import install

    if using == "default":
        install()
