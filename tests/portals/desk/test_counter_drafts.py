"""A form filled in at the counter keeps itself: a lost session loses nothing, and it is found again among the drafts, until it goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from jiuye.office.matters import operations, queries
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.staff.access import access
from jiuye.office.staff.queries import NotPermittedError
from jiuye.office.staff.retention import erase_expired
from tests.office.casework.conftest import DAY, at, make_officer

ITEM = "unemployment-registration"
DRAFTS = "/desk/matters/?view=drafts"


@pytest.fixture
def draft(caseworker, person) -> Matter:
    return begin(caseworker, person)


def begin(actor, person, way: str = "on_behalf") -> Matter:
    return operations.start(
        actor=actor,
        item_id=ITEM,
        applicant_kind="person",
        applicant_id=person.pk,
        way=way,
        on=DAY,
        at=at(DAY),
    )


def test_each_field_is_kept_as_it_is_filled_in_and_stands_there_when_the_form_is_opened_again(
    desk_of, caseworker, draft
):
    counter = desk_of(caseworker)
    form = reverse("desk:fill_matter", args=[draft.pk])
    assert f'hx-post="{reverse("desk:save_filled_matter", args=[draft.pk])}"' in counter.get(form).text
    typed = {"reason": "contract_ended", "left_on": "2025-06-01", "keep": "form"}
    for status in (
        200,
        204,
    ):  # the first answer asks another question, after which the fields stay as they are
        answer = counter.post(reverse("desk:save_filled_matter", args=[draft.pk]), typed)
        assert answer.status_code == status
    assert answers_of(Matter.objects.get())["left_on"] == "2025-06-01"
    counter.logout()
    assert "2025-06-01" in desk_of(caseworker).get(form).text


def test_fields_are_drawn_anew_where_an_answer_asks_another_question(desk_of, caseworker, person):
    counter = desk_of(caseworker)
    asking = next(item for item in queries.items_for("person") if any(q.when for q in item.questions))
    question = next(q for q in asking.questions if q.when)
    other, values = question.when
    draft = operations.start(
        actor=caseworker,
        item_id=asking.id,
        applicant_kind="person",
        applicant_id=person.pk,
        way="on_behalf",
        on=DAY,
        at=at(DAY),
    )
    answer = counter.post(reverse("desk:save_filled_matter", args=[draft.pk]), {other: sorted(values)[0]})
    assert answer.status_code == 200
    assert f'name="{question.id}"' in answer.text


def test_it_is_listed_with_who_began_it_and_until_when_it_is_kept_and_a_colleague_goes_on(
    desk_of, caseworker, draft
):
    colleague = make_officer("孙经办", "caseworker", "321002001")
    page = desk_of(colleague).get(DRAFTS).text
    for words in (draft.number, reverse("desk:fill_matter", args=[draft.pk]), "王经办", "窗口代办", "后删除"):
        assert words in page
    operations.save(
        actor=colleague, matter_id=draft.pk, answers={"left_on": "2025-06-02"}, on=DAY, at=at(DAY)
    )
    operations.withdraw(actor=colleague, matter_id=draft.pk, note="本人不办了", on=DAY, at=at(DAY))
    assert draft.number not in desk_of(colleague).get(DRAFTS).text


def test_what_somebody_writes_at_home_is_in_no_officers_list_and_saved_by_none(
    desk_of, caseworker, owner, person
):
    mine = begin(owner, person, way="own")
    assert list(queries.counter_drafts(caseworker)) == []
    answer = desk_of(caseworker).post(
        reverse("desk:save_filled_matter", args=[mine.pk]), {"left_on": "2025-06-01"}
    )
    assert answer.status_code == 404
    assert "left_on" not in answers_of(Matter.objects.get())


def test_an_officer_elsewhere_sees_none_of_it(desk_of, caseworker, draft):
    elsewhere = make_officer("外区经办", "caseworker", "321003")
    assert draft.number not in desk_of(elsewhere).get(DRAFTS).text
    assert desk_of(elsewhere).post(reverse("desk:save_filled_matter", args=[draft.pk]), {}).status_code == 404


def test_whoever_fills_in_no_forms_is_offered_no_drafts(desk_of, reviewer, draft):
    assert "窗口草稿" not in desk_of(reviewer).get("/desk/matters/").text
    with pytest.raises(NotPermittedError):
        queries.counter_drafts(reviewer)
    assert desk_of(reviewer).get(DRAFTS).status_code == 403


def test_handed_in_meanwhile_the_page_says_so_and_keeps_what_was_typed(desk_of, caseworker, draft):
    operations.withdraw(actor=caseworker, matter_id=draft.pk, note="本人不办了", on=DAY, at=at(DAY))
    answer = desk_of(caseworker).post(
        reverse("desk:save_filled_matter", args=[draft.pk]), {"left_on": "2025-06-01"}
    )
    assert answer.status_code == 204
    assert "jiuye:toast" in answer.headers["HX-Trigger"]


def test_it_goes_by_the_rule_of_drafts(caseworker, draft):
    operations.save(
        actor=caseworker, matter_id=draft.pk, answers={"left_on": "2025-06-01"}, on=DAY, at=at(DAY)
    )
    term = timedelta(days=access().retention["unsubmitted_matters"].days)
    assert erase_expired(at=datetime.now(tz=UTC) + term - timedelta(days=1))["unsubmitted_matters"] == 0
    assert erase_expired(at=datetime.now(tz=UTC) + term + timedelta(days=1))["unsubmitted_matters"] == 1
    after = Matter.objects.get()
    assert (after.state, answers_of(after)) == ("withdrawn", {})
    assert list(queries.counter_drafts(caseworker)) == []
