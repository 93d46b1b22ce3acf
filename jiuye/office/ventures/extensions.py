"""A part of a loan's principal that is due later than the contract says (展期): asked for with the bank's consent, decided by the office.

The guarantee runs on until the new day, so that the office decides and not the bank alone. Interest is not subsidised meanwhile
(展期不贴息); what is late is late against the new day.
"""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q

from jiuye.office.funds.models.triggers import refuse
from jiuye.office.staff.models import Account

EXTENSION_STATES = {"asked": "待决定", "granted": "已同意", "refused": "未同意", "withdrawn": "已撤回"}
EXTENSION_LEVELS = {"asked": "watch", "granted": "good", "refused": "bad", "withdrawn": "none"}
EXTENSION_PAIRS = [("asked", "granted"), ("asked", "refused"), ("asked", "withdrawn")]
# The acts of a loan's timeline about an extension, each with the state that it leads to.
EXTENDING = {
    "ask_extension": "asked",
    "grant_extension": "granted",
    "refuse_extension": "refused",
    "drop_extension": "withdrawn",
}
_DECIDED = ("granted", "refused")


@pghistory.track()
class LoanExtension(models.Model):
    """One instalment that is to be due later: why, with which consent of the bank, and what the office decided."""

    loan = models.ForeignKey(
        "ventures.Loan", on_delete=models.PROTECT, related_name="extensions", verbose_name="贷款"
    )
    instalment = models.ForeignKey(
        "ventures.LoanInstalment",
        on_delete=models.PROTECT,
        related_name="extensions",
        verbose_name="哪一期本金",
    )
    was_due_on = models.DateField("原应还日期")  # the contract's, or the one of an extension before this one
    until = models.DateField("展期后的应还日期")
    reason = models.TextField("展期理由")
    consent = models.CharField("银行同意展期的文书", max_length=200)
    consented_on = models.DateField("银行同意日期")
    state = models.CharField("状态", max_length=10, choices=list(EXTENSION_STATES.items()), default="asked")
    asked_on = models.DateField("申请日期")
    asked_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="+", verbose_name="申请经办人"
    )
    decided_on = models.DateField("决定日期", null=True, blank=True)
    decided_by = models.ForeignKey(
        Account, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人"
    )
    words = models.TextField("决定的说明", blank=True, default="")

    class Meta:
        verbose_name = "贷款展期"
        ordering = ["loan", "pk"]
        triggers = [
            pgtrigger.FSM(name="extension_walks_the_table", field="state", transitions=EXTENSION_PAIRS),
            refuse(
                "extension_keeps_what_was_asked",
                "展期申请的内容不能修改；有错的请撤回，再重新申请。",
                operation=pgtrigger.Update,
                condition=" OR ".join(
                    f"OLD.{name} IS DISTINCT FROM NEW.{name}"
                    for name in (
                        "loan_id", "instalment_id", "was_due_on", "until", "reason", "consent", "consented_on", "asked_on",
                        "asked_by_id",
                    )
                ),
            ),
            refuse(
                "extension_of_its_own_loan",
                "展期的那一期本金不属于这笔贷款。",
                operation=pgtrigger.Insert,
                needs="1 FROM ventures_loaninstalment i WHERE i.id = NEW.instalment_id AND i.loan_id = NEW.loan_id",
            ),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]  # fmt: skip
        constraints = [
            models.UniqueConstraint(
                fields=["loan"],
                condition=Q(state="asked"),
                name="extension_asked_once",
                violation_error_message="这笔贷款已有一个展期申请，等待决定。",
            ),
            models.UniqueConstraint(
                fields=["instalment", "was_due_on"],
                condition=Q(state="granted"),
                name="extension_granted_once_from_a_day",
                violation_error_message="这一期本金从这个应还日期已经展期过。",
            ),
            models.CheckConstraint(
                name="extension_goes_forward",
                condition=Q(until__gt=F("was_due_on"), asked_on__lte=F("was_due_on"))
                & Q(consented_on__lte=F("asked_on")),
                violation_error_message="展期在到期以前申请，新的应还日期在原应还日期以后，银行同意不晚于申请。",
            ),
            models.CheckConstraint(
                name="extension_rests_on_the_banks_word",
                condition=~Q(reason="") & ~Q(consent=""),
                violation_error_message="展期必须写明理由和银行同意的文书。",
            ),
            models.CheckConstraint(
                name="extension_decided_by_another",
                condition=Q(state="asked", decided_on__isnull=True, decided_by__isnull=True, words="")
                | Q(state="withdrawn", decided_on__isnull=False, decided_by__isnull=False)
                | (
                    Q(state__in=_DECIDED, decided_on__isnull=False, decided_by__isnull=False)
                    & ~Q(decided_by=F("asked_by"))
                ),
                violation_error_message="决定展期的不能是申请的经办人；请由另一位审批人员决定。",
            ),
            models.CheckConstraint(
                name="extension_refused_with_reason",
                condition=~Q(state="refused") | ~Q(words=""),
                violation_error_message="不同意展期必须写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.loan_id} {self.was_due_on} → {self.until} {self.state}"
