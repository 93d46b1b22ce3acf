"""Whether the account is the recipient's own is answered by the bank's register, for the account that it was asked about."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from jiuye.office.casework import lookups, operations
from jiuye.office.casework.checks import ChecksFailedError, in_words
from jiuye.office.casework.findings import Finding
from jiuye.office.registry.models import RegisterDelivery, RegisterRecord
from tests.office.casework.conftest import DAY, at, make_entitlement
from tests.office.casework.journey import approve, publicised_case


def answered(entity: str, key: int, *, own: bool, ends_in: int = 1234) -> None:
    """The bank was asked about the account that ends so, and said whose it is."""
    delivery = RegisterDelivery.objects.create(
        register="bank_accounts", entity=entity, as_of=DAY, source="开户银行", imported_at=at(DAY)
    )
    RegisterRecord.objects.create(
        register="bank_accounts", start=DAY, facts={"account_own": own, "account_ends_in": ends_in},
        source="开户银行", delivery=delivery, imported_at=at(DAY), **{f"{entity}_id": key},
    )  # fmt: skip


def found(entitlement) -> Finding:
    subject = SimpleNamespace(entitlement=entitlement, case=None, on=DAY)
    (row,) = (row for row in lookups.looked_up(subject) if row.check == "account_own")
    return row


def test_the_bank_says_that_the_account_is_the_persons_own_or_is_not(person, entitlement):
    answered("person", person.pk, own=True)
    own = found(entitlement)
    assert (own.outcome, own.looked_at["register"], own.looked_at["value"]) == (
        "passed",
        "开户行户名核验",
        "是",
    )
    RegisterRecord.objects.update(facts={"account_own": False, "account_ends_in": 1234})
    another = found(entitlement)
    assert another.outcome == "failed"
    assert "开户行户名核验：收款账户户名核验一致为“否”，不能支付" in in_words(
        another.finding, another.looked_at
    )


def test_of_an_account_that_the_bank_was_not_asked_about_nothing_is_known(person, entitlement):
    answered("person", person.pk, own=True)
    person.bank_account = "6222000000005678"
    person.save()
    entitlement.refresh_from_db()
    told = found(entitlement)
    assert told.outcome == "unchecked"
    assert "没有核验过现在这个账户" in in_words(told.finding, told.looked_at)


def test_without_the_register_the_check_stays_unmade_and_says_so(entitlement):
    told = found(entitlement)
    assert (told.outcome, told.finding) == ("unchecked", "no_register")
    assert "没有开户行的户名核验登记簿" in in_words(told.finding, told.looked_at)


def test_an_employers_account_is_looked_up_in_the_same_way(employer):
    theirs = make_entitlement(
        None,
        recipient_kind="employer",
        employer=employer,
        subject_kind="employer",
        subject_key=str(employer.pk),
    )
    answered("employer", employer.pk, own=False, ends_in=9876)
    assert found(theirs).outcome == "failed"


def test_a_case_to_somebody_elses_account_is_not_approved(
    person, owner, entitlement, rules, caseworker, reviewer, approver, budget
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    case = publicised_case(case, caseworker, reviewer)
    answered("person", person.pk, own=False)
    with pytest.raises(ChecksFailedError, match="开户行户名核验"):
        approve(case, approver, rules)
    RegisterRecord.objects.update(facts={"account_own": True, "account_ends_in": 1234})
    assert approve(case, approver, rules).state == "approved"
