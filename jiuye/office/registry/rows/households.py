"""Households as the police deliver them: one row a member, told apart by the register's own number of the household."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from jiuye.office.registry.models import Household, HouseholdMembership, Person, RegisterDelivery
from jiuye.office.registry.rows.kinds import PERSON, Column, RowKind
from jiuye.office.registry.rows.reading import ReadRow, of_row, refuse

# Who belongs to which household on the day; nobody who belongs to none.
IN_FORCE = """
UPDATE registry_person p SET household_id = (
  SELECT m.household_id FROM registry_householdmembership m
   WHERE m.person_id = p.id AND m.start <= %(on)s AND (m.until IS NULL OR m.until > %(on)s))
 WHERE p.id = ANY(%(people)s) AND p.household_id IS DISTINCT FROM (
  SELECT m.household_id FROM registry_householdmembership m
   WHERE m.person_id = p.id AND m.start <= %(on)s AND (m.until IS NULL OR m.until > %(on)s))
"""


def find_households(rows: Sequence[ReadRow], delivery: RegisterDelivery) -> None:
    """Put the household in the place of its number in every row; one that is not on record begins where its first member lives.

    Inside the delivery's transaction. Raises DeliveryRefusedError for a number that is too long to be one.
    """
    most = Household._meta.get_field("number").max_length
    refuse(
        [
            of_row(row.number, _("户号：最多%(most)d个字。") % {"most": most})
            for row in rows
            if len(row.values["household_id"]) > most
        ]
    )
    lives = dict(
        Person.objects.filter(pk__in={row.values["person_id"] for row in rows})
        .order_by("pk")
        .values_list("pk", "residence_division_id")
    )
    numbers = {row.values["household_id"]: lives[row.values["person_id"]] for row in reversed(rows)}
    there = set(Household.objects.filter(number__in=numbers).order_by("pk").values_list("number", flat=True))
    Household.objects.bulk_create(
        Household(number=number, division_id=place, source=delivery.source)
        for number, place in sorted(numbers.items())
        if number not in there
    )
    keys = dict(Household.objects.filter(number__in=numbers).order_by("pk").values_list("number", "pk"))
    for row in rows:
        row.values["household_id"] = keys[row.values["household_id"]]


def settle_households(owners: Mapping[str, set[int]], on: date) -> None:
    """Each resident's household is again the one of the day; whoever lives with them is concerned as well.

    A household that only deliveries knew and that nobody was ever in goes.
    """
    people, households = owners["person_id"], owners["household_id"]
    with connection.cursor() as cursor:
        cursor.execute(IN_FORCE, {"on": on, "people": sorted(people)})
    people.update(
        Person.objects.filter(household_id__in=households).order_by("pk").values_list("pk", flat=True)
    )
    nobodys = Household.objects.filter(
        ~Q(number=""), pk__in=households, memberships__isnull=True, register_records__isnull=True
    )
    nobodys.delete()


HOUSEHOLD_MEMBER = RowKind(
    name="household_member",
    label="同户",
    model=HouseholdMembership,
    columns=(
        Column(PERSON, "person_id", "person", required=True),
        Column("户号", "household_id", "household", required=True),
        Column("起始日期", "start", "date", required=True, past=True),
        Column("终止日期", "until", "last_day", past=True),
    ),
    key=("person_id", "start"),
    person="person_id",
    ends="day",
    beside=("household_id",),
    prepare=find_households,
    settle=settle_households,
)
