"""Another department's system: it reports, it asks, and everything that it may not is refused in words."""

from __future__ import annotations

import pytest

from jiuye.engine.registers import load_registers
from jiuye.office.partners.models import ApiCall
from jiuye.office.partners.operations import KeyNotIssuedError, issue_key, revoke_key
from jiuye.office.registry.models import RegisterDelivery, RegisterRecord, Status
from jiuye.office.staff.models import Account, LookRecord, Post
from jiuye.office.staff.queries import NotPermittedError, actor_for
from tests.portals.api.conftest import AT, DAY, FAR_NUMBER, NUMBER, Caller, account

BATCH = {
    "entity": "person",
    "as_of": "2024-06-10",
    "source": "征信中心",
    "rows": [{"身份证号": NUMBER, "credit_sound": True, "other_loans": False}],
}


def batch(**more) -> dict:
    return {**BATCH, **more}


def test_a_key_says_whose_it_is_and_until_when(system, pack_dir):
    answer = system.get("/me")
    assert answer.status_code == 200
    assert answer.json() == {
        "account": "残联系统",
        "purpose": "数据共享协议〔2024〕1号",
        "start": "2024-01-01",
        "until": "2025-01-01",
        "registers": sorted(load_registers(pack_dir / "registers.yaml")[0]),
        "divisions": ["3210"],
    }


@pytest.mark.parametrize("secret", ["", "jy_wrong", "x" * 5000, "jy_密钥"])
def test_without_a_key_that_opens_something_every_address_answers_alike(city, secret):
    answer = Caller(secret.encode().decode("latin-1")).get("/me")
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "密钥无效或已停用；请向市就业办申请新的密钥。"


def test_a_revoked_key_opens_nothing_any_more(key_for, administrator):
    key, secret = key_for()
    assert Caller(secret).get("/me").status_code == 200
    revoke_key(actor=administrator, key_id=key.pk, because="协议终止", at=AT)
    assert Caller(secret).get("/me").status_code == 401


def test_a_key_outlives_the_post_of_whoever_gave_it_and_ends_with_the_post_of_its_own_account(
    key_for, administrator
):
    key, secret = key_for()
    system = Caller(secret)
    Post.objects.filter(account_id=administrator.account_id).update(until=DAY)
    Account.objects.filter(pk=administrator.account_id).update(is_active=False)
    assert system.get("/me").status_code == 200  # given by the office, not by the person
    Post.objects.filter(account=key.account).update(until=DAY)
    assert system.get("/me").status_code == 403
    assert system.post("/registers/credit/deliveries", batch()).status_code == 403
    # The organisation goes: its account is shut, and nobody is told whether there ever was a key.
    Account.objects.filter(pk=key.account_id).update(is_active=False)
    assert system.get("/me").status_code == 401


def test_a_key_reaches_no_further_than_the_post_that_is_left(key_for, far_person):
    key, secret = key_for(division="321003")
    system = Caller(secret)
    asked = {"id_number": FAR_NUMBER, "kinds": ["veteran"], "purpose": "核验"}
    assert system.post("/residents/statuses", asked).status_code == 200
    Post.objects.filter(account=key.account).update(until=DAY)
    Post.objects.create(account=key.account, role="partner_system", division_code="321002", start=DAY)
    assert system.post("/residents/statuses", asked).status_code == 404


def test_a_key_that_has_ended_opens_nothing(key_for, settings):
    secret = key_for()[1]
    settings.OFFICE_DATE = "2025-01-01"
    assert Caller(secret).get("/me").status_code == 401


def test_the_secret_itself_is_kept_nowhere(key_for):
    key, secret = key_for()
    assert secret not in str(vars(key))
    assert len(bytes(key.hash)) == 32


def test_a_key_needs_a_post_that_may_call_a_reason_and_an_end_within_a_year(administrator, city):
    clerk = account("经办", "caseworker")
    more = {"actor": administrator, "start": DAY, "purpose": "共享协议"}
    with pytest.raises(KeyNotIssuedError, match="没有“对接系统”岗位"):
        issue_key(account=clerk, until=DAY.replace(year=2025), **more)
    system = account("系统", "partner_system")
    with pytest.raises(KeyNotIssuedError, match="最长一年"):
        issue_key(account=system, until=DAY.replace(year=2026), **more)
    with pytest.raises(KeyNotIssuedError, match="最长一年"):
        issue_key(account=system, until=DAY, **more)
    with pytest.raises(KeyNotIssuedError, match="用途"):
        issue_key(account=system, until=DAY.replace(year=2025), **{**more, "purpose": " "})
    with pytest.raises(NotPermittedError):
        issue_key(account=system, until=DAY.replace(year=2025), **{**more, "actor": actor_for(clerk, on=DAY)})


def test_an_administrator_of_one_county_gives_and_takes_back_no_key_of_a_system_elsewhere(
    administrator, key_for, city
):
    county = actor_for(account("县管理员", "administrator", "321003"), on=DAY)
    elsewhere = {"purpose": "共享协议", "start": DAY, "until": DAY.replace(year=2025)}
    with pytest.raises(NotPermittedError):
        issue_key(actor=county, account=account("全市系统", "partner_system"), **elsewhere)
    key, secret = key_for()
    with pytest.raises(NotPermittedError):
        revoke_key(actor=county, key_id=key.pk, because="不是我的", at=AT)
    assert Caller(secret).get("/me").status_code == 200
    own, _ = key_for("县系统", "321003")
    assert revoke_key(actor=county, key_id=own.pk, because="协议终止", at=AT).revoked_at == AT


def test_the_registers_say_what_they_take_and_when_they_last_came(system, person):
    system.post("/registers/credit/deliveries", batch(), **{"Idempotency-Key": "zx-2024-06-10"})
    found = {(row["register_key"], row["entity"]): row for row in system.get("/registers").json()}
    credit = found["credit", "person"]
    assert credit["subject_columns"] == ["身份证号"]
    assert credit["last_as_of"] == "2024-06-10"
    assert {"credit_sound"} <= {fact["name"] for fact in credit["facts"]}


def test_a_batch_is_taken_in_once_however_often_it_is_sent(system, person):
    first, again = (
        system.post("/registers/credit/deliveries", batch(), **{"Idempotency-Key": "zx-2024-06-10"})
        for _ in range(2)
    )
    assert first.status_code == again.status_code == 200
    assert first.json()["repeated"] is False
    assert again.json() == {**first.json(), "repeated": True}
    assert RegisterDelivery.objects.exclude(register="rows").count() == 1
    record = RegisterRecord.objects.get(person=person, register="credit")
    assert record.facts["credit_sound"] is True


def test_another_batch_under_the_same_key_is_refused_and_changes_nothing(system, person):
    headers = {"Idempotency-Key": "zx-2024-06-10"}
    system.post("/registers/credit/deliveries", batch(), **headers)
    answer = system.post("/registers/credit/deliveries", batch(source="另一批"), **headers)
    assert answer.status_code == 409
    assert "zx-2024-06-10" in answer.json()["title"]
    assert RegisterDelivery.objects.exclude(register="rows").count() == 1


def test_a_refused_batch_names_every_mistake_and_may_be_sent_again_mended(system, person):
    headers = {"Idempotency-Key": "zx-2024-06-11"}
    wrong = batch(
        rows=[
            {"身份证号": NUMBER, "credit_sound": "也许"},
            {"身份证号": FAR_NUMBER, "credit_sound": True},
            {"credit_sund": True},
        ]
    )
    answer = system.post("/registers/credit/deliveries", wrong, **headers)
    assert answer.status_code == 422
    said = [row["says"] for row in answer.json()["errors"]]
    assert any("第3行" in sentence and "credit_sound" in sentence for sentence in said), said
    assert not RegisterDelivery.objects.exclude(register="rows").exists()
    assert not ApiCall.objects.exists()
    assert system.post("/registers/credit/deliveries", batch(), **headers).status_code == 200


def test_a_system_of_one_district_reports_nobody_of_another(key_for, person, far_person):
    system = Caller(key_for("广陵残联", "321002")[1])
    rows = [{"身份证号": FAR_NUMBER, "credit_sound": True}]
    answer = system.post(
        "/registers/credit/deliveries", batch(rows=rows), **{"Idempotency-Key": "zx-00000001"}
    )
    assert answer.status_code == 403
    assert not RegisterRecord.objects.exists()


def test_the_answer_is_in_english_where_that_is_asked_for(system, person):
    answer = system.post(
        "/registers/credit/deliveries",
        {**BATCH, "rows": []},
        **{"Idempotency-Key": "zx-00000002", "Accept-Language": "en"},
    )
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"where": "rows", "says": "At least one row is needed."}]
    assert system.get("/me").headers["Content-Language"] == "zh-hans"


def test_a_floating_number_is_refused_since_no_decimal_says_what_it_was(system, person):
    answer = system.post(
        "/registers/credit/deliveries",
        batch(rows=[{"身份证号": NUMBER, "credit_sound": 0.5}]),
        **{"Idempotency-Key": "zx-00000003"},
    )
    assert answer.status_code == 422


def test_a_status_is_verified_the_look_is_recorded_and_its_purpose_kept(system, person):
    Status.objects.create(
        person=person, kind="registered_unemployed", start=DAY.replace(month=1), source="测试"
    )
    asked = {"id_number": NUMBER, "kinds": ["registered_unemployed", "veteran"], "purpose": "公租房租金减免"}
    answer = system.post("/residents/statuses", asked)
    assert answer.status_code == 200
    assert [(row["kind"], row["since"]) for row in answer.json()["held"]] == [
        ("registered_unemployed", "2024-01-11")
    ]
    look = LookRecord.objects.get()
    assert (look.subject_key, look.field, look.purpose) == (
        str(person.pk),
        "statuses",
        "接口核验：公租房租金减免",
    )


def test_who_lives_outside_the_systems_division_and_who_does_not_exist_get_one_answer(key_for, far_person):
    system = Caller(key_for("广陵民政", "321002")[1])
    answers = [
        system.post("/residents/statuses", {"id_number": number, "kinds": ["veteran"], "purpose": "核验"})
        for number in (FAR_NUMBER, "321002199001010019")
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert not LookRecord.objects.exists()


def test_a_question_about_an_unknown_status_names_those_that_there_are(system, person):
    answer = system.post("/residents/statuses", {"id_number": NUMBER, "kinds": ["rich"], "purpose": "核验"})
    assert answer.status_code == 422
    assert "veteran" in answer.json()["title"]


def test_a_service_item_is_read_with_its_steps(system):
    rows = {row["id"]: row for row in system.get("/service-items").json()}
    one = rows["employment-difficulty-recognition"]
    assert one == system.get("/service-items/employment-difficulty-recognition").json()
    assert [step["act"] for step in one["steps"]][-1] == "decide"
    assert system.get("/service-items/none").status_code == 404


def test_the_plan_of_a_year_comes_with_exact_figures_and_other_years_are_refused(system):
    rows = system.get("/plan/2024").json()
    assert rows
    assert all(isinstance(row["target"], str) for row in rows)
    assert system.get("/plan/1999").status_code == 404


def test_an_officer_who_is_no_system_cannot_call(administrator, city, client_of):
    assert client_of("caseworker").get("/api/v1/me").status_code == 401  # a session opens no interface


def test_what_only_reads_cannot_write(system, monkeypatch):
    from django.db import InternalError

    from jiuye.portals.api import views

    def writes():
        account("闯入", "caseworker")
        return {}

    monkeypatch.setattr(views, "last_deliveries", writes)
    with pytest.raises(InternalError, match="read-only"):
        system.get("/registers")


NUL_BATCHES = {
    "rows.0.身份证号": {"rows": [{"身份证号": "3210\x00"}]},
    "rows.0.credit\ufffd": {"rows": [{"身份证号": NUMBER, "credit\x00": True}]},
    "source": {"source": "中心\ud800"},
    "as\ufffdof": {"as\x00of": "2024-06-10"},
}


@pytest.mark.parametrize("where", NUL_BATCHES)
def test_a_character_that_nothing_can_keep_is_refused_with_its_place(system, person, where):
    answer = system.post(
        "/registers/credit/deliveries", batch(**NUL_BATCHES[where]), **{"Idempotency-Key": "zx-00000004"}
    )
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert [(row["where"], "不能保存的字符" in row["says"]) for row in answer.json()["errors"]] == [
        (where, True)
    ]
    assert not ApiCall.objects.exists()


@pytest.mark.parametrize(
    "address",
    ["/registers/credit%00/deliveries", "/residents/statuses?q=%00", "/plan/2024%FF?x=%FF"],
)
def test_an_address_with_such_a_character_is_answered_in_the_interfaces_own_way(system, address):
    for call in (system.get, lambda path, **more: system.post(path, batch(), **more)):
        answer = call(address, **{"Idempotency-Key": "zx-00000005", "Accept-Language": "en"})
        assert answer.status_code == 400
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert "cannot be kept" in answer.json()["title"]


def test_a_purpose_with_a_nul_asks_for_nobody(system, person):
    asked = {"id_number": NUMBER, "kinds": ["veteran"], "purpose": "核验\x00"}
    assert system.post("/residents/statuses", asked).status_code == 422
    assert not LookRecord.objects.exists()
