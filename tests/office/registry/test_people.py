"""Finding residents, looking at one, and changing what is on record of one."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from jiuye.office.registry import operations, queries
from jiuye.office.registry.models import Employer, EmploymentSpell, NameGrams, Person, Status
from jiuye.office.registry.signals import people_changed
from jiuye.office.staff.models import LookRecord
from jiuye.office.staff.queries import NotPermittedError
from tests.office.registry.conftest import NOW, TODAY, id_number, officer

START = date(2024, 1, 1)


@pytest.fixture
def told():
    """The persons of whom the rooms above were told, in order."""
    heard: list[int] = []

    def hear(sender, person_ids, on, at, **_more):
        assert (on, at) == (TODAY, NOW)
        heard.extend(person_ids)

    people_changed.connect(hear)
    yield heard
    people_changed.disconnect(hear)


def names(people: list[Person]) -> list[str]:
    return [person.name for person in people]


def test_people_are_found_by_a_part_of_their_name(caseworker, make_person):
    for name in ("张秀兰", "李秀兰", "王伟"):
        make_person(name)
    assert sorted(names(queries.search(caseworker, "秀兰").rows)) == ["张秀兰", "李秀兰"]
    assert names(queries.search(caseworker, "王").rows) == ["王伟"]


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("张", ["张三丰", "张伟"]),
        ("伟", ["张伟", "王伟"]),
        ("三丰", ["张三丰"]),
        ("张三丰", ["张三丰"]),
        ("张丰", []),  # both stand in it, and not together
        ("阿里木·买买", ["阿里木·买买提"]),
        ("a", ["Anna Li"]),
        ("NNA l", ["Anna Li"]),
        ("%", []),
    ],
)
def test_any_part_of_a_name_finds_it_and_nothing_else(caseworker, make_person, part, found):
    for name in ("张三丰", "张伟", "王伟", "阿里木·买买提", "Anna Li"):
        make_person(name)
    assert sorted(names(queries.search(caseworker, part).rows)) == sorted(found)


def test_the_index_of_names_knows_every_character_and_every_two_together(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT registry_name_grams('Anna'), registry_name_grams('𠮷野'), registry_name_grams('王')"
        )
        assert [sorted(grams) for grams in cursor.fetchone()] == [
            ["a", "an", "n", "na", "nn"],
            ["野", "𠮷", "𠮷野"],
            ["王"],
        ]


def test_many_of_one_name_are_read_slice_by_slice(caseworker, make_person):
    for _ in range(7):
        make_person("王伟")
    first = queries.search(caseworker, "王伟", size=4)
    second = queries.search(caseworker, "王伟", size=4, after=first.after)
    assert [len(part.rows) for part in (first, second)] == [4, 3]
    assert not {person.pk for person in first.rows} & {person.pk for person in second.rows}


def test_a_rare_character_is_found(caseworker, make_person):
    make_person("𠮷野家")
    assert names(queries.search(caseworker, "𠮷").rows) == ["𠮷野家"]


def test_a_name_written_nearly_right_is_found_by_likeness(caseworker, make_person):
    make_person("欧阳秀兰")
    make_person("王伟")
    assert names(queries.search(caseworker, "欧阳秀蓝").rows) == ["欧阳秀兰"]


def test_people_are_found_by_id_number_phone_and_their_own_number(caseworker, make_person):
    person = make_person(id_number=id_number(), phone="13812345678", sex="male", birth_date=date(1990, 1, 2))
    make_person("别人")
    for text in (id_number(), id_number().lower(), "138 1234 5678", str(person.pk), f"#{person.pk}"):
        assert queries.search(caseworker, text).rows == [person], text


def test_part_of_an_id_number_finds_nobody(caseworker, make_person):
    make_person(id_number=id_number())
    assert queries.search(caseworker, id_number()[:14]).rows == []


def test_nobody_is_found_outside_ones_divisions(caseworker, make_person):
    person = make_person(residence_division_id="321003001001", phone="13812345678")
    for text in ("张秀兰", "13812345678", person.id_number, str(person.pk)):
        assert queries.search(caseworker, text).rows == []
    with pytest.raises(Person.DoesNotExist):
        queries.person_card(caseworker, person.pk, on=TODAY)


def test_search_needs_the_permission(city, make_person):
    with pytest.raises(NotPermittedError):
        queries.search(officer("leader", "3210"), "张")


def test_a_card_tells_what_is_held_on_the_day_from_what_was(caseworker, make_person, make_employer):
    person = make_person()
    for kind, start, until in (
        ("registered_unemployed", START, date(2024, 7, 1)),  # ended with the day before: half-open
        ("veteran", date(2010, 1, 1), None),
        ("disabled", date(2024, 7, 2), None),  # not yet
    ):
        Status.objects.create(person=person, kind=kind, start=start, until=until, source="测试")
    EmploymentSpell.objects.create(
        person=person, employer=make_employer(), kind="employee", start=TODAY, source="测试"
    )
    card = queries.person_card(caseworker, person.pk, on=TODAY)
    assert [status.kind for status in card.statuses] == ["veteran"]
    assert [status.kind for status in card.past_statuses] == ["disabled", "registered_unemployed"]
    assert len(card.current_employment) == 1
    assert card.age == 47


def test_a_card_takes_the_same_number_of_queries_however_much_there_is(
    caseworker, make_person, make_employer, django_assert_num_queries
):
    person = make_person()
    for month in range(1, 7):
        EmploymentSpell.objects.create(
            person=person,
            employer=make_employer(f"第{month}家"),
            kind="employee",
            start=date(2023, month, 1),
            source="测试",
        )
    with django_assert_num_queries(2):
        card = queries.person_card(caseworker, person.pk, on=TODAY)
        assert len([str(spell.employer) for spell in card.employment]) == 6


# ---------------------------------------------------------------------------------------------------- looks


def reveal(actor, person: Person, field: str = "id_number", purpose: str = "核对失业登记") -> str:
    return operations.reveal(actor=actor, person=person, field=field, purpose=purpose, at=NOW)


def test_a_look_is_recorded_with_who_whose_what_and_why(caseworker, make_person):
    person = make_person()
    assert reveal(caseworker, person) == person.id_number
    look = LookRecord.objects.get()
    assert (look.account_id, look.subject_key, look.field, look.purpose, look.looked_at) == (
        caseworker.account_id, str(person.pk), "id_number", "核对失业登记", NOW,
    )  # fmt: skip


def test_a_look_without_a_purpose_or_permission_or_at_another_field_shows_nothing(caseworker, make_person):
    person, elsewhere = make_person(), make_person(residence_division_id="321003001001")
    with pytest.raises(operations.FactRefusedError, match="事由"):
        reveal(caseworker, person, purpose="  ")
    with pytest.raises(NotPermittedError):
        reveal(caseworker, elsewhere)
    with pytest.raises(NotPermittedError):
        reveal(officer("approver", "3210"), person)
    with pytest.raises(operations.NotCorrectableError):
        reveal(caseworker, person, field="name")
    assert not LookRecord.objects.exists()


# -------------------------------------------------------------------------------------------------- changes


def add_status(actor, person, **changes) -> Status:
    values = {"kind": "registered_unemployed", "start": START, "source": "窗口", **changes}
    return operations.add_status(actor=actor, person=person, on=TODAY, at=NOW, **values)


def test_a_status_is_added_and_the_rooms_above_are_told(caseworker, make_person, told):
    person = make_person()
    status = add_status(caseworker, person, kind="employment_difficulty", category="older", document="认定表")
    assert (status.category, status.document, status.until) == ("older", "认定表", None)
    assert told == [person.pk]


def test_a_status_posted_twice_stands_once(caseworker, make_person, told):
    person = make_person()
    assert add_status(caseworker, person) == add_status(caseworker, person)
    assert told == [person.pk]


def test_a_status_that_overlaps_or_has_no_category_is_refused_in_words(caseworker, make_person):
    person = make_person()
    add_status(caseworker, person)
    with pytest.raises(operations.FactRefusedError, match="重叠；请先结束前一段"):
        add_status(caseworker, person, start=date(2024, 2, 1))
    with pytest.raises(operations.FactRefusedError, match="认定类别"):
        add_status(caseworker, person, kind="employment_difficulty")
    with pytest.raises(operations.FactRefusedError, match="晚于今天"):
        add_status(caseworker, person, kind="veteran", start=date(2024, 7, 2))
    assert Status.objects.count() == 1


def test_a_status_is_ended_once_and_never_at_two_dates(caseworker, make_person, told):
    status = add_status(caseworker, make_person())
    end = {"actor": caseworker, "status": status, "on": TODAY, "at": NOW}
    assert operations.end_status(until=date(2024, 6, 1), **end).until == date(2024, 6, 1)
    operations.end_status(until=date(2024, 6, 1), **end)
    with pytest.raises(operations.AlreadyEndedError, match="已于2024-06-01结束"):
        operations.end_status(until=date(2024, 6, 2), **end)
    assert len(told) == 2


def test_a_status_cannot_end_before_it_starts(caseworker, make_person):
    status = add_status(caseworker, make_person())
    with pytest.raises(operations.FactRefusedError, match="结束日期必须晚于开始日期"):
        operations.end_status(actor=caseworker, status=status, until=START, on=TODAY, at=NOW)
    status.refresh_from_db()
    assert status.until is None


def add_employment(actor, person, **changes) -> EmploymentSpell:
    values = {"kind": "flexible", "start": START, "source": "窗口", **changes}
    return operations.add_employment(actor=actor, person=person, on=TODAY, at=NOW, **values)


def test_employment_is_added_and_ended_with_its_reason(caseworker, make_person, make_employer, told):
    spell = add_employment(
        caseworker, make_person(), kind="employee", employer=make_employer(), monthly_wage_fen=450000
    )
    ended = operations.end_employment(
        actor=caseworker,
        spell=spell,
        until=date(2024, 6, 1),
        ended_because="合同到期",
        involuntary=True,
        on=TODAY,
        at=NOW,
    )
    assert (ended.until, ended.ended_because, ended.involuntary_end) == (date(2024, 6, 1), "合同到期", True)
    assert len(told) == 2


def test_employment_posted_twice_stands_once_and_what_does_not_fit_is_refused(
    caseworker, make_person, make_employer
):
    person = make_person()
    assert add_employment(caseworker, person) == add_employment(caseworker, person)
    with pytest.raises(operations.FactRefusedError, match="必须有用人单位"):
        add_employment(caseworker, person, kind="employee")
    with pytest.raises(operations.FactRefusedError, match="时间重叠"):
        add_employment(caseworker, person, start=date(2024, 3, 1))
    assert EmploymentSpell.objects.count() == 1


def correct(actor, person, **changes) -> Person:
    return operations.correct_person(
        actor=actor, person=person, changes=changes, reason="本人更正", on=TODAY, at=NOW
    )


def test_a_correction_keeps_its_reason_in_the_audit_trail(caseworker, make_person, told):
    person = make_person()
    correct(caseworker, person, phone="138 1234 5678", address="东关街1号")
    person.refresh_from_db()
    assert (person.phone, person.address) == ("13812345678", "东关街1号")
    assert queries.search(caseworker, "13812345678").rows == [person]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.metadata->>'reason', c.metadata->>'operation' FROM registry_personevent e "
            "JOIN pghistory_context c ON c.id = e.pgh_context_id WHERE e.pgh_label = 'update'"
        )
        assert cursor.fetchall() == [("本人更正", "registry.correct_person")]
    assert told == [person.pk]


def test_a_correction_that_corrects_nothing_leaves_no_trace(caseworker, make_person, told):
    person = make_person(address="东关街1号")
    correct(caseworker, person, address="东关街1号")
    assert told == []


def test_a_correction_without_a_reason_or_of_something_else_is_refused(caseworker, make_person):
    person = make_person()
    with pytest.raises(operations.FactRefusedError, match="理由"):
        operations.correct_person(
            actor=caseworker, person=person, changes={"address": "x"}, reason=" ", on=TODAY, at=NOW
        )
    with pytest.raises(operations.NotCorrectableError, match="registered_on"):
        correct(caseworker, person, registered_on=TODAY)


def test_an_id_number_is_corrected_with_its_index_and_never_to_somebody_elses(caseworker, make_person):
    person, other = make_person(), make_person("李娜")
    right = id_number("19770305", 888)
    correct(caseworker, person, id_number=right.lower())
    assert queries.search(caseworker, right).rows == [person]
    with pytest.raises(operations.FactRefusedError, match=f"编号{other.pk}"):
        correct(caseworker, person, id_number=other.id_number)
    with pytest.raises(operations.FactRefusedError, match="校验位"):
        correct(caseworker, person, id_number=right[:-1] + ("0" if right[-1] != "0" else "1"))
    with pytest.raises(operations.FactRefusedError, match="与身份证号不一致"):
        correct(caseworker, person, birth_date=date(1978, 3, 5))
    with pytest.raises(operations.FactRefusedError, match="手机号"):
        correct(caseworker, person, phone="12345")


def test_somebody_elses_residents_are_not_changed(caseworker, make_person):
    elsewhere = make_person(residence_division_id="321003001001")
    for act in (add_status, add_employment):
        with pytest.raises(NotPermittedError):
            act(caseworker, elsewhere)
    with pytest.raises(NotPermittedError):
        correct(caseworker, elsewhere, address="x")


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("恒达", ["扬州恒达机械有限公司", "江都恒达商贸"]),
        ("恒", ["扬州恒达机械有限公司", "江都恒达商贸"]),
        ("恒机", []),  # both stand in it, and not together
        ("ABC", ["扬州abc软件"]),
        ("%", []),
    ],
)
def test_employers_are_found_by_any_part_of_their_name(caseworker, make_employer, part, found):
    for name in ("扬州恒达机械有限公司", "江都恒达商贸", "扬州abc软件"):
        make_employer(name)
    rows, more = queries.search_employers(caseworker, part)
    assert (sorted(employer.name for employer in rows), more) == (sorted(found), False)


def test_an_employer_is_found_by_its_whole_credit_code_and_its_own_number(caseworker, make_employer):
    firm = make_employer()
    make_employer("别家")
    code = firm.credit_code
    for text in (code, code.lower(), f" {code[:8]} {code[8:]} ", str(firm.pk), f"#{firm.pk}"):
        assert queries.search_employers(caseworker, text) == ([firm], False), text
    assert queries.search_employers(caseworker, code[:17]) == ([], False)
    assert queries.search_employers(caseworker, " ") == ([], False)


def test_no_employer_is_found_outside_ones_divisions_and_none_without_the_permission(
    city, caseworker, make_employer
):
    firm = make_employer("邗江恒达", division_id="321003")
    for text in ("恒达", firm.credit_code, str(firm.pk)):
        assert queries.search_employers(caseworker, text) == ([], False), text
    with pytest.raises(NotPermittedError):
        queries.search_employers(officer("leader", "3210"), "恒达")


def test_of_many_employers_the_first_are_listed_and_it_is_said_that_there_are_more(caseworker, make_employer):
    for number in range(4):
        make_employer(f"恒达{number}")
    rows, more = queries.search_employers(caseworker, "恒达", size=3)
    assert ([employer.name for employer in rows], more) == (["恒达0", "恒达1", "恒达2"], True)


def test_names_of_employers_are_asked_of_their_index(caseworker, make_employer):
    make_employer("扬州恒达机械有限公司")
    found = Employer.objects.alias(grams=NameGrams("name")).filter(grams__contains=["恒达"]).order_by("name")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "employer_name_grams" in found.explain()
