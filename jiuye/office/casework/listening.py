"""What funds asks casework: whom the claims in a payment file pay."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from jiuye.office.casework.models import Case
from jiuye.office.funds.signals import file_handed_out

CASE = "case:"


@receiver(file_handed_out)
def cases_in_a_file(sender: Any, *, keys: list[str], **_: Any) -> list[tuple[str, str]]:
    """Who receives what the cases among these claims pay."""
    numbers = [int(key.removeprefix(CASE)) for key in keys if key.startswith(CASE)]
    found = Case.objects.filter(pk__in=numbers).order_by("pk")
    rows = found.values_list("recipient_kind", "person_id", "employer_id")
    return [(kind, str(person if kind == "person" else employer)) for kind, person, employer in rows]
