"""A low mark that nobody answers in its workdays goes to the office above by itself: once, told to both, and gone once it is answered."""

from __future__ import annotations

import shutil
from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from jiuye.config.cli import main
from jiuye.office.conduct import operations, queries
from jiuye.office.conduct.models import Escalation, Rating
from jiuye.office.messages.queries import inbox
from jiuye.office.staff.models import Account, Post
from tests.office.conduct.test_ratings import answer, ended, rate  # noqa: F401 (a fixture by name)
from tests.office.matters.conftest import VILLAGE, at, officer

STREET = "321002001"
DUE, LATE, LATER = date(2024, 6, 18), date(2024, 6, 19), date(2024, 6, 26)  # one and six workdays late


@pytest.fixture
def mark(ended, me) -> Rating:  # noqa: F811
    return rate(me, ended)


@pytest.fixture
def beside(divisions):
    """An officer of the street who had no hand in the matter."""
    return officer("街道审核", "reviewer", STREET)


@pytest.fixture
def county(divisions):
    return officer("区审核二", "reviewer", "321002")


def nightly(on: date):
    return operations.escalate_late(on=on, at=at(on))


def to_us(actor) -> list[Rating | None]:
    return [row.rating for row in queries.escalated(actor, to_us=True)]


def as_(client, actor):
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def test_a_low_mark_goes_up_on_the_first_workday_after_its_last_and_only_once(mark, beside, county):
    assert nightly(DUE).rises == 0
    done = nightly(LATE)
    assert (done.things, done.marks, done.rises, done.told) == (1, 1, 1, 2)
    assert (nightly(LATE).rises, nightly(date(2024, 6, 20)).rises) == (0, 0)
    (row,) = Escalation.objects.all()
    assert (row.rating, row.from_division, row.to_division) == (mark, STREET, "321002")
    assert (row.due_on, row.late_workdays, row.on_date) == (DUE, 1, LATE)


def test_who_answers_above_has_it_and_both_offices_are_told(mark, beside, county):
    nightly(LATE)
    (below,), (above,) = inbox(beside), inbox(county)
    assert "已自动上报广陵区" in below.body
    assert "东关街道有 1 条不满意的评价没有按期回复" in above.body
    assert mark.rated.number in above.body
    assert (to_us(county), to_us(beside)) == ([mark], [])
    assert [row.rating for row in queries.escalated(beside, to_us=False)] == [mark]


def test_whoever_had_a_hand_in_it_is_not_told_and_the_city_answers_where_nobody_else_may(mark, reviewer):
    city = officer("市就业办", "city_office", "3210")
    done = nightly(LATE)
    assert (done.rises, done.told) == (1, 1)
    (row,) = Escalation.objects.all()
    assert (row.from_division, row.to_division) == ("321002", "3210")
    assert inbox(city).count() == 1
    assert not inbox(reviewer).exists()


def test_what_stays_unanswered_goes_up_another_level_and_never_above_the_city(mark, beside, county):
    city = officer("市就业办", "city_office", "3210")
    nightly(LATE)
    assert to_us(city) == []
    nightly(LATER)
    assert to_us(city) == [mark]
    nightly(date(2024, 9, 2))
    assert sorted(Escalation.objects.values_list("to_division", flat=True)) == ["3210", "321002"]


@pytest.fixture
def city(mark, reviewer):
    """The city's office, which owes the answer: nobody below it may give one any more."""
    Post.objects.filter(account_id=reviewer.account_id).update(until=LATE)
    return officer("市就业办", "city_office", "3210")


def test_a_mark_of_the_citys_own_goes_to_whoever_leads_the_city_once(mark, city):
    mayor, elsewhere = officer("市领导", "leader", "3210"), officer("区领导", "leader", "321002")
    assert nightly(DUE).rises == 0
    done = nightly(LATE)
    assert (done.marks, done.rises, done.told) == (1, 1, 2)
    assert (nightly(LATE).rises, nightly(LATER).rises) == (0, 0)
    (row,) = Escalation.objects.all()
    assert (row.rating, row.from_division, row.to_division) == (mark, "3210", "3210")
    (told,) = inbox(mayor)
    assert mark.rated.number in told.body
    assert "上面再没有机构，因此报告给您" in told.body
    assert "已报告市领导" in inbox(city).get().body
    assert not inbox(elsewhere).exists()


def test_where_nobody_leads_the_city_its_office_is_told_so_and_the_mark_stands_among_what_is_late(
    mark, city, client
):
    assert nightly(LATE).told == 1
    assert "也没有设可以报告的市领导岗位" in inbox(city).get().body
    assert to_us(city) == [mark]
    page = as_(client, city).get("/desk/work/late/").text
    assert mark.rated.number in page
    assert "上面再没有机构" in page
    assert "上面再没有机构可以上报" in client.get(f"/desk/ratings/{mark.pk}/").text


def test_in_how_many_workdays_a_low_mark_is_to_be_answered_stands_in_the_pack(ended, me, settings, tmp_path):  # noqa: F811
    pack = tmp_path / "pack"
    shutil.copytree(settings.PACK, pack)
    file = pack / "deadlines.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("low_mark: {workdays: 5", "low_mark: {workdays: 3"), encoding="utf-8")
    settings.PACK = pack
    assert rate(me, ended).answer_due == date(2024, 6, 14)


def test_without_such_a_number_no_day_is_invented_and_nothing_is_late(ended, me, settings, tmp_path):  # noqa: F811
    pack = tmp_path / "pack"
    shutil.copytree(settings.PACK, pack)
    file = pack / "deadlines.yaml"
    lines = [
        line for line in file.read_text(encoding="utf-8").splitlines() if not line.startswith("low_mark")
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    settings.PACK = pack
    assert rate(me, ended).answer_due is None
    assert nightly(date(2024, 9, 2)).rises == 0


def test_once_it_is_answered_it_leaves_the_list_and_the_record_stays(mark, beside, county):
    nightly(LATE)
    answer(county, mark)
    assert to_us(county) == []
    assert nightly(LATER).rises == 0
    assert Escalation.objects.count() == 1


def test_what_was_answered_in_time_and_what_pleased_never_goes_up(ended, me, county):  # noqa: F811
    answer(county, rate(me, ended))
    assert nightly(LATER).rises == 0


def test_a_good_mark_never_goes_up(ended, me, county):  # noqa: F811
    rate(me, ended, level="satisfied", words="")
    assert nightly(LATER).rises == 0


def test_the_rise_of_a_mark_is_kept_as_it_was_and_is_about_one_thing(mark, county):
    nightly(LATE)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Escalation.objects.update(to_division="3210")
    row = Escalation.objects.get()
    with pytest.raises(IntegrityError, match="escalated_once"), transaction.atomic():
        Escalation.objects.create(**values_of(row))
    with pytest.raises(IntegrityError, match="escalation_of_one_thing"), transaction.atomic():
        Escalation.objects.create(**values_of(row) | {"matter": mark.matter})


def values_of(row: Escalation) -> dict[str, object]:
    names = ("step", "role", "due_on", "late_workdays", "from_division", "to_division", "on_date", "at")
    return {"rating": row.rating} | {name: getattr(row, name) for name in names}


def test_a_run_that_cannot_tell_anybody_records_nothing(mark, county, monkeypatch):
    def broken(**_):
        raise RuntimeError("killed")

    monkeypatch.setattr("jiuye.office.conduct.operations.rising.write", broken)
    with pytest.raises(RuntimeError):
        nightly(LATE)
    assert not Escalation.objects.exists()
    monkeypatch.undo()
    assert nightly(LATE).rises == 1


def test_the_command_says_how_many_of_them_are_marks(mark, county, capsys, monkeypatch):
    monkeypatch.setattr("jiuye.config.django_setup.setup_django", lambda: None)
    assert main(["deadlines", "--on", LATE.isoformat()]) == 0
    assert "1 件逾期上报（1 级次，其中评价未回复 1 条）" in capsys.readouterr().out


def test_the_upper_offices_desk_shows_it_and_the_marks_page_says_since_when(
    client, mark, beside, county, settings
):
    nightly(LATE)
    settings.OFFICE_DATE = LATE.isoformat()
    as_(client, county)
    assert "逾期上报（1）" in client.get("/desk/").text
    listed = client.get("/desk/work/late/").text
    assert f"/desk/ratings/{mark.pk}/" in listed
    assert "评价“非常不满意”没有按期回复" in listed
    page = client.get(f"/desk/ratings/{mark.pk}/").text
    assert "逾期 1 个工作日" in page
    assert "东关街道没有按期回复（当时逾期 1 个工作日），2024年6月19日起已自动上报广陵区" in page
    client.post(f"/desk/ratings/{mark.pk}/answer/", {"words": "已调整值班"})
    after = client.get(f"/desk/ratings/{mark.pk}/").text
    assert "回复晚于期限" in after
    assert "起已自动上报广陵区" in after
    assert mark.rated.number not in client.get("/desk/work/late/").text


def test_the_applicant_reads_that_it_went_up_and_no_longer_that_it_is_still_in_time(
    client, mark, me, beside, county, settings
):
    nightly(LATE)
    settings.OFFICE_DATE = LATE.isoformat()
    page = as_(client, me).get(f"/my/services/matters/{mark.matter_id}/").text
    assert "我们没有在2024年6月18日以前回复您，2024年6月19日起已上报广陵区" in page
    assert "我们最迟在" not in page


def test_an_officer_of_another_county_sees_nothing_of_it(client, mark, county, settings):
    nightly(LATE)
    settings.OFFICE_DATE = LATE.isoformat()
    for name, role, place in (
        ("邗江审核", "reviewer", "321003"),
        ("协理员", "caseworker", VILLAGE),
        ("支付", "cashier", "321002"),
    ):
        assert mark.rated.number not in as_(client, officer(name, role, place)).get("/desk/work/late/").text
