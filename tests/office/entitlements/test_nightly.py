"""The nightly sweep writes only what is not there already, and the table then says what a sweep of everything would say."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection

from jiuye.config.cli import main
from jiuye.office.entitlements import operations
from jiuye.office.entitlements.models import Entitlement, Sweep
from jiuye.office.registry.models import ContributionSpell, Division
from tests.office.entitlements.conftest import AT, ON, employ, hold, make_person, pay

pytestmark = pytest.mark.django_db(transaction=True)
FLEXIBLE = "flexible-employment-insurance-subsidy"
TOLD = (
    "policy_id", "subject_key", "period_start", "verdict", "clause_bits", "unknown_bits", "failing_clause", "missing_facts",
    "amount_fen", "rule_version", "facts", "division_code", "person_id", "employer_id",
)  # fmt: skip


@pytest.fixture(autouse=True)
def columns(settings, tmp_path):
    settings.COLUMNS_FOLDER = tmp_path / "columns"
    return settings.COLUMNS_FOLDER


def night(on=ON, **more) -> Sweep:
    return operations.run_sweep(actor=None, on=on, at=AT, **more)


def standing() -> list[tuple]:
    return list(Entitlement.objects.order_by("policy_id", "subject_key", "period_start").values_list(*TOLD))


def test_each_night_leaves_what_a_sweep_of_everything_leaves(flexible_worker, firm, columns):
    first = night()
    assert first.reading["sentences"][0][1].startswith(
        "Everything was read: there are no columns of last time"
    )
    assert first.reading["sent"] == first.reading["kept"] > 0

    quiet = night()
    assert (sum(quiet.reading["read"].values()), quiet.reading["sent"]) == (0, 0)

    # A status is repaired, a newcomer registers, somebody moves: nobody is decided again on the spot.
    flexible_worker.statuses.filter(kind="flexible_employment").update(until=date(2025, 4, 1))
    newcomer = make_person("黄家明", "321002199001011234", birth_date=date(1990, 1, 1))
    hold(newcomer, "registered_unemployed", date(2025, 4, 1))
    employ(newcomer, firm, date(2025, 4, 2))
    county = Division.objects.get(code="321002")
    street = Division.objects.create(code="321002002", name="汶河街道", kind="street", parent=county)
    moved = Division.objects.create(code="321002002001", name="新桥社区", kind="village", parent=street)
    flexible_worker.residence_division_id = moved.pk
    flexible_worker.save()
    changed = night(ON + timedelta(days=1))
    found = standing()
    assert changed.reading["read"]["person"] == 2
    assert 0 < changed.reading["sent"] <= changed.reading["kept"]
    assert Entitlement.objects.get(policy_id=FLEXIBLE, subject_key=str(flexible_worker.pk)).verdict != "yes"
    assert {row[11] for row in found if row[12] == flexible_worker.pk} == {moved.pk}
    full = night(ON + timedelta(days=1), full=True)
    assert full.reading["sent"] == full.reading["kept"]
    assert standing() == found


@pytest.mark.usefixtures("few_policies")
def test_what_was_decided_in_between_from_facts_that_are_gone_again_is_put_right(flexible_worker, firm):
    night()
    before = standing()
    pay(flexible_worker, firm, date(2025, 4, 1))
    operations.redecide_person(person_id=flexible_worker.pk, on=ON, at=AT)
    assert standing() != before
    ContributionSpell.objects.filter(employer=firm).delete()  # and nobody is told
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM entitlements_factchange")  # not even the log of changes
    night()
    assert standing() == before


@pytest.mark.usefixtures("few_policies")
def test_who_is_gone_from_the_findings_becomes_a_no(flexible_worker):
    night()
    flexible_worker.statuses.all().delete()
    flexible_worker.contributions.all().delete()
    night()
    assert Entitlement.objects.get(policy_id=FLEXIBLE, subject_key=str(flexible_worker.pk)).verdict == "no"
    found = standing()
    night(full=True)
    assert standing() == found


@pytest.mark.usefixtures("few_policies")
def test_a_sweep_of_some_policies_in_between_makes_the_next_one_write_everything(flexible_worker):
    night()
    operations.run_sweep(actor=None, on=ON, at=AT, policies=[FLEXIBLE])
    after = night()
    assert after.reading["sent"] == after.reading["kept"]
    assert night().reading["sent"] == 0


def test_the_command_says_in_either_language_what_was_read_and_who_is_entitled(
    flexible_worker, pack_dir, settings, monkeypatch, capsys
):
    settings.PACK = pack_dir
    monkeypatch.setattr("jiuye.config.django_setup.setup_django", lambda: None)  # the tests' own is set up

    def told(*words: str) -> list[str]:
        assert main(["nightly", "--on", ON.isoformat(), *words]) == 0
        return capsys.readouterr().out.splitlines()

    # The night's seal stands first: whoever keeps it outside the database takes the first line.
    seal, read, *_ = told()
    assert seal.startswith("账簿已封存（第 1 次")
    assert read.startswith("整读：没有上次的列")
    assert told()[1].startswith("增量读取：")
    seal, read, *_ = told("--full", "--lang", "en")
    assert "sealed" in seal
    assert read.startswith("Everything was read: as was asked")
    count = Entitlement.objects.filter(verdict="yes").count()
    assert count > 0
    assert f"{ON}：{count} 项符合。" in told()
