"""A budget shared out among counties: each draws on its own share, and the database counts with every reservation."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.funds.models import CountyShare
from jiuye.office.funds.operations import ShareBelowDrawnError, ShareExceededError, release, share_out
from jiuye.office.funds.queries import county_shares, verify_ledger
from jiuye.office.staff.queries import NotPermittedError
from tests.office.funds.conftest import AT, DAY, FUND, officer

pytestmark = pytest.mark.django_db
GUANGLING, HANJIANG = "321002", "321003"


@pytest.fixture
def treasurer(office):
    return officer("预算", "budget_officer")


def shared(treasurer, **shares):
    return share_out(
        actor=treasurer,
        fund=FUND,
        year=2024,
        shares={f"32100{key[-1]}": fen for key, fen in shares.items()},
        on=DAY,
    )


def standing() -> dict[str, tuple[int, int]]:
    return {share.county_code: (share.amount_fen, share.drawn_fen) for share in county_shares(year=2024)}


def test_a_county_reserves_within_its_share_and_not_beyond_it_though_the_fund_has_more(office, treasurer):
    shared(treasurer, c2=30_000, c3=70_000)
    office.reserve(1, 20_000, county=GUANGLING)
    with pytest.raises(
        ShareExceededError, match=r"321002的份额还剩 100\.00 元，不够预留 200\.00 元.*预算审核人员批准"
    ) as refused:
        office.reserve(2, 20_000, county=GUANGLING)
    assert refused.value.available_fen == 10_000
    office.reserve(2, 20_000, county=HANJIANG)
    assert standing() == {GUANGLING: (30_000, 20_000), HANJIANG: (70_000, 20_000)}


def test_a_county_without_a_share_has_nothing_once_the_budget_is_shared_out(office, treasurer):
    shared(treasurer, c2=30_000)
    with pytest.raises(ShareExceededError, match=r"还剩 0\.00 元"):
        office.reserve(1, 100, county=HANJIANG)


def test_a_budget_that_nobody_shared_out_holds_no_county_back(office):
    office.reserve(1, 100_000, county=GUANGLING)
    assert standing() == {}


def test_what_is_given_up_goes_back_to_its_county(office, treasurer):
    shared(treasurer, c2=30_000)
    office.reserve(1, 30_000, county=GUANGLING)
    release(actor=office.approver, claim_key="case:1", on=DAY, at=AT)
    assert standing() == {GUANGLING: (30_000, 0)}
    office.reserve(2, 30_000, county=GUANGLING)
    assert standing() == {GUANGLING: (30_000, 30_000)}


def test_what_was_reserved_before_the_sharing_out_counts(office, treasurer):
    office.reserve(1, 20_000, county=GUANGLING)
    with pytest.raises(ShareBelowDrawnError, match=r"321002已预留和支付 200\.00 元，这次只分给 100\.00 元"):
        shared(treasurer, c2=10_000)
    assert standing() == {}
    shared(treasurer, c2=25_000)
    assert standing() == {GUANGLING: (25_000, 20_000)}


def test_shared_out_again_a_county_that_is_left_out_keeps_nothing(office, treasurer):
    shared(treasurer, c2=30_000, c3=70_000)
    office.reserve(1, 100, county=HANJIANG)
    with pytest.raises(ShareBelowDrawnError):
        shared(treasurer, c2=100_000)
    release(actor=office.approver, claim_key="case:1", on=DAY, at=AT)
    shared(treasurer, c2=100_000)
    assert standing() == {GUANGLING: (100_000, 0), HANJIANG: (0, 0)}


def test_the_same_reservation_again_draws_once(office, treasurer):
    shared(treasurer, c2=30_000)
    for _ in range(3):
        office.reserve(1, 20_000, county=GUANGLING)
    assert standing() == {GUANGLING: (30_000, 20_000)}


def test_only_whoever_approves_budgets_shares_them_out(office):
    with pytest.raises(NotPermittedError):
        shared(office.planner, c2=100)


def test_the_database_itself_refuses_an_overdrawn_share_and_a_figure_written_by_hand(office, treasurer):
    (share,) = shared(treasurer, c2=30_000)
    office.reserve(1, 20_000, county=GUANGLING)
    with pytest.raises(IntegrityError, match="share_not_overdrawn"), transaction.atomic():
        CountyShare.objects.filter(pk=share.pk).update(amount_fen=19_999)
    with pytest.raises(IntegrityError, match="只能由预留改变"), transaction.atomic():
        CountyShare.objects.filter(pk=share.pk).update(drawn_fen=0)
    with pytest.raises(IntegrityError, match="县（市、区）不能修改"), transaction.atomic():
        CountyShare.objects.filter(pk=share.pk).update(county_code=HANJIANG)


def test_a_share_that_does_not_agree_with_its_reservations_is_found(office, treasurer):
    import pgtrigger

    shared(treasurer, c2=30_000)
    office.reserve(1, 20_000, county=GUANGLING)
    assert verify_ledger().faults == ()
    with pgtrigger.ignore("funds.CountyShare:share_drawn_by_reservation_only"):
        CountyShare.objects.update(drawn_fen=5_000)
    (fault,) = verify_ledger().faults
    assert "5000 分" in fault
    assert "20000 分" in fault
