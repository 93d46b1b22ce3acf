"""Whether an officer may be a relative is one question: a page, an act and the database answer alike, whenever the officer's account was opened."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from jiuye.office.casework import operations
from jiuye.office.casework.authorities import AcceptedByHolderError, HolderActsError
from jiuye.office.casework.models import Case
from jiuye.office.casework.queries import one_case
from jiuye.office.staff.models import Account
from tests.office.authorities import authority
from tests.office.casework.conftest import DAY, at, make_officer


@pytest.fixture(autouse=True)
def _papers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    settings.OFFICE_DATE = DAY.isoformat()


def test_who_began_to_work_here_after_the_authority_is_offered_nothing_that_is_refused(
    caseworker, entitlement, person, rules
):
    authority(caseworker, person, on=DAY)
    # Her account is opened when the authority stands on record already.
    daughter = make_officer(" 张小兰", "caseworker", "321002001", username="zhangxiaolan")
    client = Client()
    client.force_login(Account.objects.get(pk=daughter.account_id))
    found, resident = f"/desk/found/{entitlement.pk}/", f"/desk/people/{person.pk}/"
    for page, offered in ((found, f"{found}confirm/"), (resident, "开始办")):
        shown = client.get(page).text
        assert offered not in shown
        assert "为回避亲属关系" in shown
    on_behalf = {"entitlement_id": entitlement.pk, "note": "本人来电", "rules": rules}
    with pytest.raises(HolderActsError):
        operations.confirm_on_behalf(actor=daughter, **on_behalf, on=DAY, at=at(DAY))
    case = operations.confirm_on_behalf(actor=caseworker, **on_behalf, on=DAY, at=at(DAY))
    theirs = one_case(daughter, case.pk, on=DAY)
    assert (theirs.acts, "为回避亲属关系" in theirs.not_theirs) == ([], True)
    with pytest.raises(IntegrityError, match="受理人不能是本人授权代办的亲属"), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(accepted_by_id=daughter.account_id)


def test_what_a_later_officer_of_that_name_accepted_is_not_handed_to_the_authority(
    caseworker, entitlement, person, rules
):
    case = operations.confirm_on_behalf(
        actor=caseworker, entitlement_id=entitlement.pk, note="本人来电", rules=rules, on=DAY, at=at(DAY)
    )
    daughter = make_officer("张小梅", "caseworker", "321002001")
    operations.accept(actor=daughter, case_id=case.pk, on=DAY, at=at(DAY))
    given = authority(caseworker, person, on=DAY)
    # 张小梅 takes her other name: the account and its key change together.
    account = Account.objects.get(pk=daughter.account_id)
    account.display_name = "张小兰"
    account.save()
    with pytest.raises(AcceptedByHolderError):
        operations.change_speaker(
            actor=caseworker, case_id=case.pk, authority_id=given.pk, on=DAY, at=at(DAY)
        )


def test_whoever_was_of_the_name_stays_a_relative_under_another_name(caseworker, entitlement, person, rules):
    daughter = make_officer("张小兰", "caseworker", "321002001")
    authority(caseworker, person, on=DAY)
    account = Account.objects.get(pk=daughter.account_id)
    account.display_name = "李小兰"
    account.save()
    with pytest.raises(HolderActsError):
        operations.confirm_on_behalf(
            actor=daughter, entitlement_id=entitlement.pk, note="来电", rules=rules, on=DAY, at=at(DAY)
        )


def test_an_officers_name_is_not_changed_behind_the_key_by_which_it_is_compared(caseworker):
    mine = Account.objects.filter(pk=caseworker.account_id)
    with pytest.raises(IntegrityError, match="姓名和姓名索引要一起改"), transaction.atomic():
        mine.update(display_name="张小兰")
    with pytest.raises(IntegrityError, match="account_officers_have_a_name_key"), transaction.atomic():
        mine.update(display_name="张小兰", name_key="")


def test_by_what_names_are_compared_nobody_reads_them(caseworker, person):
    given = authority(caseworker, person, on=DAY)
    officer = Account.objects.get(pk=make_officer("张小兰", "reviewer").account_id)
    assert given.holder_key == officer.name_key
    assert len(given.holder_key) == 64
    assert "张小兰".encode() not in bytes.fromhex(given.holder_key)
