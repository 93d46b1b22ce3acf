"""Each subsidy of the pack goes by its own file from what was found to the money: its papers, its officers, its notice, its fund."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from jiuye.engine.basis.workdays import add_workdays
from jiuye.engine.ledger.funds_file import load_funds
from jiuye.engine.rules.pack import require_pack
from jiuye.engine.rules.policies import Policy
from jiuye.engine.services import load_subsidies
from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.casework.procedures import procedure_of
from jiuye.office.casework.proofs import proofs_of
from jiuye.office.funds import operations as funds
from jiuye.office.funds.operations import appropriate_for_demonstration, record_funds
from jiuye.office.staff.queries import Actor
from tests.office.casework.conftest import DAY, SetRules, at, make_entitlement, make_officer
from tests.office.places import VILLAGE

PACK = Path(__file__).resolve().parents[3] / "plans" / "yangzhou-2023-2025"
PAID = require_pack(PACK)
# The list comes from the pack: who adds a file has it walked.
FILES, _ = load_subsidies(PACK, pack=PAID)
BY_CASE = sorted(name for name, file in FILES.items() if file.carried_by != "loan")
# Street, county, city: the shortest code of a post that is not lower than the step asks for.
PLACE_OF = {"street": "321002001", "county": "321002", "city": "3210"}


class FundRules(SetRules):
    """Yes to everybody, with each policy's own name and fund."""

    def terms(self, policy_id: str):
        policy = PAID.policies[policy_id]
        return replace(super().terms(policy_id), name=FILES[policy_id].name, fund=policy.fund)


@pytest.fixture
def rules() -> FundRules:
    return FundRules()


@pytest.fixture
def full_funds(db) -> None:
    """Every fund of the pack has 10,000 yuan for the county this year."""
    definitions, _ = load_funds(PACK / "funds.yaml")
    record_funds(funds=definitions.values())
    for fund in definitions:
        appropriate_for_demonstration(fund=fund, year=2025, amount_fen=1_000_000, on=DAY, at=at(DAY))


def begun(policy: Policy, person, owner: Actor, employer, rules: FundRules) -> Case:
    """Found for whoever the policy pays, and claimed in the way that the policy names."""
    to_person = policy.recipient_entity == "person"
    found = make_entitlement(
        person if to_person else None,
        policy_id=policy.id,
        claim=policy.claim,
        subject_kind=policy.entity,
        subject_key=str(person.pk if policy.entity == "person" else employer.pk),
        amount_fen=50_000,
        **({} if to_person else {"employer": employer, "recipient_kind": "employer"}),
    )
    told = {"entitlement_id": found.pk, "rules": rules, "on": DAY, "at": at(DAY)}
    if policy.claim == "automatic":
        return operations.confirm_automatic(**told)
    if to_person:
        return operations.confirm_own(actor=owner, **told)
    counter = make_officer("窗口", "caseworker", VILLAGE[:9])
    return operations.confirm_on_behalf(actor=counter, note="经办人持介绍信到窗口", **told)


def officer_for(case: Case, act: str) -> Actor:
    """Somebody in the role and at the level that the file names for the step, and no higher.

    What the system accepts by itself waits for an officer where a paper is not on any register: then a caseworker accepts.
    """
    step = procedure_of(case).step(act)
    assert step is not None
    return make_officer(f"{act}的人", "caseworker" if step.by == "system" else step.by, PLACE_OF[step.level])


@pytest.mark.parametrize("name", BY_CASE)
def test_each_subsidy_goes_by_its_own_file_to_the_money(
    name, person, owner, employer, rules, full_funds, cashier, second_cashier, bank, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    policy = PAID.policies[name]
    case = begun(policy, person, owner, employer, rules)
    if case.state == "confirmed":
        worker = officer_for(case, "accept")
        for proof in proofs_of(case, on=DAY):
            if not proof.settled:
                operations.show_original(
                    actor=worker, case_id=case.pk, evidence_id=proof.row.id, said="原件无误", on=DAY, at=at(DAY)
                )  # fmt: skip
        operations.accept(actor=worker, case_id=case.pk, on=DAY, at=at(DAY))
    operations.review(actor=officer_for(case, "review"), case_id=case.pk, on=DAY, at=at(DAY))
    case = operations.publicise(actor=officer_for(case, "publicise"), case_id=case.pk, on=DAY, at=at(DAY))
    shown_until = add_workdays(DAY, FILES[name].procedure.publicity_workdays)
    assert case.publicity_until == shown_until + timedelta(days=1)
    day: date = add_workdays(shown_until, 1)
    case = operations.approve(
        actor=officer_for(case, "approve"), case_id=case.pk, rules=rules, on=day, at=at(day)
    )
    assert case.state == "approved"
    made = operations.put_into_batch(actor=cashier, case_ids=[case.pk], rules=rules, on=day, at=at(day))
    assert made.left_out == []
    assert made.batch.fund.code == policy.fund
    batch = funds.approve_batch(actor=second_cashier, batch=made.batch, on=day, at=at(day))
    batch = funds.send_batch(actor=second_cashier, batch=batch, bank=bank, on=day, at=at(day))
    operations.settle_batch(actor=second_cashier, batch=batch, bank=bank, on=day, at=at(day))
    case.refresh_from_db()
    assert (case.state, case.paid_on, case.amount_fen) == ("paid", day, 50_000)
