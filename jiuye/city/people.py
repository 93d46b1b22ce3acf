"""Residents: ages and sexes by quota, families put together from them, homes, schooling.

Shares are those of the published figures (the census of 2020); what no figure says (how ages lie within a band,
who lives with whom) is assumed here and only has to be believable.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from jiuye.city.drawing import Weighted, apportion
from jiuye.city.names import BANKS, person_name
from jiuye.city.numbers import Numbers
from jiuye.city.records import City, Home, Resident, Village
from jiuye.engine.places import Demonstration, Figures, Places

# How many of each five years of age there are within a published band: assumed, in relative terms.
AGE_SHAPE: dict[str, list[tuple[int, int]]] = {
    "aged_0_14": [(0, 30), (5, 43), (10, 43)],
    "aged_15_59": [(15, 42), (20, 48), (25, 55), (30, 80), (35, 70), (40, 63), (45, 80), (50, 100), (55, 90)],
    "aged_60_64": [(60, 60)],
    "aged_65_up": [(65, 75), (70, 55), (75, 35), (80, 21), (85, 10), (90, 4)],
}
# Men in a thousand, by band; the last band takes what the city's total leaves.
MEN_PERMILLE = {"aged_0_14": 525, "aged_15_59": 505, "aged_60_64": 498}
# Married women in a hundred, by five years of age from 20.
MARRIED_PERCENT = (8, 45, 78, 90, 91, 92, 92, 91, 88, 82, 72, 58, 40, 25, 15)
# Division codes of other provinces for people who moved here: 天长, 阜南, 宛城, 锦江, 魏都.
ELSEWHERE = ("341181", "341225", "411302", "510104", "411002")


PLAN_START = date(2023, 1, 1)


class People:
    """Makes the villages and the residents of one city."""

    def __init__(
        self,
        city: City,
        places: Places,
        figures: Figures,
        demonstration: Demonstration,
        random: Random,
        numbers: Numbers,
    ) -> None:
        self.city, self.places, self.figures = city, places, figures
        self.demonstration, self.random, self.numbers = demonstration, random, numbers

    def build(self, size: int) -> None:
        """`size` residents, those counted who died since 2023; the villages and the fixed stories are there already."""
        dead = self.dead_among(size)
        living = self.ages(size - dead)
        family, collective = self.collective(living)
        households = self.households(family)
        self.settle(households, collective, self.the_dead(dead))

    def dead_among(self, size: int) -> int:
        """How many of `size` people on record died since the plan began."""
        days = max(0, (self.city.on - PLAN_START).days)
        return min(size // 10, self.figures.scaled("deaths", size) * days // 365)

    def villages(self) -> None:
        """Invented villages and communities below every street; a third of a street's villages breaks its kind."""
        first = list(self.demonstration.village_first.items())
        second = list(self.demonstration.village_second.items())
        for number, street in enumerate(self.places.streets):
            for index in range(self.demonstration.villages_a_street):
                a, a_en = first[(number * 5 + index * 7) % len(first)]
                b, b_en = second[(number * 3 + index * 11 + number // len(second)) % len(second)]
                urban = street.urban if index else True
                self.city.villages.append(
                    Village(
                        code=f"{street.code}{index + 1:03}",
                        name=f"{a}{b}{'社区' if urban else '村'}",
                        name_en=f"{a_en}{b_en} {'Community' if urban else 'Village'} (invented)",
                        street=street.code,
                        county=street.parent,
                        urban=urban,
                    )
                )

    def ages(self, size: int) -> list[tuple[int, str]]:
        """(age, sex) of everybody alive, by quota."""
        figures = self.figures
        bands = {
            "aged_0_14": figures["aged_0_14"],
            "aged_15_59": figures["aged_15_59"],
            "aged_60_64": figures["aged_60_up"] - figures["aged_65_up"],
            "aged_65_up": figures["aged_65_up"],
        }
        counts = dict(zip(bands, apportion(size, list(bands.values())), strict=True))
        men_left = apportion(size, [figures["male"], figures["female"]])[0]
        found: list[tuple[int, str]] = []
        for band, count in counts.items():
            permille = MEN_PERMILLE.get(band)
            men = men_left if permille is None else count * permille // 1000
            men_left -= men
            shape = AGE_SHAPE[band]
            for sex, number in (("male", men), ("female", count - men)):
                for (low, _), part in zip(
                    shape, apportion(number, [weight for _, weight in shape]), strict=True
                ):
                    found.extend((low + index % 5, sex) for index in range(part))
        self.random.shuffle(found)
        return found

    def collective(
        self, living: list[tuple[int, str]]
    ) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
        """Split off the people of collective households: dormitories of schools and works."""
        wanted = apportion(
            len(living), [self.figures["household_members"], self.figures["collective_members"]]
        )[1]
        collective: list[tuple[int, str]] = []
        family: list[tuple[int, str]] = []
        for age, sex in living:
            if len(collective) < wanted and (
                16 <= age <= 24 or (25 <= age <= 50 and self.random.random() < 0.2)
            ):
                collective.append((age, sex))
            else:
                family.append((age, sex))
        return family, collective

    def households(self, people: list[tuple[int, str]]) -> list[list[tuple[int, str, str]]]:
        """Families of (age, sex, role), as many as the published mean size asks for.

        Couples first, then children to couples, then single young and old people join couples until the
        number of households is the published one; who is left lives alone.
        """
        random = self.random
        wanted = max(1, len(people) * self.figures["households"] // self.figures["household_members"])
        women = sorted(age for age, sex in people if sex == "female" and age >= 20)
        men = sorted(age for age, sex in people if sex == "male" and age >= 20)
        children = [(age, sex) for age, sex in people if age < 18]
        teens = [(age, sex) for age, sex in people if 18 <= age < 20]
        wives: list[int] = []
        single_women: list[int] = []
        for age in women:
            percent = MARRIED_PERCENT[min((age - 20) // 5, len(MARRIED_PERCENT) - 1)]
            (wives if random.randrange(100) < percent else single_women).append(age)
        # A husband is about two years older: the men in order of age, some of them skipped as single.
        spare = max(0, len(men) - len(wives))
        wives = wives[: len(men)]
        skip = set()
        if spare:
            young = [index for index, age in enumerate(men) if age < 32]
            skip.update(random.sample(young, min(len(young), spare)))
            rest = [index for index in range(len(men)) if index not in skip]
            skip.update(random.sample(rest, max(0, spare - len(skip))))
        husbands = [age for index, age in enumerate(men) if index not in skip]
        single_men = [age for index, age in enumerate(men) if index in skip]
        families: list[list[tuple[int, str, str]]] = []
        by_wife_age: dict[int, list[int]] = {}
        for wife, husband in zip(wives, husbands, strict=False):
            by_wife_age.setdefault(wife, []).append(len(families))
            families.append([(wife, "female", "wife"), (husband, "male", "husband")])
        self.join(families, by_wife_age, children, low=20, high=42, usual=27, most=5)
        singles = [(age, "female") for age in single_women] + [(age, "male") for age in single_men] + teens
        random.shuffle(singles)
        young_singles = [single for single in singles if single[0] <= 34]
        old_singles = [single for single in singles if single[0] > 34]
        joining = young_singles + sorted(old_singles, key=lambda single: -single[0])
        surplus = len(families) + len(joining) - wanted
        cut = max(0, min(surplus, len(joining)))
        left = self.join(families, by_wife_age, joining[:cut], low=18, high=44, usual=26, most=7, elders=True)
        families.extend([(age, sex, "single")] for age, sex in joining[cut:] + left)
        self.merge_old_couples(families, by_wife_age, wanted)
        return families

    def join(
        self,
        families: list[list[tuple[int, str, str]]],
        by_wife_age: dict[int, list[int]],
        joining: list[tuple[int, str]],
        *,
        low: int,
        high: int,
        usual: int,
        most: int,
        elders: bool = False,
    ) -> list[tuple[int, str]]:
        """Put each of `joining` into a family whose wife is `low` to `high` years older (or, for elders, younger)."""
        random, left = self.random, []
        gaps = sorted(range(low, high + 1), key=lambda gap: abs(gap - usual))
        for age, sex in joining:
            sign = -1 if elders and age >= 50 else 1
            tries = [usual + random.randint(-4, 5), *gaps]
            for gap in tries:
                candidates = by_wife_age.get(age + sign * gap)
                if not candidates:
                    continue
                index = candidates[random.randrange(len(candidates))]
                other = candidates[random.randrange(len(candidates))]
                if len(families[other]) < len(families[index]):
                    index = other  # of two, the smaller family: few have many children
                if len(families[index]) < most:
                    families[index].append((age, sex, "child" if sign == 1 else "parent"))
                    break
            else:
                left.append((age, sex))
        return left

    def merge_old_couples(
        self,
        families: list[list[tuple[int, str, str]]],
        by_wife_age: dict[int, list[int]],
        wanted: int,
    ) -> None:
        """Old couples move in with younger ones until the number of households is right."""
        surplus = len(families) - wanted
        old = [
            index
            for index, family in enumerate(families)
            if surplus > 0 and len(family) == 2 and family[0][2] == "wife" and family[0][0] >= 52
        ]
        self.random.shuffle(old)
        gone: set[int] = set()
        for index in old:
            if len(gone) >= surplus:
                break
            wife = families[index][0][0]
            for gap in (25, 26, 24, 27, 23, 28, 22, 30, 29):
                candidates = [
                    other
                    for other in by_wife_age.get(wife - gap, [])[:200]
                    if other not in gone and len(families[other]) <= 3
                ]
                if candidates:
                    host = candidates[self.random.randrange(len(candidates))]
                    families[host].extend((age, sex, "parent") for age, sex, _ in families[index])
                    gone.add(index)
                    break
        families[:] = [family for index, family in enumerate(families) if index not in gone]

    def the_dead(self, count: int) -> list[tuple[int, str, date]]:
        """(age at death, sex, day of death) of those who died since the plan began, mostly old."""
        random, start = self.random, PLAN_START
        span = max(1, (self.city.on - start).days)
        found = []
        for _ in range(count):
            age = random.randint(62, 94) if random.random() < 0.93 else random.randint(35, 61)
            found.append(
                (age, random.choice(("male", "female")), start + timedelta(days=random.randrange(span)))
            )
        return found

    def settle(
        self,
        households: list[list[tuple[int, str, str]]],
        collective: list[tuple[int, str]],
        dead: list[tuple[int, str, date]],
    ) -> None:
        """Give every household a village, by the counties' published shares, and every person a record."""
        self.random.shuffle(households)
        members = sum(len(family) for family in households)
        keys = [county.key for county in self.places.counties]
        shares = [self.figures.residents_by_county[key] for key in keys]
        quotas = apportion(members, shares)
        by_county: dict[str, list[Village]] = {}
        for village in self.city.villages:
            by_county.setdefault(village.county, []).append(village)
        draws = {
            code: Weighted(
                [self.random.randint(60, 140) + (80 if village.urban else 0) for village in villages]
            )
            for code, villages in by_county.items()
        }
        county, filled = 0, 0
        for family in households:
            while filled >= quotas[county] and county < len(quotas) - 1:
                filled -= quotas[county]
                county += 1
            filled += len(family)
            code = self.places.counties[county].code
            home = Home(len(self.city.homes) + 1, by_county[code][draws[code].draw(self.random)])
            self.city.homes.append(home)
            self.family(family, home)
        spread = Weighted(shares)
        for age, sex in collective:
            code = self.places.counties[spread.draw(self.random)].code
            urban = [village for village in by_county[code] if village.urban]
            self.person(self.birthday(age, self.city.on), sex, urban[self.random.randrange(len(urban))], None)
        for age, sex, day in dead:
            code = self.places.counties[spread.draw(self.random)].code
            village = by_county[code][draws[code].draw(self.random)]
            self.person(self.birthday(age, day), sex, village, None).death = day

    def family(self, family: list[tuple[int, str, str]], home: Home) -> None:
        mother = None
        children = []
        for age, sex, role in family:
            resident = self.person(self.birthday(age, self.city.on), sex, home.village, home)
            if role == "wife":
                mother = resident
            elif role == "child":
                children.append(resident)
        if mother is not None:
            mother.children = sorted(children, key=lambda child: child.birth)

    def birthday(self, age: int, on: date) -> date:
        """A day on which somebody `age` years old on `on` may have been born."""
        last = date(on.year - age, on.month, min(on.day, 28))
        return last - timedelta(days=self.random.randrange(360))

    def person(
        self, birth: date, sex: str, village: Village, home: Home | None, *, story: str = ""
    ) -> Resident:
        """A resident with number, phone, account and household registration; some of it is honestly missing.

        `story` is the name of somebody of a fixed story, of whom everything is on file.
        """
        random, numbers = self.random, self.numbers
        county = next(place for place in self.places.counties if place.code == village.county)
        stranger = not story and ((home is None and random.random() < 0.35) or random.random() < 0.035)
        registered = self.places.county(county.within) if county.within else county
        if registered.code_basis != "gbt2260":  # the zone's people are registered with the district around it
            registered = next(place for place in self.places.counties if place.code_basis == "gbt2260")
        resident = Resident(
            pk=len(self.city.residents) + 1,
            name=story or person_name(random, sex, birth.year),
            sex=sex,
            birth=birth,
            village=village,
            home=home,
            story=bool(story),
        )
        resident.id_number = numbers.id_number(
            random.choice(ELSEWHERE) if stranger else registered.code, birth, sex
        )
        age = resident.age(self.city.on)
        if age >= 14 and (story or random.random() < 0.95):
            resident.phone = numbers.phone()
        if age >= 16 and (story or random.random() < 0.88):
            resident.bank_account, resident.bank_name = numbers.account(), random.choice(BANKS)
        if story or random.random() > 0.01:  # one in a hundred was registered without the kind of household
            urban = random.random() < (0.86 if village.urban else 0.16)
            resident.hukou_kind = (
                "rural" if stranger and random.random() < 0.7 else "urban" if urban else "rural"
            )
        resident.hukou_division = None if stranger else village.code
        if birth > resident.registered_on:
            resident.registered_on = birth + timedelta(days=20)
        self.city.residents.append(resident)
        return resident
