"""Each cross-check that the pack names, in each file that names it: a real record stops the case with its sentence, without it it passes."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from jiuye.engine.rules.pack import require_pack
from jiuye.engine.services import load_subsidies
from jiuye.office.casework import lookups, operations
from jiuye.office.casework.checks import ChecksFailedError, in_words
from jiuye.office.casework.findings import Finding
from jiuye.office.casework.models import CaseCheck
from jiuye.office.entitlements.models import Benefit, Entitlement
from jiuye.office.registry.models import ContributionSpell, EmploymentSpell
from tests.office.casework.conftest import DAY, at, make_entitlement
from tests.office.casework.journey import approve, publicised_case

PACK = Path(__file__).resolve().parents[3] / "plans" / "yangzhou-2023-2025"
PAID = require_pack(PACK)
FILES = {name: file for name, file in load_subsidies(PACK, pack=PAID)[0].items() if file.carried_by != "loan"}
NAMED = sorted((name, row.check) for name, file in FILES.items() for row in file.lookups)
LIMITED = sorted(name for name, file in FILES.items() if file.procedure.limit is not None)
TO_EMPLOYERS = sorted(name for name in FILES if PAID.policies[name].recipient_entity == "employer")


def insured_by(employer, person) -> None:
    ContributionSpell.objects.create(
        person=person, employer=employer, payer="employer", start=date(2025, 1, 1), base_fen=500_000, source="测试登记"
    )  # fmt: skip


def business_of(employer, person) -> None:
    EmploymentSpell.objects.create(
        person=person, employer=employer, kind="self_employed", start=date(2025, 1, 1), source="测试登记"
    )


# What the registry holds, and the sentence that it stops with.
RECORDS = {
    "insured_elsewhere": (insured_by, "社会保险系统.*以单位职工身份参保为“是”，不能支付"),
    "business_owner": (business_of, "人社就业登记.*就业形式为“个体经营”，不能支付"),
}
# What stops an employer, by the column of the registry that says so.
OF_EMPLOYERS = {
    "blacklisted": ("dishonest", "公共信用系统", "严重失信为“是”，不能支付"),
    "in_arrears": ("premium_arrears", "社会保险系统", "欠缴社会保险费为“是”，不能支付"),
}


def entitled(policy: str, person, employer) -> Entitlement:
    whom = {} if PAID.policies[policy].recipient_entity == "person" else {"recipient_kind": "employer"}
    about = PAID.policies[policy].entity
    return make_entitlement(
        person if not whom else None,
        policy_id=policy,
        subject_kind=about,
        subject_key=str(person.pk if about == "person" else employer.pk),
        amount_fen=50_000,
        employer=employer if whom else None,
        **whom,
    )


def asked(entitlement: Entitlement) -> dict[str, Finding]:
    return {
        row.check: row
        for row in lookups.looked_up(SimpleNamespace(entitlement=entitlement, case=None, on=DAY))
    }


def test_every_check_that_a_file_names_is_in_the_table():
    assert {check for _, check in NAMED} == set(RECORDS)


@pytest.mark.parametrize(("policy", "check"), NAMED)
def test_a_record_in_the_registry_stops_what_the_file_says_and_its_absence_does_not(
    policy, check, person, employer
):
    lay, sentence = RECORDS[check]
    found = entitled(policy, person, employer)
    assert (asked(found)[check].outcome, asked(found)[check].finding) == ("passed", "register_clear")
    lay(employer, person)
    stopped = asked(found)[check]
    assert (stopped.outcome, stopped.finding) == ("failed", "register_stops")
    register, _, words = sentence.partition(".*")
    assert stopped.looked_at["register"] == register
    assert words in in_words(stopped.finding, stopped.looked_at)


@pytest.mark.parametrize("check", sorted(OF_EMPLOYERS))
@pytest.mark.parametrize("policy", TO_EMPLOYERS)
def test_what_is_paid_to_an_employer_is_stopped_by_its_own_record(policy, check, person, employer):
    column, register, words = OF_EMPLOYERS[check]
    found = entitled(policy, person, employer)
    for said, outcome in ((None, "unchecked"), (False, "passed"), (True, "failed")):
        setattr(employer, column, said)
        employer.save()
        row = asked(found)[check]
        assert (row.outcome, row.looked_at["register"]) == (outcome, register)
    assert words in in_words(row.finding, row.looked_at)


@pytest.mark.parametrize("policy", LIMITED)
def test_what_was_drawn_to_the_limit_of_the_file_stops_the_next(policy, person, employer):
    limit = FILES[policy].procedure.limit
    found = entitled(policy, person, employer)
    subject = SimpleNamespace(entitlement=found, case=None, on=DAY)
    months = limit.months - 3 if limit.times is None else 1  # three more are asked for
    drawn = {
        "policy_id": policy, "subject_kind": found.subject_kind, "amount_fen": 50_000, "source": "测试登记",
        "person": found.person, "employer": found.employer,
    }  # fmt: skip
    if limit.times is None:
        Benefit.objects.create(
            subject_key="1", period_start=date(2021, 1, 1), period_until=date(2023, 10, 1), months=months,
            paid_on=date(2023, 10, 8), **drawn,
        )  # fmt: skip
    assert lookups.within_limits(subject).outcome == "passed"
    Benefit.objects.create(
        subject_key="2", period_start=date(2024, 1, 1), period_until=date(2024, 2, 1), months=1,
        paid_on=date(2024, 2, 8), **drawn,
    )  # fmt: skip
    told = lookups.within_limits(subject)
    assert (told.outcome, told.finding) == ("failed", "limit_reached")
    most = f"{limit.months} 个月的上限" if limit.times is None else f"{limit.times} 次的上限"
    assert most in in_words(told.finding, told.looked_at).replace("\u00a0", " ")


@pytest.mark.parametrize(("policy", "check"), [row for row in NAMED if row[0] == "job-seeking-subsidy"])
def test_such_a_record_keeps_a_case_from_approval_until_it_has_ended(
    policy, check, person, employer, owner, caseworker, reviewer, approver, rules, budget
):
    lay, sentence = RECORDS[check]
    found = entitled(policy, person, employer)
    case = operations.confirm_own(actor=owner, entitlement_id=found.pk, rules=rules, on=DAY, at=at(DAY))
    for evidence in FILES[policy].evidence:
        if evidence.required:
            operations.show_original(
                actor=caseworker, case_id=case.pk, evidence_id=evidence.id, said="原件", on=DAY, at=at(DAY)
            )  # fmt: skip
    case = publicised_case(case, caseworker, reviewer)
    lay(employer, person)
    late = date(2025, 6, 25)
    with pytest.raises(ChecksFailedError, match=sentence):
        approve(case, approver, rules, on=late)
    assert CaseCheck.objects.filter(
        entitlement=found, moment="approve", check_name=check, outcome="failed"
    ).exists()
    for spell in (*ContributionSpell.objects.all(), *EmploymentSpell.objects.all()):
        spell.delete()
    assert approve(case, approver, rules, on=late).state == "approved"
