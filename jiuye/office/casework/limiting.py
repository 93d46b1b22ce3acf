"""How many objections the public page takes: of one client address on a day, of these on one notice, and open on one notice.

The numbers are content (`access.yaml`). Counting stands in the database, so that several server processes count together; two posts in
one moment from one address wait for each other.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.utils.translation import gettext

from jiuye.office.casework.models import ObjectionFromAddress
from jiuye.office.casework.refusals import Refusal
from jiuye.office.registry.secrets import blind_index
from jiuye.office.staff.access import access

LOCK_SPACE = 0x6F626A20  # "obj ": keeps our advisory locks apart from others'


class LimitReachedError(Refusal):
    """The public page takes no more now; what was written may be sound."""


class TooManyObjectionsError(LimitReachedError):
    """So many objections are open already that the public page takes no more."""

    def __init__(self) -> None:
        super().__init__(
            gettext("这条公示已收到很多异议，正在处理；还要补充的请到街道（镇）就业服务窗口说明。")
        )


class TooManyFromAddressError(LimitReachedError):
    """So many objections came from one address today, to this notice or to all, that the public page takes no more from there."""

    def __init__(self, taken: int, *, here: bool) -> None:
        words = (
            gettext(
                "今天从您所在的网络已经收到对这条公示的 %(taken)d 条异议，网上今天不再接收。要补充的请拨打 12333，或者到街道（镇）就业服务窗口说明；您写的还在下面。"
            )
            if here
            else gettext(
                "今天从您所在的网络已经收到 %(taken)d 条异议，网上今天不再接收。要补充的请拨打 12333，或者到街道（镇）就业服务窗口说明；您写的还在下面。"
            )
        )
        super().__init__(words % {"taken": taken})


def require_room(thing: Any, *, address: str, on: date) -> None:
    """Count one more objection from the address, in the transaction that takes it; what an earlier day left is forgotten.

    Raises TooManyObjectionsError, TooManyFromAddressError; nothing is then counted.
    """
    rules = access()
    if thing.objections.filter(resolved_on__isnull=True).count() >= rules.open_objections_of_notice:
        raise TooManyObjectionsError
    forget_addresses(on=on)
    digest = blind_index(f"{on.isoformat()} {address}")
    with connection.cursor() as cursor:
        key = int.from_bytes(digest[:4], "big") & 0x7FFFFFFF
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK_SPACE, key])
    today = ObjectionFromAddress.objects.filter(on_date=on, digest=digest)
    taken, here = today.count(), today.filter(notice=thing.number).count()
    if taken >= rules.objections_of_address:
        raise TooManyFromAddressError(taken, here=False)
    if here >= rules.objections_of_address_on_notice:
        raise TooManyFromAddressError(here, here=True)
    ObjectionFromAddress.objects.create(digest=digest, notice=thing.number, on_date=on)


def forget_addresses(*, on: date) -> int:
    """Erase what days before `on` left; returns how many rows. The nightly run calls it too, on days when nobody objects."""
    return ObjectionFromAddress.objects.filter(on_date__lt=on).delete()[0]
