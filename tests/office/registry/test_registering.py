"""A resident or an employer on no list is put on record at a counter: as an import would write them, once, by somebody else than themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from jiuye.office.registry import registering
from jiuye.office.registry.models import CounterRegistration, Employer, Person
from jiuye.office.registry.registering import (
    AlikeError,
    AlreadyThereError,
    NotRegisteredError,
    OwnRecordError,
    Seen,
    register_employer,
    register_person,
)
from jiuye.office.registry.secrets import blind_index
from jiuye.office.registry.signals import employers_changed, people_changed
from jiuye.office.staff.queries import NotPermittedError
from tests.office.registry.conftest import NOW, TODAY, credit_code, id_number, officer
from tests.office.registry.importing.situations import load

NUMBER, OTHER_NUMBER = id_number("19900102", 123), id_number("19900102", 125)
CODE = credit_code(77)
GIVEN = {
    "name": "张伟",
    "id_number": NUMBER,
    "phone": "13800000123",
    "residence_division": "321002001001",
    "address": "东关街1号",
    "hukou_kind": "urban",
    "hukou_division": "",
}
FIRM = {"name": "扬州琼花食品有限公司", "credit_code": CODE, "division": "321002001"}
SEEN = Seen(paper="id_card", original=True, because="本人来办失业登记")
FIRM_SEEN = Seen(paper="business_licence", original=True, because="来申请招用补贴", agent="王芳")
BY = {"source": "经办窗口登记", "on": TODAY, "at": NOW}


def registered(actor, seen=SEEN, **changes) -> Person:
    return register_person(actor=actor, given=GIVEN | changes, seen=seen, **BY).record


def firm_registered(actor, seen=FIRM_SEEN, **changes) -> Employer:
    return register_employer(actor=actor, given=FIRM | changes, seen=seen, **BY).record


def refused(error, act, *args, **changes) -> NotRegisteredError:
    """The refusal of that kind, after which nobody new is on record."""
    before = (Person.objects.count(), Employer.objects.count(), CounterRegistration.objects.count())
    with pytest.raises(error) as told:
        act(*args, **changes)
    assert (Person.objects.count(), Employer.objects.count(), CounterRegistration.objects.count()) == before
    return told.value


def wrong_of(error: NotRegisteredError) -> dict[str, str]:
    return dict(error.wrong)


@pytest.fixture
def told():
    """Whom the rooms above were told of."""
    people, firms = [], []

    def hear_people(sender, person_ids, **_):
        people.extend(person_ids)

    def hear_firms(sender, employer_ids, **_):
        firms.extend(employer_ids)

    people_changed.connect(hear_people)
    employers_changed.connect(hear_firms)
    yield people, firms
    people_changed.disconnect(hear_people)
    employers_changed.disconnect(hear_firms)


def test_a_resident_is_on_record_with_who_registered_them_on_which_paper_and_why(caseworker, told):
    person = registered(caseworker)
    person.refresh_from_db()
    assert (person.sex, person.birth_date) == ("male", date(1990, 1, 2))
    assert (person.id_number, person.phone) == (NUMBER, "13800000123")
    assert bytes(person.id_number_index) == blind_index(NUMBER)
    assert (person.source, person.registered_on) == ("经办窗口登记", TODAY)
    kept = CounterRegistration.objects.get(person=person)
    assert (kept.paper, kept.because, kept.by_id) == ("id_card", "本人来办失业登记", caseworker.account_id)
    assert (kept.on_date, kept.at, kept.agent, kept.apart_from) == (TODAY, NOW, "", [])
    assert told[0] == [person.pk]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.metadata->>'operation', c.metadata->>'document', c.metadata->>'reason', "
            "position(convert_to(%s, 'UTF8') in e.id_number) FROM registry_personevent e "
            "JOIN pghistory_context c ON c.id = e.pgh_context_id",
            [NUMBER],
        )
        assert cursor.fetchall() == [("registry.register_person", "id_card", "本人来办失业登记", 0)]


def test_an_employer_is_on_record_with_the_kind_that_its_code_says(caseworker, told):
    firm = firm_registered(caseworker, industry="C", size="micro", founded_on=date(2020, 5, 1))
    firm.refresh_from_db()
    assert (firm.kind, firm.industry, firm.size, firm.founded_on) == (
        "enterprise",
        "C",
        "micro",
        date(2020, 5, 1),
    )
    kept = CounterRegistration.objects.get(employer=firm)
    assert (kept.paper, kept.agent, kept.by_name) == ("business_licence", "王芳", caseworker.name)
    assert told[1] == [firm.pk]


def test_what_a_counter_writes_is_what_an_import_writes(caseworker, make_person):
    """The same words, as people paste and type them, by both ways."""
    words = {
        "name": "买买提•阿不 都拉",
        "phone": "+86 138-0000-0456",
        "address": "\u3000东关街１号 ",
        "residence": "东关街道琼花观社区",
        "hukou": "广陵区汶河街道",
    }
    headings = ["姓名", "身份证号", "手机号", "住址", "常住地", "户籍地", "户口性质"]
    line = [
        words["name"],
        NUMBER,
        words["phone"],
        words["address"],
        words["residence"],
        words["hukou"],
        "城镇",
    ]
    load(caseworker, line, headings=headings)
    from_file = Person.objects.get()
    seen = replace(SEEN, apart=_token(caseworker, from_file), apart_because="照片不同")
    at_counter = registered(
        caseworker,
        seen,
        id_number=f" {OTHER_NUMBER.lower()}",
        name=words["name"],
        phone=words["phone"],
        address=words["address"],
        residence_division=words["residence"],
        hukou_division=words["hukou"],
    )
    at_counter.refresh_from_db()
    columns = ("name", "phone", "address", "sex", "birth_date", "residence_division_id", "hukou_division_id", "hukou_kind")  # fmt: skip
    assert [getattr(at_counter, name) for name in columns] == [getattr(from_file, name) for name in columns]


def _token(actor, *people) -> str:
    from jiuye.office.registry.alike import Alike

    return Alike([], 0, 0, tuple(sorted(person.pk for person in people))).token


LAST = "1" if NUMBER[-1] != "1" else "2"


@pytest.mark.parametrize(
    ("field", "text", "says"),
    [
        ("id_number", NUMBER[:-1] + LAST, "校验位不对"),
        ("id_number", NUMBER[:-1], "有17位"),
        ("id_number", "32100219900102", "有14位"),
        ("id_number", NUMBER[:-2] + "A" + NUMBER[-1], "数字和X以外的字符"),
        ("id_number", id_number("19901302"), "19901302不存在"),
        ("id_number", id_number("20300102"), "晚于今天"),
        ("id_number", id_number(division="991002")[:17].replace("99", "17", 1) + "0", "身份证号"),
        ("name", " ", "姓名为空"),
        ("name", "张伟1", "数字或符号"),
        ("name", "张" * 61, "多了 1 字"),
        ("phone", "1380000012", "手机号应为11位"),
        ("address", "街" * 201, "多了 1 字"),
        ("residence_division", "", "请选择区划"),
        ("residence_division", "琼花馆社区", "相近的是“琼花观社区”"),
        ("residence_division", "新民社区", "不止一处"),
        ("hukou_division", "新民社区", "不止一处"),
    ],
)
def test_what_an_import_would_send_back_is_refused_at_its_field_in_the_same_words(
    caseworker, field, text, says
):
    error = refused(NotRegisteredError, registered, caseworker, **{field: text})
    assert list(wrong_of(error)) == [field]
    assert says in wrong_of(error)[field]


def test_everything_that_is_wrong_is_said_at_once(caseworker):
    seen = Seen(paper="", original=False, because=" ")
    error = refused(NotRegisteredError, registered, caseworker, seen, name="", id_number="1", phone="1")
    assert set(wrong_of(error)) == {"name", "id_number", "phone", "paper", "seen", "because"}


@pytest.mark.parametrize(
    ("number", "paper", "fits"),
    [
        (NUMBER, "household_book", True),
        (NUMBER, "residence_permit", False),
        (id_number(division="810000"), "residence_permit", True),
        (id_number(division="830000"), "id_card", False),
        (id_number(division="931086"), "permanent_residence", True),
        (id_number(division="931086"), "temporary_id_card", False),
    ],
)
def test_a_number_is_one_that_the_paper_bears(caseworker, number, paper, fits):
    seen = replace(SEEN, paper=paper)
    if fits:
        assert registered(caseworker, seen, id_number=number).id_number == number
    else:
        error = refused(NotRegisteredError, registered, caseworker, seen, id_number=number)
        assert list(wrong_of(error)) == ["paper"]


def test_an_old_number_and_places_beyond_the_city_are_taken_and_said(caseworker):
    old = NUMBER[:6] + NUMBER[8:17]
    done = register_person(
        actor=caseworker,
        given=GIVEN | {"id_number": old, "hukou_division": "四川省成都市", "residence_division": "321002"},
        seen=SEEN,
        **BY,
    )
    assert (done.record.id_number, done.record.hukou_division_id) == (NUMBER, None)
    assert any("换算成18位" in note for note in done.notes)
    assert any("四川省成都市" in note for note in done.notes)
    assert any("广陵区" in note for note in done.notes)


def test_whoever_has_the_number_already_is_shown_and_left_as_they_are(caseworker, make_person):
    there = make_person("张伟", id_number=NUMBER, sex="male", birth_date=date(1990, 1, 2), address="老地方")
    error = refused(AlreadyThereError, registered, caseworker)
    assert error.there == there
    assert f"编号{there.pk}" in wrong_of(error)["id_number"]
    error = refused(AlreadyThereError, registered, caseworker, name="李娜")
    assert "姓名是张*" in wrong_of(error)["id_number"]
    there.refresh_from_db()
    assert there.address == "老地方"


def test_of_somebody_in_another_county_it_is_said_that_they_are_there_and_nothing_else(
    caseworker, make_person, make_employer
):
    far = make_person("王远方", id_number=NUMBER, residence_division_id="321003001001")
    error = refused(AlreadyThereError, registered, caseworker)
    make_employer("邗江远方有限公司", credit_code=CODE, division_id="321003")
    of_firm = refused(AlreadyThereError, firm_registered, caseworker)
    assert (error.there, of_firm.there) == (None, None)
    for told in (str(error), str(of_firm)):
        assert "已经登记" in told
        assert not {"王", "远方", "邗江", str(far.pk)} & {
            word for word in ("王", "远方", "邗江", str(far.pk)) if word in told
        }


def test_who_is_only_alike_is_shown_first_and_registered_once_each_is_told_apart(caseworker, make_person):
    namesake = make_person("张伟", id_number=OTHER_NUMBER, birth_date=date(1990, 1, 2))
    same_phone = make_person("李娜", phone="13800000123")
    make_person("张伟", birth_date=date(1977, 3, 5))  # another birthday: nobody to be mistaken for
    error = refused(AlikeError, registered, caseworker)
    assert error.alike.shown == [namesake, same_phone]
    assert (error.alike.more, error.alike.elsewhere) == (0, 0)
    sure = replace(SEEN, apart=error.alike.token)
    assert list(wrong_of(refused(NotRegisteredError, registered, caseworker, sure))) == ["apart_because"]
    person = registered(caseworker, replace(sure, apart_because="照片不是同一人"))
    kept = CounterRegistration.objects.get(person=person)
    assert kept.apart_from == sorted([namesake.pk, same_phone.pk])
    assert kept.apart_because == "照片不是同一人"


def test_who_was_told_apart_from_some_is_not_told_apart_from_others(caseworker, make_person):
    make_person("张伟", id_number=OTHER_NUMBER, birth_date=date(1990, 1, 2))
    token = refused(AlikeError, registered, caseworker).alike.token
    newcomer = make_person("王强", phone="13800000123")
    error = refused(AlikeError, registered, caseworker, replace(SEEN, apart=token, apart_because="照片"))
    assert newcomer in error.alike.shown


def test_those_alike_beyond_ones_divisions_are_counted_and_not_shown(caseworker, make_person, make_employer):
    make_person("张伟", id_number=OTHER_NUMBER, birth_date=date(1990, 1, 2), residence_division_id="321003")
    make_employer("扬州琼花食品有限公司", division_id="321003")
    for act in (registered, firm_registered):
        alike = refused(AlikeError, act, caseworker).alike
        assert (alike.shown, alike.elsewhere) == ([], 1)


def test_a_firm_of_the_same_name_or_its_branch_is_shown_first(caseworker, make_employer):
    branch = make_employer("扬州琼花食品有限公司邵伯分公司")
    same = make_employer("扬州琼花食品 有限公司")
    make_employer("扬州琼花饮品有限公司")
    error = refused(AlikeError, firm_registered, caseworker)
    assert error.alike.shown == [same, branch]
    sure = replace(FIRM_SEEN, apart=error.alike.token, apart_because="信用代码不同，是关联公司")
    assert firm_registered(caseworker, sure).credit_code == CODE


def test_nobody_registers_themselves_nor_a_firm_for_which_they_come(caseworker):
    named = officer("caseworker", "321002", "张伟")
    assert list(wrong_of(refused(OwnRecordError, registered, named))) == ["name"]
    come = replace(FIRM_SEEN, agent=" 张伟 ")
    assert list(wrong_of(refused(OwnRecordError, firm_registered, named, come))) == ["agent"]
    person = registered(caseworker)
    kept = CounterRegistration.objects.get()
    firm = Employer.objects.create(
        name="一家", credit_code=CODE, kind="enterprise", division_id="321002", source="测试"
    )
    with pytest.raises(IntegrityError, match="与自己同名"), transaction.atomic():
        CounterRegistration.objects.create(
            employer=firm,
            paper="business_licence",
            agent="张伟",
            because="绕过",
            name_key=blind_index(person.name).hex(),
            by_id=named.account_id,
            by_name=named.name,
            on_date=TODAY,
            at=NOW,
        )
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        CounterRegistration.objects.filter(pk=kept.pk).update(because="改过")


def test_a_counter_registers_only_where_its_own_places_are(caseworker):
    with pytest.raises(NotPermittedError):
        registered(caseworker, residence_division="321003001001")
    with pytest.raises(NotPermittedError):
        firm_registered(caseworker, division="321003")
    with pytest.raises(NotPermittedError):
        registered(officer("reviewer", "321002"))
    assert not Person.objects.exists()


def test_the_same_form_twice_makes_one_resident_and_one_firm(caseworker, told):
    first = register_person(actor=caseworker, given=GIVEN, seen=SEEN, **BY)
    second = register_person(actor=caseworker, given=GIVEN, seen=SEEN, **BY)
    assert (first.again, second.again, second.record) == (False, True, first.record)
    assert firm_registered(caseworker) == firm_registered(caseworker)
    assert [len(one) for one in told] == [1, 1]
    refused(AlreadyThereError, registered, officer("caseworker", "321002", "赵敏"))


@pytest.mark.parametrize("village", ["321002001001", "321003001001"])
def test_of_two_counters_at_one_moment_the_second_finds_whom_the_first_registered(
    caseworker, make_person, monkeypatch, village
):
    def meanwhile(*args, **named):
        make_person("张伟", id_number=NUMBER, residence_division_id=village)
        return registering.Alike([], 0, 0, ())

    monkeypatch.setattr(registering, "people_like", meanwhile)
    with pytest.raises(AlreadyThereError) as told:
        registered(caseworker)
    assert (told.value.there is None) == village.startswith("321003")
    assert not CounterRegistration.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"credit_code": CODE[:-1] + ("A" if CODE[-1] != "A" else "B")}, "credit_code", "校验位"),
        ({"name": ""}, "name", "名称"),
        ({"kind": "government"}, "kind", "表示“企业”"),
        ({"credit_code": credit_code(5, kind="31")}, "kind", "看不出单位类型"),
        ({"division": ""}, "division", "区划"),
        ({"industry": "Z"}, "industry", "行业"),
        ({"founded_on": date(2030, 1, 1)}, "founded_on", "今天以前"),
        ({"bank_account": "123", "bank_name": "工行"}, "bank_account", "10至30位"),
        ({"bank_account": "6222021108000000019", "bank_name": "工行"}, "bank_account", "校验位不对"),
        ({"bank_account": "3205000000007777"}, "bank_name", "开户行"),
    ],
)
def test_an_employer_that_cannot_be_registered_is_refused_at_its_field(caseworker, changes, field, says):
    error = refused(NotRegisteredError, firm_registered, caseworker, **changes)
    assert list(wrong_of(error)) == [field]
    assert says in wrong_of(error)[field]


def test_a_code_that_tells_no_kind_takes_the_one_that_is_chosen_whoever_registered_the_firm(caseworker):
    """What an import cannot take: an unknown class, and an authority of another city."""
    firm = firm_registered(
        caseworker, credit_code=credit_code(5, authority="110105", kind="31"), kind="enterprise"
    )
    assert (firm.kind, firm.division_id) == ("enterprise", "321002001")
