"""The pages of posts: the administrator's, and one's own."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.operations import place_in_post
from tests.office.places import make_divisions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _places(settings):
    settings.OFFICE_DATE = "2025-06-10"
    make_divisions()


def test_the_administrator_gives_ends_and_lists_posts(client_of):
    client = client_of("administrator")
    Account.objects.create_account(username="new", display_name="新同事", password="x", kind="officer")
    given = {"username": "new", "role": "caseworker", "division_code": "321002", "start": "2025-06-10"}
    page = client.post("/desk/staff/give/", given, follow=True).text
    assert "岗位已派给" in page
    assert "新同事" in page
    assert "广陵区" in page
    post = Post.objects.get(account__username="new")
    assert (
        "岗位已结束"
        in client.post("/desk/staff/end/", {"post": post.pk, "until": "2025-07-01"}, follow=True).text
    )
    post.refresh_from_db()
    assert post.until == date(2025, 7, 1)


def test_a_post_of_weight_waits_on_the_page_for_a_second_administrator_and_its_history_is_shown(
    client_of, account_of
):
    client = client_of("administrator")
    Account.objects.create_account(username="new", display_name="新同事", password="x", kind="officer")
    given = {"username": "new", "role": "approver", "division_code": "321002", "start": "2025-06-10"}
    page = client.post("/desk/staff/give/", given, follow=True).text
    assert "还没有生效" in page
    assert "jiuye accounts confirm new" in page
    post = Post.objects.get(account__username="new")
    other = Account.objects.create_account(
        username="second", display_name="第二管理员", password="x", kind="officer"
    )
    Post.objects.create(account=other, role="administrator", division_code="3210", start=date(2025, 1, 1))
    second = Client()
    second.force_login(other)
    assert "第二管理员" in client.get("/desk/staff/").text
    assert "核实后确认" not in client.get("/desk/staff/").text
    assert (
        "不能由您确认" in client.post(f"/desk/staff/confirm/{post.pk}/", {"act": "confirm"}, follow=True).text
    )
    assert "核实后确认" in second.get("/desk/staff/").text
    done = second.post(f"/desk/staff/confirm/{post.pk}/", {"act": "confirm"}, follow=True).text
    assert "岗位已确认" in done
    assert "第二管理员" in done
    end = {"post": post.pk, "until": "2025-06-11"}
    client.post("/desk/staff/end/", end)
    assert "办理结束" in client.get("/desk/staff/").text


def test_what_is_wrong_is_said_where_it_was_typed(client_of):
    client = client_of("administrator")
    answer = client.post("/desk/staff/give/", {"username": "x", "role": "caseworker", "division_code": "32"})
    assert answer.status_code == 422
    mine = {"username": "administrator", "role": "leader", "division_code": "3210", "start": "2025-06-10"}
    assert client.post("/desk/staff/give/", mine).status_code == 422


def test_a_transfer_that_is_entered_a_week_late_begins_today_and_the_form_says_so(client_of):
    client = client_of("administrator")
    Account.objects.create_account(username="new", display_name="新同事", password="x", kind="officer")
    given = {"username": "new", "role": "caseworker", "division_code": "321002", "start": "2025-06-03"}
    answer = client.post("/desk/staff/give/", given)
    assert answer.status_code == 422
    assert "实际到岗的日期以任免文件为准" in answer.text
    assert 'value="2025-06-03"' in answer.text  # what was typed stays
    assert "岗位已派给" in client.post("/desk/staff/give/", given | {"start": "2025-06-10"}, follow=True).text


def test_whoever_holds_a_post_hands_it_on_from_their_own_page(client_of, account_of):
    client = client_of("reviewer")
    account_of("leader")
    post = Post.objects.get(account__username="reviewer")
    hand_on = {"post": post.pk, "username": "leader", "start": "2025-06-10", "until": "2025-06-20"}
    assert "到期自动收回" in client.post("/account/posts/hand-on/", hand_on, follow=True).text
    assert Post.objects.get(account__username="leader", role="reviewer").delegated_from == post


def test_posts_are_given_ended_and_handed_on_by_names_and_not_by_numbers(client_of, account_of):
    client = client_of("administrator")
    colleague = account_of("reviewer")
    colleague.display_name = "陈晓"
    colleague.save()
    page = client.get("/desk/staff/").text
    assert '<option value="321002001">东关街道</option>' in page
    assert '<option value="321002001001">东关街道 琼花观社区</option>' in page
    assert '<optgroup label="邗江区">' in page
    assert "陈晓 · reviewer" in page
    assert "陈晓 · 审核人员 · 扬州市" in page
    assert "administrator</option>" not in page  # nobody gives himself a post


def test_an_administrator_of_one_county_is_offered_the_places_of_that_county(client_of):
    client = client_of("administrator")
    (post,) = Post.objects.filter(account__username="administrator")
    Post.objects.filter(pk=post.pk).update(void=True)
    Post.objects.create(account_id=post.account_id, role=post.role, division_code="321003", start=post.start)
    page = client.get("/desk/staff/").text
    assert "兰庄社区" in page
    assert "琼花观社区" not in page
    elsewhere = {
        "username": "administrator",
        "role": "leader",
        "division_code": "321002",
        "start": "2025-06-10",
    }
    assert client.post("/desk/staff/give/", elsewhere).status_code == 422


def test_a_waiting_post_is_told_to_the_administrator_who_may_confirm_it_and_is_shown_as_not_in_force(
    client_of, account_of
):
    first = client_of("administrator")
    second = Account.objects.create_account(
        username="second", display_name="乙", password="x", kind="officer"
    )
    place_in_post(
        account=second, role="administrator", division_code="3210", start=date(2023, 1, 1), until=None
    )
    other = Client()
    other.force_login(second)
    assert "等您核实后确认" not in other.get("/desk/").text
    given = {"username": "leader", "role": "auditor", "division_code": "321002", "start": "2025-06-10"}
    account = account_of("leader")
    assert "还没有生效" in first.post("/desk/staff/give/", given, follow=True).text
    assert "1 个岗位等您核实后确认" in other.get("/desk/").text
    assert "等您核实后确认" not in first.get("/desk/").text
    for page in ("/desk/staff/accounts/", f"/desk/staff/accounts/{account.pk}/"):
        assert "审计人员（待确认，没有生效）" in other.get(page).text
