"""No page makes more than fifteen queries for anybody who opens it, in a city with people, decisions, cases and payments.

Every page that can be opened is walked: here, or by a module of tests/portals/counted that lays what it needs and names it in PAGES.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

import pytest
from django.test import Client

from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Entitlement, Prospect
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.registry.models import Employer, RegisteredThing
from jiuye.office.staff.models import Account
from tests.portals import counted
from tests.portals.counting import KEPT_OUT, MOST, Walk, client_of, pages_to_get

__all__ = ["KEPT_OUT", "MOST"]

# Said of the module, so that a database is set up where this file runs alone.
pytestmark = pytest.mark.django_db
# Addresses that answer with no page of their own, or with one that another office sends, each with the reason.
NO_PAGE = {
    "landing": "leads on to the page that somebody begins with",
    "login_code": "asks for the second half of a log-in under way; tests/portals/test_logging_in.py opens it",
    "sign_on": "leads to the government's own page, where one is connected",
    "public_sign_on": "leads to the provider of residents and firms, where one is connected",
    "public_sign_on_back": "is where that page leads back to",
    "sign_on_back": "is where that page leads back to",
    "sign_off": "leads to the government's own page, where one is connected",
    "sign_off_back": "is where that page leads back to",
}
WHO = (
    "zhangxiulan",
    "hengda",
    "caseworker",
    "station",
    "reviewer",
    "approver",
    "cashier",
    "city_office",
    "department",
    "leader",
    "budget_officer",
    "policy_officer",
    "policy_reviewer",
    "auditor",
    "administrator",
    "statistician",
)


def things_of_the_city() -> dict[str, Any]:
    """By the name of a part of an address: something of the city that fits there."""
    her = int(Account.objects.get(username="zhangxiulan").subject_key)
    owed = Entitlement.objects.filter(verdict="yes", case__isnull=True, person_id=her).order_by("pk")[0]
    firm = int(Account.objects.get(username="hengda").subject_key)
    return {
        "account_id": Account.objects.get(username="caseworker").pk,
        "case_id": Case.objects.filter(state="paid").order_by("pk")[0].pk,
        "person_id": her,
        "employer_id": Employer.objects.get(pk=firm).pk,
        "entitlement_id": owed.pk,
        "prospect_id": Prospect.objects.order_by("pk")[0].pk,
        "policy_id": owed.policy_id,
        "version": owed.rule_version,
        "thing_id": RegisteredThing.objects.order_by("pk")[0].pk,
        "group": "unclaimed",
        "section": "task-17",
        "audience": "person",
        "indicator_id": "startup-loans",
        "milestone_id": "fund-budgeting",
        "code": "employment-subsidy",
        "year": 2025,
        "batch_id": PaymentBatch.objects.order_by("pk")[0].pk,
    }


def walked_elsewhere() -> dict[str, str]:
    """By the name of a page: the module that lays what it needs and walks it."""
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(counted.__path__, f"{counted.__name__}."):
        found |= dict.fromkeys(import_module(module.name).PAGES, module.name)
    return found


def test_no_page_makes_more_than_fifteen_queries_and_none_is_left_out(taken_back):
    pages, elsewhere, found = pages_to_get(), walked_elsewhere(), things_of_the_city()
    assert {*elsewhere, *NO_PAGE} <= pages.keys()
    here = {name: parts for name, parts in pages.items() if name not in elsewhere and name not in NO_PAGE}
    # A page is of this city where the city has all that its address names.
    unnamed = sorted(name for name, parts in here.items() if not found.keys() >= set(parts))
    assert unnamed == [], "nothing was laid for these: a module of tests/portals/counted has to"
    everybody = {"visitor": Client()} | {name: client_of(name) for name in WHO}
    walk = Walk()
    for name, parts in sorted(here.items()):
        walk.open(everybody, name, **{part: found[part] for part in parts})
    walk.hold(frozenset(here))


def test_whoever_opens_pages_holds_every_post_that_there_is():
    from jiuye.office.staff.roles import ROLES

    # A partner system has a key and no page; somebody on a plan's page is one of the others.
    assert set(ROLES) - {"partner_system", "resident", "employer"} <= {*WHO, "visitor"}
