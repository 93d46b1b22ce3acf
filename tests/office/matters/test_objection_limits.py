"""The public page takes so many objections of one client address on a day, and says what to do instead; the address itself is not kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test import Client

from jiuye.office.casework import limiting
from jiuye.office.casework.limiting import TooManyFromAddressError, forget_addresses
from jiuye.office.casework.models import ObjectionFromAddress
from jiuye.office.casework.objections import NotPublicisedError
from jiuye.office.matters import operations
from jiuye.office.matters.models import MatterObjection
from jiuye.office.staff.access import access
from tests.office.matters.conftest import at
from tests.office.matters.test_objections import SECOND, shown  # noqa: F401 (a fixture by name)

HERE = "203.0.113.7"


def post(matter, text: str, *, address: str = HERE, on: date = SECOND) -> MatterObjection:
    return operations.object_in_public(
        matter_id=matter.pk,
        raised_by_name="",
        contact="",
        text=text,
        address=address,
        on=on,
        at=at(on),
    )


def test_one_address_objects_three_times_to_one_notice_a_day_and_another_address_still_may(shown):  # noqa: F811
    most = access().objections_of_address_on_notice
    assert most == 3
    for number in range(most):
        post(shown, f"第{number}条")
    with pytest.raises(TooManyFromAddressError, match="12333"):
        post(shown, "再一条")
    post(shown, "别人的一条", address="203.0.113.8")
    post(shown, "明天的一条", on=date(2024, 6, 13))
    assert MatterObjection.objects.count() == most + 2


def test_one_address_is_counted_over_all_notices_too(shown, monkeypatch):  # noqa: F811
    rules = replace(access(), objections_of_address=2)
    monkeypatch.setattr(limiting, "access", lambda: rules)
    for number in range(2):
        ObjectionFromAddress.objects.create(
            digest=limiting.blind_index(f"{SECOND.isoformat()} {HERE}"),
            notice=f"另一条-{number}",
            on_date=SECOND,
        )
    with pytest.raises(TooManyFromAddressError):
        post(shown, "第三条")
    assert not MatterObjection.objects.exists()


def test_the_address_is_kept_as_a_keyed_digest_of_its_day_and_erased_after_it(shown):  # noqa: F811
    post(shown, "今天")
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM casework_objectionfromaddress t")
        assert HERE not in cursor.fetchone()[0]
    first = bytes(ObjectionFromAddress.objects.get().digest)
    post(shown, "第二天", on=date(2024, 6, 13))
    (left,) = ObjectionFromAddress.objects.all()
    assert left.on_date == date(2024, 6, 13)
    assert bytes(left.digest) != first
    assert forget_addresses(on=date(2024, 6, 14)) == 1
    assert not ObjectionFromAddress.objects.exists()


def test_the_page_says_what_to_do_instead_and_keeps_what_was_typed(shown, settings):  # noqa: F811
    settings.OFFICE_DATE = SECOND.isoformat()
    client = Client(REMOTE_ADDR=HERE)
    address = f"/notice/{shown.number}/object/"
    for number in range(3):
        assert client.post(address, {"text": f"第{number}条"}).status_code == 302
    answer = client.post(address, {"text": "她在开小店，每天早上七点开门", "contact": "13900000000"})
    assert answer.status_code == 429
    assert "12333" in answer.text
    assert "就业服务窗口" in answer.text
    assert "她在开小店，每天早上七点开门</textarea>" in answer.text
    assert 'value="13900000000"' in answer.text
    other = Client(REMOTE_ADDR="203.0.113.8")
    assert other.post(address, {"text": "她在开小店，每天早上七点开门"}).status_code == 302


def test_a_refusal_that_is_no_limit_is_an_error_of_the_form(shown, settings, monkeypatch):  # noqa: F811
    """429 says "later"; what is wrong with the words, or with the notice, does not pass by waiting."""
    settings.OFFICE_DATE = SECOND.isoformat()
    client, address = Client(REMOTE_ADDR=HERE), f"/notice/{shown.number}/object/"
    long = client.post(address, {"text": "她在开小店" * 500})
    assert (long.status_code, "现在多了 500 字" in long.text) == (422, True)
    assert client.post(address, {"text": ""}).status_code == 422

    def over(**named):
        raise NotPublicisedError("办结")

    monkeypatch.setattr("jiuye.portals.common.views.notice.matters.object_in_public", over)
    late = client.post(address, {"text": "她在开小店"})
    assert (late.status_code, "不在公示期内" in late.text, "她在开小店</textarea>" in late.text) == (
        422,
        True,
        True,
    )


def test_a_notice_with_as_many_open_objections_as_it_takes_says_later(shown, settings, monkeypatch):  # noqa: F811
    settings.OFFICE_DATE = SECOND.isoformat()
    monkeypatch.setattr(limiting, "access", lambda: replace(access(), open_objections_of_notice=0))
    answer = Client(REMOTE_ADDR=HERE).post(f"/notice/{shown.number}/object/", {"text": "她在开小店"})
    assert answer.status_code == 429
    assert "她在开小店</textarea>" in answer.text
