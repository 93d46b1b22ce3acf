"""From a found entitlement to a case: by its owner, on somebody's behalf, by the system."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.engine.rules.exclusions import Apart
from jiuye.office.casework import operations
from jiuye.office.casework.checks import ChecksFailedError, sentence
from jiuye.office.casework.models import Case, CaseCheck, CaseEvent
from jiuye.office.casework.operations.confirming import (
    AutomaticRun,
    EndedBeforeError,
    NotAutomaticError,
    NothingToPayError,
    NotYoursError,
    ReasonMissingError,
)
from jiuye.office.casework.rules import Decision
from jiuye.office.casework.timeline import AlreadyDoneError
from jiuye.office.registry.models import Person
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import NotPermittedError, actor_for
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer, make_person


def confirm(owner, entitlement, rules, on=DAY) -> Case:
    return operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=on, at=at(on))


def test_a_resident_confirms_what_was_found_and_the_case_keeps_everything_it_is_decided_on(
    owner, entitlement, rules
):
    case = confirm(owner, entitlement, rules)
    case.refresh_from_db()
    assert (case.state, case.amount_fen, case.confirmed_by_way) == ("confirmed", 150_000, "own")
    assert (case.payee_name, case.payee_account) == ("张秀兰", "6222000000001234")
    assert [row["id"] for row in case.receipt["clauses"]] == ["registered"]
    assert case.due_on == date(2025, 6, 11)  # two workdays after Monday
    assert case.promised_on == date(2025, 7, 2)  # seventeen workdays
    assert [(row.act, row.from_state, row.to_state) for row in case.timeline.order_by("pk")] == [
        ("confirm_own", "", "confirmed")
    ]


def test_every_check_is_on_record_with_what_it_looked_at_and_nothing_in_clear(owner, entitlement, rules):
    confirm(owner, entitlement, rules)
    checks = CaseCheck.objects.filter(entitlement=entitlement).order_by("pk")
    assert [(row.check_name, row.outcome) for row in checks] == [
        ("alive", "passed"),
        ("still_entitled", "passed"),
        ("not_already_paid", "passed"),
        ("no_excluded_policy", "passed"),
        ("payee", "passed"),
    ]
    assert checks[4].looked_at == {
        "registered_name": "张**",
        "account_ends_in": "1234",
        "bank": "扬州农商银行",
    }
    assert "1,500.00" in sentence(checks[1])


def test_a_confirmation_posted_twice_makes_one_case_and_says_so(owner, entitlement, rules):
    first = confirm(owner, entitlement, rules)
    with pytest.raises(AlreadyDoneError, match="没有重复办理") as caught:
        confirm(owner, entitlement, rules)
    assert caught.value.event.case == first
    assert Case.objects.count() == 1
    assert CaseEvent.objects.count() == 1


def test_nobody_confirms_what_is_another_persons(entitlement, rules):
    stranger = make_person("刘一", number="321002199001010028")
    account = Account.objects.create_account(
        username="liu", display_name="刘一", password="x", kind="resident", subject_key=str(stranger.pk)
    )
    with pytest.raises(NotYoursError, match="不是您本人"):
        confirm(actor_for(account, on=DAY), entitlement, rules)
    assert not Case.objects.exists()


def test_an_employer_account_with_the_same_number_is_not_the_person(person, entitlement, rules):
    account = Account.objects.create_account(
        username="firm", display_name="某公司", password="x", kind="employer", subject_key=str(person.pk)
    )
    with pytest.raises(NotYoursError):
        confirm(actor_for(account, on=DAY), entitlement, rules)


def test_an_employer_confirms_what_was_found_for_it(employer, rules):
    account = Account.objects.create_account(
        username="firm", display_name="琼花电子", password="x", kind="employer", subject_key=str(employer.pk)
    )
    found = make_entitlement(
        policy_id="job-retention-refund",
        recipient_kind="employer",
        employer=employer,
        subject_kind="employer",
        subject_key=str(employer.pk),
    )
    case = confirm(actor_for(account, on=DAY), found, rules)
    assert case.payee_name == "扬州琼花电子有限公司"
    assert case.masked_recipient == "扬州琼花电子有限公司"


def test_a_case_worker_confirms_on_behalf_and_says_how_it_was_asked(caseworker, entitlement, rules):
    case = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=entitlement.pk, note="本人来电", rules=rules, on=DAY, at=at(DAY)
    )
    event = case.timeline.get()
    assert (event.act, event.actor_name, event.note) == ("confirm_on_behalf", "王经办", "本人来电")


def test_confirming_on_behalf_without_a_reason_is_refused(caseworker, entitlement, rules):
    with pytest.raises(ReasonMissingError):
        operations.confirm_on_behalf(
            actor=caseworker, entitlement_id=entitlement.pk, note=" ", rules=rules, on=DAY, at=at(DAY)
        )


def test_a_case_worker_of_another_street_may_not_confirm(entitlement, rules):
    stranger = make_officer("孙经办", "caseworker", "321003001")
    with pytest.raises(NotPermittedError):
        operations.confirm_on_behalf(
            actor=stranger, entitlement_id=entitlement.pk, note="来电", rules=rules, on=DAY, at=at(DAY)
        )
    assert not Case.objects.exists()


def test_the_system_confirms_and_accepts_what_is_paid_without_applying(person, rules):
    found = make_entitlement(person, claim="automatic")
    case = operations.confirm_automatic(entitlement_id=found.pk, rules=rules, on=DAY, at=at(DAY))
    assert (case.state, case.confirmed_by_way, case.accepted_by_id) == ("accepted", "automatic", None)
    assert [row.actor_name for row in case.timeline.order_by("pk")] == ["系统", "系统"]


@pytest.mark.parametrize(
    ("effect", "words"), [("relief", "是减免"), ("duty", "是应尽的义务"), ("service", "是服务事项")]
)
def test_what_is_not_paid_out_cannot_be_confirmed(owner, entitlement, rules, effect, words):
    """A levy that an employer owes, or a tax relief, must never become a case that pays."""
    rules.effect = effect
    with pytest.raises(NothingToPayError, match=words):
        operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    assert not Case.objects.exists()


def test_the_run_over_the_automatic_ones_passes_reliefs_over(person, rules):
    make_entitlement(person, policy_id="six-taxes-relief", claim="automatic")
    assert operations.confirm_all_automatic(actor=None, rules=rules, on=DAY, at=at(DAY)) == AutomaticRun(0, 0)


def test_the_system_never_confirms_what_its_owner_must(entitlement, rules):
    with pytest.raises(NotAutomaticError):
        operations.confirm_automatic(entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))


def test_the_dead_are_not_paid_and_the_check_that_said_so_stays_on_record(owner, entitlement, rules):
    Person.objects.filter(pk=entitlement.person_id).update(death_date=date(2025, 5, 30))
    with pytest.raises(ChecksFailedError, match="2025-05-30"):
        confirm(owner, entitlement, rules)
    assert not Case.objects.exists()
    assert CaseCheck.objects.get(outcome="failed").finding == "dead"


def test_what_is_no_longer_found_today_is_not_confirmed(owner, entitlement, rules):
    rules.answers[entitlement.pk] = Decision("no", None, "v2")
    with pytest.raises(ChecksFailedError, match="不符合"):
        confirm(owner, entitlement, rules)


def test_an_amount_that_changed_before_confirmation_is_confirmed_as_it_is_today(owner, entitlement, rules):
    rules.answers[entitlement.pk] = Decision("yes", 160_000, "v2", {})
    case = confirm(owner, entitlement, rules)
    assert (case.amount_fen, case.rule_version) == (160_000, "v2")


@pytest.mark.parametrize("missing", ["bank_account", "bank_name"])
def test_without_a_payee_account_nothing_is_confirmed(owner, entitlement, rules, missing):
    Person.objects.filter(pk=entitlement.person_id).update(**{missing: ""})
    with pytest.raises(ChecksFailedError, match="收款账号"):
        confirm(owner, entitlement, rules)


@pytest.mark.parametrize(
    ("keep", "other_amount", "stops"),
    [("other", 100, True), ("this", 900_000, False), ("higher", 900_000, True), ("higher", 100, False)],
)
def test_of_two_policies_that_exclude_each_other_the_rule_says_which_stays(
    owner, person, entitlement, rules, keep, other_amount, stops
):
    other = make_entitlement(person, policy_id="public-post-subsidy", amount_fen=other_amount)
    confirm(owner, other, rules)
    rules.exclusions["flexible-insurance-subsidy"] = (Apart("public-post-subsidy", keep),)
    if stops:
        with pytest.raises(ChecksFailedError, match="不可同时享受"):
            confirm(owner, entitlement, rules)
    else:
        assert confirm(owner, entitlement, rules).state == "confirmed"


def test_an_excluded_policy_of_another_time_does_not_stand_in_the_way(owner, person, entitlement, rules):
    other = make_entitlement(
        person,
        policy_id="public-post-subsidy",
        period_start=date(2025, 1, 1),
        period_until=date(2025, 4, 1),
    )
    confirm(owner, other, rules)
    rules.exclusions["flexible-insurance-subsidy"] = (Apart("public-post-subsidy", "other"),)
    assert confirm(owner, entitlement, rules).state == "confirmed"


def test_a_second_case_of_one_entitlement_is_refused_by_the_database_too(owner, entitlement, rules):
    case = confirm(owner, entitlement, rules)
    case.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        case.save(force_insert=True)


def test_the_timeline_and_the_checks_cannot_be_edited_or_deleted(owner, entitlement, rules):
    confirm(owner, entitlement, rules)
    for change in (
        lambda: CaseEvent.objects.update(note="改过"),
        lambda: CaseEvent.objects.all().delete(),
        lambda: CaseCheck.objects.update(outcome="passed"),
        lambda: CaseCheck.objects.all().delete(),
        lambda: Case.objects.all().delete(),
    ):
        with pytest.raises(Exception, match=r"Cannot (update|delete)"), transaction.atomic():
            change()


def test_the_database_lets_no_case_jump_over_the_table(owner, entitlement, rules):
    case = confirm(owner, entitlement, rules)
    with pytest.raises(Exception, match="Invalid transition"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="reviewed")


def test_a_withdrawn_case_is_reopened_with_todays_amount_and_not_confirmed_a_second_time(
    owner, caseworker, entitlement, rules
):
    case = confirm(owner, entitlement, rules)
    operations.withdraw(actor=owner, case_id=case.pk, note="以后再说", on=DAY, at=at(DAY))
    with pytest.raises(EndedBeforeError, match=case.number):
        confirm(owner, entitlement, rules)
    rules.answers[entitlement.pk] = Decision("yes", 170_000, "v2", {})
    later = date(2025, 6, 20)
    again = operations.reopen(
        actor=caseworker, case_id=case.pk, note="本人改变主意", rules=rules, on=later, at=at(later)
    )
    again.refresh_from_db()
    assert (again.state, again.amount_fen, again.confirmed_on) == ("confirmed", 170_000, later)


def test_one_run_confirms_all_that_is_paid_without_applying_and_says_what_was_kept_back(person, rules):
    make_entitlement(person, claim="automatic", policy_id="a")
    make_entitlement(person, claim="confirm", policy_id="b")
    poor = make_person("李四", number="321002199001010036", bank_account="")
    kept = make_entitlement(poor, claim="automatic", policy_id="a")
    run = operations.confirm_all_automatic(actor=None, rules=rules, on=DAY, at=at(DAY))
    assert (run.opened, run.kept_back) == (1, 1)
    assert [row.policy_id for row in Case.objects.all().order_by("pk")] == ["a"]
    Person.objects.filter(pk=poor.pk).update(bank_account="6222000000007777")
    again = operations.confirm_all_automatic(actor=None, rules=rules, on=DAY, at=at(DAY))
    assert (again.opened, again.kept_back) == (1, 0)
    assert Case.objects.filter(entitlement=kept).exists()


def test_a_run_over_the_automatic_ones_needs_the_permission_and_stays_in_its_divisions(
    person, caseworker, rules
):
    make_entitlement(person, claim="automatic")
    with pytest.raises(NotPermittedError):
        operations.confirm_all_automatic(actor=caseworker, rules=rules, on=DAY, at=at(DAY))
    elsewhere = make_officer("邗江就业办", "city_office", "321003")
    run = operations.confirm_all_automatic(actor=elsewhere, rules=rules, on=DAY, at=at(DAY))
    assert (run.opened, run.kept_back) == (0, 0)
