"""The first page of the desk when every list on it has something to ask for."""

# ruff: noqa: F811 (fixtures by name)

from __future__ import annotations

from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiuye.office.casework import operations, queries
from jiuye.office.conduct import queries as conduct
from jiuye.office.conduct.queries.reviews import REVIEWED
from jiuye.office.staff.models import Account
from tests.office.casework.conftest import DAY, at, make_officer
from tests.portals.counting import Walk, client_of
from tests.portals.desk.conftest import (  # noqa: F401 (the fixtures are used by name)
    _office,
    _pack,
    caseworker,
    divisions,
    entitlement,
    owner,
    person,
    rules,
)

PAGES: frozenset[str] = frozenset()  # the page is walked for everybody in the played city as well


@pytest.mark.django_db(transaction=True)
def test_todays_page_holds_to_fifteen_when_every_list_on_it_is_asked_for(
    caseworker, owner, entitlement, rules, monkeypatch
):
    """Cases, loans, reviews of all three kinds, due reviews and promised services: a page with all of them at once asks the most."""
    operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    account = Account.objects.get(pk=caseworker.account_id)
    figures = conduct.todays_figures

    def all_of_them(me, **asked):
        found = figures(me, **asked)
        return replace(found, loans=1, services=1, due_reviews=1, reviews=dict.fromkeys(REVIEWED, 1))

    monkeypatch.setattr(conduct, "todays_figures", all_of_them)
    walk = Walk()
    for whose in ("", "?whose=mine", "?whose=open"):
        walk.open({"caseworker": client_of(account)}, "desk:home", asking=whose)
    walk.hold(frozenset({"desk:home"}))


def test_the_figures_of_the_first_page_are_one_question(caseworker, owner, entitlement, rules, db):
    operations.confirm_own(actor=owner, entitlement_id=entitlement.pk, rules=rules, on=DAY, at=at(DAY))
    queries.counts(caseworker, on=DAY)
    with CaptureQueriesContext(connection) as asked:
        counted = queries.counts(caseworker, on=DAY)
    assert len(asked.captured_queries) == 1
    assert (counted.by_state, counted.mine, counted.due_today) == ({"confirmed": 1}, 1, 0)
    # Somebody for whom nothing can wait is told the states all the same.
    assert queries.counts(make_officer("审计", "auditor", "321002"), on=DAY).mine == 0
