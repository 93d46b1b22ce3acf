"""Decisions kept: found by the sweep, decided again at once when a fact changes, with the receipt."""

from __future__ import annotations

from datetime import date

import pyarrow.parquet as pq
import pytest

from jiuye.engine.rules.sweep import sweep
from jiuye.office.entitlements import operations, queries
from jiuye.office.entitlements.models import Benefit, Entitlement, Sweep
from jiuye.office.entitlements.recording import record_benefit
from jiuye.office.staff.queries import NotPermittedError
from tests.office.entitlements.conftest import AT, ON, hold, make_person, own_actor, pay

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("few_policies")]
FLEXIBLE = "flexible-employment-insurance-subsidy"


def kept(person, policy_id: str = FLEXIBLE) -> Entitlement | None:
    return (
        Entitlement.objects.filter(policy_id=policy_id, subject_key=str(person.pk), subject_kind="person")
        .order_by("-period_start")
        .first()
    )


def test_a_sweep_finds_who_is_entitled_with_amount_period_and_receipt(flexible_worker):
    run = operations.run_sweep(actor=None, on=ON, at=AT)
    found = kept(flexible_worker)
    assert (found.verdict, found.amount_fen) == ("yes", 60_000)
    assert (found.period_start, found.period_until) == (date(2025, 4, 1), date(2025, 5, 1))
    assert found.rule_version
    assert found.facts["difficulty_recognised"] is True
    assert run.state == "done"
    assert run.totals[FLEXIBLE]["yes"] == 1


def test_a_second_sweep_on_the_same_day_changes_nothing(flexible_worker):
    operations.run_sweep(actor=None, on=ON, at=AT)
    before = list(Entitlement.objects.order_by("pk").values("pk", "verdict", "amount_fen", "decided_at"))
    operations.run_sweep(actor=None, on=ON, at=AT.replace(hour=20))
    assert (
        list(Entitlement.objects.order_by("pk").values("pk", "verdict", "amount_fen", "decided_at")) == before
    )


def test_results_in_folders_of_several_files_are_kept_like_single_files(flexible_worker, monkeypatch):
    """So a cluster hands over what has more subjects than one file holds."""
    operations.run_sweep(actor=None, on=ON, at=AT)
    columns = ("policy_id", "subject_key", "verdict", "clause_bits", "amount_fen", "facts")
    swept = list(Entitlement.objects.order_by("policy_id", "subject_key").values(*columns))
    assert swept
    Entitlement.objects.all().delete()

    def sweep_into_folders(pack, data, out, on, **options):
        result = sweep(pack, data, out, on, **options)
        for file in sorted(out.glob("*.parquet")):
            rows = pq.read_table(file)
            file.unlink()
            file.mkdir()
            for part in range(max(rows.num_rows, 1)):
                pq.write_table(rows.slice(part, 1), file / f"part-{part:05}.parquet")
        return result

    monkeypatch.setattr(operations, "sweep", sweep_into_folders)
    operations.run_sweep(actor=None, on=ON, at=AT)
    assert list(Entitlement.objects.order_by("policy_id", "subject_key").values(*columns)) == swept


def test_the_sweep_and_the_decision_for_one_person_keep_the_same(flexible_worker):
    operations.run_sweep(actor=None, on=ON, at=AT)
    columns = (
        "verdict",
        "clause_bits",
        "unknown_bits",
        "amount_fen",
        "failing_clause",
        "rule_version",
        "period_start",
    )
    swept = {
        row["policy_id"]: row for row in Entitlement.objects.order_by("pk").values("policy_id", *columns)
    }
    Entitlement.objects.all().delete()
    operations.redecide_person(person_id=flexible_worker.pk, on=ON, at=AT)
    assert {
        row["policy_id"]: row for row in Entitlement.objects.order_by("pk").values("policy_id", *columns)
    } == swept


def test_a_changed_fact_is_decided_again_at_once(flexible_worker, firm):
    operations.run_sweep(actor=None, on=ON, at=AT)
    pay(flexible_worker, firm, date(2025, 4, 1))
    operations.redecide_person(person_id=flexible_worker.pk, on=ON, at=AT)
    changed = kept(flexible_worker)
    assert (changed.verdict, changed.amount_fen) == ("near_miss", None)
    assert changed.failing_clause


def test_who_is_no_longer_found_becomes_a_no(flexible_worker):
    operations.run_sweep(actor=None, on=ON, at=AT)
    flexible_worker.statuses.all().delete()
    flexible_worker.contributions.all().delete()
    operations.run_sweep(actor=None, on=ON, at=AT)
    assert kept(flexible_worker).verdict == "no"


def test_the_decisions_of_an_earlier_period_stay_as_they_were(flexible_worker):
    operations.run_sweep(actor=None, on=date(2025, 3, 10), at=AT)
    operations.run_sweep(actor=None, on=ON, at=AT)
    periods = Entitlement.objects.filter(policy_id=FLEXIBLE, verdict="yes").order_by("period_start")
    assert [row.period_start for row in periods] == [date(2025, 3, 1), date(2025, 4, 1)]


def test_what_was_drawn_is_kept_and_limits_what_can_still_be_drawn(flexible_worker):
    operations.run_sweep(actor=None, on=ON, at=AT)
    for count in range(35):
        year, month = divmod(2022 * 12 + 4 + count, 12)
        Benefit.objects.create(
            policy_id=FLEXIBLE, subject_kind="person", subject_key=str(flexible_worker.pk), person=flexible_worker, months=1,
            period_start=date(year, month + 1, 1), period_until=date(year, month + 1, 28), amount_fen=1, paid_on=date(2025, 4, 1), source="测试",
        )  # fmt: skip
    benefit = record_benefit(
        entitlement=kept(flexible_worker),
        amount_fen=60_000,
        paid_on=ON,
        case_key="case:1",
        source="测试",
        on=ON,
        at=AT,
    )
    assert benefit.months == 1
    facts = queries.overview(recipient_kind="person", recipient_id=flexible_worker.pk, on=ON)
    assert any(row.pk == benefit.pk for _, row in facts.receives)


@pytest.mark.usefixtures("whole_pack")
def test_one_question_is_left_and_its_answer_settles_it(town):
    silent = make_person("黄家明", "321002199001011234", birth_date=None, sex="male")
    hold(silent, "registered_unemployed", date(2025, 4, 1))
    operations.redecide_person(person_id=silent.pk, on=ON, at=AT)
    asked = {
        question.missing.path
        for question in queries.overview(recipient_kind="person", recipient_id=silent.pk, on=ON).questions
    }
    answered = 0
    for fact in sorted(asked):
        kinds = {
            q.missing.path: q.kind
            for q in queries.overview(recipient_kind="person", recipient_id=silent.pk, on=ON).questions
        }
        if fact not in kinds:  # an earlier answer has settled it as well
            continue
        kind = kinds[fact]
        operations.answer(
            actor=own_actor(silent) if fact == sorted(asked)[0] else _actor_of(silent), entity="person", subject_key=str(silent.pk),
            fact=fact, value={"boolean": "false", "date": "1990-01-01"}.get(kind, "0"), on=ON, at=AT,
        )  # fmt: skip
        left = {
            q.missing.path
            for q in queries.overview(recipient_kind="person", recipient_id=silent.pk, on=ON).questions
        }
        assert fact not in left
        answered += 1
    assert answered


def _actor_of(person):
    from jiuye.office.staff.models import Account
    from jiuye.office.staff.queries import actor_for

    return actor_for(Account.objects.get(username=f"p{person.pk}"), on=ON)


def test_nobody_answers_for_somebody_else(person, town):
    other = make_person("黄家明", "321002199001011234", birth_date=None)
    with pytest.raises(NotPermittedError):
        operations.answer(
            actor=own_actor(person),
            entity="person",
            subject_key=str(other.pk),
            fact="birth_date",
            value="1990-01-01",
            on=ON,
            at=AT,
        )


def test_an_answer_that_does_not_fit_is_refused_with_a_sentence(person):
    with pytest.raises(operations.WrongAnswerError, match="出生日期"):
        operations.answer(
            actor=own_actor(person),
            entity="person",
            subject_key=str(person.pk),
            fact="birth_date",
            value="去年",
            on=ON,
            at=AT,
        )


def test_a_question_that_nobody_asks_is_refused_with_the_nearest_name(person):
    with pytest.raises(operations.NoSuchFactError, match="birth_date"):
        operations.answer(
            actor=own_actor(person),
            entity="person",
            subject_key=str(person.pk),
            fact="birthdate",
            value="1990-01-01",
            on=ON,
            at=AT,
        )


def test_a_sweep_needs_its_permission(officer, flexible_worker):
    with pytest.raises(NotPermittedError):
        operations.run_sweep(actor=officer, on=ON, at=AT)
    assert not Sweep.objects.exists()


def test_the_overview_takes_a_fixed_number_of_queries(flexible_worker, django_assert_max_num_queries):
    operations.run_sweep(actor=None, on=ON, at=AT)
    with django_assert_max_num_queries(12):
        page = queries.overview(recipient_kind="person", recipient_id=flexible_worker.pk, on=ON)
    # The insurance itself is a right without an amount, and stands after the money.
    assert [found.policy.id for found in page.can_get] == [FLEXIBLE, "flexible-pension-insurance"]
