"""A doubt about a payment, from the desk to what came of it."""

from __future__ import annotations

import pytest
from django.urls import reverse

from jiuye.engine.basis.money import yuan_text
from tests.portals.counting import client_of
from tests.portals.small_city import doubt_about_what_was_paid

pytestmark = pytest.mark.django_db


def text_of(client, url: str) -> str:
    return client.get(url).content.decode()


def test_who_had_no_hand_in_it_is_led_from_the_desk_to_the_case_and_says_why_it_was_owed(taken_back):
    doubt = doubt_about_what_was_paid()
    client, case = client_of("approver3"), reverse("desk:case", args=[doubt.case_id])
    assert "发放疑点（1）" in text_of(client, reverse("desk:home"))
    listed = text_of(client, reverse("desk:doubts"))
    assert f"{case}#doubts" in listed
    assert f"共 1 个疑点，可能多付 {yuan_text(doubt.over_fen)} 元" in listed
    assert "为什么仍应发放" in text_of(client, case)
    answer = client.post(reverse("desk:doubt", args=[doubt.pk]), {"resolution": "社保中心来函：漏报，已补报"})
    assert answer.url == case
    assert "发放疑点（" not in text_of(client, reverse("desk:home"))
    assert "没有等待核实的疑点" in text_of(client, reverse("desk:doubts"))
    settled = text_of(client, f"{reverse('desk:doubts')}?view=settled")
    assert "经核实应当发放" in settled
    assert "社保中心来函：漏报，已补报" in settled


def test_whoever_granted_it_reads_who_settles_it_instead(taken_back):
    doubt = doubt_about_what_was_paid()
    page = text_of(client_of("reviewer"), reverse("desk:case", args=[doubt.case_id]))
    assert "是否仍应发放不能由您认定。" in page
    assert "为什么仍应发放" not in page


def test_a_doubt_that_is_not_there_is_not_found(taken_back):
    url = reverse("desk:doubt", args=[doubt_about_what_was_paid().pk + 1])
    assert client_of("approver3").post(url, {"resolution": "核实过"}).status_code == 404
