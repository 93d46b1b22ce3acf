# ruff: noqa: F811 (fixtures by name)
"""A paper of a subsidy's case, as its applicant reads it again."""

from __future__ import annotations

import pytest

from jiuye.office.casework.models import CaseEvidence
from tests.office.casework.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    divisions,
    entitlement,
    owner,
    person,
    rules,
)
from tests.office.casework.test_subsidies import case, new_subsidy, upload  # noqa: F401 (fixtures by name)
from tests.portals.counting import Walk, client_of

pytestmark = pytest.mark.django_db
PAGES = frozenset({"resident:case_paper"})


def test_a_paper_of_a_case_holds_to_fifteen(case, owner, settings):
    settings.OFFICE_DATE = DAY.isoformat()
    upload(owner, case)
    walk = Walk()
    walk.open({"owner": client_of(owner)}, "resident:case_paper", CaseEvidence.objects.get(kind="file").pk)
    walk.hold(PAGES)
