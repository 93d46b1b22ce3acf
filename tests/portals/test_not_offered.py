"""Nobody does by a post of their own making what no page offers them, and no page offers what is then forbidden.

tests/house/who_may.txt says whom the guard of an address lets in; this asks what happens behind it. In a city with cases, loans, payments
and claims everybody's pages are followed link by link. Each form found there is filled in and posted, first by whom it is offered to (who
must get something done by it, or the question asks nothing), then by everybody else: by every other role, by the same role of another
county, by another resident and another firm, and by a visitor. Then no row of the database may have changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest
from django.test import Client

from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from tests.portals.counting import client_of
from tests.portals.offered import Offer, changed_by, is_offered, offers
from tests.portals.small_city import doubt_about_what_was_paid

WHO = (
    "zhangxiulan", "hengda", "founder", "caseworker", "station", "reviewer", "approver", "cashier", "city_office", "department", "leader",
    "budget_officer", "policy_officer", "policy_reviewer", "auditor", "administrator", "statistician",
)  # fmt: skip
ELSEWHERE = ("caseworker", "reviewer", "approver", "cashier", "leader", "auditor", "administrator")
STRANGERS = ("sunyufang", "xinda")
# Everybody has these of themselves.
OWN = ("account", "display", "language", "set_", "logout", "landing", "login")


# Forms that, filled in like this, do nothing even for those to whom they are offered: of these the question below asks little.
IDLE = {
    "desk:employer_correct": "asks for the firm's account as its bank has it",
    "desk:import_upload": "asks for a workbook",
    "desk:loan_act ask_extension": "asks for a day after the one on which the instalment was due",
    "desk:loan_act undo_repayment": "whoever booked a repayment does not undo it",
    "desk:loan_begin": "asks for a business by its number",
    "desk:loan_original": "asks which original was seen",
    "desk:payments_return": "asks for the bank's own file",
    "desk:recovery_begin": "asks for a case by its number",
    "desk:recovery_undo_receipt": "whoever booked a receipt does not undo it",
    "desk:recovery_waive": "whoever signed the payment does not waive it",
    "desk:together_look": "shows what would be done, and writes nothing",
    "resident:loan_apply": "asks for a business of one's own",
    "staff_end": "nobody ends a post of their own, which is the first one listed",
}


@dataclass(frozen=True, slots=True)
class Found:
    """Who there is; by the name of each form and by whom it is offered to: the form, and what their own post of it came to."""

    clients: dict[str, Client]
    by_name: dict[str, dict[str, tuple[Offer, int, frozenset[str]]]]


@pytest.fixture(scope="module")
def found(small_city: date, django_db_blocker) -> Iterator[Found]:
    with django_db_blocker.unblock():
        clients = {name: client_of(name) for name in (*WHO, *STRANGERS)} | {"visitor": Client()}
        for role in ELSEWHERE:
            account = Account.objects.create_account(
                username=f"{role}-elsewhere", display_name="某某", password=None, kind="officer"
            )
            place_in_post(
                account=account, role=role, division_code="321084", start=date(2023, 1, 1), until=None
            )
            clients[account.username] = client_of(account)
        doubt_about_what_was_paid()
        by_name: dict[str, dict[str, tuple[Offer, int, frozenset[str]]]] = {}
        for name in WHO:
            for offer in offers(clients[name], start="/"):
                if offer.name.startswith(OWN):
                    continue
                of = by_name.setdefault(offer.name, {})
                # Somebody's first form of a name; another one where nobody's has done anything so far.
                if name not in of or not any(rows for _, _, rows in of.values()):
                    of[name] = (offer, *changed_by(clients[name], offer))
        yield Found(clients, dict(sorted(by_name.items())))


@pytest.mark.django_db
def test_no_page_offers_what_is_then_forbidden(found: Found):
    forbidden = [
        (name, who, offer.address, status)
        for name, of in found.by_name.items()
        for who, (offer, status, _) in of.items()
        if status in (403, 404) or status >= 500
    ]
    assert forbidden == []


@pytest.mark.django_db
def test_each_form_does_something_for_somebody_to_whom_it_is_offered(found: Found):
    idle = {name for name, of in found.by_name.items() if not any(rows for _, _, rows in of.values())}
    assert idle <= IDLE.keys(), " ".join(sorted(idle - IDLE.keys()))


@pytest.mark.django_db
def test_who_is_not_offered_a_form_and_posts_it_all_the_same_changes_nothing(found: Found, taken_back):
    changed = {}
    for name, of in found.by_name.items():
        offer = max(of.values(), key=lambda own: bool(own[2]))[0]
        for who, client in found.clients.items():
            if who in of and of[who][0].address == offer.address:
                continue
            status, rows = changed_by(client, offer)
            if rows and not is_offered(client, offer):
                changed[name, who] = status, sorted(rows), offer.address, offer.page
    assert changed == {}
