"""Several small lists in one query: the same rows, in the same order, of the same kinds, as each list alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db.models import Model

from jiuye.office.entitlements.models import Entitlement
from jiuye.office.registry.models import Division, Employer, RegisterRecord
from jiuye.office.staff.models import Account, Post
from jiuye.office.staff.together import UnreadableColumnError, together

pytestmark = pytest.mark.django_db
NOON = datetime(2025, 6, 9, 12, 30, 1, 250, tzinfo=UTC)


def columns(row: Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def officers():
    for number in range(12):
        account = Account.objects.create(
            username=f"a{number:02}",
            kind="officer",
            display_name=f"名“{number % 4}”",
            last_login=NOON if number % 2 else None,
        )
        Post.objects.create(
            account=account, role="caseworker", division_code="321002", start=date(2024, 2, 29), until=None
        )


def test_rows_come_as_each_list_alone_would_bring_them(officers, django_assert_num_queries):
    lists = {
        "named": Account.objects.order_by("-display_name", "pk"),
        "posts": Post.objects.order_by("-pk")[:5],
        "nobody": Account.objects.filter(username="nobody").order_by("pk"),
        "places": Division.objects.filter(code__in=[]).order_by("code"),
    }
    with django_assert_num_queries(1):
        found = together(lists)
    assert {name: [columns(row) for row in rows] for name, rows in found.items()} == {
        name: [columns(row) for row in rows] for name, rows in lists.items()
    }
    assert len(found["named"]) == 12
    assert found["nobody"] == found["places"] == []


def test_columns_that_a_list_leaves_out_are_read_when_they_are_asked_for(officers, django_assert_num_queries):
    (first, *_) = together({"named": Account.objects.only("username").order_by("username")})["named"]
    with django_assert_num_queries(0):
        assert first.username == "a00"
    with django_assert_num_queries(1):
        assert first.display_name == "名“0”"


def test_nothing_is_asked_where_no_list_can_have_rows(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert together({"nobody": Post.objects.filter(pk__in=[])}) == {"nobody": []}


def test_a_sealed_column_is_refused_before_anything_is_asked(django_assert_num_queries):
    with django_assert_num_queries(0), pytest.raises(UnreadableColumnError, match=r"Employer\.bank_account"):
        together({"employers": Employer.objects.order_by("pk")})


@pytest.mark.parametrize("model", [RegisterRecord, Entitlement])
def test_what_pages_read_together_can_be_read_so(model):
    assert together({"rows": model.objects.order_by("pk")}) == {"rows": []}
