"""Long lists in slices: every row once, in order, whatever comes and goes meanwhile."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime

import pytest
from django.db.models import F, QuerySet

from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.slices import Slice, UnstableOrderError, slice_of

pytestmark = pytest.mark.django_db
NOON = datetime(2025, 6, 9, 12, 0, tzinfo=UTC)


def account(number: int, **more: object) -> Account:
    return Account.objects.create(
        username=f"a{number:03}", kind="officer", display_name=f"名{number % 3}", **more
    )


def walked(found: QuerySet, size: int = 4) -> list[list[int]]:
    """Every slice from the first to the last, then held to the same slices walked backwards."""
    slices = [slice_of(found, size=size)]
    while slices[-1].after:
        slices.append(slice_of(found, size=size, after=slices[-1].after))
        assert len(slices) < 50
    back, here = [slices[-1]], slices[-1]
    while here.before:
        here = slice_of(found, size=size, before=here.before)
        back.append(here)
        assert len(back) < 50
    assert [row.pk for part in reversed(back) for row in part.rows] == [
        row.pk for part in slices for row in part.rows
    ]
    return [[row.pk for row in part.rows] for part in slices]


@pytest.mark.parametrize(
    "order",
    [
        ("pk",),
        ("-pk",),
        ("display_name", "-pk"),
        ("-display_name", "pk"),
        ("last_login", "pk"),  # PostgreSQL puts those who never logged in last
        ("-last_login", "pk"),  # and here first
        (F("last_login").asc(nulls_last=True), "pk"),
        (F("last_login").desc(nulls_last=True), "-pk"),
        (F("last_login").asc(nulls_first=True), "pk"),
        ("display_name", F("last_login").desc(nulls_last=True), "-username", "pk"),
    ],
)
def test_every_row_is_shown_once_and_in_order_forwards_and_back(order):
    for number in range(14):
        account(number, last_login=NOON.replace(minute=number % 4) if number % 3 else None)
    found = Account.objects.order_by(*order)
    assert [pk for part in walked(found) for pk in part] == list(found.values_list("pk", flat=True))


def test_a_row_that_comes_or_goes_meanwhile_neither_repeats_nor_hides_another():
    rows = [account(number) for number in range(0, 20, 2)]
    found = Account.objects.order_by("username", "pk")
    first = slice_of(found, size=4)
    account(1)  # before the key: an offset would show the last row of the first slice again
    rows[2].delete()
    second = slice_of(found, size=4, after=first.after)
    assert [row.username for row in second.rows] == ["a008", "a010", "a012", "a014"]


def test_a_row_that_left_the_list_still_says_where_we_were():
    rows = [account(number) for number in range(8)]
    found = Account.objects.filter(is_active=True).order_by("username", "pk")
    first = slice_of(found, size=4)
    Account.objects.filter(pk=rows[3].pk).update(is_active=False)  # the last one shown
    assert [row.username for row in slice_of(found, size=4, after=first.after).rows] == [
        "a004",
        "a005",
        "a006",
        "a007",
    ]


def test_where_everything_behind_the_key_is_gone_the_list_begins_anew():
    for number in range(6):
        account(number)
    found = Account.objects.order_by("username", "pk")
    first = slice_of(found, size=4)
    Account.objects.filter(username__gte="a004").delete()
    assert slice_of(found, size=4, after=first.after) == Slice(first.rows)


def test_names_are_not_written_into_addresses():
    for number in range(6):
        account(number)
    key = slice_of(Account.objects.order_by("display_name", "username", "pk"), size=4).after
    written = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
    assert written[:2] == ["w", "w"]


def key_of(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "key",
    [
        "x",
        "名",
        "=" * 20,
        "A" * 5000,
        key_of(),
        key_of(1),
        key_of("2025-01-01", 1),
        key_of({"d": "2025-01-01"}, 1),  # a day, where the list is ordered by moments
        key_of({"t": "yesterday"}, 1),
        key_of({"t": "2025-01-01T00:00:00+00:00", "d": "2025-01-01"}, 1),
        key_of({"": "2025-01-01"}, 1),
        key_of({"t": 5}, 1),
        key_of(5, 1),
        key_of("w", 1),
        key_of(None, None),
        key_of(None, 1 << 70),
        key_of(None, True),
        key_of(None, 1.5),
        key_of([], {}),
    ],
)
def test_a_key_that_no_slice_wrote_leads_to_the_beginning(key):
    for number in range(6):
        account(number)
    found = Account.objects.order_by("last_login", "pk")
    assert slice_of(found, size=4, after=key) == slice_of(found, size=4)
    assert slice_of(found, size=4, before=key) == slice_of(found, size=4)


def test_a_list_without_a_unique_tail_is_not_sliced():
    for found in (
        Account.objects.order_by("username"),
        Account.objects.order_by(),
        Account.objects.order_by("?"),
    ):
        with pytest.raises(UnstableOrderError):
            slice_of(found, size=4)


def test_days_lead_on_as_days():
    for number, (start, until) in enumerate([(1, None), (1, 20), (2, 9), (3, None), (3, 20), (4, 9)]):
        Post.objects.create(
            account=account(number),
            role="auditor",
            division_code="3210",
            start=date(2025, 1, start),
            until=date(2025, 1, until) if until else None,
        )
    assert [len(part) for part in walked(Post.objects.order_by("-start", "pk"), size=2)] == [2, 2, 2]
    assert [len(part) for part in walked(Post.objects.order_by("until", "-pk"), size=4)] == [4, 2]
