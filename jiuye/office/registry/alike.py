"""Who on record may be the one that a counter is about to register: under the very number, or only alike.

Everyone on record is looked through, whichever county they live in. What is handed out of those beyond the actor's divisions is that there
are some, and how many: no name, no number, no place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q

from jiuye.office.registry.importing.employers import plain_name
from jiuye.office.registry.models import Employer, NameGrams, Person
from jiuye.office.registry.queries import visible_employers, visible_people
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.queries import Actor
from jiuye.office.staff.rows import unscoped

EVERYONE = "nobody is registered twice, whichever county they are on record in; only that somebody is there is handed out"
MOST_SHOWN = 5
# Of firms whose name has every Chinese character of the new one, by which the index finds them: blanks and signs may be written otherwise.
_MOST_READ = 200
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Alike:
    """Who may be the same: `shown` of the actor's divisions (at most MOST_SHOWN), `more` of them who are not shown, `elsewhere` beyond.

    `keys` are the numbers of all; `token` stands for them, so that whoever says that these are others says it of the very ones who were there.
    """

    shown: list[Any]
    more: int
    elsewhere: int
    keys: tuple[int, ...]

    @property
    def token(self) -> str:
        """The same for the same people and for no others; tells nobody their numbers."""
        return blind_index(",".join(map(str, self.keys))).hex()[:32] if self.keys else ""


@unscoped(EVERYONE)
def person_of_number(id_number: str) -> Person | None:
    """Whoever is on record under this ID number, anywhere. The caller hands out nothing of somebody beyond the actor's divisions."""
    return Person.objects.filter(id_number_index=blind_index(id_number)).order_by("pk").first()


@unscoped(EVERYONE)
def employer_of_code(credit_code: str) -> Employer | None:
    """The same of an employer and its credit code."""
    return Employer.objects.filter(credit_code=credit_code).defer("bank_account").order_by("pk").first()


def people_like(actor: Actor, *, name: str, birth_date: date, phone: str) -> Alike:
    """Residents on record of the same name and birth date, or with the same phone."""
    alike = Q(name=name, birth_date=birth_date)
    if phone:
        alike |= Q(phone_index=blind_index(phone))
    with unscoped(EVERYONE):
        keys = list(Person.objects.filter(alike).order_by("pk").values_list("pk", flat=True))
    return _alike(visible_people(actor).in_bulk(keys), keys)


def employers_like(actor: Actor, *, name: str) -> Alike:
    """Employers on record of the same name, in half width and without blanks, or whose name holds the new one (a branch)."""
    plain = plain_name(name)
    grams = set(_HAN.findall(plain))
    named = Employer.objects.alias(grams=NameGrams("name"))
    with unscoped(EVERYONE):
        found = (
            named.filter(grams__contains=sorted(grams))
            if grams
            else Employer.objects.filter(name__iexact=name)
        )
        rows = list(found.order_by("name", "pk").values_list("pk", "name")[:_MOST_READ])
    near = [(key, other) for key, other in rows if plain in plain_name(other)]
    near.sort(key=lambda row: plain_name(row[1]) != plain)
    keys = [key for key, _ in near]
    return _alike(visible_employers(actor).defer("bank_account").in_bulk(keys), keys)


def _alike(there: dict[int, Any], keys: Sequence[int]) -> Alike:
    seen = [there[key] for key in keys if key in there]
    return Alike(
        shown=seen[:MOST_SHOWN],
        more=max(0, len(seen) - MOST_SHOWN),
        elsewhere=len(keys) - len(seen),
        keys=tuple(sorted(keys)),
    )
