"""The pages of posts: the administrator's, and one's own."""

from __future__ import annotations

from datetime import date

import pytest

from jiuye.office.staff.models import Account, Post
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


def test_what_is_wrong_is_said_where_it_was_typed(client_of):
    client = client_of("administrator")
    answer = client.post("/desk/staff/give/", {"username": "x", "role": "caseworker", "division_code": "32"})
    assert answer.status_code == 422
    mine = {"username": "administrator", "role": "leader", "division_code": "3210", "start": "2025-06-10"}
    assert "不能给自己派岗位" in client.post("/desk/staff/give/", mine, follow=True).text


def test_whoever_holds_a_post_hands_it_on_from_their_own_page(client_of, account_of):
    client = client_of("reviewer")
    account_of("leader")
    post = Post.objects.get(account__username="reviewer")
    hand_on = {"post": post.pk, "username": "leader", "start": "2025-06-10", "until": "2025-06-20"}
    assert "到期自动收回" in client.post("/account/posts/hand-on/", hand_on, follow=True).text
    assert Post.objects.get(account__username="leader", role="reviewer").delegated_from == post
