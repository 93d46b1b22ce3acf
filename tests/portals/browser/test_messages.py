# ruff: noqa: F811 (the fixtures are imported, and asked for by name)
"""The inbox and the desk's record of what was told, in a browser: they fit, are accessible and quiet."""

from __future__ import annotations

import pytest

from jiuye.office.staff.models import Account
from tests.portals.desk.conftest import (  # noqa: F401 (the fixtures are used by name)
    _office,
    _pack,
    caseworker,
    divisions,
    entitlement,
    owner,
    person,
    reviewer,
    rules,
)
from tests.portals.desk.test_telling import refused  # noqa: F401 (a fixture by name)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_was_told_fits_and_is_accessible(visit, refused, owner, reviewer, language):
    window = visit(account=Account.objects.get(pk=owner.account_id), language=language)
    window.open("/my/messages/")
    window.assert_well_made(f"my-messages-{language}")
    window = visit(account=Account.objects.get(pk=reviewer.account_id), language=language)
    window.open(f"/desk/cases/{refused.pk}/")
    window.assert_well_made(f"desk-told-{language}")
