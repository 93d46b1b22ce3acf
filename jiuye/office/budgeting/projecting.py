"""The population's columns written and projected over a year; what came of it becomes the lines of a version."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Left

from jiuye.engine.basis.dates import add_months, month_index
from jiuye.engine.budgets.content import ASSUMPTIONS, BudgetContent
from jiuye.engine.budgets.projecting import MONTHS, Projected, Projection, project
from jiuye.engine.budgets.reckoning import Percentages, Reckoned, mean_of, reckon
from jiuye.engine.rules.pack import in_force
from jiuye.engine.rules.policies import Policy
from jiuye.office.entitlements.facts.reading import FactReader, needs_of
from jiuye.office.entitlements.models import Benefit
from jiuye.office.entitlements.rulebook import Rulebook
from jiuye.office.registry.places import COUNTY_DIGITS


def budgeted_policies(book: Rulebook) -> dict[str, Policy]:
    """The policies under which a fund pays: what a budget is made of."""
    return {
        policy.id: policy
        for policy in book.pack.policies.values()
        if policy.effect == "payment" and policy.amount is not None and policy.fund
    }


def projection_of(
    book: Rulebook, content: BudgetContent, *, on: date, year: int, progress: Callable[[str], None]
) -> Projection:
    """Everyone on record projected over that year, from the facts of `on` and those of a year before. Raises what the sweep raises."""
    policies = budgeted_policies(book)
    work = Path(tempfile.mkdtemp(prefix="jiuye-budget-"))
    try:
        with transaction.atomic():
            for name, day in (("columns", on), ("earlier", add_months(on, -MONTHS))):
                _reader(book, policies, content, day).write_columns(work / name, progress)
        return project(
            book.pack,
            work / "columns",
            work / "verdicts",
            on=on,
            year=year,
            policies=sorted(policies),
            places=content.places,
            draws=content.draws,
            whose=content.whose,
            earlier=work / "earlier",
            progress=progress,
        )
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _reader(book: Rulebook, policies: Mapping[str, Policy], content: BudgetContent, on: date) -> FactReader:
    """A reader of what these policies read, and of the county of everyone who receives."""
    part = replace(book.pack, policies=dict(policies))
    needs = needs_of(part)
    places = {(entity, fact) for entity, fact in content.places.items() if entity in _receivers(policies)}
    counted = {policy.entity for policy in policies.values()}
    whose = {(entity, name) for entity, name in content.whose.items() if name and entity in counted}
    wanted = replace(needs, facts=needs.facts | places, ones=needs.ones | whose)
    return FactReader(part, on, book.counties, wanted)


def _receivers(policies: Mapping[str, Policy]) -> set[str]:
    return {policy.recipient_entity for policy in policies.values()}


def paid_lately(policies: Mapping[str, Policy], on: date) -> dict[tuple[str, str], int]:
    """How many one-off benefits were paid in the twelve months before, by policy and the recipient's county."""
    once = [policy.id for policy in policies.values() if policy.period == "once"]
    counted: dict[tuple[str, str], int] = {}
    rows = Benefit.objects.filter(policy_id__in=once, paid_on__gt=add_months(on, -MONTHS), paid_on__lte=on)
    for place, employers in (("employer__division_id", True), ("person__residence_division_id", False)):
        for row in (
            rows.filter(employer__isnull=not employers)
            .annotate(county=Left(place, COUNTY_DIGITS))
            .values("policy_id", "county")
            .annotate(number=Count("pk"))
            .order_by("policy_id", "county")
        ):
            key = (row["policy_id"], row["county"] or "")
            counted[key] = counted.get(key, 0) + row["number"]
    return counted


def projected_lines(
    book: Rulebook, found: Projection, paid: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], dict[str, Any]]:
    """What was counted, by policy and county code, as plain data that a line keeps."""
    codes = {key: code for code, key in book.counties.items()}
    by_policy: dict[str, list[Projected]] = {}
    for row in found.rows:
        by_policy.setdefault(row.policy, []).append(row)
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for policy_id, rows in by_policy.items():
        policy = book.pack.policies[policy_id]
        mean = mean_of(rows)
        measured = policy_id in found.measured
        months = sum(in_force(policy, date(found.year, month, 1)) for month in range(1, MONTHS + 1))
        for row in rows:
            code = codes.get(row.county, "")
            plain = asdict(row) | {
                "period": policy.period,
                "mean_fen": mean_of([row]) or mean,
                "started": (row.newcomers if measured else 0) + paid.get((policy_id, code), 0),
                "measured": measured,
                "in_force_months": months,
                "months_ahead": month_index(date(found.year, 1, 1)) - month_index(found.on) - 1,
            }
            lines[policy_id, code] = plain
    return lines


def netted_rows(book: Rulebook, found: Projection) -> list[dict[str, Any]]:
    """What was left out because another policy stays, as plain data that a version keeps: by policy, the other, and county code."""
    codes = {key: code for code, key in book.counties.items()}
    return [asdict(row) | {"county": codes.get(row.county, "")} for row in found.netted]


def reckoned(plain: Mapping[str, Any], percentages: Percentages) -> Reckoned:
    """A line's parts under these assumptions, from what it keeps."""
    row = Projected(
        policy=plain["policy"],
        county=plain["county"],
        months=[(count, fen) for count, fen in plain["months"]],
        standing=plain["standing"],
        standing_fen=plain["standing_fen"],
        waiting=plain["waiting"],
        waiting_fen=plain["waiting_fen"],
        unknown=plain["unknown"],
    )
    return reckon(
        row,
        period=plain["period"],
        mean_fen=plain["mean_fen"],
        newcomers=plain["started"],
        months_ahead=plain["months_ahead"],
        percentages=percentages,
        in_force=plain["in_force_months"],
    )


def percentages_of(rows: list[dict[str, Any]], policy_id: str) -> Percentages:
    """The assumptions that hold for a policy: its own, else those for all."""
    values = {row["id"]: row["percent"] for row in rows if not row["policy"]}
    values |= {row["id"]: row["percent"] for row in rows if row["policy"] == policy_id}
    return Percentages.of({name: values[name] for name in ASSUMPTIONS})
