"""A town with one policy in the pack, an officer of the city office who draws budgets up, and one of the finance bureau who decides."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from jiuye.engine.ledger.funds_file import load_funds
from jiuye.office.budgeting import operations
from jiuye.office.budgeting.content import city_funds
from jiuye.office.budgeting.models import BudgetVersion
from jiuye.office.funds.operations import record_funds
from jiuye.office.policies import book
from jiuye.office.staff.queries import Actor
from tests.office.entitlements.conftest import (  # noqa: F401 (the fixtures are used by name)
    AT,
    ON,
    firm,
    flexible_worker,
    person,
    town,
)
from tests.office.packs import pack_with
from tests.office.policies.conftest import officer

POLICY = "flexible-employment-insurance-subsidy"
FUND = "city-employment"
KEPT = {POLICY, "unemployment-benefit"}
COUNTIES = ("321002", "321003", "321012", "321081", "321084", "321023")

# A policy that cannot be drawn beside POLICY, and pays more.
BREAD = """
id: bread
name: 口粮补贴
name_en: bread
for: person
period: month
in_force: {from: 2000-01-01}
claim: confirm
fund: employment-subsidy
sources:
  charter: {document: 测试文件, date: 1999-12-01}
conditions:
  - {id: woman, law: 测试, source: charter, says: 女, says_en: A woman, test: sex == female}
amount: yuan(700)
excludes: [{policy: flexible-employment-insurance-subsidy, keep: higher, law: 就高不重复}]
cases:
  - {name: 女, on: 2025-01-01, facts: {sex: female}, expect: {verdict: yes, amount: 700}}
"""


@pytest.fixture(autouse=True)
def pack(settings, pack_dir, tmp_path, monkeypatch) -> Path:
    """The pack with two of its policies, its plan's funds, and what a budget needs of them."""
    folder = pack_with(KEPT, of=pack_dir, under=tmp_path)
    content = yaml.safe_load((folder / "budget.yaml").read_text(encoding="utf-8"))
    content["draws"] = {name: rows for name, rows in content["draws"].items() if name in KEPT}
    (folder / "budget.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    settings.PACK = folder
    monkeypatch.setattr(book, "_books", {})
    return folder


@dataclass
class Bureau:
    """Those who make a budget, and the road of a version through them."""

    drawer: Actor
    decider: Actor

    def draw(self, year: int = ON.year + 1) -> BudgetVersion:
        return operations.draw_up(actor=self.drawer, year=year, on=ON, at=AT)

    def arrange(self, version: BudgetVersion, amounts: dict[tuple[str, str], int]) -> None:
        operations.contribute(actor=self.drawer, version_id=version.pk, amounts=amounts)

    def arrange_enough(self, version: BudgetVersion) -> None:
        """300 million yuan: 80 million of the city's, the rest of every county and zone; 10 million of each other fund."""
        amounts = {(FUND, "municipality"): 80_000_000_00}
        counties = [place.code for place in city_funds().counties]
        amounts |= {(FUND, code): 220_000_000_00 // len(counties) + 1 for code in counties}
        amounts |= {("employment-subsidy", "higher"): 10_000_000_00}
        amounts |= {("unemployment-insurance", "pool"): 10_000_000_00}
        self.arrange(version, amounts)

    def submitted(self) -> BudgetVersion:
        version = self.draw()
        self.arrange_enough(version)
        return operations.submit(actor=self.drawer, version_id=version.pk, on=ON)


@pytest.fixture
def bureau(town, pack) -> Bureau:  # noqa: F811
    definitions, _ = load_funds(pack / "funds.yaml")
    record_funds(funds=definitions.values())
    return Bureau(officer("蒋文斌", "city_office"), officer("卞立", "budget_officer"))
