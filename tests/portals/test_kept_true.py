"""What the database refuses is said with its own sentence; only where two people met is it said that they did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.staff.models import Account, FailedLogIn, Post
from jiuye.portals.common.kept_true import sentence_of

pytestmark = pytest.mark.django_db
DAY = date(2025, 6, 10)


@pytest.fixture
def account() -> Account:
    return Account.objects.create_account(username="li", display_name="李经办", password=None, kind="officer")


def refused(act: Callable[[], object]) -> IntegrityError:
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        act()
    return caught.value


def post(account: Account, **changes: object) -> Post:
    values = {"role": "caseworker", "division_code": "321002", "start": DAY, "until": None, **changes}
    return Post.objects.create(account=account, **values)


def test_a_constraint_is_said_with_the_sentence_that_stands_beside_it(account):
    assert sentence_of(refused(lambda: post(account, until=DAY))) == "岗位的结束日期必须晚于开始日期。"


def test_a_trigger_is_said_with_its_own_sentence(account):
    held = post(account)
    error = refused(lambda: Post.objects.filter(pk=held.pk).update(role="reviewer"))
    assert sentence_of(error) == "已派的岗位只能确认、缩短或者结束；要改别的，请结束后另派。"


def test_of_two_who_write_the_same_it_is_not_said_that_a_rule_was_broken(account):
    post(account)
    assert sentence_of(refused(lambda: post(account))) is None


def test_what_nothing_has_words_for_stays_a_mistake_of_ours():
    error = refused(lambda: FailedLogIn.objects.create(username="li", address="192.0.2.7", at=None))
    with pytest.raises(IntegrityError):
        sentence_of(error)
