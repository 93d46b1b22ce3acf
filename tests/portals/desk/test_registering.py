"""At the counter: who is not found is registered on one form, whoever is there already is shown first, and nothing of another county comes out."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse

from jiuye.office.registry.models import CounterRegistration, Employer, Person
from jiuye.office.registry.secrets import blind_index
from tests.house.who_may import named
from tests.office.casework.conftest import make_officer, make_person
from tests.office.places import OTHER_VILLAGE, VILLAGE
from tests.office.registry.conftest import credit_code, id_number
from tests.portals.counting import MOST, queries_of
from tests.portals.refused_forms import losses, takes_forms, walked

NUMBER = id_number("19900102", 123)
CODE = credit_code(77)
NEW, NEW_FIRM = "/desk/people/new/", "/desk/employers/new/"
GIVEN = {
    "paper": "id_card",
    "id_number": NUMBER,
    "name": "张小伟",
    "phone": "13800000123",
    "residence_division": VILLAGE,
    "because": "本人来办失业登记",
    "seen": "on",
}
FIRM = {
    "paper": "business_licence",
    "credit_code": CODE,
    "name": "扬州桃李食品有限公司",
    "division": "321002001",
    "agent": "王芳",
    "because": "单位来申请招用补贴",
    "seen": "on",
}


@pytest.fixture
def counter(desk_of, caseworker):
    return desk_of(caseworker)


@pytest.fixture
def known(person):
    """A resident on record who can be found by phone."""
    Person.objects.filter(pk=person.pk).update(phone_index=blind_index(person.phone))
    return person


def test_who_is_not_found_is_registered_from_the_search_and_opens_to_their_page(counter):
    page = counter.get("/desk/people/", {"q": NUMBER}).text
    assert "没有找到？" in page
    assert f'href="{NEW}?q={NUMBER}"' in page
    assert NEW_FIRM not in page
    assert f'value="{NUMBER}"' in counter.get(NEW, {"q": NUMBER}).text
    answer = counter.post(NEW, GIVEN, follow=True)
    person = Person.objects.get()
    assert answer.redirect_chain[-1][0] == f"/desk/people/{person.pk}/"
    assert "已登记，并已判定能享受什么" in answer.text
    assert "核对了居民身份证 · 本人来办失业登记" in answer.text
    assert NUMBER not in answer.text
    page = counter.get("/desk/people/", {"q": NUMBER}).text
    assert f"/desk/people/{person.pk}/" in page
    assert NEW not in page
    page = counter.get("/desk/people/", {"q": "张小伟"}).text
    assert "都不是？" in page
    assert NEW in page


def test_a_firm_that_is_not_found_is_registered_and_opens_to_its_page(counter):
    page = counter.get("/desk/people/", {"q": CODE}).text
    assert f'href="{NEW_FIRM}?q={CODE}"' in page
    assert NEW not in page
    assert f'value="{CODE}"' in counter.get(NEW_FIRM, {"q": CODE}).text
    given = FIRM | {"bank_account": "3205 0000 0000 7777", "bank_name": "扬州农商银行", "industry": "C"}
    answer = counter.post(NEW_FIRM, given, follow=True)
    firm = Employer.objects.get()
    assert answer.redirect_chain[-1][0] == f"/desk/employers/{firm.pk}/"
    assert (firm.kind, firm.bank_account) == ("enterprise", "3205000000007777")
    for words in ("来办理的人：王芳", "核对了营业执照", "制造业", "**** 7777"):
        assert words in answer.text


@pytest.mark.parametrize(
    ("text", "offered"),
    [("张小伟", {NEW, NEW_FIRM}), ("13800000123", {NEW}), ("#123", {NEW, NEW_FIRM}), ("", set())],
)
def test_what_was_searched_for_says_who_may_be_registered(counter, text, offered):
    page = counter.get("/desk/people/", {"q": text}).text
    assert {one for one in (NEW, NEW_FIRM) if one in page} == offered


def test_who_may_not_change_the_register_is_offered_no_form_and_let_into_none(desk_of, reviewer):
    client = desk_of(reviewer)
    page = client.get("/desk/people/", {"q": "张小伟"}).text
    assert "没有找到" in page
    assert NEW not in page
    for address, given in ((NEW, GIVEN), (NEW_FIRM, FIRM)):
        assert client.get(address).status_code == client.post(address, given).status_code == 403
    assert not Person.objects.exists()


def test_a_wrong_check_digit_is_said_at_the_field_and_everything_typed_stays(counter):
    wrong = NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2")
    answer = counter.post(NEW, GIVEN | {"id_number": wrong})
    assert (answer.status_code, "校验位不对" in answer.text) == (422, True)
    assert all(f'value="{GIVEN[name]}"' in answer.text for name in ("name", "phone", "because"))
    wrong = CODE[:-1] + ("A" if CODE[-1] != "A" else "B")
    answer = counter.post(NEW_FIRM, FIRM | {"credit_code": wrong})
    assert (answer.status_code, "校验位相符" in answer.text) == (422, True)
    assert not Person.objects.exists()
    assert not Employer.objects.exists()


def test_whoever_has_the_number_is_shown_with_a_link_and_nothing_of_theirs_is_written_over(counter, person):
    given = GIVEN | {"id_number": person.id_number, "name": person.name, "phone": "13911112222"}
    answer = counter.post(NEW, given)
    assert answer.status_code == 422
    assert f'href="/desk/people/{person.pk}/"' in answer.text
    assert "没有再登记" in answer.text
    person.refresh_from_db()
    assert person.phone == "13800000000"
    assert Person.objects.count() == 1


def test_of_somebody_in_another_county_the_page_says_only_that_they_are_there(counter, divisions):
    far = make_person("欧阳远方", number=NUMBER, village=OTHER_VILLAGE)
    answer = counter.post(NEW, GIVEN)
    assert answer.status_code == 422
    assert "登记地不在您的管辖区划内" in answer.text
    assert f"/desk/people/{far.pk}/" not in answer.text
    for secret in ("欧阳", "兰庄", "邗江"):
        assert secret not in answer.text
    assert Person.objects.count() == 1


def test_who_is_alike_is_shown_and_registering_goes_on_once_the_officer_says_why_they_are_another(
    counter, known, divisions
):
    make_person("张小伟", number=id_number("19900102", 125), village=OTHER_VILLAGE)
    Person.objects.exclude(pk=known.pk).update(birth_date=date(1990, 1, 2))
    given = GIVEN | {"phone": known.phone}
    answer = counter.post(NEW, given)
    assert answer.status_code == 422
    assert f'href="/desk/people/{known.pk}/"' in answer.text
    assert "另有 1 个相近的登记在您的管辖区划以外" in answer.text
    token = answer.text.split('name="apart" value="')[1].split('"')[0]
    unsure = counter.post(NEW, given | {"apart": token, "apart_because": "照片不同"})
    assert (unsure.status_code, 'value="照片不同"' in unsure.text) == (422, True)
    assert Person.objects.count() == 2
    told = given | {"apart": token, "apart_because": "照片不同，母女共用手机", "sure": "on"}
    answer = counter.post(NEW, told, follow=True)
    assert "与在册相近的区分：照片不同，母女共用手机" in answer.text
    assert len(CounterRegistration.objects.get().apart_from) == 2


def test_others_alike_who_came_meanwhile_are_shown_again_and_the_words_stay(counter, known):
    given = GIVEN | {"phone": known.phone, "apart": "0" * 32, "apart_because": "照片不同", "sure": "on"}
    answer = counter.post(NEW, given)
    assert answer.status_code == 422
    assert f'href="/desk/people/{known.pk}/"' in answer.text
    assert 'value="照片不同"' in answer.text
    assert 'name="sure" required' in answer.text.replace(' id="id_sure"', "")
    assert "0" * 32 not in answer.text


def test_an_officer_does_not_register_whoever_bears_their_name(desk_of, divisions):
    client = desk_of(make_officer("张小伟", "caseworker", username="own"))
    for address, given in ((NEW, GIVEN), (NEW_FIRM, FIRM | {"agent": "张小伟"})):
        answer = client.post(address, given)
        assert (answer.status_code, "与您同名" in answer.text) == (422, True)
    assert not Person.objects.exists()


def test_only_places_of_ones_own_are_offered_and_taken(counter):
    page = counter.get(NEW).text
    assert VILLAGE in page
    assert OTHER_VILLAGE not in page
    answer = counter.post(NEW, GIVEN | {"residence_division": OTHER_VILLAGE})
    assert answer.status_code == 422
    assert not Person.objects.exists()


def test_the_same_form_sent_twice_leads_to_the_one_resident(counter):
    first = counter.post(NEW, GIVEN)
    second = counter.post(NEW, GIVEN, follow=True)
    assert second.redirect_chain[-1][0] == first["Location"]
    assert "没有重复登记" in second.text
    assert Person.objects.count() == 1


def test_both_forms_that_are_refused_come_back_as_they_were_typed(counter):
    walked(__file__, losses([(counter, NEW), (counter, NEW_FIRM)]))


def test_both_forms_are_pages_and_hold_to_fifteen_queries(counter):
    forms = {name for name, _, pattern in named() if takes_forms(pattern.callback)}
    assert {"desk:person_new", "desk:employer_new"} <= forms
    for address in (reverse("desk:person_new"), reverse("desk:employer_new")):
        assert queries_of(counter, address) <= MOST


def test_a_page_of_somebody_registered_here_holds_to_fifteen_queries(counter):
    for address, given in ((NEW, GIVEN), (NEW_FIRM, FIRM)):
        made = counter.post(address, given)["Location"]
        assert queries_of(counter, made) <= MOST
