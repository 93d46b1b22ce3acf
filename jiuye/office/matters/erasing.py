"""What the rules of retention mean in this room: forms and papers of what was never handed in, or was taken back."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from jiuye.office.casework.erasing import erase_papers, forget_in_versions
from jiuye.office.casework.timeline import record
from jiuye.office.matters.models import Evidence, Matter
from jiuye.office.matters.operations.steps import move
from jiuye.office.staff.retention import Erasing

PROXY_ERASED = "（已按保存期限删除）"  # that there was one stays on record


def _drafts(before: datetime) -> QuerySet[Matter]:
    """Begun before that moment, and neither saved nor given a paper since."""
    versions = Matter.pgh_event_model
    touched = versions.objects.filter(pgh_created_at__gte=before).values("pgh_obj_id")
    return (
        Matter.objects.filter(state="draft", started_on__lt=before.date())
        .exclude(pk__in=touched)
        .exclude(timeline__at__gte=before)
    )


def _withdrawn(before: datetime) -> QuerySet[Matter]:
    """Taken back before that moment, with the form still there."""
    return (
        Matter.objects.filter(state="withdrawn", timeline__act="withdraw", timeline__at__lt=before)
        .exclude(timeline__act="erase")
        .distinct()
    )


def _erase_drafts(before: datetime, at: datetime) -> int:
    """A draft nobody hands in is ended and emptied; its applicant can begin again at any time."""
    drafts = list(Matter.objects.select_for_update().filter(pk__in=_drafts(before)).order_by("pk"))
    for matter in drafts:
        move(
            matter, "withdraw", actor=None, on=at.date(), at=at, note="草稿满保存期限没有提交，系统按规则结束"
        )
    return _empty(drafts, at)


def _erase_withdrawn(before: datetime, at: datetime) -> int:
    return _empty(
        list(Matter.objects.select_for_update().filter(pk__in=_withdrawn(before)).order_by("pk")), at
    )


def _empty(matters: list[Matter], at: datetime) -> int:
    """Form, proof of authority and papers go, from the history too; who had begun what, and when, stays."""
    keys = [matter.pk for matter in matters]
    by_proxy = [matter.pk for matter in matters if matter.proxy]
    for matter in matters:
        matter.answers = ""
        matter.told_apart = ""
        matter.proxy = PROXY_ERASED if matter.proxy else ""
        matter.save(update_fields=["answers", "told_apart", "proxy"])
        record(matter, "erase", actor=None, on=at.date(), at=at, note="表单和材料已按保存期限删除")
    forget_in_versions(Matter, keys, answers="", told_apart="")
    forget_in_versions(Matter, by_proxy, proxy=PROXY_ERASED)
    erase_papers(Evidence.objects.filter(matter_id__in=keys), at=at)
    return len(keys)


ERASES = {
    "unsubmitted_matters": Erasing(lambda before: _drafts(before).count(), _erase_drafts),
    "withdrawn_matters": Erasing(lambda before: _withdrawn(before).count(), _erase_withdrawn),
}
