"""Whoever gives a password cannot enrol in its owner's place: that takes a code which another administrator gives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from jiuye.config.cli import main
from jiuye.office.staff import enrolling, second_factor
from jiuye.office.staff.keeping_accounts import AccountRefusedError, give_password
from jiuye.office.staff.models import Account, AccountAct, EnrolmentCode, SecondFactor
from jiuye.office.staff.queries import NotPermittedError, actor_for
from jiuye.portals.common.actors import office_date
from tests.portals.test_accounts import (
    ACCOUNTS,
    NEW,
    NOON,
    OWN,
    as_,
    change_password,
    clock,
    log_in,
    officer,
    password_on,
)

pytestmark = pytest.mark.django_db
FACTOR = "/account/second-factor/"
__all__ = ["clock"]  # the moment of these tests, used by all of them


@pytest.fixture
def approver(settings, clock) -> Account:
    settings.DEMO = False
    return officer("approver2", "approver")


@pytest.fixture
def two(clock):
    """Two administrators of the city, enrolled."""
    for name in ("one", "two"):
        account = officer(name, "administrator", "3210")
        second_factor.begin(account=account)
        SecondFactor.objects.filter(account=account).update(confirmed_at=NOON)
    return tuple(actor_for(Account.objects.get(username=name), on=office_date()) for name in ("one", "two"))


def inside(account: Account, actor, because: str = "忘了"):
    """A session on a password that the actor gave, with one's own set."""
    once = give_password(actor=actor, account_id=account.pk, because=because, on=office_date(), at=NOON)
    client, _ = log_in(account.username, once)
    change_password(client, once, OWN)
    return client


def code(actor, account: Account) -> str:
    return enrolling.give_code(
        actor=actor, account_id=account.pk, because="当面核实", on=office_date(), at=NOON
    )


def test_who_gave_an_approver_a_password_does_not_enrol_a_device_in_their_place(approver, two):
    one, second = two
    client = inside(approver, one)
    page = client.get(FACTOR).text
    assert "由另一名系统管理员核实您本人后给您：two。" in page
    for given in ("", "aaaa-bbbb-cccc"):
        refused = client.post(FACTOR, {"act": "begin", "code": given})
        assert refused.status_code == 422
        assert "登记码不对" in refused.text
    assert not SecondFactor.objects.filter(account=approver).exists()
    with pytest.raises(AccountRefusedError, match="密码是您发的"):
        code(one, approver)
    good = code(second, approver)
    assert "密钥：" in client.post(FACTOR, {"act": "begin", "code": good.replace("-", " ").upper()}).text
    assert EnrolmentCode.objects.get().used_at is not None
    with pytest.raises(enrolling.EnrolmentCodeError):
        enrolling.begin(account=approver, code=good, at=NOON)


def test_a_code_and_a_device_that_was_begun_are_gone_with_the_next_password(approver, two):
    one, second = two
    inside(approver, one)
    enrolling.begin(account=approver, code=code(second, approver), at=NOON)
    stale = code(second, approver)
    client = inside(approver, second)
    assert "密钥：" not in client.get(FACTOR).text
    assert "登记码不对" in client.post(FACTOR, {"act": "begin", "code": stale}).text
    assert "登记码不对" in client.post(FACTOR, {"act": "begin", "code": stale}).text
    assert client.post(FACTOR, {"act": "begin", "code": code(one, approver)}).status_code == 200


def test_a_code_is_over_after_its_hours_and_only_the_newest_is_good(approver, two):
    one, second = two
    inside(approver, one)
    first, newest = code(second, approver), code(second, approver)
    for given, at in ((first, NOON), (newest, NOON + timedelta(hours=72))):
        with pytest.raises(enrolling.EnrolmentCodeError):
            enrolling.begin(account=approver, code=given, at=at)
    enrolling.begin(account=approver, code=newest, at=NOON + timedelta(hours=71))
    with pytest.raises(IntegrityError), transaction.atomic():
        EnrolmentCode.objects.create(account=approver, digest=b"x", given_by=approver, until=NOON)


def test_the_pages_of_two_administrators_share_the_work(client_of, settings):
    settings.DEMO = False
    first = client_of("administrator")
    settings.DEMO = True
    second = as_(officer("second", "administrator", "3210"))
    password_on(first.post(f"{ACCOUNTS}open/", NEW))
    new = Account.objects.get(username="zhaoli")
    page = f"{ACCOUNTS}{new.pk}/"
    assert "登记码由另一名系统管理员给" in first.get(page).text
    assert f'action="{page}code/"' not in first.get(page).text
    assert "密码是您发的" in first.post(f"{page}code/", {"because": "核实"}, follow=True).text
    assert f'action="{page}code/"' in second.get(page).text
    shown = second.post(f"{page}code/", {"because": "当面核实"})
    assert "启用第二重验证的登记码是" in shown.text
    assert password_on(shown)
    assert "给登记码" in second.get(page).text
    assert AccountAct.objects.filter(account=new, act="enrolment_code").count() == 1


def test_a_county_gives_no_code_for_an_account_elsewhere_and_none_where_none_is_needed(approver, two):
    one, second = two
    elsewhere = actor_for(officer("elsewhere", "administrator", "321003"), on=office_date())
    with pytest.raises(AccountRefusedError, match="不用登记码"):
        code(second, approver)
    inside(approver, one)
    with pytest.raises(NotPermittedError):
        code(elsewhere, approver)
    SecondFactor.objects.create(account=approver, secret=b"x", confirmed_at=NOON)
    with pytest.raises(AccountRefusedError, match="已经启用"):
        code(second, approver)


def test_where_there_is_one_administrator_the_server_gives_the_code(approver, two, capsys):
    one, second = two
    Account.objects.filter(pk=second.account_id).update(is_active=False)
    client = inside(approver, one)
    assert "jiuye accounts enrol approver2" in client.get(FACTOR).text
    assert main(["accounts", "enrol", "approver2", "--because", "本人到场"]) == 0
    given = capsys.readouterr().out.strip()
    assert EnrolmentCode.objects.get(account=approver).given_by is None
    assert enrolling._digest(given) == bytes(EnrolmentCode.objects.get(account=approver).digest)
    assert main(["accounts", "enrol", "one", "--because", "x"]) == 1
    assert "已经启用第二重验证" in capsys.readouterr().err
