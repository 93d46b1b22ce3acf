"""The desk's pages of the gap: numbers that open, lists that mask, proofs, a workbook; leaders see numbers only."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

import pytest

from jiuye.office.entitlements.models import Prospect
from jiuye.office.registry.models import Person
from jiuye.office.staff.models import LookRecord
from jiuye.portals.desk.gap.views import PAGE_SIZE
from tests.office.casework.conftest import DAY, make_entitlement, make_officer, make_person

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


def owed_or_owing(employer, policy_id: str, amount_fen: int):
    """A decision about an employer."""
    return make_entitlement(
        policy_id=policy_id, subject_kind="employer", subject_key=str(employer.pk), recipient_kind="employer", employer=employer,
        amount_fen=amount_fen,
    )  # fmt: skip


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


def test_the_workbook_holds_the_same_rows_masked_and_who_took_it_for_what_is_on_record(
    desk_of, caseworker, found
):
    client = desk_of(caseworker)
    address = f"/desk/gap/{POLICY}/unclaimed/download/"
    response = client.post(address, {"purpose": "上门走访", "division": "321002"})
    assert response.headers["Content-Disposition"] == f'attachment; filename="{POLICY}-unclaimed-{DAY}.xlsx"'
    assert response.headers["Cache-Control"] == "no-store"
    with zipfile.ZipFile(io.BytesIO(response.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "张**" in sheet
    assert "张秀兰" not in sheet
    assert "<v>2310</v>" in sheet
    look = LookRecord.objects.get()
    assert (look.account_id, look.subject_kind, look.subject_key) == (caseworker.account_id, "gap", POLICY)
    assert (look.field, look.purpose) == ("unclaimed 321002", "上门走访")
    showed = look.showed.values_list("subject_kind", "subject_key")
    assert set(showed) == {("person", str(key)) for key in Person.objects.values_list("pk", flat=True)}


def test_a_list_is_not_handed_out_without_a_purpose_nor_by_a_link(desk_of, caseworker, found):
    client = desk_of(caseworker)
    address = f"/desk/gap/{POLICY}/unclaimed/download/"
    refused = client.post(address, {"purpose": " ", "division": ""})
    assert refused.status_code == 422
    assert "请写明下载名单的事由" in refused.content.decode()
    assert client.get(address).status_code == 405
    assert not LookRecord.objects.exists()


def test_a_long_list_is_read_slice_by_slice_and_back_and_nobody_is_missed(
    desk_of, caseworker, found, divisions
):
    for index in range(PAGE_SIZE + 4):
        other = make_person(f"王{index:02}", number=f"32100219900102{index:04d}", village="321002001001")
        make_entitlement(other, policy_id=POLICY, amount_fen=1_000 * (index % 5))
    client = desk_of(caseworker)
    first = text_of(client, f"/desk/gap/{POLICY}/unclaimed/")
    assert "共 35 条" in first
    assert 'rel="prev"' not in first
    onward = re.search(r'href="([^"]+)" rel="next"', first).group(1)
    second = text_of(client, f"/desk/gap/{POLICY}/unclaimed/{onward}")
    assert 'rel="next"' not in second
    proofs = [re.findall(r"/desk/found/(\d+)/", page) for page in (first, second)]
    assert (len(proofs[0]), len(proofs[1])) == (PAGE_SIZE, 5)
    assert len({*proofs[0], *proofs[1]}) == 35
    back = re.search(r'href="([^"]+)" rel="prev"', second).group(1)
    again = text_of(client, f"/desk/gap/{POLICY}/unclaimed/{back}")
    assert re.findall(r"/desk/found/(\d+)/", again) == proofs[0]


@pytest.mark.parametrize(
    "key", ["x", "1.n", "1.n99999999999999999999", "0.d5", "-.n5", "٣.n5", "1.q5", "9" * 60]
)
def test_a_key_that_no_page_wrote_shows_the_beginning(desk_of, caseworker, found, key):
    assert "张**" in text_of(desk_of(caseworker), f"/desk/gap/{POLICY}/unclaimed/?after={key}")


def test_a_relief_is_no_money_that_nobody_draws_and_a_duty_is_not_there_at_all(
    desk_of, caseworker, found, employer, rules
):
    owed_or_owing(employer, "six-taxes-relief", 77_700)
    owed_or_owing(employer, "disability-levy", 88_800)
    client = desk_of(caseworker)
    page = text_of(client, "/desk/gap/")
    payments, reliefs = page.split("减免税费的政策")
    assert "合计 2,310.00 元" in payments
    assert "six-taxes-relief" not in payments
    assert "可减免金额" in reliefs
    assert re.search(r"777\D{1,40}00", reliefs)
    assert "888.00" not in page
    listed = text_of(client, "/desk/gap/six-taxes-relief/unclaimed/")
    assert re.search(r"<h1>[^<]+ · 符合</h1>", listed)
    assert "没有领" not in listed
    proof = re.search(r"/desk/found/\d+/", listed).group()
    shown = text_of(client, proof)
    assert "减免" in shown
    assert "代为确认" not in re.sub(r"<nav.*?</nav>", "", shown, flags=re.S)


@pytest.mark.parametrize(
    ("verdict", "heading"),
    [("yes", "为什么符合"), ("near_miss", "差在哪一条"), ("unknown", "为什么说不准")],
)
def test_a_proof_says_what_it_proves(desk_of, caseworker, person, verdict, heading):
    row = make_entitlement(
        person, policy_id=POLICY, verdict=verdict, amount_fen=100 if verdict == "yes" else None
    )
    assert f'<h2 class="card__title">{heading}</h2>' in text_of(desk_of(caseworker), f"/desk/found/{row.pk}/")


def test_no_page_of_the_gap_asks_the_database_more_than_fifteen_times(
    desk_of, found, person, employer, django_assert_max_num_queries
):
    for policy_id in (
        "graduate-stay-allowance",
        "graduate-travel-allowance",
        "startup-grant",
        "job-seeking-subsidy",
    ):
        make_entitlement(person, policy_id=policy_id, verdict="unknown", amount_fen=None)
    for policy_id in ("six-taxes-relief", "job-retention-rebate", "disability-levy-relief"):
        owed_or_owing(employer, policy_id, 10_000)
    officer = make_officer("市里的经办", "caseworker", "3210")
    leader = make_officer("市领导", "leader", "3210")
    entitlement, prospect = found
    for actor, addresses in (
        (officer, ["/desk/gap/", f"/desk/gap/{POLICY}/unclaimed/", f"/desk/gap/{POLICY}/ending/",
                   "/desk/gap/startup-grant/unknown/", f"/desk/gap/prospects/{prospect.pk}/",
                   f"/desk/found/{entitlement.pk}/"]),
        (leader, ["/board/gap/"]),
    ):  # fmt: skip
        client = desk_of(actor)
        for address in addresses:
            text_of(client, address)
            # Fifteen of a request; a transaction inside a test takes one statement more to go back.
            with django_assert_max_num_queries(16):
                text_of(client, address)


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
