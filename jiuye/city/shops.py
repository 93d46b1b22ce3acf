"""Individual businesses that employ people: how much a founder may borrow goes by the staff, and no file says it of fewer than three."""

from __future__ import annotations

from random import Random

from jiuye.city.records import City, Firm, Spell
from jiuye.engine.basis.dates import add_months
from jiuye.engine.places import Places

# How many of a thousand shops employ three or more, and how many they employ: assumed, no figure was found.
PERMILLE = 50
STAFF = (3, 3, 3, 4, 4, 5, 6)
# In the pack's first county, whose desk the demonstration shows, there are that many in the smallest city, too.
LEAST = 14
SETTLED_MONTHS = 14  # they have been there long enough for a loan that runs since the beginning of the year


def staff_some_shops(city: City, places: Places, seed: int) -> int:
    """Let some shops be the employers of people who work for an enterprise so far; how many shops.

    Everybody keeps the day on which their work began, their wage and their contract. Draws from its own chance, so that the rest of the
    city stays as it was.
    """
    random = Random(f"{seed} shops")
    hands = _hands(city)
    random.shuffle(hands)
    staffed = 0
    first = places.counties[0].code
    for county in places.counties:
        shops = _shops(city, county.code)
        wanted = max(LEAST if county.code == first else 0, len(shops) * PERMILLE // 1000)
        for shop in random.sample(shops, min(wanted, len(shops))):
            staffed += _hire(shop, hands, random.choice(STAFF))
    return staffed


def _shops(city: City, county: str) -> list[Firm]:
    """The shops of a county that have been open for long enough, none of the fixed stories."""
    settled = add_months(city.on, -SETTLED_MONTHS)
    stories = {firm.pk for firm in city.employers.values()}
    return [
        spell.firm
        for spell in city.spells
        if spell.kind == "self_employed"
        and spell.until is None
        and spell.firm is not None
        and spell.firm.kind == "individual_business"
        and spell.firm.county == county
        and spell.firm.pk not in stories
        and spell.firm.founded_on is not None
        and spell.firm.founded_on <= settled
    ]


def _hands(city: City) -> list[Spell]:
    """The work of people who could as well be employed at a shop: not of the fixed stories, nor what a record of training names."""
    settled = add_months(city.on, -SETTLED_MONTHS)
    stories = {firm.pk for firm in city.employers.values()}
    bound = {record.person.pk for record in city.apprenticeships}
    bound |= {record.person.pk for record in city.traineeships}
    return [
        spell
        for spell in city.spells
        if spell.kind == "employee"
        and spell.until is None
        and spell.start <= settled
        and spell.firm is not None
        and spell.firm.kind == "enterprise"
        and spell.firm.pk not in stories
        and not spell.person.story
        and spell.person.pk not in bound
    ]


def _hire(shop: Firm, hands: list[Spell], count: int) -> bool:
    """Move that many people to the shop, of those who began after it opened; False, and nobody moves, where there are too few."""
    assert shop.founded_on is not None
    found = [spell for spell in hands if spell.start >= shop.founded_on][:count]
    if len(found) < count:
        return False
    for spell in found:
        spell.firm = shop
        hands.remove(spell)
    return True
