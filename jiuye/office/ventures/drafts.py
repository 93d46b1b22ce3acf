"""An application for a loan while it is being filled in: nothing that the office acts on. One's own is seen by nobody else; what is filled in
at a counter, by whoever may take applications there."""

from __future__ import annotations

import json

from django.db import models

from jiuye.office.registry.secrets import SealedField
from jiuye.office.staff.models import Account

FIELDS = ("employer_id", "kind", "wanted")  # what the forms of an application ask


class LoanDraft(models.Model):
    """What was filled in of one form, begun by an account. It goes when it was applied for, or when its time is over (access.yaml)."""

    account = models.ForeignKey(
        Account, on_delete=models.CASCADE, related_name="+", verbose_name="填写人的账号"
    )
    # One's own form, or the counter's for any business, where it is empty; at the counter for a founder, `person:` and their key.
    about = models.CharField("替谁填写", max_length=40, blank=True, default="")
    # At a counter: whose officers may go on with it; empty for one's own form.
    division_code = models.CharField("所在区划", max_length=12, blank=True, default="")
    answers = SealedField("表单")  # JSON: field of the form → text as given
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        verbose_name = "贷款申请草稿"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "about"],
                name="loan_draft_one_of_a_form",
                violation_error_message="同一张申请表只保存一份草稿。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.about}"

    @property
    def given(self) -> dict[str, str]:
        """Field of the form → text as given."""
        return dict(json.loads(self.answers))
