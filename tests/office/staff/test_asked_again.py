"""A question that is asked at every visit is written down in SQL once, and answered anew each time."""

from __future__ import annotations

from datetime import date
from threading import Thread

import pytest
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Q

from jiuye.office.staff import asked_again
from jiuye.office.staff.asked_again import BlankLostError, QuestionAskedToWriteError, rows_of
from jiuye.office.staff.models import Account, Post

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


def test_a_question_about_another_number_is_the_same_text() -> None:
    question = Written()
    first, second = account("甲"), account("乙")

    def named(pk):
        question.times += 1
        return Account.objects.filter(pk=pk).exclude(pk__lt=pk).order_by("pk")

    for one in (first, second, first):
        (found,) = rows_of("one", (), (), named, about=(one.pk,))
        assert (type(found), found.pk, found.username) == (Account, one.pk, one.username)
    assert rows_of("one", (), (), named, about=(0,)) == []
    assert question.times == 1


def test_two_numbers_go_where_each_was() -> None:
    first, second = account("甲"), account("乙")

    def either(one, other):
        return Account.objects.filter(Q(pk=other, kind="officer") | Q(pk=one)).exclude(pk=one).order_by("pk")

    for pair in ((first.pk, second.pk), (second.pk, first.pk)):
        assert [row.pk for row in rows_of("two", (), (), either, about=pair)] == [pair[1]]


def test_a_number_that_was_worked_into_something_else_is_refused() -> None:
    with pytest.raises(BlankLostError, match="not among its values"):
        rows_of("lost", (), (), lambda pk: Account.objects.filter(pk=pk + 1).order_by("pk"), about=(1,))


def test_rows_with_what_belongs_to_them_come_as_their_query_set_brings_them() -> None:
    one = account("甲")
    for role in ("station", "caseworker"):
        Post.objects.create(account=one, role=role, division_code="321002", start=date(2024, 2, 29))

    def posts(pk):
        found = (
            Post.objects.filter(account_id=pk)
            .select_related("account")
            .annotate(named=F("account__username"))
        )
        return found.order_by("role")

    for _ in range(2):
        found = rows_of("posts", (), (), posts, about=(one.pk,))
        assert [(row.role, row.named, row.account, row.start) for row in found] == [
            ("caseworker", "甲", one, date(2024, 2, 29)),
            ("station", "甲", one, date(2024, 2, 29)),
        ]


def test_each_thread_asks_through_its_own_connection() -> None:
    one = account("甲")

    def named(pk):
        return Account.objects.filter(pk=pk).order_by("pk")

    rows_of("thread", (), (), named, about=(one.pk,))
    seen: list[list[Account]] = []

    def elsewhere() -> None:
        try:
            seen.append(rows_of("thread", (), (), named, about=(one.pk,)))
        finally:
            connection.close()

    thread = Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert seen == [[]]  # our transaction has not ended, so that another connection finds nobody


def test_words_and_days_differ_from_one_time_to_the_next_as_numbers_do() -> None:
    one, other = account("甲"), account("乙")
    for each, role in ((one, "station"), (other, "caseworker")):
        Post.objects.create(account=each, role=role, division_code="321002", start=date(2024, 2, 29))
    question = Written()

    def posts(role, day, key):
        question.times += 1
        return Post.objects.filter(role=role, start__lte=day).exclude(account_id=key).order_by("pk")

    leap, before = date(2024, 2, 29), date(2024, 2, 28)
    asked = [("station", leap, 0), ("caseworker", leap, 0), ("station", before, 0), ("station", leap, one.pk)]
    found = [[row.role for row in rows_of("posts", (), (), posts, about=about)] for about in asked]
    assert found == [["station"], ["caseworker"], [], []]
    assert question.times == 1


def test_a_word_that_was_worked_into_a_longer_one_is_refused() -> None:
    with pytest.raises(BlankLostError):
        rows_of(
            "begins", (), (), lambda start: Account.objects.filter(username__startswith=start), about=("甲",)
        )
