"""A policy that rests on the words of other cities says so where it is claimed, decided and read: it may still be refused."""

from __future__ import annotations

import pytest
from django.test import Client

from jiuye.office.casework import operations
from jiuye.office.staff.models import Account
from tests.office.casework.conftest import DAY, at, make_entitlement

SAID = "还要由本市确认；确认以前，审核时可能不予支付。"


@pytest.mark.parametrize(
    ("policy_id", "said"),
    [("flexible-employment-insurance-subsidy", True), ("skill-upgrade-subsidy", False)],
)
def test_a_policy_without_a_document_of_the_city_says_so_to_its_claimant_and_to_officers(
    desk_of, caseworker, owner, person, rules, policy_id, said
):
    found = make_entitlement(person, policy_id=policy_id)
    me = Client()
    me.force_login(Account.objects.get(pk=owner.account_id))
    desk = desk_of(caseworker)
    assert (SAID in me.get(f"/my/benefits/{found.pk}/").text) is said
    assert (SAID in desk.get(f"/desk/found/{found.pk}/").text) is said
    case = operations.confirm_own(actor=owner, entitlement_id=found.pk, rules=rules, on=DAY, at=at(DAY))
    assert (SAID in me.get(f"/my/cases/{case.pk}/").text) is said
    assert (SAID in desk.get(f"/desk/cases/{case.pk}/").text) is said
