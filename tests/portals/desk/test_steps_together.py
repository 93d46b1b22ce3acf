"""A step before the approval taken of many cases on one screen: those that wait, what is done, and what stays with its reason."""

from __future__ import annotations

import pytest

from jiuye.office.casework import operations
from jiuye.office.casework.models import Case
from jiuye.office.casework.models.notices import NoticeProof
from jiuye.portals.desk.cases import together
from tests.office.casework.conftest import DAY, at, make_entitlement, make_officer, make_person
from tests.portals.desk.test_cases import messages_of

SCREENS = {name: f"/desk/cases/together/{name}/" for name in ("accept", "review", "publicise")}


@pytest.fixture
def three(_office, divisions, caseworker, rules) -> list[Case]:
    """Three residents who have just asked."""
    cases = []
    for position in range(3):
        person = make_person(f"周{'甲乙丙'[position]}", number=f"32100219780305003{position}")
        entitlement = make_entitlement(person)
        cases.append(
            operations.confirm_on_behalf(
                actor=caseworker,
                entitlement_id=entitlement.pk,
                note="本人来电",
                rules=rules,
                on=DAY,
                at=at(DAY),
            )
        )
    return cases


def chosen(cases: list[Case]) -> dict[str, list[int]]:
    return {"case": [case.pk for case in cases]}


def test_many_are_taken_on_reviewed_and_put_before_the_public_each_in_one_act_with_a_proof_of_its_own(
    desk_of, caseworker, reviewer, three
):
    street, county = desk_of(caseworker), desk_of(reviewer)
    waiting = street.get(SCREENS["accept"]).text
    assert "等您办理的共 3 件，合计" in waiting
    assert '¥</span>4,500<span class="money__part">.00' in waiting
    assert "“受理”已办理 3 件，留下 0 件" in street.post(SCREENS["accept"], chosen(three)).text
    assert "没有等您办理的办件" in street.get(SCREENS["accept"]).text
    assert "“审核通过”已办理 3 件，留下 0 件" in county.post(SCREENS["review"], chosen(three)).text
    assert "“开始公示”已办理 3 件，留下 0 件" in county.post(SCREENS["publicise"], chosen(three)).text
    assert set(Case.objects.values_list("state", "reviewed_by_id")) == {("publicised", reviewer.account_id)}
    assert NoticeProof.objects.count() == 3


def test_what_has_moved_meanwhile_stays_with_the_reason_and_takes_nobody_else_down(
    desk_of, caseworker, reviewer, three
):
    operations.withdraw(actor=caseworker, case_id=three[1].pk, note="本人来电", on=DAY, at=at(DAY))
    said = desk_of(caseworker).post(SCREENS["accept"], chosen(three)).text
    assert "“受理”已办理 2 件，留下 1 件" in said
    assert three[1].number in said.split("没有办理的，及原因")[1]
    assert sorted(Case.objects.values_list("state", flat=True)) == ["accepted", "accepted", "withdrawn"]


def test_a_long_list_goes_on_by_itself_and_tells_at_its_end_what_all_portions_did(
    desk_of, caseworker, three, monkeypatch
):
    monkeypatch.setattr(together, "PORTION_SECONDS", -1)  # one case, and the time is over
    client = desk_of(caseworker)
    page = client.post(SCREENS["accept"], chosen(three))
    assert "还有 2 件，正在接着办" in page.text
    while "data-go-on" in page.text:
        page = client.post(
            SCREENS["accept"],
            {"so_far": page.context["signed_so_far"], "case": page.context["so_far"].rest},
        )
    assert "“受理”已办理 3 件，留下 0 件" in page.text


def test_nothing_chosen_and_another_streets_are_refused_in_words(desk_of, caseworker, three):
    (said,) = messages_of(desk_of(caseworker).post(SCREENS["accept"], {}, follow=True))
    assert "没有选中办件" in said
    stranger = make_officer("邗江经办", "caseworker", "321003001")
    (said,) = messages_of(desk_of(stranger).post(SCREENS["accept"], chosen(three), follow=True))
    assert "没有这件办件" in said
    assert set(Case.objects.values_list("state", flat=True)) == {"confirmed"}


def test_the_list_of_cases_leads_each_officer_to_the_screens_that_are_theirs(
    desk_of, caseworker, reviewer, approver
):
    def led_to(actor) -> set[str]:
        page = desk_of(actor).get("/desk/cases/").text
        return {word for word in ("批量受理", "批量审核", "批量公示", "批量审批") if word in page}

    assert led_to(caseworker) == {"批量受理"}
    assert led_to(reviewer) == {"批量审核", "批量公示"}
    assert led_to(approver) == {"批量审批"}
