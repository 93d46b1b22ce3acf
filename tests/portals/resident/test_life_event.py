"""The page of a life event: one form, sent once, and an answer that stays when the page is loaded again."""

from __future__ import annotations

from jiuye.office.matters.models import Matter

ADDRESS = "/my/services/events/graduated/"


def test_one_sending_leads_to_one_answer_that_names_each_and_what_is_left(her):
    assert "共同的问题，只问一次" in her.get(ADDRESS).content.decode()
    sent = {
        "item": ["unemployment-registration", "personnel-file-transfer"],
        "graduate-registration.seeking_work": "yes",
        "unemployment-registration.reason": "never_worked",
        "unemployment-registration.able_to_work": "yes",
        "personnel-file-transfer.to_name": "苏州人才市场",
    }
    response = her.post(ADDRESS, sent)
    assert response.status_code == 302
    for _again in range(2):
        text = her.get(response.url).content.decode()
        assert "提交材料：调档函或接收函" in text
        assert "接收单位地址" in text
    assert dict(Matter.objects.order_by("pk").values_list("item_id", "state")) == {
        "unemployment-registration": "submitted",
        "personnel-file-transfer": "draft",
    }


def test_sent_with_nothing_ticked_the_form_comes_back_with_what_was_typed(her):
    response = her.post(ADDRESS, {"graduate-registration.seeking_work": "yes"})
    assert response.status_code == 422
    assert "一项也没有选" in response.content.decode()
    assert not Matter.objects.exists()


def test_fields_are_drawn_again_only_where_something_else_is_asked(her):
    htmx = {"HTTP_HX_REQUEST": "true"}
    first = her.post(f"{ADDRESS}fields/", {"item": "unemployment-registration"}, **htmx)
    assert first.status_code == 200
    shown = first.context["shown"]
    again = {
        "item": "unemployment-registration",
        "shown": shown,
        "unemployment-registration.able_to_work": "yes",
    }
    assert her.post(f"{ADDRESS}fields/", again, **htmx).status_code == 204


def test_an_event_of_employers_is_not_there_for_a_resident(her):
    assert her.get("/my/services/events/second_child/").status_code == 404
