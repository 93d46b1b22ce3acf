"""The auditor's lists, each of them with more rows than one page holds."""

# ruff: noqa: F811 (fixtures by name)

from __future__ import annotations

from datetime import timedelta

import pytest

from jiuye.office.staff.models import AccountAct, FailedLogIn
from jiuye.portals.desk.auditing.views import LISTS
from tests.portals.counting import Walk, client_of
from tests.portals.desk.test_auditing import NOON, look, office, officer  # noqa: F401 (office: by name)

pytestmark = pytest.mark.django_db
PAGES = frozenset({"desk:audit", "desk:audit_list"})
ROWS = 60


def test_each_of_the_auditors_lists_holds_to_fifteen(office):
    head = office["head"]
    for row in range(ROWS):
        at = NOON + timedelta(minutes=row)
        one = officer(f"officer-{row}", f"经办{row}", "caseworker", "321002")
        look(one, f"事由{row}", at=at)
        FailedLogIn.objects.create(username=one.username, address="192.0.2.7", at=at)
        AccountAct.objects.create(account=one, act="password", by=head, at=at, because=f"忘记密码{row}")
    walk = Walk()
    who = {name: client_of(office[name]) for name in ("city", "here", "head")}
    walk.open(who, "desk:audit")
    for kind in LISTS:
        walk.open(who, "desk:audit_list", kind=kind)
        walk.open(who, "desk:audit_list", kind=kind, asking="?officer=officer-7&since=2025-06-01")
    walk.hold(PAGES)
