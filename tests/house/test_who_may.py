"""Every address and every role: let in or not as the table says. An address without a row fails."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.roles import ROLES
from tests.house.who_may import EVERYONE, VISITOR, is_let_in, named, read_table


def client_of(role: str) -> Client:
    client = Client(raise_request_exception=False)
    if role == VISITOR:
        return client
    kind = role if role in ("resident", "employer") else "officer"
    account = Account.objects.create_account(
        username=role,
        display_name="某某",
        password="demo",
        kind=kind,
        subject_key="" if kind == "officer" else "1",
    )
    if kind == "officer":
        place_in_post(account=account, role=role, division_code="3210", start=date(2023, 1, 1), until=None)
    client.force_login(account)
    return client


@pytest.mark.django_db
def test_every_address_lets_in_exactly_whom_the_table_names():
    clients = {role: client_of(role) for role in (VISITOR, *ROLES)}
    written, wrong = read_table(), []
    seen = set()
    for name, address, _ in sorted(named(), key=lambda one: one[:2]):
        seen.add(name)
        let_in = frozenset(role for role, client in clients.items() if is_let_in(client, address))
        let_in = frozenset({EVERYONE}) if let_in == set(clients) else let_in
        if written.get(name) != let_in:
            wrong.append(f"{name} = {' '.join(sorted(let_in))}")
    wrong += [f"# gone: {name}" for name in sorted(set(written) - seen)]
    assert wrong == [], "\n".join(
        ["think about each of these, then write it into tests/house/who_may.txt:", *wrong]
    )
