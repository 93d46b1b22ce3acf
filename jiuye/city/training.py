"""Skills: certificates, courses, traineeships and apprenticeships, as many a year as the plan counts, scaled."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from jiuye.city.careers import HIGHER, Careers
from jiuye.city.drawing import Weighted, day_between
from jiuye.city.people import PLAN_START
from jiuye.city.records import (
    ApprenticeshipRecord,
    CertificateRecord,
    City,
    Firm,
    Resident,
    Spell,
    TraineeshipRecord,
    TrainingRecord,
)
from jiuye.engine.basis.dates import add_months
from jiuye.engine.places import Figures

# Occupations with their category in the provincial list (a 生产制造, b 生产服务, c 生活服务); which of them were short is assumed.
OCCUPATIONS: tuple[tuple[str, str, bool], ...] = (
    ("车工", "a", True),
    ("钳工", "a", True),
    ("电工", "a", True),
    ("焊工", "a", True),
    ("工业机器人系统操作员", "a", True),
    ("玉石雕刻工", "a", False),
    ("化工总控工", "a", False),
    ("电子商务师", "b", False),
    ("物流服务师", "b", False),
    ("互联网营销师", "b", False),
    ("企业人力资源管理师", "b", False),
    ("中式烹调师", "c", False),
    ("养老护理员", "c", True),
    ("育婴员", "c", False),
    ("美发师", "c", False),
)
LEVELS = ("level_5", "level_4", "level_3", "level_2", "level_1")
LEVEL_WEIGHTS = Weighted([28, 38, 26, 6, 2])
PROVIDERS = {
    "technical_college": "江苏省扬州技师学院",
    "vocational_college": "扬州市职业大学",
    "training_body": "演示职业培训学校",
    "employer": "企业培训中心",
}
# Person-times a year of social training by technical colleges in the plan (task 14), beside the 50,000 of task 13.
COLLEGE_SHARE_PERCENT = 60


class Training:
    """Adds skills to a city whose working lives are settled."""

    def __init__(self, city: City, figures: Figures, careers: Careers, random: Random, size: int) -> None:
        self.city, self.figures, self.careers, self.random, self.size = city, figures, careers, random, size
        self.on = city.on
        self.busy: set[int] = set()  # people in a traineeship or apprenticeship: one at a time
        self.courses: dict[tuple[int, str], date] = {}  # when a person last finished a course of that name
        self.working_age = [
            person
            for person in city.residents
            if person.death is None and not person.story and 19 <= person.age(city.on) <= 58
        ]

    def build(self) -> None:
        self.bases()
        for start, until, days in self.careers.years():
            self.traineeships(
                self.careers.share(self.figures.scaled("traineeships", self.size), days), start, until
            )
            self.apprentices(
                self.careers.share(self.figures.scaled("apprentices", self.size), days), start, until
            )
        for start, until, days in self.careers.years():
            certified = self.careers.share(self.figures.scaled("certificates", self.size), days)
            # The plan counts subsidised training; about one course in six is not on the list.
            trained = self.careers.share(self.figures.scaled("trainings", self.size), days) * 6 // 5
            self.courses_and_certificates(certified, trained, start, until)

    def bases(self) -> None:
        """Recognised traineeship bases: three in a thousand employers, larger ones first."""
        heads: dict[int, int] = {}
        for spell in self.city.spells:
            if spell.firm is not None and spell.until is None and spell.kind == "employee":
                heads[spell.firm.pk] = heads.get(spell.firm.pk, 0) + 1
        able = [firm for firm in self.city.firms if firm.kind in ("enterprise", "public_institution")]
        able.sort(key=lambda firm: (-heads.get(firm.pk, 0), firm.pk))
        for firm in able[: max(3, self.size * 6 // 10000)]:
            firm.traineeship_base = True
        self.base_firms = [firm for firm in self.city.firms if firm.traineeship_base]

    def traineeships(self, count: int, start: date, until: date) -> None:
        """Graduates who trained three months between leaving school and their first work; half of them stayed on."""
        found: list[tuple[Spell, date]] = []
        for spell in self.city.spells:
            person = spell.person
            if spell.kind != "employee" or spell.until is not None or spell.start < PLAN_START:
                continue
            if (
                person.education not in HIGHER
                or person.story
                or person.pk in self.busy
                or spell.transferred_in
            ):
                continue
            graduated = self.careers.schooling[person.pk].graduated_on
            if graduated is None:
                continue
            begun = add_months(spell.start, -3)
            if graduated < begun and start <= begun < until and person.age(begun) <= 28:
                found.append((spell, begun))
        for spell, begun in self.random.sample(found, min(count, len(found))):
            stays = self.random.random() < 0.5
            firm = self.random.choice(self.base_firms)
            if stays and spell.firm is not None:
                spell.firm = firm
                firm.first_start = min(firm.first_start or spell.start, spell.start)
            self.trainee(spell.person, firm, begun, spell.start, retained_on=spell.start if stays else None)
        # The rest are young people registered as unemployed who are at it now, or left without work.
        waiting = [
            status.person
            for status in self.city.statuses
            if status.kind == "unemployed_graduate" and status.until is None and not status.person.story
        ]
        for person in waiting:
            if until < self.on or person.pk in self.busy or self.random.random() < 0.5:
                continue
            begun = max(start, self.on - timedelta(days=self.random.randint(10, 60)))
            graduated = self.careers.schooling[person.pk].graduated_on
            if begun < until and graduated is not None and graduated < begun:
                self.trainee(person, self.random.choice(self.base_firms), begun, add_months(begun, 6))

    def trainee(
        self, person: Resident, firm: Firm, start: date, until: date, retained_on: date | None = None
    ) -> TraineeshipRecord:
        self.busy.add(person.pk)
        over = until <= self.on
        record = TraineeshipRecord(
            person=person,
            firm=firm,
            position=self.random.choice(
                ("行政助理", "软件测试", "工艺助理", "电商运营", "质检员", "会计助理")
            ),
            start=start,
            until=until,
            stipend_fen=self.random.choice((160000, 180000, 200000, 249000)),
            accident_insured=None if self.random.random() < 0.03 else self.random.random() < 0.97,
            outcome=("retained" if retained_on else "left") if over else "",
            retained_on=retained_on if over else None,
        )
        self.city.traineeships.append(record)
        return record

    def apprentices(self, count: int, start: date, until: date) -> None:
        """Employees of enterprises trained for one or two years; those whose time is up have their certificate."""
        able = [
            spell
            for spell in self.city.spells
            if spell.kind == "employee"
            and spell.until is None
            and spell.start < start
            and spell.firm is not None
            and spell.firm.kind == "enterprise"
            and spell.firm.industry == "C"
            and spell.person.pk not in self.busy
            and not spell.person.story
            and spell.person.age(self.on) <= 40
        ]
        for spell in self.random.sample(able, min(count, len(able))):
            assert spell.firm is not None
            level = "level_4" if self.random.random() < 0.7 else "level_3"
            begun = day_between(self.random, start, until)
            self.apprentice(spell.person, spell.firm, level, begun)

    def apprentice(self, person: Resident, firm: Firm, level: str, start: date) -> ApprenticeshipRecord:
        self.busy.add(person.pk)
        end = add_months(start, 12 if level == "level_4" else 24)
        occupation, category, short = OCCUPATIONS[self.random.randrange(7)]
        record = ApprenticeshipRecord(
            person, firm, PROVIDERS["technical_college"], occupation, level, start, end
        )
        if end < self.on:
            record.certificate = self.certificate(person, occupation, category, short, level, end)
        self.city.apprenticeships.append(record)
        return record

    def certificate(
        self,
        person: Resident,
        occupation: str,
        category: str,
        short: bool | None,
        level: str,
        issued_on: date,
        *,
        kind: str = "skill_level",
        training_subsidised: bool | None = False,
    ) -> CertificateRecord:
        """A certificate whose number says that it is of the demonstration."""
        pk = len(self.city.certificates) + 1
        record = CertificateRecord(
            pk=pk,
            person=person,
            kind=kind,
            number=f"YS{issued_on.year}{pk:09}",
            occupation=occupation,
            level=level,
            category=category,
            shortage=short,
            training_subsidised=training_subsidised,
            issued_on=issued_on,
            issuer="演示评价机构",
        )
        self.city.certificates.append(record)
        return record

    def courses_and_certificates(self, certified: int, trained: int, start: date, until: date) -> None:
        """Certificates of the year, two in three after a course; then the courses without a levelled certificate."""
        random = self.random
        people = random.sample(self.working_age, min(certified, len(self.working_age)))
        courses = 0
        for person in people:
            occupation, category, short = random.choice(OCCUPATIONS)
            level = LEVELS[LEVEL_WEIGHTS.draw(random)]
            issued = day_between(random, start, until)
            with_course = courses < trained and random.random() < 0.66
            record = self.certificate(
                person,
                occupation,
                category,
                None if random.random() < 0.02 else short,
                level,
                issued,
                training_subsidised=with_course and random.random() < 0.5,
            )
            if with_course and self.course(person, occupation, issued, record):
                courses += 1
        for person in random.choices(self.working_age, k=max(0, trained - courses)):
            occupation, _, _ = random.choice(OCCUPATIONS)
            self.course(person, occupation, day_between(random, start, until), None)

    def course(
        self, person: Resident, occupation: str, finished: date, certificate: CertificateRecord | None
    ) -> bool:
        """One enrolment that ended on `finished`; False where the person was in the same course then."""
        random = self.random
        begun = finished - timedelta(days=random.randint(12, 45))
        kinds = ("employment_skills", "employment_skills", "job_upgrading", "job_upgrading", "startup")
        kind = random.choice(kinds) if certificate is None else random.choice(kinds[:4])
        name = "创业培训（SYB）" if kind == "startup" else f"{occupation}培训"
        last = self.courses.get((person.pk, name))
        if last is not None and abs((finished - last).days) < 100:
            return False
        self.courses[person.pk, name] = finished
        provider = (
            "technical_college"
            if random.randrange(100) < COLLEGE_SHARE_PERCENT
            else random.choice(("vocational_college", "training_body", "employer"))
        )
        passed = certificate is not None or random.random() < 0.8
        self.city.trainings.append(
            TrainingRecord(
                person=person,
                course=name,
                kind=kind,
                provider=PROVIDERS[provider],
                provider_kind=provider,
                subsidised=None if random.random() < 0.02 else random.random() < 0.85,
                class_hours=random.choice((40, 48, 56, 64, 80)),
                start=begun,
                finished_on=finished,
                certificate_kind="" if not passed else "skill_level" if certificate else "completion",
                certificate=certificate,
            )
        )
        return True
