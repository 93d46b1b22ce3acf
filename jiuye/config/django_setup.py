"""Bring Django up from the command line, on whichever PostgreSQL this installation has."""

from __future__ import annotations

import os


def setup_django() -> None:
    """Start or reach the database, then load the applications. Commands that need neither do not call this."""
    from jiuye.config.postgres import ensure_database
    from jiuye.engine.basis.collecting import nothing_collected

    ensure_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jiuye.config.settings")
    import django

    with nothing_collected():  # a sixth of the time that loading the applications takes
        django.setup()
