"""An objection to a public notice (公示异议): the same for a case and, above, for a matter."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from jiuye.engine.basis.identity import is_mobile_phone
from jiuye.office.funds.models.triggers import refuse, took_none
from jiuye.office.registry.secrets import SealedField
from jiuye.office.staff.models import Account

RESOLVED_WHOLE = Q(resolved_on__isnull=True, resolved_by__isnull=True, upheld__isnull=True, resolution="") | (
    Q(resolved_on__isnull=False, resolved_by__isnull=False, upheld__isnull=False) & ~Q(resolution="")
)
RESOLVED_WHOLE_SAYS = "处理异议必须写明日期、处理人、是否成立和处理结果。"
ANSWERED_WHOLE = Q(answered_on__isnull=True, answered_by__isnull=True, answered_how="") | (
    Q(answered_on__isnull=False, answered_by__isnull=False, by_hand=True) & ~Q(answered_how="")
)
ANSWERED_WHOLE_SAYS = "答复异议人必须写明日期、答复人和怎样答复的。"
HAS_WORDS_SAYS = "异议必须写明内容。"


def settled_by_another(name: str, events: str, column: str, acts: tuple[str, ...]) -> pgtrigger.Trigger:
    """Whoever took one of the acts in what is publicised, by its timeline, settles no objection to it."""
    about = f"e.{column} = NEW.{column}"
    return refuse(
        name,
        "处理公示异议的不能是代办、受理、核查、审核或签批过这件的人；请由没有经办过的人员处理。",
        operation=pgtrigger.Update,
        condition="OLD.resolved_by_id IS DISTINCT FROM NEW.resolved_by_id AND NEW.resolved_by_id IS NOT NULL",
        needs=f"1 WHERE {took_none(events, about=about, acts=acts, account='NEW.resolved_by_id')}",
    )


def not_granted_while_open(name: str, objections: str, column: str, granted: str) -> pgtrigger.Trigger:
    """What somebody objects to is not granted before every objection is answered, to whichever notice it was raised."""
    return refuse(
        name,
        "有公示异议还没有处理，不能批准或办结；请先由没有经办过这件的人员处理异议。",
        operation=pgtrigger.Update,
        condition=f"OLD.state <> '{granted}' AND NEW.state = '{granted}' AND OLD.state = 'publicised'",
        needs=f"1 WHERE NOT EXISTS (SELECT 1 FROM {objections} o WHERE o.{column} = NEW.id AND o.resolved_on IS NULL)",
    )


class ObjectionRaised(models.Model):
    """Somebody objects during the days of notice: what hangs on it stands still until it is resolved with words."""

    raised_by_name = models.CharField("提出人", max_length=60, blank=True, default="")  # may be anonymous
    contact = SealedField("联系方式")
    text = models.TextField("异议内容")
    raised_on = models.DateField("提出日期")
    recorded_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )  # empty: by whoever raised it, on the public page
    resolved_on = models.DateField("处理日期", null=True, blank=True)
    resolved_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人"
    )
    upheld = models.BooleanField("异议成立", null=True, blank=True)
    resolution = models.TextField("处理结果", blank=True, default="")
    # What whoever objected is told, without anything of whom the notice is about; empty where no contact was left.
    answer = models.TextField("答复异议人的话", blank=True, default="")
    by_hand = models.BooleanField("由人工答复", default=False)  # the contact is no mobile number
    answered_on = models.DateField("答复日期", null=True, blank=True)
    answered_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_how = models.CharField("怎样答复的", max_length=200, blank=True, default="")

    class Meta:
        abstract = True

    @property
    def way_of_answer(self) -> str:
        """How whoever objected is told: `sms` to a mobile number, by `hand` to any other contact, not at all where none was left."""
        if not self.contact.strip():
            return ""
        return "sms" if is_mobile_phone(self.contact) else "hand"

    @property
    def may_be_answered_by_hand(self) -> bool:
        """Decided, with a contact, and nobody has noted an answer yet."""
        return self.resolved_on is not None and self.answered_on is None and bool(self.way_of_answer)
