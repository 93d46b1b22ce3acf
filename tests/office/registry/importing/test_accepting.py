"""From a preview to the registry: once, as a whole, and told apart from what is there already."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from jiuye.office.registry.importing import operations, queries, storage
from jiuye.office.registry.models import (
    Education,
    Employer,
    EmploymentSpell,
    ImportBatch,
    ImportChange,
    Person,
    Status,
)
from jiuye.office.registry.secrets import blind_index
from jiuye.office.registry.signals import many_people_changed, people_changed
from jiuye.office.staff.looks import looks_at
from jiuye.office.staff.models import LookedAt, LookRecord
from jiuye.office.staff.queries import Actor, NotPermittedError
from tests.office.registry.conftest import NOW, TODAY, credit_code, id_number, officer
from tests.office.registry.importing.situations import (
    HEADINGS,
    accept,
    load,
    preview,
    row,
    table,
    workbook,
)

WORK = ["姓名", "身份证号", "常住地", "就业状态", "单位名称", "统一社会信用代码", "就业起始日期", "月工资"]


def work(sequence: int = 123, kind: str = "单位就业", start: str = "2024-01-15", **changes: str) -> list[str]:
    values = {
        "姓名": "张伟",
        "身份证号": id_number(sequence=sequence),
        "常住地": "琼花观社区",
        "就业状态": kind,
        "单位名称": "扬州玉器厂" if kind == "单位就业" else "",
        "统一社会信用代码": credit_code(9) if kind == "单位就业" else "",
        "就业起始日期": start,
        "月工资": "4500.50",
    }
    return list({**values, **changes}.values())


def person(sequence: int = 123) -> Person:
    return Person.objects.get(id_number_index=blind_index(id_number(sequence=sequence)))


def reasons(batch: ImportBatch) -> list[str]:
    return [each.says for each in queries.rejections(batch)]


def counts_of(batch: ImportBatch) -> tuple[int, int, int]:
    counts = batch.summary["counts"]
    return counts["new"], counts["changed"], counts["unchanged"]


def test_a_preview_writes_nothing_into_the_registry(caseworker):
    batch = preview(caseworker, table(row(), row(sequence=125, 手机号="1")))
    assert (batch.state, batch.row_count, batch.accepted_count, batch.rejected_count) == (
        "previewed",
        2,
        1,
        1,
    )
    assert not Person.objects.exists()
    assert not Status.objects.exists()


def test_a_preview_shows_the_mapping_the_counts_and_masked_first_rows(caseworker):
    batch = preview(caseworker, table(row("𠮷野家")))
    labels, rows = queries.first_rows(batch)
    shown = dict(zip(labels, rows[0], strict=True))
    assert shown["姓名"] == "𠮷**"
    assert shown["身份证号"].startswith("321*")
    assert shown["手机号"] == "138****0123"
    assert shown["文化程度"] == "本科"
    assert counts_of(batch) == (1, 0, 0)
    assert batch.mapping["CSV"][5] == {
        "heading": "常住地（社区）",
        "field": "residence_division",
        "how": "exact",
    }


def test_nothing_of_an_upload_lies_on_disk_in_clear(caseworker, settings):
    preview(caseworker, table(row("张伟"), row("𠮷野", sequence=125, 手机号="1")))
    kept = [path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]
    assert len(kept) == 7
    for content in kept:
        assert id_number().encode() not in content
        assert "张伟".encode() not in content


def test_an_accepted_row_becomes_a_person_with_their_facts(caseworker):
    batch = load(caseworker, row("𠮷野"))
    found = person()
    assert (found.name, found.sex, found.birth_date) == ("𠮷野", "male", date(1990, 1, 2))
    assert (found.id_number, found.phone) == (id_number(), "13800000123")
    assert found.phone_index == blind_index("13800000123")
    assert (found.residence_division_id, found.source, found.registered_on) == (
        "321002001001",
        "东关街道摸排",
        TODAY,
    )
    (status,) = Status.objects.order_by("pk")
    assert (status.kind, status.start, status.source, status.document) == (
        "registered_unemployed", date(2024, 3, 1), "东关街道摸排", f"导入批次 {batch.pk}",
    )  # fmt: skip
    (education,) = Education.objects.order_by("pk")
    assert (education.level, education.full_time) == ("bachelor", True)
    assert batch.accepted_at == NOW


def test_employment_registers_the_employer_by_its_credit_code_and_counts_wages_in_fen(caseworker):
    load(caseworker, work(), work(125), work(126, "灵活就业", 就业起始日期="2024-02-01"), headings=WORK)
    (employer,) = Employer.objects.order_by("pk")
    assert (employer.name, employer.kind, employer.division_id) == ("扬州玉器厂", "enterprise", "321002")
    spells = list(EmploymentSpell.objects.order_by("person__id"))
    assert [spell.employer_id for spell in spells] == [employer.pk, employer.pk, None]
    assert (spells[0].start, spells[0].monthly_wage_fen, spells[0].urban) == (date(2024, 1, 15), 450050, True)


def test_statuses_without_a_date_begin_with_the_day_of_the_import(caseworker):
    headings = ["姓名", "身份证号", "常住地", "低保", "是否残疾", "残疾证日期", "退役军人", "就业困难类别"]
    load(
        caseworker,
        ["张伟", id_number(), "琼花观社区", "是", "是", "2019-05-01", "否", "大龄"],
        headings=headings,
    )
    held = dict(Status.objects.order_by("kind").values_list("kind", "start"))
    assert held == {
        "disabled": date(2019, 5, 1), "employment_difficulty": TODAY, "subsistence_allowance": TODAY,
    }  # fmt: skip
    assert Status.objects.get(kind="employment_difficulty").category == "older"


def test_every_written_row_has_an_audit_event_of_one_context_that_names_the_batch(caseworker):
    batch = load(caseworker, row(), row(sequence=125))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(DISTINCT pgh_context_id), min(c.metadata->>'import_batch') FROM registry_personevent e "
            "JOIN pghistory_context c ON c.id = e.pgh_context_id WHERE e.pgh_label = 'insert'"
        )
        assert cursor.fetchone() == (2, 1, str(batch.pk))


def test_accepting_the_same_batch_twice_changes_nothing(caseworker):
    batch = preview(caseworker, table(row(), row(sequence=125)))
    accept(caseworker, batch)
    again = accept(caseworker, batch)  # the form posted twice: the second still holds the batch as previewed
    assert again.state == "accepted"
    assert Person.objects.count() == Status.objects.count() == Education.objects.count() == 2
    assert batch.changes.count() == 3  # one run of new rows for each of the three tables


def test_the_same_file_again_is_on_record_with_nothing_changed_and_the_earlier_batch_named(caseworker):
    first = load(caseworker, row(), row(sequence=125))
    batch = preview(caseworker, table(row(), row(sequence=125)))
    assert counts_of(batch) == (0, 0, 2)
    assert batch.summary["same_file_batch"] == first.pk
    accept(caseworker, batch)
    assert Person.objects.count() == Status.objects.count() == 2
    assert not batch.changes.exists()


def test_new_facts_of_a_known_person_are_written_and_what_stood_there_is_remembered(caseworker):
    load(caseworker, row())
    batch = preview(caseworker, table(row(手机号="13900000000", **{"常住地（社区）": "皇宫社区"})))
    assert counts_of(batch) == (0, 1, 0)
    accept(caseworker, batch)
    found = person()
    assert (found.phone, found.residence_division_id) == ("13900000000", "321002002001")
    (change,) = batch.changes.order_by("pk")
    assert (change.model, change.before["residence_division_id"]) == ("person", "321002001001")
    assert "13800000123" not in str(change.before)


def test_an_empty_cell_changes_nothing_on_record(caseworker):
    load(caseworker, row())
    batch = preview(caseworker, table(row(手机号="", 文化程度="", 失业登记日期="")))
    assert counts_of(batch) == (0, 0, 1)


def test_education_on_record_gains_its_graduation_date_and_gives_it_back_when_undone(caseworker):
    headings = ["姓名", "身份证号", "常住地", "学历", "毕业院校", "毕业日期"]
    start = ["张伟", id_number(), "琼花观社区", "本科", "扬州大学", ""]
    load(caseworker, start, headings=headings)
    batch = load(caseworker, [*start[:-1], "2012-06-30"], headings=headings)
    assert list(Education.objects.order_by("pk").values_list("graduated_on")) == [(date(2012, 6, 30),)]
    operations.undo(actor=caseworker, batch=batch, at=NOW, on=TODAY)
    assert list(Education.objects.order_by("pk").values_list("graduated_on")) == [(None,)]


def test_a_duplicate_on_record_under_another_name_names_the_person_by_number_and_masked(caseworker):
    load(caseworker, row("张伟"))
    batch = preview(caseworker, table(row("李娜")))
    assert reasons(batch) == [f"此身份证号在册登记的姓名是张*（居民编号{person().pk}），与表中的姓名不同"]


def test_a_person_registered_in_another_county_is_not_changed_by_this_one(caseworker, city_caseworker):
    load(city_caseworker, row(**{"常住地（社区）": "瘦西湖街道新民社区"}))
    batch = preview(caseworker, table(row()))
    (says,) = reasons(batch)
    assert "邗江区瘦西湖街道新民社区" in says
    assert preview(city_caseworker, table(row())).accepted_count == 1


def test_somebody_who_is_recorded_as_dead_is_sent_back(caseworker, make_person):
    make_person(
        "张伟", id_number=id_number(), sex="male", birth_date=date(1990, 1, 2), death_date=date(2024, 1, 1)
    )
    assert "已登记死亡" in reasons(preview(caseworker, table(row())))[0]


def test_a_status_that_overlaps_one_on_record_is_sent_back_with_both_dates(caseworker):
    load(caseworker, row())
    (only,) = queries.rejections(preview(caseworker, table(row(失业登记日期="2024-02-01"))))
    assert only.value == "2024-02-01"
    assert "在册已有失业登记（自2024-03-01起）" in only.says


def test_a_status_after_one_that_has_ended_is_a_new_one(caseworker):
    load(caseworker, row())
    Status.objects.order_by("pk").update(until=date(2024, 5, 1))
    load(caseworker, row(失业登记日期="2024-06-01"))
    assert Status.objects.count() == 2


def test_employment_that_overlaps_one_at_the_same_employer_is_sent_back(caseworker):
    load(caseworker, work(), headings=WORK)
    (says,) = reasons(preview(caseworker, table(work(start="2024-03-01"), headings=WORK)))
    assert "扬州玉器厂，自2024-01-15起" in says


def test_employment_elsewhere_beside_an_open_one_is_noted(caseworker):
    load(caseworker, work(), headings=WORK)
    batch = preview(caseworker, table(work(kind="灵活就业", start="2024-03-01"), headings=WORK))
    assert [note.code for note in queries.note_counts(batch)] == ["employment_parallel"]


def test_a_batch_with_nothing_to_accept_says_so(caseworker):
    batch = preview(caseworker, table(row(手机号="1")))
    with pytest.raises(operations.NothingToAcceptError):
        accept(caseworker, batch)


def test_the_rooms_above_are_told_of_whom_a_small_import_touches(caseworker):
    told: list[list[int]] = []

    def hear(person_ids, **_more):
        told.append(person_ids)

    load(caseworker, row(), row(sequence=125))
    people_changed.connect(hear)
    try:
        load(caseworker, row(), row(sequence=125, 失业登记日期="", 手机号="13900000000"), row(sequence=127))
    finally:
        people_changed.disconnect(hear)
    assert told == [[person(125).pk, person(127).pk]]


def test_a_large_import_asks_for_a_sweep_after_its_commit(
    caseworker, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(operations, "DECIDED_AT_ONCE", 2)
    asked: list[ImportBatch] = []

    def hear(batch, **_more):
        asked.append(batch)

    many_people_changed.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            batch = load(caseworker, row(), row(sequence=125), row(sequence=127))
    finally:
        many_people_changed.disconnect(hear)
    assert asked == [batch]


def test_when_the_registry_changed_after_the_preview_nothing_is_written(caseworker):
    first, second = (
        preview(caseworker, table(row(), row(sequence=125))),
        preview(caseworker, table(row("张伟"))),
    )
    accept(caseworker, second)
    with pytest.raises(operations.PreviewOutdatedError, match="重新预览"):
        accept(caseworker, first)
    assert Person.objects.count() == 1
    first.refresh_from_db()
    assert first.state == "previewed"


def test_another_mapping_is_previewed_from_the_kept_file(caseworker):
    headings = [*HEADINGS[:4], "号码一", *HEADINGS[5:]]
    batch = preview(caseworker, table(row(), headings=headings))
    again = operations.remap(actor=caseworker, batch=batch, chosen={"号码一": "phone"}, at=NOW, on=TODAY)
    batch.refresh_from_db()
    assert batch.state == "discarded"
    accept(caseworker, again)
    assert person().phone == "13800000123"


def test_accepting_or_discarding_deletes_the_kept_upload(caseworker, settings):
    content = table(row())
    uploads = lambda: sorted(Path(settings.MEDIA_ROOT).rglob("*.upload"))  # noqa: E731 (a name for one expression)
    one, other = preview(caseworker, content), preview(caseworker, content)
    assert len(uploads()) == 1
    operations.discard(actor=caseworker, batch=one)
    assert len(uploads()) == 1  # the other preview still needs it
    accept(caseworker, other)
    assert uploads() == []
    with pytest.raises(storage.FileGoneError):
        storage.read_frame(one.pk, "clean")


def test_a_discarded_batch_cannot_be_accepted(caseworker):
    batch = operations.discard(actor=caseworker, batch=preview(caseworker, table(row())))
    with pytest.raises(operations.BatchStateError, match="已放弃"):
        accept(caseworker, batch)


def test_another_officers_batch_is_not_mine_to_accept(caseworker):
    batch = preview(caseworker, table(row()))
    other = officer("caseworker", "321002", "另一位")
    with pytest.raises(NotPermittedError):
        accept(other, batch)
    with pytest.raises(ImportBatch.DoesNotExist):
        queries.batch_of(other, batch.pk)


def test_rejected_rows_come_back_as_a_workbook_with_the_reason_and_numbers_as_text(caseworker):
    import fastexcel

    wrong = row("𠮷野", sequence=125, 手机号="1", 文化程度="本课")
    batch = preview(caseworker, workbook(城区=[HEADINGS, row(), wrong]), "名单.xlsx")
    content = operations.hand_back_rejected(actor=caseworker, batch=batch, at=NOW)
    sheet = fastexcel.read_excel(content).load_sheet("城区", header_row=None, dtypes="string").to_polars()
    heading, only = sheet.rows()
    assert list(heading) == [*HEADINGS, "原行号", "退回原因", "怎么办"]
    assert list(only[:9]) == [*wrong, "3"]
    assert only[9].startswith("文化程度里没有“本课”这一项，相近的是“本科”；手机号应为11位")
    assert "本科" in only[10]
    look = LookRecord.objects.get()
    assert (look.subject_kind, look.subject_key, look.field) == ("import", str(batch.pk), "rejected_rows")


def test_whoever_is_on_record_and_stands_in_the_rejected_rows_reads_that_they_were_downloaded(caseworker):
    accept(caseworker, preview(caseworker, table(row())))
    person = Person.objects.get()
    batch = preview(caseworker, table(row(文化程度="本课"), row(sequence=125, 手机号="1")))
    operations.hand_back_rejected(actor=caseworker, batch=batch, at=NOW)
    me = Actor(0, "本人", "resident", str(person.pk), (("resident", "", ""),))
    (look,) = looks_at(me)
    assert (look.subject_kind, look.at) == ("import", NOW)
    assert LookedAt.objects.count() == 1


def test_the_corrected_workbook_of_rejected_rows_can_be_imported_as_it_is(caseworker):
    batch = preview(caseworker, table(row(), row(sequence=125, 文化程度="本课")))
    accept(caseworker, batch)
    content = operations.hand_back_rejected(actor=caseworker, batch=batch, at=NOW)
    import fastexcel

    rows = [
        list(cells)
        for cells in fastexcel.read_excel(content)
        .load_sheet(0, header_row=None, dtypes="string")
        .to_polars()
        .rows()
    ]
    rows[1][6] = "本科"
    again = preview(caseworker, workbook(更正=rows), "更正.xlsx")
    assert (again.accepted_count, again.rejected_count) == (1, 0)


KILLED = """
import os, signal
from datetime import date, datetime, UTC
import django; django.setup()
from jiuye.office.registry.importing import operations
from jiuye.office.registry.models import ImportBatch
from jiuye.office.staff.models import Account
from jiuye.office.staff.queries import actor_for
def stop(phase, share):
    if phase == os.environ["STOP_AT"]:
        os.kill(os.getpid(), signal.SIGKILL)
batch = ImportBatch.objects.get()
actor = actor_for(batch.uploaded_by, on=date(2024, 7, 1))
operations.accept(actor=actor, batch=batch, at=datetime(2024, 7, 1, tzinfo=UTC), on=date(2024, 7, 1), progress=stop)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("phase", ["写入身份", "核对关联"])
def test_an_import_that_is_killed_in_the_middle_leaves_nothing(caseworker, tmp_path, phase):
    batch = preview(caseworker, table(*[row(sequence=100 + number) for number in range(200)]))
    database = connection.settings_dict
    url = (
        f"postgresql://{database['USER']}:{database['PASSWORD']}@/{database['NAME']}?host={database['HOST']}"
    )
    if database["PORT"]:
        url += f"&port={database['PORT']}"
    child = subprocess.run(
        [sys.executable, "-c", KILLED],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "jiuye.config.settings_test",
            "DATABASE_URL": url,
            "JIUYE_DATA": str(tmp_path),
            "STOP_AT": phase,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr
    assert not Person.objects.exists()
    assert not Status.objects.exists()
    assert not ImportChange.objects.exists()
    batch.refresh_from_db()
    assert batch.state == "previewed"
    accept(caseworker, batch)  # and afterwards it can be accepted as if nothing had happened
    assert Person.objects.count() == 200
