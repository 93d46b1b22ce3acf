"""`any_of` finds what `in` finds, with one parameter."""

from __future__ import annotations

import pytest
from django.db.models import Q

from jiuye.office.staff.models import Account

pytestmark = pytest.mark.django_db
HOSTILE = 'a","b}\'; drop table staff_account; --'


@pytest.fixture
def accounts() -> list[str]:
    names = ["wang", "li", HOSTILE]
    for name in names:
        Account.objects.create(username=name, kind="officer")
    return names


@pytest.mark.parametrize("asked", [[], ["wang"], ["li", HOSTILE], ["nobody", "wang"]])
def test_a_list_of_keys_is_found_whatever_is_written_in_it(accounts, asked):
    ours = Account.objects.filter(username__any_of=asked, username__in=accounts)
    theirs = Account.objects.filter(username__in=asked)
    assert list(ours.order_by("pk")) == list(theirs.order_by("pk"))


def test_all_but_the_list_are_found_where_it_is_turned_round(accounts):
    rest = Account.objects.filter(~Q(username__any_of=["wang", HOSTILE]), username__in=accounts)
    assert [account.username for account in rest.order_by("pk")] == ["li"]


def test_one_word_is_no_list_of_its_letters():
    with pytest.raises(TypeError, match="any_of takes a list of words, not 'wang'"):
        Account.objects.filter(username__any_of="wang")


def test_the_keys_are_one_parameter_however_many_they_are():
    _sql, parameters = Account.objects.filter(
        username__any_of=[f"n{n}" for n in range(200)]
    ).query.sql_with_params()
    assert len(parameters) == 1
