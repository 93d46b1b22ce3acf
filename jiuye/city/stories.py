"""Fixed stories: named people and firms, each in the exact situation that shows one policy.

They live in every city, whatever its size and seed, so that a demonstration, a test and a tour of the software can
call them by name. All dates are counted back from the city's day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from jiuye.city.firms import Firms
from jiuye.city.numbers import Numbers
from jiuye.city.people import People
from jiuye.city.records import (
    ApprenticeshipRecord,
    CertificateRecord,
    City,
    EducationRecord,
    Firm,
    Home,
    Resident,
    Spell,
    StatusRecord,
    TraineeshipRecord,
    TrainingRecord,
)
from jiuye.engine.basis.dates import add_months


class Stories:
    """Makes the named people and firms; called before the volume, so that their keys are the first ones."""

    def __init__(self, city: City, people: People, firms: Firms, numbers: Numbers) -> None:
        self.city, self.people, self.firms, self.numbers = city, people, firms, numbers
        self.on = city.on
        # They all live in the urban communities of the pack's first county: one desk sees them together.
        first = people.places.counties[0].code
        self.villages = [village for village in city.villages if village.county == first and village.urban]

    def build(self) -> None:
        tellers: tuple[Callable[[], None], ...] = (
            self.flexible_with_difficulties,
            self.one_clause_short,
            self.laid_off_after_eleven_years,
            self.graduate_out_of_school,
            self.trainee_and_base,
            self.firm_that_kept_its_people,
            self.apprentices_firm,
            self.new_certificate,
            self.public_welfare_post,
            self.graduate_hired_by_a_small_firm,
            self.founder,
            self.hard_up_student,
            self.technician,
            self.household_without_work,
            self.without_birth_date,
        )
        for tell in tellers:
            tell()

    # Building blocks.

    def resident(
        self, key: str, name: str, sex: str, birth: date, *, home: Home | None = None, hukou: str = "urban"
    ) -> Resident:
        village = home.village if home else self.villages[len(self.city.people) % len(self.villages)]
        if home is None:
            home = Home(len(self.city.homes) + 1, village)
            self.city.homes.append(home)
        person = self.people.person(birth, sex, village, home, story=name)
        person.hukou_kind = hukou
        self.city.people[key] = person
        return person

    def firm(self, key: str, name: str, *, kind: str = "enterprise", industry: str = "C", size: str) -> Firm:
        county = self.people.places.counties[0].code
        village = self.villages[len(self.city.employers) % len(self.villages)]
        firm = self.firms.firm(f"{self.firms.city_name}{name}", kind, industry, county, village.code)
        firm.size, firm.dishonest, firm.premium_arrears = size, False, False
        if not firm.bank_account:
            firm.bank_account, firm.bank_name = self.numbers.account(), "江苏银行"
        firm.founded_on = date(2011, 3, 18)
        self.city.employers[key] = firm
        return firm

    def status(
        self, person: Resident, kind: str, start: date, until: date | None = None, **rest: str
    ) -> None:
        self.city.statuses.append(StatusRecord(person, kind, start, until, **rest))

    def work(
        self, person: Resident, firm: Firm, start: date, until: date | None = None, *, wage_yuan: int = 5600
    ) -> Spell:
        spell = Spell(person, firm, "employee", start, until, 36, wage_yuan * 100, insured=True)
        self.city.spells.append(spell)
        return spell

    def studied(
        self, person: Resident, level: str, school: str, graduated: date | None, years: int = 3
    ) -> None:
        ends = graduated or date(self.on.year + 1, 6, 30)
        person.education = level
        self.city.educations.append(
            EducationRecord(person, level, school, date(ends.year - years, 9, 1), graduated)
        )

    def ago(self, *, months: int = 0, days: int = 0) -> date:
        return add_months(self.on, -months) - timedelta(days=days)

    def born_years_ago(self, years: int, *, months: int = 4) -> date:
        return add_months(self.on, -12 * years - months)

    # The stories.

    def flexible_with_difficulties(self) -> None:
        """张秀兰, 47: laid off, recognised as older, now works flexibly and pays her own pension and medical insurance."""
        person = self.resident("zhangxiulan", "张秀兰", "female", self.born_years_ago(47))
        self.studied(person, "junior_secondary", "", date(person.birth.year + 16, 6, 30))
        self.past_job(person, self.ago(months=30), years=9)
        self.status(
            person,
            "registered_unemployed",
            self.ago(months=29, days=12),
            self.ago(months=9),
            document="失业登记",
        )
        self.status(
            person,
            "employment_difficulty",
            self.ago(months=28),
            category="older",
            document="就业困难人员认定表",
        )
        self.flexible(person, self.ago(months=9), registered=True)

    def one_clause_short(self) -> None:
        """孙玉芳, 49: in the same situation, but has never registered her flexible employment: one clause fails."""
        person = self.resident("sunyufang", "孙玉芳", "female", self.born_years_ago(49))
        self.studied(person, "senior_secondary", "", date(person.birth.year + 18, 6, 30))
        self.past_job(person, self.ago(months=20), years=6)
        self.status(
            person, "registered_unemployed", self.ago(months=19), self.ago(months=5), document="失业登记"
        )
        self.status(
            person,
            "employment_difficulty",
            self.ago(months=18),
            category="older",
            document="就业困难人员认定表",
        )
        self.flexible(person, self.ago(months=5), registered=False)

    def past_job(self, person: Resident, until: date, *, years: int) -> Spell:
        """An insured job that ended by the employer's decision."""
        firm, _ = self.firms.by_county[person.village.county]
        employer = next(
            found
            for found in firm
            if found.kind == "enterprise" and found not in self.city.employers.values()
        )
        spell = self.work(person, employer, add_months(until, -12 * years), until)
        spell.ended_because, spell.involuntary = "单位解除劳动合同", True
        employer.first_start = min(employer.first_start or spell.start, spell.start)
        return spell

    def flexible(self, person: Resident, start: date, *, registered: bool) -> None:
        self.city.spells.append(Spell(person, None, "flexible", start, insured=True))
        if registered:
            self.status(person, "flexible_employment", start, document="灵活就业登记")

    def laid_off_after_eleven_years(self) -> None:
        """赵志强, 45: eleven years of premiums, laid off two months ago, registered at once."""
        person = self.resident("zhaozhiqiang", "赵志强", "male", self.born_years_ago(45))
        self.studied(person, "secondary_vocational", "", date(person.birth.year + 18, 6, 30))
        spell = self.past_job(person, self.ago(months=2, days=14), years=11)
        spell.wage_fen = 680000
        self.status(person, "registered_unemployed", self.ago(months=2, days=4), document="失业登记")

    def graduate_out_of_school(self) -> None:
        """徐浩然, 22: graduated in June, without work, registered by name and as unemployed."""
        person = self.resident("xuhaoran", "徐浩然", "male", self.born_years_ago(22))
        graduated = self.last_june(self.on)
        self.studied(person, "bachelor", "扬州大学", graduated, years=4)
        self.status(person, "unemployed_graduate", graduated + timedelta(days=3), document="实名登记")
        self.status(person, "registered_unemployed", graduated + timedelta(days=20), document="失业登记")

    @staticmethod
    def last_june(on: date) -> date:
        """The last 30 June before `on`."""
        return date(on.year if (on.month, on.day) > (6, 30) else on.year - 1, 6, 30)

    def trainee_and_base(self) -> None:
        """李雨欣, 23: graduated last year, a trainee since two months at a recognised base that insures her."""
        base = self.firm("hongyuan", "宏远软件有限公司", industry="I", size="small")
        base.traineeship_base = True
        self.staffed(base, 6)
        person = self.resident("liyuxin", "李雨欣", "female", self.born_years_ago(23))
        self.studied(person, "junior_college", "扬州市职业大学", self.last_june(self.ago(months=12)))
        start = self.ago(months=2, days=14)
        self.status(person, "unemployed_graduate", self.ago(months=13), document="实名登记")
        self.status(person, "registered_unemployed", self.ago(months=7), document="失业登记")
        self.city.traineeships.append(
            TraineeshipRecord(person, base, "软件测试", start, add_months(start, 6), 200000, True)
        )

    def firm_that_kept_its_people(self) -> None:
        """恒达电子: 28 insured all of last year, nobody dismissed; 陈丽华 and 王芳 had their second and third child there."""
        firm = self.firm("hengda", "恒达电子有限公司", size="small")
        self.staffed(firm, 26)
        second = self.resident("chenlihua", "陈丽华", "female", self.born_years_ago(33))
        self.studied(second, "junior_college", "扬州市职业大学", date(second.birth.year + 22, 6, 30))
        self.work(second, firm, self.ago(months=64), wage_yuan=6200)
        third = self.resident("wangfang", "王芳", "female", self.born_years_ago(36))
        self.studied(third, "bachelor", "扬州大学", date(third.birth.year + 22, 6, 30), years=4)
        self.work(third, firm, self.ago(months=96), wage_yuan=8300)
        for mother, children in ((second, (70, 8)), (third, (130, 90, 7))):
            for order, months in enumerate(children, start=1):
                birth = self.ago(months=months)
                child = self.people.person(
                    birth,
                    "female" if order % 2 else "male",
                    mother.village,
                    mother.home,
                    story=mother.name[0] + "小" + "一二三"[order - 1],
                )
                mother.children.append(child)

    def staffed(self, firm: Firm, count: int) -> None:
        """Long-serving insured staff for a firm of the stories."""
        for index in range(count):
            sex = "male" if index % 2 else "female"
            key = f"{firm.pk}-{index}"
            village = self.villages[index % len(self.villages)]
            name = f"{'朱吴周徐杨马胡高林何'[index % 10]}{'建国伟民丽华敏静军平'[(index * 3 + firm.pk) % 10]}"
            home = Home(len(self.city.homes) + 1, village)
            self.city.homes.append(home)
            person = self.resident(
                key, name, sex, self.born_years_ago(27 + index % 20, months=index % 11), home=home
            )
            self.studied(person, "senior_secondary", "", date(person.birth.year + 19, 6, 30))
            self.work(person, firm, self.ago(months=40 + index), wage_yuan=5000 + 150 * (index % 12))

    def apprentices_firm(self) -> None:
        """鑫达精密机械 trains three apprentices; 丁伟 has passed, the two others are under way."""
        firm = self.firm("xinda", "鑫达精密机械有限公司", size="medium")
        self.staffed(firm, 8)
        for index, (key, name, months) in enumerate(
            (("dingwei", "丁伟", 15), ("moutao", "茅涛", 7), ("qianbin", "钱斌", 4))
        ):
            person = self.resident(key, name, "male", self.born_years_ago(24 + index))
            self.studied(person, "secondary_vocational", "", date(person.birth.year + 19, 6, 30))
            self.work(person, firm, self.ago(months=months + 5))
            self.apprentice(person, firm, self.ago(months=months))

    def apprentice(self, person: Resident, firm: Firm, start: date) -> None:
        until = add_months(start, 12)
        record = ApprenticeshipRecord(person, firm, "江苏省扬州技师学院", "车工", "level_4", start, until)
        if until < self.on:
            record.certificate = self.certificate(person, "车工", "a", "level_4", until)
        self.city.apprenticeships.append(record)

    def certificate(
        self,
        person: Resident,
        occupation: str,
        category: str,
        level: str,
        issued_on: date,
        *,
        shortage: bool = False,
    ) -> CertificateRecord:
        pk = len(self.city.certificates) + 1
        record = CertificateRecord(
            pk, person, "skill_level", f"YS{issued_on.year}{pk:09}", occupation, level, category,
            shortage, False, issued_on, "演示评价机构",
        )  # fmt: skip
        self.city.certificates.append(record)
        return record

    def new_certificate(self) -> None:
        """王建国, 38: insured for years, a 三级 certificate since two months; 沈𠮷, whose name is rare, one of 四级."""
        firm = self.city.employers["xinda"]
        person = self.resident("wangjianguo", "王建国", "male", self.born_years_ago(38))
        self.studied(person, "senior_secondary", "", date(person.birth.year + 19, 6, 30))
        self.work(person, firm, self.ago(months=70), wage_yuan=7200)
        self.certificate(person, "电工", "a", "level_3", self.ago(months=2))
        rare = self.resident("shenji", "沈𠮷", "male", self.born_years_ago(29))
        self.studied(rare, "junior_college", "扬州工业职业技术学院", date(rare.birth.year + 22, 6, 30))
        self.work(rare, firm, self.ago(months=50), wage_yuan=6600)
        issued = self.ago(months=3)
        certificate = self.certificate(rare, "工业机器人系统操作员", "a", "level_4", issued, shortage=True)
        self.city.trainings.append(
            TrainingRecord(
                rare, "工业机器人系统操作员培训", "job_upgrading", "江苏省扬州技师学院", "technical_college", True,
                56, issued - timedelta(days=40), issued - timedelta(days=5), "skill_level", certificate,
            )
        )  # fmt: skip

    def public_welfare_post(self) -> None:
        """刘凤英, 44 and recognised, holds a public-welfare post at a community service centre."""
        centre = self.firm("kangle", "康乐社区服务中心", kind="private_non_enterprise", industry="O", size="")
        person = self.resident("liufengying", "刘凤英", "female", self.born_years_ago(44))
        self.studied(person, "primary", "", date(person.birth.year + 13, 6, 30))
        self.past_job(person, self.ago(months=22), years=4)
        start = self.ago(months=8)
        self.status(person, "registered_unemployed", self.ago(months=21), start, document="失业登记")
        self.status(
            person,
            "employment_difficulty",
            self.ago(months=20),
            category="older",
            document="就业困难人员认定表",
        )
        self.city.spells.append(
            Spell(person, centre, "public_welfare_post", start, None, 12, 260000, insured=True)
        )

    def graduate_hired_by_a_small_firm(self) -> None:
        """周子涵, graduated last year, hired five months ago by the micro enterprise 联创网络 for three years."""
        firm = self.firm("lianchuang", "联创网络科技有限公司", industry="I", size="micro")
        self.staffed(firm, 3)
        person = self.resident("zhouzihan", "周子涵", "female", self.born_years_ago(23))
        graduated = self.last_june(self.ago(months=12))
        self.studied(person, "bachelor", "扬州大学", graduated, years=4)
        start = self.ago(months=5)
        self.status(person, "unemployed_graduate", graduated + timedelta(days=5), start, document="实名登记")
        self.status(
            person, "registered_unemployed", graduated + timedelta(days=40), start, document="失业登记"
        )
        self.work(person, firm, start, wage_yuan=5200)

    def founder(self) -> None:
        """马国强, 31, left the forces, opened a shop fourteen months ago and employs two people with insurance."""
        person = self.resident("maguoqiang", "马国强", "male", self.born_years_ago(31))
        self.studied(person, "senior_secondary", "", date(person.birth.year + 19, 6, 30))
        self.status(person, "veteran", date(person.birth.year + 24, 9, 1), document="退役证")
        opened = self.ago(months=14)
        shop = self.firm("laoma", "老马早茶馆", kind="individual_business", industry="H", size="micro")
        shop.founded_on = shop.first_start = opened
        self.city.spells.append(Spell(person, shop, "self_employed", opened))
        self.course(person, "创业培训（SYB）", "startup", self.ago(months=16))
        for key, name, sex in (("hanmei", "韩梅", "female"), ("tangbo", "唐波", "male")):
            helper = self.resident(key, name, sex, self.born_years_ago(34))
            self.studied(helper, "junior_secondary", "", date(helper.birth.year + 16, 6, 30))
            self.work(helper, shop, self.ago(months=12), wage_yuan=4900)

    def course(self, person: Resident, name: str, kind: str, finished: date) -> None:
        self.city.trainings.append(
            TrainingRecord(
                person, name, kind, "演示职业培训学校", "training_body", True, 56,
                finished - timedelta(days=12), finished, "completion", None,
            )
        )  # fmt: skip

    def hard_up_student(self) -> None:
        """顾欣怡, 21, in her last year at college, from a family on the minimum living allowance."""
        home = Home(len(self.city.homes) + 1, self.villages[0], monthly_income_fen=120000)
        self.city.homes.append(home)
        student = self.resident("guxinyi", "顾欣怡", "female", self.born_years_ago(21), home=home)
        mother = self.resident("guxinyi-mother", "夏桂芳", "female", self.born_years_ago(50), home=home)
        mother.children.append(student)
        self.studied(student, "junior_college", "扬州市职业大学", None)
        self.studied(mother, "primary", "", date(mother.birth.year + 13, 6, 30))
        self.status(student, "student", date(self.on.year - 2, 9, 1), document="学籍")
        for member in (student, mother):
            self.status(member, "subsistence_allowance", self.ago(months=30), document="最低生活保障证")

    def technician(self) -> None:
        """吴俊杰, 22, left the technicians' college with the senior class: counts as a college graduate (task 16)."""
        person = self.resident("wujunjie", "吴俊杰", "male", self.born_years_ago(22))
        self.studied(person, "technician_senior", "江苏省扬州技师学院", self.last_june(self.on))
        self.status(person, "registered_unemployed", self.ago(months=1, days=10), document="失业登记")

    def household_without_work(self) -> None:
        """许明 and 严红, husband and wife, both registered as unemployed: nobody in the household has work."""
        home = Home(len(self.city.homes) + 1, self.villages[1 % len(self.villages)])
        self.city.homes.append(home)
        for key, name, sex, years in (("xuming", "许明", "male", 46), ("yanhong", "严红", "female", 44)):
            person = self.resident(key, name, sex, self.born_years_ago(years), home=home)
            self.studied(person, "junior_secondary", "", date(person.birth.year + 16, 6, 30))
            self.past_job(person, self.ago(months=8), years=3)
            self.status(person, "registered_unemployed", self.ago(months=7), document="失业登记")
            self.status(person, "zero_job_household", self.ago(days=12), document="社区核查")
            self.status(
                person,
                "employment_difficulty",
                self.ago(days=10),
                category="zero_job_household",
                document="就业困难人员认定表",
            )

    def without_birth_date(self) -> None:
        """黄家明 came from Hong Kong with a travel permit, which says nothing of his age; he looks for work."""
        person = self.resident("huangjiaming", "黄家明", "male", self.born_years_ago(43))
        person.birth_recorded, person.id_number = False, self.numbers.travel_permit()
        person.hukou_kind, person.hukou_division = "", None
        self.studied(person, "bachelor", "", date(person.birth.year + 22, 6, 30), years=4)
        self.past_job(person, self.ago(months=3), years=2)
        self.status(person, "registered_unemployed", self.ago(months=2, days=20), document="失业登记")
