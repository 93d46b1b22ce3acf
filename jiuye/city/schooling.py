"""Schooling: the highest levels by the census's shares, pupils and students of today."""

from __future__ import annotations

from datetime import date
from random import Random

from jiuye.city.names import SCHOOLS_COLLEGE
from jiuye.city.records import City, EducationRecord, Resident, StatusRecord
from jiuye.engine.places import Figures


class Schooling:
    """Gives every resident from six years of age a level; fixed stories bring their own."""

    def __init__(self, city: City, figures: Figures, random: Random) -> None:
        self.city, self.figures, self.random = city, figures, random

    def build(self) -> None:
        """Highest levels by the census's shares: the young and a drawn few of the older have the higher ones."""
        city, random, figures = self.city, self.random, self.figures
        living = [resident for resident in city.residents if resident.death is None and not resident.story]
        wanted = {
            level: figures.scaled(level, len(living))
            for level in ("college", "senior_secondary", "junior_secondary", "primary")
        }
        scores: list[tuple[float, Resident, int]] = []
        for resident in living:
            age = resident.age(city.on)
            if 6 <= age < 12:
                wanted["primary"] -= 1
                self.study(resident, "primary", None, age)
            elif 12 <= age < 15:
                wanted["junior_secondary"] -= 1
                self.study(resident, "junior_secondary", None, age)
            elif 15 <= age < 18:
                wanted["senior_secondary"] -= 1
                self.study(resident, random.choice(("senior_secondary", "secondary_vocational")), None, age)
            elif age >= 18:
                scores.append(
                    (-abs(age - 24) - (age - 24 if age > 50 else 0) + random.gauss(0, 11), resident, age)
                )
        scores.sort(key=lambda score: (-score[0], score[1].pk))
        start = 0
        for level in ("college", "senior_secondary", "junior_secondary", "primary"):
            for _, resident, age in scores[start : start + max(0, wanted[level])]:
                self.complete(resident, level, age)
            start += max(0, wanted[level])

    def study(self, resident: Resident, level: str, graduated: date | None, age: int) -> None:
        """A pupil of today: enrolled and not yet through."""
        resident.education = level
        begun = {"primary": 6, "junior_secondary": 12}.get(level, 15)
        enrolled = date(resident.birth.year + begun + (resident.birth.month > 8), 9, 1)
        if enrolled > self.city.on:
            enrolled = date(self.city.on.year, 9, 1)
        self.city.educations.append(EducationRecord(resident, level, "", enrolled, graduated))
        if age >= 15:
            self.city.statuses.append(StatusRecord(resident, "student", enrolled))

    def complete(self, resident: Resident, level: str, age: int) -> None:
        """An adult's highest completed level, or the university student's present one."""
        random, on = self.random, self.city.on
        exact, years = level, {"primary": 12, "junior_secondary": 15, "senior_secondary": 18}.get(level, 22)
        if level == "college":
            draw = random.random()
            exact = "junior_college" if draw < 0.52 else "bachelor" if draw < 0.93 else "master"
            if draw > 0.995:
                exact = "doctor"
            elif age < 40 and draw < 0.04:
                exact = random.choice(("technician_senior", "technician_preparatory"))
            years = {"junior_college": 21, "technician_senior": 20, "master": 25, "doctor": 28}.get(exact, 22)
        elif level == "senior_secondary" and random.random() < 0.45:
            exact = "secondary_vocational" if random.random() < 0.8 else "technician_intermediate"
        resident.education = exact
        graduated = date(resident.birth.year + years + (resident.birth.month > 8), 6, 30)
        length = {"bachelor": 4, "primary": 6, "doctor": 4}.get(exact, 3)
        school = random.choice(SCHOOLS_COLLEGE) if level == "college" else ""
        if exact.startswith("technician"):
            school = "江苏省扬州技师学院"
        enrolled = date(graduated.year - length, 9, 1)
        if graduated > on:
            begun = min(enrolled, date(on.year, 9, 1))
            self.city.educations.append(EducationRecord(resident, exact, school, begun, None))
            self.city.statuses.append(StatusRecord(resident, "student", begun))
            return
        full_time = age < 45 or random.random() < 0.7
        self.city.educations.append(EducationRecord(resident, exact, school, enrolled, graduated, full_time))
