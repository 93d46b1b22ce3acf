"""No page makes more than fifteen queries for anybody who opens it, in a city with people, decisions, cases and payments.

A page is walked where the city has what its address names; drafts, simulations and imports begin empty, and count in tests of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jiuye.office.casework.models import Case
from jiuye.office.entitlements.models import Entitlement, Prospect
from jiuye.office.funds.models import PaymentBatch
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer, RegisteredThing
from jiuye.office.staff.models import Account
from tests.house.who_may import named

# Said of the module, so that a database is set up where this file runs alone.
pytestmark = pytest.mark.django_db
MOST = 15
# What begins a savepoint or ends it is the transaction's; a request outside a test has one of each.
KEPT_OUT = ("SAVEPOINT", "RELEASE", "ROLLBACK")


def things_of_the_city() -> dict[str, Callable[[], Any]]:
    """By the name of a part of an address: something of the city that fits there."""
    case = Case.objects.filter(state="paid").order_by("pk")[0]
    owed = Entitlement.objects.filter(verdict="yes", case__isnull=True, division_code__startswith="321002")
    entitlement = owed.order_by("pk")[0]
    return {
        "case_id": case.pk,
        "matter_id": getattr(Matter.objects.exclude(state="draft").order_by("pk").first(), "pk", None),
        "person_id": int(Account.objects.get(username="zhangxiulan").subject_key),
        "employer_id": Employer.objects.order_by("pk")[0].pk,
        "entitlement_id": entitlement.pk,
        "prospect_id": getattr(Prospect.objects.order_by("pk").first(), "pk", None),
        "policy_id": entitlement.policy_id,
        "version": entitlement.rule_version,
        "thing_id": getattr(RegisteredThing.objects.order_by("pk").first(), "pk", None),
        "group": "unclaimed",
        "item_id": "unemployment-registration",
        "event_id": "graduated",
        "section": "1",
        "audience": "person",
        "number": getattr(Case.objects.filter(state="publicised").order_by("pk").first(), "number", None),
        "indicator_id": "urban-new-jobs",
        "code": "demo",
        "kind": "csv",
        "year": 2025,
        "batch_id": PaymentBatch.objects.order_by("pk")[0].pk,
    }


def test_no_page_makes_more_than_fifteen_queries(taken_back):
    officers = (
        "caseworker",
        "reviewer",
        "approver",
        "cashier",
        "city_office",
        "policy_officer",
        "administrator",
    )
    clients = {
        name: Client(raise_request_exception=False)
        for name in ("zhangxiulan", *officers, "leader", "department")
    }
    for name, client in clients.items():
        client.force_login(Account.objects.get(username=name))
    found, counts = things_of_the_city(), {}
    for name, _, pattern in sorted(named(), key=lambda one: one[:2]):
        names = list(pattern.pattern.converters)
        if any(part not in found or found[part] is None for part in names):
            continue
        address = reverse(name, kwargs={part: found[part] for part in names})
        for who, client in clients.items():
            if client.get(address).status_code != 200:
                continue
            with CaptureQueriesContext(
                connection,
            ) as asked:
                client.get(address)
            number = sum(not query["sql"].startswith(KEPT_OUT) for query in asked.captured_queries)
            counts[name, who] = number
    assert len({name for name, _ in counts}) > 35, sorted(counts)
    above = {page: number for page, number in counts.items() if number > MOST}
    assert above == {}
