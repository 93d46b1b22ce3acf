"""The nightly sweep: everything read, nothing changed, and one resident in a hundred changed: `python -m benchmarks.columns [--size 20000]`.

It lays a synthetic city in a database of its own, which is removed afterwards. After the sweep that read only what changed everyone is
swept with everything read anew, and the two results are compared row by row: none may differ.
"""

from __future__ import annotations

import argparse
import atexit
import os
import shutil
import tempfile
import time
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

CHINA = timezone(timedelta(hours=8))
PARTS = ("reading", "deciding", "days ahead", "keeping")
# One resident, employer … in a hundred, by number, so that every run changes the same ones.
CHANGES = {
    "residents' birth dates": "UPDATE registry_person SET birth_date = birth_date - 30 WHERE id % 100 = 7",
    "statuses ended": "UPDATE registry_status SET until = DATE '{on}' WHERE until IS NULL AND start < DATE '{on}' AND person_id % 100 = 17",
    "contribution bases": "UPDATE registry_contributionspell SET base_fen = base_fen + 10000 WHERE person_id % 100 = 27",
    "wages": "UPDATE registry_employmentspell SET monthly_wage_fen = monthly_wage_fen + 10000 WHERE person_id % 100 = 37",
    "employers' sizes": "UPDATE registry_employer SET size = 'micro' WHERE id % 100 = 47",
    "apprenticeships gone": "DELETE FROM skills_apprenticeship WHERE person_id % 100 = 57",
}
RESULT = """SELECT policy_id, subject_key, period_start, verdict, clause_bits, unknown_bits, failing_clause, amount_fen, rule_version,
  facts::text, division_code, person_id, employer_id FROM entitlements_entitlement ORDER BY 1, 2, 3"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=20_000, help="residents")
    parser.add_argument(
        "--on", type=date.fromisoformat, default=date(2025, 4, 15), help="the day of the first sweep"
    )
    asked = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="jiuye-bench-")
    # Exit handlers run in reverse: the database server stops first, then its folder goes.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["JIUYE_DATA"] = folder
    os.environ.pop("DATABASE_URL", None)
    from jiuye.config.django_setup import setup_django

    setup_django()
    from django.conf import settings
    from django.core.management import call_command

    from jiuye.city.laying import lay_city
    from jiuye.config.preparation import load_pack

    call_command("migrate", verbosity=0)
    load_pack(Path(settings.PACK))
    lay_city(pack=Path(settings.PACK), size=asked.size, progress=lambda _what, _count: None)
    measure(asked.size, asked.on)


def measure(size: int, on: date) -> None:
    """Five sweeps, one line each; then the comparison."""
    print(f"{size:,} residents, seconds")
    print(f"{'':<44}{'all':>8}" + "".join(f"{part:>12}" for part in PARTS) + f"{'rows read':>12}{'of':>10}")
    swept("first sweep, everything read and written", on)
    swept("everything read, nothing changed", on, full=True)
    swept("nothing changed", on)
    swept("the next day, nothing changed", on + timedelta(days=1))
    changed = change(on)
    swept("the day after, 1% changed", on + timedelta(days=2))
    found = result()
    swept("the same day, everything read", on + timedelta(days=2), full=True)
    again = result()
    different = len(set(found) ^ set(again))
    print(", ".join(f"{number:,} {what}" for what, number in changed.items()))
    print(f"{len(found):,} decisions kept; different from those with everything read: {different}")
    if different:
        raise SystemExit(1)


def swept(what: str, on: date, *, full: bool = False) -> None:
    """One sweep, and its line."""
    from jiuye.office.entitlements.operations import AHEAD, KEEP, run_sweep
    from jiuye.office.entitlements.rulebook import rulebook

    names = dict.fromkeys(rulebook().pack.policies, "deciding") | {
        AHEAD: "days ahead",
        KEEP: "keeping",
    }
    spent = dict.fromkeys(PARTS, 0.0)
    begun = since = time.monotonic()
    part = "reading"

    def progress(name: str) -> None:
        nonlocal since, part
        spent[part] += time.monotonic() - since
        since, part = time.monotonic(), names.get(name, "reading")

    run = run_sweep(actor=None, on=on, at=datetime.now(CHINA), full=full, progress=progress)
    progress("")
    read, rows = (sum(run.reading[key].values()) for key in ("read", "rows"))
    print(
        f"{what:<44}{time.monotonic() - begun:>8.1f}"
        + "".join(f"{spent[name]:>12.1f}" for name in PARTS)
        + f"{read:>12,}{rows:>10,}"
    )


def change(on: date) -> dict[str, int]:
    """Change one in a hundred; what and how many."""
    from django.db import connection

    done = {}
    with connection.cursor() as cursor:
        for what, sql in CHANGES.items():
            cursor.execute(sql.format(on=on).replace("% 100", "%% 100"), [])
            done[what] = cursor.rowcount
    return done


def result() -> list[tuple[Any, ...]]:
    """Every decision that is kept, without the day and the run that made it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(RESULT)
        return [tuple(row) for row in cursor.fetchall()]


if __name__ == "__main__":
    main()
