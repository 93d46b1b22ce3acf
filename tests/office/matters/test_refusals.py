"""A refusal of a matter names a clause and quotes its law, or says plainly that no rule is on file."""

from __future__ import annotations

import pytest

from jiuye.engine.services import load_items
from jiuye.office.matters import operations
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.deciding import ClauseMissingError
from jiuye.office.messages.models import Message
from tests.office.matters.conftest import DAY, at

WHY = "没有开展经营，也没有灵活就业"
FORM = {"kind": "flexible", "began_on": "2024-06-01", "work": "送货", "true_statement": "yes"}


@pytest.fixture
def registration(person, me) -> Matter:
    matter = operations.start(
        actor=me,
        item_id="employment-registration",
        applicant_kind="person",
        applicant_id=person.pk,
        on=DAY,
        at=at(DAY),
    )
    return operations.hand_in(actor=me, matter_id=matter.pk, answers=FORM, on=DAY, at=at(DAY))


def refuse(matter: Matter, actor, clause: str = "", note: str = WHY) -> Matter:
    return operations.refuse(
        actor=actor, matter_id=matter.pk, clause_id=clause, note=note, on=DAY, at=at(DAY)
    )


def test_an_item_without_a_policy_is_refused_by_a_clause_of_its_own_with_the_words_of_the_law(
    registration, reviewer
):
    with pytest.raises(ClauseMissingError):
        refuse(registration, reviewer)
    refused = refuse(registration, reviewer, "works-for-themselves")
    assert refused.refused_law == "用人单位招用、从事个体经营、灵活就业的办理就业登记"
    said = Message.objects.get(occasion="matter_refused").body
    assert "依据：用人单位招用、从事个体经营、灵活就业的办理就业登记" in said
    assert said.count(WHY) == 1


def test_without_a_rule_on_file_the_refusal_says_so_and_never_gives_the_reason_twice(
    person, me, street, reviewer
):
    matter = operations.start(
        actor=me,
        item_id="startup-guaranteed-loan",
        applicant_kind="person",
        applicant_id=person.pk,
        on=DAY,
        at=at(DAY),
    )
    operations.attach(
        actor=me,
        matter_id=matter.pk,
        evidence_id="licence",
        file_name="执照.pdf",
        content=b"%PDF-1.4 x",
        on=DAY,
        at=at(DAY),
    )
    operations.hand_in(
        actor=me, matter_id=matter.pk, answers={"business": "小店", "use": "进货"}, on=DAY, at=at(DAY)
    )
    refuse(matter, reviewer)
    said = Message.objects.get(occasion="matter_refused").body
    assert "没有存档的规定条文" in said
    assert said.count(WHY) == 1


def test_every_item_but_the_loan_has_a_clause_that_a_refusal_can_name(pack_dir):
    found, _ = load_items(pack_dir)
    without = {item.id for item in found.items.values() if not item.policy and not item.grounds}
    assert without <= {"startup-guaranteed-loan"}
