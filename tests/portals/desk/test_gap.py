"""The desk's pages of the gap: numbers that open, lists that mask, proofs, a workbook; leaders see numbers only."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pytest

from jiuye.office.entitlements.models import Prospect
from tests.office.casework.conftest import DAY, make_entitlement, make_officer

POLICY = "unemployment-benefit"


@pytest.fixture
def found(person):
    """One resident entitled to the benefit and not drawing it; it ends in twelve days."""
    entitlement = make_entitlement(person, policy_id=POLICY, amount_fen=231_000)
    prospect = Prospect.objects.create(
        policy_id=POLICY, subject_kind="person", subject_key=str(person.pk), recipient_kind="person", person=person,
        division_code=person.residence_division_id, kind="ending", day=DAY + timedelta(days=12), clause="months-left",
        amount_fen=231_000, rule_version="0123456789ab", decided_on=DAY,
    )  # fmt: skip
    return entitlement, prospect


def text_of(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_each_number_of_the_overview_opens_to_its_list(desk_of, caseworker, found):
    client = desk_of(caseworker)
    page = text_of(client, "/desk/gap/")
    assert "2,310.00" in page
    for group in ("unclaimed", "ending"):
        assert f'href="/desk/gap/{POLICY}/{group}/"' in page
    assert f"/desk/gap/{POLICY}/unknown/" not in page, "nobody is behind it"


def test_a_list_masks_names_and_opens_to_the_proof_and_the_persons_page(desk_of, caseworker, found, person):
    entitlement, prospect = found
    client = desk_of(caseworker)
    page = text_of(client, f"/desk/gap/{POLICY}/unclaimed/")
    assert "张**" in page
    assert "张秀兰" not in page
    assert f'href="/desk/found/{entitlement.pk}/"' in page
    assert f'href="/desk/people/{person.pk}/"' in page
    ending = text_of(client, f"/desk/gap/{POLICY}/ending/")
    assert f'href="/desk/gap/prospects/{prospect.pk}/"' in ending
    assert "领取的月数还没有满" in ending


def test_a_prospect_says_the_day_and_what_turns(desk_of, caseworker, found):
    page = text_of(desk_of(caseworker), f"/desk/gap/prospects/{found[1].pk}/")
    assert "从 2025年6月21日 起不再符合" in page
    assert "领取的月数还没有满" in page
    assert "张秀兰" not in page


def test_a_list_is_filtered_by_street(desk_of, caseworker, found):
    client = desk_of(caseworker)
    assert "张**" in text_of(client, f"/desk/gap/{POLICY}/unclaimed/?division=321002001")
    assert "这一组没有人" in text_of(client, f"/desk/gap/{POLICY}/unclaimed/?division=321002999")


def test_the_workbook_holds_the_same_rows_masked(desk_of, caseworker, found):
    response = desk_of(caseworker).get(f"/desk/gap/{POLICY}/unclaimed/download/")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{POLICY}-unclaimed-{DAY}.xlsx"'
    assert response.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "张**" in sheet
    assert "张秀兰" not in sheet
    assert "<v>2310</v>" in sheet


def test_what_is_outside_the_scope_or_is_no_group_is_not_found(desk_of, caseworker, found, divisions):
    other = desk_of(make_officer("邗江经办", "caseworker", "321003"))
    assert other.get(f"/desk/gap/prospects/{found[1].pk}/").status_code == 404
    assert "这一组没有人" in text_of(other, f"/desk/gap/{POLICY}/unclaimed/")
    assert desk_of(caseworker).get(f"/desk/gap/{POLICY}/rich/").status_code == 404


def test_a_leader_sees_numbers_on_the_board_and_no_list(desk_of, found, divisions):
    client = desk_of(make_officer("县长", "leader", "321002"))
    page = text_of(client, "/board/gap/")
    assert "2,310.00" in page
    assert "/desk/gap/" not in page
    assert client.get("/desk/gap/").status_code == 403
    assert client.get(f"/desk/gap/{POLICY}/unclaimed/").status_code == 403


def test_the_pages_are_whole_in_english(desk_of, caseworker, found):
    client = desk_of(caseworker)
    client.cookies["django_language"] = "en"
    page = text_of(client, f"/desk/gap/{POLICY}/ending/")
    assert "About to end" in page
    assert "Names are masked" in page
