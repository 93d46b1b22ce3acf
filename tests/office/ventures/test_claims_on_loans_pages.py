"""The pages by which overpaid interest is claimed back: proposed by its payment's key, and confirmed there by an approver."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from jiuye.office.funds.models import Recovery
from jiuye.office.staff.models import Account
from jiuye.office.ventures.models import Loan
from tests.office.ventures.test_claims_on_loans import OVER_FEN, overpaid  # noqa: F401 (a fixture by name)
from tests.office.ventures.test_corrections import JULY


def client_of(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


@pytest.mark.django_db
def test_what_the_reckoning_tells_to_claim_back_is_claimed_on_the_page(street, overpaid, settings):  # noqa: F811
    settings.OFFICE_DATE = JULY.isoformat()
    cashier, page = client_of(street.maker), reverse("desk:recovery_begin")
    form = {
        "case": overpaid.claim_key, "amount": "929.82", "ground": "重新核算后多付", "document": "扬人社追〔2024〕9号",
        "first_due": "2024-08-01", "months": "1",
    }  # fmt: skip
    refused = cashier.post(page, form)
    assert refused.status_code == 422
    assert "多付了贴息 929.81 元" in refused.content.decode()
    assert 'value="loan-interest:' in refused.content.decode()
    assert cashier.post(page, form | {"amount": "929.81"}).status_code == 302
    found = Recovery.objects.get()
    assert (found.state, found.amount_fen) == ("proposed", OVER_FEN)
    approver = client_of(street.third)
    assert "由您确认" in approver.get(reverse("desk:recovery", args=[found.pk])).content.decode()
    approver.post(reverse("desk:recovery_decide", args=[found.pk, "confirm"]))
    found.refresh_from_db()
    assert found.state == "open"
    loan = Loan.objects.get()
    for address in (reverse("desk:recoveries"), reverse("desk:recovery", args=[found.pk])):
        shown = cashier.get(address).content.decode()
        assert f'<a href="/desk/loans/{loan.pk}/">贷款 {loan.number} 的贴息</a>' in shown
        assert overpaid.claim_key not in shown
