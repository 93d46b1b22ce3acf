"""A question that is asked at every visit is written down in SQL once, and answered anew each time."""

from __future__ import annotations

import pytest
from django.core.exceptions import EmptyResultSet
from django.db.models import Count, F, Q

from jiuye.office.staff import asked_again
from jiuye.office.staff.asked_again import QuestionAskedToWriteError, rows_of
from jiuye.office.staff.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(asked_again, "_kept", type(asked_again._kept)())


def account(name: str, kind: str = "officer") -> Account:
    return Account.objects.create(username=name, display_name=name, kind=kind)


def by_kind(start: str = ""):
    found = Account.objects.filter(username__startswith=start).values("kind")
    return found.annotate(number=Count("*")).order_by("kind").values_list("kind", "number")


class Written:
    """A question that counts how often it was written down."""

    def __init__(self, start: str = "") -> None:
        self.start, self.times = start, 0

    def __call__(self):
        self.times += 1
        return by_kind(self.start)


def test_the_text_is_kept_and_the_answer_is_not() -> None:
    question = Written()
    account("甲")
    assert rows_of("kinds", (), (), question) == [("officer", 1)]
    account("乙")
    assert rows_of("kinds", (), (), question) == [("officer", 2)]
    assert question.times == 1


def test_another_actor_or_day_is_another_question() -> None:
    account("甲一")
    account("乙一")
    account("乙二")
    assert rows_of("kinds", "甲", (), Written("甲")) == [("officer", 1)]
    assert rows_of("kinds", "乙", (), Written("乙")) == [("officer", 2)]
    assert rows_of("kinds", "甲", (), Written("甲")) == [("officer", 1)]


def test_what_was_read_from_content_that_is_no_longer_the_same_is_written_anew() -> None:
    question, content = Written(), {"steps": 2}
    rows_of("kinds", (), (content,), question)
    rows_of("kinds", (), (content,), question)
    assert question.times == 1
    rows_of("kinds", (), (dict(content),), question)  # read again from its file: equal, and yet another
    assert question.times == 2


def test_a_question_that_nothing_can_answer_has_no_rows() -> None:
    with pytest.raises(EmptyResultSet):
        Account.objects.filter(pk__in=[]).query.get_compiler("default").as_sql()
    for _ in range(2):
        assert rows_of("none", (), (), lambda: Account.objects.filter(pk__in=[]).values_list("pk")) == []


def test_a_question_that_asks_the_database_while_it_is_written_is_refused() -> None:
    def asks():
        first = Account.objects.order_by("pk").first()  # what it learns would be kept, and grow old
        return Account.objects.filter(pk=first.pk if first else 0).order_by("pk").values_list("pk")

    with pytest.raises(QuestionAskedToWriteError, match="is made of what it is handed"):
        rows_of("asks", (), (), asks)


def test_the_question_not_asked_for_longest_goes_first(monkeypatch) -> None:
    monkeypatch.setattr(asked_again, "MOST_KEPT", 2)
    first, second, third = Written(), Written(), Written()
    for key, question in (
        ("一", first),
        ("二", second),
        ("一", first),
        ("三", third),
        ("一", first),
        ("二", second),
    ):
        rows_of("kinds", key, (), question)
    assert (first.times, second.times, third.times) == (1, 2, 1)


def test_percent_signs_and_values_go_through_as_they_are() -> None:
    account("百分之%s")
    rows = Account.objects.filter(Q(username__contains="%s") | Q(username=F("kind"))).order_by("pk")
    assert rows_of("percent", (), (), lambda: rows.values_list("username")) == [("百分之%s",)]
