"""The synthetic city in memory: the same everywhere, shaped like the published figures, made of valid and unmistakable numbers."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from jiuye.city.building import PackUnusableError, make_city, read_places
from jiuye.city.records import City
from jiuye.engine.basis.identity import is_credit_code, luhn_passes, parse_id_number

SIZE = 3000
FINGERPRINT = """
import sys
from pathlib import Path
from tests.city.test_making import fingerprint
from jiuye.city.building import make_city, read_places
print(fingerprint(make_city(*read_places(Path(sys.argv[1])), size=1500)))
"""


def fingerprint(city: City) -> str:
    """A digest of what was drawn: people, firms, working lives, contributions."""
    digest = hashlib.sha256()
    for person in city.residents:
        digest.update(f"{person.id_number}{person.name}{person.village.code}{person.education}".encode())
    for firm in city.firms:
        digest.update(f"{firm.credit_code}{firm.name}{firm.size}{firm.figures}".encode())
    for spell in city.spells:
        digest.update(f"{spell.person.pk}{spell.kind}{spell.start}{spell.until}{spell.wage_fen}".encode())
    for paid in city.contributions:
        digest.update(f"{paid.person.pk}{paid.start}{paid.base_fen}{paid.premiums_fen}".encode())
    return digest.hexdigest()


@pytest.fixture(scope="module")
def city() -> City:
    pack = Path(__file__).resolve().parents[2] / "plans" / "yangzhou-2023-2025"
    return make_city(*read_places(pack), size=SIZE)


def test_the_same_seed_gives_the_same_city_in_another_process(pack_dir: Path) -> None:
    here = fingerprint(make_city(*read_places(pack_dir), size=1500))
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    there = subprocess.run(
        [sys.executable, "-c", FINGERPRINT, str(pack_dir)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
        cwd=pack_dir.parents[1],
    )
    assert there.stdout.strip() == here


def test_another_seed_gives_another_city(pack_dir: Path) -> None:
    places = read_places(pack_dir)
    assert fingerprint(make_city(*places, size=1500, seed=1)) != fingerprint(
        make_city(*places, size=1500, seed=2)
    )


def test_there_are_exactly_as_many_people_as_asked_for(city: City) -> None:
    assert len(city.residents) == SIZE


def test_every_id_number_is_valid_unique_and_agrees_with_birth_date_and_sex(city: City) -> None:
    numbers = [person.id_number for person in city.residents]
    assert len(set(numbers)) == SIZE
    for person in city.residents:
        if person.birth_recorded:
            parsed = parse_id_number(person.id_number)
            assert (parsed.birth_date, parsed.sex) == (person.birth, person.sex)
        else:
            assert person.id_number.startswith("H99")


def test_every_id_number_is_known_by_its_sequence_as_invented(city: City) -> None:
    sequences = [int(person.id_number[14:17]) for person in city.residents if person.birth_recorded]
    assert min(sequences) >= 400


def test_every_credit_code_and_card_number_passes_its_check(city: City) -> None:
    assert all(is_credit_code(firm.credit_code) for firm in city.firms)
    assert len({firm.credit_code for firm in city.firms}) == len(city.firms)
    cards = [person.bank_account for person in city.residents if person.bank_account]
    assert all(luhn_passes(card) for card in cards)
    assert len(set(cards)) == len(cards)


def test_age_bands_come_out_as_published_to_within_two_in_a_thousand(city: City, pack_dir: Path) -> None:
    _, figures, _ = read_places(pack_dir)
    living = [person for person in city.residents if person.death is None and not person.story]
    for figure, low, high in (("aged_0_14", 0, 14), ("aged_15_59", 15, 59), ("aged_65_up", 65, 120)):
        found = sum(1 for person in living if low <= person.age(city.on) <= high)
        assert abs(found / len(living) - figures[figure] / figures["population"]) < 0.002


def test_nobody_works_before_sixteen_or_after_death(city: City) -> None:
    for spell in city.spells:
        assert spell.person.age(spell.start) >= 16
        if spell.person.death is not None:
            assert spell.until is not None
            assert spell.until <= spell.person.death


def test_nothing_is_recorded_after_the_citys_day(city: City) -> None:
    started = [
        *(spell.start for spell in city.spells),
        *(status.start for status in city.statuses),
        *(paid.start for paid in city.contributions),
        *(birth.day for birth in city.births),
        *(certificate.issued_on for certificate in city.certificates),
        *(course.finished_on for course in city.trainings if course.finished_on),
    ]
    assert max(started) <= city.on


def test_contributions_are_whole_months_that_do_not_overlap_for_one_payer(city: City) -> None:
    by_payer: dict[tuple[int, str], list[tuple[date, date]]] = {}
    for paid in city.contributions:
        assert paid.start.day == 1
        assert paid.until is None or paid.until.day == 1
        by_payer.setdefault((paid.person.pk, paid.payer), []).append((paid.start, paid.until or date.max))
    for periods in by_payer.values():
        periods.sort()
        assert all(first[1] <= second[0] for first, second in pairwise(periods))


def test_premiums_are_the_base_times_the_rate_rounded_half_up_to_the_fen(city: City, pack_dir: Path) -> None:
    _, _, demonstration = read_places(pack_dir)
    paid = next(found for found in city.contributions if found.payer == "employer")
    rates = demonstration.premium_permille["employer"]
    exact = [paid.base_fen * rate for rate in rates]
    assert list(paid.premiums_fen) == [(2 * product + 1000) // 2000 for product in exact]


def test_an_employers_yearly_figures_are_counted_from_its_contributions(city: City) -> None:
    firm = max(
        (found for found in city.firms if found.figures), key=lambda found: found.figures and found.figures[3]
    )
    assert firm.figures is not None
    year, start, end, _, _, _, months, premium_fen = firm.figures
    own = [paid for paid in city.contributions if paid.firm is firm]

    def insured(month: date) -> int:
        return sum(
            1
            for paid in own
            if paid.payer == "employer" and paid.start <= month and (paid.until is None or month < paid.until)
        )

    assert (start, end) == (insured(date(year - 1, 12, 1)), insured(date(year, 12, 1)))
    assert months == 12
    paid_fen = 0
    for paid in own:
        for month in range(1, 13):
            day = date(year, month, 1)
            if paid.start <= day and (paid.until is None or day < paid.until):
                paid_fen += paid.premiums_fen[2]
    assert premium_fen == paid_fen


def test_some_records_have_honest_holes(city: City) -> None:
    living = [person for person in city.residents if person.death is None]
    assert any(not person.birth_recorded for person in living)
    assert any(not person.phone for person in living if person.age(city.on) > 20)
    assert any(not person.hukou_kind for person in living)
    assert any(firm.size == "" for firm in city.firms if firm.kind == "enterprise")
    assert any(spell.wage_fen is None for spell in city.spells if spell.kind == "employee")


def test_a_rare_character_lives_in_the_city(city: City) -> None:
    assert city.people["shenji"].name == "沈𠮷"


def test_the_firm_that_kept_its_people_has_twenty_eight_insured_all_year(city: City) -> None:
    figures = city.employers["hengda"].figures
    assert figures is not None
    assert figures[1:4] == (28, 28, 28)


def test_statuses_open_today_are_in_proportion_to_the_registered_unemployed(
    city: City, pack_dir: Path
) -> None:
    _, figures, _ = read_places(pack_dir)
    counts = Counter(status.kind for status in city.statuses if status.until is None)
    living = sum(1 for person in city.residents if person.death is None)
    drawn = counts["registered_unemployed"] - sum(
        1
        for status in city.statuses
        if status.kind == "registered_unemployed" and status.until is None and status.person.story
    )
    assert drawn == figures.scaled("registered_unemployed", living)


def test_a_pack_with_a_mistake_makes_no_city_and_says_where(tmp_path: Path, pack_dir: Path) -> None:
    import shutil

    shutil.copytree(pack_dir / "places", tmp_path / "places")
    shutil.copytree(pack_dir / "parameters", tmp_path / "parameters")
    broken = tmp_path / "places" / "demonstration.yaml"
    broken.write_text(broken.read_text(encoding="utf-8").replace("day: 2025-09-15", "day: 2025-09-31"))
    with pytest.raises(PackUnusableError, match=r"demonstration\.yaml:3:"):
        read_places(tmp_path)


def test_enough_shops_of_the_first_county_employ_as_many_as_a_founders_loan_asks_for(
    city: City, pack_dir: Path
) -> None:
    first = read_places(pack_dir)[0].counties[0].code
    staff: Counter[int] = Counter()
    for spell in city.spells:
        if spell.kind == "employee" and spell.until is None and spell.firm is not None:
            staff[spell.firm.pk] += 1
    shops = [firm for firm in city.firms if firm.kind == "individual_business" and firm.county == first]
    assert sum(staff[shop.pk] >= 3 for shop in shops) >= 14


def test_nobody_at_a_shop_began_before_it_opened(city: City) -> None:
    at_shops = [
        spell for spell in city.spells
        if spell.kind == "employee" and spell.firm is not None and spell.firm.kind == "individual_business"
    ]  # fmt: skip
    assert at_shops
    assert all(spell.start >= spell.firm.founded_on for spell in at_shops)
