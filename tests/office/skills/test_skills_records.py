"""Certificates, traineeships, apprenticeships and training: recorded once, ended once, and never overlapping wrongly."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from jiuye.office.registry.models import Employer
from jiuye.office.skills.models import Apprenticeship, Certificate, Traineeship, TrainingEnrolment
from jiuye.office.skills.operations import (
    AlreadyFinishedError,
    CertificateBelowLevelError,
    CertificateDetails,
    FutureDateError,
    RecordRefusedError,
    certify_apprentice,
    finish_enrolment,
    finish_traineeship,
    record_apprenticeship,
    record_certificate,
    record_enrolment,
    record_traineeship,
)
from jiuye.office.skills.queries import (
    apprenticeships_at,
    apprenticeships_without_certificate,
    same_level_certificates,
    skills_of,
    traineeships_at,
    traineeships_without_outcome,
)
from jiuye.office.staff.queries import NotPermittedError
from tests.office.skills.conftest import AT, DAY


def certificate(village, person=None, number="Y001", level="level_3", **changes):
    fields = {
        "actor": village.caseworker,
        "person": person or village.zhang,
        "kind": "skill_level",
        "number": number,
        "occupation_name": "车工",
        "issued_on": date(2024, 8, 1),
        "source": "人社技能人才评价系统",
        "on": DAY,
        "at": AT,
        "details": CertificateDetails(level=level, category="a", occupation_code="6-18-01-01", shortage=True),
    }
    return record_certificate(**fields | changes)


def traineeship(village, start=date(2024, 3, 1), until=date(2024, 9, 1), **changes):
    fields = {
        "actor": village.caseworker,
        "person": village.zhang,
        "employer": village.firm,
        "start": start,
        "until": until,
        "monthly_stipend_fen": 150_000,
        "accident_insured": True,
        "source": "见习协议",
        "at": AT,
    }
    return record_traineeship(**fields | changes)


def apprenticeship(village, **changes):
    fields = {
        "actor": village.caseworker,
        "person": village.zhang,
        "employer": village.firm,
        "level": "level_3",
        "start": date(2022, 9, 1),
        "until": date(2024, 9, 1),
        "source": "学徒名册",
        "at": AT,
    }
    return record_apprenticeship(**fields | changes)


def enrolment(village, **changes):
    fields = {
        "actor": village.caseworker,
        "person": village.zhang,
        "course_name": "数控车床操作",
        "kind": "employment_skills",
        "start": date(2024, 5, 6),
        "subsidised": True,
        "class_hours": 56,
        "source": "开班备案",
        "at": AT,
    }
    return record_enrolment(**fields | changes)


def test_a_certificate_is_recorded_with_its_audit(village):
    found = certificate(village)
    assert str(found) == "车工 三级（高级工）"
    assert skills_of(actor=village.caseworker, person=village.zhang).highly_skilled
    events = found.events.order_by("pgh_id")
    assert [event.pgh_label for event in events] == ["insert"]
    assert events[0].pgh_context.metadata["operation"] == "skills.record_certificate"


def test_a_certificate_number_is_recorded_once_whoever_holds_it(village):
    certificate(village)
    with pytest.raises(RecordRefusedError, match="证书编号"):
        certificate(village, person=village.li)
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.create(
            person=village.li,
            number="Y001",
            occupation_name="车工",
            level="level_5",
            issued_on=DAY,
            source="x",
        )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"details": CertificateDetails()}, "必须有等级"),
        ({"kind": "completion"}, "没有等级"),
        ({"source": ""}, "来源"),
        ({"number": " "}, "证书编号"),
        ({"details": CertificateDetails(level="level_3", occupation_code="6180101")}, "6-18-01-01"),
        ({"details": CertificateDetails(level="level_9")}, "等级"),
    ],
)
def test_a_certificate_that_does_not_hold_together_is_refused_with_a_sentence(village, changes, words):
    with pytest.raises(RecordRefusedError, match=words):
        certificate(village, **changes)
    assert not Certificate.objects.exists()


def test_a_certificate_of_tomorrow_is_refused(village):
    with pytest.raises(FutureDateError, match="发证日期"):
        certificate(village, issued_on=DAY + timedelta(days=1))
    certificate(village, issued_on=DAY)


def test_who_has_no_business_there_records_and_sees_nothing(village):
    village.caseworker = village.stranger
    for record in (certificate, traineeship, apprenticeship, enrolment):
        with pytest.raises(NotPermittedError):
            record(village)
    with pytest.raises(NotPermittedError):
        skills_of(actor=village.stranger, person=village.zhang)


def test_an_auditor_sees_but_does_not_record(village):
    certificate(village)
    assert len(skills_of(actor=village.auditor, person=village.zhang).certificates) == 1
    village.caseworker = village.auditor
    with pytest.raises(NotPermittedError):
        certificate(village, number="Y002")


def test_the_highest_level_counts_and_not_the_latest(village):
    certificate(village, number="Y001", level="level_3", issued_on=date(2020, 1, 1))
    certificate(village, number="Y002", level="level_5", issued_on=date(2024, 1, 1))
    skills = skills_of(actor=village.caseworker, person=village.zhang)
    assert [found.number for found in skills.certificates] == ["Y002", "Y001"]
    assert skills.highest_level == "level_3"
    assert skills_of(actor=village.caseworker, person=village.li).highest_level == ""


def test_the_same_occupation_and_level_twice_is_found(village):
    first = certificate(village)
    second = certificate(village, number="Y002")
    certificate(village, number="Y003", level="level_4")
    certificate(village, person=village.li, number="Y004")
    assert list(same_level_certificates(second)) == [first]


def test_two_traineeships_of_a_person_may_touch_but_not_overlap(village):
    traineeship(village)
    traineeship(village, start=date(2024, 9, 1), until=date(2024, 12, 1))
    with pytest.raises(RecordRefusedError, match="重叠"):
        traineeship(village, start=date(2024, 8, 31), until=date(2024, 9, 2))
    traineeship(village, person=village.li)
    with pytest.raises(IntegrityError, match="traineeship_one_at_a_time"), transaction.atomic():
        Traineeship.objects.filter(start=date(2024, 9, 1)).update(start=date(2024, 8, 31))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"until": date(2024, 3, 1)}, "必须晚于开始日期"),
        ({"until": date(2024, 2, 1)}, "必须晚于开始日期"),
        ({"monthly_stipend_fen": -1}, "不能为负"),
        ({"source": " "}, "来源"),
    ],
)
def test_a_traineeship_that_does_not_hold_together_is_refused(village, changes, words):
    with pytest.raises(RecordRefusedError, match=words):
        traineeship(village, **changes)


def test_a_trainee_is_retained_before_the_agreed_end(village):
    agreed = traineeship(village, until=date(2024, 12, 1))
    done = finish_traineeship(
        actor=village.caseworker,
        traineeship=agreed,
        outcome="retained",
        until=date(2024, 8, 1),
        retained_on=date(2024, 8, 1),
        on=DAY,
        at=AT,
    )
    assert (done.outcome, done.until, done.retained_on) == ("retained", date(2024, 8, 1), date(2024, 8, 1))
    again = finish_traineeship(
        actor=village.caseworker,
        traineeship=agreed,
        outcome="retained",
        until=date(2024, 8, 1),
        retained_on=date(2024, 8, 1),
        on=DAY,
        at=AT,
    )
    assert again == done
    assert done.events.order_by("pgh_id").count() == 2
    with pytest.raises(AlreadyFinishedError, match="留用"):
        finish_traineeship(
            actor=village.caseworker,
            traineeship=agreed,
            outcome="left",
            until=date(2024, 8, 1),
            on=DAY,
            at=AT,
        )


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"outcome": "retained", "until": date(2024, 9, 1)}, RecordRefusedError),
        ({"outcome": "left", "until": date(2024, 9, 1), "retained_on": DAY}, RecordRefusedError),
        (
            {"outcome": "retained", "until": date(2024, 9, 1), "retained_on": date(2024, 2, 1)},
            RecordRefusedError,
        ),
        ({"outcome": "left", "until": date(2024, 10, 1)}, FutureDateError),
        ({"outcome": "retained", "until": DAY, "retained_on": date(2024, 9, 3)}, FutureDateError),
        ({"outcome": "lost", "until": date(2024, 9, 1)}, RecordRefusedError),
    ],
)
def test_an_outcome_that_does_not_hold_together_is_refused(village, said, error):
    agreed = traineeship(village)
    with pytest.raises(error):
        finish_traineeship(actor=village.caseworker, traineeship=agreed, on=DAY, at=AT, **said)
    agreed.refresh_from_db()
    assert agreed.outcome == ""


def test_an_apprentice_is_certified_by_an_own_certificate_of_the_level(village):
    training = apprenticeship(village)
    foreign = certificate(village, person=village.li, number="Y009")
    low = certificate(village, number="Y008", level="level_4")
    own = certificate(village)
    with pytest.raises(RecordRefusedError, match="不是本人的"):
        certify_apprentice(actor=village.caseworker, apprenticeship=training, certificate=foreign, at=AT)
    with pytest.raises(CertificateBelowLevelError, match="四级"):
        certify_apprentice(actor=village.caseworker, apprenticeship=training, certificate=low, at=AT)
    for _ in range(2):
        done = certify_apprentice(actor=village.caseworker, apprenticeship=training, certificate=own, at=AT)
    assert done.certificate == own
    other = certificate(village, number="Y010")
    with pytest.raises(AlreadyFinishedError, match="Y001"):
        certify_apprentice(actor=village.caseworker, apprenticeship=training, certificate=other, at=AT)


def test_the_database_itself_refuses_somebody_elses_certificate(village):
    foreign = certificate(village, person=village.li, number="Y009")
    training, course = apprenticeship(village), enrolment(village)
    with pytest.raises(IntegrityError, match="不是本人的"), transaction.atomic():
        Apprenticeship.objects.filter(pk=training.pk).update(certificate=foreign)
    with pytest.raises(IntegrityError, match="不是本人的"), transaction.atomic():
        TrainingEnrolment.objects.filter(pk=course.pk).update(
            certificate=foreign, certificate_kind="skill_level", finished_on=DAY
        )


def test_one_person_is_apprentice_once_at_a_time(village):
    apprenticeship(village)
    other = Employer.objects.create(
        name="另一家",
        credit_code="91321000MA1TEST001",
        kind="enterprise",
        division_id="321002",
        source="登记",
    )
    with pytest.raises(RecordRefusedError, match="重叠"):
        apprenticeship(village, employer=other, start=date(2024, 8, 31), until=date(2025, 8, 31))


def test_a_course_is_finished_with_its_certificate(village):
    course = enrolment(village)
    own = certificate(village, level="level_5")
    fields = {
        "actor": village.caseworker, "enrolment": course, "finished_on": date(2024, 8, 1), "on": DAY, "at": AT,
    }  # fmt: skip
    done = finish_enrolment(certificate=own, **fields)
    assert (done.finished_on, done.certificate_kind, done.certificate) == (
        date(2024, 8, 1),
        "skill_level",
        own,
    )
    assert finish_enrolment(certificate=own, **fields) == done
    with pytest.raises(AlreadyFinishedError, match="2024-08-01"):
        finish_enrolment(**fields)


def test_a_course_is_not_finished_before_it_began_nor_in_the_future(village):
    course = enrolment(village)
    for day, error in ((date(2024, 5, 5), RecordRefusedError), (DAY + timedelta(days=1), FutureDateError)):
        with pytest.raises(error):
            finish_enrolment(actor=village.caseworker, enrolment=course, finished_on=day, on=DAY, at=AT)


def test_the_same_course_is_not_taken_twice_at_once_but_may_be_repeated(village):
    course = enrolment(village)
    with pytest.raises(RecordRefusedError, match="重叠"):
        enrolment(village, start=date(2024, 6, 1))
    finish_enrolment(actor=village.caseworker, enrolment=course, finished_on=date(2024, 6, 1), on=DAY, at=AT)
    with pytest.raises(RecordRefusedError, match="重叠"):
        enrolment(village, start=date(2024, 6, 1))
    enrolment(village, start=date(2024, 6, 2))
    enrolment(village, start=date(2024, 5, 7), course_name="电工")
    assert TrainingEnrolment.objects.count() == 3


@pytest.mark.parametrize("changes", [{"class_hours": 0}, {"kind": "lecture"}, {"course_name": ""}])
def test_a_course_that_does_not_hold_together_is_refused(village, changes):
    with pytest.raises(RecordRefusedError):
        enrolment(village, **changes)


def test_what_has_ended_without_a_word_is_listed_where_the_actor_may_see(village):
    ended = traineeship(village, until=DAY)
    traineeship(village, person=village.li, until=DAY + timedelta(days=1))
    trained = apprenticeship(village)
    assert list(traineeships_without_outcome(actor=village.caseworker, on=DAY)) == [ended]
    assert list(apprenticeships_without_certificate(actor=village.caseworker, on=DAY)) == [trained]
    assert not traineeships_without_outcome(actor=village.stranger, on=DAY)
    assert not apprenticeships_without_certificate(actor=village.stranger, on=DAY)


def test_an_employer_sees_its_trainees_in_two_queries(village, django_assert_num_queries):
    traineeship(village)
    traineeship(village, person=village.li)
    apprenticeship(village)
    with django_assert_num_queries(2):
        names = [row.person.name for row in traineeships_at(actor=village.caseworker, employer=village.firm)]
        levels = [
            row.get_level_display()
            for row in apprenticeships_at(actor=village.caseworker, employer=village.firm)
        ]
    assert names == ["李静", "张小雨"]
    assert levels == ["高级工"]
