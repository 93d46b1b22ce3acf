"""Nothing typed is lost: a form that is refused comes back as it was filled in, with what is wrong beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from jiuye.office.conduct import operations
from jiuye.office.conduct.models import Absence, Contact, RatingAnswer
from jiuye.office.matters import operations as matters
from jiuye.office.staff.models import Account
from tests.office.matters.conftest import DAY, VILLAGE, at, officer
from tests.portals.refused_forms import losses, walked

WORDS = "上门走访，本人说还在等培训班的通知，家里老人要照顾"


@pytest.fixture(autouse=True)
def _today(settings):
    settings.OFFICE_DATE = DAY.isoformat()


def as_(client, actor):
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def visit(**more) -> dict[str, str]:
    given = {
        "kind": "visit",
        "reached": "person",
        "made_on": DAY.isoformat(),
        "whom": "本人",
        "came_of": WORDS,
    }
    return given | more


def test_a_visit_with_a_mistake_comes_back_as_typed_with_the_mistake_at_its_field(client, person, station):
    later = (DAY + timedelta(days=1)).isoformat()
    answer = as_(client, station).post(f"/desk/contacts/people/{person.pk}/", visit(made_on=later))
    page = answer.text
    assert answer.status_code == 422
    assert WORDS in page
    assert f'value="{later}"' in page
    assert "<details open><summary>登记走访或电话" in page
    wrong = page.index("只登记已经做过的走访和电话", page.index('id="contacts-title"'))
    assert page.index('for="id_made_on"') < wrong < page.index('id="id_made_on"')
    assert not Contact.objects.exists()


@pytest.mark.parametrize(
    ("mistake", "field"),
    [
        ({"whom": ""}, "whom"),
        ({"made_on": "昨天"}, "made_on"),
        ({"next_step": "送培训班目录"}, "next_step"),
        ({"next_step": "送培训班目录", "next_on": "2024-01-01"}, "next_on"),
        ({"came_of": WORDS * 100}, "came_of"),
    ],
)
def test_each_mistake_of_a_visit_stands_at_the_field_that_it_is_about(
    client, person, station, matter, mistake, field
):
    for url in (f"people/{person.pk}", f"matters/{matter.pk}"):
        answer = as_(client, station).post(f"/desk/contacts/{url}/", visit(**mistake))
        assert answer.status_code == 422
        assert WORDS in answer.text
        group = answer.text.split(f'for="id_{field}"')[1].split(f'id="id_{field}"')[0]
        assert "errorlist" in group
    assert not Contact.objects.exists()


def test_a_visit_that_is_noted_leads_back_to_the_page(client, person, station):
    answer = as_(client, station).post(f"/desk/contacts/people/{person.pk}/", visit())
    assert (answer.status_code, answer.url) == (302, f"/desk/people/{person.pk}/")


def test_the_page_that_comes_back_is_the_page_itself_and_is_kept_nowhere(client, person, station):
    """Its switches of language and type lead to the page, and not to the address of a form, which nobody can open."""
    answer = as_(client, station).post(f"/desk/contacts/people/{person.pk}/", visit(whom=""))
    assert f'name="next" value="/desk/people/{person.pk}/"' in answer.text
    assert "no-store" in answer.headers["Cache-Control"]


def test_why_a_matter_is_handed_on_stays_when_the_colleague_cannot_take_it(client, matter, station):
    other = officer("协理员乙", "caseworker", VILLAGE)
    third = officer("协理员丙", "caseworker", VILLAGE)
    operations.declare_absence(
        actor=other,
        substitute_id=third.account_id,
        start=DAY,
        until=DAY + timedelta(days=3),
        on=DAY,
        at=at(DAY),
    )
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    given = {"to": other.account_id, "reason": "下周参加市里的培训"}
    answer = as_(client, station).post(f"/desk/work/matters/{matter.pk}/hand-on/", given)
    assert answer.status_code == 422
    assert 'value="下周参加市里的培训"' in answer.text
    assert f'<option value="{other.account_id}" selected>' in answer.text
    assert "由协理员丙代办；请转交给" in answer.text.split("转交给同事")[1]


def test_without_a_reason_nothing_is_given_back_and_the_form_stands_open(client, matter, station):
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    answer = as_(client, station).post(f"/desk/work/matters/{matter.pk}/put-back/", {"reason": "  "})
    assert answer.status_code == 422
    assert "请写明退回待认领的原因" in answer.text.split("<details open><summary>退回待认领")[1]


def test_a_reason_that_is_too_long_is_said_at_its_own_form(client, matter, station):
    officer("协理员乙", "caseworker", VILLAGE)  # without a colleague there is nobody to hand on to
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    for address, summary in (("put-back", "退回待认领"), ("hand-on", "转交给同事")):
        answer = as_(client, station).post(
            f"/desk/work/matters/{matter.pk}/{address}/", {"reason": "忙" * 201}
        )
        assert answer.status_code == 422
        form = answer.text.split(f"<details open><summary>{summary}")[1].split("</form>")[0]
        assert "现在多了 1 字" in form
        assert "忙" * 201 in form


def test_the_reason_of_somebody_who_came_too_late_stands_at_the_head_of_the_page(client, matter, station):
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    operations.put_back(actor=station, matter_id=matter.pk, reason="外出", on=DAY, at=at(DAY))
    answer = as_(client, station).post(f"/desk/work/matters/{matter.pk}/put-back/", {"reason": WORDS})
    assert answer.status_code == 422
    assert WORDS in answer.text
    assert "已经在“待认领”里" in answer.text


def test_an_absence_without_its_days_comes_back_with_what_was_chosen(client, station):
    other = officer("协理员乙", "caseworker", VILLAGE)
    given = {"substitute": other.account_id, "start": DAY.isoformat(), "until": ""}
    answer = as_(client, station).post("/desk/work/away/declare/", given)
    assert answer.status_code == 422
    assert f'<option value="{other.account_id}" selected>' in answer.text
    assert f'value="{DAY.isoformat()}" required' in answer.text
    assert not Absence.objects.exists()


def test_a_refusal_that_names_no_clause_of_the_item_keeps_its_reason_in_the_open_dialog(
    client, matter, station
):
    matters.take(actor=station, matter_id=matter.pk, act="accept", on=DAY, at=at(DAY))
    above = officer("街道审核", "reviewer", "321002001")
    answer = as_(client, above).post(
        f"/desk/matters/{matter.pk}/acts/refuse/", {"clause": "none", "note": WORDS}
    )
    assert answer.status_code == 422
    dialog = answer.text.split('<dialog class="dialog" id="act-refuse" data-open')[1].split("</dialog>")[0]
    assert f"required>{WORDS}</textarea>" in dialog
    assert "errorlist" in dialog


def test_words_for_a_form_that_is_no_longer_there_stand_at_the_head_of_the_page(client, matter, me, station):
    matters.withdraw(actor=me, matter_id=matter.pk, note="另有安排", on=DAY, at=at(DAY))
    answer = as_(client, station).post(
        f"/desk/matters/{matter.pk}/acts/request_correction/", {"c-phone": WORDS}
    )
    assert answer.status_code == 422
    assert f"<blockquote>{WORDS}</blockquote>" in answer.text


def test_an_applicants_mark_comes_back_with_its_words_when_no_level_was_chosen(client, matter, me):
    from jiuye.office.matters.models import Matter

    matters.withdraw(actor=me, matter_id=matter.pk, note="另有安排", on=DAY, at=at(DAY))
    answer = as_(client, me).post(f"/my/services/matters/{matter.pk}/rate/", {"level": "", "words": WORDS})
    assert answer.status_code == 422
    assert WORDS in answer.text
    assert Matter.objects.get().state == "withdrawn"
    assert not RatingAnswer.objects.exists()


def test_no_form_of_a_matter_loses_what_was_typed(client, person, matter, me, station):
    page, above = f"/desk/matters/{matter.pk}/", officer("街道审核", "reviewer", "321002001")
    found = losses([(as_(Client(), station), page)])
    operations.take(actor=station, matter_id=matter.pk, on=DAY, at=at(DAY))
    officer("协理员乙", "caseworker", VILLAGE)
    found |= losses([(as_(Client(), station), page)])
    matters.take(actor=station, matter_id=matter.pk, act="accept", on=DAY, at=at(DAY))
    found |= losses([(as_(Client(), above), page)])
    operations.log_contact(
        actor=station, person_id=person.pk, kind="visit", reached="person", made_on=DAY, whom="本人", came_of=WORDS, on=DAY, at=at(DAY)
    )  # fmt: skip
    found |= losses([(as_(Client(), station), f"/desk/people/{person.pk}/")])
    matters.refuse(
        actor=above, matter_id=matter.pk, clause_id="without-work", note="正在上班", on=DAY, at=at(DAY)
    )
    rating = operations.rate(
        actor=me, matter_id=matter.pk, level="very_unsatisfied", words="等了很久", on=DAY, at=at(DAY)
    )
    found |= losses([(as_(Client(), above), f"/desk/ratings/{rating.pk}/")])
    assert "desk:matter_act refuse" in found
    walked(__file__, found)
