"""The pages of a case from its confirmation to its repayment, of its letters and papers, and of a relative's authority."""

# ruff: noqa: F811 (fixtures by name)

from __future__ import annotations

import pytest
from django.urls import reverse

from jiuye.office.casework import operations
from jiuye.office.casework.models import Authority, PaymentDoubt
from jiuye.office.funds.models import Recovery
from jiuye.office.messages.models import Message
from jiuye.portals.desk.doubts.views import PAGE_SIZE
from tests.office.casework.conftest import DAY, at
from tests.office.casework.journey import publicised_case
from tests.portals.counting import Walk, client_of
from tests.portals.desk.conftest import (  # noqa: F401 (the fixtures are used by name)
    _office,
    _pack,
    approver,
    bank,
    budget,
    caseworker,
    cashier,
    desk_of,
    divisions,
    employer,
    entitlement,
    other_reviewer,
    owner,
    person,
    reviewer,
    rules,
    second_cashier,
)
from tests.portals.desk.test_authorities import FORM as AUTHORITY
from tests.portals.desk.test_authorities import paper
from tests.portals.desk.test_claiming_back import FORM, paid  # noqa: F401 (a fixture by name)

PAGES = frozenset(
    {
        "desk:case",
        "desk:case_letter",
        "desk:doubts",
        "desk:home",
        "desk:recovery",
        "notice_object",
        "resident:authority_proof",
        "resident:case",
        "resident:letter",
    }
)


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_a_paid_case_that_is_claimed_back_hold_to_fifteen(
    approver,
    caseworker,
    cashier,
    owner,
    paid,
    reviewer,
):
    walk = Walk()
    desk = {one.name: client_of(one) for one in (approver, caseworker, cashier, reviewer)}
    mine = {"owner": client_of(owner)}

    def look() -> None:
        for asking in ("", "?at=2025-06-10"):
            walk.open(desk, "desk:case", paid.pk, asking=asking)
        walk.open(mine, "resident:case", paid.pk)

    look()
    desk[cashier.name].post("/desk/payments/recoveries/new/", FORM | {"case": paid.number})
    found = Recovery.objects.get()
    for state in ("proposed", "open"):
        look()
        walk.open({f"{who} ({state})": one for who, one in desk.items()}, "desk:recovery", found.pk)
        desk[approver.name].post(f"/desk/payments/recoveries/{found.pk}/decide/confirm/")
    walk.hold(frozenset({"desk:case", "resident:case", "desk:recovery"}))


@pytest.mark.django_db(transaction=True)
def test_the_pages_of_what_is_doubtful_about_payments_hold_to_fifteen_however_much_is(
    approver, caseworker, cashier, reviewer, other_reviewer, paid
):
    def doubt(number: int, outcome: str = "", **settled) -> None:
        PaymentDoubt.objects.create(
            case=paid,
            finding="off_record",
            key=str(number),
            looked_at={"on": str(DAY), "over_fen": paid.amount_fen},
            over_fen=paid.amount_fen,
            found_on=DAY,
            found_at=at(DAY),
            outcome=outcome,
            **settled,
        )

    settled = {"resolved_on": DAY, "resolved_by_id": other_reviewer.account_id, "resolution": "核实过"}
    for number in range(PAGE_SIZE + 2):
        doubt(number)
        doubt(-1 - number, "owed", **settled)
    walk = Walk()
    desk = {one.name: client_of(one) for one in (approver, caseworker, cashier, reviewer, other_reviewer)}
    for asking in ("", "?view=settled"):
        walk.open(desk, "desk:doubts", asking=asking)
    walk.open(desk, "desk:case", paid.pk)
    walk.open(desk, "desk:home")
    walk.hold(frozenset({"desk:doubts", "desk:case", "desk:home"}))


@pytest.mark.django_db
def test_the_page_of_a_case_in_notice_and_the_form_to_object_hold_to_fifteen(
    caseworker,
    reviewer,
    approver,
    owner,
    entitlement,
    rules,
):
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    walk, desk = Walk(), {one.name: client_of(one) for one in (caseworker, reviewer, approver)}
    walk.open(desk, "desk:case", case.pk)
    publicised_case(case, caseworker, reviewer)
    for asking in ("", f"?at={DAY}"):
        walk.open({f"{who} (notice)": one for who, one in desk.items()}, "desk:case", case.pk, asking=asking)
    walk.open({"owner": client_of(owner)}, "notice_object", number=case.number)
    walk.hold(frozenset({"desk:case", "notice_object"}))


@pytest.mark.django_db
def test_letters_and_the_proof_of_an_authority_hold_to_fifteen(
    caseworker,
    reviewer,
    owner,
    person,
    entitlement,
    rules,
    settings,
    tmp_path,
):
    settings.MEDIA_ROOT = tmp_path
    case = operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    operations.refuse(
        actor=reviewer,
        case_id=case.pk,
        clause_id="insured",
        note="没有缴费记录",
        rules=rules,
        on=DAY,
        at=at(DAY),
    )
    letter = Message.objects.get(occasion="case_refused")
    walk, mine = Walk(), {"owner": client_of(owner)}
    desk = {one.name: client_of(one) for one in (caseworker, reviewer)}
    walk.open(desk, "desk:case", case.pk)
    walk.open(desk, "desk:case_letter", case.pk, letter.pk)
    walk.open(mine, "resident:letter", letter.pk)
    desk[caseworker.name].post(
        reverse("desk:authority_record", args=[person.pk]), AUTHORITY | {"proof": paper()}
    )
    walk.open(mine, "resident:authority_proof", Authority.objects.get().pk)
    walk.hold(frozenset({"desk:case_letter", "resident:letter", "resident:authority_proof"}))
