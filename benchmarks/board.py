"""How long the board takes: `python benchmarks/board.py [SIZE]`. Lays a synthetic city in a database of its own first.

Target: the whole page under one second at 50,000 residents on two cores.
"""

from __future__ import annotations

import atexit
import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 9
PAGES = (
    "/board/",
    "/board/?order=urgent&county=321002",
    "/board/tasks/task-7/",
    "/board/indicators/urban-new-employment/",
    "/board/indicators/urban-new-employment/records/?part=hired",
)


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    folder = tempfile.mkdtemp(prefix="jiuye-bench-")
    # Exit handlers run in reverse: the database server stops first, then its folder goes.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["JIUYE_DATA"] = folder
    os.environ["JIUYE_DATE"] = "2025-09-15"
    os.environ.pop("DATABASE_URL", None)
    from jiuye.config.django_setup import setup_django

    setup_django()
    from django.conf import settings
    from django.core.management import call_command

    from jiuye.city.laying import lay_city

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    lay_city(pack=Path(settings.PACK), size=size, progress=lambda _what, _count: None)
    measure(size)


def measure(size: int) -> None:
    """Ask for each page as 市就业办 and print the median and the slowest of the rounds."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from jiuye.office.staff.models import Account

    client = Client()
    client.force_login(Account.objects.get(username="city_office"))
    print(f"{size:,} residents")
    for page in PAGES:
        seconds = []
        for _ in range(ROUNDS):
            with CaptureQueriesContext(connection) as queries:
                began = time.perf_counter()
                answer = client.get(page)
                seconds.append(time.perf_counter() - began)
        assert answer.status_code == 200, (page, answer.status_code)
        print(
            f"{page:<62}{statistics.median(seconds):7.2f} s  slowest {max(seconds):5.2f} s  {len(queries):3} queries"
        )


if __name__ == "__main__":
    main()
