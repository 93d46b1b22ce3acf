"""How long a synthetic city takes, phase by phase: `python benchmarks/city.py [SIZE]`. Needs a database of its own.

It makes one in a folder that is removed afterwards. Target: 50,000 residents in 25 seconds on two cores.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path


def main() -> None:
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    folder = tempfile.mkdtemp(prefix="jiuye-bench-")
    # Exit handlers run in reverse: the database server stops first, then its folder goes.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["JIUYE_DATA"] = folder
    os.environ.pop("DATABASE_URL", None)
    from jiuye.config.django_setup import setup_django

    setup_django()
    from django.conf import settings
    from django.core.management import call_command

    began = time.monotonic()
    call_command("migrate", verbosity=0)
    print(f"{'tables':<24}{time.monotonic() - began:8.1f} s")
    lay(Path(settings.PACK), size)


def lay(pack: Path, size: int) -> None:
    """Lay the city and print how long each phase took."""
    from jiuye.city.laying import lay_city

    began = last = time.monotonic()
    phase = "reading the pack"

    def progress(what: str, count: int) -> None:
        nonlocal last, phase
        now = time.monotonic()
        print(f"{phase:<24}{now - last:8.1f} s")
        last, phase = now, f"{what} {count:,}"

    lay_city(pack=pack, size=size, progress=progress)
    now = time.monotonic()
    print(f"{phase:<24}{now - last:8.1f} s\n{f'{size:,} residents':<24}{now - began:8.1f} s")


if __name__ == "__main__":
    main()
