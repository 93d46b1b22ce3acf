"""Lock-out, the second factor, sessions that one can end, passwords: what a log-in promises."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from jiuye.office.staff import second_factor
from jiuye.office.staff.logging_in import locked_until, note_failure
from jiuye.office.staff.models import FailedLogIn, RecoveryCode, SecondFactor, SignIn
from jiuye.office.staff.operations import place_in_post
from jiuye.portals.common import actors, middleware
from jiuye.portals.common.actors import CHINA
from jiuye.portals.common.views import account as account_views
from jiuye.portals.common.views import session as session_views

pytestmark = pytest.mark.django_db
FACTOR, PASSWORD = "/account/second-factor/", "/account/password/"
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


def code_of(account, at: datetime, *, of_next: bool = False) -> str:
    factor = SecondFactor.objects.get(account=account)
    secret = second_factor.typed(factor.next_secret if of_next else factor.secret)
    totp = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=False)
    return totp.generate(int(at.timestamp())).decode()


def enrol(client: Client, account, at: datetime):
    client.post(FACTOR, {"act": "begin"})
    return client.post(FACTOR, {"act": "confirm", "code": code_of(account, at)})


def give_post(account, role: str, start: date = date(2025, 6, 10)) -> None:
    place_in_post(account=account, role=role, division_code="3210", start=start, until=None)


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


def test_a_post_given_while_somebody_is_in_needs_the_second_factor_from_then_on(account_of, clock, settings):
    settings.DEMO, settings.OFFICE_DATE = False, "2025-06-10"
    account = account_of("leader")
    client = Client()
    log_in(client, "leader")
    assert client.get("/board/").status_code == 200
    give_post(account, "approver")
    answer = client.get("/desk/")
    assert (answer.status_code, answer.headers["Location"]) == (302, FACTOR)
    assert client.get("/board/").status_code == 302, "and not only where the new post would lead"
    enrol(client, account, clock.at)
    assert client.get("/desk/").status_code == 200


def test_a_post_of_tomorrow_asks_for_nothing_today(account_of, clock, settings):
    settings.DEMO, settings.OFFICE_DATE = False, "2025-06-10"
    give_post(account_of("leader"), "approver", start=date(2025, 6, 11))
    client = Client()
    log_in(client, "leader")
    assert client.get("/board/").status_code == 200
    settings.OFFICE_DATE = "2025-06-11"
    assert client.get("/board/").headers["Location"] == FACTOR


def test_a_session_that_knows_the_password_only_ends_when_a_device_is_enrolled_from_another(
    account_of, clock, settings
):
    settings.DEMO = False
    account = account_of("approver")
    here, there = Client(), Client()
    log_in(here, "approver")
    log_in(there, "approver")
    enrol(here, account, clock.at)
    assert here.get("/desk/").status_code == 200
    assert "/login/" in there.get("/desk/").headers["Location"]
    assert "/login/" in there.get(FACTOR).headers["Location"]


def test_a_session_without_a_code_is_ended_where_the_account_has_a_device(account_of, clock, settings):
    """As it is when a device was enrolled beside it in the same moment."""
    settings.DEMO, settings.OFFICE_DATE = False, "2025-06-10"
    account = account_of("leader")
    client = Client()
    log_in(client, "leader")
    second_factor.begin(account=account)
    second_factor.confirm(account=account, code=code_of(account, NOON), at=NOON)
    give_post(account, "approver")
    assert client.get("/desk/").headers["Location"] == "/login/"
    assert "请重新登录，并输入验证码" in client.get("/login/").text
    assert SignIn.objects.get().ended_at == NOON


def test_the_second_factor_is_not_ended_while_a_post_needs_it(account_of, clock, settings):
    settings.DEMO = False
    account = account_of("approver")
    client = Client()
    log_in(client, "approver")
    enrol(client, account, clock.at)
    clock.at += timedelta(seconds=30)
    assert 'value="end"' not in client.get(FACTOR).text
    answer = client.post(FACTOR, {"act": "end", "code": code_of(account, clock.at)})
    assert answer.status_code == 422
    assert "不能停用" in answer.text
    assert second_factor.is_enrolled(account.pk)


def test_without_such_a_post_it_is_ended_and_needed_again_with_the_next(account_of, clock, settings):
    settings.DEMO, settings.OFFICE_DATE = False, "2025-06-10"
    account = account_of("leader")
    client = Client()
    log_in(client, "leader")
    enrol(client, account, clock.at)
    clock.at += timedelta(seconds=30)
    client.post(FACTOR, {"act": "end", "code": code_of(account, clock.at)})
    assert not second_factor.is_enrolled(account.pk)
    assert client.get("/board/").status_code == 200
    give_post(account, "approver")
    assert client.get("/board/").headers["Location"] == FACTOR


def test_another_device_takes_the_place_of_the_first_after_a_code_of_it(account_of, clock, settings):
    settings.DEMO = False
    account = account_of("approver")
    client = Client()
    log_in(client, "approver")
    enrol(client, account, clock.at)
    clock.at += timedelta(seconds=30)
    assert 'class="qr"' not in client.post(FACTOR, {"act": "replace", "code": "000000"}).text
    page = client.post(FACTOR, {"act": "replace", "code": code_of(account, clock.at)}).text
    assert 'class="qr"' in page
    assert "原来的设备照旧有效" in page
    clock.at += timedelta(seconds=30)
    second_factor.check(account_id=account.pk, code=code_of(account, clock.at), at=clock.at)
    wrong = client.post(FACTOR, {"act": "replaced", "code": code_of(account, clock.at)})
    assert wrong.status_code == 422, "a code of the old device does not bring the new one into use"
    new_code = code_of(account, clock.at, of_next=True)
    assert "恢复码" in client.post(FACTOR, {"act": "replaced", "code": new_code}).text
    assert client.get("/desk/").status_code == 200
    clock.at += timedelta(seconds=30)
    second_factor.check(account_id=account.pk, code=code_of(account, clock.at), at=clock.at)
    factor = SecondFactor.objects.get()
    assert (factor.next_secret, factor.next_begun_at) == (None, None)


def test_a_replacement_left_lying_is_over_after_ten_minutes_and_can_be_given_up(account_of, clock, settings):
    settings.DEMO = False
    account = account_of("approver")
    client = Client()
    log_in(client, "approver")
    enrol(client, account, clock.at)
    clock.at += timedelta(seconds=30)
    client.post(FACTOR, {"act": "replace", "code": code_of(account, clock.at)})
    clock.at += timedelta(minutes=10)
    assert 'class="qr"' not in client.get(FACTOR).text
    late = client.post(FACTOR, {"act": "replaced", "code": code_of(account, clock.at, of_next=True)})
    assert "已经超过 10 分钟" in late.text
    client.post(FACTOR, {"act": "keep"})
    assert SecondFactor.objects.get().next_secret is None
    second_factor.check(account_id=account.pk, code=code_of(account, clock.at), at=clock.at)


@pytest.mark.parametrize(
    ("page", "wrong"),
    [
        (FACTOR, {"act": "replace", "code": "000000"}),
        (FACTOR, {"act": "end", "code": "000000"}),
        (
            PASSWORD,
            {"old_password": "wrong", "new_password1": "Kuaile-2025x", "new_password2": "Kuaile-2025x"},
        ),
    ],
)
def test_wrong_codes_and_old_passwords_on_ones_own_pages_shut_the_same_door(account_of, clock, page, wrong):
    """A session left open is not enough to try all codes."""
    account = account_of("leader")
    client = Client()
    log_in(client, "leader")
    second_factor.begin(account=account)
    second_factor.confirm(account=account, code=code_of(account, NOON), at=NOON)
    clock.at += timedelta(seconds=60)
    for _ in range(5):
        assert client.post(page, wrong).status_code == 422
    assert FailedLogIn.objects.filter(username="leader").count() == 5
    right = {**wrong, "code": code_of(account, clock.at), "old_password": "demo"}
    answer = client.post(page, right)
    assert answer.status_code == 422
    assert "请在 12:16 以后再试" in answer.text
    assert second_factor.is_enrolled(account.pk)
    account.refresh_from_db()
    assert account.check_password("demo")
    assert FailedLogIn.objects.count() == 5, "nothing is checked while the door is shut"
    assert log_in(Client(), "leader").status_code == 422
    clock.at += timedelta(minutes=15)
    assert client.post(page, {**right, "code": code_of(account, clock.at)}).status_code in (200, 302)


def test_a_new_password_that_is_too_plain_is_no_failed_log_in(account_of, clock):
    account_of("leader")
    client = Client()
    log_in(client, "leader")
    client.post(PASSWORD, {"old_password": "demo", "new_password1": "plain", "new_password2": "plain"})
    assert not FailedLogIn.objects.exists()


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
    assert base64.b32decode(second_factor.typed(factor.secret)) not in bytes(factor.secret)
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
