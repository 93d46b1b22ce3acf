"""Social insurance: who paid how much for whom since when, and what the insurance register counts of an employer."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from random import Random

from jiuye.city.records import City, Contribution, Firm, Spell
from jiuye.engine.basis.dates import add_months
from jiuye.engine.basis.money import divide_half_up
from jiuye.engine.places import Demonstration

INSURED_PERCENT = {
    "enterprise": 94,
    "individual_business": 35,
    "private_non_enterprise": 97,
    "social_organisation": 97,
    "government": 100,
    "public_institution": 100,
}


def month_after(day: date) -> date:
    return add_months(date(day.year, day.month, 1), 1)


class Contributions:
    """Fills `city.contributions` from the employments, and the employers' yearly figures from those."""

    def __init__(self, city: City, demonstration: Demonstration, random: Random) -> None:
        self.city, self.random, self.demonstration = city, random, demonstration
        self.paid_until: dict[int, date] = {}
        # Premiums are paid up to and with last month; the present month is still open.
        self.last = date(city.on.year, city.on.month, 1)

    def build(self) -> None:
        for spell in sorted(self.city.spells, key=lambda found: (found.start, found.person.pk)):
            if spell.kind in ("employee", "public_welfare_post"):
                assert spell.firm is not None
                if self.insured(spell, INSURED_PERCENT[spell.firm.kind]):
                    self.pay(spell, ("employer", "person"))
            elif spell.kind == "flexible" and spell.urban and self.insured(spell, 72):
                self.pay(spell, ("flexible",))
        self.count(self.city.on.year - 1)

    def insured(self, spell: Spell, percent: int) -> bool:
        return self.random.randrange(100) < percent if spell.insured is None else spell.insured

    def pay(self, spell: Spell, shares: tuple[str, ...]) -> None:
        """Contributions for one employment: the years before 2024 in one piece, then year by year, since bases move."""
        person = spell.person
        start = max(date(spell.start.year, spell.start.month, 1), self.paid_until.get(person.pk, date.min))
        ended = spell.until is not None and month_after(spell.until) <= self.last
        until = month_after(spell.until) if ended and spell.until is not None else None
        if start >= (until or self.last):
            return
        self.paid_until[person.pk] = until or self.last
        new_years = [date(year, 1, 1) for year in range(2024, self.city.on.year + 1)]
        pieces = [cut for cut in new_years if start < cut and (until is None or cut < until)]
        starts = [start, *pieces]
        untils: list[date | None] = [*pieces, until]
        wage = spell.wage_fen if spell.wage_fen is not None else 500000
        for piece_start, piece_until in zip(starts, untils, strict=True):
            bases = self.demonstration.contribution_bases
            floor, ceiling = bases[min(max(piece_start.year, min(bases)), max(bases))]
            low = spell.kind == "flexible"
            base_fen = floor * 100 if low else min(max(wage, floor * 100), ceiling * 100)
            for share in shares:
                self.city.contributions.append(
                    Contribution(
                        person=person,
                        firm=spell.firm,
                        payer="employer" if share == "employer" else "person",
                        start=piece_start,
                        until=piece_until,
                        base_fen=base_fen,
                        premiums_fen=self.premiums(base_fen, share),
                    )
                )

    def premiums(self, base_fen: int, share: str) -> tuple[int, int, int, int, int]:
        """The five insurances of one month in fen, each rounded half up."""
        pension, medical, unemployment, injury, maternity = (
            divide_half_up(base_fen * rate, 1000) for rate in self.demonstration.premium_permille[share]
        )
        return pension, medical, unemployment, injury, maternity

    def count(self, year: int) -> None:
        """The figures of `year` for every employer that paid in it (稳岗返还 reads them): all from the contributions."""
        months = [date(year, month, 1) for month in range(1, 13)]
        before = date(year - 1, 12, 1)
        insured: dict[int, list[int]] = defaultdict(lambda: [0] * 13)
        premium_fen: dict[int, int] = defaultdict(int)
        firms: dict[int, Firm] = {}
        for paid in self.city.contributions:
            if paid.firm is None:
                continue
            firm = paid.firm
            covered = [
                index
                for index, month in enumerate([before, *months])
                if paid.start <= month and (paid.until is None or month < paid.until)
            ]
            if not covered:
                continue
            firms[firm.pk] = firm
            premium_fen[firm.pk] += paid.premiums_fen[2] * sum(1 for index in covered if index > 0)
            if paid.payer == "employer":
                counts = insured[firm.pk]
                for index in covered:
                    counts[index] += 1
        retired, died = self.left_in(year)
        for pk, firm in firms.items():
            counts = insured[pk]
            # The beginning of the year is last December's number; the mean is rounded half up.
            firm.figures = (
                year,
                counts[0],
                counts[12],
                divide_half_up(sum(counts[1:]), 12),
                retired.get(pk, 0),
                died.get(pk, 0),
                sum(1 for number in counts[1:] if number),
                premium_fen[pk],
            )

    def left_in(self, year: int) -> tuple[dict[int, int], dict[int, int]]:
        retired: dict[int, int] = defaultdict(int)
        died: dict[int, int] = defaultdict(int)
        for spell in self.city.spells:
            if spell.firm is not None and spell.until is not None and spell.until.year == year:
                if spell.ended_because == "退休":
                    retired[spell.firm.pk] += 1
                elif spell.ended_because == "死亡":
                    died[spell.firm.pk] += 1
        return retired, died
