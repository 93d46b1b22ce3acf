"""Employers: as many to a resident as the registers publish, with a few large and very many small ones."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from jiuye.city.drawing import Weighted
from jiuye.city.names import BANKS, firm_name, shop_name
from jiuye.city.numbers import Numbers
from jiuye.city.records import City, Firm, Resident, Village
from jiuye.engine.places import Figures, Places

# Organisations in 100,000 residents and their weight as employers: assumed, no figure was found.
ORGANISATIONS: dict[str, tuple[int, int, str, tuple[str, ...]]] = {
    "government": (90, 14, "S", ("发展中心机关", "街道办事处", "综合执法局")),
    "public_institution": (180, 16, "P", ("第一小学", "实验中学", "社区卫生服务中心", "幼儿园")),
    "private_non_enterprise": (120, 5, "P", ("民办培训学校", "养老服务中心", "托育园")),
    "social_organisation": (60, 2, "S", ("行业协会", "商会", "志愿者协会")),
}


class Firms:
    """Makes the employers and hands one out to whoever is hired."""

    def __init__(
        self, city: City, places: Places, figures: Figures, random: Random, numbers: Numbers
    ) -> None:
        self.city, self.places, self.figures, self.random, self.numbers = (
            city,
            places,
            figures,
            random,
            numbers,
        )
        self.by_county: dict[str, tuple[list[Firm], Weighted]] = {}
        self.everywhere: tuple[list[Firm], Weighted] = ([], Weighted([1]))
        self.villages: dict[str, list[Village]] = {}

    def build(self, size: int) -> None:
        for village in self.city.villages:
            self.villages.setdefault(village.county, []).append(village)
        counties = [county.code for county in self.places.counties]
        spread = Weighted([self.figures.residents_by_county[county.key] for county in self.places.counties])
        short = {county.code: county.name.removeprefix(self.city_name)[:2] for county in self.places.counties}
        weighted: dict[str, list[tuple[Firm, int]]] = {code: [] for code in counties}
        enterprises = self.figures.scaled("enterprises", size)
        for index in range(enterprises + self.figures.scaled("cooperatives", size)):
            county = counties[spread.draw(self.random)]
            name, industry = firm_name(self.random, self.city_name)
            if index >= enterprises:
                name, industry = f"{short[county]}{name[len(self.city_name) :][:3]}农民专业合作社", "A"
            firm = self.firm(name, "enterprise", industry, county)
            # A Pareto tail: the largest of ten thousand enterprises employs some hundreds.
            weight = min(450, int(10 / (self.random.random() + 0.002) ** 0.85) // 3)
            weighted[county].append((firm, max(1, weight)))
        for kind, (per_100000, weight, industry, names) in ORGANISATIONS.items():
            for index in range(max(1, size * per_100000 // 100000)):
                county = counties[spread.draw(self.random)]
                name = f"{short[county]}{self.random.choice(names)}（演示{index + 1}）"
                firm = self.firm(name, kind, industry, county)
                weighted[county].append((firm, weight * self.random.randint(5, 20) // 4))
        for county, pairs in weighted.items():
            self.by_county[county] = ([firm for firm, _ in pairs], Weighted([w for _, w in pairs] or [1]))
        everything = [pair for pairs in weighted.values() for pair in pairs]
        self.everywhere = ([firm for firm, _ in everything], Weighted([weight for _, weight in everything]))

    @property
    def city_name(self) -> str:
        return self.places.city.name.removesuffix("市")

    def firm(self, name: str, kind: str, industry: str, county: str, division: str = "") -> Firm:
        """One employer with its numbers; who founded it when is settled once its people are known."""
        villages = self.villages[county]
        registered = next(place for place in self.places.counties if place.code == county)
        firm = Firm(
            pk=len(self.city.firms) + 1,
            name=name,
            kind=kind,
            industry=industry,
            county=county,
            division=division or villages[self.random.randrange(len(villages))].code,
            credit_code=self.numbers.credit_code(kind, registered.code),
        )
        if self.random.random() < (0.97 if kind != "individual_business" else 0.5):
            firm.bank_account, firm.bank_name = self.numbers.account(), self.random.choice(BANKS)
        if kind in ("enterprise", "individual_business"):
            firm.dishonest = None if self.random.random() < 0.01 else self.random.random() < 0.006
            firm.premium_arrears = self.random.random() < 0.02
        self.city.firms.append(firm)
        return firm

    def shop(self, owner: Resident, since: date) -> Firm:
        """The individual business of `owner`, registered on the day it opened."""
        county = next(place for place in self.places.counties if place.code == owner.village.county)
        name, industry = shop_name(self.random, county.name[:2], owner.name)
        firm = self.firm(name, "individual_business", industry, county.code, owner.village.code)
        firm.founded_on, firm.first_start, firm.size = since, since, "micro"
        return firm

    def employer_for(self, person: Resident, not_this: Firm | None = None) -> Firm:
        """An employer for somebody hired: four in five work in their own county."""
        firms, draw = self.by_county[person.village.county]
        if not firms or self.random.random() < 0.2:
            firms, draw = self.everywhere
        firm = firms[draw.draw(self.random)]
        while firm is not_this:
            firms, draw = self.everywhere
            firm = firms[draw.draw(self.random)]
        return firm

    def finish(self, headcounts: dict[int, int]) -> None:
        """Founding dates before the first hiring, and sizes by the people employed; one in thirty is not on file."""
        for firm in self.city.firms:
            if firm.founded_on is None:
                before = firm.first_start or date(2016, 1, 1)
                firm.founded_on = before - timedelta(days=self.random.randint(60, 3000))
            if firm.kind == "enterprise" and not firm.size:
                # 工信部联企业〔2011〕300号 sorts by people and turnover, industry by industry; people alone are used here.
                people = headcounts.get(firm.pk, 0)
                firm.size = (
                    "large"
                    if people >= 300
                    else "medium"
                    if people >= 100
                    else "small"
                    if people >= 20
                    else "micro"
                )
                if self.random.random() < 0.033:
                    firm.size = ""
