"""A counter opens an account for whoever has come with their papers: never without looking at them, never for one's own family, never twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account, AccountAct
from tests.office.authorities import authority
from tests.office.casework.conftest import DAY, make_officer, make_person
from tests.office.places import OTHER_VILLAGE
from tests.portals.refused_forms import losses, walked

GIVEN = {"username": "zhangxl", "because": "本人来窗口申请", "seen": "on"}


@pytest.fixture
def counter(desk_of, caseworker, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return desk_of(caseworker)


def of_person(person, act="open"):
    return reverse("desk:person_account", args=[person.pk, act])


def of_employer(employer, act="open"):
    return reverse("desk:employer_account", args=[employer.pk, act])


def said(client, answer) -> str:
    """The page that the act leads back to, or is refused on."""
    return client.get(answer["Location"]).text if answer.status_code == 302 else answer.text


def opened(counter, person) -> Account:
    assert "一次性密码是" in counter.post(of_person(person), GIVEN).text
    return Account.objects.get(kind="resident", subject_key=str(person.pk))


def test_it_is_opened_with_who_did_it_what_was_seen_and_why_and_its_owner_is_told(
    counter, caseworker, person
):
    there = reverse("desk:person_own", args=[person.pk])
    assert there in counter.get(reverse("desk:person", args=[person.pk])).text
    assert "还没有账号" in counter.get(there).text
    account = opened(counter, person)
    act = AccountAct.objects.get()
    assert (act.account, act.act, act.by_id) == (account, "opened", caseworker.account_id)
    assert act.because == "已核对本人身份证；本人来窗口申请"
    assert account.one_time_until is not None
    told = Message.objects.get(occasion="account_changed")
    assert (told.person_id, told.deliveries.count()) == (person.pk, 1)
    assert "开通了您的账号（登录名 zhangxl）" in told.body
    page = counter.get(reverse("desk:person_own", args=[person.pk])).text
    assert "zhangxl" in page
    assert "一次性密码，等本人更换" in page


def test_without_the_papers_nothing_is_opened(counter, person):
    counter.post(of_person(person), GIVEN | {"seen": ""})
    assert not Account.objects.filter(kind="resident").exists()


def test_a_second_account_is_refused_and_the_database_holds_no_two(counter, person):
    account = opened(counter, person)
    page = said(counter, counter.post(of_person(person), GIVEN | {"username": "another"}))
    assert "已经有账号“zhangxl”" in page
    with pytest.raises(IntegrityError, match="account_one_a_subject"), transaction.atomic():
        Account.objects.create(
            username="another", display_name="张秀兰", kind="resident", subject_key=account.subject_key
        )


def test_a_log_in_name_that_is_taken_is_refused_at_its_field(counter, person):
    Account.objects.create_account(username="zhangxl", display_name="张", password="x", kind="officer")
    back = counter.post(
        of_person(person), GIVEN, headers={"Referer": f"http://testserver/desk/people/{person.pk}/account/"}
    )
    assert back.status_code == 422
    assert "登录名“zhangxl”已经有人用" in back.text


@pytest.mark.parametrize("who", ["self", "relative"])
def test_nobody_opens_their_own_or_a_possible_relatives_account(
    desk_of, caseworker, person, who, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    authority(caseworker, person, on=DAY)
    name = {"self": "张秀兰", "relative": "张小兰"}[who]
    officer = desk_of(make_officer(name, "caseworker", username="officer"))
    page = said(officer, officer.post(of_person(person), GIVEN))
    assert "与您同名，为回避" in page
    assert not Account.objects.filter(kind="resident").exists()


def test_a_counter_elsewhere_opens_nothing(counter, desk_of, divisions):
    far = make_person("李远", number="321003198801010047", village=OTHER_VILLAGE)
    answer = counter.post(of_person(far), GIVEN, headers={"Referer": "http://testserver/desk/people/"})
    assert "不在您的管辖范围内" in answer.text
    assert not Account.objects.filter(kind="resident").exists()


def test_a_reviewer_may_open_none_and_sees_no_card(desk_of, reviewer, person):
    client = desk_of(reviewer)
    assert client.post(of_person(person), GIVEN).status_code == 403
    assert "网上办事账号" not in client.get(reverse("desk:person", args=[person.pk])).text
    assert client.get(reverse("desk:person_own", args=[person.pk])).status_code == 403


def test_a_forgotten_password_is_replaced_and_a_shut_account_is_opened_again(counter, person):
    account = opened(counter, person)
    before = account.password
    assert (
        "一次性密码是" in counter.post(of_person(person, "password"), {"because": "忘了", "seen": "on"}).text
    )
    account.refresh_from_db()
    assert account.password != before
    assert "账号已停用" in said(counter, counter.post(of_person(person, "shut"), {"because": "手机丢了"}))
    account.refresh_from_db()
    assert not account.is_active
    assert (
        "一次性密码是"
        in counter.post(of_person(person, "reopen"), {"because": "手机找到", "seen": "on"}).text
    )
    account.refresh_from_db()
    assert account.is_active
    assert Message.objects.filter(occasion="account_changed").count() == 4


def test_who_has_died_is_let_in_no_more_and_given_no_account(counter, person, client):
    account = opened(counter, person)
    client.force_login(account)
    assert client.get("/account/password/").status_code == 200
    person.death_date = DAY - timedelta(days=3)
    person.save()
    account.refresh_from_db()
    assert not account.is_active
    assert client.get("/account/password/").status_code == 302
    last = AccountAct.objects.order_by("-pk")[0]
    assert (last.act, last.by_id, last.because) == ("shut", None, "登记显示本人已去世")
    page = said(counter, counter.post(of_person(person, "reopen"), {"because": "x", "seen": "on"}))
    assert "去世，不开设账号" in page
    account.refresh_from_db()
    assert not account.is_active


def test_a_firm_names_its_authorised_person_and_is_told_in_its_inbox(counter, employer):
    page = counter.get(reverse("desk:employer_own", args=[employer.pk])).text
    assert "网上办事账号" in page
    given = {"username": "qionghua", "because": "单位申请", "seen": "on", "agent": "王丽"}
    counter.post(of_employer(employer), {key: value for key, value in given.items() if key != "agent"})
    assert not Account.objects.filter(kind="employer").exists()
    assert "一次性密码是" in counter.post(of_employer(employer), given).text
    account = Account.objects.get(kind="employer")
    assert (account.subject_key, account.display_name) == (str(employer.pk), employer.name)
    assert AccountAct.objects.get().because == "已核对营业执照、授权书和经办人王丽的身份证；单位申请"
    assert Message.objects.get(occasion="account_changed").employer_id == employer.pk


def test_an_officer_is_not_the_firms_authorised_person(counter, caseworker, employer):
    given = {"username": "qionghua", "because": "单位申请", "seen": "on", "agent": caseworker.name}
    assert "与您同名，为回避" in said(counter, counter.post(of_employer(employer), given))
    assert not Account.objects.filter(kind="employer").exists()


def test_a_firm_that_is_struck_off_is_given_none(counter, employer):
    employer.closed_on = date(2025, 1, 1)
    employer.save()
    given = {"username": "qionghua", "because": "单位申请", "seen": "on", "agent": "王丽"}
    assert "注销，不开设账号" in said(counter, counter.post(of_employer(employer), given))
    assert not Account.objects.filter(kind="employer").exists()


def test_no_form_of_an_account_loses_what_was_typed(counter, person, employer):
    pages = [
        (counter, reverse("desk:person_own", args=[person.pk])),
        (counter, reverse("desk:employer_own", args=[employer.pk])),
    ]
    found = losses(pages)
    opened(counter, person)
    found |= losses(pages)
    counter.post(of_person(person, "shut"), {"because": "手机丢了"})
    found |= losses(pages)
    mine = {name: lost for name, lost in found.items() if "_account" in name}
    walked(__file__, mine)
    assert set(mine) == {
        "desk:person_account open", "desk:person_account password", "desk:person_account shut",
        "desk:person_account reopen", "desk:employer_account open",
    }  # fmt: skip
