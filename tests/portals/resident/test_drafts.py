"""What is typed keeps itself: the page that is loaded again holds it, whether it is the form of one item or of a life event."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import (  # noqa: F401 (the fixtures are used by name)
    DAY,
    _pack,
    divisions,
    make_person,
    me,
    person,
)
from tests.office.places import VILLAGE

HTMX = {"HTTP_HX_REQUEST": "true"}
GRADUATED = "/my/services/events/graduated/"


@pytest.fixture(autouse=True)
def _today(settings):
    settings.OFFICE_DATE = DAY.isoformat()


@pytest.fixture
def mine(me) -> Client:  # noqa: F811
    client = Client()
    client.force_login(Account.objects.get(pk=me.account_id))
    return client


def kept(item: str) -> dict[str, str]:
    return answers_of(Matter.objects.get(item_id=item))


def test_a_draft_of_one_item_stands_in_the_form_when_it_is_loaded_again(mine):
    mine.post("/my/services/personnel-file-transfer/start/")
    page = f"/my/services/matters/{Matter.objects.get().pk}/"
    typed = {"to_name": "南京人才市场", "to_address": "南京市玄武"}
    assert mine.post(f"{page}save/", typed, **HTMX).status_code == 204
    assert kept("personnel-file-transfer") == typed
    text = mine.get(page).text
    assert 'value="南京人才市场"' in text
    assert 'value="南京市玄武"' in text
    assert Matter.objects.get().state == "draft"


def test_what_was_typed_into_a_life_event_stands_there_again_and_with_the_item_itself(mine):
    untouched = mine.get(GRADUATED)
    typed = {
        "item": ["graduate-registration", "unemployment-registration"],
        "shown": untouched.context["shown"],
        "graduate-registration.school": "扬州大",
    }
    assert mine.post(f"{GRADUATED}fields/", typed, **HTMX).status_code == 204
    assert 'value="扬州大"' in mine.get(GRADUATED).text
    draft = Matter.objects.get()  # of the other item nothing was typed
    assert (draft.item_id, draft.state, draft.life_event) == ("graduate-registration", "draft", "graduated")
    assert 'value="扬州大"' in mine.get(f"/my/services/matters/{draft.pk}/").text
    # Typed on, and taken out again.
    for text in ("扬州大学", ""):
        mine.post(f"{GRADUATED}fields/", typed | {"graduate-registration.school": text}, **HTMX)
        assert kept("graduate-registration").get("school", "") == text
    assert Matter.objects.count() == 1


def test_a_question_for_several_items_is_kept_with_each_of_them(mine):
    ticked = ["graduate-registration", "unemployment-registration"]
    mine.post(f"{GRADUATED}fields/", {"item": ticked, "graduate-registration.seeking_work": "yes"}, **HTMX)
    assert {kept(item)["seeking_work"] for item in ticked} == {"yes"}


def test_of_an_event_in_which_nothing_was_typed_nothing_is_begun(mine):
    for ticked in (["graduate-registration"], ["graduate-registration", "personnel-file-transfer"], []):
        assert mine.post(f"{GRADUATED}fields/", {"item": ticked}, **HTMX).status_code == 200
    assert not Matter.objects.exists()


def test_sent_after_it_was_kept_it_is_one_matter(mine):
    typed = {
        "item": ["unemployment-registration"],
        "unemployment-registration.reason": "never_worked",
        "unemployment-registration.able_to_work": "yes",
        "graduate-registration.seeking_work": "yes",  # the name under which both ask it
    }
    mine.post(f"{GRADUATED}fields/", typed, **HTMX)
    assert mine.post(GRADUATED, typed).status_code == 302
    assert Matter.objects.get().state == "submitted"


def test_an_employers_draft_is_one_while_the_number_of_whom_it_hired_is_still_being_typed(divisions):  # noqa: F811
    firm = Employer.objects.create(
        name="扬州试点电子有限公司", credit_code="91321002MA00000001", kind="enterprise", division_id=VILLAGE,
        source="测试",
    )  # fmt: skip
    make_person("王小禾", number="321002200108050028")
    client = Client()
    client.force_login(
        Account.objects.create_account(
            username="firm", display_name=firm.name, password="x", kind="employer", subject_key=str(firm.pk)
        )
    )
    event = "/my/services/events/hired_somebody/"
    for number in ("3210022001", "32100220010805", "321002200108050028"):
        typed = {"item": ["hire-registration"], "hire-registration.worker": number}
        client.post(f"{event}fields/", typed, **HTMX)
        assert kept("hire-registration")["worker"] == number
        assert f'value="{number}"' in client.get(event).text


def test_what_cannot_be_kept_is_said_at_once(mine, person):  # noqa: F811
    """Of a matter about a household, by somebody of whom none is on record."""
    typed = {
        "item": ["zero-job-household-recognition"],
        "zero-job-household-recognition.members_statement": "yes",
    }
    answer = mine.post("/my/services/events/lost_job/fields/", typed, **HTMX)
    assert "家庭信息" in json.loads(answer.headers["HX-Trigger"])["jiuye:toast"]["text"]
    assert not Matter.objects.exists()


@pytest.mark.parametrize("address", ["/my/services/matters/{}/", GRADUATED])
def test_a_field_that_is_not_left_yet_is_kept_as_well(mine, address):
    """`change` comes when a field is left; whoever closes the page in the middle of a line has not left it."""
    mine.post("/my/services/personnel-file-transfer/start/")
    text = mine.get(address.format(Matter.objects.get().pk)).text
    assert 'hx-trigger="change, input changed delay:1s"' in text
