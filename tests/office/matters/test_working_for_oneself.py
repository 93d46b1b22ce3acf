"""Registered as working for oneself, step by step on the pages, and what then opens: the loan for the business that was registered."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from jiuye.office.matters import operations
from jiuye.office.matters.forms import FormRefusedError
from jiuye.office.matters.models import Matter
from jiuye.office.registry.models import Employer, EmploymentSpell, Status
from jiuye.office.staff.models import Account
from jiuye.office.ventures import queries
from tests.office.matters.conftest import DAY, at
from tests.office.places import VILLAGE
from tests.papers import pdf

ITEM = "employment-registration"
FORM = {"began_on": "2024-06-01", "work": "小吃店", "true_statement": "yes"}
CODE = "92321002MA00000001"


@pytest.fixture(autouse=True)
def _today(settings):
    settings.OFFICE_DATE = DAY.isoformat()


@pytest.fixture
def shop(divisions) -> Employer:
    """As the market register lists it: nothing there says in our records who runs it."""
    return Employer.objects.create(
        name="秀兰小吃店",
        credit_code=CODE,
        kind="individual_business",
        division_id=VILLAGE,
        source="市场监管登记",
    )


def page_of(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def registered(me, station, reviewer, **answers: str) -> Matter:
    """From the resident's first click to the decision, on the pages of each."""
    mine = page_of(me)
    mine.post(f"/my/services/{ITEM}/start/")
    matter = Matter.objects.get(item_id=ITEM)
    if answers["kind"] == "self_employed":
        paper = SimpleUploadedFile("执照.pdf", pdf("licence"), "application/pdf")
        mine.post(f"/my/services/matters/{matter.pk}/attach/", {"evidence": "licence", "file-licence": paper})
    mine.post(f"/my/services/matters/{matter.pk}/submit/", FORM | answers)
    page_of(station).post(f"/desk/matters/{matter.pk}/acts/accept/")
    page_of(reviewer).post(f"/desk/matters/{matter.pk}/acts/decide/")
    matter.refresh_from_db()
    assert matter.state == "granted", [(row.act, row.note) for row in matter.timeline.all()]
    return matter


def test_whoever_registers_a_business_of_their_own_can_ask_for_its_loan(person, me, shop, station, reviewer):
    assert "请先办就业登记（个体经营）" in page_of(me).get("/my/loans/").text
    registered(me, station, reviewer, kind="self_employed", business=CODE)
    spell = EmploymentSpell.objects.get(person=person)
    assert (spell.kind, spell.start, spell.employer) == ("self_employed", date(2024, 6, 1), shop)
    assert queries.businesses_of(person.pk, on=DAY) == [shop]
    page = page_of(me).get("/my/loans/").text
    assert "请先办就业登记（个体经营）" not in page
    assert 'name="wanted"' in page
    assert shop.name in page


def test_flexible_work_ends_the_unemployment_and_asks_for_no_business(person, me, station, reviewer):
    Status.objects.create(person=person, kind="registered_unemployed", start=date(2024, 1, 1), source="测试")
    registered(me, station, reviewer, kind="flexible")
    spell = EmploymentSpell.objects.get(person=person)
    assert (spell.kind, spell.employer) == ("flexible", None)
    held = {(row.kind, row.until) for row in Status.objects.filter(person=person)}
    assert held == {("registered_unemployed", date(2024, 6, 1)), ("flexible_employment", None)}


def test_a_business_registered_before_without_its_name_is_not_counted_as_an_earlier_one(
    person, me, shop, station, reviewer
):
    EmploymentSpell.objects.create(person=person, kind="self_employed", start=date(2024, 6, 1), source="测试")
    registered(me, station, reviewer, kind="self_employed", business=CODE)
    assert EmploymentSpell.objects.get(person=person).employer == shop


def test_own_business_without_its_code_or_with_an_unknown_one_is_refused_in_words(person, me, divisions):
    matter = operations.start(
        actor=me, item_id=ITEM, applicant_kind="person", applicant_id=person.pk, on=DAY, at=at(DAY)
    )
    for given, words in (
        ({}, "还没有填"),
        ({"business": "92321002MA99999999"}, "没有登记过这个统一社会信用代码"),
    ):
        with pytest.raises(FormRefusedError) as refused:
            operations.hand_in(
                actor=me,
                matter_id=matter.pk,
                answers=FORM | {"kind": "self_employed"} | given,
                on=DAY,
                at=at(DAY),
            )
        assert list(refused.value.fields) == ["business"]
        assert words in refused.value.fields["business"]
