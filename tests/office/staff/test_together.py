"""Several small lists in one query: the same rows, in the same order, of the same kinds, as each list alone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db.models import Model

from jiuye.office.entitlements.models import Entitlement
from jiuye.office.registry.models import Division, Employer, RegisterRecord
from jiuye.office.registry.secrets import SealedField
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


def test_a_sealed_column_that_a_list_names_comes_as_the_text_that_was_sealed():
    where = Division.objects.create(code="3210", name="扬州市", name_en="Yangzhou", kind="city")
    for name, account in (("扬州公益服务中心", "6222 0000"), ("扬州宏远", "")):
        Employer.objects.create(
            credit_code=name,
            name=name,
            kind="enterprise",
            bank_account=account,
            division=where,
            source="测试登记",
        )
    found = together({"employers": Employer.objects.only("name", "bank_account").order_by("pk")})
    assert [row.bank_account for row in found["employers"]] == ["6222 0000", ""]


def test_a_sealed_column_goes_through_the_question_as_it_is_sealed_and_only_for_the_list_that_names_it(
    django_assert_num_queries, monkeypatch
):
    where = Division.objects.create(code="3210", name="扬州市", name_en="Yangzhou", kind="city")
    Employer.objects.create(
        credit_code="91321000",
        name="扬州宏远",
        kind="enterprise",
        bank_account="6222 0000",
        division=where,
        source="测试登记",
    )
    opened, open_one = [], SealedField.from_db_value
    monkeypatch.setattr(
        SealedField,
        "from_db_value",
        lambda field, value, *others: opened.append(bytes(value)) or open_one(field, value, *others),
    )
    with django_assert_num_queries(1):
        found = together(
            {
                "told": Employer.objects.only("name", "bank_account").order_by("pk"),
                "quiet": Employer.objects.defer("bank_account").order_by("pk"),
            }
        )
    (sealed,) = opened  # once, for the list that names it, and from what is stored
    assert b"6222 0000" not in sealed
    assert found["told"][0].bank_account == "6222 0000"
    assert "bank_account" in found["quiet"][0].get_deferred_fields()
    with django_assert_num_queries(0), pytest.raises(UnreadableColumnError, match="bank_account"):
        together({"others": Employer.objects.defer("name").order_by("pk")})


@pytest.mark.parametrize("model", [RegisterRecord, Entitlement])
def test_what_pages_read_together_can_be_read_so(model):
    assert together({"rows": model.objects.order_by("pk")}) == {"rows": []}
