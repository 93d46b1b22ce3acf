"""A pack's own kind of thing, of which no code knows: delivered by a file, swept, decided again, and read the same both ways."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jiuye.office.entitlements import operations
from jiuye.office.entitlements.delivering import deliver_file
from jiuye.office.entitlements.models import Entitlement
from jiuye.office.entitlements.rulebook import rulebook
from jiuye.office.registry.deliveries import DeliveryRefusedError
from jiuye.office.registry.models import Division, Employer, RegisteredThing
from jiuye.office.staff.models import Account
from jiuye.office.staff.operations import place_in_post
from jiuye.office.staff.queries import NotPermittedError, actor_for
from tests.office.entitlements.conftest import AT, ON, make_person

pytestmark = pytest.mark.django_db
HARBOUR = Path(__file__).parent / "harbour_pack"
GRANT, FLEET = "boat-safety-grant", "fleet-berth"
MARCH = date(2025, 3, 1)


@pytest.fixture(autouse=True)
def harbour(settings):
    settings.PACK = HARBOUR


@pytest.fixture
def harbour_master(town):
    account = Account.objects.create_account(
        username="gang", display_name="港务员", password="x", kind="officer"
    )
    place_in_post(
        account=account, role="caseworker", division_code="3210", start=date(2023, 1, 1), until=None
    )
    return actor_for(account, on=ON)


@pytest.fixture
def deliver(harbour_master):
    def act(text, *, register="berths", as_of=MARCH, complete=False, actor=harbour_master, entity="boat"):
        return deliver_file(
            actor=actor, register=register, entity=entity, file_name="名册.csv", content=text.strip().encode(),
            as_of=as_of, source="测试", on=ON, at=AT, complete=complete,
        )  # fmt: skip

    return act


def berths(firm: Employer, *boats: tuple[str, int]) -> str:
    lines = ["编号,名称,统一社会信用代码,座位数,船体,检验日期,年维护费"]
    lines += [
        f"{key},瘦西湖{key},{firm.credit_code},{seats},steel,2025-01-15,1001.01" for key, seats in boats
    ]
    return "\n".join(lines)


def kept(policy: str) -> dict[str, tuple[str, int | None]]:
    """Verdict and amount by the thing's number, or the employer's name."""
    names = {str(thing.pk): thing.key for thing in RegisteredThing.objects.order_by("pk")}
    return {
        names.get(found.subject_key, "") if found.subject_kind == "boat" else str(found.employer): (
            found.verdict,
            found.amount_fen,
        )
        for found in Entitlement.objects.filter(policy_id=policy).order_by("pk")
    }


def test_a_new_kind_of_thing_is_delivered_swept_and_decided_without_code(firm, deliver):
    deliver(berths(firm, ("一号", 20), ("二号", 24), ("三号", 8)))
    deliver("编号,已投保\n一号,是", register="insurance", complete=True)
    run = operations.run_sweep(actor=None, on=ON, at=AT)
    assert run.totals[GRANT] | {"amount_fen": 0} == {
        "subjects": 3, "yes": 1, "unknown": 0, "no": 2, "amount_fen": 0,
    }  # fmt: skip
    assert kept(GRANT)["一号"] == ("yes", 50_051)
    assert kept(FLEET) == {firm.name: ("yes", None)}
    found = Entitlement.objects.get(policy_id=GRANT, verdict="yes")
    assert (found.recipient_kind, found.employer, found.subject_kind) == ("employer", firm, "boat")
    assert found.facts["seats"] == 20


def test_what_a_register_does_not_say_of_a_thing_cannot_be_told(firm, deliver):
    deliver(f"编号,统一社会信用代码,座位数\n一号,{firm.credit_code},")
    operations.run_sweep(actor=None, on=ON, at=AT)
    assert kept(GRANT) == {"一号": ("unknown", None)}


def test_a_delivery_decides_the_owner_again_at_once(firm, deliver):
    deliver(berths(firm, ("一号", 20)))
    assert kept(GRANT) == {"一号": ("unknown", None)}
    deliver("编号,已投保\n一号,是", register="insurance")
    assert kept(GRANT) == {"一号": ("yes", 50_051)}
    deliver(berths(firm, ("一号", 9)), as_of=MARCH + timedelta(days=7))
    assert kept(GRANT)["一号"][0] == "no"


def test_one_thing_and_everyone_are_read_the_same(firm, deliver, tmp_path):
    deliver(berths(firm, ("一号", 20), ("二号", 24)))
    deliver("编号,已投保\n一号,\n二号,是", register="insurance", complete=True)
    reader = rulebook().reader(ON)
    reader.write_columns(tmp_path)
    keys = list(RegisteredThing.objects.order_by("pk").values_list("pk", flat=True))
    for key, row in reader.rows("boat", keys).items():
        table = duckdb.sql(f"SELECT * FROM read_parquet('{tmp_path / 'boat'}.parquet') WHERE id = {key}")
        swept = dict(zip(table.columns, table.fetchall()[0], strict=True))
        assert {name: swept[name] for name in row.values} == row.values
        assert swept["owner_id"] == firm.pk
    Entitlement.objects.all().delete()
    operations.run_sweep(actor=None, on=ON, at=AT)
    swept_verdicts = kept(GRANT) | kept(FLEET)
    assert swept_verdicts == {"一号": ("unknown", None), "二号": ("yes", 50_051), firm.name: ("yes", None)}
    Entitlement.objects.all().delete()
    operations.redecide_employer(employer_id=firm.pk, on=ON, at=AT)
    assert kept(GRANT) | kept(FLEET) == swept_verdicts


def test_a_thing_that_the_register_no_longer_lists_is_neither_decided_nor_counted(firm, deliver):
    deliver(berths(firm, ("一号", 20), ("二号", 24)), complete=True)
    deliver("编号,已投保\n一号,是\n二号,是", register="insurance")
    operations.run_sweep(actor=None, on=ON, at=AT)
    assert kept(FLEET) == {firm.name: ("yes", None)}
    deliver(berths(firm, ("一号", 20)), as_of=ON, complete=True)
    assert kept(GRANT) == {"一号": ("yes", 50_051), "二号": ("no", None)}
    assert kept(FLEET)[firm.name][0] != "yes"
    operations.run_sweep(actor=None, on=ON, at=AT)
    assert kept(GRANT) == {"一号": ("yes", 50_051), "二号": ("no", None)}


def test_an_answer_about_a_thing_decides_it_and_only_the_owner_or_their_officer_may_give_it(
    firm, deliver, officer
):
    deliver(berths(firm, ("一号", 20)))
    key = str(RegisteredThing.objects.get().pk)

    def answer(actor):
        operations.answer(
            actor=actor, entity="boat", subject_key=key, fact="insured", value="是", on=ON, at=AT
        )

    own = Account.objects.create_account(
        username="chuan", display_name="船主", password="x", kind="employer", subject_key=str(firm.pk)
    )
    other = Account.objects.create_account(
        username="other", display_name="别家", password="x", kind="employer", subject_key=str(firm.pk + 1)
    )
    with pytest.raises(NotPermittedError):
        answer(actor_for(other, on=ON))
    answer(actor_for(own, on=ON))
    assert kept(GRANT) == {"一号": ("yes", 50_051)}


def test_the_number_of_queries_does_not_grow_with_the_things(firm, deliver):
    other = Employer.objects.create(
        name="扬州另一家游船公司", credit_code="91321002MA00000002", kind="enterprise",
        division=Division.objects.get(code="321002"), source="测试",
    )  # fmt: skip
    deliver(berths(firm, ("一号", 20)))
    deliver(berths(other, *((f"第{number}号", 20 + number) for number in range(30))))

    def queries(employer):
        operations.redecide_employer(employer_id=employer.pk, on=ON, at=AT)
        with CaptureQueriesContext(connection) as seen:
            operations.redecide_employer(employer_id=employer.pk, on=ON, at=AT)
        return len(seen)

    assert queries(other) == queries(firm)
    reader, counts = rulebook().reader(ON), set()
    keys = list(RegisteredThing.objects.order_by("pk").values_list("pk", flat=True))
    for number in (1, len(keys)):
        with CaptureQueriesContext(connection) as seen:
            assert len(reader.rows("boat", keys[:number])) == number
        counts.add(len(seen))
    assert len(counts) == 1


def test_everything_wrong_with_a_file_is_said_at_once_with_its_row(firm, deliver):
    with pytest.raises(DeliveryRefusedError) as refused:
        deliver(
            f"编号,统一社会信用代码,座位数,船体,检验日期\n"
            f"一号,{firm.credit_code},600,steel,2025-02-30\n,{firm.credit_code},9,铁船,\n三号,91320000000000000X,9,,"
        )
    told = "\n".join(refused.value.sentences)
    assert "第2行：“600”超出了座位数的范围。" in told
    assert "第2行：“2025-02-30”不是检验日期" in told
    assert "第3行：“铁船”不是船体" in told
    assert "第3行：“编号”是空的。" in told
    assert "第4行：没有登记过统一社会信用代码为“91320000000000000X”的单位" in told
    assert not RegisteredThing.objects.exists()


def test_a_column_that_nobody_knows_is_named_with_the_nearest(firm, deliver):
    with pytest.raises(DeliveryRefusedError, match="不认识“坐位数”这一列；是否想写“座位数”"):
        deliver("编号,坐位数\n一号,20")
    with pytest.raises(DeliveryRefusedError, match="没有“编号”这一列"):
        deliver("名称,座位数\n一号,20")
    with pytest.raises(DeliveryRefusedError, match="是否指“berths”"):
        deliver("编号,座位数\n一号,20", register="berth")


def test_a_resident_is_named_by_the_id_number_and_it_is_never_repeated_in_a_message(town, firm, deliver):
    person = make_person("张秀兰", "321002197805154321")
    deliver(f"编号,身份证号,统一社会信用代码\n一号,{person.id_number},{firm.credit_code}")
    assert RegisteredThing.objects.get().person == person
    with pytest.raises(DeliveryRefusedError) as refused:
        deliver("编号,身份证号\n二号,321002197805154322")
    assert "321002197805154322" not in "".join(refused.value.sentences)


def test_the_recipient_of_a_policy_may_be_the_person_of_a_thing(firm, deliver, monkeypatch):
    person = make_person("张秀兰", "321002197805154321")
    deliver(f"编号,身份证号,统一社会信用代码\n一号,{person.id_number},{firm.credit_code}")
    thing = RegisteredThing.objects.get()
    assert operations.subject_person("boat", str(thing.pk)) == person.pk
    assert operations.subject_employer("boat", str(thing.pk)) == firm.pk
    assert operations.subjects_of_people([person.pk])["boat"] == [thing.pk]
