"""Lock-out, the second factor, sessions that one can end, passwords: what a log-in promises."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from jiuye.office.staff import second_factor
from jiuye.office.staff.logging_in import locked_until, note_failure
from jiuye.office.staff.models import RecoveryCode, SecondFactor, SignIn
from jiuye.portals.common import actors, middleware
from jiuye.portals.common.actors import CHINA
from jiuye.portals.common.views import account as account_views
from jiuye.portals.common.views import session as session_views

pytestmark = pytest.mark.django_db
NOON = datetime(2025, 6, 10, 12, 0, tzinfo=CHINA)


@pytest.fixture
def clock(monkeypatch):
    """The real moment, as the test sets it."""

    class Clock:
        at = NOON

        def __call__(self) -> datetime:
            return self.at

    one = Clock()
    for module in (actors, session_views, account_views, middleware):
        monkeypatch.setattr(module, "clock", one)
    return one


def log_in(client: Client, name: str, password: str = "demo"):
    return client.post("/login/", {"username": name, "password": password})


def code_of(account, at: datetime) -> str:
    factor = SecondFactor.objects.get(account=account)
    totp = TOTP(base64.b32decode(second_factor.typed(factor)), 6, SHA1(), 30, enforce_key_length=False)
    return totp.generate(int(at.timestamp())).decode()


def test_five_failures_shut_the_door_for_the_name_and_say_until_when(account_of, clock):
    account_of("caseworker")
    client = Client()
    for _ in range(5):
        assert "登录名或密码不对" in log_in(client, "caseworker", "wrong").text
    answer = log_in(client, "caseworker")
    assert answer.status_code == 422
    assert "请在 12:15 以后再试" in answer.text
    clock.at = NOON + timedelta(minutes=14, seconds=59)
    assert log_in(client, "caseworker").status_code == 422
    clock.at = NOON + timedelta(minutes=15)
    assert log_in(client, "caseworker").status_code == 302


def test_a_name_that_nobody_has_is_shut_with_the_very_same_words(account_of, clock):
    account_of("caseworker")
    pages = []
    for name in ("caseworker", "nobody.at.all"):
        client = Client(REMOTE_ADDR="203.0.113.7" if name == "caseworker" else "203.0.113.8")
        for _ in range(5):
            log_in(client, name, "wrong")
        answer = log_in(client, name, "wrong")
        pages.append(
            answer.text.replace(name, "NAME").split("csrf")[0] + answer.text.count("notice--bad") * "!"
        )
    assert pages[0] == pages[1]


def test_a_success_forgets_the_failures_before_it(account_of, clock):
    account_of("caseworker")
    for _ in range(2):
        client = Client()
        for _ in range(4):
            log_in(client, "caseworker", "wrong")
        assert log_in(client, "caseworker").status_code == 302


def test_an_address_that_tries_many_names_is_shut_and_others_are_not(db):
    for number in range(30):
        note_failure(username=f"name{number}", address="203.0.113.9", at=NOON)
    assert locked_until(username="fresh", address="203.0.113.9", at=NOON) == NOON + timedelta(minutes=15)
    assert locked_until(username="fresh", address="203.0.113.10", at=NOON) is None


def test_who_approves_must_enrol_before_anything_else_and_then_needs_the_code(account_of, clock, settings):
    settings.DEMO = False
    account = account_of("approver")
    client = Client()
    log_in(client, "approver")
    assert client.get("/desk/").headers["Location"] == "/account/second-factor/"
    client.post("/account/second-factor/", {"act": "begin"})
    assert "<svg" in client.get("/account/second-factor/").text
    page = client.post("/account/second-factor/", {"code": code_of(account, clock.at)})
    assert "恢复码" in page.text
    assert client.get("/desk/").status_code == 200
    other = Client()
    assert log_in(other, "approver").headers["Location"] == "/login/code/"
    assert other.get("/desk/").status_code == 302
    used = other.post("/login/code/", {"code": code_of(account, clock.at)})
    assert "已经用过" in used.text
    clock.at = NOON + timedelta(seconds=30)
    assert other.post("/login/code/", {"code": code_of(account, clock.at)}).status_code == 302
    assert other.get("/desk/").status_code == 200


def test_a_recovery_code_opens_once_and_only_its_digest_is_kept(account_of, clock, settings):
    settings.DEMO = False
    account = account_of("cashier")
    second_factor.begin(account=account)
    codes = second_factor.confirm(account=account, code=code_of(account, NOON), at=NOON)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    stored = b"".join(bytes(one.digest) for one in RecoveryCode.objects.order_by("pk"))
    assert codes[0].encode() not in stored
    second_factor.check(account_id=account.pk, code=codes[0].upper(), at=NOON)
    with pytest.raises(second_factor.WrongCodeError):
        second_factor.check(account_id=account.pk, code=codes[0], at=NOON)


def test_the_secret_is_sealed_and_a_code_of_one_step_ago_still_counts_but_not_of_two(account_of, clock):
    account = account_of("cashier")
    factor = second_factor.begin(account=account)
    assert base64.b32decode(second_factor.typed(factor)) not in bytes(factor.secret)
    with pytest.raises(second_factor.WrongCodeError):
        second_factor.confirm(account=account, code=code_of(account, NOON - timedelta(seconds=60)), at=NOON)
    assert second_factor.confirm(
        account=account, code=code_of(account, NOON - timedelta(seconds=30)), at=NOON
    )


def test_the_codes_are_those_of_the_standard():
    """RFC 6238 appendix B, SHA-1, the last six of its eight digits."""
    totp = TOTP(b"12345678901234567890", 6, SHA1(), 30)
    assert [totp.generate(at).decode() for at in (59, 1111111109, 20000000000)] == [
        "287082",
        "081804",
        "353130",
    ]


def test_a_demonstration_asks_nobody_for_a_code_and_says_so(account_of, clock):
    account = account_of("approver")
    second_factor.begin(account=account)
    second_factor.confirm(account=account, code=code_of(account, NOON), at=NOON)
    client = Client()
    assert log_in(client, "approver").headers["Location"] == "/"
    assert client.get("/desk/").status_code == 200
    assert "不要求第二重验证" in Client().get("/login/").text


def test_a_session_ends_after_the_idle_minutes_of_the_strictest_role(account_of, clock):
    account_of("cashier")
    client = Client()
    log_in(client, "cashier")
    clock.at = NOON + timedelta(minutes=14)
    assert client.get("/desk/").status_code == 200
    clock.at += timedelta(minutes=14, seconds=59)
    assert client.get("/desk/").status_code == 200
    clock.at += timedelta(minutes=15)
    assert client.get("/desk/").status_code == 302
    assert SignIn.objects.get().ended_at == clock.at


def test_one_ends_another_session_of_ones_own_or_all_others_and_never_a_strangers(account_of, clock):
    account_of("caseworker")
    account_of("leader")
    here, there, third, stranger = Client(), Client(), Client(), Client()
    for client, name in (
        (here, "caseworker"),
        (there, "caseworker"),
        (third, "caseworker"),
        (stranger, "leader"),
    ):
        log_in(client, name)
    page = here.get("/account/").text
    assert page.count("最近使用") == 3
    theirs = SignIn.objects.get(account__username="leader")
    here.post("/account/sessions/end/", {"session": theirs.pk})
    assert stranger.get("/board/").status_code == 200
    second = SignIn.objects.filter(account__username="caseworker").order_by("pk")[1]
    here.post("/account/sessions/end/", {"session": second.pk})
    assert there.get("/desk/").status_code == 302
    assert third.get("/desk/").status_code == 200
    here.post("/account/sessions/end/")
    assert third.get("/desk/").status_code == 302
    assert here.get("/desk/").status_code == 200


def test_a_new_password_follows_the_rule_and_ends_the_other_sessions(account_of, clock):
    account_of("caseworker")
    here, there = Client(), Client()
    log_in(here, "caseworker")
    log_in(there, "caseworker")
    plain = {"old_password": "demo", "new_password1": "onlylowercase", "new_password2": "onlylowercase"}
    answer = here.post("/account/password/", plain)
    assert answer.status_code == 422
    assert "至少 10 个字符" in answer.text
    good = {"old_password": "demo", "new_password1": "Kuaile-2025x", "new_password2": "Kuaile-2025x"}
    assert here.post("/account/password/", good).status_code == 302
    assert here.get("/desk/").status_code == 200
    assert there.get("/desk/").status_code == 302


@pytest.mark.parametrize("password", ["Aa1-Aa1-A", "aaaaaaaaaa1", "AAAAAAAAAAA", "1234567890"])
def test_a_password_one_step_below_the_rule_is_refused(password):
    with pytest.raises(ValidationError):
        validate_password(password)


def test_a_password_exactly_at_the_rule_is_taken():
    validate_password("aB3aB3aB3q")


def test_a_resident_reads_who_looked_at_their_record_by_office_and_post_and_not_by_name(
    account_of, client_of, clock
):
    from datetime import date

    from jiuye.office.staff.operations import record_look
    from jiuye.office.staff.queries import actor_for
    from tests.office.places import make_divisions

    make_divisions()
    officer = actor_for(account_of("caseworker"), on=date(2025, 6, 10))
    for key, purpose in (("1", "电话联系本人"), ("2", "别人的事")):
        record_look(
            actor=officer, subject_kind="person", subject_key=key, field="phone", purpose=purpose, at=NOON
        )
    page = client_of("resident").get("/my/looks/").text
    for shown in ("扬州市", "经办人员", "手机号", "电话联系本人"):
        assert shown in page
    assert "李敏" not in page
    assert "别人的事" not in page
