"""A daughter with her mother's written authority, as an officer puts it on record: for the tests of cases, of matters and of their pages."""

from __future__ import annotations

from datetime import date, timedelta

from jiuye.office.casework.models import Authority
from jiuye.office.casework.operations import record_authority
from jiuye.office.registry.models import Person
from jiuye.office.staff.queries import Actor
from tests.office.casework.conftest import at
from tests.papers import pdf

DAUGHTER = "321002200207010041"


def authority(actor: Actor, person: Person, *, on: date, **changes) -> Authority:
    given = {
        "holder_name": "张小兰",
        "holder_id_number": DAUGHTER,
        "relation": "child",
        "start": on,
        "until": on + timedelta(days=30),
        "file_name": "授权委托书.pdf",
        "content": pdf("authority"),
    }
    return record_authority(actor=actor, person_id=person.pk, on=on, at=at(on), **given | changes)
