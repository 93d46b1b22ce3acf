"""Working lives: who works where since when, who lost work and found it again, who retired.

Flows of the plan's years (new hires, re-employed, placed with difficulties, graduates) come out as published or
planned, scaled to the city's size; everything else fills up the working-age population.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from jiuye.city.drawing import between_quantiles, day_between
from jiuye.city.firms import Firms
from jiuye.city.people import PLAN_START
from jiuye.city.records import City, Firm, Resident, Spell, StatusRecord
from jiuye.engine.basis.dates import add_months
from jiuye.engine.places import Demonstration, Figures

# Monthly wages in yuan at equally spaced quantiles: assumed, roughly private firms of Jiangsu.
WAGES = (2700, 3400, 4000, 4600, 5200, 5800, 6500, 7400, 8800, 11500, 19000)
HIGHER = {"junior_college", "bachelor", "master", "doctor"}
LOST_BECAUSE = ("合同期满终止", "单位解除劳动合同", "单位裁减人员", "单位破产关闭", "协商解除")


class Careers:
    """Gives every adult a working life. Each person is dealt with once; `free` is who is left."""

    def __init__(
        self,
        city: City,
        firms: Firms,
        figures: Figures,
        demonstration: Demonstration,
        random: Random,
        size: int,
    ) -> None:
        self.city, self.firms, self.figures, self.random, self.size = city, firms, figures, random, size
        self.demonstration = demonstration
        self.on = city.on
        students = {status.person.pk for status in city.statuses if status.kind == "student"}
        self.free: dict[int, Resident] = {
            resident.pk: resident
            for resident in city.residents
            if not resident.story
            and resident.death is None
            and resident.pk not in students
            and 16 <= resident.age(self.on) < 75
        }
        self.schooling = {record.person.pk: record for record in city.educations}

    def build(self) -> None:
        years = self.years()
        for start, until, days in years:
            self.retire(
                self.share(self.demonstration.attrition_per_10000 * self.size // 10000, days), start, until
            )
        for start, until, days in years:
            self.begin_after_college(
                self.share(self.figures.scaled("new_graduates", self.size), days), start, until
            )
        for start, until, days in years:
            re_employed = self.share(self.figures.scaled("re_employed", self.size), days)
            difficult = self.share(self.figures.scaled("difficult_placed", self.size), days)
            self.find_work_again(re_employed, difficult, start, until)
        self.lose_work(self.figures.scaled("registered_unemployed", self.size))
        for start, until, days in years:
            attrition = self.demonstration.attrition_per_10000 * self.size // 10000
            begun = sum(self.figures.scaled(flow, self.size) for flow in ("new_graduates", "re_employed"))
            others = self.figures.scaled("new_urban_jobs", self.size) + attrition - begun
            self.enter(self.share(max(0, others), days), start, until)
        self.open_shops(self.figures.scaled("individual_businesses", self.size))
        self.the_rest()
        self.the_dead()

    def years(self) -> list[tuple[date, date, int]]:
        """The plan's years until today: (start, until, days)."""
        found = []
        for year in range(PLAN_START.year, self.on.year + 1):
            start, until = date(year, 1, 1), min(date(year + 1, 1, 1), self.on)
            if until > start:
                found.append((start, until, (until - start).days))
        return found

    @staticmethod
    def share(yearly: int, days: int) -> int:
        return (2 * yearly * days + 365) // 730

    def take(self, count: int, low: int, high: int, *, test: object = None) -> list[Resident]:
        """`count` free people between the two ages (today), drawn at random, no longer free afterwards."""
        found = [
            resident
            for resident in self.free.values()
            if low <= resident.age(self.on) <= high and (test is None or test(resident))  # type: ignore[operator]
        ]
        chosen = self.random.sample(found, min(count, len(found)))
        for resident in chosen:
            del self.free[resident.pk]
        return chosen

    def wage(self, person: Resident) -> int:
        """Fen a month, in whole ten yuan; higher schooling draws twice and takes the better."""
        yuan = between_quantiles(self.random, WAGES)
        if person.education in HIGHER:
            yuan = max(yuan, between_quantiles(self.random, WAGES))
        return yuan // 10 * 1000

    def hire(
        self,
        person: Resident,
        start: date,
        until: date | None = None,
        *,
        firm: Firm | None = None,
        **details: object,
    ) -> Spell:
        """An employment with an employer."""
        firm = firm or self.firms.employer_for(person)
        known_wage = self.random.random() < 0.96
        spell = Spell(
            person=person,
            firm=firm,
            kind="employee",
            start=start,
            until=until,
            contract_months=self.random.choice((12, 24, 36, 36, 36, 60, None)),
            wage_fen=self.wage(person) if known_wage else None,
        )
        for name, value in details.items():
            setattr(spell, name, value)
        if firm.first_start is None or start < firm.first_start:
            firm.first_start = start
        self.city.spells.append(spell)
        return spell

    def on_own_account(
        self, person: Resident, start: date, until: date | None = None, **details: object
    ) -> Spell:
        """Flexible employment, registered as such."""
        spell = Spell(person=person, firm=None, kind="flexible", start=start, until=until)
        for name, value in details.items():
            setattr(spell, name, value)
        self.city.spells.append(spell)
        if spell.urban:
            self.city.statuses.append(StatusRecord(person, "flexible_employment", start, until))
        return spell

    def earlier_start(self, person: Resident, before: date) -> date:
        """When somebody at work by `before` may have begun, rather recently; at 17, if that was not yet then."""
        youngest = max(add_months(person.birth, 12 * 17), date(1998, 1, 1))
        span = (before - youngest).days
        if span <= 60:
            return youngest
        # The smaller of two draws: more people have been where they are for few years than for many.
        back = min(self.random.randrange(span), self.random.randrange(span))
        return before - timedelta(days=max(60, back))

    def retire(self, count: int, start: date, until: date) -> None:
        """Men of 60, women of 50 or 55 leave work for the pension: the natural attrition of the new-jobs figure."""
        year = start.year

        def due(resident: Resident) -> bool:
            turned = year - resident.birth.year
            return turned == 60 if resident.sex == "male" else turned in (50, 55)

        for person in self.take(count, 49, 63, test=due):
            day = day_between(self.random, start, until)
            self.hire(person, self.earlier_start(person, date(2022, 1, 1)), day, ended_because="退休")
            self.city.statuses.append(
                StatusRecord(person, "pensioner", day, document="企业职工基本养老保险待遇核定表")
            )

    def begin_after_college(self, count: int, start: date, until: date) -> None:
        """Graduates who begin their first work here in the year; those of the year before may have waited registered."""
        year = start.year

        def graduate(resident: Resident) -> bool:
            return resident.education in HIGHER

        people = self.take(count, 21, 29, test=graduate)
        for person in people:
            graduated = date(year - (1 if self.random.random() < 0.3 else 0), 6, 30)
            self.graduate(person, graduated)
            first = max(start, graduated + timedelta(days=5))
            if first >= until:
                first = start
            hired = day_between(self.random, first, until)
            if (hired - graduated).days > 60 and self.random.random() < 0.6:
                since = graduated + timedelta(days=30)
                self.city.statuses.append(
                    StatusRecord(person, "unemployed_graduate", since, hired, document="实名登记")
                )
            self.hire(person, hired)

    def graduate(self, person: Resident, day: date) -> None:
        """Full-time studies that ended on `day`."""
        record = self.schooling[person.pk]
        record.graduated_on, record.full_time = day, True
        record.enrolled_on = date(day.year - (4 if record.level == "bachelor" else 3), 9, 1)

    def find_work_again(self, count: int, difficult: int, start: date, until: date) -> None:
        """Registered unemployed people who found work in the year; the first `difficult` of them were recognised."""
        random = self.random
        hard = self.take(
            difficult, 40, 58, test=lambda person: person.sex == "male" or person.age(self.on) <= 53
        )
        easy = self.take(count - difficult, 20, 52)
        for index, person in enumerate(hard + easy):
            found = day_between(random, start, until)
            lost = found - timedelta(days=random.randint(75, 700 if index < len(hard) else 300))
            self.lost_job(person, lost)
            registered = lost + timedelta(days=random.randint(3, 25))
            self.city.statuses.append(
                StatusRecord(person, "registered_unemployed", registered, found, document="失业登记")
            )
            if index < len(hard):
                self.place_with_difficulty(person, registered, found)
            elif random.random() < 0.75:
                self.hire(person, found)
            else:
                self.on_own_account(person, found)

    def lost_job(self, person: Resident, lost: date) -> Spell:
        involuntary = self.random.random() < 0.8
        return self.hire(
            person,
            # Begun before the plan's years, whose new hires are counted out one by one above.
            min(self.earlier_start(person, min(lost, PLAN_START)), lost - timedelta(days=30)),
            lost,
            ended_because=self.random.choice(LOST_BECAUSE) if involuntary else "本人辞职",
            involuntary=involuntary if self.random.random() < 0.97 else None,
        )

    def difficulty(self, person: Resident, since: date) -> str:
        """The category under which somebody registered since then is recognised, the likeliest first."""
        age = person.age(since)
        if age >= (50 if person.sex == "male" else 40):
            return "older"
        return "unemployed_one_year" if (self.on - since).days > 366 else "low_income_rural"

    def place_with_difficulty(self, person: Resident, registered: date, found: date) -> None:
        """Recognised, then placed: with an employer, on a public-welfare post, or flexibly (recognition goes on)."""
        random = self.random
        recognised = min(registered + timedelta(days=random.randint(20, 60)), found - timedelta(days=1))
        draw = random.random()
        stays = draw >= 0.45
        self.city.statuses.append(
            StatusRecord(
                person,
                "employment_difficulty",
                recognised,
                None if stays else found,
                category=self.difficulty(person, registered),
                document="就业困难人员认定表",
            )
        )
        if draw < 0.45:
            self.hire(person, found, contract_months=random.choice((12, 24, 36)))
        elif draw < 0.6:
            firm = self.firms.employer_for(person)
            self.hire(
                person, found, firm=firm, kind="public_welfare_post", contract_months=12, wage_fen=249000
            )
        else:
            self.on_own_account(person, found)

    def lose_work(self, count: int) -> None:
        """Who is registered as unemployed today; two in five of them are recognised as having difficulties."""
        random = self.random
        young = count * 14 // 100
        older = count * 45 // 100
        for person in self.take(young, 19, 25):
            self.out_of_work(person, random.randint(20, 330))
        for person in self.take(
            older, 42, 58, test=lambda found: found.sex == "male" or found.age(self.on) < 54
        ):
            self.out_of_work(person, random.randint(40, 900))
        for person in self.take(count - young - older, 26, 48):
            self.out_of_work(person, random.randint(15, 500))

    def out_of_work(self, person: Resident, days: int) -> None:
        random = self.random
        lost = self.on - timedelta(days=days)
        if person.education in HIGHER and person.age(self.on) <= 25:
            graduated = date(self.on.year - random.choice((0, 0, 1)), 6, 30)
            self.graduate(person, graduated)
            registered = graduated + timedelta(days=random.randint(10, 60))
            self.city.statuses.append(
                StatusRecord(
                    person, "unemployed_graduate", graduated + timedelta(days=5), document="实名登记"
                )
            )
        else:
            self.lost_job(person, lost)
            registered = min(lost + timedelta(days=random.randint(2, 30)), self.on - timedelta(days=1))
        self.city.statuses.append(
            StatusRecord(person, "registered_unemployed", registered, document="失业登记")
        )
        category = self.difficulty(person, registered)
        waits = (self.on - registered).days
        if (
            category != "low_income_rural" and waits > 45 and random.random() < 0.75
        ) or random.random() < 0.05:
            recognised = registered + timedelta(days=min(waits - 1, random.randint(20, 45)))
            if category == "unemployed_one_year":
                recognised = add_months(registered, 12)
            if registered < recognised < self.on:
                self.city.statuses.append(
                    StatusRecord(
                        person,
                        "employment_difficulty",
                        recognised,
                        category=category,
                        document="就业困难人员认定表",
                    )
                )

    def enter(self, count: int, start: date, until: date) -> None:
        """First urban work in the year without having been registered: from the land, from elsewhere, from home."""
        for person in self.take(count, 19, 54):
            day = day_between(self.random, start, until)
            if person.hukou_kind == "rural":
                self.city.statuses.append(StatusRecord(person, "migrant_worker", day, document="实名制登记"))
            left = None
            if self.random.random() < 0.15 and (self.on - day).days > 200:
                left = day_between(self.random, day + timedelta(days=90), self.on)
            if self.random.random() < 0.85:
                self.hire(person, day, left, ended_because="本人辞职" if left else "")
            else:
                self.on_own_account(person, day, left)

    def open_shops(self, count: int) -> None:
        """An owner for every individual business; owners run them on their own account."""
        for person in self.take(count, 22, 70):
            since = self.earlier_start(person, PLAN_START - timedelta(days=1))
            shop = self.firms.shop(person, since)
            self.city.spells.append(
                Spell(person=person, firm=shop, kind="self_employed", start=since, urban=person.village.urban)
            )

    def the_rest(self) -> None:
        """Everybody who is left: at work for long, on the land, at home, or on a pension."""
        random = self.random
        for person in list(self.free.values()):
            age, rural = person.age(self.on), person.hukou_kind == "rural" and not person.village.urban
            pension_age = 60 if person.sex == "male" else (55 if person.pk % 2 else 50)
            if age >= pension_age:
                self.old(person, age, pension_age, rural)
                continue
            draw = random.random()
            if draw < (0.80 if person.sex == "male" else 0.72) - (0.16 if rural else 0):
                self.long_employed(person)
            elif draw < 0.84:
                self.on_own_account(person, self.earlier_start(person, PLAN_START), urban=not rural)
            elif rural:
                self.farm(person)
        self.free.clear()

    def old(self, person: Resident, age: int, pension_age: int, rural: bool) -> None:
        retired = date(person.birth.year + pension_age, person.birth.month, 1)
        if rural and age < 72 and self.random.random() < 0.55:
            self.farm(person)
        elif not rural and retired < PLAN_START:
            self.city.statuses.append(StatusRecord(person, "pensioner", retired))

    def farm(self, person: Resident) -> None:
        """Own land: work, and not urban work."""
        start = max(date(person.birth.year + 18, 3, 1), date(1998, 3, 1))
        self.city.spells.append(
            Spell(person=person, firm=None, kind="self_employed", start=start, urban=False)
        )

    def long_employed(self, person: Resident) -> None:
        """With an employer since before the plan; one in eleven changed employers since, which is no new hiring."""
        random = self.random
        start = self.earlier_start(person, PLAN_START)
        if start < PLAN_START and random.random() < 0.09 and self.on > PLAN_START + timedelta(days=60):
            moved = day_between(random, PLAN_START + timedelta(days=30), self.on)
            before = self.hire(person, start, moved, ended_because="单位间调动")
            self.hire(person, moved, firm=self.firms.employer_for(person, before.firm), transferred_in=True)
        else:
            self.hire(person, start)
        if person.hukou_kind == "rural" and random.random() < 0.3:
            self.city.statuses.append(StatusRecord(person, "migrant_worker", start, document="实名制登记"))

    def the_dead(self) -> None:
        """Those who died at working age were at work until then."""
        for person in self.city.residents:
            if person.death is not None and 20 <= person.age(person.death) < 60:
                start = self.earlier_start(person, PLAN_START)
                self.hire(person, start, person.death, ended_because="死亡")
