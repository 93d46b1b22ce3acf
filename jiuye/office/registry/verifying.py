"""Another department asks whether a resident holds a status: the answer, and the look recorded before it is given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from jiuye.engine.basis.identity import clean_number
from jiuye.office.registry.models import Person, Status
from jiuye.office.registry.operations import FactRefusedError
from jiuye.office.registry.secrets import blind_index
from jiuye.office.registry.states import STATUS_KINDS
from jiuye.office.staff.operations import record_look
from jiuye.office.staff.queries import Actor, require, scope_filter
from jiuye.office.staff.refusals import LINE, within

VERIFY = "registry.verify"


class NotOnRecordError(LookupError):
    """Nobody of that number within the actor's divisions. Whether elsewhere is not told."""

    def __init__(self) -> None:
        super().__init__(_("管辖范围内没有登记过这个身份证号的居民；请核对号码。"))


def verify_statuses(
    *, actor: Actor, id_number: str, kinds: Sequence[str], purpose: str, on: date, at: datetime
) -> list[Status]:
    """The statuses of these kinds that the resident holds on the day, by kind and category.

    Raises NotPermittedError, NotOnRecordError, FactRefusedError for a kind that does not exist or without a purpose.
    """
    require(actor, VERIFY)
    wrong = [
        _("没有叫“%(kind)s”的身份；可以查的有：%(known)s。")
        % {"kind": kind[:40], "known": "、".join(STATUS_KINDS)}
        for kind in kinds
        if kind not in STATUS_KINDS
    ]
    if not purpose.strip():
        wrong.append(_("查看受保护的信息必须写明事由。"))
    if wrong:
        raise FactRefusedError(wrong)
    inside = scope_filter(actor, VERIFY, "residence_division__code")
    person = Person.objects.filter(inside, id_number_index=blind_index(clean_number(id_number))).first()
    if person is None:
        raise NotOnRecordError
    with transaction.atomic():
        record_look(
            actor=actor,
            subject_kind="person",
            subject_key=str(person.pk),
            field="statuses",
            purpose=within(purpose, LINE, "查看事由"),
            at=at,
        )
        held = Status.objects.filter(
            Q(until__isnull=True) | Q(until__gt=on), person=person, kind__in=kinds, start__lte=on
        )
        return list(held.order_by("kind", "category", "pk"))
