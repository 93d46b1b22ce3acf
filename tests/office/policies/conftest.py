"""A copy of the pack to change, an officer who writes, another who reviews and publishes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from jiuye.office.policies import book, operations
from jiuye.office.policies.models import Draft
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.queries import Actor, actor_for
from tests.office.entitlements.conftest import (  # noqa: F401 (the fixtures are used by name)
    AT,
    ON,
    firm,
    flexible_worker,
    person,
    town,
)
from tests.office.packs import pack_with

POLICY = "flexible-employment-insurance-subsidy"
FILE = f"policies/{POLICY}.yaml"
KEPT = {POLICY, "unemployment-benefit"}
PARAMETERS = "parameters/insurance-subsidy.yaml"


@pytest.fixture(autouse=True)
def pack(settings, pack_dir, tmp_path, monkeypatch) -> Path:
    """The pack in a folder of the test's own, and no book kept from another test."""
    settings.PACK = pack_with(KEPT, of=pack_dir, under=tmp_path)
    monkeypatch.setattr(book, "_books", {})
    return settings.PACK


def officer(name: str, role: str) -> Actor:
    account = Account.objects.create_account(username=name, display_name=name, password="x", kind="officer")
    place_in_post(account=account, role=role, division_code="3210", start=date(2023, 1, 1), until=None)
    return actor_for(account, on=ON)


@pytest.fixture
def writer(db) -> Actor:
    return officer("江雪", "policy_officer")


@pytest.fixture
def reviewer(db) -> Actor:
    return officer("梅正清", "policy_reviewer")


def changed(pack: Path, old: str, new: str, file: str = FILE) -> str:
    """The file's text with one thing changed."""
    text = (pack / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
    return text.replace(old, new)


def drafted(writer: Actor, text: str, file: str = FILE, title: str = "提高比例") -> Draft:
    """A draft of that file with that text."""
    draft = operations.start_draft(actor=writer, title=title, paths=[file], at=AT)
    operations.save_draft(actor=writer, draft_id=draft.pk, path=file, text=text, at=AT)
    draft.refresh_from_db()
    return draft


def approved(writer: Actor, reviewer: Actor, text: str, file: str = FILE) -> Draft:
    """A draft handed in and approved."""
    draft = drafted(writer, text, file)
    operations.submit_draft(actor=writer, draft_id=draft.pk, at=AT)
    return operations.approve_draft(actor=reviewer, draft_id=draft.pk, at=AT)


def with_share(pack: Path, share: str = "0.6", amount: str = "728.03") -> str:
    """The flexible workers' subsidy at 60 % instead of 50 %, its cases included: 1,213.38 yuan give 728.03 instead of 606.69."""
    text = changed(
        pack, "{value: 0.5, source: changzhou-2022}", f"{{value: {share}, source: changzhou-2022}}"
    )
    return text.replace("amount: 606.69", f"amount: {amount}")
