"""Which installation this is: a name that its backups carry and that no other shares."""

from __future__ import annotations

import uuid

import pgtrigger
from django.db import models
from django.db.models import Q


class Installation(models.Model):
    """One row: `key` was drawn when the database was made. Restored anywhere, the installation is the same one."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    key = models.UUIDField("标识", default=uuid.uuid4)

    class Meta:
        verbose_name = "安装"
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="installation_is_one",
                condition=Q(id=1),
                violation_error_message="一套系统只有一个标识。",
            )
        ]

    def __str__(self) -> str:
        return str(self.key)


class Restore(models.Model):
    """The database was brought back from a backup: what was done between the two moments is not in it, but the bank did it.

    From then on batch numbers carry the moment, so that none comes again that the bank knows from the time that was lost.
    """

    backup_made_at = models.DateTimeField("备份时间")
    restored_at = models.DateTimeField("恢复时间", unique=True)

    class Meta:
        verbose_name = "恢复"
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.restored_at:%Y-%m-%d %H:%M}"
