"""Reading the registry: finding a resident within one's divisions, and one resident's card on a day."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Max, Q, QuerySet

from jiuye.engine.basis.identity import (
    IdNumberError,
    clean_number,
    clean_phone,
    is_mobile_phone,
    parse_id_number,
)
from jiuye.office.registry.models import (
    ContributionSpell,
    CounterRegistration,
    Education,
    Employer,
    EmploymentSpell,
    NameGrams,
    Person,
    RegisterDelivery,
    RegisteredThing,
    Status,
)
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.asked_again import rows_of
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.rows import unscoped
from jiuye.office.staff.slices import Slice, slice_of
from jiuye.office.staff.together import together_about

SEE = "registry.see"
BY_NAME = "the indexes of names are not asked under row policies; who is found is read again within them"
# Below this likeness a name is another name: 张秀兰 and 张秀芳 share one trigram of seven.
NEAR_NAME = 0.2


@dataclass(frozen=True, slots=True)
class PersonCard:
    """One resident as a desk sees them on a day: protected numbers masked, facts newest first."""

    person: Person
    on: date
    statuses: list[Status]  # held on the day
    past_statuses: list[Status]
    employment: list[EmploymentSpell]
    current_employment: list[EmploymentSpell]
    education: list[Education]
    contributions: list[ContributionSpell]
    things: list[RegisteredThing]
    household: list[Person]  # the others of their household whom the actor may see
    registration: CounterRegistration | None  # by whom they were put on record singly, if they were

    @property
    def age(self) -> int | None:
        """Completed years on the day; None where the birth date is not known."""
        from jiuye.engine.basis.dates import age

        return age(self.person.birth_date, self.on) if self.person.birth_date else None


def visible_people(actor: Actor) -> QuerySet[Person]:
    """The residents of the actor's divisions, with their division, by number."""
    require(actor, SEE)
    inside = scope_filter(actor, SEE, "residence_division__code")
    return Person.objects.filter(inside).select_related("residence_division").order_by("pk")


def visible_employers(actor: Actor) -> QuerySet[Employer]:
    """The employers of the actor's divisions, with their division, by number."""
    require(actor, SEE)
    inside = scope_filter(actor, SEE, "division__code")
    return Employer.objects.filter(inside).select_related("division").order_by("pk")


def visible_things(actor: Actor) -> QuerySet[RegisteredThing]:
    """The things of residents and employers of the actor's divisions, and those that belong to a place there, by number."""
    require(actor, SEE)
    inside = (
        (Q(person__isnull=False) & scope_filter(actor, SEE, "person__residence_division__code"))
        | (
            Q(person__isnull=True, employer__isnull=False)
            & scope_filter(actor, SEE, "employer__division__code")
        )
        | (Q(person__isnull=True, employer__isnull=True) & scope_filter(actor, SEE, "division__code"))
    )
    return (
        RegisteredThing.objects.filter(inside).select_related("person", "employer", "division").order_by("pk")
    )


def standing_things(*, on: date) -> QuerySet[RegisteredThing]:
    """Things on record on the day, of every kind."""
    standing = RegisteredThing.objects.filter(Q(until__isnull=True) | Q(until__gt=on), start__lte=on)
    return standing.order_by("entity", "key", "pk")


def things_of(*, on: date, **owner: int) -> list[RegisteredThing]:
    """The things of one `person_id` or `employer_id` on record on the day. The caller has checked that the owner may be seen."""
    return list(standing_things(on=on).filter(**owner))


def search_things(actor: Actor, kind: str, text: str, *, on: date) -> QuerySet[RegisteredThing]:
    """Things of one kind on record on the day, by their number or part of their name or of their employer's; of all kinds without `kind`."""
    found = visible_things(actor).filter(Q(until__isnull=True) | Q(until__gt=on), start__lte=on)
    if kind:
        found = found.filter(entity=kind)
    if text:
        found = found.filter(Q(key=text) | Q(name__icontains=text) | Q(employer__name__icontains=text))
    return found.order_by("entity", "key", "pk")


def division_of_thing(thing: RegisteredThing) -> str:
    """Where a thing is: where its person lives, its employer is or, belonging to neither, where it lies."""
    if thing.person is not None:
        return thing.person.residence_division_id
    return thing.employer.division_id if thing.employer is not None else str(thing.division_id)


def search(actor: Actor, text: str, *, size: int = 50, after: str = "", before: str = "") -> Slice[Person]:
    """Residents by ID number, by phone, by their number (编号), or by part of their name; best matches first.

    An ID number or a phone finds exactly; sealed columns cannot be searched by parts. Nothing is found outside the
    actor's divisions. Of names that are only alike the nearest are handed out, and no more.
    """
    text = text.strip()
    people = visible_people(actor)
    if not text:
        return Slice([])
    if (exact := _exact_key(text)) is not None:
        return Slice(list(people.filter(exact)[:size]))
    named = people.alias(grams=NameGrams("name")).filter(grams__contains=_grams(text), name__icontains=text)
    contained: Slice[Person] = slice_of(
        named.order_by("name", "pk"), size=size, after=after, before=before, leaving=BY_NAME
    )
    if contained.rows or len(text) < 2:
        return contained
    near = people.annotate(likeness=TrigramSimilarity("name", text)).filter(
        name__trigram_similar=text, likeness__gte=NEAR_NAME
    )
    with unscoped(BY_NAME):
        keys = list(near.order_by("-likeness", "name", "pk").values_list("pk", flat=True)[:size])
    there = people.in_bulk(keys)
    return Slice([there[key] for key in keys if key in there])


EMPLOYERS_SHOWN = 20  # of one search


def search_employers(actor: Actor, text: str, *, size: int = EMPLOYERS_SHOWN) -> tuple[list[Employer], bool]:
    """Employers by unified social credit code, by their number (编号), or by part of their name, by name; and whether there are more than `size`.

    A code finds exactly, in small letters and with blanks as well. Nothing is found outside the actor's divisions. Accounts are not read.
    """
    employers = visible_employers(actor).defer("bank_account")
    if not (text := text.strip()):
        return [], False
    code = clean_number(text).upper()
    if re.fullmatch(r"[0-9A-Z]{18}", code):
        return list(employers.filter(credit_code=code)), False
    digits = code.lstrip("#")
    if digits.isascii() and digits.isdigit():
        return list(employers.filter(pk=int(digits))) if len(digits) <= 12 else [], False
    named = employers.alias(grams=NameGrams("name")).filter(
        grams__contains=_grams(text), name__icontains=text
    )
    with unscoped(BY_NAME):
        keys = list(named.order_by("name", "pk").values_list("pk", flat=True)[: size + 1])
    there = employers.in_bulk(keys[:size])
    return [there[key] for key in keys[:size] if key in there], len(keys) > size


def _grams(text: str) -> list[str]:
    """What `NameGrams` of a name with this part in it holds at least."""
    small = text.lower()
    return sorted({small[start : start + 2] for start in range(len(small) - 1)}) or [small]


def _exact_key(text: str) -> Q | None:
    """The exact look-up that the text asks for, or None where it is a name."""
    try:
        return Q(id_number_index=blind_index(parse_id_number(text).text))
    except IdNumberError:
        pass
    if is_mobile_phone(text):
        return Q(phone_index=blind_index(clean_phone(text)))
    digits = clean_number(text).lstrip("#")
    if digits.isascii() and digits.isdigit():
        return Q(pk=int(digits)) if len(digits) <= 12 else Q(pk__in=[])
    return None


def person_card(actor: Actor, person_id: int, *, on: date) -> PersonCard:
    """One resident's card, in two queries. Raises Person.DoesNotExist for one outside the actor's divisions: not theirs to know of."""
    people = rows_of("person", actor, (), lambda key: _on_a_card(actor, key), about=[person_id])
    if not people:
        raise Person.DoesNotExist
    with unscoped("whoever may see a resident sees where they work, in another county too"):
        found = together_about("person_card", on, lambda key: _lists_of(key, on), about=[person_id])
    there = {employer.pk: employer for employer in found["employers"]}
    for spell in [*found["employment"], *found["contributions"]]:
        spell.employer = there.get(spell.employer_id)
    return PersonCard(
        person=people[0],
        on=on,
        statuses=[status for status in found["statuses"] if _holds(status, on)],
        past_statuses=[status for status in found["statuses"] if not _holds(status, on)],
        employment=found["employment"],
        current_employment=[spell for spell in found["employment"] if _holds(spell, on)],
        education=found["education"],
        contributions=found["contributions"],
        things=found["things"],
        household=[
            one
            for one in found["household"]
            if one.residence_division_id.startswith(tuple(actor.scopes(SEE)))
        ],
        registration=next(iter(found["registration"]), None),
    )


def _on_a_card(actor: Actor, person_id: int) -> QuerySet[Person]:
    with_places = ("residence_division__parent", "hukou_division", "household")
    return visible_people(actor).select_related(*with_places).filter(pk=person_id)


def _lists_of(person_id: int, on: date) -> dict[str, QuerySet[Any]]:
    """What stands on a resident's card beside themselves, by name."""
    newest = ("-start", "-pk")
    spells = EmploymentSpell.objects.filter(person_id=person_id).order_by(*newest)
    contributions = ContributionSpell.objects.filter(person_id=person_id).order_by(*newest)
    # One list of keys: of two lists joined by OR PostgreSQL reads every employer there is.
    at = spells.order_by().values("employer_id").union(contributions.order_by().values("employer_id"))
    return {
        "statuses": Status.objects.filter(person_id=person_id).order_by(*newest),
        "employment": spells,
        "education": Education.objects.filter(person_id=person_id).order_by("-graduated_on", "-pk"),
        "contributions": contributions,
        "employers": Employer.objects.filter(pk__in=at).defer("bank_account").order_by("pk"),
        "things": standing_things(on=on).filter(person_id=person_id),
        "registration": CounterRegistration.objects.filter(person_id=person_id)
        .defer("apart_from")
        .order_by("pk"),
        "household": Person.objects.filter(
            household_id__in=Person.objects.filter(pk=person_id).order_by().values("household_id")
        )
        .exclude(pk=person_id)
        .only("name", "residence_division")
        .order_by("pk"),
    }


def _holds(fact: Status | EmploymentSpell, on: date) -> bool:
    return fact.start <= on and (fact.until is None or on < fact.until)


def last_deliveries() -> dict[tuple[str, str], date]:
    """The day of the newest data that each register delivered, by register and entity."""
    found = RegisterDelivery.objects.values("register", "entity").annotate(newest=Max("as_of"))
    rows = found.order_by("register", "entity")
    return {(row["register"], row["entity"]): row["newest"] for row in rows}
