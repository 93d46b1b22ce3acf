"""A new service is a new file: put beside the others, it is found, asked for, carried to its end and refused, and no code was written for it."""

from __future__ import annotations

import pytest
from django.test import Client

from jiuye.office.matters import operations
from jiuye.office.matters.forms import answers_of
from jiuye.office.matters.models import Matter
from jiuye.office.matters.operations.deciding import ClauseMissingError
from jiuye.office.messages.models import Message
from jiuye.office.staff.models import Account
from tests.engine.services.test_new_item import NEW
from tests.office.matters.conftest import DAY, at
from tests.office.packs import FEW, pack_with


@pytest.fixture
def new_file(settings, pack_dir, tmp_path):
    """The pack as it is, and one file more."""
    settings.PACK = pack_with(FEW, of=pack_dir, under=tmp_path)
    settings.OFFICE_DATE = DAY.isoformat()
    (settings.PACK / "services" / "reading-room-card.yaml").write_text(NEW)


def page_of(actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


@pytest.fixture
def asked_for(new_file, me) -> Matter:
    """By its resident, on the pages."""
    mine = page_of(me)
    assert "阅览室借阅证" in mine.get("/my/services/").text
    mine.post("/my/services/reading-room-card/start/")
    matter = Matter.objects.get()
    form = mine.get(f"/my/services/matters/{matter.pk}/").text
    assert "想看什么" in form
    assert mine.post(f"/my/services/matters/{matter.pk}/submit/", {}).status_code == 422
    mine.post(f"/my/services/matters/{matter.pk}/submit/", {"purpose": "焊工教材"})
    return matter


def test_it_is_asked_for_taken_and_granted_on_the_pages_and_comes_up_for_review(
    asked_for, me, station, reviewer
):
    asked_for.refresh_from_db()
    assert (asked_for.state, answers_of(asked_for)) == ("submitted", {"purpose": "焊工教材"})
    page_of(station).post(f"/desk/matters/{asked_for.pk}/acts/accept/")
    page_of(reviewer).post(f"/desk/matters/{asked_for.pk}/acts/decide/")
    asked_for.refresh_from_db()
    assert (asked_for.state, asked_for.review_on.isoformat()) == ("granted", "2025-06-11")
    assert "已办结" in page_of(me).get(f"/my/services/matters/{asked_for.pk}/").text


def test_it_is_refused_by_its_own_clause_with_the_words_of_its_document(asked_for, reviewer):
    def refuse(clause: str) -> Matter:
        return operations.refuse(
            actor=reviewer, matter_id=asked_for.pk, clause_id=clause, note="不住在本市", on=DAY, at=at(DAY)
        )

    with pytest.raises(ClauseMissingError):
        refuse("")
    refused = refuse("resident")
    assert (refused.state, refused.refused_law) == ("refused", "本市居民可以借阅")
    assert "依据：本市居民可以借阅" in Message.objects.get(occasion="matter_refused").body
