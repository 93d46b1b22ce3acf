"""Circumstances besides work: disability, minimum living allowance, service in the forces, births, missing facts."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from jiuye.city.drawing import day_between
from jiuye.city.numbers import Numbers
from jiuye.city.records import BirthRecord, City, Firm, Spell, StatusRecord


class Welfare:
    """Adds statuses, births and honest holes to a city whose working lives are settled."""

    def __init__(self, city: City, random: Random, numbers: Numbers) -> None:
        self.city, self.random, self.numbers = city, random, numbers

    def build(self) -> None:
        self.poor_households()
        self.disabled_and_veterans()
        self.born()
        self.holes()

    def poor_households(self) -> None:
        """One household in a hundred draws the allowance, all its members with it; some incomes are on file."""
        members: dict[int, list[int]] = {}
        for index, resident in enumerate(self.city.residents):
            if resident.home is not None:
                members.setdefault(resident.home.pk, []).append(index)
        for home in self.city.homes:
            draw = self.random.random()
            if any(self.city.residents[index].story for index in members.get(home.pk, [])):
                continue
            if draw < 0.01:
                home.monthly_income_fen = self.random.randint(300, 760) * 100 * len(members.get(home.pk, [1]))
                since = day_between(self.random, date(2019, 1, 1), self.city.on - timedelta(days=30))
                for index in members.get(home.pk, []):
                    person = self.city.residents[index]
                    start = max(since, person.birth + timedelta(days=30))
                    if start < self.city.on:
                        self.city.statuses.append(
                            StatusRecord(person, "subsistence_allowance", start, document="最低生活保障证")
                        )
            elif draw < 0.05:
                home.monthly_income_fen = self.random.randint(1200, 9000) * 100

    def disabled_and_veterans(self) -> None:
        """Shares assumed: two in a hundred hold a disability certificate, three men in a hundred served."""
        random, on = self.random, self.city.on
        for person in self.city.residents:
            age = person.age(on)
            if person.story:
                continue
            if age >= 6 and random.random() < (0.008 if age < 45 else 0.03):
                since = day_between(random, max(date(2010, 1, 1), person.birth + timedelta(days=700)), on)
                self.city.statuses.append(StatusRecord(person, "disabled", since, document="残疾人证"))
            if person.sex == "male" and 20 <= age < 60 and random.random() < 0.03:
                left = date(person.birth.year + random.choice((20, 22, 23)), random.choice((3, 9)), 1)
                if left < on:
                    self.city.statuses.append(StatusRecord(person, "veteran", left, document="退役证"))

    def born(self) -> None:
        """Children born since 2022 are births of their mothers, with the employer of that day."""
        at_work: dict[int, list[Spell]] = {}
        for spell in self.city.spells:
            if spell.kind == "employee":
                at_work.setdefault(spell.person.pk, []).append(spell)
        for mother in self.city.residents:
            for order, child in enumerate(mother.children, start=1):
                if child.birth < date(2022, 1, 1) or mother.age(child.birth) < 18:
                    continue
                firm: Firm | None = None
                for spell in at_work.get(mother.pk, []):
                    if spell.start <= child.birth and (spell.until is None or child.birth < spell.until):
                        firm = spell.firm
                self.city.births.append(BirthRecord(mother, firm, order, child.birth))

    def holes(self) -> None:
        """Two residents in a thousand came with a travel permit of Hong Kong or Macao: no birth date is on file."""
        for person in self.city.residents:
            if (
                person.home is None
                and not person.story
                and 20 <= person.age(self.city.on) < 60
                and self.random.random() < 0.03
            ):
                person.birth_recorded = False
                person.id_number = self.numbers.travel_permit()
                person.hukou_kind, person.hukou_division = "", None
