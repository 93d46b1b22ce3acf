"""How many questions the calculator needs: every Nth resident of a synthetic city answers from their own facts.

    .venv/bin/python benchmarks/questions.py [--people 1000] [--employers 300] [--city 20000]

Uses the city of this installation's database (JIUYE_DATA, DATABASE_URL) where there is one, else lays one of its own in a folder that
is removed. Prints by group the median, 90 %, the most and the share of those who need at most eight: of questions, and of pages, since the bare
facts that are left at the end (dates, numbers, sums of money) are asked up to eight on a page. And prints how often the calculator's
answer differs from the rules on everything that is known, which must be never.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

TARGET = 8
# What no register knows: asked of a resident in an ordinary situation, these are answered so. Stated here because it is assumed.
ASSUMED = {
    "extreme_poverty": False, "student_loan": False, "poverty_monitored": False, "low_income_rural": False,
    "needy_worker_family": False, "land_requisitioned": False, "preferential_treatment_family": False,
    "graduated_in_city": False, "hukou_local": False, "school_in_province": True, "seeking_work": True,
    "startup_training_passed": False, "able_to_work": True, "household.business_or_investment_income": False, "hire.employer.telecom_or_power_supply": False, "telecom_or_power_supply": False,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--employers", type=int, default=300)
    parser.add_argument(
        "--city", type=int, default=20_000, help="residents of the city that is laid where there is none"
    )
    parser.add_argument("--show", type=int, default=0, help="print this many whole interviews")
    parser.add_argument(
        "--long", type=int, default=0, help="print this many of the interviews over the target"
    )
    args = parser.parse_args()
    on = _ready(args.city)
    for entity, wanted, groups in (
        ("person", args.people, PERSON_GROUPS),
        ("employer", args.employers, EMPLOYER_GROUPS),
    ):
        if wanted:
            measure(entity, wanted, groups, on, args.show, args.long)


def _ready(size: int) -> date:
    """Bring up the database; lay a city of our own where it is empty."""
    import atexit
    import shutil
    import tempfile

    if "JIUYE_DATA" not in os.environ and "DATABASE_URL" not in os.environ:
        folder = tempfile.mkdtemp(prefix="jiuye-bench-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        os.environ["JIUYE_DATA"] = folder
    from jiuye.config.django_setup import setup_django

    setup_django()
    from django.conf import settings
    from django.core.management import call_command

    from jiuye.city.building import read_places
    from jiuye.city.laying import lay_city
    from jiuye.office.registry.models import Person

    call_command("migrate", verbosity=0)
    if not Person.objects.exists():
        lay_city(pack=settings.PACK, size=size, progress=lambda what, count: None)
    return read_places(settings.PACK)[2].day


Group = Callable[[Callable[[str], Any]], bool]
PERSON_GROUPS: dict[str, Group] = {
    "everyone": lambda truth: True,
    "employed": lambda truth: truth("employment_kind") == "employee",
    "unemployed, registered": lambda truth: bool(truth("unemployment_registered")),
    "out of work, not registered": lambda truth: truth("employment_kind") == "not_employed"
    and not truth("unemployment_registered") and not truth("pensioner") and not truth("student"),
    "flexible": lambda truth: truth("employment_kind") == "flexible",
    "graduate, two years": lambda truth: bool(truth("graduated_within_two_years")),
    "veteran": lambda truth: bool(truth("veteran")),
    "owner": lambda truth: truth("employment_kind") == "self_employed",
    "student": lambda truth: bool(truth("student")),
    "pensioner": lambda truth: bool(truth("pensioner")),
}  # fmt: skip
EMPLOYER_GROUPS: dict[str, Group] = {
    "everyone": lambda truth: True,
    "small or micro enterprise": lambda truth: (
        truth("kind") == "enterprise" and truth("size") in ("small", "micro")
    ),
    "individual business": lambda truth: truth("kind") == "individual_business",
    "public body": lambda truth: truth("kind") in ("government", "public_institution"),
}


def measure(entity: str, wanted: int, groups: dict[str, Group], on: date, show: int, long: int) -> None:
    """Interview evenly spaced subjects on record and print the table of one audience."""
    from jiuye.engine.rules.interviews import Interviewer
    from jiuye.engine.rules.questions import Inquiry
    from jiuye.office.entitlements.facts.subjects import subjects_on_record
    from jiuye.office.entitlements.rulebook import rulebook
    from jiuye.office.registry.models import Employer, Person

    pack = rulebook().pack
    if entity not in pack.audiences:
        print(f"{entity}: the pack has no questions for it")
        return
    models: dict[str, type[Person] | type[Employer]] = {"person": Person, "employer": Employer}
    model = models[entity]
    keys = list(model.objects.order_by("pk").values_list("pk", flat=True))
    sample = keys[:: max(1, len(keys) // wanted)][:wanted]
    inquiry = Inquiry(pack, pack.audiences[entity])
    interviewer = Interviewer(inquiry, on, ASSUMED)
    began = time.monotonic()
    subjects = subjects_on_record(inquiry, sample, on)
    shares = interviewer.shares(list(subjects.values())[::5])
    read = time.monotonic() - began
    counts: dict[str, list[tuple[int, int, int]]] = {name: [] for name in groups}
    asked: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    unsure: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    began = time.monotonic()
    for number, subject in enumerate(subjects.values()):
        truth = interviewer.truth(subject)
        interview = interviewer.interview(subject, shares)
        asked.update(interview.answers.keys())
        unsure.update(question for question, answer in interview.answers.items() if repr(answer) == "UNSURE")
        for standing in interview.state.standings:
            outcome = interviewer.outcome(subject, standing.policy.id)
            said = {"amount_open": "yes", "no_rule": "unknown"}.get(standing.status, standing.status)
            if standing.status == "unwanted":
                said = "yes" if standing.could else "unknown"
            if said in ("yes", "no") and outcome.verdict in ("yes", "no") and outcome.verdict != said:
                wrong[f"{standing.policy.id}: said {said}, is {outcome.verdict}"] += 1
                examples.setdefault(standing.policy.id, []).append(f"{interview.answers}")
        for name, belongs in groups.items():
            if belongs(truth):
                counts[name].append((len(interview.answers), interview.pages, interview.pages_until_verdicts))
        if long and len(interview.answers) > TARGET:
            long -= 1
            print({name: str(answer) for name, answer in interview.answers.items()}, _open(interview.state))
        if number < show:
            print(interview.answers, [(s.policy.id, s.status) for s in interview.state.standings])
    spent = time.monotonic() - began
    _print(entity, len(inquiry.policies), on, len(subjects), counts, read, spent)
    total = len(subjects)
    print(
        "  questions asked, of 100:",
        ", ".join(f"{name} {100 * count // total}" for name, count in asked.most_common(24)),
    )
    print(
        "  not known, of 100 asked:",
        ", ".join(f"{name} {100 * count // asked[name]}" for name, count in unsure.most_common(12)) or "none",
    )
    print("  answers that contradict the rules on everything known:", dict(wrong) or "none")
    for policy, found in examples.items():
        print(f"    {policy}: {found[0]}", file=sys.stderr)


def _open(state: Any) -> list[tuple[str, str, int | None]]:
    """Where each policy stands that is not a plain no."""
    return [
        (found.policy.id, found.status, found.amount_fen) for found in state.standings if found.status != "no"
    ]


def _print(
    entity: str,
    policies: int,
    on: date,
    subjects: int,
    counts: dict[str, list[tuple[int, int, int]]],
    read: float,
    spent: float,
) -> None:
    print(
        f"\n{entity}: {policies} policies, {subjects:,} on record, {on} (read in {read:.1f} s, {1000 * spent / max(1, subjects):.0f} ms an interview)"
    )
    print(f"  {'':<30}{'':>8}{'questions':>17}{'pages':>33}{'pages until every verdict':>33}")
    columns = f"{'median':>9}{'90 %':>7}{'most':>7}{'≤ 8':>9}"
    print(f"  {'':<30}{'number':>8}{columns}{columns}{columns}")
    for name, found in counts.items():
        if not found:
            continue
        line = f"  {name:<30}{len(found):>8}"
        for column in zip(*found, strict=True):
            ordered = sorted(column)
            share = 100 * sum(count <= TARGET for count in ordered) / len(ordered)
            line += f"{_at(ordered, 50):>9}{_at(ordered, 90):>7}{ordered[-1]:>7}{share:>8.1f}%"
        print(line)


def _at(ordered: list[int], percent: int) -> int:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    main()
